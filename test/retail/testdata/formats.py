"""formats.py make DIR: files of several formats to land, in a folder for each source.
formats.py check BUCKET: the tables that the pipeline made of them, as pyarrow reads their files."""
import gzip
import io
import json
import os
import sys

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.orc
import pyarrow.parquet


def make(folder):
    for name in ("events", "access", "stock", "prices", "notes"):
        os.makedirs(os.path.join(folder, name))
    with gzip.open(os.path.join(folder, "events/a.json.gz"), "wt") as f:
        for i in range(5000):
            f.write(json.dumps({"id": i, "sku": "s%d" % (i % 7), "amount": i / 100, "at": "2026-01-%02d 10:00:00.5" % (1 + i % 3), "x": [1]}) + "\n")
    with open(os.path.join(folder, "access/log"), "w") as f:
        for i in range(300):
            f.write('10.0.0.%d - - [10/Oct/2026:13:55:36 -0700] "GET /p%d HTTP/1.0" 200 %d\n' % (i % 5, i, i))
    pa.orc.write_table(pa.table({"sku": ["s%d" % i for i in range(7)], "n": pa.array(range(7), pa.int32())}), os.path.join(folder, "stock/a.orc"))
    pa.parquet.write_table(pa.table({"sku": ["s%d" % i for i in range(7)], "price": [i + 0.5 for i in range(7)]}),
                           os.path.join(folder, "prices/a.parquet"))
    with open(os.path.join(folder, "notes/a.xml"), "w") as f:
        f.write("<notes>%s</notes>" % "".join('<note><sku>s%d</sku><text>a, "b" &amp; c</text></note>' % i for i in range(7)))


def tables(bucket):
    import boto3
    s3 = boto3.client("s3")
    found = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for o in page.get("Contents", []):
            if not o["Key"].startswith("_penstock"):
                body = s3.get_object(Bucket=bucket, Key=o["Key"])["Body"].read()
                found.setdefault(o["Key"].split("/")[0], {})[o["Key"]] = body
    return found


def check(bucket):
    found = tables(bucket)
    days = sorted(k.split("/")[1] for k in found["sums"])
    assert days == ["day=2026-01-01", "day=2026-01-02", "day=2026-01-03"], days
    rows = []
    for key, body in found["sums"].items():
        assert key.endswith(".zstd.orc"), key
        rows += pa.orc.read_table(io.BytesIO(body)).to_pylist()
    assert len(rows) == 21 and sum(r["total"] for r in rows) == sum(i for i in range(5000)) / 100, rows
    assert all(r["x"] == [1] for r in rows), rows
    assert {str(r["day"]) for r in rows} == {"2026-01-01", "2026-01-02", "2026-01-03"}

    (key, body), = found["stocked"].items()
    assert key.endswith(".json.gz"), key
    rows = [json.loads(line) for line in gzip.decompress(body).splitlines()]
    assert sorted((r["sku"], r["n"], r["price"]) for r in rows) == [("s%d" % i, i, i + 0.5) for i in range(7)], rows

    (key, body), = found["texts"].items()
    assert key.endswith(".csv"), key
    table = pa.csv.read_csv(io.BytesIO(body))
    assert table.column_names[:2] == ["sku", "text"], table.column_names
    assert sorted(table["text"].to_pylist()) == ['a, "b" & c'] * 7, table

    (key, body), = found["hits"].items()
    assert key.endswith(".gz.parquet"), key
    table = pa.parquet.read_table(io.BytesIO(body))
    assert sorted(zip(table["clientip"].to_pylist(), table["bytes"].to_pylist())) == [
        ("10.0.0.%d" % i, sum(range(i, 300, 5))) for i in range(5)], table
    print("ok")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](sys.argv[2])
