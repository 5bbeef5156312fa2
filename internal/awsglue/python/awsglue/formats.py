# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""The formats of files, read and written by Spark with AWS Glue's options."""

import codecs
import json
import re

from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue import casts, choice as choices, files as fs, infer, paths
from awsglue.errors import DataError, NotSupported, only, truth

# Options that only tell AWS Glue how to be fast; they change no row.
_INERT = {"optimizePerformance", "optimizeperformance", "batchSize", "blockSize", "pageSize", "useGlueParquetWriter", "multiLineOptimized"}
_READ = {
    "csv": {"separator", "escaper", "quoteChar", "multiLine", "multiline", "withHeader", "skipFirst", "encoding"},
    "json": {"jsonPath", "multiLine", "multiline", "encoding"},
    "parquet": set(), "orc": set(), "avro": {"version"},
    "xml": {"rowTag", "encoding", "excludeAttribute", "treatEmptyValuesAsNulls", "attributePrefix", "valueTag", "ignoreSurroundingSpaces",
            "withSchema"},
}
_WRITE = {
    "csv": {"separator", "quoteChar", "writeHeader", "escaper", "compression", "multiLine", "multiline"},
    "json": {"compression", "multiLine", "multiline"},
    "parquet": {"compression"}, "orc": {"compression"}, "avro": {"version", "compression"},
}
_CODECS = {
    "csv": {"none", "uncompressed", "gzip", "bzip2", "lz4", "snappy", "deflate"},
    "json": {"none", "uncompressed", "gzip", "bzip2", "lz4", "snappy", "deflate"},
    "parquet": {"none", "uncompressed", "snappy", "gzip", "lz4", "zstd"},
    "orc": {"none", "uncompressed", "snappy", "zlib", "lz4", "zstd"},
    "avro": {"none", "uncompressed", "snappy", "deflate", "bzip2", "zstandard"},
}
_EXTENSIONS = {"gz": "gzip", "gzip": "gzip", "bz2": "bzip2", "bzip2": "bzip2", "bzip": "bzip2"}


def check_read(form, options, connection):
    """The name of a format that can be read, and its options, checked. What is not there is refused by name."""
    if not form:
        raise DataError("a format is needed: csv, json, parquet, orc, avro or xml")
    name = str(form).lower()
    if name in ("ion", "groklog", "hudi", "delta", "iceberg", "excel"):
        raise NotSupported("the format %r" % (form,))
    if name == "glueparquet":
        raise DataError("glueparquet is a format for writing; read parquet")
    if name not in _READ:
        raise NotSupported("the format %r" % (form,))
    options = dict(options or {})
    only(options, _READ[name] | _INERT, "the format %s" % name)
    kind = str(connection.get("compressionType") or "").lower()
    if kind not in ("", "none") and kind not in ("gzip", "bzip", "bzip2"):
        raise NotSupported("the compressionType %r" % kind)
    for key in ("separator", "escaper"):
        if options.get(key) not in (None, "", "none") and len(options[key]) != 1:
            raise DataError("%s is one character, not %r" % (key, options[key]))
    for key in ("multiLine", "multiline", "withHeader", "skipFirst", "excludeAttribute", "treatEmptyValuesAsNulls",
                "ignoreSurroundingSpaces"):
        if key in options:
            truth(options[key], key)
    if name == "csv" and truth(options.get("withHeader", False), "withHeader") and truth(options.get("skipFirst", False), "skipFirst"):
        raise NotSupported("skipFirst together with withHeader")
    if name == "xml" and not options.get("rowTag"):
        raise DataError("the format xml needs the option rowTag")
    if name == "xml" and options.get("encoding"):
        try:
            codecs.lookup(options["encoding"])
        except LookupError:
            raise DataError("there is no encoding %r" % options["encoding"])
    return name, options


