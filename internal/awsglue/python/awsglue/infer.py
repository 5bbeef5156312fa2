# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Types of data that has no schema: which fields of JSON are int, long or a choice, and which texts fit the catalog's types."""

from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue import casts, choice as choices, gluetypes, paths
from awsglue.errors import DataError, NotSupported
from awsglue.paths import ELEMENT

_BOUND = 1 << 31


def leaves(kind, path=()):
    """The paths and types of all scalar fields."""
    if isinstance(kind, T.StructType):
        return [x for f in kind.fields for x in leaves(f.dataType, path + (f.name,))]
    if isinstance(kind, T.ArrayType):
        return leaves(kind.elementType, path + (ELEMENT,))
    return [(path, kind)]


def replaced(kind, change, path=()):
    """The type with scalars replaced by what change(path, type) returns."""
    if isinstance(kind, T.StructType):
        return T.StructType([T.StructField(f.name, replaced(f.dataType, change, path + (f.name,))) for f in kind.fields])
    if isinstance(kind, T.ArrayType):
        return T.ArrayType(replaced(kind.elementType, change, path + (ELEMENT,)))
    return change(path, kind)


def any_at(value, path, test):
    """Whether test holds of any value at a path below a column."""
    for i, name in enumerate(path):
        if name == ELEMENT:
            tail = path[i + 1:]
            return F.coalesce(F.exists(value, lambda e: F.coalesce(any_at(e, tail, test), F.lit(False))), F.lit(False))
        value = value.getField(name)
    return test(value)


def json_frame(raw, schema, parse):
    """The DataFrame of JSON, its numbers and choices as AWS Glue has them: a whole number is int, or long where one is beyond 32 bits; a
    field that holds whole numbers and fractions is a choice of int and double; one with numbers or truth values and texts is a choice too.

    raw reads the records as JSON text of one column; schema is Spark's own inference; parse(schema) reads the records by a schema.
    Returns the DataFrame, the paths of choices, and those of fields without a value in any record (text that is always NULL).
    """
    numeric = [(p, k) for p, k in leaves(schema) if isinstance(k, (T.LongType, T.DoubleType, T.StringType))]
    if not numeric:
        return parse(schema), set(), set()
    seen = _seen(raw, schema, numeric)
    narrow, parts, nothing = {}, {}, set()
    for i, (path, kind) in enumerate(numeric):
        whole, fractions, truths, texts, wide = seen[i]
        integer = T.LongType() if wide else T.IntegerType()
        kinds = [k for k, n in ((integer, whole), (T.DoubleType(), fractions), (T.BooleanType(), truths), (T.StringType(), texts)) if n]
        if len(kinds) > 1:
            parts[path] = kinds
        elif not kinds:
            nothing.add(path)
        elif isinstance(kind, T.LongType):
            narrow[path] = integer
    df = parse(replaced(schema, lambda p, k: T.StringType() if p in parts else narrow.get(p, k)))
    if not parts:
        return df, set(), nothing
    return _split(raw, schema, narrow, parts) + (nothing,)


def _seen(raw, schema, numeric):
    """For each path: are there whole numbers, fractions, truth values, texts, and numbers beyond 32 bits?"""
    value = F.col("value")

    def probe(kind):
        return replaced(schema, lambda p, k: kind if isinstance(k, (T.LongType, T.DoubleType, T.StringType)) else k)
    parsed = raw.select(*[F.from_json(value, probe(k)).alias(n) for n, k in
                          (("l", T.LongType()), ("d", T.DoubleType()), ("b", T.BooleanType()), ("s", T.StringType()))])
    out = []
    for i, (path, kind) in enumerate(numeric):
        strings = isinstance(kind, T.StringType)
        mixed = strings or isinstance(kind, T.DoubleType)
        # The number of values of a record at the path that each schema could read. A text reads as text only, a whole number as three.
        counts = [_count(F.col(n), path) for n in ("l", "d", "b", "s")]
        never = F.lit(0)
        whole, number, truth, any_value = counts
        out += [F.max(F.when(whole > 0, 1).otherwise(0)),
                F.max(F.when(number > whole, 1).otherwise(0)) if mixed else F.max(never),
                F.max(F.when(truth > 0, 1).otherwise(0)) if strings else F.max(never),
                F.max(F.when(any_value > number + truth, 1).otherwise(0)) if strings else F.max(never),
                F.max(F.when(any_at(F.col("l"), path, lambda v: (v >= _BOUND) | (v < -_BOUND)), 1).otherwise(0))]
    row = parsed.agg(*[c.alias("c%d" % i) for i, c in enumerate(out)]).collect()[0]
    return [[bool(v) for v in row[i:i + 5]] for i in range(0, len(out), 5)]


def _count(value, path):
    """How many values there are at a path."""
    for i, name in enumerate(path):
        if name == ELEMENT:
            tail = path[i + 1:]
            return F.coalesce(F.aggregate(value, F.lit(0), lambda n, e: n + _count(e, tail)), F.lit(0))
        value = value.getField(name)
    return F.when(value.isNotNull(), 1).otherwise(0)


