"""What 34_every_choice.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.schema("k int, v string, in struct<x:string>").json(source + "/mixed")
    def made(v, x, name):
        df.selectExpr("k", *(v if isinstance(v, list) else [v + " v"]), "named_struct('x', %s) in" % x).write.json(target + "/" + name)
    vi, vs = "if(k = 1, cast(v as int), null)", "if(k > 1, v, null)"
    xi, xs = "if(k <> 2, cast(in.x as int), null)", "if(k = 2, in.x, null)"
    both = "named_struct('int', %s, 'string', %s)"
    made("cast(v as int)", "in.x", "cast")
    made(vs, xi, "project")
    made([vi + " v_int", vs + " v_string"], "cast(in.x as int)", "cols")
    made(both % (vi, vs), both % (xi, xs), "struct")
    made("v", "in.x", "all")
    for name in ("match", "match2"):
        df.selectExpr("k", "cast(v as int) v").write.json(target + "/" + name)
    made(vi, "in.x", "todf")