def check_write(form, options, connection):
    """The name of a format that can be written, its options and its codec ("" for the default), checked."""
    if not form:
        raise DataError("a format is needed: csv, json, parquet, glueparquet, orc or avro")
    name = {"glueparquet": "parquet"}.get(str(form).lower(), str(form).lower())
    if name not in _WRITE:
        raise NotSupported("writing the format %r" % (form,))
    options = dict(options or {})
    only(options, _WRITE[name] | _INERT | ({"withHeader"} if name == "csv" else set()), "the format %s for writing" % name)
    codec = str(options.get("compression") or connection.get("compression") or "").lower()
    codec = {"gz": "gzip", "bzip": "bzip2"}.get(codec, codec)
    if codec and codec not in _CODECS[name]:
        raise NotSupported("the compression %r of %s" % (codec, name))
    if options.get("separator") is not None and len(str(options["separator"])) != 1:
        raise DataError("separator is one character, not %r" % (options["separator"],))
    if "writeHeader" in options:
        truth(options["writeHeader"], "writeHeader")
    return name, options, codec


class Read(object):
    """What a read gives: the DataFrame, the paths of its choices, the DataFrames of records that could not be read, and the paths of
    fields without a value in any record. none: there was no file to read."""

    def __init__(self, df, choices=(), errors=(), nulls=(), none=False):
        self.df, self.choices, self.errors, self.nulls, self.none = df, set(choices), list(errors), set(nulls), none


def read(glue, name, options, files, connection):
    """Reads files whose schema is taken from them."""
    if not files:
        return Read(glue.spark_session.createDataFrame([], T.StructType([])), none=True)
    _extensions(name, files, connection)
    if name == "csv":
        return _csv(glue, options, files)
    if name == "json":
        return _json(glue, options, files)
    names = [f.literal for f in files]
    if name == "xml":
        return _xml(glue, options, files)
    reader = plain_reader(glue.spark_session, name, options)
    for key, value in connection.items():
        if key in ("mergeSchema", "basePath", "pathGlobFilter"):
            reader = reader.option(key, value)
    return Read(reader.load(names))


def _extensions(name, files, connection):
    """compressionType is what the files' names must say, since Spark goes by them."""
    kind = str(connection.get("compressionType") or "").lower().replace("bzip2", "bzip").replace("bzip", "bzip2")
    if kind in ("", "none"):
        return
    for f in files:
        if _EXTENSIONS.get(f.path.rpartition(".")[2].lower()) != kind:
            raise NotSupported("compressionType %r of a file whose name does not end so: %s" % (kind, f.path))


def plain_reader(spark, name, options):
    """A reader of a format that holds its own schema."""
    if name == "avro":
        if str(options.get("version") or "1.7") not in ("1.7", "1.8"):
            raise DataError("the version of avro is 1.7 or 1.8, not %r" % options["version"])
        require_source(spark, "avro", "org.apache.spark:spark-avro")
    return spark.read.format(name)


def require_source(spark, name, package):
    """Refuses a format whose Spark package is not there."""
    jvm = spark._jvm
    try:
        jvm.org.apache.spark.sql.execution.datasources.DataSource.lookupDataSource(name, spark._jsparkSession.sessionState().conf())
    except Exception:  # py4j wraps ClassNotFoundException and AnalysisException alike
        raise NotSupported("the format %s without its Spark package: start the job with --packages %s of your Spark's version" % (
            name, package))


def csv_options(options, reading):
    """Spark's options for those of AWS Glue. Quotes within quoted text are doubled; no blanks are cut off."""
    out = {"sep": options.get("separator") or ",", "ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"}
    quote = options.get("quoteChar", '"')
    if str(quote) == "-1":
        out["quote"] = "\u0000" if not reading else ""
    elif not isinstance(quote, str) or len(quote) != 1:
        raise DataError("quoteChar is one character, or -1, not %r" % (quote,))
    else:
        out["quote"] = quote
    escaper = options.get("escaper")
    if reading and escaper not in (None, "", "none"):
        out["escape"] = escaper
    elif out["quote"] not in ("", "\u0000"):
        out["escape"] = out["quote"]
    if options.get("encoding"):
        out["encoding"] = options["encoding"]
    if reading and truth(options.get("multiLine", options.get("multiline", False)), "multiLine"):
        out["multiLine"] = "true"
    return out


