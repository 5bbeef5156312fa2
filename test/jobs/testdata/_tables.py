"""Tables that are no files of a folder: a job reads PostgreSQL (spark.read.jdbc, connection_options, a connection of the catalog), merges into
an Iceberg table through GlueCatalog on our endpoint, and writes back to PostgreSQL. `run` plays it, with psycopg's and the catalog's word
for the result; pyiceberg reads the table in _iceberg.py."""
import sys

from _job import *
import psycopg

_, host, port, user, password = sys.argv
b = bucket("tables")
url = f"jdbc:postgresql://{host}:{port}/postgres"
with psycopg.connect(host=host, port=port, user=user, password=password, dbname="postgres", autocommit=True) as db:
    db.execute("CREATE TABLE orders (id int PRIMARY KEY, customer text, amount numeric(10,2), day date)")
    db.execute("INSERT INTO orders SELECT i, 'customer ' || i % 7, i * 1.25, date '2024-01-01' + i % 5 FROM generate_series(1, 100) i")
    db.execute("CREATE TABLE totals (day date, amount numeric(20,2))")
glue.create_database(DatabaseInput={"Name": "lake"})
glue.create_connection(ConnectionInput={"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": {
    "JDBC_CONNECTION_URL": url, "USERNAME": user, "PASSWORD": password}})
catalog = "spark.sql.catalog.glue_catalog"
job(b, "tables", """
    import sys
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext
    from pyspark.sql import functions as F
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

    args = getResolvedOptions(sys.argv, ["url", "user", "password"])
    glueContext = GlueContext(SparkContext())
    spark = glueContext.spark_session
    read = spark.read.jdbc(args["url"], "orders", properties={"user": args["user"], "password": args["password"], "driver": "org.postgresql.Driver"})
    read.where("id <= 60").createOrReplaceTempView("first")
    spark.sql("CREATE TABLE glue_catalog.lake.orders (id int, customer string, amount decimal(10,2), day date) USING iceberg PARTITIONED BY (day)")
    spark.sql("INSERT INTO glue_catalog.lake.orders SELECT * FROM first")
    named = glueContext.create_dynamic_frame.from_options(connection_type="postgresql", connection_options={
        "useConnectionProperties": "true", "connectionName": "shop", "dbtable": "orders"})
    named.toDF().where("id > 40").withColumn("customer", F.upper("customer")).createOrReplaceTempView("second")
    spark.sql('''MERGE INTO glue_catalog.lake.orders t USING second s ON t.id = s.id
                 WHEN MATCHED THEN UPDATE SET customer = s.customer WHEN NOT MATCHED THEN INSERT *''')
    spark.sql("DELETE FROM glue_catalog.lake.orders WHERE id % 10 = 0")
    spark.sql("ALTER TABLE glue_catalog.lake.orders ADD COLUMN note string")
    snapshots = [r[0] for r in spark.sql("SELECT operation FROM glue_catalog.lake.orders.snapshots ORDER BY committed_at").collect()]
    totals = spark.table("glue_catalog.lake.orders").groupBy("day").agg(F.sum("amount").cast("decimal(20,2)").alias("amount"))
    glueContext.write_dynamic_frame.from_jdbc_conf(DynamicFrame.fromDF(totals, glueContext, "totals"), catalog_connection="shop",
        connection_options={"dbtable": "totals", "database": "postgres"})
    print("snapshots", *snapshots, "rows", spark.table("glue_catalog.lake.orders").count())
""", WorkerType="G.1X", NumberOfWorkers=2, DefaultArguments={
    "--datalake-formats": "iceberg", "--url": url, "--user": user, "--password": password,
    "--conf": "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions "
              f"--conf {catalog}=org.apache.iceberg.spark.SparkCatalog --conf {catalog}.warehouse=s3://tables/warehouse/ "
              f"--conf {catalog}.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog "
              f"--conf {catalog}.io-impl=org.apache.iceberg.aws.s3.S3FileIO"})
r = succeed("tables")
said = output(r)[-1].split()
assert said[1] == "append" and said[-2:] == ["rows", "90"] and len(said) == 6, said
table = glue.get_table(DatabaseName="lake", Name="orders")["Table"]
assert table["Parameters"]["table_type"] == "ICEBERG" and [c["Name"] for c in table["StorageDescriptor"]["Columns"]] == [
    "id", "customer", "amount", "day", "note"], table
assert not any(password in e for kind in ("output", "error") for e in output(r, kind))
want = {}
for i in range(1, 101):
    if i % 10:
        want[i % 5] = want.get(i % 5, 0) + i * 125
with psycopg.connect(host=host, port=port, user=user, password=password, dbname="postgres") as db:
    got = {d.day - 1: int(a * 100) for d, a in db.execute("SELECT day, amount FROM totals").fetchall()}
assert got == want, (got, want)
print("metadata", table["Parameters"]["metadata_location"], "ok")
