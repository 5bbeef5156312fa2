"""What all tests share: one session, frames of JSON lines, rows as plain values, a Data Catalog in this process."""

import datetime
import decimal
import http.server
import json
import os
import shutil
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.environ.get("AWSGLUE_PYTHON") or os.path.join(HERE, "..", "..", "python"))
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
os.environ["PYTHONPATH"] = sys.path[0] + os.pathsep + HERE
REAL = os.environ.get("AWSGLUE_REAL")  # s3://bucket/prefix at a real endpoint, with AWSGLUE_JARS the folder of Spark's jars for S3
if not REAL:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_GLUE"):
        os.environ.pop(name, None)
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)

_session = []


def spark():
    """The session, made once: one JVM for all tests."""
    if not _session:
        from pyspark.sql import SparkSession
        where = tempfile.mkdtemp(prefix="spark-", dir=os.environ.get("TMPDIR"))
        made = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2").config("spark.ui.showConsoleProgress", "false")
                .config("spark.sql.ansi.enabled", "false").config("spark.sql.session.timeZone", "UTC").config("spark.driver.memory", "700m")
                .config("spark.sql.warehouse.dir", where + "/warehouse").config("spark.local.dir", where)
                .config("spark.driver.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dderby.system.home=" + where))
        for key, value in settings():
            made = made.config(key, value)
        session = made.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        _session.append(session)
    return _session[0]


def settings():
    """What Spark needs to write to S3 without doubling rows."""
    if os.environ.get("AWSGLUE_JARS"):
        yield "spark.driver.extraClassPath", os.environ["AWSGLUE_JARS"] + "/*"
    if not REAL:
        return
    s3a, factory = "spark.hadoop.fs.s3a.", "spark.hadoop.mapreduce.outputcommitter.factory.scheme."
    yield "spark.hadoop.fs.s3.impl", "org.apache.hadoop.fs.s3a.S3AFileSystem"
    yield s3a + "endpoint", os.environ["AWS_ENDPOINT_URL"]
    yield s3a + "endpoint.region", "us-east-1"
    yield s3a + "path.style.access", "true"
    yield s3a + "connection.ssl.enabled", "false"
    yield s3a + "aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"
    yield s3a + "access.key", os.environ["AWS_ACCESS_KEY_ID"]
    yield s3a + "secret.key", os.environ["AWS_SECRET_ACCESS_KEY"]
    yield s3a + "committer.name", "magic"
    yield s3a + "committer.magic.enabled", "true"
    yield s3a + "directory.marker.retention", "keep"
    for scheme in ("s3a", "s3"):
        yield factory + scheme, "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
    yield "spark.sql.parquet.output.committer.class", "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter"
    yield "spark.sql.sources.commitProtocolClass", "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol"


def plain(value):
    """A value of Spark without its classes, for comparisons."""
    if hasattr(value, "asDict"):
        return {k: plain(v) for k, v in value.asDict().items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (decimal.Decimal, datetime.date, datetime.datetime)):
        return str(value)
    return value


def rows(frame):
    """The rows of a frame or DataFrame as dicts, in the order of their values."""
    df = frame.toDF() if hasattr(frame, "toDF") and hasattr(frame, "glue_ctx") else frame
    return sorted((plain(r) for r in df.collect()), key=lambda r: [(v is None, json.dumps(v, sort_keys=True, default=str)) for v in r.values()])


