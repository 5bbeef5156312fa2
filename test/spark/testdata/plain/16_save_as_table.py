"""What 16_save_as_table.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df.selectExpr("substring(day, 1, 4) year").groupBy("year").count().write.json(target)
