"""What 38_sink_adds_columns.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.sql("select 1 id, 'a' name, '2024-01-01' day").write.partitionBy("day").json(target + "/grown", mode="append")
    spark.sql("select 2 id, 'b' name, 1.5D price, '2024-01-02' day union all select 4, 'd', 3.5D, '2024-01-04'").write.partitionBy("day").json(
        target + "/grown", mode="append")
    spark.sql("select 3 id, 'c' name, 2.5D price, true flag, '2024-01-03' day").write.partitionBy("day").json(target + "/grown", mode="append")
