"""Writes ORC files with pyarrow, and compares files with what they should hold.

  interop.py write DIR   files of all types, codecs and shapes; beside each NAME.orc a NAME.json: {"types": [...], "rows": [[...], ...]}
  interop.py check DIR   reads each NAME.orc and compares it with NAME.json

How values are written says exact.py of package columntest.
"""
import json
import os
import random
import struct
import sys

import pyarrow as pa
import pyarrow.orc as orc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../column/columntest"))
from exact import check, exact, plain

DAY = 86400 * 10**6


def integers(r, bits):
    """Makes a function that returns the value of row i, of one of the shapes that encoders tell apart."""
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    start, step, state = r.randint(-100, 100), r.randint(-3, 7), [max(low, -10**6)]

    def grow(i):
        state[0] += r.randint(0, 300)
        return state[0]
    shape = r.choice([
        lambda i: start,
        lambda i: start + i * step,
        lambda i: r.randint(low, high),
        lambda i: r.randint(0, 20),
        lambda i: r.randint(low, high) if r.random() < 0.02 else r.randint(0, 60),
        lambda i: start + i // r.choice([5, 11, 11, 700]),
        lambda i: r.choice([low, high, 0, -1]),
        grow])
    return lambda i: min(high, max(low, shape(i)))


def words(r):
    few = ["".join(r.choice("abcäöü€😀 ,\"'\\") for _ in range(r.randint(0, 12))) for _ in range(r.choice([1, 3, 50, 2000]))]
    if r.random() < 0.3:
        return lambda i: "%d-%s" % (r.randint(0, 10**9), "x" * r.randint(0, 40))
    return lambda i: r.choice(few)


def moments(r):
    shape = r.randrange(4)
    whole = r.choice([10**6, 1000, 1])

    def moment(i):
        if shape == 0:
            return 1_600_000_000 * 10**6 + i * whole
        v = r.randint(-8_000_000_000 * 10**6, 8_000_000_000 * 10**6) // whole * whole
        return v + 2 * 10**6 if -10**6 <= v < 0 else v  # ORC cannot hold the second before 1970
    return moment


def floats(r, width):
    def value(i):
        v = r.choice([0.0, -0.0, 1.5, float("inf"), float("-inf"), float("nan"), r.gauss(0, 1), r.gauss(0, 1e9), 5e-324])
        return struct.unpack("<f", struct.pack("<f", v))[0] if width == 32 and abs(v) < 1e38 else v
    return value


