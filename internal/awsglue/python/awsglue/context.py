# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""GlueContext: where a script reads from and writes to."""

import datetime
import sys
import time
import warnings

from pyspark.sql import SparkSession, SQLContext
from pyspark.sql import functions as F

from awsglue import aws, bookmark, catalog, data_sink, files as fs, formats, jdbc, paths, records, sparkcatalog
from awsglue.data_sink import DataSink, DataSource
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection, DynamicFrameReader, DynamicFrameWriter
from awsglue.errors import DataError, NotSupported, only, truth

# Calls that AWS Glue has and this package has not. A script that makes one is refused before it begins.
MISSING = {
    "forEachBatch": "streaming (forEachBatch)", "transition_s3_path": "storage classes (transition_s3_path)",
    "transition_table": "storage classes (transition_table)", "start_transaction": "transactions of governed tables (start_transaction)",
    "commit_transaction": "transactions of governed tables (commit_transaction)",
    "cancel_transaction": "transactions of governed tables (cancel_transaction)", "FindMatches": "FindMatches",
    "FindIncrementalMatches": "FindIncrementalMatches", "FillMissingValues": "FillMissingValues", "unnest_ddb_json": "unnest_ddb_json",
    "simplify_ddb_json": "simplify_ddb_json",
    "EntityDetector": "EntityDetector (detection of personal data)",
}


def check_script(path):
    """Refuses a script that calls what is not there, by its name and line."""
    try:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        if not any(name in text for name in MISSING):  # to parse takes time, and most scripts have none of the words
            return
        import ast
        tree = ast.parse(text, path)
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        name = None
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if name == "apply" and isinstance(node.func.value, ast.Name):
                name = node.func.value.id
        if name in MISSING:
            raise NotSupported("%s; line %d of %s calls it" % (MISSING[name], node.lineno, path))


