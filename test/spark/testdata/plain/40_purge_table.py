"""What 40_purge_table.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.createDataFrame([(3, 2024)], "n int, year int").write.json(target + "/left")
    spark.createDataFrame([(1,)], "n int").write.json(target + "/young")
    spark.createDataFrame([(3,)], "n int").write.json(target + "/aged/2024")
    spark.createDataFrame([("s3://corpus/out/40/aged/2022/a.json",), ("s3://corpus/out/40/aged/2023/a.json",)], "f string").coalesce(1).write.csv(target + "/manifest")
