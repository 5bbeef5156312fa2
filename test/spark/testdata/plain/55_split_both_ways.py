"""What 55_split_both_ways.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders").selectExpr(
        "order_id", "customer", "cast(amount as double) amount", "country")
    test = "coalesce(amount > 0 and amount <= 100 and country <> 'FR', false)"
    df.filter(test).select("order_id").write.json(target + "/in")
    df.filter("not " + test).select("order_id").write.json(target + "/out")
    df.filter("amount >= 20 and country = 'FR'").select("order_id").write.json(target + "/a")
    df.select("order_id", "customer").write.json(target + "/who")
    df.select("country").distinct().write.json(target + "/rest")
    df.select("amount", "country").write.json(target + "/what")
