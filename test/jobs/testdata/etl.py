"""The script that Glue Studio writes: a crawled table, mapped, written as a partitioned table that the script makes in the catalog; and one
that asks that table with nothing but spark.sql."""
from _job import *

b = bucket("etl")
put(b, "raw/orders/day=2024-01-01/a.csv", """
    order_id,customer,amount,country
    1,Ann,10.50,DE
    2,Bob,20.25,FR
    3,Cid,,DE
    """)
put(b, "raw/orders/day=2024-01-02/b.csv", """
    order_id,customer,amount,country
    4,"Dee, Jr.",40.00,FR
    5,Eve,50.75,DE
    """)
glue.create_database(DatabaseInput={"Name": "etl"})
glue.create_crawler(Name="etl", Role=ROLE, DatabaseName="etl", Targets={"S3Targets": [{"Path": "s3://etl/raw/orders/"}]})
glue.start_crawler(Name="etl")
while glue.get_crawler(Name="etl")["Crawler"]["State"] != "READY":
    time.sleep(0.1)
job(b, "etl", """
    import sys
    from awsglue.transforms import *
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext
    from awsglue.context import GlueContext
    from awsglue.job import Job

    args = getResolvedOptions(sys.argv, ["JOB_NAME", "day"])
    sc = SparkContext()
    glueContext = GlueContext(sc)
    spark = glueContext.spark_session
    job = Job(glueContext)
    job.init(args["JOB_NAME"], args)
    source = glueContext.create_dynamic_frame.from_catalog(database="etl", table_name="orders", transformation_ctx="source",
                                                           push_down_predicate="day >= '%s'" % args["day"])
    mapped = ApplyMapping.apply(frame=source, mappings=[("order_id", "long", "id", "int"), ("customer", "string", "customer", "string"),
        ("amount", "double", "amount", "double"), ("country", "string", "country", "string"), ("day", "string", "day", "string")])
    kept = Filter.apply(frame=mapped, f=lambda r: r["amount"] is not None)
    sink = glueContext.getSink(connection_type="s3", path="s3://etl/clean/orders/", enableUpdateCatalog=True,
                               updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["country"])
    sink.setCatalogInfo(catalogDatabase="etl", catalogTableName="clean")
    sink.setFormat("glueparquet", compression="snappy")
    sink.writeFrame(kept)
    print("kept", kept.count(), args["day"])
    job.commit()
""", WorkerType="G.1X", NumberOfWorkers=2)
r = succeed("etl", Arguments={"--day": "2024-01-01"})
assert output(r)[-1] == "kept 4 2024-01-01", output(r)
want = [(1, "Ann", 10.5, "2024-01-01", "DE"), (2, "Bob", 20.25, "2024-01-01", "FR"), (4, "Dee, Jr.", 40.0, "2024-01-02", "FR"),
        (5, "Eve", 50.75, "2024-01-02", "DE")]
rows = sorted((x["id"], x["customer"], x["amount"], x["day"], x["country"]) for x in parquet(b, "clean/orders/"))
assert rows == want, rows
table = glue.get_table(DatabaseName="etl", Name="clean")["Table"]
assert [(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"]] == [
    ("id", "int"), ("customer", "string"), ("amount", "double"), ("day", "string")], table
assert [k["Name"] for k in table["PartitionKeys"]] == ["country"]
parts = glue.get_partitions(DatabaseName="etl", TableName="clean")["Partitions"]
assert sorted(p["Values"][0] for p in parts) == ["DE", "FR"], parts
job(b, "ask", """
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.getOrCreate()
    for row in spark.sql("select country, sum(amount) s, count(*) n from etl.clean group by country order by country").collect():
        print(row.country, row.s, row.n)
""", DefaultArguments={"--enable-glue-datacatalog": "true"})
assert output(succeed("ask"))[-2:] == ["DE 61.25 2", "FR 60.25 2"]
print("ok")
