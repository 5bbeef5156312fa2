"""What 44_jdbc_reads.py must leave, by plain PySpark."""


def run(spark, source, target):
    rows = [(i, "n%d" % i, i % 2 == 0) for i in range(1, 8)]
    stock = spark.createDataFrame(rows, "id int, name string, even boolean")
    items = spark.sql("""select * from values (1, 'pen', cast(1.50 as decimal(8,2)), timestamp '2024-01-01 10:00:00'),
                         (2, 'pad', 2.25, timestamp '2024-01-02 11:00:00'), (3, 'cup', null, null) t(id, name, price, at)""")
    for name in ("whole", "field", "driver"):
        stock.write.parquet(target + "/" + name)
    items.write.parquet(target + "/expression")
    stock.filter("id > 3").select("id", "name").write.parquet(target + "/sample")
    items.filter("name like 'p%'").selectExpr("name", "cast(price * 2 as decimal(38,18)) twice").write.parquet(target + "/query")
