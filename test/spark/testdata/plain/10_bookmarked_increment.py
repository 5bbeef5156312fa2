"""What 10_bookmarked_increment.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.createDataFrame([(1,), (2,)], "n int").write.json(target)
