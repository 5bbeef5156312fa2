"""What 47_bookmarked_table.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.createDataFrame([(1, "2024-01-01"), (2, "2024-01-01"), (3, "2024-01-02")], "n int, day string").write.json(target + "/new")
