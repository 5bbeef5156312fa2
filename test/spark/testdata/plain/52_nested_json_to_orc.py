"""What 52_nested_json_to_orc.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.json(source + "/baskets").selectExpr("id", "customer.name", "explode(lines) l")
    df.selectExpr("cast(id as int) id", "name", "l.sku", "l.qty", "l.tags").write.orc(target + "/lines")