class GlueContext(SQLContext):
    """Reads and writes DynamicFrames. It is an SQLContext too."""

    def __init__(self, sparkContext):
        session = sparkContext if isinstance(sparkContext, SparkSession) else SparkSession.builder.getOrCreate()
        main = getattr(sys.modules.get("__main__"), "__file__", None)
        if main and main.endswith(".py"):
            check_script(main)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            super().__init__(session.sparkContext, session)
        self._session, self._client = session, aws.Glue()
        self._bookmark = bookmark.Bookmark("")
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = DataFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)
        self.write_data_frame = DataFrameWriter(self)
        sparkcatalog.install(self)

    @property
    def spark_session(self):
        return self._session

    def get_logger(self):
        """A logger with debug, info, warn, error."""
        return _Logger(self._session)

    def getLogger(self):
        return self.get_logger()

    def _warn(self, text):
        print("awsglue: " + text, file=sys.stderr)

    def _catalog(self, catalog_id=None):
        return catalog.Catalog(self, catalog_id)

    def _forget(self, database, name):
        """A table has changed: Spark SQL reads it anew."""
        sparkcatalog.forget(database, name)

    def _job_names(self):
        return self._bookmark._job, self._bookmark._run

    # Reading

    def getSource(self, connection_type, transformation_ctx="", format=None, **options):
        """A DataSource: setFormat, then getFrame."""
        source = DataSource(self, connection_type, options, transformation_ctx)
        if format:
            source.setFormat(format)
        return source

    def create_dynamic_frame_from_rdd(self, data, name, schema=None, sample_ratio=None, transformation_ctx=""):
        """A frame of an RDD or list of rows, dicts or tuples; with a schema of Spark or of awsglue.gluetypes, or one taken from all of
        them."""
        if sample_ratio is not None and not 0 < float(sample_ratio) <= 1:
            raise DataError("sample_ratio is a share above 0 and up to 1, not %r" % sample_ratio)
        rdd = data if hasattr(data, "mapPartitions") else self._session.sparkContext.parallelize(data)
        if schema is not None:
            from awsglue import gluetypes
            kind = gluetypes.to_spark(schema) if isinstance(schema, gluetypes.DataType) else schema
            return DynamicFrame(self._session.createDataFrame(rdd, kind), self, name)
        first = rdd.take(1)
        if first and not isinstance(first[0], dict) and not hasattr(first[0], "__fields__"):
            return DynamicFrame(self._session.createDataFrame(rdd, samplingRatio=1.0 if sample_ratio is None else sample_ratio), self, name)
        df, found = records.frame(self._session, rdd)
        return DynamicFrame(df, self, name)._next(df, found)

    def create_dynamic_frame_from_options(self, connection_type, connection_options=None, format=None, format_options=None,
                                          transformation_ctx="", push_down_predicate="", **kwargs):
        """A frame of files or of a database's table."""
        only(kwargs, (), "create_dynamic_frame_from_options")
        if push_down_predicate:
            raise NotSupported("push_down_predicate of from_options; it chooses partitions of a table: from_catalog")
        source = DataSource(self, connection_type, connection_options or {}, transformation_ctx)
        if format:
            source.setFormat(format, **dict(format_options or {}))
        return source.getFrame()

    def create_dynamic_frame_from_catalog(self, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="",
                                          push_down_predicate="", additional_options=None, catalog_id=None, **kwargs):
        """A frame of a table of the Data Catalog. redshift_tmp_dir is accepted: no copy through files is made here."""
        if "name_space" in kwargs:
            database = kwargs.pop("name_space")
        if "tableName" in kwargs:
            table_name = kwargs.pop("tableName")
        only(kwargs, (), "create_dynamic_frame_from_catalog")
        options = dict(additional_options or {})
        only(options, _CATALOG_READ, "from_catalog (additional_options)")
        one = self._catalog(catalog_id)
        place = one.table(database, table_name).jdbc()
        if place is not None:
            if push_down_predicate or options.get("catalogPartitionPredicate"):
                raise DataError("the table %s.%s of a database has no partitions that a predicate could choose" % (database, table_name))
            given = {k: v for k, v in options.items() if k in jdbc._KNOWN}
            given.update(connectionName=place[0], database=place[1], dbtable=place[2])
            return self._read_jdbc("jdbc", given, transformation_ctx, table_name)
        got = one.read(database, table_name, push_down_predicate, options, transformation_ctx)
        return self._frame(got, table_name)

    def create_sample_dynamic_frame_from_catalog(self, database, table_name, num, redshift_tmp_dir="", transformation_ctx="",
                                                 push_down_predicate="", additional_options=None, sample_options=None, catalog_id=None):
        """The first num records of a table, as a frame."""
        _sample_options(sample_options)
        frame = self.create_dynamic_frame_from_catalog(database, table_name, redshift_tmp_dir, transformation_ctx, push_down_predicate,
                                                       additional_options, catalog_id)
        return frame._next(frame.toDF().limit(int(num)))

    def create_sample_dynamic_frame_from_options(self, connection_type, connection_options=None, num=None, sample_options=None, format=None,
                                                 format_options=None, transformation_ctx=""):
        """The first num records of a source, as a frame."""
        _sample_options(sample_options)
        if num is None:
            raise DataError("create_sample_dynamic_frame_from_options needs num")
        frame = self.create_dynamic_frame_from_options(connection_type, connection_options, format, format_options, transformation_ctx)
        return frame._next(frame.toDF().limit(int(num)))

    def create_data_frame_from_catalog(self, database, table_name, transformation_ctx="", additional_options=None, redshift_tmp_dir="",
                                       push_down_predicate="", catalog_id=None, **kwargs):
        """A DataFrame of a table of files. Streaming tables are refused."""
        options = dict(additional_options or {})
        for key in ("startingPosition", "startingOffsets", "inferSchema", "maxFetchTimeInMs", "classification"):
            if options.get(key):
                raise NotSupported("streaming: the option %r of create_data_frame" % key)
        kind = self._catalog(catalog_id).table(database, table_name).parameters.get("typeOfData", "")
        if kind.lower() in ("kinesis", "kafka"):
            raise NotSupported("streaming: the table %s.%s is of %s" % (database, table_name, kind))
        return self.create_dynamic_frame_from_catalog(database, table_name, redshift_tmp_dir, transformation_ctx, push_down_predicate,
                                                      options, catalog_id, **kwargs).toDF()

    def create_data_frame_from_options(self, connection_type, connection_options=None, format=None, format_options=None,
                                       transformation_ctx="", push_down_predicate="", **kwargs):
        """A DataFrame of files or of a database's table."""
        return self.create_dynamic_frame_from_options(connection_type, connection_options, format, format_options, transformation_ctx,
                                                      push_down_predicate, **kwargs).toDF()

    def add_ingestion_time_columns(self, dataFrame, timeGranularity=""):
        """The DataFrame with the columns ingest_year, ingest_month, ingest_day and, by timeGranularity, ingest_hour and ingest_minute."""
        names = ["year", "month", "day", "hour", "minute"]
        if timeGranularity not in ("", "day", "hour", "minute"):
            raise DataError("timeGranularity is day, hour or minute, not %r" % timeGranularity)
        now = datetime.datetime.now(datetime.timezone.utc)
        for name in names[:names.index(timeGranularity or "day") + 1]:
            dataFrame = dataFrame.withColumn("ingest_" + name, F.lit(getattr(now, name)))
        return dataFrame

    def _frame(self, got, name=""):
        frame = DynamicFrame(got.df, self, name)
        frame._nulls, frame._none = frozenset(got.nulls), got.none
        return frame._next(got.df, got.choices, errors=got.errors)

    def _read_files(self, name, options, connection, ctx):
        roots = data_sink.check_source(connection)
        session = self._session
        found = fs.listing(session, roots)
        # Parquet and ORC are read with the folders k=v below, as Spark does; of other formats only with recurse.
        deep = truth(connection.get("recurse", False), "recurse")
        if not deep and name not in ("parquet", "orc"):
            near = fs.direct(session, found, roots)
            if found and not near:
                self._warn("%s: all files lie in folders below; they are read with \"recurse\": True" % ", ".join(roots))
            found = near
        found = fs.excluded(session, found, roots, fs.exclusions(connection.get("exclusions")))
        found = self._unread(found, connection, ctx)
        options = dict(options)
        if name in ("parquet", "orc") and len(roots) == 1 and not deep and "basePath" not in connection:
            root = fs.qualified(session, roots[0]).rstrip("/")
            if found and all(f.path != root for f in found) and "*" not in root:
                connection = dict(connection, basePath=root)
        return self._frame(formats.read(self, name, options, found, connection))

    def _unread(self, found, connection, ctx):
        """The files that the bookmark leaves, up to the bounds."""
        band = int(connection.get("maxBand") or bookmark.BAND)
        most = connection.get("maxFilesInBand")
        new, read = self._bookmark.files(ctx, found, band, int(most) if most else None)
        new = fs.bounded(new, connection.get("boundedFiles"), connection.get("boundedSize"))
        read(new)
        return new

    def _read_jdbc(self, kind, options, ctx, name=""):
        target = jdbc.options(self, kind, options)
        return DynamicFrame(jdbc.bookmarked(self, target, ctx), self, name or target.table)

    # Writing

    def getSink(self, connection_type, format=None, transformation_ctx="", **options):
        """A DataSink: setFormat, setCatalogInfo, then writeFrame."""
        sink = DataSink(self, connection_type, options, transformation_ctx)
        if format:
            sink.setFormat(format)
        return sink

    def write_dynamic_frame_from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None,
                                         transformation_ctx=""):
        """Writes a frame, and returns it."""
        return self.write_from_options(frame, connection_type, connection_options, format, format_options, transformation_ctx)

    def write_from_options(self, frame_or_dfc, connection_type, connection_options=None, format=None, format_options=None,
                           transformation_ctx="", **kwargs):
        """Writes a frame or a collection, and returns it."""
        only(kwargs, (), "write_from_options")
        sink = DataSink(self, connection_type, connection_options or {}, transformation_ctx)
        if format:
            sink.setFormat(format, **dict(format_options or {}))
        return sink.write(frame_or_dfc)

    def write_dynamic_frame_from_catalog(self, frame, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="",
                                         additional_options=None, catalog_id=None, **kwargs):
        """Appends a frame to the files of a table, in its format. A partitioned table's keys are the partitionKeys unless given."""
        if "name_space" in kwargs:
            database = kwargs.pop("name_space")
        only(kwargs, (), "write_dynamic_frame_from_catalog")
        options = dict(additional_options or kwargs.get("addtional_options") or {})
        table = self._catalog(catalog_id).table(database, table_name)
        place = table.jdbc()
        if place is not None:
            given = dict(options, connectionName=place[0], database=place[1], dbtable=place[2])
            sink = DataSink(self, "jdbc", given, transformation_ctx)
            return sink.writeFrame(frame)
        options.setdefault("partitionKeys", [n for n, _ in table.keys])
        if [k.lower() for k in options["partitionKeys"]] != [n for n, _ in table.keys]:
            raise DataError("the table %s.%s has the partition keys (%s), the write has (%s)" % (
                database, table_name, ", ".join(n for n, _ in table.keys), ", ".join(options["partitionKeys"])))
        sink = DataSink(self, "s3", dict(options, path=table.location), transformation_ctx)
        name, given = _table_format(table)
        sink.setFormat(name, **given)
        sink.setCatalogInfo(catalogDatabase=database, catalogTableName=table_name, catalogId=catalog_id or "")
        if name == "csv":
            frame = _in_order(frame, table, options["partitionKeys"])
        return sink.writeFrame(frame)

    def write_dynamic_frame_from_jdbc_conf(self, frame, catalog_connection, connection_options=None, redshift_tmp_dir="",
                                           transformation_ctx="", catalog_id=None):
        """Writes a frame by a connection of the Data Catalog, and returns it. redshift_tmp_dir is accepted: nothing is copied through
        files."""
        return self.write_from_jdbc_conf(frame, catalog_connection, connection_options, redshift_tmp_dir, transformation_ctx, catalog_id)

    def write_from_jdbc_conf(self, frame_or_dfc, catalog_connection, connection_options=None, redshift_tmp_dir="", transformation_ctx="",
                             catalog_id=None):
        """Writes a frame or a collection by a connection of the Data Catalog, and returns it."""
        options = dict(connection_options or {}, connectionName=catalog_connection)
        if isinstance(frame_or_dfc, DynamicFrameCollection):
            options.setdefault("dbtable", next(iter(frame_or_dfc.keys()), "none"))
        return DataSink(self, "jdbc", options, transformation_ctx).write(frame_or_dfc)

    def write_data_frame_from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None,
                                      transformation_ctx=""):
        """Writes a DataFrame."""
        return self.write_from_options(DynamicFrame.fromDF(frame, self), connection_type, connection_options, format, format_options,
                                       transformation_ctx)

    def write_data_frame_from_catalog(self, frame, database, table_name, redshift_tmp_dir="", transformation_ctx="",
                                      additional_options=None, catalog_id=None):
        """Appends a DataFrame to a table."""
        return self.write_dynamic_frame_from_catalog(DynamicFrame.fromDF(frame, self), database, table_name, redshift_tmp_dir,
                                                     transformation_ctx, additional_options, catalog_id)

    def extract_jdbc_conf(self, connection_name, catalog_id=None):
        """A dict of a connection: url, user, password, vendor, fullUrl, enforceSSL."""
        conf = jdbc.connection(self, connection_name, catalog_id)
        conf.pop("driver", None)
        return conf

    # Files

    def purge_s3_path(self, s3_path, options=None, transformation_ctx="", catalog_id=None):
        """Deletes the files below a path that are older than retentionPeriod hours (168)."""
        self._purge([s3_path], dict(options or {}))

    def purge_table(self, catalog_id=None, database="", table_name="", options=None, transformation_ctx=""):
        """Deletes the files of a table that are older than retentionPeriod hours (168), of the partitions of partitionPredicate if one is
        given; a partition without files is deleted from the catalog too."""
        if database and not table_name and catalog_id:  # AWS's own example gives database and table as the first two
            catalog_id, database, table_name = None, catalog_id, database
        options = dict(options or {})
        one = self._catalog(catalog_id)
        table = one.table(database, table_name)
        predicate = options.pop("partitionPredicate", "")
        if not table.keys:
            if predicate:
                raise DataError("partitionPredicate: the table %s.%s has no partition keys" % (database, table_name))
            self._purge([table.location], options)
            return
        parts = one._pruned(table, one.partitions(table), predicate)
        self._purge([p["StorageDescriptor"]["Location"] for p in parts], options)
        for p in parts:
            if not fs.listing(self._session, [p["StorageDescriptor"]["Location"]], missing=True):
                self._client.call("DeletePartition", DatabaseName=table.database, TableName=table.name, CatalogId=catalog_id,
                                  PartitionValues=p["Values"])
        self._forget(database, table_name)

    def _purge(self, roots, options):
        known = {"retentionPeriod", "excludeStorageClasses", "manifestFilePath", "partitionPredicate"}
        only(options, known, "a purge")
        for key in ("excludeStorageClasses", "partitionPredicate"):
            if options.get(key):
                raise NotSupported("the option %r of purge_s3_path" % key)
        hours = float(options.get("retentionPeriod", 168))
        limit = time.time() * 1000 - hours * 3600 * 1000
        done, failed = [], []
        for f in fs.listing(self._session, roots, missing=True):
            if f.time > limit:
                continue
            p, system = fs.hadoop_path(self._session, f.path)
            (done if system.delete(p, False) else failed).append(f)
        if options.get("manifestFilePath"):
            base = options["manifestFilePath"].rstrip("/")
            for name, some in (("Success", done), ("Failed", failed)):
                fs.write_text(self._session, "%s/%s.csv" % (base, name), "".join("%s\n" % f.path for f in some))
        if failed:
            raise DataError("%d of %d files could not be deleted; the first: %s" % (len(failed), len(done) + len(failed), failed[0].path))

    def transition_s3_path(self, s3_path, transition_to, options=None, transformation_ctx="", catalog_id=None):
        raise NotSupported(MISSING["transition_s3_path"])

    def transition_table(self, database, table_name, transition_to, options=None, transformation_ctx="", catalog_id=None):
        raise NotSupported(MISSING["transition_table"])

    def forEachBatch(self, frame, batch_function, options=None):
        raise NotSupported(MISSING["forEachBatch"])

    def start_transaction(self, read_only=False):
        raise NotSupported(MISSING["start_transaction"])

    def commit_transaction(self, transaction_id, wait_for_commit=True):
        raise NotSupported(MISSING["commit_transaction"])

    def cancel_transaction(self, transaction_id):
        raise NotSupported(MISSING["cancel_transaction"])


