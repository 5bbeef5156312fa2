"""What 24_parquet_codecs.py must leave, by plain PySpark."""


def run(spark, source, target):
    sales = spark.read.parquet(source + "/sales")
    for codec in ("snappy", "gzip", "zstd", "uncompressed"):
        sales.write.partitionBy("day").parquet(target + "/" + codec, compression=codec)
    spark.read.option("mergeSchema", True).parquet(source + "/drift").write.parquet(target + "/drift")
