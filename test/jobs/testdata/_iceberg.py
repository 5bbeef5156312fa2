"""Reads an Iceberg table as its metadata file describes it, with pyiceberg."""
import os
import sys

from pyiceberg.table import StaticTable

env = os.environ
table = StaticTable.from_metadata(sys.argv[1], properties={
    "s3.endpoint": env["AWS_ENDPOINT_URL"], "s3.access-key-id": env["AWS_ACCESS_KEY_ID"], "s3.secret-access-key": env["AWS_SECRET_ACCESS_KEY"],
    "s3.region": env["AWS_REGION"]})
rows = sorted((r["id"], r["customer"], int(r["amount"] * 100), str(r["day"]), r["note"]) for r in table.scan().to_arrow().to_pylist())
want = [(i, f"{'customer' if i <= 40 else 'CUSTOMER'} {i % 7}", i * 125, f"2024-01-0{1 + i % 5}", None) for i in range(1, 101) if i % 10]
assert rows == want, [x for x in zip(rows, want) if x[0] != x[1]][:3]
print("ok")
