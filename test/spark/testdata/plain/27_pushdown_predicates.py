"""What 27_pushdown_predicates.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df = df.selectExpr("cast(order_id as int) order_id", "substring(day, 1, 4) year", "substring(day, 6, 2) month")
    for name, test in (("month", "year = '2024' and month in ('06', '07')"), ("compare", "year < '2024' or month = '05'"),
                       ("server", "year = '2024' and month >= '06'"), ("both", "year = '2024' and month < '06'"), ("none", "year = '1999'")):
        spark.createDataFrame([(name, df.filter(test).count())], "name string, n long").write.json(target + "/counts", mode="append")
    spark.read.parquet(source + "/sales").filter("day between '2024-01-02' and '2024-01-31'").write.parquet(target + "/days")
    df.filter("not (year = '2024' and month = '06')").select("order_id", "month").write.json(target + "/some")
