"""What 03_nested_json_relationalize.py must leave, by plain PySpark."""

from pyspark.sql import functions as F


def run(spark, source, target):
    df = spark.read.json(source + "/people")
    df = df.select(F.col("address.city").alias("city"), F.col("address.zip").cast("int").alias("address.zip"), "name", F.explode("phones").alias("p"))
    df.select("city", "`address.zip`", "name", F.col("p.kind").alias("kind"), F.col("p.number").alias("number")).write.orc(target)
