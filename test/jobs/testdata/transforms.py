"""PySpark as users write it, in one run: clean and cast to partitioned Parquet, join and aggregate, nested JSON to Parquet and to ORC, a UDF,
spark.sql over the catalog. What it leaves is read by pyarrow."""
import decimal

from _job import *

b = bucket("transforms")
put(b, "raw/orders/a.csv", """
    id,customer,amount,day
    1,c1, 10.50,2024-01-01
    2,c2,-3,2024-01-01
    3,c1,99.999,2024-01-02
    4,c9,oops,2024-01-02
    5,c2,20,2024-02-30
    """)
put(b, "raw/customers/a.json", """
    {"id": "c1", "name": "ann", "address": {"city": "Riga", "geo": {"lat": 56.9}}, "phones": [{"kind": "h", "no": 1}, {"kind": "w", "no": 2}]}
    {"id": "c2", "name": "bob", "address": {"city": "Oslo"}, "phones": []}
    """)
glue.create_database(DatabaseInput={"Name": "transforms"})
text = {"InputFormat": "org.apache.hadoop.mapred.TextInputFormat", "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"}
glue.create_table(DatabaseName="transforms", TableInput={
    "Name": "orders", "TableType": "EXTERNAL_TABLE", "Parameters": {"classification": "csv", "skip.header.line.count": "1"}, "StorageDescriptor": dict(
        text, Location="s3://transforms/raw/orders/", Columns=[{"Name": n, "Type": "string"} for n in ("id", "customer", "amount", "day")],
        SerdeInfo={"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", "Parameters": {"field.delim": ","}})})
job(b, "transforms", """
    import sys
    from awsglue.transforms import *
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame
    from awsglue.job import Job
    from pyspark.sql import functions as F
    from pyspark.sql.types import StringType

    args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
    glueContext = GlueContext(SparkContext())
    spark = glueContext.spark_session
    job = Job(glueContext)
    job.init(args["JOB_NAME"], args)
    out = "s3://" + args["bucket"] + "/out/"

    raw = glueContext.create_dynamic_frame.from_catalog(database="transforms", table_name="orders", transformation_ctx="raw")
    clean = ApplyMapping.apply(frame=raw, mappings=[("id", "string", "id", "int"), ("customer", "string", "customer", "string"),
        ("amount", "string", "amount", "decimal(10,2)"), ("day", "string", "day", "date")])
    clean = Filter.apply(frame=clean, f=lambda r: r["amount"] is not None and r["amount"] > 0)
    glueContext.write_dynamic_frame.from_options(frame=clean, connection_type="s3", format="parquet",
        connection_options={"path": out + "clean/", "partitionKeys": ["day"]})

    people = glueContext.create_dynamic_frame.from_options("s3", {"paths": ["s3://" + args["bucket"] + "/raw/customers/"]}, "json")
    glueContext.write_dynamic_frame.from_options(frame=people, connection_type="s3", format="parquet", connection_options={"path": out + "people/"})
    flat = people.toDF().select("id", "name", F.explode("phones").alias("phone"))
    glueContext.write_dynamic_frame.from_options(DynamicFrame.fromDF(flat, glueContext, "flat"), "s3", {"path": out + "phones/"}, "orc")

    shout = F.udf(lambda s: s.upper() + "!", StringType())
    joined = Join.apply(clean, people.select_fields(["id", "name"]).rename_field("id", "cid"), "customer", "cid").toDF()
    totals = joined.groupBy("name").agg(F.sum("amount").alias("total"), F.count("*").alias("n")).withColumn("loud", shout("name"))
    totals.coalesce(1).write.parquet(out + "totals/")

    asked = spark.sql("select customer, count(*) n, max(cast(trim(amount) as double)) top from transforms.orders group by customer")
    asked.coalesce(1).write.orc(out + "asked/")
    job.commit()
""", WorkerType="G.1X", NumberOfWorkers=2, DefaultArguments={"--bucket": b})
succeed("transforms")

D = decimal.Decimal
rows = sorted((r["id"], r["customer"], r["amount"], r["day"]) for r in parquet(b, "out/clean/"))
assert rows == [(1, "c1", D("10.50"), "2024-01-01"), (3, "c1", D("100.00"), "2024-01-02"), (5, "c2", D("20.00"), "__HIVE_DEFAULT_PARTITION__")], rows
rows = sorted(parquet(b, "out/people/"), key=lambda r: r["id"])
assert rows == [
    {"address": {"city": "Riga", "geo": {"lat": 56.9}}, "id": "c1", "name": "ann", "phones": [{"kind": "h", "no": 1}, {"kind": "w", "no": 2}]},
    {"address": {"city": "Oslo", "geo": None}, "id": "c2", "name": "bob", "phones": []}], rows
rows = sorted(orc(b, "out/phones/"), key=lambda r: r["phone"]["no"])
assert rows == [{"id": "c1", "name": "ann", "phone": {"kind": k, "no": n}} for k, n in (("h", 1), ("w", 2))], rows
rows = sorted(parquet(b, "out/totals/"), key=lambda r: r["name"])
assert rows == [{"name": "ann", "total": D("110.50"), "n": 2, "loud": "ANN!"}, {"name": "bob", "total": D("20.00"), "n": 1, "loud": "BOB!"}], rows
rows = sorted(orc(b, "out/asked/"), key=lambda r: r["customer"])
assert rows == [{"customer": "c1", "n": 2, "top": 99.999}, {"customer": "c2", "n": 2, "top": 20.0}, {"customer": "c9", "n": 1, "top": None}], rows
print("ok")
