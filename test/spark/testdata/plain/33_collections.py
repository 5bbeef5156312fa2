"""What 33_collections.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.json(source + "/baskets")
    lines = df.selectExpr("customer.name name", "posexplode(lines) as (nr, line)")
    lines.selectExpr("name", "cast(nr as int) nr", "line.sku sku", "line.price price").write.parquet(target + "/lines")
    lines.selectExpr("line.tags[0] tag").filter("tag is not null").write.json(target + "/first")
    n, m, k = df.count(), lines.count(), lines.selectExpr("explode(line.tags)").count()
    spark.createDataFrame([("b" + w, n) for w in ("ids", "rest")] + [("b_lines" + w, m) for w in ("ids", "rest")] +
                          [("b_lines.val.tags" + w, k) for w in ("ids", "rest")], "name string, n long").write.json(target + "/counts")
