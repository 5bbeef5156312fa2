# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""XML by row tag: each element of that name is a record. The rules are those of docs/formats/xml.md."""

import bz2
import gzip
import re
import xml.parsers.expat

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
BAD = "the record cannot be read: "


class Options(object):
    """How elements become fields."""

    def __init__(self, tag, prefix="_", value="_VALUE", attributes=True, strip=False, empty_null=False, encoding=""):
        self.tag, self.prefix, self.value, self.attributes, self.strip = tag, prefix, value, attributes, strip
        self.empty_null, self.encoding = empty_null, encoding

    def scalar(self, text):
        """A text as the value that it says: a number, a truth value, or itself."""
        word = text.strip()
        if _WHOLE.match(word):
            return int(word)
        if _NUMBER.match(word):
            return float(word)
        if word in ("true", "false"):
            return word == "true"
        text = word if self.strip else text
        return None if self.empty_null and not text else text


def _text(data, encoding):
    """The bytes for the parser, and the encoding that it is to take in the place of the declared one."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace").encode("utf-8"), "utf-8"
    if encoding:
        return data.decode(encoding, "replace").encode("utf-8"), "utf-8"
    return data, None


class _Reader(object):
    """One document. Elements that are open within a record are [attributes, children by name, texts]."""

    def __init__(self, options, data):
        self.o, self.open, self.depth, self.done = options, [], 0, []
        self.data, encoding = _text(data, options.encoding)
        self.parser = xml.parsers.expat.ParserCreate(encoding)
        self.parser.buffer_text = self.parser.ordered_attributes = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.characters

    def records(self):
        """(True, record) for each, and (False, (message, text)) where one cannot be read."""
        try:
            self.parser.Parse(self.data, True)
        except xml.parsers.expat.ExpatError as e:
            rest = self.data[max(0, self.parser.ErrorByteIndex - 100):][:1000].decode("utf-8", "replace")
            self.done.append((False, (BAD + "%s" % e, rest)))
        return self.done

    def start(self, name, attributes):
        if self.open or name == self.o.tag:
            self.depth += name == self.o.tag
            if len(self.open) >= 200:
                raise xml.parsers.expat.ExpatError("elements lie more than 200 deep")
            self.open.append((name, dict(zip(attributes[::2], attributes[1::2])), {}, []))

    def characters(self, text):
        if self.open:
            self.open[-1][3].append(text)

    def end(self, name):
        if not self.open:
            return
        _, attributes, children, texts = self.open.pop()
        at = self.parser.CurrentByteIndex
        if not self.open and not children and not texts and self.data[at - 2:at] == b"/>":
            self.done.append((False, (BAD + "the row tag cannot be self-closing", "<%s/>" % name)))
            return
        value = self.element(attributes, children, "".join(texts), not self.open)
        if self.open:
            self.open[-1][2].setdefault(name, []).append(value)
        else:
            self.done.append((True, value))

    def element(self, attributes, children, text, row):
        out = {self.o.prefix + k: self.o.scalar(v) for k, v in attributes.items()} if self.o.attributes else {}
        for name, values in children.items():
            out[name] = values if len(values) > 1 else values[0]
        if not out and not row:
            return self.o.scalar(text)
        if text.strip():
            out[self.o.value] = self.o.scalar(text)
        return out


def parse(data, options, name=""):
    """The records of a file's bytes, unpacked as its name says."""
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    elif name.endswith((".bz2", ".bzip2")):
        data = bz2.decompress(data)
    return _Reader(options, data).records()


def shapes(value, path=()):
    """What a value says of the paths of fields: that one is a list or an object somewhere, that it has a value that is no text."""
    if isinstance(value, list):
        return {(path, "list")}.union(*[shapes(v, path) for v in value])
    if isinstance(value, dict):
        return {(path, "object")}.union(*[shapes(v, path + (k,)) for k, v in value.items()])
    return {(path, "typed")} if isinstance(value, (bool, int, float)) else {(path, "text")} if value else set()


def agreed(value, found, options, path=()):
    """The value with the shapes that any record has: a field that stands twice somewhere is a list everywhere, a text beside attributes is
    the value of an object, and an empty element is no value of what is no text."""
    if (path, "list") in found:
        values = value if isinstance(value, list) else [value]
        return [_one(v, found, options, path) for v in values]
    return _one(value, found, options, path)


def _one(value, found, options, path):
    if isinstance(value, dict):
        return {k: agreed(v, found, options, path + (k,)) for k, v in value.items()}
    if value == "" and ((path, "object") in found or (path, "typed") in found and (path, "text") not in found):
        return None
    if (path, "object") in found and value is not None:
        return {options.value: value}
    return value


def read(spark, files, options):
    """The records of files as an RDD of dicts, and the errors as an RDD of (message, text)."""
    found = spark.read.format("binaryFile").load([f.literal for f in files]).select("path", "content")
    pairs = found.rdd.flatMap(lambda r: parse(bytes(r[1]), options, r[0]))
    good = pairs.filter(lambda p: p[0]).map(lambda p: p[1])

    def of_part(values):
        return [set().union(*[shapes(v) for v in values])]
    found = set().union(*good.mapPartitions(of_part).collect())
    return good.map(lambda v: agreed(v, found, options)), pairs.filter(lambda p: not p[0]).map(lambda p: p[1])
