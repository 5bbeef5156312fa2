"""What 57_null_fields_dropped.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.sql("select 1 id, named_struct('y', 2) in, '' blank union all select 2, named_struct('y', 3), ''")
    for name in ("one", "two"):
        df.write.json(target + "/" + name)
    boxed = spark.sql("select 1 id, named_struct('a', 1, 'b', array('x')) data union all select 2, named_struct('a', 2, 'b', cast(null as array<string>))")
    for name in ("a", "b"):
        boxed.write.json(target + "/" + name)
