# pandas over s3:// (by s3fs) with its defaults.
import boto3, pandas as pd

boto3.client("s3").create_bucket(Bucket="lake")
frame = pd.DataFrame({"id": [1, 2, 3], "day": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-02"]), "name": ["a", "é,\"x\"", None]})
frame.to_parquet("s3://lake/p/a.parquet")
back = pd.read_parquet("s3://lake/p/a.parquet")
assert back["id"].tolist() == [1, 2, 3] and back["name"].tolist()[:2] == ["a", "é,\"x\""] and back["day"].equals(frame["day"]), back
frame.to_csv("s3://lake/c/a.csv.gz", index=False)
back = pd.read_csv("s3://lake/c/a.csv.gz")
assert back["name"].tolist()[:2] == ["a", "é,\"x\""] and back.shape == (3, 3), back
frame[:2].to_parquet("s3://lake/days", partition_cols=["name"])
assert sorted(pd.read_parquet("s3://lake/days", filters=[("id", ">", 0)])["id"]) == [1, 2]
frame.to_json("s3://lake/j/a.jsonl", orient="records", lines=True, date_format="iso")
assert pd.read_json("s3://lake/j/a.jsonl", lines=True)["id"].tolist() == [1, 2, 3]
print("ok")
