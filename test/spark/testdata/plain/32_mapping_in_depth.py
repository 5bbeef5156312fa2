"""What 32_mapping_in_depth.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.json(source + "/baskets")
    df.selectExpr("named_struct('id', id) basket", "customer.name name", "cast(customer.address.geo.lat as float) lat",
                  "customer.address.city `home.city`", "cast(gift as string) gift").write.parquet(target + "/mapped")
    df.selectExpr("cast(id as smallint) lower").write.parquet(target + "/exact")
    df.selectExpr("inline(lines)").selectExpr("sku", "cast(qty as int) qty").write.parquet(target + "/lines")
