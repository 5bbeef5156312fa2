"""What 05_sink_updates_catalog.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df.selectExpr("cast(order_id as int) Order_Id", "cast(amount as double) amount", "country").write.partitionBy("country").parquet(target)
