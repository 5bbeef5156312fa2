"""What 17_dynamic_overwrite.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df.write.partitionBy("country").parquet(target)
