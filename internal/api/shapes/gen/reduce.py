#!/usr/bin/env python3
"""Reduces the service models of an installed botocore to the shape tables in ../tables.

Usage: python3 reduce.py [version], with botocore of that version installed (pip install botocore==1.43.11). Kept are names, types,
wire traits and constraints; documentation, examples, endpoint rules and authentication are dropped. Output is deterministic.
"""
import gzip
import io
import json
import os
import sys

import botocore
from botocore.loaders import Loader

# signing name -> botocore's name
SERVICES = {
    "s3": "s3",
    "glue": "glue",
    "states": "stepfunctions",
    "cloudformation": "cloudformation",
    "iam": "iam",
    "sts": "sts",
    "redshift-serverless": "redshift-serverless",
    "redshift-data": "redshift-data",
    "monitoring": "cloudwatch",
    "logs": "logs",
    "sns": "sns",
    "ssm": "ssm",
}
META = ["apiVersion", "protocol", "protocols", "jsonVersion", "targetPrefix", "xmlNamespace", "awsQueryCompatible", "serviceId"]
SHAPE = ["type", "members", "member", "key", "value", "required", "enum", "min", "max", "pattern", "error", "exception", "fault", "flattened",
         "payload", "timestampFormat", "xmlNamespace", "locationName", "union", "document", "eventstream", "event", "synthetic"]
MEMBER = ["shape", "location", "locationName", "flattened", "streaming", "xmlNamespace", "xmlAttribute", "timestampFormat",
          "idempotencyToken", "jsonvalue", "queryName"]
OP = ["http", "input", "output", "errors", "httpChecksum", "httpChecksumRequired", "unsignedPayload"]


def keep(d, names):
    return {k: d[k] for k in names if k in d}


def reduce_shape(s):
    out = keep(s, SHAPE)
    if "members" in out:
        out["members"] = {n: keep(m, MEMBER) for n, m in out["members"].items()}
    for k in ("member", "key", "value"):
        if k in out:
            out[k] = keep(out[k], MEMBER)
    return out


def main():
    want = sys.argv[1] if len(sys.argv) > 1 else "1.43.11"
    if botocore.__version__ != want:
        sys.exit(f"reduce.py: botocore {want} wanted, {botocore.__version__} is installed")
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tables")
    loader = Loader()
    for name, model in SERVICES.items():
        m = loader.load_service_model(model, "service-2")
        ops = {}
        for n, o in m["operations"].items():
            ops[n] = keep(o, OP)
            ops[n]["errors"] = [e["shape"] for e in o.get("errors", [])]
        table = {
            "metadata": keep(m["metadata"], META),
            "operations": ops,
            "shapes": {n: reduce_shape(s) for n, s in m["shapes"].items()},
        }
        text = json.dumps(table, separators=(",", ":")).encode()
        buf = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buf, mtime=0) as z:
            z.write(text)
        with open(os.path.join(folder, name + ".json.gz"), "wb") as f:
            f.write(buf.getvalue())
        print(f"{name}: {len(ops)} operations, {len(table['shapes'])} shapes, {len(buf.getvalue())} bytes")


main()
