# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""The types of a DynamicFrame's schema, and their counterparts in Spark."""

import json

from pyspark.sql import types as sparktypes

from awsglue.errors import DataError


class DataType(object):
    """The base of all types. properties are names and values without a meaning of their own."""

    def __init__(self, properties=None):
        self.properties = dict(properties or {})

    @classmethod
    def typeName(cls):
        return cls.__name__[:-4].lower()

    def jsonValue(self):
        return {"dataType": self.typeName(), "properties": self.properties}

    def __eq__(self, other):
        return type(self) is type(other) and self.jsonValue() == other.jsonValue()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(json.dumps(self.jsonValue(), sort_keys=True))

    def __repr__(self):
        return "%s(%s)" % (type(self).__name__, self.properties or "")

    def short(self):
        """The name as printSchema shows it."""
        return self.typeName()


class AtomicType(DataType):
    """A type without parts."""

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(json_value.get("properties"))


class BinaryType(AtomicType):
    """Bytes."""


class BooleanType(AtomicType):
    """True or false."""


class ByteType(AtomicType):
    """A whole number of 8 bits."""


class DateType(AtomicType):
    """A day."""


class DoubleType(AtomicType):
    """A floating-point number of 64 bits."""


class FloatType(AtomicType):
    """A floating-point number of 32 bits."""


class IntegerType(AtomicType):
    """A whole number of 32 bits."""

    @classmethod
    def typeName(cls):
        return "int"


class LongType(AtomicType):
    """A whole number of 64 bits."""


class NullType(AtomicType):
    """The type of a field that never has a value."""


class ShortType(AtomicType):
    """A whole number of 16 bits."""


class StringType(AtomicType):
    """Text."""


class TimestampType(AtomicType):
    """An instant."""


class UnknownType(AtomicType):
    """A type that is not known."""


class DecimalType(AtomicType):
    """A decimal number."""

    def __init__(self, precision=10, scale=2, properties=None):
        super().__init__(properties)
        self.precision, self.scale = precision, scale

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(json_value.get("precision", 10), json_value.get("scale", 2), json_value.get("properties"))

    def jsonValue(self):
        return dict(super().jsonValue(), precision=self.precision, scale=self.scale)

    def short(self):
        return "decimal(%d,%d)" % (self.precision, self.scale)


class EnumType(AtomicType):
    """One of a list of texts."""

    def __init__(self, options, properties=None):
        super().__init__(properties)
        self.options = list(options)

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(json_value["options"], json_value.get("properties"))

    def jsonValue(self):
        return dict(super().jsonValue(), options=self.options)


class ArrayType(DataType):
    """A list of values of one type."""

    def __init__(self, elementType=None, properties=None):
        super().__init__(properties)
        self.elementType = elementType or UnknownType()

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(_type(json_value["elementType"]), json_value.get("properties"))

    def jsonValue(self):
        return dict(super().jsonValue(), elementType=self.elementType.jsonValue())


class MapType(DataType):
    """Texts with a value each."""

    def __init__(self, valueType=None, properties=None):
        super().__init__(properties)
        self.valueType = valueType or UnknownType()

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(_type(json_value["valueType"]), json_value.get("properties"))

    def jsonValue(self):
        return dict(super().jsonValue(), valueType=self.valueType.jsonValue())


class ChoiceType(DataType):
    """A field whose values are of several types."""

    def __init__(self, choices=None, properties=None):
        super().__init__(properties)
        self.choices = {}
        for choice in choices or []:
            self.add(choice)

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls([_type(c) for c in json_value["choices"]], json_value.get("properties"))

    def add(self, new_choice):
        """Adds one type; types of one name are one choice."""
        self.choices[new_choice.typeName()] = new_choice

    def merge(self, new_choices):
        """Adds a type, a choice's types, or a list of types."""
        if isinstance(new_choices, ChoiceType):
            new_choices = list(new_choices.choices.values())
        for choice in new_choices if isinstance(new_choices, (list, tuple)) else [new_choices]:
            self.add(choice)

    def jsonValue(self):
        return dict(super().jsonValue(), choices=[self.choices[k].jsonValue() for k in sorted(self.choices)])


class Field(object):
    """A named type in a structure."""

    def __init__(self, name, dataType, properties=None):
        self.name, self.dataType, self.properties = name, dataType, dict(properties or {})

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(json_value["name"], _type(json_value["container"]), json_value.get("properties"))

    def jsonValue(self):
        return {"name": self.name, "container": self.dataType.jsonValue(), "properties": self.properties}

    def __eq__(self, other):
        return isinstance(other, Field) and self.jsonValue() == other.jsonValue()

    def __hash__(self):
        return hash(json.dumps(self.jsonValue(), sort_keys=True))

    def __repr__(self):
        return "Field(%s, %r)" % (self.name, self.dataType)


