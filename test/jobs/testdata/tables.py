"""SQL jobs over tables of every SerDe: the files are written by hand or by pyarrow, the results read by pyarrow."""
import gzip
import io

import pyarrow as pa
from pyarrow import orc as pyorc
import pyarrow.parquet as pq

from _job import ROLE, bucket, glue, output, parquet, s3, wait

B = bucket("tables-of-every-format")
glue.create_database(DatabaseInput={"Name": "formats"})
HIVE = "org.apache.hadoop.hive."
TEXT = "org.apache.hadoop.mapred.TextInputFormat"
TABLE = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", None, "c"], "price": pa.array([1.5, 2.5, None], pa.float64())})
ROWS = [(1, "a", 1.5), (2, None, 2.5), (3, "c", None)]


def written(write):
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def long(n):
    n, out = n << 1 ^ n >> 63, b""
    while n > 127:
        n, out = n >> 7, out + bytes([n & 127 | 128])
    return out + bytes([n])


def avro():
    """An Avro container file by the letter of its specification."""
    import struct
    text = lambda s: long(len(s)) + s
    schema = (b'{"type":"record","name":"r","fields":[{"name":"price","type":["null","double"]},{"name":"id","type":"long"},'
              b'{"name":"name","type":["null","string"]}]}')
    rows = b"".join((long(0) if p is None else long(1) + struct.pack("<d", p)) + long(i) + (long(0) if n is None else long(1) + text(n.encode()))
                    for i, n, p in ROWS)
    sync = bytes(range(16))
    return b"Obj\x01" + long(1) + text(b"avro.schema") + text(schema) + long(0) + sync + long(len(ROWS)) + long(len(rows)) + rows + sync


def table(name, serde, body, end="", inputs=TEXT, props=None, params=None, columns="id bigint, name string, price double", keys=(), put=True):
    glue.create_table(DatabaseName="formats", TableInput={
        "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": params or {}, "PartitionKeys": [{"Name": k, "Type": "string"} for k in keys],
        "StorageDescriptor": {"Location": f"s3://{B}/{name}/", **({"InputFormat": inputs} if inputs else {}), "Columns": [
            dict(zip(("Name", "Type"), c.split(" ", 1))) for c in columns.split(", ")],
            "SerdeInfo": {**({"SerializationLibrary": serde} if serde else {}), "Parameters": props or {}}}})
    if put:
        s3.put_object(Bucket=B, Key=f"{name}/file{end}", Body=body)


def sql(text, target="result", **more):
    glue.create_job(Name="sql", Role=ROLE, Command={"Name": "glueetl"}, GlueVersion="5.0", DefaultArguments={
        "--penstock-step": "sql", "--penstock-database": "formats", "--penstock-target": target, "--penstock-sql": text, **more})
    try:
        return wait("sql", glue.start_job_run(JobName="sql")["JobRunId"])
    finally:
        glue.delete_job(JobName="sql")


def result(r, order=("id",)):
    assert r["JobRunState"] == "SUCCEEDED", (r["JobRunState"], r.get("ErrorMessage"))
    return sorted(((x["id"], x["name"], x["price"]) for x in parquet(B, "result/")), key=lambda x: (x[0] is None, x[0]))


