# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Choices: fields whose values are of several types. In the DataFrame below a frame, a choice is a struct with one field for each type,
of which at most one is filled; the frame keeps the paths of those structs."""

from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue import casts, gluetypes, paths
from awsglue.errors import DataError

_WHOLE = {T.ByteType, T.ShortType, T.IntegerType, T.LongType}
ACTIONS = ("cast", "project", "make_cols", "make_struct", "match_catalog")


def name_of(kind):
    """The name of a type within a choice: int, long, string, double, struct..."""
    return gluetypes.from_spark(kind).typeName()


def make(parts):
    """A choice of (type, column) pairs; each column is NULL unless the value is of that type."""
    named = sorted(((name_of(kind), value) for kind, value in parts), key=lambda p: p[0])
    any_set = None
    for _, value in named:
        any_set = value.isNotNull() if any_set is None else any_set | value.isNotNull()
    return F.when(any_set, F.struct(*[v.alias(n) for n, v in named]))


def pick(action):
    """Splits "cast:int" into ("cast", type); other actions have no type."""
    word, colon, name = str(action).partition(":")
    word = word.strip().lower()
    if word not in ACTIONS or (word in ("cast", "project")) != bool(colon):
        raise DataError("%r is not an action of resolveChoice: cast:TYPE, project:TYPE, make_cols, make_struct, match_catalog" % (action,))
    if not colon:
        return word, None
    kind = gluetypes.parse(name)
    return word, (kind if kind is not None else name.strip().lower())


def resolve(df, path, is_choice, action, kind):
    """Returns df with one action applied at a path."""
    if action == "make_struct":
        return df
    if action == "make_cols":
        return _make_cols(df, path) if is_choice else df

    def change(value, have):
        if not is_choice:
            if isinstance(kind, str):
                return [(None, value)]
            if action == "cast":
                return [(None, casts.cast(value, have, kind))]
            return [(None, value if name_of(have) == name_of(kind) else F.lit(None).cast(kind))]
        if action == "project" or isinstance(kind, str):
            wanted = kind if isinstance(kind, str) else name_of(kind)
            for f in have.fields:
                if f.name == wanted:
                    return [(None, value.getField(f.name))]
            if isinstance(kind, str):
                raise DataError("the choice %s has no %s" % (paths.show(path), kind))
            return [(None, F.lit(None).cast(kind))]
        return [(None, F.coalesce(*[casts.cast(value.getField(f.name), f.dataType, kind) for f in have.fields]))]
    return paths.edit(df, path, change)


def fit(df, found, kind, base=()):
    """df with the choices below a path cast to what a type wants in their places; a choice for which it has no place stays. found are the
    paths of the choices."""
    for path in sorted(found, key=len, reverse=True):
        want = paths.typed(kind, path[len(base):]) if path[:len(base)] == tuple(base) else None
        if want is not None and not casts_same(want, paths.typed(df.schema, path)):
            df = resolve(df, path, True, "cast", want)
    return df


def cast_rows(df, found, kind):
    """df with its rows cast to a type, choices resolved."""
    df = fit(df, found, kind)
    row = F.struct(*[paths.column(c) for c in df.columns])
    return df.select(casts.cast(row, df.schema, kind).alias("r")).select("r.*")


def _make_cols(df, path):
    base = path[-1]

    def change(value, have):
        return [("%s_%s" % (base, f.name), value.getField(f.name)) for f in have.fields]
    if base == paths.ELEMENT:
        raise DataError("make_cols cannot split the elements of the array %s; use cast, project or make_struct" % paths.show(path[:-1]))
    return paths.edit(df, path, change)


def union(left, right):
    """Two DataFrames one below the other, by name; a column that only one has is NULL in the other, and one whose types differ becomes a
    choice. Returns the DataFrame and the paths of the new choices."""
    ours = {f.name: f.dataType for f in left.schema.fields}
    theirs = {f.name: f.dataType for f in right.schema.fields}
    found = []
    l_out, r_out = [paths.column(n) for n in ours], []
    for i, (name, kind) in enumerate(ours.items()):
        other = theirs.get(name)
        if other is None:
            r_out.append(F.lit(None).cast(kind).alias(name))
        elif isinstance(other, T.NullType):
            r_out.append(F.lit(None).cast(kind).alias(name))
        elif isinstance(kind, T.NullType):
            l_out[i] = F.lit(None).cast(other).alias(name)
            r_out.append(paths.column(name))
        elif kind == other or casts_same(kind, other):
            r_out.append(paths.column(name))
        elif name_of(kind) != name_of(other) and not {type(kind), type(other)} <= _WHOLE:
            a, b = paths.column(name), paths.column(name)
            l_out[i] = make([(kind, a), (other, F.lit(None).cast(other))]).alias(name)
            r_out.append(make([(kind, F.lit(None).cast(kind)), (other, b)]).alias(name))
            found.append((name,))
        else:  # whole numbers of different widths; structs, arrays and decimals of different parts
            want = merged(kind, other)
            l_out[i] = casts.cast(paths.column(name), kind, want).alias(name)
            r_out.append(casts.cast(paths.column(name), other, want).alias(name))
    for name, kind in theirs.items():
        if name not in ours:
            l_out.append(F.lit(None).cast(kind).alias(name))
            r_out.append(paths.column(name))
    return left.select(*l_out).unionByName(right.select(*r_out)), found


def casts_same(a, b):
    """Reports whether two types differ in nullability alone."""
    return a.simpleString() == b.simpleString()


def merged(a, b):
    """A type that holds the values of two types of one kind without loss; parts of unlike kinds become text."""
    if isinstance(a, T.StructType) and isinstance(b, T.StructType):
        out = {f.name: f.dataType for f in a.fields}
        for f in b.fields:
            out[f.name] = merged(out[f.name], f.dataType) if f.name in out else f.dataType
        return T.StructType([T.StructField(n, k) for n, k in out.items()])
    if isinstance(a, T.ArrayType) and isinstance(b, T.ArrayType):
        return T.ArrayType(merged(a.elementType, b.elementType))
    if isinstance(a, T.MapType) and isinstance(b, T.MapType):
        return T.MapType(a.keyType, merged(a.valueType, b.valueType))
    if isinstance(a, T.NullType) or isinstance(b, T.NullType):
        return b if isinstance(a, T.NullType) else a
    if isinstance(a, T.DecimalType) and isinstance(b, T.DecimalType):
        scale = max(a.scale, b.scale)
        whole = max(a.precision - a.scale, b.precision - b.scale)
        return T.DecimalType(min(38, whole + scale), scale) if whole + scale <= 38 else T.StringType()
    whole = [T.ByteType, T.ShortType, T.IntegerType, T.LongType]
    if type(a) in whole and type(b) in whole:
        return a if whole.index(type(a)) >= whole.index(type(b)) else b
    if casts_same(a, b):
        return a
    if {type(a), type(b)} <= {T.FloatType, T.DoubleType, T.ByteType, T.ShortType, T.IntegerType}:
        return T.DoubleType()
    return T.StringType()
