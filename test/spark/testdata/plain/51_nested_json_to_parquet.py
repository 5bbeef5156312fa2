"""What 51_nested_json_to_parquet.py must leave, by plain PySpark."""


def run(spark, source, target):
    item = "struct<price: double, qty: int, sku: string, tags: array<string>>"
    schema = ("customer struct<address: struct<city: string, geo: struct<lat: double, lon: double>>, name: string>, gift boolean, id int, "
              "lines array<%s>, total decimal(10,2)" % item)
    spark.read.option("multiLine", True).schema(schema).json(source + "/pretty").write.parquet(target + "/baskets")
