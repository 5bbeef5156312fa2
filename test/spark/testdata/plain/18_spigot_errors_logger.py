"""What 18_spigot_errors_logger.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.createDataFrame([("{\"n\": ",)], "record string").write.json(target + "/bad")
    spark.createDataFrame([(1,), (3,)], "n int").write.json(target + "/good")
    spark.createDataFrame([("1",), ("x",)], "n string").write.json(target + "/sample")