def _csv(glue, options, files):
    """All columns are text. Files with a header are put together by their columns' names, as AWS Glue does; without one the columns are
    col0, col1, ..."""
    spark = glue.spark_session
    given = csv_options(options, True)
    if not truth(options.get("withHeader", False), "withHeader"):
        df = spark.read.options(**given).csv([f.literal for f in files])
        if truth(options.get("skipFirst", False), "skipFirst"):
            schema = T.StructType([T.StructField("col%d" % i, T.StringType()) for i in range(len(df.columns))])
            return Read(spark.read.options(header="true", enforceSchema="true", **given).schema(schema).csv([f.literal for f in files]))
        return Read(df.toDF(*["col%d" % i for i in range(len(df.columns))]))
    groups = {}
    for f, line in zip(files, fs.first_lines(spark, files, options.get("encoding") or "UTF-8")):
        if line is not None:
            groups.setdefault(line, []).append(f.literal)
    df = None
    for same in groups.values():
        one = spark.read.options(header="true", enforceSchema="false", **given).csv(same)
        df = one if df is None else df.unionByName(one, allowMissingColumns=True)
    return Read(df if df is not None else spark.createDataFrame([], T.StructType([])))


_STEP = re.compile(r"\.([A-Za-z_][A-Za-z_0-9-]*)|\[\s*'([^']*)'\s*\]|\[\s*\"([^\"]*)\"\s*\]|\[\s*(\*)\s*\]|\[\s*(\d+)\s*\]|\.(\*)")


def json_path(text):
    """The steps of a JSON path: names, numbers, and None for every element."""
    if not text.startswith("$"):
        raise DataError("a jsonPath begins with $, not %r" % text)
    at, steps = 1, []
    while at < len(text):
        m = _STEP.match(text, at)
        if m is None:
            raise NotSupported("the jsonPath %r from %r on" % (text, text[at:]))
        name = m.group(1) or m.group(2) or m.group(3)
        steps.append(name if name is not None else int(m.group(5)) if m.group(5) is not None else None)
        at = m.end()
    return steps


def _walk(value, steps):
    if not steps:
        return [value]
    step, rest = steps[0], steps[1:]
    if step is None:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [v for one in inner for v in _walk(one, rest)]
    if isinstance(step, int):
        return _walk(value[step], rest) if isinstance(value, list) and step < len(value) else []
    return _walk(value[step], rest) if isinstance(value, dict) and step in value else []


def _documents(text):
    """The JSON values of a text, one after another; what cannot be read ends it, as (False, rest)."""
    decoder, at = json.JSONDecoder(), 1 if text.startswith("\ufeff") else 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text):
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError as e:
            yield False, ("%s" % e, text[at:at + 1000])
            return
        yield True, value


def _records(text, steps):
    """The records of a file or a line as (True, JSON text), and what is none as (False, (message, text))."""
    for ok, value in _documents(text):
        if not ok:
            yield False, value
            continue
        for found in _walk(value, steps):
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, dict):
                    yield True, json.dumps(one)
                else:
                    yield False, ("a record is a JSON object", json.dumps(one)[:1000])


