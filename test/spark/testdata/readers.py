"""What scripts have written, read by others than Spark: pyarrow, fastavro and Python's own csv and json."""

import bz2
import csv
import datetime
import decimal
import gzip
import io
import json
import os


def value(v):
    """A value as JSON has it: decimals, dates and times as text, bytes as hexadecimal digits."""
    if isinstance(v, dict):
        return {k: value(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [value(x) for x in v]
    if isinstance(v, datetime.datetime):
        return (v.astimezone(datetime.timezone.utc).replace(tzinfo=None) if v.tzinfo else v).isoformat()
    if isinstance(v, (datetime.date, decimal.Decimal)):
        return str(v)
    if isinstance(v, (bytes, bytearray)):
        return "0x" + v.hex()
    return v


def order(rows):
    return sorted(rows, key=lambda r: json.dumps(r, sort_keys=True))


def one(path):
    """The format, the schema ("" where the format has none), and the rows of a file; None for what holds no rows."""
    name = os.path.basename(path)
    if name.startswith(("_", ".")):
        return None
    with open(path, "rb") as f:
        data = f.read()
    if name.endswith(".gz"):
        name, data = name[:-3], gzip.decompress(data)
    if name.endswith(".bz2"):
        name, data = name[:-4], bz2.decompress(data)
    if name.endswith(".parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq
        table = pq.ParquetFile(pa.BufferReader(data)).read()
        return "parquet", schema(table), table.to_pylist()
    if name.endswith(".orc"):
        from pyarrow import orc
        table = orc.ORCFile(io.BytesIO(data)).read()
        return "orc", schema(table), table.to_pylist()
    if name.endswith(".avro"):
        import fastavro
        reader = fastavro.reader(io.BytesIO(data))
        return "avro", json.dumps(reader.writer_schema["fields"], sort_keys=True), list(reader)
    text = data.decode("utf-8")
    if name.endswith(".json"):
        return "json", "", [json.loads(line) for line in text.splitlines()]
    if name.endswith(".csv"):
        return "csv", "", list(csv.reader(io.StringIO(text)))
    if name.endswith(".txt"):
        return "txt", "", text.splitlines()
    raise AssertionError("what is %s?" % path)


def schema(table):
    return ", ".join("%s: %s" % (f.name, f.type) for f in table.schema)


def read(folder):
    """The data sets below a folder by their paths: {"format", "schema", "rows"}. k=v of folders are columns of their rows."""
    found = {}
    for at, _, names in os.walk(folder):
        parts = [p for p in os.path.relpath(at, folder).split(os.sep) if p != "."]
        if any(p.startswith(("_", ".")) for p in parts):
            continue
        keys = dict(p.split("=", 1) for p in parts if "=" in p)
        where = "/".join(p for p in parts if "=" not in p)
        for name in sorted(names):
            got = one(os.path.join(at, name))
            if got is None:
                continue
            form, kind, rows = got
            held = found.setdefault(where, {"format": form, "schema": kind, "rows": []})
            if (form, kind) != (held["format"], held["schema"]):
                raise AssertionError("two kinds of files in %r: %s (%s), %s (%s)" % (where, form, kind, held["format"], held["schema"]))
            rows = value(rows)
            if form == "csv" and held["rows"] and rows and rows[0] == held["rows"][0]:
                rows = rows[1:]  # each file repeats the header
            held["rows"] += [dict(r, **keys) if keys and isinstance(r, dict) else r for r in rows]
    return {k: dict(v, rows=order(v["rows"])) for k, v in found.items()}
