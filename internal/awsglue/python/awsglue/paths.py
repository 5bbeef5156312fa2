# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Paths into nested columns: parsing, finding, and editing what lies at a path.

A path is a tuple of names; ELEMENT stands for the elements of an array: "list[].price" is ("list", "[]", "price"). A name with a dot in it
stands in back-ticks.
"""

from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue.errors import DataError

ELEMENT = "[]"


def split(text):
    """The path that a text means."""
    if not isinstance(text, str) or not text:
        raise DataError("a path is a text such as a.b, not %r" % (text,))
    parts, at = [], 0
    while at < len(text):
        if text[at] == "`":
            end = text.find("`", at + 1)
            if end < 0:
                raise DataError("the path %r has a back-tick that is never closed" % text)
            parts.append(text[at + 1:end])
            at = end + 1
        else:
            end = at
            while end < len(text) and text[end] not in ".`" and text[end:end + 2] != ELEMENT:
                end += 1
            if end > at:
                parts.append(text[at:end])
            at = end
        while text[at:at + 2] == ELEMENT:
            parts.append(ELEMENT)
            at += 2
        if at < len(text):
            if text[at] != "." or at + 1 == len(text):
                raise DataError("the path %r cannot be read" % text)
            at += 1
    return tuple(parts)


def quote(name):
    """A column's name as Spark reads it."""
    return "`" + name.replace("`", "``") + "`"


def column(name):
    """The top-level column of a name, whatever characters it has."""
    return F.col(quote(name))


def field(struct, name):
    """A struct type's field, by its name exactly or else without regard to case; None when there is none."""
    for f in struct.fields:
        if f.name == name:
            return f
    for f in struct.fields:
        if f.name.lower() == name.lower():
            return f
    return None


def resolve(schema, text):
    """The path of a text as the schema spells it, and its type, or (None, None). A column whose name holds dots is found without
    back-ticks too, when nothing nested has the path."""
    found = _resolve(schema, split(text))
    if found[0] is None and "." in text:
        f = field(schema, text)
        if f is not None:
            return (f.name,), f.dataType
    return found


def _resolve(schema, path):
    kind, out = schema, []
    for name in path:
        if isinstance(kind, T.ArrayType) and name != ELEMENT:
            kind = kind.elementType
            out.append(ELEMENT)
        if name == ELEMENT:
            if not isinstance(kind, T.ArrayType):
                return None, None
            kind = kind.elementType
            out.append(ELEMENT)
            continue
        if not isinstance(kind, T.StructType):
            return None, None
        f = field(kind, name)
        if f is None:
            return None, None
        out.append(f.name)
        kind = f.dataType
    return tuple(out), kind


def typed(schema, path):
    """The type at an exact path, or None."""
    kind = schema
    for name in path:
        if name == ELEMENT:
            kind = kind.elementType if isinstance(kind, T.ArrayType) else None
        else:
            kind = next((f.dataType for f in kind.fields if f.name == name), None) if isinstance(kind, T.StructType) else None
        if kind is None:
            return None
    return kind


def get(path):
    """The value at a path without arrays, as a column."""
    value = column(path[0])
    for name in path[1:]:
        if name == ELEMENT:
            raise DataError("the path %s goes through an array" % show(path))
        value = value.getField(name)
    return value


def show(path):
    """A path as text."""
    out = ""
    for name in path:
        part = "`%s`" % name if "." in name else name
        out += part if name == ELEMENT or not out else "." + part
    return out


def edit(df, path, change):
    """Returns df with what lies at path replaced. change(column, type) returns a list of (name, column), which may be empty; the name is
    None to keep it."""
    out = []
    for f in df.schema.fields:
        if f.name == path[0]:
            for name, value in _edit(column(f.name), f.dataType, f.name, path[1:], change):
                out.append(value.alias(name))
        else:
            out.append(column(f.name))
    return df.select(*out)


def _edit(value, kind, name, rest, change):
    if not rest:
        return [(new or name, v) for new, v in change(value, kind)]
    if rest[0] == ELEMENT:
        return [(name, F.transform(value, _inside(kind.elementType, rest[1:], change)))]
    fields = []
    for f in kind.fields:
        if f.name == rest[0]:
            fields += _edit(value.getField(f.name), f.dataType, f.name, rest[1:], change)
        else:
            fields.append((f.name, value.getField(f.name)))
    if not fields:
        return []
    made = F.struct(*[v.alias(n) for n, v in fields])
    return [(name, F.when(value.isNotNull(), made))]


def _inside(kind, rest, change):
    def one(element):
        made = _edit(element, kind, "element", rest, change)
        if len(made) != 1:
            raise DataError("the elements of an array can be changed but neither dropped nor split; name a field of theirs")
        return made[0][1]
    return one
