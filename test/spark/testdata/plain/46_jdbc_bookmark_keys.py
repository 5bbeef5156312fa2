"""What 46_jdbc_bookmark_keys.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.sql("select * from values (1, 10, 'a'), (2, 10, 'b'), (1, 11, 'c'), (9, 12, 'd') t(id, at, what)").write.json(target + "/events")
    spark.createDataFrame([(1,), (2,), (3,)], "id int").write.json(target + "/keyed")