class StructType(DataType):
    """Named fields."""

    def __init__(self, fields=None, properties=None):
        super().__init__(properties)
        self.fields = list(fields or [])

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls([Field.fromJsonValue(f) for f in json_value["fields"]], json_value.get("properties"))

    @property
    def field_map(self):
        return {f.name: f for f in self.fields}

    def add(self, field):
        self.fields.append(field)

    def hasField(self, field):
        return getattr(field, "name", field) in self.field_map

    def getField(self, field):
        return self.field_map[getattr(field, "name", field)]

    def __iter__(self):
        return iter(self.fields)

    def jsonValue(self):
        return dict(super().jsonValue(), fields=[f.jsonValue() for f in self.fields])

    def treeString(self):
        """The schema as lines, in AWS's form."""
        return "root\n" + "".join(_tree(f.name, f.dataType, 0) for f in self.fields)


class EntityType(DataType):
    """Declared by AWS and never filled."""

    def __init__(self, entity, base_type, properties=None):
        raise NotImplementedError("EntityType is not implemented, as it is not in AWS Glue")


def _tree(name, kind, depth):
    lead = "|    " * depth + "|-- "
    if isinstance(kind, ChoiceType):
        inner = [kind.choices[k] for k in sorted(kind.choices)]
        return "%s%s: choice\n" % (lead, name) + "".join(
            _tree(c.short(), c, depth + 1) if isinstance(c, (StructType, ArrayType)) else "|    " * (depth + 1) + "|-- " + c.short() + "\n"
            for c in inner)
    out = "%s%s: %s\n" % (lead, name, kind.short())
    if isinstance(kind, StructType):
        out += "".join(_tree(f.name, f.dataType, depth + 1) for f in kind.fields)
    elif isinstance(kind, ArrayType):
        out += _tree("element", kind.elementType, depth + 1)
    elif isinstance(kind, MapType):
        out += "|    " * (depth + 1) + "|-- keyType: string\n" + _tree("valueType", kind.valueType, depth + 1)
    return out


_ATOMS = {c.typeName(): c for c in (BinaryType, BooleanType, ByteType, DateType, DoubleType, FloatType, IntegerType, LongType, NullType,
                                    ShortType, StringType, TimestampType, UnknownType, DecimalType, EnumType)}
_ATOMS["integer"] = IntegerType
_NESTED = {"array": ArrayType, "map": MapType, "choice": ChoiceType, "struct": StructType}


def _type(json_value):
    name = json_value["dataType"].lower()
    cls = _NESTED.get(name) or _ATOMS.get(name)
    if cls is None:
        raise DataError("%r is not a type of AWS Glue" % name)
    return cls.fromJsonValue(json_value)


_SPARK = ((sparktypes.BinaryType, BinaryType), (sparktypes.BooleanType, BooleanType), (sparktypes.ByteType, ByteType),
          (sparktypes.DateType, DateType), (sparktypes.DoubleType, DoubleType), (sparktypes.FloatType, FloatType),
          (sparktypes.IntegerType, IntegerType), (sparktypes.LongType, LongType), (sparktypes.NullType, NullType),
          (sparktypes.ShortType, ShortType), (sparktypes.StringType, StringType), (sparktypes.TimestampType, TimestampType))


def from_spark(kind, choices=(), path=(), nulls=()):
    """The Glue type of a Spark type. choices are paths (tuples of names, "[]" for an array's elements) that hold a choice, nulls those
    that never hold a value."""
    if path in nulls:
        return NullType()
    if path in choices and isinstance(kind, sparktypes.StructType):
        return ChoiceType([from_spark(f.dataType) for f in kind.fields])
    if isinstance(kind, sparktypes.StructType):
        return StructType([Field(f.name, from_spark(f.dataType, choices, path + (f.name,), nulls)) for f in kind.fields])
    if isinstance(kind, sparktypes.ArrayType):
        return ArrayType(from_spark(kind.elementType, choices, path + ("[]",), nulls))
    if isinstance(kind, sparktypes.MapType):
        return MapType(from_spark(kind.valueType, choices, path + ("[]",), nulls))
    if isinstance(kind, sparktypes.DecimalType):
        return DecimalType(kind.precision, kind.scale)
    for spark, glue in _SPARK:
        if type(kind) is spark:
            return glue()
    if kind.typeName() in ("char", "varchar"):
        return StringType()
    if kind.typeName() == "timestamp_ntz":
        return TimestampType()
    return UnknownType()


def to_spark(kind):
    """The Spark type of a Glue type. A choice is a struct with a field for each of its types."""
    if isinstance(kind, StructType):
        return sparktypes.StructType([sparktypes.StructField(f.name, to_spark(f.dataType)) for f in kind.fields])
    if isinstance(kind, ArrayType):
        return sparktypes.ArrayType(to_spark(kind.elementType))
    if isinstance(kind, MapType):
        return sparktypes.MapType(sparktypes.StringType(), to_spark(kind.valueType))
    if isinstance(kind, ChoiceType):
        return sparktypes.StructType([sparktypes.StructField(k, to_spark(kind.choices[k])) for k in sorted(kind.choices)])
    if isinstance(kind, DecimalType):
        return sparktypes.DecimalType(kind.precision, kind.scale)
    if isinstance(kind, (EnumType, UnknownType)):
        return sparktypes.StringType()
    for spark, glue in _SPARK:
        if type(kind) is glue:
            return spark()
    raise DataError("%r has no counterpart in Spark" % kind)


