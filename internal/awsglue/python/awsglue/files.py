# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Files below paths: listing with times and sizes, exclusions, bounds, first lines. Spark's own file systems do the work."""

import json
import re

from pyspark.sql import functions as F

from awsglue.errors import DataError


class File(object):
    """One file: its path as Spark has it, its time of change in milliseconds since 1970, its length in bytes."""

    __slots__ = ("path", "time", "size")

    def __init__(self, path, time, size):
        self.path, self.time, self.size = path, time, size

    @property
    def folder(self):
        return self.path.rpartition("/")[0]

    @property
    def literal(self):
        """The path as a pattern that matches nothing else: Spark takes what it reads for patterns."""
        return re.sub(r"([\\*?\[\]{}])", r"\\\1", self.path)


def hadoop_path(spark, text):
    """A path of Hadoop, and its file system."""
    p = spark._jvm.org.apache.hadoop.fs.Path(text)
    return p, p.getFileSystem(spark._jsc.hadoopConfiguration())


def qualified(spark, text):
    """The path with its scheme, as listings have it."""
    p, fs = hadoop_path(spark, text)
    return fs.makeQualified(p).toString()


def listing(spark, roots, missing=False):
    """All files below the roots (files themselves are), in order of their paths; names that begin with _ or . are no data. A root that does
    not exist has no files if missing is allowed or it is a bucket's prefix, and is an error otherwise."""
    found, many = {}, []
    for root in roots:
        p, fs = hadoop_path(spark, root)
        if any(c in root for c in "*?{["):
            matches = fs.globStatus(p)
            if not matches:
                raise DataError("no file matches %s" % root)
            tops = [m.getPath() for m in matches]
        elif fs.exists(p):
            tops = [p]
        elif missing or fs.getUri().getScheme() in ("s3", "s3a", "s3n"):
            continue
        else:
            raise DataError("there is no file or folder %s" % root)
        for top in tops:
            few = _few(fs, top)
            if few is None:
                many.append(top.toString())
            else:
                found.update({f.path: f for f in few})
    if many:
        rows = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(many).select(
            "path", F.expr("unix_millis(modificationTime)").alias("t"), "length").collect()
        found.update({r[0]: File(r[0], r[1], r[2]) for r in rows})
    return sorted(found.values(), key=lambda f: f.path)


_FEW = 500  # files that are listed without a job of Spark's


def _few(fs, top):
    """The files below a path, or None when they are many."""
    out, base = [], len(fs.makeQualified(top).toString().rstrip("/")) + 1
    rows = fs.listFiles(top, True)
    while rows.hasNext():
        status = rows.next()
        path = status.getPath().toString()
        if any(hidden(name) for name in path[base:].split("/")):
            continue
        if len(out) == _FEW:
            return None
        out.append(File(path, status.getModificationTime(), status.getLen()))
    return out


def hidden(name):
    """Whether Spark takes a file or folder for no data."""
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def direct(spark, files, roots):
    """The files that are roots or lie directly in one, without those in folders below."""
    plain = {qualified(spark, r).rstrip("/") for r in roots if not any(c in r for c in "*?{[")}
    globbed = len(plain) < len(roots)
    return [f for f in files if globbed or f.path in plain or f.folder in plain]


def glob(pattern):
    """A glob of AWS Glue's exclusions as a regular expression: * within a folder, ** across folders, ?, [..], {a,b}, \\ and a literal."""
    out, at, depth = "", 0, 0
    while at < len(pattern):
        c = pattern[at]
        if pattern[at:at + 2] == "**":
            out, at = out + ".*", at + 2
            continue
        if c == "*":
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c == "[":
            end = pattern.find("]", at + 2)
            if end < 0:
                raise DataError("the exclusion %r has a [ without ]" % pattern)
            inner = pattern[at + 1:end].replace("\\", "\\\\")
            out += "(?!/)[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]"
            at = end
        elif c == "{":
            out, depth = out + "(?:", depth + 1
        elif c == "}" and depth:
            out, depth = out + ")", depth - 1
        elif c == "," and depth:
            out += "|"
        elif c == "\\" and at + 1 < len(pattern):
            at += 1
            out += re.escape(pattern[at])
        else:
            out += re.escape(c)
        at += 1
    if depth:
        raise DataError("the exclusion %r has a { without }" % pattern)
    return re.compile(out + r"\Z", re.DOTALL)


def exclusions(value):
    """The patterns of the option exclusions: a JSON list as text, or a list."""
    if value in (None, "", []):
        return []
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise DataError("exclusions is a JSON list of globs, not %r" % value)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise DataError("exclusions is a list of globs, not %r" % (value,))
    return [glob(v) for v in value]


def excluded(spark, files, roots, patterns):
    """The files without those that a pattern matches, by their whole path or by the path below a root."""
    if not patterns:
        return files
    bases = [qualified(spark, r).rstrip("/") + "/" for r in roots]

    def hit(f):
        names = [f.path] + [f.path[len(b):] for b in bases if f.path.startswith(b)]
        return any(p.match(n) for p in patterns for n in names)
    return [f for f in files if not hit(f)]


def bounded(files, count, size):
    """The oldest files, up to a number or until a size in bytes is reached."""
    if count and size:
        raise DataError("boundedFiles and boundedSize are not given together")
    if not count and not size:
        return files
    try:
        limit = int(count or size)
    except ValueError:
        raise DataError("%s is a number, not %r" % ("boundedFiles" if count else "boundedSize", count or size))
    if limit <= 0:
        raise DataError("%s is a positive number" % ("boundedFiles" if count else "boundedSize"))
    out, total = [], 0
    for f in sorted(files, key=lambda f: (f.time, f.path)):
        if (count and len(out) == limit) or (size and total >= limit):
            break
        out.append(f)
        total += f.size
    return sorted(out, key=lambda f: f.path)


def first_lines(spark, files, encoding="UTF-8"):
    """The first lines of files, in their order."""
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda f: first_line(spark, f.path, encoding), files))


def first_line(spark, path, encoding="UTF-8"):
    """The first line of a text file, unpacked as its name says; None of an empty file."""
    jvm = spark._jvm
    p, fs = hadoop_path(spark, path)
    codec = jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(spark._jsc.hadoopConfiguration()).getCodec(p)
    stream = fs.open(p)
    try:
        inner = stream if codec is None else codec.createInputStream(stream)
        return jvm.java.io.BufferedReader(jvm.java.io.InputStreamReader(inner, encoding)).readLine()
    finally:
        stream.close()


def write_text(spark, path, text):
    """Writes a small text file."""
    p, fs = hadoop_path(spark, path)
    out = fs.create(p, True)
    try:
        out.write(bytearray(text.encode("utf-8")))
    finally:
        out.close()