PARQUET = HIVE + "ql.io.parquet.serde.ParquetHiveSerDe"
MAPRED = HIVE + "ql.io.parquet.MapredParquetInputFormat"
table("result", PARQUET, None, inputs=MAPRED, put=False)
CASES = {
    "lazy": (HIVE + "serde2.lazy.LazySimpleSerDe", b"1|a|1.5\n2|\\N|2.5\n3|c|bad\n", dict(props={"field.delim": "|"})),
    "opencsv": (HIVE + "serde2.OpenCSVSerde", b'id,name,price\n1,"a",1.5\n2,,2.5\n3,"c",\n', dict(
        props={"separatorChar": ",", "quoteChar": '"', "escapeChar": "\\"}, params={"classification": "csv", "skip.header.line.count": "1"})),
    "openx": ("org.openx.data.jsonserde.JsonSerDe", b'{"ID":1,"name":"a","price":1.5}\n{"id":2,"price":2.5}\n{"id":3,"name":"c","price":"x"}\n', {}),
    "hivejson": ("org.apache.hive.hcatalog.data.JsonSerDe", gzip.compress(
        b'{"id":1,"name":"a","price":1.5}\n{"id":2,"price":2.5}\n{"id":3,"name":"c"}\n'), dict(end=".gz")),
    "orc": (HIVE + "ql.io.orc.OrcSerde", written(lambda out: pyorc.write_table(TABLE, out, compression="zstd")),
            dict(inputs=HIVE + "ql.io.orc.OrcInputFormat")),
    "parquet": (PARQUET, written(lambda out: pq.write_table(TABLE.select(["price", "name", "id"]), out)), dict(inputs=MAPRED)),
    "avro": (HIVE + "serde2.avro.AvroSerDe", avro(), dict(inputs=HIVE + "ql.io.avro.AvroContainerInputFormat")),
    "grok": ("com.amazonaws.glue.serde.GrokSerDe", b"1 a 1.5\n2 - 2.5\n3 c -\n", dict(
        props={"input.format": r"%{INT:id} (?:%{WORD:name}|-) (?:%{NUMBER:price:double}|-)"})),
    "regex": (HIVE + "serde2.RegexSerDe", b"1 a 1.5\n2  2.5\n3 c\n", dict(props={"input.regex": r"(\d+) (\w+)? ?(\d\S*)?"})),
    "xml": ("", b"<rows><row><id>1</id><name>a</name><price>1.5</price></row><row><id>2</id><price>2.5</price></row>"
                b"<row><id>3</id><name>c</name><price/></row></rows>", dict(props={"rowTag": "row"}, params={"classification": "xml"}, inputs="")),
}
for name, (serde, body, more) in CASES.items():
    table(name, serde, body, **more)
    r = sql(f"SELECT id, name, price FROM {name}")
    rows = [(i, n or None, p) for i, n, p in result(r)] if name == "opencsv" else result(r)
    assert rows == ROWS, (name, rows)
    bad = [line for line in output(r) if line.startswith("bad value: ")]
    assert len(bad) == (name in ("lazy", "openx")), (name, bad)

# all of them in one query
r = sql(" UNION ALL ".join(f"SELECT id, '{n}' AS name, price FROM {n}" for n in CASES))
assert [x[0] for x in result(r)] == [i for i in (1, 2, 3) for _ in CASES], result(r)

# partitions of other formats, and of another schema; projection is told of
table("mixed", HIVE + "serde2.lazy.LazySimpleSerDe", None, props={"field.delim": "|"}, keys=["day"], put=False,
      params={"projection.enabled": "true", "projection.day.type": "integer", "projection.day.range": "1,9"})
SD = glue.get_table(DatabaseName="formats", Name="mixed")["Table"]["StorageDescriptor"]
for day, source in (("1", "lazy"), ("2", "openx"), ("3", "orc"), ("4", "parquet")):
    like = glue.get_table(DatabaseName="formats", Name=source)["Table"]["StorageDescriptor"]
    glue.create_partition(DatabaseName="formats", TableName="mixed", PartitionInput={
        "Values": [day], "StorageDescriptor": {**like, "Location": f"s3://{B}/{source}/"}})
s3.put_object(Bucket=B, Key="short/a", Body=b"5|e\n")
glue.create_partition(DatabaseName="formats", TableName="mixed", PartitionInput={"Values": ["5"], "StorageDescriptor": {
    **SD, "Location": f"s3://{B}/short/", "Columns": [{"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"}]}})
r = sql("SELECT id, concat(day, coalesce(name, '-')) AS name, price FROM mixed")
want = [(i, d + (n or "-"), p) for d in "1234" for i, n, p in ROWS] + [(5, "5e", None)]
assert sorted(result(r), key=str) == sorted(want, key=str), result(r)
assert any("partition projection is not used" in line for line in output(r)), output(r)

# damaged: named, and nothing is published
s3.put_object(Bucket=B, Key="orc/cut", Body=CASES["orc"][1][:-20])
r = sql("SELECT id, name, price FROM orc")
assert r["JobRunState"] == "FAILED" and f"s3://{B}/orc/cut: ORC: " in r["ErrorMessage"], r["ErrorMessage"]
r = sql("SELECT id, name, price FROM orc", **{"--penstock-on-bad-file": "quarantine"})
assert result(r) == ROWS, result(r)
print("ok")
