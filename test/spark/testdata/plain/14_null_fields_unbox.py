"""What 14_null_fields_unbox.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.createDataFrame([("TX", 220), ("CA", 34)], "loc string, n int").write.json(target)
