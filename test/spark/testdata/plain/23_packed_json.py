"""What 23_packed_json.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.json([source + "/packed", source + "/packed2"]).selectExpr("cast(n as int) n")
    df.write.json(target + "/gz", compression="gzip")
    df.write.json(target + "/bz", compression="bzip2")
    df.write.json(target + "/again")