_NAMES = {"string": "string", "char": "string", "varchar": "string", "int": "int", "integer": "int", "long": "bigint", "bigint": "bigint",
          "short": "smallint", "smallint": "smallint", "byte": "tinyint", "tinyint": "tinyint", "float": "float", "double": "double",
          "boolean": "boolean", "bool": "boolean", "date": "date", "timestamp": "timestamp", "binary": "binary", "null": "void"}


def parse(name):
    """The Spark type that a name in a mapping or a resolution means: int, long, decimal(10,2), array, ... None for the words struct,
    array, map and choice, which say nothing but that a value is not simple."""
    word = str(name).strip().lower()
    if word in ("struct", "array", "map", "choice", "set"):
        return None
    if word == "decimal":
        return sparktypes.DecimalType(10, 2)
    if word in ("null", "void"):
        return sparktypes.NullType()
    if word in _NAMES:
        return _simple(_NAMES[word])
    try:
        return ddl(word)
    except DataError:
        raise DataError("%r is not a type of AWS Glue" % (name,))


def _simple(word):
    for cls in (sparktypes.StringType, sparktypes.IntegerType, sparktypes.LongType, sparktypes.ShortType, sparktypes.ByteType,
                sparktypes.FloatType, sparktypes.DoubleType, sparktypes.BooleanType, sparktypes.DateType, sparktypes.TimestampType,
                sparktypes.BinaryType):
        if cls().simpleString() == word:
            return cls()
    raise DataError("%r is not a simple type" % word)


def ddl(text):
    """The Spark type of a Hive type such as struct<a:int,b:array<string>>."""
    kind, rest = _ddl(text.strip(), 0)
    if rest != len(text.strip()):
        raise DataError("%r is not a type: nothing may follow %r" % (text, text[:rest]))
    return kind


def _ddl(text, at):
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] in "_ ") and text[end] not in "<>(),:":
        end += 1
    word = text[at:end].strip().lower()
    if word in ("array", "map", "struct") and text[end:end + 1] == "<":
        return _nested(word, text, end + 1)
    if text[end:end + 1] == "(":
        close = text.find(")", end)
        numbers = [n.strip() for n in text[end + 1:close].split(",")]
        if close < 0 or not all(n.isdigit() for n in numbers):
            raise DataError("%r is not a type" % text)
        if word in ("decimal", "numeric"):
            return sparktypes.DecimalType(int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0), close + 1
        if word in ("char", "varchar"):
            return sparktypes.StringType(), close + 1
        raise DataError("%r is not a type" % text)
    if word in ("decimal", "numeric"):
        return sparktypes.DecimalType(10, 0), end
    if word in ("null", "void"):
        return sparktypes.NullType(), end
    if word not in _NAMES:
        raise DataError("%r is not a type" % (word or text))
    return _simple(_NAMES[word]), end


def _nested(word, text, at):
    if word == "struct":
        fields = []
        while True:
            colon = text.find(":", at)
            if colon < 0:
                raise DataError("%r is not a type: a field is name:type" % text)
            kind, end = _ddl(text, _skip(text, colon + 1))
            fields.append(sparktypes.StructField(text[at:colon].strip().strip("`"), kind))
            at = _skip(text, end)
            if text[at:at + 1] == ",":
                at = _skip(text, at + 1)
                continue
            break
        made = sparktypes.StructType(fields)
    else:
        first, at = _ddl(text, _skip(text, at))
        at = _skip(text, at)
        if word == "map":
            if text[at:at + 1] != ",":
                raise DataError("%r is not a type: map<key,value>" % text)
            second, at = _ddl(text, _skip(text, at + 1))
            at = _skip(text, at)
            made = sparktypes.MapType(first, second)
        else:
            made = sparktypes.ArrayType(first)
    if text[at:at + 1] != ">":
        raise DataError("%r is not a type: > is missing" % text)
    return made, at + 1


def _skip(text, at):
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def hive(kind):
    """The name that the Data Catalog has for a Spark type."""
    if isinstance(kind, sparktypes.StructType):
        return "struct<%s>" % ",".join("%s:%s" % (f.name, hive(f.dataType)) for f in kind.fields)
    if isinstance(kind, sparktypes.ArrayType):
        return "array<%s>" % hive(kind.elementType)
    if isinstance(kind, sparktypes.MapType):
        return "map<%s,%s>" % (hive(kind.keyType), hive(kind.valueType))
    if isinstance(kind, sparktypes.NullType):
        return "string"
    if kind.typeName() == "timestamp_ntz":
        return "timestamp"
    return kind.simpleString()


def __getattr__(name):
    if name in ("SetType", "UnionType"):
        from awsglue.errors import NotSupported
        raise NotSupported("the type %s: no source gives it" % name)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
