# An Iceberg table through the Glue catalog by pyiceberg: made, appended to, read, evolved, dropped.
import os
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
catalog.purge_table("shop.renamed")
catalog.drop_namespace("shop")
assert catalog.list_namespaces() == []
print("ok")
