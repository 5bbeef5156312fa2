"""What 35_fields_moved.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.json(source + "/baskets")
    town = ("if(customer.address is null, null, named_struct('town', customer.address.city, 'geo', if(customer.address.geo is null, null, "
            "named_struct('lat', customer.address.geo.lat))))")
    nested = df.selectExpr("named_struct('address', %s) customer" % town, "gift is_gift", "cast(id as int) id", "customer.name name")
    nested.write.parquet(target + "/nested")
    flat = nested.selectExpr("id", "name", "customer.address.town `customer.address.town`", "customer.address.geo.lat `customer.address.geo.lat`")
    flat.write.parquet(target + "/flat")
    flat.select("id", "`customer.address.town`").write.json(target + "/town")
