"""Values so that nothing is rounded: floats as the integer of their bits, decimals as unscaled text, timestamps as microseconds, dates as
days, binary in hexadecimal, maps as lists of pairs, structs as lists. Package columntest writes them alike.
"""
import decimal
import json
import os
import struct
import sys

import pyarrow as pa


def plain(v, t):
    """The value as it stands in the JSON file; v is as pyarrow takes it."""
    if v is None or pa.types.is_boolean(t) or pa.types.is_integer(t) or pa.types.is_string(t):
        return v
    if pa.types.is_date(t) or pa.types.is_timestamp(t):
        return v
    if pa.types.is_floating(t):
        return bits(v, t.bit_width)
    if pa.types.is_binary(t):
        return v.hex()
    if pa.types.is_decimal(t):
        return "0" if v == 0 else str(int(v.scaleb(t.scale, decimal.Context(prec=60))))
    if pa.types.is_list(t):
        return [plain(x, t.value_type) for x in v]
    if pa.types.is_map(t):
        return [[plain(k, t.key_type), plain(x, t.item_type)] for k, x in v]
    return [plain(v[f.name], f.type) for f in t]


def bits(v, width):
    if v != v:
        return "nan"
    return struct.unpack("<i" if width == 32 else "<q", struct.pack("<f" if width == 32 else "<d", v))[0]


def read_back(v, t):
    """A value that pyarrow has read, as in the JSON file. Columns of days and times have become integers."""
    if v is None or isinstance(v, (bool, int)):
        return v
    if pa.types.is_list(t):
        return [read_back(x, t.value_type) for x in v]
    if pa.types.is_map(t):
        return [[read_back(k, t.key_type), read_back(x, t.item_type)] for k, x in v]
    if pa.types.is_struct(t):
        return [read_back(v[f.name], f.type) for f in t]
    return plain(v, t)


def numbers(t):
    """The type in which days and times are read as integers."""
    if pa.types.is_date(t):
        return pa.int32()
    if pa.types.is_timestamp(t):
        return pa.int64()
    if pa.types.is_list(t):
        return pa.list_(numbers(t.value_type))
    if pa.types.is_map(t):
        return pa.map_(numbers(t.key_type), numbers(t.item_type))
    if pa.types.is_struct(t):
        return pa.struct([pa.field(f.name, numbers(f.type)) for f in t])
    return t


def micros(t):
    """The type with microseconds for nanoseconds."""
    if pa.types.is_timestamp(t):
        return pa.timestamp("us", tz=t.tz)
    if pa.types.is_list(t):
        return pa.list_(micros(t.value_type))
    if pa.types.is_map(t):
        return pa.map_(micros(t.key_type), micros(t.item_type))
    if pa.types.is_struct(t):
        return pa.struct([pa.field(f.name, micros(f.type)) for f in t])
    return t


def relabel(array, f):
    """An array with f of its type, leaf by leaf."""
    t = array.type
    if pa.types.is_struct(t):
        parts = [relabel(array.field(i), f) for i in range(t.num_fields)]
        return pa.StructArray.from_arrays(parts, names=[x.name for x in t], mask=array.is_null()) if parts else array
    if pa.types.is_list(t):
        return pa.ListArray.from_arrays(array.offsets, relabel(array.values, f), mask=array.is_null())
    if pa.types.is_map(t):
        keys, items = relabel(array.keys, f), relabel(array.items, f)
        return pa.MapArray.from_arrays(array.offsets, keys, items, mask=array.is_null())
    return array.cast(micros(t)).cast(f(t)) if t != f(t) else array


def exact(column):
    """The values of a column that pyarrow has read."""
    arrays = [relabel(x, numbers) for x in column.chunks]
    return [read_back(v, a.type) for a in arrays for v in a.to_pylist()]


def check(folder, ending, read):
    """Reads each NAME.ending, as read(path) gives a table, and compares it with NAME.json: {"types": [...], "rows": [[...], ...]}."""
    for name in sorted(os.listdir(folder)):
        if not name.endswith(ending):
            continue
        with open(os.path.join(folder, name[:-len(ending)] + ".json")) as f:
            want = json.load(f)
        table = read(os.path.join(folder, name))
        if table.num_rows != len(want["rows"]):
            sys.exit("%s: %d rows, not %d" % (name, table.num_rows, len(want["rows"])))
        for c, column in enumerate(table.columns):
            for i, v in enumerate(exact(column)):
                if v != want["rows"][i][c]:
                    sys.exit("%s: row %d, column %d (%s): %r, not %r" % (name, i, c, want["types"][c], v, want["rows"][i][c]))
