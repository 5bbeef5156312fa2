"""What 36_errors_and_thresholds.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df = df.selectExpr("order_id", "cast(amount as double) amount")
    spark.createDataFrame([("map", 1, 1), ("filter", 1, 2)], "step string, stage long, total long").write.json(target + "/counts")
    spark.createDataFrame([("ValueError", "4"), ("ZeroDivisionError", "5")], "kind string, id string").write.json(target + "/errors")
    df.filter("amount is not null and amount <> 20").write.json(target + "/good")
