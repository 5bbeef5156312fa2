"""What 01_clean_csv_to_parquet.py must leave, by plain PySpark."""

from pyspark.sql import functions as F


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df = df.select(F.col("order_id").cast("bigint"), "customer", F.col("amount").cast("decimal(12,2)"), F.col("day").cast("date"), "country")
    df.filter("amount > 0").write.partitionBy("country").parquet(target)
