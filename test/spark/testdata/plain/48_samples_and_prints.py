"""What 48_samples_and_prints.py must leave, by plain PySpark."""


def run(spark, source, target):
    one = spark.read.json(source + "/people").filter("name = 'ann'")
    for name in ("spigot", "spigot2"):
        one.write.json(target + "/" + name)
    spark.createDataFrame([(2,), (4,)], "n int").write.json(target + "/doubled")
    orders = spark.read.option("header", True).csv(source + "/orders/2024/05").limit(2)
    orders.selectExpr("cast(order_id as int)", "customer", "cast(amount as double)", "day", "country", "'2024'", "'05'").write.csv(target + "/count")
