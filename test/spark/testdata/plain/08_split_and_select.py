"""What 08_split_and_select.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df = df.selectExpr("cast(order_id as int) order_id", "customer", "cast(amount as double) amount")
    middle = "coalesce(amount >= 10 and amount < 100, false)"
    df.filter(middle).select("order_id", "amount").write.option("sep", "|").csv(target + "/numbers")
    df.filter("not " + middle).select("order_id").write.json(target + "/rest")
    df.select("order_id", "customer").write.json(target + "/less")