_CATALOG_READ = {"catalogPartitionPredicate", "exclusions", "boundedFiles", "boundedSize", "maxBand", "maxFilesInBand", "recurse",
                 "groupFiles", "groupSize", "useS3ListImplementation", "useCatalogSchema", "useSparkDataSource"} | jdbc._KNOWN


def _sample_options(given):
    only(dict(given or {}), ("maxSamplePartitions", "maxSampleFilesPerPartition"), "sample_options")


def _table_format(table):
    """How a table's files are written: the format and its options."""
    name = table.format()
    if name != "csv":
        codec = table.parameters.get("parquet.compression") or table.parameters.get("orc.compress") or table.parameters.get("compression")
        return name, {"compression": codec.lower()} if codec and name in ("parquet", "orc") else {}
    given = table.csv()
    if given.get("nullValue") or given["escape"] not in (given["quote"], "\u0000", "\\") or given.get("encoding"):
        raise NotSupported("writing text with the SerDe properties of %s.%s (null format, escapes, encoding)" % (
            table.database, table.name))
    return name, {"separator": given["sep"], "quoteChar": given["quote"] or -1, "writeHeader": given["header"] == "true"}


def _in_order(frame, table, keys):
    """The frame's columns in the order of the table's, since text has no names."""
    df, out = frame.toDF(), []
    have = {c.lower(): c for c in df.columns}
    for name, kind in table.columns():
        c = have.pop(name.lower(), None)
        out.append(F.lit(None).cast(kind).alias(name) if c is None else paths.column(c))
    out += [paths.column(have.pop(k.lower())) for k in keys if k.lower() in have]
    return frame._next(df.select(*out, *[paths.column(c) for c in have.values()]))


