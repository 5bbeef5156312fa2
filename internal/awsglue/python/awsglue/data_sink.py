# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Sources and sinks: where frames come from and go to."""

from awsglue import casts, formats, jdbc, paths
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.errors import DataError, NotSupported, only, truth

FILES = ("s3", "file", "parquet", "orc")
_STREAMS = ("kafka", "kinesis")
_SOURCE = {"paths", "path", "recurse", "groupFiles", "groupSize", "exclusions", "compressionType", "boundedFiles", "boundedSize", "maxBand",
           "maxFilesInBand", "isFailFast", "useS3ListImplementation", "mergeSchema", "basePath", "pathGlobFilter", "excludeStorageClasses",
           "enableSamplePath", "attachFilename", "attachTimestamp", "jobBookmarkKeys", "jobBookmarkKeysSortOrder"}
_SINK = {"path", "partitionKeys", "compression", "enableUpdateCatalog", "updateBehavior", "groupFiles", "groupSize", "mode"}


def check_connection(kind):
    """The connection type in lower case; what is not there is refused by name."""
    word = str(kind).strip().lower()
    if word in FILES or word in jdbc.VENDORS:
        return word
    if word in _STREAMS:
        raise NotSupported("streaming: the connection type %r" % (kind,))
    raise NotSupported("the connection type %r" % (kind,))


def check_source(options):
    """Options of a source of files, checked."""
    only(options, _SOURCE, "a connection to files")
    for key in ("excludeStorageClasses", "attachTimestamp", "enableSamplePath"):
        if options.get(key):
            raise NotSupported("the option %r of a connection to files" % key)
    if options.get("isFailFast") is not None:
        truth(options["isFailFast"], "isFailFast")
    found = options.get("paths", options.get("path"))
    if isinstance(found, str):
        found = [found]
    if not found or not all(isinstance(p, str) and p for p in found):
        raise DataError("a connection to files needs paths, a list of texts, not %r" % (found,))
    return list(found)


class DataSource(object):
    """Something to read from. Options have been checked when the source is made."""

    def __init__(self, glue, connection_type, options, transformation_ctx=""):
        self._glue, self._options, self._ctx = glue, dict(options), transformation_ctx
        self._kind, self._format = check_connection(connection_type), None
        if self._kind in FILES:
            check_source(self._options)
            if self._kind in ("parquet", "orc"):
                self.setFormat(self._kind)

    def setFormat(self, format, **options):
        self._format = formats.check_read(format, options, self._options)

    def getFrame(self):
        """The frame."""
        if self._kind in FILES:
            if self._format is None:
                raise DataError("a format is needed: setFormat(\"json\")")
            return self._glue._read_files(self._format[0], self._format[1], self._options, self._ctx)
        return self._glue._read_jdbc(self._kind, self._options, self._ctx)


class DataSink(object):
    """Something to write to. All options are checked before the first row is written."""

    def __init__(self, glue, connection_type, options, transformation_ctx=""):
        self._glue, self._options, self._ctx = glue, dict(options), transformation_ctx
        self._kind, self._format, self._table = check_connection(connection_type), None, None
        if self._kind in FILES:
            only(self._options, _SINK, "a connection to files for writing")
            if str(self._options.get("mode") or "append").lower() != "append":
                raise NotSupported("the mode %r of a sink: AWS Glue's sinks append" % self._options["mode"])
            self._update = truth(self._options.get("enableUpdateCatalog", False), "enableUpdateCatalog")
            if str(self._options.get("updateBehavior") or "UPDATE_IN_DATABASE") not in ("UPDATE_IN_DATABASE", "LOG"):
                raise DataError("updateBehavior is UPDATE_IN_DATABASE or LOG, not %r" % self._options["updateBehavior"])
            if not isinstance(self._options.get("path"), str) or not self._options["path"]:
                raise DataError("a connection to files needs the option path")
            if self._kind in ("parquet", "orc"):
                self.setFormat(self._kind)
        else:
            self._target = jdbc.options(glue, self._kind, self._options, writing=True)

    def setFormat(self, format, **options):
        """The format and its options."""
        if self._kind in FILES:
            self._format = formats.check_write(format, options, self._options) + (str(format).lower(),)
        elif format not in (None, ""):
            raise DataError("a connection to %s has no format" % self._kind)

    def setCatalogInfo(self, catalogDatabase, catalogTableName, catalogId=""):
        """The table that is made or updated when enableUpdateCatalog is set."""
        self._table = (catalogDatabase, catalogTableName, catalogId or None)

    def setAccumulableSize(self, size):
        """A hint for AWS's own accumulators; there are none here."""

    def writeFrame(self, dynamic_frame, info=""):
        """Writes a frame and returns it."""
        if not isinstance(dynamic_frame, DynamicFrame):
            raise DataError("a sink writes a DynamicFrame, not a %s: DynamicFrame.fromDF(df, glueContext, name)" % (
                type(dynamic_frame).__name__))
        if dynamic_frame._none:  # there was no file to read: nothing is written, not even an empty file
            return dynamic_frame
        if self._kind not in FILES:
            jdbc.write(self._glue, self._target, dynamic_frame)
            return dynamic_frame
        if self._format is None:
            raise DataError("a format is needed: setFormat(\"json\")")
        name, options, codec, asked = self._format
        df, keys = dynamic_frame.toDF(), partition_keys(dynamic_frame.toDF(), self._options.get("partitionKeys"))
        if not self._update or self._table is None:
            if self._update:
                raise DataError("enableUpdateCatalog needs setCatalogInfo(catalogDatabase, catalogTableName)")
            formats.write(df, name, options, codec, self._options["path"], keys)
            return dynamic_frame
        if name == "orc":
            raise NotSupported("enableUpdateCatalog of the format orc, as AWS Glue does not")
        catalog = self._glue._catalog(self._table[2])
        change = catalog.plan_update(self._table[0], self._table[1], df, keys, name, options, codec, self._options["path"],
                                     str(self._options.get("updateBehavior") or "UPDATE_IN_DATABASE"))
        formats.write(df, name, options, codec, self._options["path"], keys)
        change.apply(df)
        return dynamic_frame

    def write(self, dynamic_frame_or_dfc, info=""):
        """Writes a frame, or each frame of a collection below a folder of its name."""
        if isinstance(dynamic_frame_or_dfc, DynamicFrameCollection):
            for name, frame in dynamic_frame_or_dfc.items():
                options = dict(self._options)
                if self._kind in FILES:
                    options["path"] = options["path"].rstrip("/") + "/" + name
                else:
                    options["dbtable"] = name
                sink = DataSink(self._glue, self._kind, options, self._ctx)
                sink._format, sink._table = self._format, self._table
                sink.writeFrame(frame, info)
            return dynamic_frame_or_dfc
        return self.writeFrame(dynamic_frame_or_dfc, info)


def partition_keys(df, given):
    """The columns of the option partitionKeys, as the frame spells them."""
    if not given:
        return []
    if isinstance(given, str):
        given = [given]
    keys = []
    for name in given:
        path, kind = paths.resolve(df.schema, name)
        if path is None or len(path) != 1 or not casts.is_scalar(kind):
            raise DataError("partitionKeys: the frame has no simple column %s; it has %s" % (name, ", ".join(df.columns)))
        keys.append(path[0])
    if len(keys) == len(df.columns):
        raise DataError("partitionKeys: at least one column must be none of the keys")
    return keys
