# One gzipped CSV: PutObject -> CreateTable -> a SQL job -> partitions published -> COPY -> SELECT. Called by boto3 alone.
import gzip, time, boto3

s3, glue = boto3.client("s3"), boto3.client("glue")
rs, data = boto3.client("redshift-serverless"), boto3.client("redshift-data")

s3.create_bucket(Bucket="lake")
body = gzip.compress(b"id,day,amount\n1,2024-01-01,1.10\n2,2024-01-01,2.20\n3,2024-01-02,x\n4,2024-01-02,4.40\n")
s3.put_object(Bucket="lake", Key="raw/a.csv.gz", Body=body)
s3.put_object(Bucket="lake", Key="code/sales.sql", Body=b"SELECT id, CAST(amount AS decimal(10,2)) AS amount, CAST(day AS date) AS day FROM orders WHERE id < 4")

text = dict(InputFormat="org.apache.hadoop.mapred.TextInputFormat", OutputFormat="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            SerdeInfo=dict(SerializationLibrary="org.apache.hadoop.hive.serde2.OpenCSVSerde", Parameters={"separatorChar": ",", "quoteChar": '"'}))
parquet = dict(InputFormat="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
               OutputFormat="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
               SerdeInfo=dict(SerializationLibrary="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"))
glue.create_database(DatabaseInput=dict(Name="shop"))
glue.create_table(DatabaseName="shop", TableInput=dict(
    Name="orders", TableType="EXTERNAL_TABLE", Parameters={"classification": "csv", "skip.header.line.count": "1"},
    StorageDescriptor=dict(Columns=[dict(Name="id", Type="bigint"), dict(Name="day", Type="string"), dict(Name="amount", Type="string")],
                           Location="s3://lake/raw/", **text)))
glue.create_table(DatabaseName="shop", TableInput=dict(
    Name="sales", TableType="EXTERNAL_TABLE", PartitionKeys=[dict(Name="day", Type="date")], Parameters={"classification": "parquet"},
    StorageDescriptor=dict(Columns=[dict(Name="id", Type="bigint"), dict(Name="amount", Type="decimal(10,2)"), dict(Name="_run", Type="char(26)")],
                           Location="s3://lake/sales/", **parquet)))
glue.create_job(Name="sales", Role="arn:aws:iam::000000000000:role/glue", Command=dict(Name="glueetl", ScriptLocation="s3://lake/code/none.py"),
                DefaultArguments={"--penstock-step": "sql", "--penstock-sql": "s3://lake/code/sales.sql", "--penstock-database": "shop",
                                  "--penstock-target": "sales", "--penstock-mode": "append", "--penstock-home": "s3://lake/_penstock/"})
run = glue.start_job_run(JobName="sales")["JobRunId"]
while True:
    r = glue.get_job_run(JobName="sales", RunId=run)["JobRun"]
    if r["JobRunState"] not in ("STARTING", "RUNNING", "WAITING"):
        break
    time.sleep(0.02)
assert r["JobRunState"] == "SUCCEEDED", r
days = [p["Values"] for p in glue.get_partitions(DatabaseName="shop", TableName="sales")["Partitions"]]
assert sorted(days) == [["2024-01-01"], ["2024-01-02"]], days
keys = [o["Key"] for o in s3.list_objects_v2(Bucket="lake", Prefix="sales/")["Contents"]]
assert len(keys) == 2 and keys[0].startswith("sales/day=2024-01-01/") and keys[0].endswith(".snappy.parquet"), keys

rs.create_namespace(namespaceName="shop", dbName="dev")
rs.create_workgroup(workgroupName="shop", namespaceName="shop", baseCapacity=8)


def sql(text):
    id = data.execute_statement(WorkgroupName="shop", Database="dev", Sql=text)["Id"]
    while True:
        d = data.describe_statement(Id=id)
        if d["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            break
        time.sleep(0.02)
    assert d["Status"] == "FINISHED", d
    return data.get_statement_result(Id=id)["Records"] if d["HasResultSet"] else None


sql("CREATE TABLE sales (id bigint, amount decimal(10,2), day date, _run char(26))")
sql("COPY sales FROM 's3://lake/sales/' IAM_ROLE default FORMAT PARQUET")
rows = sql("SELECT id, amount, day FROM sales ORDER BY id")
assert rows == [[{"longValue": 1}, {"stringValue": "1.10"}, {"stringValue": "2024-01-01"}],
                [{"longValue": 2}, {"stringValue": "2.20"}, {"stringValue": "2024-01-01"}],
                [{"longValue": 3}, {"isNull": True}, {"stringValue": "2024-01-02"}]], rows
print("ok")