def _json(glue, options, files):
    spark, names = glue.spark_session, [f.literal for f in files]
    if options.get("encoding") and str(options["encoding"]).upper() not in ("UTF-8", "UTF8"):
        raise NotSupported("the encoding %r of json" % options["encoding"])
    whole = truth(options.get("multiLine", options.get("multiline", False)), "multiLine")
    steps = json_path(options["jsonPath"]) if options.get("jsonPath") else []
    value = F.col("value")
    errors = []
    if whole or steps:
        text = spark.read.text(names, wholetext=whole)
        pairs = text.rdd.flatMap(lambda r: _records(r[0], steps))
        lines = pairs.filter(lambda p: p[0]).map(lambda p: p[1])
        inferred = spark.read.json(lines).schema
        raw = spark.createDataFrame(lines.map(lambda t: (t,)), T.StructType([T.StructField("value", T.StringType())]), verifySchema=False)
        errors = [spark.createDataFrame(pairs.filter(lambda p: not p[0]).map(lambda p: (p[1],)), _ERRORS, verifySchema=False)]
    else:
        inferred = spark.read.json(names).schema
        text = spark.read.text(names).filter(F.trim(value) != "")
        raw = text.select(F.explode(F.when(F.trim(value).startswith("["), F.from_json(value, T.ArrayType(T.StringType())))
                                    .otherwise(F.array(value))).alias("value"))
    if "_corrupt_record" in inferred.names:
        inferred = T.StructType([f for f in inferred.fields if f.name != "_corrupt_record"])
        glue._warn("%s: lines that are no JSON objects are left out; errorsCount() counts them%s" % (
            files[0].folder, "" if inferred.fields else ". Objects over several lines are read with \"multiLine\": True"))
        probe = raw.withColumn("__ok", F.from_json(value, T.MapType(T.StringType(), T.StringType()), {"mode": "PERMISSIVE"}))
        errors.append(probe.filter(F.col("__ok").isNull()).select(
            F.struct(F.lit("the line is no JSON object").alias("msg"), value.alias("record")).alias("error")))
        raw = probe.filter(F.col("__ok").isNotNull()).select("value")
    if not inferred.fields:
        return Read(spark.createDataFrame([], inferred), (), errors)
    df, found, nulls = infer.json_frame(raw, inferred, lambda schema: raw.select(F.from_json(value, schema).alias("r")).select("r.*"))
    return Read(df, found, errors, nulls)


_ERRORS = T.StructType([T.StructField("error", T.StructType([
    T.StructField("msg", T.StringType()), T.StructField("record", T.StringType())]))])


def _xml(glue, options, files):
    """XML by row tag, on every Spark: its own reader needs a package before Spark 4."""
    from awsglue import gluetypes, records, xmlrows
    spark = glue.spark_session
    said = {k: truth(options.get(k) or False, k) for k in ("excludeAttribute", "ignoreSurroundingSpaces", "treatEmptyValuesAsNulls")}
    how = xmlrows.Options(options["rowTag"], options.get("attributePrefix", "_"), options.get("valueTag") or "_VALUE",
                          not said["excludeAttribute"], said["ignoreSurroundingSpaces"], said["treatEmptyValuesAsNulls"],
                          options.get("encoding") or "")
    rows, bad = xmlrows.read(spark, files, how)
    df, found = records.frame(spark, rows)
    errors = [spark.createDataFrame(bad.map(lambda e: (e,)), _ERRORS, verifySchema=False)]
    if options.get("withSchema"):
        kind = gluetypes.to_spark(gluetypes._type(json.loads(options["withSchema"])))
        return Read(choices.cast_rows(df, found, kind), (), errors)
    return Read(df, found, errors)


def write(df, name, options, codec, path, keys):
    """Appends a DataFrame to the files below a path, by folders k=v of the partition keys."""
    if name == "avro":
        require_source(df.sparkSession, "avro", "org.apache.spark:spark-avro")
        if str(options.get("version") or "1.7") == "1.7":
            df = df.select(*[paths.column(f.name).cast("string").alias(f.name)
                             if isinstance(f.dataType, (T.DecimalType, T.DateType, T.TimestampType)) else paths.column(f.name)
                             for f in df.schema.fields])
    df = casts.unnulled(df)
    if name == "csv":
        nested = [f.name for f in df.schema.fields if not casts.is_scalar(f.dataType)]
        if nested:
            raise DataError("csv cannot hold the nested field %s: unnest or relationalize the frame, or drop the field" % nested[0])
        out = csv_options(options, False)
        out["header"] = "true" if truth(options.get("writeHeader", True), "writeHeader") else "false"
        writer = df.write.options(**out)
    else:
        writer = df.write
    writer = writer.format(name).mode("append")
    if codec:
        writer = writer.option("compression", codec)
    if keys:
        writer = writer.partitionBy(*keys)
    writer.save(path)
