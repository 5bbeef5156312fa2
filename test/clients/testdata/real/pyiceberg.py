# An Iceberg table through the Glue catalog by pyiceberg: made, appended to, read, evolved, dropped; writers at the same time lose nothing.
import logging, os, threading
import boto3, pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.types import StringType

boto3.client("s3").create_bucket(Bucket="lake")
where = {"type": "glue", "s3.endpoint": os.environ["AWS_ENDPOINT_URL"]}  # pyarrow, which reads the files, does not ask the environment
catalog = load_catalog("lake", **where)
catalog.create_namespace("shop", {"location": "s3://lake/shop", "comment": "orders"})
rows = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", "c"]})
table = catalog.create_table("shop.orders", schema=rows.schema)
table.append(rows)
table.append(rows)
read = load_catalog("lake", **where).load_table("shop.orders")
assert sorted(read.scan(row_filter="id > 1").to_arrow()["name"].to_pylist()) == ["b", "b", "c", "c"]
assert len(read.history()) == 2
stored = boto3.client("glue").get_table(DatabaseName="shop", Name="orders")["Table"]
assert stored["Parameters"]["table_type"] == "ICEBERG" and stored["Parameters"]["metadata_location"] == read.metadata_location, stored
with read.update_schema() as change:
    change.add_column("note", StringType())
read.delete("id = 2")
again = catalog.load_table("shop.orders")
assert again.scan().to_arrow().sort_by("id").to_pydict() == {"id": [1, 1, 3, 3], "name": ["a", "a", "c", "c"], "note": [None] * 4}
assert catalog.list_tables("shop") == [("shop", "orders")] and catalog.list_namespaces() == [("shop",)]
catalog.rename_table("shop.orders", "shop.renamed")
assert catalog.load_table("shop.renamed").scan().to_arrow().num_rows == 4

# Two writers that have read the same version: the first to commit wins, the other is told so, and writes again over what it then reads.
glue = boto3.client("glue")
version = lambda: glue.get_table(DatabaseName="shop", Name="renamed")["Table"]["VersionId"]
first, second = (load_catalog("lake", **where).load_table("shop.renamed") for _ in range(2))
more = pa.table({"id": pa.array([7], pa.int64()), "name": ["x"], "note": pa.array([None], pa.string())})
first.append(more)
seen, raw = version(), glue.get_table(DatabaseName="shop", Name="renamed")["Table"]
old = {k: v for k, v in raw.items() if k in ("Name", "Parameters", "StorageDescriptor", "TableType")}
try:
    glue.update_table(DatabaseName="shop", TableInput=old, SkipArchive=True, VersionId=str(int(seen) - 1))
    raise AssertionError("a commit over an older version is not refused")
except glue.exceptions.ConcurrentModificationException as e:
    assert "Update table failed due to concurrent modifications." in str(e), e
assert version() == seen


class Retries(logging.Handler):
    count = 0

    def emit(self, record):
        self.count += "concurrent update, retrying" in record.getMessage()


retries = Retries()
logging.getLogger("pyiceberg").addHandler(retries)
second.append(more)  # pyiceberg reads the table again by itself
assert retries.count == 1, retries.count


def writer(n):
    table = load_catalog("lake", **where).load_table("shop.renamed")
    for i in range(3):
        table.append(pa.table({"id": pa.array([100 + 10 * n + i], pa.int64()), "name": ["w"], "note": pa.array([None], pa.string())}))


threads = [threading.Thread(target=writer, args=(n,)) for n in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
whole = catalog.load_table("shop.renamed")
ids = sorted(whole.scan().to_arrow()["id"].to_pylist())
assert ids == [1, 1, 3, 3, 7, 7] + [100 + 10 * n + i for n in range(2) for i in range(3)], ids
assert len(whole.history()) == 11, len(whole.history())
catalog.purge_table("shop.renamed")
catalog.drop_namespace("shop")
assert catalog.list_namespaces() == []
print("ok")
