# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Fields of nested tables: selected, dropped, moved, and mapped to others."""

from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue import casts, choice as choices, paths
from awsglue.errors import DataError


def mapping(m):
    if not isinstance(m, (tuple, list)) or len(m) not in (2, 3, 4):
        raise DataError("apply_mapping: a mapping is (source, source type, target, target type), not %r" % (m,))
    if len(m) == 2:
        return m[0], None, m[1], None
    if len(m) == 3:
        return m[0], None, m[1], m[2]
    return tuple(m)


def read(schema, path):
    """The column at a path; through arrays, an array of the values."""
    def rest(value, kind, path):
        for i, name in enumerate(path):
            if name == paths.ELEMENT:
                if i + 1 == len(path):
                    return value
                inner = kind.elementType
                tail = path[i + 1:]
                return F.transform(value, lambda e: rest(e, inner, tail))
            value, kind = value.getField(name), paths.typed(kind, (name,))
        return value
    return rest(paths.column(path[0]), paths.typed(schema, path[:1]), path[1:])


def through(schema, path):
    """The type of what _read gives."""
    kind = paths.typed(schema, path)
    inside = [i for i, n in enumerate(path) if n == paths.ELEMENT]
    if path[-1] == paths.ELEMENT:
        inside = inside[:-1]
        kind = T.ArrayType(kind)
    for _ in inside:
        kind = T.ArrayType(kind)
    return kind


def rewrap(have, want):
    return T.ArrayType(rewrap(have.elementType, want)) if isinstance(have, T.ArrayType) else want


def branch(value, kind, source, want):
    """One branch of a choice: that of the source type, or all of them cast to the target's type when there is none."""
    for f in kind.fields:
        if source is not None and f.name == choices.name_of(source):
            return value.getField(f.name), f.dataType
    if want is None:
        return value, kind
    return F.coalesce(*[casts.cast(value.getField(f.name), f.dataType, want) for f in kind.fields]), want


def put(tree, order, path, value):
    """Adds a column at a path of a tree of dicts; order is that of the first names."""
    if paths.ELEMENT in path:
        raise DataError("apply_mapping: a target is a name or a path of names, not %s" % paths.show(path))
    if path[0] not in tree:
        order.append(path[0])
    at = tree
    for name in path[:-1]:
        at = at.setdefault(name, {})
        if not isinstance(at, dict):
            raise DataError("apply_mapping: %s is the target of one mapping, and a struct in another" % paths.show(path))
    if path[-1] in at:
        raise DataError("apply_mapping: two mappings have the target %s" % paths.show(path))
    at[path[-1]] = value


def build(node):
    if isinstance(node, dict):
        return F.struct(*[build(v).alias(n) for n, v in node.items()])
    return node


def dotted(path):
    return ".".join(paths.quote(n) for n in path)


def select(df, wanted):
    """Only what lies at the paths, nested fields within their structs."""
    top = []
    for p in wanted:
        if p[0] not in top:
            top.append(p[0])
    out = []
    for name in top:
        mine = [p for p in wanted if p[0] == name]
        if any(len(p) == 1 for p in mine):
            out.append(paths.column(name))
        else:
            kind = next(f.dataType for f in df.schema.fields if f.name == name)
            out.append(prune(paths.column(name), kind, [p[1:] for p in mine]).alias(name))
    return df.select(*out)


def prune(value, kind, wanted):
    if any(not p for p in wanted):
        return value
    if isinstance(kind, T.ArrayType):
        return F.transform(value, lambda e: prune(e, kind.elementType, [p[1:] for p in wanted]))
    parts = []
    for f in kind.fields:
        mine = [p[1:] for p in wanted if p[0] == f.name]
        if mine:
            parts.append(prune(value.getField(f.name), f.dataType, mine).alias(f.name))
    return F.when(value.isNotNull(), F.struct(*parts))


def drop(df, wanted):
    for p in sorted(set(wanted), key=len, reverse=True):
        if paths.typed(df.schema, p) is not None:
            df = paths.edit(df, p, lambda value, kind: [])
    return df


def insert(df, path, value):
    """df with a column at a path; structs on the way are made."""
    if len(path) == 1:
        return df.withColumn(path[0], value)
    kind = next((f.dataType for f in df.schema.fields if f.name == path[0]), None)
    if kind is None:
        for name in reversed(path[1:]):
            value = F.struct(value.alias(name))
        return df.withColumn(path[0], value)
    if not isinstance(kind, T.StructType):
        raise DataError("%s is no struct" % path[0])
    for name in reversed(path[2:]):
        value = F.struct(value.alias(name))
    return df.withColumn(path[0], paths.column(path[0]).withField(paths.quote(path[1]), value))
