# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Nested tables made flat."""

import uuid

from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue import casts
from awsglue.errors import NotSupported
from awsglue.paths import ELEMENT, column


def flatten(df, choices=()):
    """Structs become columns named by their paths with dots; a choice stays one column."""
    out = []
    for f in df.schema.fields:
        _flat(column(f.name), f.dataType, f.name, (f.name,), choices, out)
    return df.select(*[value.alias(name) for name, value, _ in out])


def _flat(value, kind, name, path, choices, out):
    if isinstance(kind, T.StructType) and path not in choices:
        for f in kind.fields:
            _flat(value.getField(f.name), f.dataType, name + "." + f.name, path + (f.name,), choices, out)
    else:
        out.append((name, value, kind))


def null_fields(kind, path=()):
    """The paths of nested fields without a type."""
    if isinstance(kind, T.ArrayType):
        return null_fields(kind.elementType, path + (ELEMENT,)) if isinstance(kind.elementType, (T.StructType, T.ArrayType)) else []
    out = []
    for f in kind.fields if isinstance(kind, T.StructType) else []:
        if isinstance(f.dataType, T.NullType):
            out.append(path + (f.name,))
        else:
            out += null_fields(f.dataType, path + (f.name,))
    return out


def relationalize(df, root, staging):
    """The flat tables as (name, DataFrame), the root first. The array at path p is the table root_p with the columns
    id and index; the elements of an array c are c.val, so an array within them is root_c.val.d."""
    made = []
    _pivot(df, root, root, staging, made)
    return made


def _pivot(df, name, root, staging, made):
    df = flatten(df)
    for f in df.schema.fields:
        if isinstance(f.dataType, T.MapType):
            raise NotSupported("relationalize of the map %s; make it an array of structs first" % f.name)
    arrays = [f for f in df.schema.fields if isinstance(f.dataType, T.ArrayType)]
    if not arrays:
        made.append((name, df))
        return
    keyed = _fixed(df.withColumn("__id", F.monotonically_increasing_id() + F.lit(1)), staging, name)
    made.append((name, keyed.select(*[_key(f) for f in df.schema.fields])))
    for f in arrays:
        c = column(f.name)
        child = keyed.filter(c.isNotNull() & (F.size(c) > 0)).select(column("__id").alias("id"), F.posexplode(c).alias("index", "val"))
        child = child.select("id", "index", column("val").alias(f.name + ".val"))
        _pivot(child, root + "_" + f.name, root, staging, made)


def _key(f):
    if not isinstance(f.dataType, T.ArrayType):
        return column(f.name)
    return F.when(column(f.name).isNotNull(), column("__id")).alias(f.name)


def _fixed(df, staging, name):
    """The same rows with ids that stay, however often the tables are computed: written to the staging path, or else checkpointed."""
    if not staging:
        return df.localCheckpoint(eager=True)
    where = "%s/%s-%s" % (staging.rstrip("/"), "".join(c if c.isalnum() else "_" for c in name), uuid.uuid4().hex)
    casts.unnulled(df).write.parquet(where)
    return df.sparkSession.read.parquet(where)
