"""Makes clicks, and holds what sessionize.py has made of them against what they are, read by pyarrow."""
import collections
import io
import json
import os
import sys

import boto3
import pyarrow.parquet as pq


def clicks(day):
    for i in range(60):
        yield {"visitor": "v%d" % (i % (day + 3)), "at": "2026-01-%02d %02d:%02d:00" % (day, i // 6, i % 60), "page": "/%d" % (i % 2)}


def make(folder):
    for day in (1, 2):
        os.makedirs("%s/%d" % (folder, day))
        with open("%s/%d/clicks%d.json" % (folder, day, day), "w") as f:
            f.writelines(json.dumps(c) + "\n" for c in clicks(day))


def check(days):
    s3, glue = boto3.client("s3"), boto3.client("glue")
    bucket = "000000000000-us-east-1-weblogs-curated"
    want, got = collections.defaultdict(list), {}
    for day in range(1, int(days) + 1):
        for c in clicks(day):
            want[c["visitor"], c["at"][:10]].append(c)
    want = {k: (min(c["at"] for c in v), len(v), sorted({c["page"] for c in v})) for k, v in want.items()}
    for p in glue.get_paginator("get_partitions").paginate(DatabaseName="weblogs", TableName="sessions"):
        for part in p["Partitions"]:
            place = part["StorageDescriptor"]["Location"][len("s3://" + bucket + "/"):].rstrip("/") + "/"
            for o in s3.list_objects_v2(Bucket=bucket, Prefix=place)["Contents"]:
                body = s3.get_object(Bucket=bucket, Key=o["Key"])["Body"].read()
                for r in pq.ParquetFile(io.BytesIO(body)).read().to_pylist():
                    key = r["visitor"], part["Values"][0]
                    assert key not in got, key
                    got[key] = r["started_at"].strftime("%Y-%m-%d %H:%M:%S"), r["hits"], sorted(r["pages"])
    assert got == want, (got, want)
    table = glue.get_table(DatabaseName="weblogs", Name="sessions")["Table"]
    columns = [(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"] + table["PartitionKeys"]]
    assert columns == [("visitor", "string"), ("started_at", "timestamp"), ("hits", "bigint"), ("pages", "array<string>"), ("dt", "date")], columns
    job = glue.get_job(JobName="weblogs-sessions")["Job"]
    arguments = {"--database": "weblogs", "--target": "s3://%s/sessions/" % bucket}
    assert job["DefaultArguments"] == arguments, job
    for r in glue.get_job_runs(JobName="weblogs-sessions")["JobRuns"]:
        assert not r.get("Arguments"), r  # the script is told nothing that it has not asked for
    print("ok")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](sys.argv[2])
