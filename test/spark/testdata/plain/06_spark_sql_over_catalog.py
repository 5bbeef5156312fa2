"""What 06_spark_sql_over_catalog.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders/2024").createOrReplaceTempView("o")
    spark.read.json(source + "/customers").createOrReplaceTempView("c")
    df = spark.sql("select c.Name name, sum(cast(o.amount as double)) total from o join c on o.customer = c.id group by c.Name")
    df.write.json(target + "/totals")
    df.filter("total > 15").select("name").write.json(target + "/big")
