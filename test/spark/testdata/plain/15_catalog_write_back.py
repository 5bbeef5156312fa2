"""What 15_catalog_write_back.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders/2024")
    df = df.selectExpr("cast(order_id as int) order_id", "customer", "cast(amount as double) amount", "'2024' year").filter("order_id > 2")
    df.write.partitionBy("year").json(target)
