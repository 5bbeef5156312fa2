"""What 09_data_quality.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df = df.selectExpr("cast(order_id as int) order_id", "cast(amount as double) amount")
    df.filter("amount > 0").write.json(target + "/good")
    positive = df.filter("amount > 0").count() / df.count()
    table = [("RowCount > 3", df.count() > 3), ('IsComplete "order_id"', df.filter("order_id is null").count() == 0),
             ('ColumnValues "amount" > 0 with threshold > 0.9', positive > 0.9),
             ('IsUnique "order_id"', df.groupBy("order_id").count().filter("count > 1").count() == 0)]
    rows = [(rule, "Passed" if ok else "Failed") for rule, ok in table]
    spark.createDataFrame(rows, "Rule string, Outcome string").write.json(target + "/rules")
