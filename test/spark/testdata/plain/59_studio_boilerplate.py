"""What 59_studio_boilerplate.py must leave, by plain PySpark."""

from pyspark.sql import functions as F


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders").filter("country <> 'DE'")
    df = df.select("customer", F.col("amount").cast("double"), "country")
    df.unionAll(df).groupBy("country").agg(F.sum("amount"), F.countDistinct("customer")).write.parquet(target)
