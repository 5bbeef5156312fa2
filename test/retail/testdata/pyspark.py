"""Runs retail_job.py, a Glue script of PySpark, over the crawled orders, and holds its three tables against those that the SQL transforms
have published: types and rows, read by pyarrow."""
import json
import os
import sys
import time

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

s3, glue, iam = (boto3.client(n) for n in ("s3", "glue", "iam"))
CURATED = sys.argv[1]
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
iam.create_role(RoleName="pyspark", AssumeRolePolicyDocument=json.dumps(trust))
s3.upload_file(os.path.join(os.path.dirname(os.path.abspath(__file__)), "retail_job.py"), CURATED, "code/retail_job.py")
glue.create_job(Name="pyspark", Role="pyspark", GlueVersion="5.1", WorkerType="G.1X", NumberOfWorkers=2, Command={
    "Name": "glueetl", "ScriptLocation": "s3://%s/code/retail_job.py" % CURATED, "PythonVersion": "3"},
    DefaultArguments={"--database": "retail", "--target": "s3://%s/pyspark" % CURATED})
run = glue.start_job_run(JobName="pyspark")["JobRunId"]
while True:
    r = glue.get_job_run(JobName="pyspark", RunId=run)["JobRun"]
    if r["JobRunState"] in ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"):
        break
    time.sleep(0.2)
assert r["JobRunState"] == "SUCCEEDED", (r["JobRunState"], r.get("ErrorMessage"))


def objects(url):
    bucket, _, prefix = url[len("s3://"):].partition("/")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix.rstrip("/") + "/"):
        for o in page.get("Contents", []):
            if o["Key"].endswith(".parquet"):
                yield bucket, o["Key"]


def published(name):
    """The files that the Data Catalog gives for a table."""
    table = glue.get_table(DatabaseName="retail", Name=name)["Table"]
    places = [table["StorageDescriptor"]["Location"]]
    if table["PartitionKeys"]:
        pages = glue.get_paginator("get_partitions").paginate(DatabaseName="retail", TableName=name)
        places = [p["StorageDescriptor"]["Location"] for page in pages for p in page["Partitions"]]
    return [o for place in places for o in objects(place)]


def whole(found):
    """All rows of files, with the dt of their folders, in the order of all columns; without the column of the run."""
    parts = []
    for bucket, key in found:
        t = pq.ParquetFile(pa.BufferReader(s3.get_object(Bucket=bucket, Key=key)["Body"].read())).read()
        folder = [p[3:] for p in key.split("/") if p.startswith("dt=")]
        if folder and "dt" not in t.column_names:
            t = t.append_column("dt", pa.array([folder[0]] * len(t)).cast(pa.date32()))
        parts.append(t.drop_columns(["_run"]) if "_run" in t.column_names else t)
    columns = parts[0].column_names
    out = pa.concat_tables([p.select(columns) for p in parts])
    # Both engines' timestamps are instants in UTC; one writes nanoseconds, the other microseconds.
    fields = [pa.field(f.name, pa.timestamp("us") if pa.types.is_timestamp(f.type) else f.type) for f in out.schema]
    out = out.cast(pa.schema(fields))
    return out.sort_by([(n, "ascending") for n in sorted(columns)]).select(sorted(columns)).combine_chunks()


for name, rows in (("products", 3828), ("sales", 530104), ("daily", 1716)):
    sql, spark = whole(published(name)), whole(objects("s3://%s/pyspark/%s" % (CURATED, name)))
    assert sql.schema.equals(spark.schema), "%s: %s\n%s" % (name, sql.schema, spark.schema)
    assert len(sql) == len(spark) == rows, (name, len(sql), len(spark))
    if not sql.equals(spark):
        for c in sql.column_names:
            a, b = sql[c].to_pylist(), spark[c].to_pylist()
            wrong = [i for i in range(len(a)) if a[i] != b[i]]
            if wrong:
                print(name, c, len(wrong), sql.slice(wrong[0], 1).to_pylist(), spark.slice(wrong[0], 1).to_pylist())
        raise SystemExit("%s differs" % name)
    print(name, len(sql), "rows equal")
print("ok")
