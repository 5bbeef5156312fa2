"""What the scenarios share: buckets, jobs, runs, and readers that are not Spark."""
import io
import json
import textwrap
import time

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

s3, glue, logs, iam = (boto3.client(n) for n in ("s3", "glue", "logs", "iam"))

ROLE = "glue-scenarios"


def bucket(name):
    s3.create_bucket(Bucket=name)
    try:
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    return name


def put(bucket, key, text):
    s3.put_object(Bucket=bucket, Key=key, Body=textwrap.dedent(text).lstrip("\n").encode())


def job(bucket, name, script, command="glueetl", **more):
    """Stores a script and makes its job."""
    put(bucket, f"code/{name}.py", script)
    more.setdefault("DefaultArguments", {})
    more.setdefault("GlueVersion", "5.1" if command == "glueetl" else "3.0")
    glue.create_job(Name=name, Role=ROLE, Command={"Name": command, "ScriptLocation": f"s3://{bucket}/code/{name}.py", "PythonVersion": "3"},
                    **more)


def start(name, **more):
    return glue.start_job_run(JobName=name, **more)["JobRunId"]


def wait(name, run, until=("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")):
    while True:
        r = glue.get_job_run(JobName=name, RunId=run)["JobRun"]
        if r["JobRunState"] in until:
            return r
        time.sleep(0.1)


def succeed(name, **more):
    r = wait(name, start(name, **more))
    assert r["JobRunState"] == "SUCCEEDED", (r["JobRunState"], r.get("ErrorMessage"), output(r), output(r, "error")[-20:])
    return r


def output(r, kind="output"):
    """The lines of a run's stream."""
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=r["LogGroupName"] + "/" + kind, logStreamNames=[r["Id"]])
        return [e["message"] for p in pages for e in p["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


def keys(bucket, prefix=""):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [o["Key"] for p in pages for o in p.get("Contents", [])]


def data(bucket, prefix, end):
    """The objects below a prefix that hold rows, with their bytes."""
    names = [k for k in keys(bucket, prefix) if k.endswith(end) and not any(p.startswith(("_", ".")) for p in k[len(prefix):].split("/"))]
    return {k: s3.get_object(Bucket=bucket, Key=k)["Body"].read() for k in names}


def parquet(bucket, prefix):
    """All rows of the Parquet files below a prefix, with the k=v of their folders as columns of text."""
    rows = []
    for key, body in data(bucket, prefix, ".parquet").items():
        values = dict(p.split("=", 1) for p in key.split("/")[:-1] if "=" in p)
        rows += [{**r, **values} for r in pq.read_table(pa.BufferReader(body)).to_pylist()]
    return rows


def orc(bucket, prefix):
    from pyarrow import orc as reader
    rows = []
    for key, body in data(bucket, prefix, ".orc").items():
        values = dict(p.split("=", 1) for p in key.split("/")[:-1] if "=" in p)
        rows += [{**r, **values} for r in reader.ORCFile(io.BytesIO(body)).read().to_pylist()]
    return rows


def uploads(bucket):
    return s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
