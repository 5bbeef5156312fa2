# pyarrow.fs: an S3FileSystem takes its endpoint from the environment only when it is made from a URI.
import os
import pyarrow as pa, pyarrow.parquet as pq
from pyarrow import fs

s3 = fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL"], allow_bucket_creation=True, allow_bucket_deletion=True)
s3.create_dir("lake")
table = pa.table({"id": range(100_000), "name": [f"n{i}" for i in range(100_000)]})
with s3.open_output_stream("lake/raw/a.bin") as out:  # of several parts
    for i in range(24):
        out.write(bytes([i]) * (1 << 20))
with s3.open_input_file("lake/raw/a.bin") as f:
    f.seek(10 << 20)
    assert f.size() == 24 << 20 and f.read(3) == b"\x0a\x0a\x0a"
pq.write_table(table, "lake/raw/a.parquet", filesystem=s3)
assert pq.read_table("lake/raw/a.parquet", filesystem=s3, filters=[("id", ">", 99_997)])["name"].to_pylist() == ["n99998", "n99999"]
s3.copy_file("lake/raw/a.parquet", "lake/copy/b.parquet")
s3.move("lake/copy/b.parquet", "lake/moved/c d+é.parquet")
found = {i.path: i.size for i in s3.get_file_info(fs.FileSelector("lake", recursive=True)) if i.type == fs.FileType.File}
assert sorted(found) == ["lake/moved/c d+é.parquet", "lake/raw/a.bin", "lake/raw/a.parquet"], found
assert pq.read_table("lake/moved/c d+é.parquet", filesystem=s3).equals(table)
pq.write_to_dataset(table.slice(0, 100).append_column("day", pa.array(["x", "y"] * 50)), "lake/days", partition_cols=["day"], filesystem=s3)
assert pq.read_table("lake/days", filesystem=s3, filters=[("day", "=", "y")]).num_rows == 50
assert pq.read_table("s3://lake/raw/a.parquet").equals(table)  # by the defaults
s3.delete_file("lake/raw/a.bin")
assert s3.get_file_info("lake/raw/a.bin").type == fs.FileType.NotFound
s3.delete_dir("lake/days")
s3.delete_dir("lake")
assert s3.get_file_info("lake").type == fs.FileType.NotFound
print("ok")
