"""What 19_purge_and_rewrite.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.read.json(source + "/people").selectExpr("name", "named_struct('city', address.city) address").write.json(target)
