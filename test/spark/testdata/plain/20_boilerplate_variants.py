"""What 20_boilerplate_variants.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.createDataFrame([(2, "B")], "id int, k string").write.json(target)
