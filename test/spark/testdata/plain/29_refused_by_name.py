"""What 29_refused_by_name.py must leave, by plain PySpark."""


def run(spark, source, target):
    names = ["ion", "hudi", "xml", "mongodb", "dynamodb", "kafka", "secretId", "lz4", "excludeStorageClasses", "options", "startingPosition",
             "push_down_predicate"]
    spark.createDataFrame([(n, True) for n in names], "name string, named boolean").write.json(target + "/said")
