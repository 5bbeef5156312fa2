"""What 04_resolve_choices.py must leave, by plain PySpark."""

from pyspark.sql import functions as F


def run(spark, source, target):
    df = spark.read.schema("sensor string, value string").json(source + "/readings")
    number = F.when(F.col("sensor") == "a", F.col("value").cast("double"))  # the only one that is a number in the file
    text = F.when(F.col("sensor") != "a", F.col("value"))
    df.select("sensor", F.col("value").cast("double")).write.json(target + "/cast")
    df.select("sensor", number.alias("value_double"), text.alias("value_string")).write.json(target + "/cols")
    df.select("sensor", number.alias("value")).write.json(target + "/project")
    df.select("sensor", F.struct(number.alias("double"), text.alias("string")).alias("value")).write.json(target + "/struct")