def _split(raw, schema, narrow, parts):
    """The DataFrame with a struct at each choice: the record is parsed with each type there, and the branches are put together."""
    order = [T.LongType(), T.DoubleType(), T.BooleanType(), T.StringType()]
    value, parsed = F.col("value"), []
    for i, kind in enumerate(order):
        one = replaced(schema, lambda p, k: kind if p in parts else narrow.get(p, k))
        parsed.append(F.from_json(value, one).alias("p%d" % i))
    df = raw.select(*parsed)

    def build(kind, path, branches):
        if path in parts:
            whole, number, truth, text = branches
            made = []
            for k in parts[path]:
                if isinstance(k, (T.IntegerType, T.LongType)):
                    made.append((k, whole.cast(k)))
                elif isinstance(k, T.DoubleType):
                    made.append((k, F.when(whole.isNull(), number)))
                elif isinstance(k, T.BooleanType):
                    made.append((k, truth))
                else:
                    made.append((k, F.when(number.isNull() & truth.isNull(), text)))
            return choices.make(made)
        if not any(p[:len(path)] == path for p in parts):
            return branches[0]
        if isinstance(kind, T.StructType):
            inner = [build(f.dataType, path + (f.name,), [b.getField(f.name) for b in branches]).alias(f.name) for f in kind.fields]
            return F.when(branches[0].isNotNull(), F.struct(*inner)) if path else F.struct(*inner)
        names = [str(i) for i in range(len(branches))]
        zipped = F.transform(F.sequence(F.lit(0), F.size(branches[0]) - 1), lambda i: F.struct(
            *[F.element_at(b, i + 1).alias("z" + n) for n, b in zip(names, branches)]))
        made = F.transform(zipped, lambda e: build(kind.elementType, path + (ELEMENT,), [e.getField("z" + n) for n in names]))
        empty = F.array().cast(T.ArrayType(_built(kind.elementType, path + (ELEMENT,), parts, narrow)))
        return F.when(F.size(branches[0]) > 0, made).when(branches[0].isNotNull(), empty)
    out = build(schema, (), [F.col("p%d" % i) for i in range(4)])
    return df.select(out.alias("r")).select("r.*"), set(parts)


def _built(kind, path, parts, narrow):
    """The type that build gives."""
    if path in parts:
        return T.StructType([T.StructField(choices.name_of(k), k) for k in sorted(parts[path], key=choices.name_of)])
    if isinstance(kind, T.StructType):
        return T.StructType([T.StructField(f.name, _built(f.dataType, path + (f.name,), parts, narrow)) for f in kind.fields])
    if isinstance(kind, T.ArrayType):
        return T.ArrayType(_built(kind.elementType, path + (ELEMENT,), parts, narrow))
    return narrow.get(path, kind)


def fitted(df, wanted):
    """Columns of text as the types that the catalog has for them. A column with a text that does not fit becomes a choice of its type and
    string, as AWS Glue reads it. Returns the DataFrame and the paths of choices."""
    typed = [(n, k) for n, k in wanted.items() if not isinstance(k, T.StringType)]
    if not typed:
        return df, set()
    tests = []
    for name, kind in typed:
        value = paths.column(name)
        tests.append(F.max(F.when(value.isNotNull() & (value != "") & casts.cast(value, T.StringType(), kind).isNull(), 1).otherwise(0)))
    row = df.agg(*[t.alias("t%d" % i) for i, t in enumerate(tests)]).collect()[0]
    misfits = {typed[i][0] for i in range(len(typed)) if row[i]}
    out = []
    for f in df.schema.fields:
        value, kind = paths.column(f.name), wanted.get(f.name, f.dataType)
        made = casts.cast(value, f.dataType, kind)
        if f.name in misfits:
            made = choices.make([(kind, made), (T.StringType(), F.when(made.isNull() & (value != ""), value))])
        out.append(made.alias(f.name))
    return df.select(*out), {(n,) for n in misfits}


def unbox(df, path, form, options):
    """df with the JSON text at a path parsed. Returns it and the paths of choices below."""
    options = {k: v for k, v in options.items() if v not in (None, "", False)}
    if str(form).lower() != "json":
        raise NotSupported("unbox of the format %r" % (form,))
    given = options.pop("withSchema", None)
    if options:
        raise NotSupported("the option %r of unbox" % sorted(options)[0])
    spark = df.sparkSession
    if given is not None:
        import json
        kind = gluetypes.to_spark(gluetypes._type(json.loads(given) if isinstance(given, str) else given))
        return paths.edit(df, path, lambda value, _: [(None, F.from_json(value, kind))]), set()
    raw = df.select(paths.get(path).alias("value")).filter(F.col("value").isNotNull())
    schema = spark.read.json(raw.rdd.map(lambda r: r[0]))
    if "_corrupt_record" in schema.columns:
        raise DataError("unbox: a text of %s is no JSON object: %s" % (
            paths.show(path), schema.filter("_corrupt_record is not null").limit(1).collect()[0]["_corrupt_record"]))
    kind = replaced(schema.schema, lambda p, k: k)
    wide = _seen(raw, kind, [(p, k) for p, k in leaves(kind) if isinstance(k, T.LongType)]) if any(
        isinstance(k, T.LongType) for _, k in leaves(kind)) else []
    longs = [p for p, k in leaves(kind) if isinstance(k, T.LongType)]
    narrow = {p: T.IntegerType() for p, w in zip(longs, wide) if not w[4]}
    kind = replaced(kind, lambda p, k: narrow.get(p, k))
    return paths.edit(df, path, lambda value, _: [(None, F.from_json(value, kind))]), set()
