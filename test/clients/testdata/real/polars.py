# polars with its defaults.
import boto3, polars as pl

boto3.client("s3").create_bucket(Bucket="lake")
frame = pl.DataFrame({"id": range(50_000), "name": [f"n{i % 7}" for i in range(50_000)]})
frame.write_parquet("s3://lake/a/one.parquet")
assert pl.read_parquet("s3://lake/a/one.parquet").equals(frame)
scan = pl.scan_parquet("s3://lake/a/*.parquet")
assert scan.filter(pl.col("id") >= 49_998).select("name").collect()["name"].to_list() == [f"n{i % 7}" for i in (49_998, 49_999)]
assert scan.group_by("name").len().collect()["len"].sum() == 50_000
frame.write_csv("s3://lake/c/one.csv")
assert pl.scan_csv("s3://lake/c/*.csv").select(pl.col("id").sum()).collect().item() == sum(range(50_000))
scan.filter(pl.col("id") < 10).sink_parquet("s3://lake/b/few.parquet")
assert pl.read_parquet("s3://lake/b/few.parquet").height == 10
frame.head(10).write_ndjson("s3://lake/j/few.jsonl")
assert pl.scan_ndjson("s3://lake/j/few.jsonl").collect().equals(frame.head(10))
print("ok")
