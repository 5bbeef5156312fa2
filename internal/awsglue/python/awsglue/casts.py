# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""The one rule of conversion of values: what does not fit is NULL, never something else."""

from pyspark.sql import functions as F
from pyspark.sql import types as T

_INTEGER = r"^\s*[+-]?[0-9]+\s*$"
_NUMBER = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_SPECIAL = r"^\s*[+-]?(NaN|Infinity)\s*$"
_DAY = r"^\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T].*)?$"
_WIDTH = {T.ByteType: 8, T.ShortType: 16, T.IntegerType: 32, T.LongType: 64}


def is_scalar(kind):
    """Reports whether a type has no parts."""
    return not isinstance(kind, (T.StructType, T.ArrayType, T.MapType))


def cast(value, have, want):
    """The column value, of type have, as type want. Text becomes a number only if it is one: '1.5' is no int and neither is '12 apples',
    numbers beyond the range of want are NULL, text is true or false by those words only. Fractions of numbers are cut off, decimals are
    rounded half up. Nested values become JSON text; text is never parsed into nested values."""
    if have == want:
        return value
    if isinstance(have, T.NullType):
        return F.lit(None).cast(want)
    if isinstance(want, T.StringType) and not is_scalar(have):
        return F.to_json(value)
    if not is_scalar(have) or not is_scalar(want):
        return _nested(value, have, want)
    if isinstance(have, T.StringType):
        return _text(value, want)
    narrows = isinstance(have, (T.FloatType, T.DoubleType, T.DecimalType)) or _WIDTH.get(type(have), 0) > _WIDTH.get(type(want), 64)
    if type(want) in _WIDTH and narrows:
        bits = _WIDTH[type(want)] - 1
        whole = T.DecimalType(20, 0)
        return F.when((value > F.lit(str(-(1 << bits) - 1)).cast(whole)) & (value < F.lit(str(1 << bits)).cast(whole)), value.cast(want))
    return value.cast(want)


def _text(value, want):
    if type(want) in _WIDTH:
        return F.when(value.rlike(_INTEGER), F.trim(value).cast(want))
    if isinstance(want, (T.FloatType, T.DoubleType)):
        return F.when(value.rlike(_NUMBER) | value.rlike(_SPECIAL), F.trim(value).cast(want))
    if isinstance(want, T.DecimalType):
        return F.when(value.rlike(_NUMBER), F.trim(value).cast(want))
    if isinstance(want, T.BooleanType):
        word = F.lower(F.trim(value))
        return F.when(word == "true", F.lit(True)).when(word == "false", F.lit(False))
    if isinstance(want, (T.DateType, T.TimestampType)):
        return F.when(value.rlike(_DAY), F.trim(value).cast(want))
    return value.cast(want)


def _nested(value, have, want):
    """Nested values of the same shape, part by part; NULL where the shapes differ."""
    if isinstance(have, T.StructType) and isinstance(want, T.StructType):
        parts = []
        for f in want.fields:
            mine = next((h for h in have.fields if h.name == f.name), None) or next(
                (h for h in have.fields if h.name.lower() == f.name.lower()), None)
            part = F.lit(None).cast(f.dataType) if mine is None else cast(value.getField(mine.name), mine.dataType, f.dataType)
            parts.append(part.alias(f.name))
        return F.when(value.isNotNull(), F.struct(*parts))
    if isinstance(have, T.ArrayType) and isinstance(want, T.ArrayType):
        return F.transform(value, lambda e: cast(e, have.elementType, want.elementType))
    if isinstance(have, T.MapType) and isinstance(want, T.MapType) and have.keyType == want.keyType:
        return F.transform_values(value, lambda _, e: cast(e, have.valueType, want.valueType))
    return F.lit(None).cast(want)


def unnulled(df):
    """df without columns of the type of NULL, which no file format holds: they become text that is always NULL."""
    def known(kind):
        if isinstance(kind, T.NullType):
            return T.StringType()
        if isinstance(kind, T.StructType):
            return T.StructType([T.StructField(f.name, known(f.dataType)) for f in kind.fields])
        if isinstance(kind, T.ArrayType):
            return T.ArrayType(known(kind.elementType))
        if isinstance(kind, T.MapType):
            return T.MapType(kind.keyType, known(kind.valueType))
        return kind

    def plain(kind):  # without nullability, which known() drops too
        return kind.jsonValue() if is_scalar(kind) else str(kind.simpleString())

    from awsglue.paths import column
    out, changed = [], False
    for f in df.schema.fields:
        want = known(f.dataType)
        if plain(want) == plain(f.dataType):
            out.append(column(f.name))
        else:
            changed = True
            out.append(column(f.name).cast(want).alias(f.name))
    return df.select(*out) if changed else df
