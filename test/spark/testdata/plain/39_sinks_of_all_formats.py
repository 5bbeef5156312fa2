"""What 39_sinks_of_all_formats.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.parquet(source + "/sales").select("id", "amount", "day")
    df.write.partitionBy("day").csv(target + "/as_csv", sep=";", header=True)
    df.write.partitionBy("day").format("avro").save(target + "/as_avro")
    df.write.partitionBy("day").parquet(target + "/as_parquet")
    df.write.orc(target + "/both/x")
    df.select("id").write.orc(target + "/both/y")
    df.filter("day > '2024-01-01'").select("day", "id", "amount").write.json(target + "/joined")
