# awswrangler's s3 and catalog with their defaults.
import awswrangler as wr, boto3, pandas as pd

boto3.client("s3").create_bucket(Bucket="lake")
frame = pd.DataFrame({"id": [1, 2, 3], "name": ["a", "b", None], "day": ["x", "x", "y"]})
wr.catalog.create_database("shop", description="orders", exist_ok=True)
assert "shop" in wr.catalog.databases()["Database"].tolist()
put = lambda mode, f=frame: wr.s3.to_parquet(f, path="s3://lake/orders/", dataset=True, database="shop", table="orders", partition_cols=["day"], mode=mode,
                                            glue_table_settings=dict(description="all orders", parameters={"owner": "me"}, columns_comments={"id": "number"}))
put("overwrite")
put("append")
assert wr.catalog.get_table_types("shop", "orders") == {"id": "bigint", "name": "string", "day": "string"}
assert wr.catalog.get_parquet_partitions("shop", "orders") == {"s3://lake/orders/day=x/": ["x"], "s3://lake/orders/day=y/": ["y"]}
assert wr.catalog.get_columns_comments("shop", "orders")["id"] == "number" and wr.catalog.get_table_parameters("shop", "orders")["owner"] == "me"
assert len(wr.s3.read_parquet_table("orders", "shop")) == 6
assert len(wr.s3.read_parquet("s3://lake/orders/", dataset=True, partition_filter=lambda p: p["day"] == "y")) == 2
put("overwrite_partitions", frame.assign(more=1.5)[:2])
assert wr.catalog.get_table_types("shop", "orders")["more"] == "double"
assert len(wr.s3.read_parquet_table("orders", "shop", validate_schema=False)) == 4
wr.s3.to_csv(frame, path="s3://lake/csv/", dataset=True, database="shop", table="csvs", index=False)
assert wr.s3.read_csv("s3://lake/csv/", dataset=True, header=None).shape[0] in (3, 4)
wr.s3.to_json(frame, "s3://lake/j.json", orient="records", lines=True)
assert wr.s3.read_json("s3://lake/j.json", orient="records", lines=True)["id"].tolist() == [1, 2, 3]
assert wr.catalog.does_table_exist("shop", "csvs") and sorted(t["Name"] for t in wr.catalog.get_tables(database="shop")) == ["csvs", "orders"]
assert not wr.catalog.table("shop", "orders").empty and len(list(wr.catalog.search_tables("orders"))) == 1
files = wr.s3.list_objects("s3://lake/orders/")
assert wr.s3.does_object_exist(files[0]) and wr.s3.size_objects(files)[files[0]] > 0
wr.s3.copy_objects(files, "s3://lake/orders/", "s3://lake/copy/")
assert len(wr.s3.list_objects("s3://lake/copy/")) == len(files) and wr.s3.list_directories("s3://lake/") == [f"s3://lake/{d}/" for d in ("copy", "csv", "orders")]
wr.s3.merge_datasets("s3://lake/copy/", "s3://lake/merged/", mode="append")
wr.s3.store_parquet_metadata("s3://lake/merged/", database="shop", table="merged", dataset=True)
assert "merged" in wr.catalog.tables(database="shop")["Table"].tolist()
wr.s3.download(files[0], "a.parquet")
wr.s3.upload("a.parquet", "s3://lake/up.parquet")
assert wr.s3.read_parquet_metadata("s3://lake/up.parquet")[0]["id"] == "bigint"
wr.catalog.delete_partitions("orders", "shop", [["x"]])
wr.catalog.delete_table_if_exists("shop", "csvs")
wr.s3.delete_objects("s3://lake/")
assert wr.s3.list_objects("s3://lake/") == []
wr.catalog.delete_database("shop")
print("ok")