def decimals(r, p, s):
    import decimal
    ctx = decimal.Context(prec=60)
    most = 10 ** r.choice([p, max(1, p // 2)]) - 1
    return lambda i: decimal.Decimal(r.randint(-most, most)).scaleb(-s, ctx)


def maker(r, t):
    """The function that makes values of a type for pyarrow."""
    if pa.types.is_boolean(t):
        p = r.choice([0.01, 0.5, 1])
        return lambda i: r.random() < p
    if pa.types.is_integer(t):
        return integers(r, t.bit_width)
    if pa.types.is_floating(t):
        return floats(r, t.bit_width)
    if pa.types.is_string(t):
        return words(r)
    if pa.types.is_binary(t):
        return lambda i: r.randbytes(r.randint(0, 30))
    if pa.types.is_decimal(t):
        return decimals(r, t.precision, t.scale)
    if pa.types.is_date(t):
        f = integers(r, 18)
        return lambda i: f(i)
    if pa.types.is_timestamp(t):
        return moments(r)
    return nested(r, t)


def nested(r, t):
    if pa.types.is_list(t):
        f, most = with_nulls(r, maker(r, t.value_type)), r.choice([0, 3, 30])
        return lambda i: [f(i + n) for n in range(r.randint(0, most))]
    if pa.types.is_map(t):
        k, v = maker(r, t.key_type), with_nulls(r, maker(r, t.item_type))
        return lambda i: list({repr(x): (x, v(i)) for x in (k(i) for _ in range(r.randint(0, 4)))}.values())
    fields = [(f.name, with_nulls(r, maker(r, f.type))) for f in t]
    return lambda i: {name: f(i) for name, f in fields}


def with_nulls(r, f):
    p = r.choice([0, 0, 0.1, 0.5, 0.97])
    return lambda i: None if r.random() < p else f(i)


TYPES = {
    "boolean": pa.bool_(), "tinyint": pa.int8(), "smallint": pa.int16(), "int": pa.int32(), "bigint": pa.int64(), "float": pa.float32(),
    "double": pa.float64(), "string": pa.string(), "binary": pa.binary(), "date": pa.date32(), "timestamp": pa.timestamp("us"),
    "instant": pa.timestamp("us", tz="UTC"), "decimal(5,2)": pa.decimal128(5, 2), "decimal(18,0)": pa.decimal128(18, 0),
    "decimal(38,10)": pa.decimal128(38, 10), "decimal(38,38)": pa.decimal128(38, 38)}


def hive(t):
    for name, have in TYPES.items():
        if have == t:
            return "timestamp" if name == "instant" else name
    if pa.types.is_list(t):
        return "array<%s>" % hive(t.value_type)
    if pa.types.is_map(t):
        return "map<%s,%s>" % (hive(t.key_type), hive(t.item_type))
    return "struct<%s>" % ",".join("%s:%s" % (f.name, hive(f.type)) for f in t)


def random_type(r, depth):
    if depth == 0 or r.random() < 0.4:
        return r.choice(list(TYPES.values()))
    kind = r.randrange(3)
    if kind == 0:
        return pa.list_(random_type(r, depth - 1))
    if kind == 1:
        return pa.map_(r.choice([pa.string(), pa.int32()]), random_type(r, depth - 1))
    return pa.struct([("f%d" % i, random_type(r, depth - 1)) for i in range(r.randint(1, 4))])


def write(folder):
    write_union(folder)
    r = random.Random(20261130)
    codecs = ["uncompressed", "snappy", "zlib", "lz4", "zstd"]
    for n in range(60):
        types = list(TYPES.values()) if n % 3 == 0 else [random_type(r, 3) for _ in range(4)]
        rows = r.choice([0, 1, 7, 600, 3000, 12000]) if n % 3 == 0 else r.choice([1, 100, 2500])
        makers = [with_nulls(r, maker(r, t)) for t in types]
        values = [[f(i) for i in range(rows)] for f in makers]
        table = pa.table([pa.array(v, t) for v, t in zip(values, types)], names=["c%d" % i for i in range(len(types))])
        path = os.path.join(folder, "t%02d" % n)
        orc.write_table(table, path + ".orc", compression=codecs[n % 5], stripe_size=r.choice([4096, 64 << 20]),
                        batch_size=r.choice([100, 1024]), compression_block_size=r.choice([65536, 262144]),
                        dictionary_key_size_threshold=r.choice([0, 0.9]), file_version=r.choice(["0.11", "0.12"]),
                        row_index_stride=r.choice([1000, 10000]), padding_tolerance=0.0)
        columns = []
        for v, t, got in zip(values, types, read(path + ".orc").columns):
            got, want = exact(got), [plain(x, t) for x in v]
            if got != want and hive(t).count("struct") < 2:  # pyarrow loses what is in a struct beside null structs, and writes that
                sys.exit("%s: pyarrow reads another %s than it wrote" % (path, t))
            columns.append(got)
        with open(path + ".json", "w") as f:
            json.dump({"types": [hive(t) for t in types], "rows": [list(row) for row in zip(*columns)]}, f, ensure_ascii=False)


def write_union(folder):
    """Writes a file with a union, which is expected as the struct of its tag and its variants."""
    r = random.Random(1)
    tags = [r.randrange(3) for _ in range(3000)]
    ints, texts, lists = list(range(3000)), ["t%d" % i for i in range(3000)], [[i] * (i % 3) for i in range(3000)]
    union = pa.UnionArray.from_sparse(pa.array(tags, pa.int8()), [pa.array(ints, pa.int32()), pa.array(texts), pa.array(lists, pa.list_(pa.int64()))])
    orc.write_table(pa.table([union], names=["c0"]), os.path.join(folder, "u00.orc"), compression="zstd")
    rows = [[[t, ints[i] if t == 0 else None, texts[i] if t == 1 else None, lists[i] if t == 2 else None]] for i, t in enumerate(tags)]
    with open(os.path.join(folder, "u00.json"), "w") as f:
        json.dump({"types": ["struct<tag:tinyint,field0:int,field1:string,field2:array<bigint>>"], "rows": rows}, f)


def read(path):
    return orc.ORCFile(path).read()


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2])
    else:
        check(sys.argv[2], ".orc", read)
