# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Tables of the Data Catalog: read by their SerDe, made and updated by sinks."""

import urllib.parse

from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue import aws, casts, files as fs, formats, gluetypes, infer, paths, sparkfiles
from awsglue.errors import DataError, NotSupported

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_SERDES = {
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": "csv", "org.apache.hadoop.hive.serde2.OpenCSVSerde": "csv",
    "org.openx.data.jsonserde.JsonSerDe": "json", "org.apache.hive.hcatalog.data.JsonSerDe": "json",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": "parquet", "org.apache.hadoop.hive.ql.io.orc.OrcSerde": "orc",
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe": "avro",
}
_TEXT_IN = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_PROFILES = {
    "csv": (_TEXT_IN, _TEXT_OUT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
    "json": (_TEXT_IN, _TEXT_OUT, "org.openx.data.jsonserde.JsonSerDe"),
    "parquet": ("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
    "orc": ("org.apache.hadoop.hive.ql.io.orc.OrcInputFormat", "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
            "org.apache.hadoop.hive.ql.io.orc.OrcSerde"),
    "avro": ("org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat", "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
             "org.apache.hadoop.hive.serde2.avro.AvroSerDe"),
}


class Table(object):
    """One table as GetTable answers it."""

    def __init__(self, answer):
        self.answer = answer
        self.database, self.name = answer.get("DatabaseName", ""), answer["Name"]
        self.parameters = answer.get("Parameters") or {}
        self.storage = answer.get("StorageDescriptor") or {}
        self.location = self.storage.get("Location") or ""
        self.serde = (self.storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
        self.serde_parameters = (self.storage.get("SerdeInfo") or {}).get("Parameters") or {}
        self.keys = [(k["Name"], gluetypes.ddl(k.get("Type") or "string")) for k in answer.get("PartitionKeys") or []]

    def columns(self, storage=None):
        """Names and types, without the partition keys."""
        keys = {k for k, _ in self.keys}
        return [(c["Name"], gluetypes.ddl(c.get("Type") or "string")) for c in (storage or self.storage).get("Columns") or []
                if c["Name"] not in keys]

    def format(self):
        """The format that the SerDe means; what cannot be read is refused by name."""
        if str(self.answer.get("TableType") or "") == "VIRTUAL_VIEW":
            raise NotSupported("views of the Data Catalog: %s.%s" % (self.database, self.name))
        kind = str(self.parameters.get("table_type") or self.parameters.get("classification") or "").lower()
        if kind in ("iceberg", "hudi", "delta"):
            raise NotSupported("from_catalog of the %s table %s.%s; read it by Spark's own catalog" % (kind, self.database, self.name))
        name = _SERDES.get(self.serde)
        if name is None:
            raise NotSupported("the SerDe %r of the table %s.%s" % (self.serde, self.database, self.name))
        return name

    def jdbc(self):
        """The connection and the table of a database, or None."""
        name = self.parameters.get("connectionName") or self.parameters.get("connection_name")
        if not name or self.location.startswith(("s3:", "s3a:", "s3n:", "file:", "/", "hdfs:")):
            return None
        parts = self.location.split(".")
        return name, parts[0] if len(parts) > 1 else "", ".".join(parts[1:]) if len(parts) > 1 else self.location

    def csv(self):
        """Spark's options for the table's text."""
        p = {**self.parameters, **self.serde_parameters}
        if p.get("skip.footer.line.count", "0") != "0":
            raise NotSupported("skip.footer.line.count of the table %s.%s" % (self.database, self.name))
        count = str(p.get("skip.header.line.count") or "0")
        if count not in ("0", "1"):
            raise NotSupported("skip.header.line.count %s of the table %s.%s" % (count, self.database, self.name))
        out = {"ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false", "header": "true" if count == "1" else "false",
               "enforceSchema": "true"}
        glue = str(self.parameters.get("classification") or "").lower() == "csv"
        if self.serde.endswith("OpenCSVSerde"):
            out["sep"] = p.get("separatorChar") or ","
            out["quote"] = p.get("quoteChar") or '"'
            out["escape"] = out["quote"] if glue and "escapeChar" not in p else p.get("escapeChar") or "\\"
        else:
            out["sep"] = _delimiter(p.get("field.delim") or p.get("delimiter") or p.get("serialization.format") or "\u0001")
            out["quote"] = '"' if glue else ""
            out["escape"] = p.get("escape.delim") or (out["quote"] if glue else "\u0000")
            null = p.get("serialization.null.format", None if glue else "\\N")
            if null is not None:
                out["nullValue"] = null
        if p.get("serialization.encoding"):
            out["encoding"] = p["serialization.encoding"]
        return out


def _delimiter(text):
    if text == "\\t":
        return "\t"
    if len(text) == 1 and not text.isdigit() or not text.isdigit():
        return text
    return chr(int(text)) if int(text) < 128 else text


class Catalog(object):
    """The Data Catalog of an account."""

    def __init__(self, glue, catalog_id=None):
        self._glue, self._id = glue, catalog_id

    @property
    def _client(self):
        return self._glue._client

    def table(self, database, name):
        if not database or not name:
            raise DataError("a table of the Data Catalog needs database and table_name")
        return Table(self._client.call("GetTable", DatabaseName=database, Name=name, CatalogId=self._id)["Table"])

    def column_types(self, database, name):
        """All columns of a table and their types, partition keys too."""
        t = self.table(database, name)
        return {n.lower(): k for n, k in t.columns() + t.keys}

    def partitions(self, table, expression=None):
        """The partitions, all or those of an expression, as GetPartitions answers them."""
        return list(self._client.pages("GetPartitions", "Partitions", DatabaseName=table.database, TableName=table.name,
                                       CatalogId=self._id, Expression=expression or None, MaxResults=1000))

    # Reading

    def read(self, database, name, predicate, options, ctx):
        """What a table holds, as formats.Read."""
        table = self.table(database, name)
        form, spark = table.format(), self._glue.spark_session
        options = {**{k: table.parameters[k] for k in ("boundedFiles", "boundedSize", "exclusions") if k in table.parameters}, **options}
        parts = None
        if table.keys:
            parts = self.partitions(table, options.get("catalogPartitionPredicate"))
            parts = self._pruned(table, parts, predicate)
        elif predicate or options.get("catalogPartitionPredicate"):
            raise DataError("the table %s.%s has no partition keys that a predicate could choose" % (database, name))
        roots = sorted({p["StorageDescriptor"]["Location"] for p in parts}) if parts is not None else [table.location]
        found = self._list(table, roots)
        found = fs.excluded(spark, found, [table.location], fs.exclusions(options.get("exclusions")))
        found = self._glue._unread(found, options, ctx)
        if parts is None:
            got = self._typed(table, self._scan(table, form, table.columns(), [([], found)], []))
        else:
            got = self._typed(table, self._groups(table, form, parts, found))
        got.none = not found
        return got

    def _list(self, table, roots):
        spark = self._glue.spark_session
        base = fs.qualified(spark, table.location).rstrip("/") + "/" if table.location else None
        inside = [r for r in roots if base and (fs.qualified(spark, r).rstrip("/") + "/").startswith(base)] if len(roots) > 32 else []
        outside = [r for r in roots if r not in set(inside)]
        return fs.listing(spark, ([table.location] if inside else []) + outside, missing=True)

    def _pruned(self, table, parts, predicate):
        """The partitions of which a condition of Spark SQL holds."""
        if not predicate or not parts:
            return parts
        schema = T.StructType([T.StructField(n, T.StringType()) for n, _ in table.keys] + [T.StructField("__at", T.IntegerType())])
        rows = [tuple(None if v == NULL_PARTITION else v for v in p["Values"]) + (i,) for i, p in enumerate(parts)]
        df = self._glue.spark_session.createDataFrame(rows, schema)
        df = df.select(*[paths.column(n).cast(k).alias(n) for n, k in table.keys], "__at")
        keep = {r[0] for r in df.filter(predicate).select("__at").collect()}
        return [p for i, p in enumerate(parts) if i in keep]

    def _groups(self, table, form, parts, found):
        """The rows of partitions; those with columns of their own are read by them."""
        spark = self._glue.spark_session
        where = {}
        for p in parts:
            where[fs.qualified(spark, p["StorageDescriptor"]["Location"]).rstrip("/")] = p
        mine = {}
        for f in found:
            folder = f.path if f.path in where else f.folder
            while folder and folder not in where:
                folder = folder.rpartition("/")[0]
            if folder:
                mine.setdefault(folder, []).append(f)
        groups = {}
        for folder, inside in mine.items():
            p = where[folder]
            own = table.columns(p["StorageDescriptor"]) or table.columns()
            key = repr([(n, k.simpleString()) for n, k in own])
            groups.setdefault(key, (own, []))[1].append(([None if v == NULL_PARTITION else v for v in p["Values"]], inside))
        if not groups:
            return self._scan(table, form, table.columns(), [], table.keys)
        out = None
        for own, files in groups.values():
            df = self._align(table, form, self._scan(table, form, own, files, table.keys), own)
            out = df if out is None else out.unionByName(df)
        return out

    @staticmethod
    def _align(table, form, df, own):
        """The columns of the table out of those of a partition: by name, or by place where the format has no names."""
        have = {f.name.lower(): f for f in df.schema.fields}
        out = []
        for i, (name, kind) in enumerate(table.columns()):
            f = have.get(name.lower())
            if form == "csv":
                f = have.get(own[i][0].lower()) if i < len(own) else None
            text = form in ("csv", "json") and casts.is_scalar(kind)
            want = T.StringType() if text else kind
            value = F.lit(None).cast(want) if f is None else casts.cast(paths.column(f.name), f.dataType, want)
            out.append(value.alias(name))
        return df.select(*out, *[paths.column(n) for n, _ in table.keys])

    def _scan(self, table, form, columns, groups, keys):
        """The rows of files, with the partition keys as text columns behind. Simple columns of csv and json are text."""
        spark = self._glue.spark_session
        groups = [g for g in groups if g[1]]
        if not groups:
            kinds = [(n, T.StringType() if form in ("csv", "json") and casts.is_scalar(k) else k) for n, k in columns]
            return spark.createDataFrame([], T.StructType([T.StructField(n, k) for n, k in kinds + [(n, T.StringType()) for n, _ in keys]]))
        names = [f.literal for _, files in groups for f in files]
        if form == "csv":
            schema = T.StructType([T.StructField(n, T.StringType()) for n, _ in columns])
            return sparkfiles.scan(spark, "csv", table.csv(), schema, groups, keys)
        if form == "json":
            return self._json(table, columns, groups, keys, names)
        if form == "avro":
            formats.require_source(spark, "avro", "org.apache.spark:spark-avro")
        return sparkfiles.scan(spark, form, {}, T.StructType([T.StructField(n, k) for n, k in columns]), groups, keys)

    def _json(self, table, columns, groups, keys, names):
        """Keys are found whatever their case, as the OpenX SerDe does; mapping.column = key renames."""
        spark = self._glue.spark_session
        have = spark.read.option("primitivesAsString", "true").json(names).schema
        text = sparkfiles.scan(spark, "text", {}, T.StructType([T.StructField("value", T.StringType())]), groups, keys)
        text = text.filter(F.trim(F.col("value")) != "")
        df = text.select(F.from_json("value", have).alias("r"), *[paths.column(n) for n, _ in keys])
        out, mapping = [], {k[8:].lower(): v for k, v in table.serde_parameters.items() if k.lower().startswith("mapping.")}
        for name, kind in columns:
            wanted = mapping.get(name.lower(), name)
            found = [f for f in have.fields if f.name == wanted] or [f for f in have.fields if f.name.lower() == wanted.lower()]
            want = T.StringType() if casts.is_scalar(kind) else kind
            values = [casts.cast(F.col("r").getField(f.name), f.dataType, want) for f in found]
            out.append((F.coalesce(*values) if values else F.lit(None).cast(want)).alias(name))
        return df.select(*out, *[paths.column(n) for n, _ in keys])

    def _typed(self, table, df):
        """Text as the catalog's types, misfits as choices, partition keys by their types."""
        text = {f.name for f in df.schema.fields if isinstance(f.dataType, T.StringType)}
        wanted = {n: k for n, k in table.columns() if casts.is_scalar(k) and n in text}
        df, found = infer.fitted(df, wanted)
        names = {n for n, _ in table.keys}
        out = [paths.column(f.name) for f in df.schema.fields if f.name not in names]
        out += [casts.cast(paths.column(n), T.StringType(), k).alias(n) for n, k in table.keys]
        return formats.Read(df.select(*out), found)

    # Writing

    def plan_update(self, database, name, df, keys, form, options, codec, path, behavior):
        """Checks that the table can be made or updated by a sink, before anything is written. Returns what does it afterwards."""
        for f in df.schema.fields:
            if f.name.lower() in [k.lower() for k in keys] and not casts.is_scalar(f.dataType):
                raise DataError("the partition key %s is nested" % f.name)
        self._client.call("GetDatabase", Name=database, CatalogId=self._id)
        try:
            table = self.table(database, name)
        except aws.ServiceError as e:
            if e.code != "EntityNotFoundException":
                raise
            table = None
        if table is not None:
            have = [n.lower() for n, _ in table.keys]
            if have != [k.lower() for k in keys]:
                raise DataError("the table %s.%s has the partition keys (%s), the sink has (%s): they must be equal and in the same "
                                "order" % (database, name, ", ".join(have), ", ".join(keys)))
            if table.format() != form:
                raise DataError("the table %s.%s is %s, the sink writes %s" % (database, name, table.format(), form))
        return _Update(self, database, name, table, df, keys, form, options, path, behavior)


class _Update(object):
    """The change of a table that follows a write."""

    def __init__(self, catalog, database, name, table, df, keys, form, options, path, behavior):
        self._catalog, self._database, self._name, self._table = catalog, database.lower(), name.lower(), table
        self._keys, self._form, self._options, self._behavior = keys, form, options, behavior
        self._spark = catalog._glue.spark_session
        self._path = path.rstrip("/") + "/"
        self._columns = [{"Name": f.name.lower(), "Type": gluetypes.hive(f.dataType)} for f in df.schema.fields if f.name not in keys]
        self._partition_keys = [{"Name": k.lower(), "Type": gluetypes.hive(next(f.dataType for f in df.schema.fields if f.name == k))}
                                for k in keys]
        self._before = self._files() if keys else set()

    def _files(self):
        return {f.path for f in fs.listing(self._spark, [self._path], missing=True)}

    def apply(self, df):
        """Makes or updates the table, and makes the partitions that the write has given new files to."""
        glue, client = self._catalog._glue, self._catalog._client
        extra = []
        if self._table is None:
            client.call("CreateTable", DatabaseName=self._database, CatalogId=self._catalog._id, TableInput=self._input("CreatedBy"))
        else:
            have = {n.lower() for n, _ in self._table.columns()}
            extra = [c["Name"] for c in self._columns if c["Name"] not in have]
            if self._behavior == "UPDATE_IN_DATABASE":
                self._update(client)
            elif extra:
                glue._warn("updateBehavior LOG: the table %s.%s has no column %s; no partition is added" % (
                    self._database, self._name, extra[0]))
                return
        if self._keys:
            self._partitions(client)
        glue._forget(self._database, self._name)

    def _input(self, word):
        inp, outp, serde = _PROFILES[self._form]
        parameters = {"classification": self._form, "typeOfData": "file"}
        serde_parameters = {}
        if self._form == "csv":
            serde_parameters["field.delim"] = formats.csv_options(self._options, False)["sep"]
            if str(self._options.get("writeHeader", True)).lower() == "true":
                parameters["skip.header.line.count"] = "1"
        elif self._form == "json":
            serde_parameters["paths"] = ",".join(sorted(c["Name"] for c in self._columns))
        elif self._form == "parquet":
            serde_parameters["serialization.format"] = "1"
            parameters["useGlueParquetWriter"] = "true"
        name, run = self._catalog._glue._job_names()
        if name:
            parameters[word + "Job"] = name
            if run:
                parameters[word + "JobRun"] = run
        return {"Name": self._name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters, "PartitionKeys": self._partition_keys,
                "StorageDescriptor": {"Columns": self._columns, "Location": self._path, "InputFormat": inp, "OutputFormat": outp,
                                      "SerdeInfo": {"SerializationLibrary": serde, "Parameters": serde_parameters}}}

    def _update(self, client):
        """The columns of the frame in the place of the table's; the rest of the table stays."""
        answer = self._table.answer
        kept = ("Name", "Description", "Owner", "LastAccessTime", "LastAnalyzedTime", "Retention", "StorageDescriptor", "PartitionKeys",
                "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "TargetTable")
        given = {k: answer[k] for k in kept if k in answer}
        made = self._input("UpdatedBy")
        parameters = dict(given.get("Parameters") or {})
        parameters.update({k: v for k, v in made["Parameters"].items() if k.startswith("UpdatedBy")})
        storage = dict(given.get("StorageDescriptor") or {})
        old = [c["Name"] for c in storage.get("Columns") or []]
        ours = {c["Name"]: c for c in self._columns}
        storage["Columns"] = [ours[n] for n in old if n in ours] + [c for c in self._columns if c["Name"] not in old]
        if self._form == "csv":  # columns are found by their places
            storage["Columns"] = self._columns
        given.update({"Parameters": parameters, "StorageDescriptor": storage})
        client.call("UpdateTable", DatabaseName=self._database, CatalogId=self._catalog._id, TableInput=given,
                    VersionId=answer.get("VersionId"))

    def _partitions(self, client):
        base = fs.qualified(self._spark, self._path).rstrip("/") + "/"
        folders = sorted({p[len(base):].rpartition("/")[0] for p in self._files() - self._before if p.startswith(base)})
        inputs = []
        for folder in folders:
            parts = folder.split("/")
            if len(parts) != len(self._keys) or not all("=" in p for p in parts):
                continue
            storage = dict(self._input("CreatedBy")["StorageDescriptor"], Location=self._path + folder + "/")
            inputs.append({"Values": [urllib.parse.unquote(p.split("=", 1)[1]) for p in parts], "StorageDescriptor": storage,
                           "Parameters": {"classification": self._form}})
        for i in range(0, len(inputs), 100):
            answer = client.call("BatchCreatePartition", DatabaseName=self._database, TableName=self._name, CatalogId=self._catalog._id,
                                 PartitionInputList=inputs[i:i + 100])
            for e in answer.get("Errors") or []:
                detail = e.get("ErrorDetail") or {}
                if detail.get("ErrorCode") != "AlreadyExistsException":
                    raise aws.ServiceError("BatchCreatePartition", detail.get("ErrorCode"), "%s: %s" % (
                        e.get("PartitionValues"), detail.get("ErrorMessage")), 200)
