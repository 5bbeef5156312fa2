"""What 43_quarantine.py must leave, by plain PySpark."""

from pyspark.sql import functions as F


def run(spark, source, target):
    df = spark.read.option("header", True).option("recursiveFileLookup", True).csv(source + "/orders")
    tests = [("country not in ('UK', 'FR')", 'ColumnValues "country" in ["UK", "FR"]'),
             ("cast(amount as double) is null", 'ColumnDataType "amount" = "Double"'),
             ("not (customer = 'c1' or order_id in ('2', '5'))", '(ColumnValues "customer" = "c1") or (ColumnValues "order_id" in ["2", "5"])')]
    reasons = F.filter(F.array(*[F.when(F.expr(t), r) for t, r in tests]), lambda r: r.isNotNull())
    df = df.withColumn("reasons", reasons)
    df.filter(F.size("reasons") == 0).drop("reasons").write.partitionBy("country").parquet(target + "/good")
    df.filter(F.size("reasons") > 0).select("order_id", "reasons").write.json(target + "/bad")
    df.select("order_id").write.json(target + "/all")
