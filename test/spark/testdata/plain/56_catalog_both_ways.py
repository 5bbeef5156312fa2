"""What 56_catalog_both_ways.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.parquet(source + "/sales").filter("day in ('2024-02-01', '2024-01-02')")
    df.write.parquet(target + "/copied")
    df.filter("day = '2024-01-02'").select("id").write.json(target + "/ids")
