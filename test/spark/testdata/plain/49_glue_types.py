"""What 49_glue_types.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.sql("""select true b, cast(1 as tinyint) y, cast(2 as smallint) h, 3 i, 4L l, cast(0.5 as float) f, 1.25D d, cast(9.99 as decimal(10,2)) c,
                 't' s, cast('xy' as binary) x, date '2024-02-29' day, timestamp '2024-02-29 12:30:00' at, array('u', null) a, map('one', 1) m,
                 cast(named_struct('k', 'v') as struct<k: string>) o""").write.parquet(target + "/typed")
    spark.createDataFrame([(7, "5"), (None, None)], "i int, s string").write.parquet(target + "/narrow")