class Case(unittest.TestCase):
    """A test with a folder of its own and a GlueContext."""

    maxDiff = None

    def setUp(self):
        from awsglue.context import GlueContext
        self.dir = tempfile.mkdtemp(prefix="awsglue-", dir=os.environ.get("TMPDIR"))
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.glue = GlueContext(spark().sparkContext)
        self.spark = self.glue.spark_session

    def file(self, name, text, time=None):
        """Writes a file; time is its change in seconds since 1970."""
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode("utf-8"))
        if time is not None:
            os.utime(path, (time, time))
        return path

    def json(self, *records, **options):
        """A frame of JSON lines."""
        name = options.pop("name", "in%d" % len(os.listdir(self.dir)))
        self.file(name + "/a.json", "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records))
        return self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/" + name]}, "json", options)

    def df(self, values, schema):
        return self.spark.createDataFrame(values, schema)

    def frame(self, values, schema):
        from awsglue.dynamicframe import DynamicFrame
        return DynamicFrame.fromDF(self.df(values, schema), self.glue, "t")

    def read(self, path, form="json", **options):
        """Rows of what was written, by Spark alone."""
        return rows(self.spark.read.options(**options).format(form).load(path))

    def refused(self, text, call, *args, **kwargs):
        """The call raises NotSupported, which names the thing, and has written nothing below the test's folder."""
        from awsglue import NotSupported
        before = sorted(os.listdir(self.dir))
        with self.assertRaises(NotSupported) as got:
            call(*args, **kwargs)
        self.assertIn(text, str(got.exception))
        self.assertTrue(str(got.exception).startswith("Penstock does not support "), str(got.exception))
        self.assertEqual(before, sorted(os.listdir(self.dir)))


class FakeGlue(object):
    """A Data Catalog, bookmarks and connections over HTTP, in the words of AWS Glue's JSON protocol. It checks that calls are signed."""

    def __init__(self):
        self.databases, self.tables, self.parts, self.connections, self.bookmarks, self.calls = {}, {}, {}, {}, {}, []
        self.metrics, self.fail = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential="):
                    status, answer = 400, {"__type": "MissingAuthenticationTokenException"}
                elif "X-Amz-Target" not in self.headers:
                    outer.metrics.append(body.decode())
                    status, answer = 200, {}
                else:
                    op = self.headers["X-Amz-Target"].split(".")[1]
                    status, answer = outer.answer(op, json.loads(body))
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, op, m):
        self.calls.append((op, m))
        if self.fail:
            return self.fail.pop(0)
        try:
            return 200, getattr(self, op)(m)
        except KeyError as e:
            return 400, {"__type": "EntityNotFoundException", "message": "Entity Not Found %s" % e}
        except ValueError as e:
            return 400, {"__type": str(e), "message": "refused"}

    def GetDatabase(self, m):
        return {"Database": self.databases[m["Name"]]}

    def GetDatabases(self, m):
        return {"DatabaseList": [self.databases[k] for k in sorted(self.databases)]}

    def CreateDatabase(self, m):
        self.databases[m["DatabaseInput"]["Name"]] = m["DatabaseInput"]
        return {}

    def GetTable(self, m):
        return {"Table": self.tables[m["DatabaseName"].lower(), m["Name"].lower()]}

    def GetTables(self, m):
        return {"TableList": [t for k, t in sorted(self.tables.items()) if k[0] == m["DatabaseName"]]}

    def CreateTable(self, m):
        t = dict(m["TableInput"], DatabaseName=m["DatabaseName"], VersionId="0", CreateTime=1.0)
        self.databases[m["DatabaseName"]]
        if (m["DatabaseName"], t["Name"]) in self.tables:
            raise ValueError("AlreadyExistsException")
        self.tables[m["DatabaseName"], t["Name"]] = t
        return {}

    def UpdateTable(self, m):
        old = self.tables[m["DatabaseName"], m["TableInput"]["Name"]]
        if m.get("VersionId") not in (None, old["VersionId"]):
            raise ValueError("ConcurrentModificationException")
        self.tables[m["DatabaseName"], m["TableInput"]["Name"]] = dict(
            m["TableInput"], DatabaseName=m["DatabaseName"], VersionId=str(int(old["VersionId"]) + 1), CreateTime=1.0)
        return {}

    def DeleteTable(self, m):
        del self.tables[m["DatabaseName"], m["Name"]]
        return {}

    def GetPartitions(self, m):
        """Two a page. An expression is key = 'value'."""
        found = [p for _, p in sorted(self.parts.get((m["DatabaseName"], m["TableName"]), {}).items())]
        if m.get("Expression"):
            key, value = [x.strip().strip("'") for x in m["Expression"].split("=")]
            keys = [k["Name"] for k in self.tables[m["DatabaseName"], m["TableName"]]["PartitionKeys"]]
            found = [p for p in found if p["Values"][keys.index(key)] == value]
        at = int(m.get("NextToken") or 0)
        out = {"Partitions": found[at:at + 2]}
        if at + 2 < len(found):
            out["NextToken"] = str(at + 2)
        return out

    def BatchCreatePartition(self, m):
        errors, mine = [], self.parts.setdefault((m["DatabaseName"], m["TableName"]), {})
        for p in m["PartitionInputList"]:
            if tuple(p["Values"]) in mine:
                errors.append({"PartitionValues": p["Values"], "ErrorDetail": {"ErrorCode": "AlreadyExistsException", "ErrorMessage": ""}})
            else:
                mine[tuple(p["Values"])] = p
        return {"Errors": errors}

    def DeletePartition(self, m):
        del self.parts[m["DatabaseName"], m["TableName"]][tuple(m["PartitionValues"])]
        return {}

    def BatchDeletePartition(self, m):
        for p in m["PartitionsToDelete"]:
            del self.parts[m["DatabaseName"], m["TableName"]][tuple(p["Values"])]
        return {}

    def GetConnection(self, m):
        return {"Connection": self.connections[m["Name"]]}

    def GetJobBookmark(self, m):
        entries = self.bookmarks[m["JobName"]]
        if m.get("RunId"):
            entries = [e for e in entries if e["RunId"] == m["RunId"]]
            if not entries:
                raise KeyError(m["RunId"])
        return {"JobBookmarkEntry": entries[-1]}

    def PenstockCommitJobBookmark(self, m):
        entries = self.bookmarks.setdefault(m["JobName"], [])
        if m["Version"] != (entries[-1]["Version"] if entries else 0):
            raise ValueError("ConcurrentModificationException")
        entries.append({"JobName": m["JobName"], "Version": m["Version"] + 1, "RunId": m.get("RunId"), "JobBookmark": m["JobBookmark"]})
        return {"JobBookmarkEntry": entries[-1]}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class CatalogCase(Case):
    """A test with a Data Catalog of its own."""

    def setUp(self):
        self.service = FakeGlue()
        self.addCleanup(self.service.close)
        given = {"AWS_ENDPOINT_URL": "http://127.0.0.1:%d" % self.service.server.server_port, "AWS_ACCESS_KEY_ID": "key",
                 "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
        os.environ.update(given)
        for name in given:
            self.addCleanup(os.environ.pop, name, None)
        from awsglue import sparkcatalog
        sparkcatalog.reset()
        super().setUp()
        self.db = "db%d" % self.service.server.server_port
        self.service.databases[self.db] = {"Name": self.db, "LocationUri": "file:" + self.dir + "/base"}

    def table(self, name, columns, serde, place, keys=(), parameters=None, serde_parameters=None):
        """A table of the catalog; columns and keys are (name, type)."""
        self.service.tables[self.db, name] = {
            "Name": name, "DatabaseName": self.db, "VersionId": "0", "CreateTime": 1.0, "TableType": "EXTERNAL_TABLE", "Parameters": parameters or {},
            "PartitionKeys": [{"Name": n, "Type": t} for n, t in keys],
            "StorageDescriptor": {"Columns": [{"Name": n, "Type": t} for n, t in columns], "Location": "file:" + self.dir + "/" + place,
                                  "SerdeInfo": {"SerializationLibrary": serde, "Parameters": serde_parameters or {}}}}

    def part(self, name, values, place, columns=None):
        t = self.service.tables[self.db, name]
        storage = dict(t["StorageDescriptor"], Location="file:" + self.dir + "/" + place)
        if columns:
            storage["Columns"] = [{"Name": n, "Type": k} for n, k in columns]
        self.service.parts.setdefault((self.db, name), {})[tuple(values)] = {"Values": list(values), "StorageDescriptor": storage}


CSV = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPENCSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
JSON = "org.openx.data.jsonserde.JsonSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
ORC = "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
