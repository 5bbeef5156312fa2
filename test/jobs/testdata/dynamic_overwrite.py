"""Dynamic partition overwrite: with the usual settings for S3 the second write doubles the rows without an error."""
from _job import *

b = bucket("overwrite")
job(b, "overwrite", """
    from pyspark.sql import SparkSession, functions as F
    spark = SparkSession.builder.getOrCreate()
    df = spark.range(333).withColumn("k", (F.col("id") % 3).cast("int"))
    for scheme in ("s3", "s3a"):
        for more in (0, 1000):
            rows = df.withColumn("id", F.col("id") + more)
            rows.write.mode("overwrite").option("partitionOverwriteMode", "dynamic").partitionBy("k").parquet(f"{scheme}://overwrite/{scheme}/")
        one = rows.where("k = 1").withColumn("id", F.col("id") + 1000)
        one.write.mode("overwrite").option("partitionOverwriteMode", "dynamic").partitionBy("k").parquet(f"{scheme}://overwrite/{scheme}/")
    df.write.mode("append").partitionBy("k").orc("s3://overwrite/orc/")
    print("rows", spark.read.orc("s3://overwrite/orc/").count())
""", WorkerType="G.1X", NumberOfWorkers=2)
r = succeed("overwrite")
assert output(r)[-1] == "rows 333", output(r)
for scheme in ("s3", "s3a"):
    want = sorted((i + (2000 if i % 3 == 1 else 1000), str(i % 3)) for i in range(333))
    got = sorted((row["id"], row["k"]) for row in parquet(b, scheme + "/"))
    assert got == want, (scheme, len(got), got[:5])
assert sorted((row["id"], row["k"]) for row in orc(b, "orc/")) == sorted((i, str(i % 3)) for i in range(333))
assert not uploads(b) and not [k for k in keys(b) if "__magic" in k], keys(b)
print("ok")
