"""What 25_orc_shapes.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.orc(source + "/shapes")
    df.write.orc(target + "/zlib", compression="zlib")
    df.selectExpr("id", "tags", "p.x `p.x`", "p.y `p.y`").write.orc(target + "/flat", compression="snappy")
    df.selectExpr("id", "if(p is null, null, named_struct('x', p.x)) p").write.orc(target + "/less")
