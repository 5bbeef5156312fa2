"""What 07_map_and_udf.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.json(source + "/people")
    df.selectExpr("named_struct('city', upper(address.city), 'zip', cast(address.zip as int)) address", "concat(name, '!') name",
                  "length(name) length").write.parquet(target)
