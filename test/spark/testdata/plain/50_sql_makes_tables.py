"""What 50_sql_makes_tables.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    df = df.selectExpr("cast(order_id as int) order_id", "customer", "country")
    df.write.partitionBy("country").parquet(target + "/by_country")  # a table with a location keeps the files of a dropped partition
    df.filter("country <> 'DE'").groupBy("country").count().withColumnRenamed("count", "n").write.json(target + "/counts")
    spark.read.json(source + "/customers").selectExpr("1 id", "upper(Name) name").write.orc(target + "/plain_copy")
