"""What 37_joins.py must leave, by plain PySpark."""


def run(spark, source, target):
    orders = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    customers = spark.read.json(source + "/customers").withColumnRenamed("Name", "name").drop("note")
    orders.drop("day").join(customers, orders.customer == customers.id).write.json(target + "/one")
    a, b = orders.alias("a"), orders.alias("b")
    a.join(b, ["customer", "country"]).selectExpr("a.order_id a", "b.order_id b").write.json(target + "/two")
    spark.createDataFrame([("ann", "LV")], "name string, country string").write.json(target + "/nested")
