# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Records as a script's own functions see them, and the schema of what those functions return."""

import datetime
import decimal

from pyspark.sql import Row
from pyspark.sql import types as T

from awsglue import choice as choices
from awsglue.errors import DataError
from awsglue.paths import ELEMENT


class DynamicRecord(dict):
    """One record: a dict whose fields can be read and set as attributes too. Nested records are DynamicRecords."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError("the record has no field %r" % name)

    def __setattr__(self, name, value):
        self[name] = value

    def __delattr__(self, name):
        if name not in self:
            raise AttributeError("the record has no field %r" % name)
        del self[name]


def record(row):
    """A row of Spark as a DynamicRecord, to any depth."""
    if isinstance(row, Row):
        return DynamicRecord((n, record(v)) for n, v in zip(row.__fields__, row))
    if isinstance(row, list):
        return [record(v) for v in row]
    if isinstance(row, dict):
        return {k: record(v) for k, v in row.items()}
    return row


def infer(value):
    """The type of a Python value, as a tree: a name, ("struct", {name: tree}), ("array", tree), ("choice", {name: tree})."""
    if value is None:
        return "void"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if -(1 << 31) <= value < 1 << 31:
            return "int"
        if -(1 << 63) <= value < 1 << 63:
            return "bigint"
        return "decimal"
    for cls, name in ((float, "double"), (str, "string"), (decimal.Decimal, "decimal"), (datetime.datetime, "timestamp"),
                      (datetime.date, "date"), ((bytes, bytearray), "binary")):
        if isinstance(value, cls):
            return name
    if isinstance(value, Row):
        value = value.asDict()
    if isinstance(value, dict):
        return ("struct", {str(k): infer(v) for k, v in value.items()})
    if isinstance(value, (list, tuple, set)):
        tree = "void"
        for v in value:
            tree = merge(tree, infer(v))
        return ("array", tree)
    raise DataError("a record holds a %s, which no field can be" % type(value).__name__)


def merge(a, b):
    """The tree of values of either tree."""
    if a == b or b == "void":
        return a
    if a == "void":
        return b
    if {a, b} == {"int", "bigint"} if isinstance(a, str) and isinstance(b, str) else False:
        return "bigint"
    if a[0] == "struct" and b[0] == "struct":
        out = dict(a[1])
        for name, tree in b[1].items():
            out[name] = merge(out[name], tree) if name in out else tree
        return ("struct", out)
    if a[0] == "array" and b[0] == "array":
        return ("array", merge(a[1], b[1]))
    out = {}
    for tree in (a, b):
        for one in (tree[1].values() if tree[0] == "choice" else [tree]):
            name = one if isinstance(one, str) else one[0]
            if name in ("int", "bigint"):
                name = "bigint" if "bigint" in out or ("int" in out and out["int"] != one) or name == "bigint" else "int"
                out.pop("int", None)
                one = name
            out[name] = merge(out[name], one) if name in out else one
    return ("choice", out)


_SIMPLE = {"boolean": T.BooleanType(), "int": T.IntegerType(), "bigint": T.LongType(), "double": T.DoubleType(), "string": T.StringType(),
           "decimal": T.DecimalType(38, 18), "timestamp": T.TimestampType(), "date": T.DateType(), "binary": T.BinaryType(),
           "void": T.NullType()}
# What a field may have been before, that its values still fit: the field keeps its type.
_KEEPS = {"boolean": (T.BooleanType,), "int": (T.ByteType, T.ShortType, T.IntegerType, T.LongType), "bigint": (T.LongType,),
          "double": (T.FloatType, T.DoubleType), "string": (T.StringType,), "decimal": (T.DecimalType,), "timestamp": (T.TimestampType,),
          "date": (T.DateType,), "binary": (T.BinaryType,)}


def spark_type(tree, before=None, path=(), found=None):
    """The Spark type of a tree. before is the type that the same field had before a function was applied; paths of choices are added to
    the list found."""
    if isinstance(tree, str):
        if before is not None and (tree == "void" or type(before) in _KEEPS.get(tree, ())):
            return before
        return _SIMPLE[tree]
    kind, inner = tree
    if kind == "struct":
        if isinstance(before, T.MapType):
            return before
        old = {f.name: f.dataType for f in before.fields} if isinstance(before, T.StructType) else {}
        return T.StructType([T.StructField(n, spark_type(t, old.get(n), path + (n,), found)) for n, t in inner.items()])
    if kind == "array":
        old = before.elementType if isinstance(before, T.ArrayType) else None
        return T.ArrayType(spark_type(inner, old, path + (ELEMENT,), found))
    parts = [spark_type(t) for t in inner.values()]
    if found is not None:
        found.append(path)
    return T.StructType([T.StructField(choices.name_of(p), p) for p in sorted(parts, key=choices.name_of)])


def conform(value, kind, tree):
    """A Python value as Spark takes it for a type and its tree."""
    if value is None:
        return None
    if not isinstance(tree, str) and tree[0] == "choice":
        mine = infer(value)
        word = mine if isinstance(mine, str) else mine[0]
        if word in ("int", "bigint"):
            word = "bigint" if "bigint" in tree[1] else "int"
        name = choices.name_of(spark_type(tree[1][word]))
        return tuple(conform(value, f.dataType, tree[1][word]) if f.name == name else None for f in kind.fields)
    if isinstance(kind, T.StructType):
        if isinstance(value, Row):
            value = value.asDict()
        return tuple(conform(value.get(f.name), f.dataType, tree[1].get(f.name, "void")) for f in kind.fields)
    if isinstance(kind, T.ArrayType):
        return [conform(v, kind.elementType, tree[1]) for v in value]
    if isinstance(kind, T.MapType):
        return dict(value)
    if isinstance(kind, T.DecimalType) and isinstance(value, int):
        return decimal.Decimal(value)
    if isinstance(kind, (T.DoubleType, T.FloatType)):
        return float(value)
    return value


def frame(spark, rdd, before=None):
    """A DataFrame of an RDD of records (dicts, Rows), and the paths of its choices. The records are computed twice: for the schema, and for
    the rows."""
    def of_part(rows):
        tree = "void"
        for r in rows:
            tree = merge(tree, infer(r))
        return [tree]
    trees = rdd.mapPartitions(of_part).collect()
    tree = ("struct", {})
    for t in trees:
        if t != "void":
            if t[0] != "struct":
                raise DataError("a record is a dict of fields, not a value of type %s" % (t if isinstance(t, str) else t[0]))
            tree = merge(tree, t)
    found = []
    schema = spark_type(tree, before, (), found)
    return spark.createDataFrame(rdd.map(lambda r: conform(r, schema, tree)), schema, verifySchema=False), found