class _Logger(object):
    """The logger of the driver, as scripts use it."""

    def __init__(self, session):
        try:
            self._log = session._jvm.org.apache.log4j.LogManager.getLogger("GlueLogger")
        except Exception:  # py4j has no class of its own for a missing package
            self._log = None

    def _say(self, level, text):
        if self._log is not None:
            getattr(self._log, level)(str(text))
        else:
            print("%s %s" % (level.upper(), text), file=sys.stderr)

    def debug(self, msg):
        self._say("debug", msg)

    def info(self, msg):
        self._say("info", msg)

    def warn(self, msg):
        self._say("warn", msg)

    warning = warn

    def error(self, msg):
        self._say("error", msg)

    def fatal(self, msg):
        self._say("fatal", msg)


class DataFrameReader(object):
    """What create_data_frame is."""

    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_catalog(self, database, table_name, redshift_tmp_dir="", transformation_ctx="", push_down_predicate="",
                     additional_options=None, catalog_id=None, **kwargs):
        return self._glue_context.create_data_frame_from_catalog(database, table_name, transformation_ctx, additional_options,
                                                                 redshift_tmp_dir, push_down_predicate, catalog_id, **kwargs)

    def from_options(self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
                     push_down_predicate="", **kwargs):
        return self._glue_context.create_data_frame_from_options(connection_type, connection_options, format, format_options,
                                                                 transformation_ctx, push_down_predicate, **kwargs)


class DataFrameWriter(object):
    """What write_data_frame is."""

    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_catalog(self, frame, database, table_name, redshift_tmp_dir="", transformation_ctx="", additional_options=None,
                     catalog_id=None):
        return self._glue_context.write_data_frame_from_catalog(frame, database, table_name, redshift_tmp_dir, transformation_ctx,
                                                                additional_options, catalog_id)

    def from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx=""):
        return self._glue_context.write_data_frame_from_options(frame, connection_type, connection_options, format, format_options,
                                                                transformation_ctx)
