# Writes Parquet files with pyarrow below the folder of the first argument, and prints what they are as JSON: for each file the columns with
# the types that a crawler gives them, rows, row groups, codecs, and the number of columns and the writer as pyarrow reads them.
import json, sys
import pyarrow as pa, pyarrow.parquet as pq

out = sys.argv[1]
types = [
    ("bool", pa.bool_(), "boolean"), ("i8", pa.int8(), "tinyint"), ("i16", pa.int16(), "smallint"), ("i32", pa.int32(), "int"),
    ("i64", pa.int64(), "bigint"), ("u8", pa.uint8(), "smallint"), ("u16", pa.uint16(), "int"), ("u32", pa.uint32(), "bigint"),
    ("u64", pa.uint64(), "decimal(20,0)"), ("f16", pa.float16(), "float"), ("f32", pa.float32(), "float"), ("f64", pa.float64(), "double"),
    ("s", pa.string(), "string"), ("ls", pa.large_string(), "string"), ("sv", pa.string_view(), "string"), ("b", pa.binary(), "binary"),
    ("fb", pa.binary(5), "binary"), ("uuid", pa.uuid(), "string"), ("json", pa.json_(), "string"),
    ("d32", pa.date32(), "date"), ("d64", pa.date64(), "date"), ("t32", pa.time32("ms"), "int"), ("t64", pa.time64("us"), "bigint"),
    ("ts", pa.timestamp("s"), "timestamp"), ("tms", pa.timestamp("ms"), "timestamp"), ("tus", pa.timestamp("us"), "timestamp"),
    ("tns", pa.timestamp("ns"), "timestamp"), ("tz", pa.timestamp("us", "UTC"), "timestamp"),
    ("dec5", pa.decimal128(5, 2), "decimal(5,2)"), ("dec38", pa.decimal128(38, 10), "decimal(38,10)"),
    ("dec32", pa.decimal32(7, 3), "decimal(7,3)"),
    ("list", pa.list_(pa.int32()), "array<int>"), ("llist", pa.list_(pa.list_(pa.string())), "array<array<string>>"),
    ("st", pa.struct([("x", pa.int32()), ("y", pa.list_(pa.struct([("z", pa.date32())])))]), "struct<x:int,y:array<struct<z:date>>>"),
    ("map", pa.map_(pa.string(), pa.list_(pa.float64())), "map<string,array<double>>"),
    ("mapst", pa.map_(pa.int64(), pa.struct([("k", pa.string())])), "map<bigint,struct<k:string>>"),
    ("dict", pa.dictionary(pa.int32(), pa.string()), "string"), ("null", pa.null(), "unknown"),
]
schema = pa.schema([(n, t) for n, t, _ in types], metadata={"made": "by a test"})
files = []
def write(name, table, want, **options):
    path = out + "/" + name
    pq.write_table(table, path, **options)
    meta = pq.read_metadata(path)
    # pyarrow writes LZ4_RAW and calls it LZ4
    codecs = {meta.row_group(g).column(c).compression for g in range(meta.num_row_groups) for c in range(meta.num_columns)}
    codecs = sorted({"LZ4": "LZ4_RAW"}.get(c, c) for c in codecs)
    files.append({"path": path, "want": want, "rows": meta.num_rows, "groups": meta.num_row_groups, "codecs": codecs,
                  "by": meta.created_by, "columns": meta.num_columns, "made": (meta.metadata or {}).get(b"made", b"").decode()})

nothing = pa.table([pa.nulls(7, t) for _, t, _ in types], schema=schema)
want = "struct<" + ",".join(n + ":" + t for n, _, t in types) + ">"
for codec in ["NONE", "SNAPPY", "GZIP", "BROTLI", "LZ4", "ZSTD"]:
    write(codec, nothing, want, compression=codec, row_group_size=3)
write("empty", nothing.slice(0, 0), want, row_group_size=3)
some = pa.table({"a": pa.array([1, 2], pa.int32()), "t": pa.array([0, 1], pa.timestamp("us")), "l": pa.array([[1], []], pa.list_(pa.int64()))})
write("mixed", some, "struct<a:int,t:timestamp,l:array<bigint>>",
      compression={"a": "GZIP", "t": "SNAPPY", "l.list.element": "ZSTD"})
write("int96", some, "struct<a:int,t:timestamp,l:array<bigint>>", use_deprecated_int96_timestamps=True, version="1.0")
write("two", some, "struct<a:int,t:timestamp,l:array<bigint>>", use_compliant_nested_type=False)
ints = pa.table({"small": pa.array([1], pa.decimal128(6, 2)), "large": pa.array([1], pa.decimal128(16, 2))})
write("decimals", ints, "struct<small:decimal(6,2),large:decimal(16,2)>", store_decimal_as_integer=True)
print(json.dumps(files))
