"""What 26_avro_versions.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.format("avro").load(source + "/prices")
    df.selectExpr("id", "cast(price as string) price", "cast(day as string) day", "tags").write.format("avro").save(target + "/old")
    df.write.format("avro").save(target + "/new", compression="deflate")
