# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Spark SQL over the Data Catalog.

There is no Glue client for Spark's own catalogs outside of AWS, so databases and tables that a statement names are registered in Spark's
in-memory catalog before it runs, partitions with their locations, and what a statement makes is made in the Data Catalog after it.
install() wraps SparkSession.sql and table, DataFrameReader.table, DataFrameWriter.saveAsTable and insertInto. Names of three parts belong
to other catalogs (Iceberg's) and pass through, spark_catalog's excepted.
"""

import functools
import os
import re
import sys
import threading

from pyspark.sql import DataFrameReader, DataFrameWriter, SparkSession
from pyspark.sql import types as T

from awsglue import aws, catalog, files as fs, gluetypes
from awsglue.errors import DataError, NotSupported

_NAME = r"(?:`(?:[^`]|``)+`|[A-Za-z_][A-Za-z_0-9]*)"
_CHAIN = re.compile(r"(?<![\w.`])%s(?:\s*\.\s*%s){0,2}" % (_NAME, _NAME))
_INSERT = re.compile(r"\binsert\s+(?:into|overwrite)(?:\s+table)?\s+(%s(?:\s*\.\s*%s){0,2})" % (_NAME, _NAME), re.IGNORECASE)
_VIEW = re.compile(r"^\s*create\s+(?:or\s+replace\s+)?view\s+(?:if\s+not\s+exists\s+)?(%s(?:\s*\.\s*%s){0,2})" % (_NAME, _NAME),
                   re.IGNORECASE)
_TARGET = re.compile(r"^\s*(?P<verb>create\s+(?:external\s+)?table(?:\s+if\s+not\s+exists)?|"
                     r"create\s+or\s+replace\s+table|replace\s+table|drop\s+table(?:\s+if\s+exists)?|msck\s+repair\s+table|alter\s+table|"
                     r"truncate\s+table|delete\s+from|update|merge\s+into)\s+(?P<name>%s(?:\s*\.\s*%s){0,2})(?P<rest>.*)$" % (_NAME, _NAME),
                     re.IGNORECASE | re.DOTALL)
_DATABASE = re.compile(r"^\s*(?P<verb>create|drop|alter)\s+(?:database|schema)\s+(?:if\s+(?:not\s+)?exists\s+)?(?P<name>%s)" % _NAME,
                       re.IGNORECASE)
_PARTITIONS = re.compile(r"\s*(add|drop)\s+(if\s+(not\s+)?exists\s+)?partition\b|\s*recover\s+partitions", re.IGNORECASE)
_SHOW = re.compile(r"^\s*show\s+tables(?:\s+(?:in|from)\s+(?P<name>%s))?" % _NAME, re.IGNORECASE)


def bare(text):
    """A statement without comments, its literals emptied."""
    out, at = [], 0
    while at < len(text):
        two, c = text[at:at + 2], text[at]
        if two == "--":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif two == "/*":
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
            out.append(" ")
        elif c in "'\"":
            end = at + 1
            while end < len(text) and text[end] != c:
                end += 2 if text[end] == "\\" else 1
            out.append("''")
            at = end + 1
        elif c == "`":
            end = text.find("`", at + 1)
            end = len(text) if end < 0 else end
            out.append(text[at:end + 1])
            at = end + 1
        else:
            out.append(c)
            at += 1
    return "".join(out)


def names(chain):
    """The parts of a dotted name, in lower case."""
    return [p.strip().strip("`").replace("``", "`").lower() for p in re.findall(_NAME, chain)]


def literal(text):
    """A text as a literal of Spark SQL."""
    return "'" + "".join("\\u%04x" % ord(c) if ord(c) < 32 else "\\" + c if c in "\\'" else c for c in text) + "'"


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


class _State(object):
    """What is registered in this process."""

    def __init__(self):
        self.client, self.databases, self.tables, self.own = aws.Glue(), None, {}, set()
        self.lock, self.here = threading.RLock(), threading.local()

    # Databases and tables of the Data Catalog, into Spark

    def known(self, spark):
        """The databases by name; read once, and registered."""
        if self.databases is None:
            try:
                self.databases = {d["Name"]: d for d in self.client.pages("GetDatabases", "DatabaseList")}
            except aws.ServiceError as e:
                if "AccessDenied" not in e.code:
                    raise
                print("awsglue: Spark SQL does not see the Data Catalog: %s" % e, file=sys.stderr)
                self.databases = {}
            for name, d in self.databases.items():
                self._make_database(spark, name, d)
        return self.databases

    def _make_database(self, spark, name, d):
        if name != "default":
            place = " LOCATION " + literal(d["LocationUri"]) if d.get("LocationUri") else ""
            self._run(spark, "CREATE DATABASE IF NOT EXISTS %s%s" % (quoted(name), place))

    def _run(self, spark, text):
        return _original_sql(spark, text)

    def database_of(self, spark, parts):
        """The database and table of a name, when the database is one of the Data Catalog's, or None."""
        if len(parts) == 3:
            if parts[0] != "spark_catalog":
                return None
            parts = parts[1:]
        if len(parts) == 1:
            parts = [spark.catalog.currentDatabase().lower()] + parts
        return tuple(parts) if parts[0] in self.known(spark) else None

    def ensure(self, spark, database, name):
        """Registers a table as it is now; nothing when the Data Catalog has none."""
        if (database, name) in self.own:
            return
        try:
            table = catalog.Table(self.client.call("GetTable", DatabaseName=database, Name=name)["Table"])
        except aws.ServiceError as e:
            if e.code != "EntityNotFoundException":
                raise
            self.tables.pop((database, name), None)
            return
        mark = (table.answer.get("VersionId"), table.answer.get("UpdateTime"), table.answer.get("CreateTime"))
        seen = self.tables.get((database, name))
        if seen is None or seen[0] != mark:
            self._register(spark, table)
            seen = self.tables[(database, name)] = (mark, {})
        if table.keys:
            self._add_partitions(spark, table, seen[1])

    def _register(self, spark, table):
        full = "%s.%s" % (quoted(table.database), quoted(table.name))
        self._run(spark, "DROP TABLE IF EXISTS " + full)
        if table.jdbc() is not None:
            raise NotSupported("Spark SQL over the JDBC table %s.%s; read it by create_dynamic_frame.from_catalog" % (
                table.database, table.name))
        form = table.format()
        columns = [(n, k) for n, k in table.columns()]
        options = {"csv": table.csv}.get(form, dict)()
        if form == "json":
            columns = _spelled(spark, table, columns)
        spec = ", ".join("%s %s" % (quoted(n), _ddl(k)) for n, k in columns + table.keys)
        text = "CREATE TABLE %s (%s) USING %s" % (full, spec, form)
        if options:
            text += " OPTIONS (%s)" % ", ".join("%s %s" % (literal(k), literal(v)) for k, v in sorted(options.items()))
        if table.keys:
            text += " PARTITIONED BY (%s)" % ", ".join(quoted(n) for n, _ in table.keys)
        self._run(spark, text + " LOCATION " + literal(table.location))

    def _add_partitions(self, spark, table, seen):
        full, now, added, gone = "%s.%s" % (quoted(table.database), quoted(table.name)), {}, [], []
        for p in self.client.pages("GetPartitions", "Partitions", DatabaseName=table.database, TableName=table.name, MaxResults=1000):
            now[tuple(p["Values"])] = p["StorageDescriptor"]["Location"]
        for values, place in seen.items():
            if now.get(values) != place:
                gone.append(values)
        for values, place in now.items():
            if seen.get(values) != place:
                added.append("PARTITION (%s) LOCATION %s" % (_spec(table.keys, values), literal(place)))
        for values in gone:
            self._run(spark, "ALTER TABLE %s DROP IF EXISTS PARTITION (%s)" % (full, _spec(table.keys, values)))
            seen.pop(values)
        for i in range(0, len(added), 500):
            self._run(spark, "ALTER TABLE %s ADD IF NOT EXISTS %s" % (full, " ".join(added[i:i + 500])))
        seen.update(now)

    # What Spark has made, into the Data Catalog

    def publish(self, spark, database, name, drop=False):
        """Makes or updates a table of the Data Catalog from Spark's, its new partitions too; with drop, takes away partitions that Spark
        has no longer."""
        jvm, session, meta = spark._jvm, spark._jsparkSession, _metadata(spark, database, name)
        ident = meta.identifier()
        if not meta.provider().isDefined() or meta.provider().get().lower() not in catalog._PROFILES:
            raise NotSupported("tables of the Data Catalog in the format %s" % meta.provider())
        form = meta.provider().get().lower()
        keys = [meta.partitionColumnNames().apply(i) for i in range(meta.partitionColumnNames().size())]
        schema = T._parse_datatype_json_string(meta.schema().json())
        place = meta.location().toString()
        inp, outp, serde = catalog._PROFILES[form]
        storage = {"Columns": [{"Name": f.name.lower(), "Type": gluetypes.hive(f.dataType)} for f in schema.fields if f.name not in keys],
                   "Location": place, "InputFormat": inp, "OutputFormat": outp,
                   "SerdeInfo": {"SerializationLibrary": serde, "Parameters": {"serialization.format": "1"}}}
        parameters = {"classification": form, "EXTERNAL": "TRUE"}
        if form == "csv":
            props = dict(_pairs(meta.storage().properties()))
            storage["SerdeInfo"]["Parameters"] = {"field.delim": props.get("sep", props.get("delimiter", ","))}
            if props.get("header", "false").lower() == "true":
                parameters["skip.header.line.count"] = "1"
        made = {"Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters, "StorageDescriptor": storage,
                "PartitionKeys": [{"Name": k.lower(), "Type": gluetypes.hive(next(f.dataType for f in schema.fields if f.name == k))}
                                  for k in keys]}
        self._put(database, name, made)
        if keys:
            self._put_partitions(session, ident, jvm.scala.Option.empty(), database, name, keys, storage, drop)

    def _put(self, database, name, made):
        try:
            old = self.client.call("GetTable", DatabaseName=database, Name=name)["Table"]
        except aws.ServiceError as e:
            if e.code != "EntityNotFoundException":
                raise
            self.client.call("CreateTable", DatabaseName=database, TableInput=made)
            return
        same = [(c["Name"], c["Type"]) for c in old["StorageDescriptor"]["Columns"]] == [
            (c["Name"], c["Type"]) for c in made["StorageDescriptor"]["Columns"]]
        if not same or old["StorageDescriptor"].get("Location", "").rstrip("/") != made["StorageDescriptor"]["Location"].rstrip("/"):
            if (database, name) not in self.own:
                return  # the table is the catalog's, and only its rows have changed
            made["Parameters"] = dict(old.get("Parameters") or {}, **made["Parameters"])
            self.client.call("UpdateTable", DatabaseName=database, TableInput=made, VersionId=old.get("VersionId"))

    def _put_partitions(self, session, ident, none, database, name, keys, storage, drop):
        rows = session.sessionState().catalog().listPartitions(ident, none)
        have = {tuple(p["Values"]) for p in self.client.pages("GetPartitions", "Partitions", DatabaseName=database, TableName=name)}
        now, inputs = set(), []
        for i in range(rows.size()):
            part = rows.apply(i)
            spec = dict(_pairs(part.spec()))
            values = tuple(catalog.NULL_PARTITION if spec.get(k) is None else spec[k] for k in keys)
            now.add(values)
            if values not in have:
                inputs.append({"Values": list(values), "StorageDescriptor": dict(storage, Location=part.location().toString() + "/")})
        for i in range(0, len(inputs), 100):
            self.client.call("BatchCreatePartition", DatabaseName=database, TableName=name, PartitionInputList=inputs[i:i + 100])
        gone = sorted(have - now) if drop else []
        for i in range(0, len(gone), 25):
            self.client.call("BatchDeletePartition", DatabaseName=database, TableName=name,
                             PartitionsToDelete=[{"Values": list(v)} for v in gone[i:i + 25]])
        seen = self.tables.get((database, name))
        if seen is not None:
            seen[1].clear()


def _pairs(scala_map):
    rows = scala_map.iterator()
    while rows.hasNext():
        pair = rows.next()
        yield pair._1(), pair._2()


def _spec(keys, values):
    return ", ".join("%s = %s" % (quoted(n), "NULL" if v == catalog.NULL_PARTITION else literal(v)) for (n, _), v in zip(keys, values))


def _ddl(kind):
    """A type in Spark's DDL."""
    if isinstance(kind, T.StructType):
        return "struct<%s>" % ",".join("%s:%s" % (quoted(f.name), _ddl(f.dataType)) for f in kind.fields)
    if isinstance(kind, T.ArrayType):
        return "array<%s>" % _ddl(kind.elementType)
    if isinstance(kind, T.MapType):
        return "map<%s,%s>" % (_ddl(kind.keyType), _ddl(kind.valueType))
    return kind.simpleString()


def _spelled(spark, table, columns):
    """The columns of a JSON table as the first files spell their keys: Spark finds keys by their exact case."""
    found = fs.listing(spark, [table.location], missing=True)[:100]
    if not found:
        return columns
    have = {f.name.lower(): f for f in reversed(spark.read.json([f.literal for f in found]).schema.fields)}

    def spell(kind, real):
        if isinstance(kind, T.StructType) and isinstance(real, T.StructType):
            inner = {f.name.lower(): f for f in reversed(real.fields)}
            out = []
            for f in kind.fields:
                r = inner.get(f.name.lower())
                out.append(T.StructField(r.name, spell(f.dataType, r.dataType)) if r is not None else f)
            return T.StructType(out)
        if isinstance(kind, T.ArrayType) and isinstance(real, T.ArrayType):
            return T.ArrayType(spell(kind.elementType, real.elementType))
        return kind
    return [(have[n.lower()].name, spell(k, have[n.lower()].dataType)) if n.lower() in have else (n, k) for n, k in columns]


_state = _State()
_original_sql = SparkSession.sql
_installed = []


def forget(database, name):
    """The table has changed by a sink: the next statement registers it again."""
    _state.tables.pop((database.lower(), name.lower()), None)


def reset():
    """Forgets all that is registered; for tests."""
    global _state
    _state = _State()


def _active():
    return bool(os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT_URL_GLUE")) and not getattr(
        _state.here, "busy", False)


def _prepare(spark, text):
    """Registers what a statement names. Returns what it changes: pairs of (database, table) and the verb."""
    plain = bare(text)
    show = _SHOW.match(plain)
    if show:
        name = names(show.group("name"))[0] if show.group("name") else spark.catalog.currentDatabase().lower()
        if name in _state.known(spark):
            for t in _state.client.pages("GetTables", "TableList", DatabaseName=name):
                try:
                    _state.ensure(spark, name, t["Name"])
                except NotSupported:
                    continue
        return None
    _state.known(spark)
    todo = []
    for chain in _CHAIN.findall(plain):
        parts = names(chain)
        place = _state.database_of(spark, parts)
        if place is not None and place not in todo:
            todo.append(place)
    current = spark.catalog.currentDatabase().lower()
    has = None
    for database, name in todo:
        if database == current:  # a lone word may be anything; only the catalog's tables count
            if has is None:
                has = {t["Name"] for t in _state.client.pages("GetTables", "TableList", DatabaseName=database)}
            if name not in has:
                continue
        _state.ensure(spark, database, name)
    view = _VIEW.match(plain)
    if view and _state.database_of(spark, names(view.group(1))):
        raise NotSupported("views of the Data Catalog (%s); CREATE TEMPORARY VIEW lives as long as the session" % view.group(1))
    m = _TARGET.match(plain)
    if not m:  # an INSERT may stand behind WITH or FROM, and more than once
        places = [_state.database_of(spark, names(n)) for n in _INSERT.findall(plain)]
        return [(p, "insert") for p in places if p is not None]
    place = _state.database_of(spark, names(m.group("name")))
    verb = " ".join(m.group("verb").lower().split())
    if place is None:
        return None
    if verb.split()[0] in ("truncate", "delete", "update", "merge", "replace") or verb.startswith("create or"):
        raise NotSupported("%s on the table %s.%s of the Data Catalog" % (verb.upper(), place[0], place[1]))
    if verb == "alter table" and not _PARTITIONS.match(m.group("rest")):
        raise NotSupported("ALTER TABLE %s.%s of the Data Catalog, but for ADD, DROP and RECOVER PARTITION(S)" % place)
    return [(place, verb)]


def _database(spark, text):
    """CREATE DATABASE in the Data Catalog."""
    m = _DATABASE.match(bare(text))
    if not m:
        return None
    name, verb = names(m.group("name"))[0], m.group("verb").lower()
    if verb != "create":
        if name in _state.known(spark):
            raise NotSupported("%s DATABASE %s of the Data Catalog" % (verb.upper(), name))
        return None
    return name


def _finish(spark, change):
    place, verb = change
    if verb.startswith("drop"):
        try:
            _state.client.call("DeleteTable", DatabaseName=place[0], Name=place[1])
        except aws.ServiceError as e:
            if e.code != "EntityNotFoundException":
                raise
        _state.tables.pop(place, None)
        _state.own.discard(place)
        return
    if verb.startswith("create") and place not in _state.tables:
        _state.own.add(place)
    _state.publish(spark, place[0], place[1], drop=verb == "alter table")


def install(glue=None):
    """Wraps Spark's names, once. A session that exists makes its tables in the formats of Spark, as AWS Glue's do."""
    session = glue.spark_session if glue is not None else SparkSession.getActiveSession()
    if session is not None and not session.conf.get("spark.sql.legacy.createHiveTableByDefault", None) == "false":
        session.conf.set("spark.sql.legacy.createHiveTableByDefault", "false")
    if _installed:
        return
    _installed.append(True)
    originals = {"table": SparkSession.table, "read": DataFrameReader.table, "save": DataFrameWriter.saveAsTable,
                 "insert": DataFrameWriter.insertInto}

    @functools.wraps(_original_sql)
    def sql(self, sqlQuery, *args, **kwargs):
        if not _active():
            return _original_sql(self, sqlQuery, *args, **kwargs)
        made = _guarded(lambda: _database(self, sqlQuery))
        if made:
            out = _original_sql(self, sqlQuery, *args, **kwargs)
            _guarded(lambda: _make(self, made))
            return out
        change = _guarded(lambda: _prepare(self, sqlQuery))
        out = _original_sql(self, sqlQuery, *args, **kwargs)
        for one in change or []:
            _guarded(lambda: _finish(self, one))
        return out

    def reading(original, of):
        @functools.wraps(original)
        def table(self, tableName):
            if _active():
                spark = of(self)
                place = _guarded(lambda: _state.database_of(spark, names(tableName)))
                if place:
                    _guarded(lambda: _state.ensure(spark, *place))
            return original(self, tableName)
        return table

    @functools.wraps(originals["save"])
    def saveAsTable(self, name, format=None, mode=None, partitionBy=None, **options):
        if not _active():
            return originals["save"](self, name, format, mode, partitionBy, **options)
        place = _guarded(lambda: _state.database_of(self._spark, names(name)))
        if place is None:
            return originals["save"](self, name, format, mode, partitionBy, **options)
        _guarded(lambda: _state.ensure(self._spark, *place))
        before = _guarded(lambda: _metadata(self._spark, *place)) if place in _state.tables or place in _state.own else None
        if "path" not in options and before is not None:
            options["path"] = before.location().toString()
        elif "path" not in options and not _has_path(self):
            base = _state.known(self._spark)[place[0]].get("LocationUri")
            if not base:
                raise DataError("saveAsTable(%r): the database %s has no location; give .option(\"path\", \"s3://...\")" % (name, place[0]))
            options["path"] = base.rstrip("/") + "/" + place[1]
        originals["save"](self, name, format, mode, partitionBy, **options)
        if before is None or _guarded(lambda: _metadata(self._spark, *place)).createTime() != before.createTime():
            _state.own.add(place)
        _guarded(lambda: _state.publish(self._spark, *place))

    @functools.wraps(originals["insert"])
    def insertInto(self, tableName, overwrite=None):
        place = _guarded(lambda: _state.database_of(self._spark, names(tableName))) if _active() else None
        if place:
            _guarded(lambda: _state.ensure(self._spark, *place))
        originals["insert"](self, tableName, overwrite)
        if place:
            _guarded(lambda: _state.publish(self._spark, *place))

    def writeTo(self, table):
        if _active():
            place = _guarded(lambda: _state.database_of(self.sparkSession, names(table)))
            if place:
                raise NotSupported("writeTo of the table %s.%s of the Data Catalog; write.saveAsTable and insertInto are there" % place)
        return originals["to"](self, table)

    if session is not None:
        kind = type(session.range(0))
        originals["to"] = kind.writeTo
        kind.writeTo = writeTo
    SparkSession.sql = sql
    SparkSession.table = reading(originals["table"], lambda s: s)
    DataFrameReader.table = reading(originals["read"], lambda r: r._spark)
    DataFrameWriter.saveAsTable, DataFrameWriter.insertInto = saveAsTable, insertInto


def _metadata(spark, database, name):
    """Spark's own description of a table."""
    jvm = spark._jvm
    ident = jvm.org.apache.spark.sql.catalyst.TableIdentifier(name, jvm.scala.Option.apply(database))
    return spark._jsparkSession.sessionState().catalog().getTableMetadata(ident)


def _has_path(writer):
    """Whether the option path was given to a writer before."""
    try:
        return "path" in {k.lower() for k, _ in _pairs(writer._jwrite.extraOptions().toMap())}
    except Exception:  # a private member of Spark's; without it the database's location is taken
        return False


def _make(spark, name):
    """The database of Spark's in the Data Catalog."""
    place = spark._jsparkSession.sessionState().catalog().getDatabaseMetadata(name).locationUri().toString()
    given = {"Name": name}
    if place.startswith("s3"):
        given["LocationUri"] = place
    try:
        _state.client.call("CreateDatabase", DatabaseInput=given)
    except aws.ServiceError as e:
        if e.code != "AlreadyExistsException":
            raise
    _state.databases[name] = given


def _guarded(do):
    """Runs what may itself use Spark SQL, without wrapping that; one thread at a time."""
    state = _state
    with state.lock:
        before, state.here.busy = getattr(state.here, "busy", False), True
        try:
            return do()
        finally:
            state.here.busy = before
