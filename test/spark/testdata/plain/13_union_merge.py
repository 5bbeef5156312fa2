"""What 13_union_merge.py must leave, by plain PySpark."""


def run(spark, source, target):
    base = spark.read.json(source + "/customers").withColumnRenamed("Name", "name")
    stage = spark.createDataFrame([("c1", "Ann the second", True), ("c9", "Zoe", False)], "id string, name string, vip boolean")
    kept = base.join(stage, "id", "left_anti")
    kept.unionByName(stage, True).write.json(target + "/merged")
    base.select("id", "name").unionByName(stage.select("id", "name")).write.json(target + "/union")
