"""What 54_cdc_merge.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.createDataFrame([(1, "anna"), (3, "cyd")], "id int, name string")
    df.write.json(target + "/left")
    spark.createDataFrame([(1, 3), (3, 3)], "id int, count long").write.json(target + "/united")
