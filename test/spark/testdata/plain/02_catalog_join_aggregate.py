"""What 02_catalog_join_aggregate.py must leave, by plain PySpark."""

from pyspark.sql import functions as F


def run(spark, source, target):
    orders = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders/2024")
    customers = spark.read.json(source + "/customers")
    both = orders.join(customers, orders.customer == customers.id)
    both.groupBy(F.col("Name").alias("customer_name")).agg(F.sum(F.col("amount").cast("double")).alias("total"), F.count("*").alias("n")).write.json(target)
