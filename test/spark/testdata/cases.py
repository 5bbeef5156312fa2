"""What each script needs beside the common inputs and tables, and what is checked beside its golden rows."""

import glob
import json
import os
import subprocess
import tempfile
import time

import boto3

import inputs
import readers

CSV = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPENCSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
JSON = "org.openx.data.jsonserde.JsonSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
ORC = "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
AVRO = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
# What CI runs: a read, a transform and a write of each kind.
DOZEN = {"01", "02", "05", "11", "26", "27", "33", "38", "43", "44", "52", "60"}
DB, BUCKET, ROLE = "corpus", "corpus", "glue-corpus"


class World(object):
    """The server: a bucket with the inputs, a database with their tables, a connection to PostgreSQL."""

    def __init__(self):
        self.s3, self.glue, self.base = boto3.client("s3"), boto3.client("glue"), "s3://" + BUCKET
        self.postgres = os.environ.get("CORPUS_POSTGRES", "")
        self.s3.create_bucket(Bucket=BUCKET)
        for name, data in inputs.files().items():
            self.put("src/" + name, data)
        self.glue.create_database(DatabaseInput={"Name": DB, "LocationUri": self.base + "/base"})
        self.tables()
        if self.postgres:
            url, user, password = jdbc(self.postgres)
            self.connection("con", url, USERNAME=user, PASSWORD=password, JDBC_ENFORCE_SSL="false")
            self.connection("tls", url, USERNAME=user, PASSWORD=password, JDBC_ENFORCE_SSL="true")

    def put(self, key, data):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=data)

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [o["Key"] for p in pages for o in p.get("Contents", [])]

    def table(self, name, columns, serde, place, keys=(), parameters=None, serde_parameters=None, partitions=()):
        """Makes a table; columns and keys are (name, type), partitions (values, folder)."""
        storage = {"Columns": [{"Name": n, "Type": t} for n, t in columns], "Location": "%s/%s/" % (self.base, place),
                   "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                   "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                   "SerdeInfo": {"SerializationLibrary": serde, "Parameters": serde_parameters or {}}}
        self.glue.create_table(DatabaseName=DB, TableInput={
            "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters or {}, "StorageDescriptor": storage,
            "PartitionKeys": [{"Name": n, "Type": t} for n, t in keys]})
        if partitions:
            self.glue.batch_create_partition(DatabaseName=DB, TableName=name, PartitionInputList=[
                {"Values": v, "StorageDescriptor": dict(storage, Location="%s/%s/" % (self.base, folder))} for v, folder in partitions])

    def tables(self):
        orders = [("order_id", "int"), ("customer", "string"), ("amount", "double"), ("day", "string"), ("country", "string")]
        folders = sorted({n.rpartition("/")[0][len("orders/"):] for n in inputs.TEXT if n.startswith("orders/")})
        self.table("orders", orders, CSV, "src/orders", [("year", "string"), ("month", "string")],
                   {"classification": "csv", "skip.header.line.count": "1"}, {"field.delim": ","}, [(f.split("/"), "src/orders/" + f) for f in folders])
        self.table("customers", [("id", "string"), ("name", "string"), ("note", "string")], JSON, "src/customers", (), {"classification": "json"})
        days = sorted({n.split("/")[1] for n in inputs.files() if n.startswith("sales/")})
        self.table("sales", [("id", "bigint"), ("amount", "decimal(10,2)"), ("at", "timestamp"), ("flag", "boolean")], PARQUET, "src/sales",
                   [("day", "date")], {"classification": "parquet"}, None, [([d[4:]], "src/sales/" + d) for d in days])
        self.table("shapes", [("id", "int"), ("tags", "array<string>"), ("p", "struct<x:bigint,y:string>")], ORC, "src/shapes", (),
                   {"classification": "orc"})
        self.table("mixed", [("k", "int"), ("v", "int")], JSON, "src/mixed", (), {"classification": "json"})
        self.table("people", [("name", "string"), ("address", "struct<city:string,zip:int>")], JSON, "src/people", (), {"classification": "json"})

    def connection(self, name, url, **properties):
        self.glue.create_connection(ConnectionInput={"Name": name, "ConnectionType": "JDBC",
                                                     "ConnectionProperties": dict(properties, JDBC_CONNECTION_URL=url)})

    def sql(self, text):
        """The rows of a statement, by psql: a list of texts a row."""
        out = subprocess.run(["psql", "-X", "-A", "-t", "-F", "|", "-v", "ON_ERROR_STOP=1", "-c", text, self.postgres], check=True,
                             capture_output=True, text=True).stdout
        return sorted(line.split("|") for line in out.splitlines() if line)

    def columns(self, name):
        t = self.glue.get_table(DatabaseName=DB, Name=name)["Table"]
        return [(c["Name"], c["Type"]) for c in t["StorageDescriptor"]["Columns"]]

    def partitions(self, name):
        found = self.glue.get_paginator("get_partitions").paginate(DatabaseName=DB, TableName=name)
        return sorted(p["Values"] for page in found for p in page["Partitions"])


def jdbc(url):
    """A JDBC URL, user and password of postgresql://user:password@host:port/database."""
    login, _, rest = url[len("postgresql://"):].partition("@")
    user, _, password = login.partition(":")
    return "jdbc:postgresql://" + rest, user, password


class Case(object):
    """A script that needs nothing else. job: a job of the server runs it; error: how it must end."""

    job, error = False, ""

    def __init__(self, world, name):
        self.world, self.name, self.output = world, name, ""
        self.prefix = "out/%s/" % name[:2]

    def arguments(self):
        w = self.world
        return {"JOB_NAME": "corpus-" + self.name[:2], "source": w.base + "/src", "target": w.base + "/" + self.prefix.rstrip("/"),
                "temp": w.base + "/temp/" + self.name[:2], "database": DB, "connection": "con"}

    def before(self):
        """Makes what the script needs."""

    def steps(self):
        """What is done one after another: None runs the script, a function does something between."""
        return [None]

    def check(self):
        """Asserts what golden rows do not say."""

    def found(self):
        """The data sets that the script has left."""
        with tempfile.TemporaryDirectory() as folder:
            for key in self.world.keys(self.prefix):
                if key.endswith("/"):
                    continue
                at = os.path.join(folder, key[len(self.prefix):])
                os.makedirs(os.path.dirname(at), exist_ok=True)
                self.world.s3.download_file(BUCKET, key, at)
            return readers.read(folder)

    def between(self, do):
        """A step that does something and runs nothing."""
        def step():
            do()
            return "", self.output
        return step

    def as_job(self):
        """Runs the script as a job of the server. Returns its error and its output."""
        w, args = self.world, self.arguments()
        name = args.pop("JOB_NAME")
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts", self.name + ".py"), "rb") as f:
            w.put("code/" + self.name + ".py", f.read())
        iam, logs = boto3.client("iam"), boto3.client("logs")
        try:
            iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))
        except iam.exceptions.EntityAlreadyExistsException:
            pass
        try:
            w.glue.get_job(JobName=name)
        except w.glue.exceptions.EntityNotFoundException:
            w.glue.create_job(Name=name, Role=ROLE, GlueVersion="5.1", WorkerType="G.1X", NumberOfWorkers=2, Command={
                "Name": "glueetl", "ScriptLocation": "%s/code/%s.py" % (w.base, self.name), "PythonVersion": "3"},
                DefaultArguments=dict({"--" + k: v for k, v in args.items()}, **self.options()))
        run = w.glue.start_job_run(JobName=name)["JobRunId"]
        while True:
            r = w.glue.get_job_run(JobName=name, RunId=run)["JobRun"]
            if r["JobRunState"] in ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"):
                break
            time.sleep(0.1)
        try:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=r["LogGroupName"] + "/output", logStreamNames=[run])
            text = "\n".join(e["message"] for p in pages for e in p["events"])
        except logs.exceptions.ResourceNotFoundException:
            text = ""
        return "" if r["JobRunState"] == "SUCCEEDED" else r.get("ErrorMessage", r["JobRunState"]), text

    def options(self):
        """Further arguments of the job."""
        return {"--job-bookmark-option": "job-bookmark-enable"}


CASES = {}


def case(number):
    """Registers the class of a script's case."""
    def keep(cls):
        CASES[number] = cls
        return cls
    return keep


@case("05")
class SinkUpdates(Case):
    def check(self):
        assert self.world.columns("orders_by_country") == [("order_id", "int"), ("amount", "double")], self.world.columns("orders_by_country")
        assert self.world.partitions("orders_by_country") == [["DE"], ["FR"], ["UK"]]


@case("10")
class BookmarkedFiles(Case):
    """Three runs: one file, a second one, nothing new."""
    job = True

    def arguments(self):
        return dict(super().arguments(), source="s3://corpus/in10")

    def steps(self):
        w = self.world
        return [self.between(lambda: w.put("in10/events/1.json", "{\"n\":1,\"noise\":0}\n")), None,
                self.between(lambda: w.put("in10/events/2.json", "{\"n\":2,\"noise\":0}\n")), None, None]


@case("11")
class JdbcReadWrite(Case):
    def check(self):
        got = self.world.sql("select \"ORDER_ID\", \"AMOUNT\" from script_big")
        assert got == [["3", "99.999"], ["6", "100"]], got
        assert self.output.split()[0] == "postgresql", self.output


@case("15")
class WriteBack(Case):
    def before(self):
        self.world.table("archive", [("order_id", "int"), ("customer", "string"), ("amount", "double")], JSON, "out/15", [("year", "string")],
                         {"classification": "json"})

    def check(self):
        assert self.world.partitions("archive") == [["2024"]], self.world.partitions("archive")


@case("16")
class SaveAsTable(Case):
    def check(self):
        assert self.world.partitions("saved") == [["2023"], ["2024"]], self.world.partitions("saved")
        # One amount is no number: a choice, which a DataFrame has as a struct.
        assert self.world.columns("saved") == [("order_id", "int"), ("amount", "struct<double:double,string:string>")], self.world.columns("saved")


@case("19")
class Purge(Case):
    def before(self):
        self.world.put(self.prefix + "old.json", "{\"name\":\"old\"}\n")


@case("30")
class FindMatches(Case):
    """Refused before it writes: what it wrote first would be there."""
    error = "Penstock does not support FindMatches"


@case("31")
class Transition(Case):
    """The script is refused when it makes its GlueContext, before its first write."""
    error = "Penstock does not support storage classes (transition_s3_path); line 18 of"


@case("38")
class SinkAddsColumns(Case):
    def check(self):
        w = self.world
        assert w.columns("grown") == [("id", "int"), ("name", "string"), ("price", "double")], w.columns("grown")
        assert w.partitions("grown") == [["2024-01-01"], ["2024-01-02"], ["2024-01-04"]], w.partitions("grown")
        assert self.output.strip().endswith("\n3") or self.output.strip() == "3", self.output


@case("39")
class SinksOfAllFormats(Case):
    def check(self):
        for name in ("as_csv", "as_avro", "as_parquet"):
            assert self.world.columns(name) == [("id", "bigint"), ("amount", "decimal(10,2)")], (name, self.world.columns(name))
            assert len(self.world.partitions(name)) == 3, name


@case("40")
class PurgeTable(Case):
    def before(self):
        w = self.world
        for i, year in enumerate(("2022", "2023", "2024")):
            w.put("out/40/aged/%s/a.json" % year, "{\"n\": %d}\n" % (i + 1))
        w.put("out/40/young/a.json", "{\"n\": 1}\n")
        w.table("aged", [("n", "int")], JSON, "out/40/aged", [("year", "int")], {"classification": "json"}, None,
                [([y], "out/40/aged/" + y) for y in ("2022", "2023", "2024")])

    def check(self):
        assert self.world.partitions("aged") == [["2024"]], self.world.partitions("aged")


@case("44")
class JdbcReads(Case):
    def before(self):
        self.world.sql("""create table stock (id int, name text, even boolean); create schema shop;
            insert into stock select i, 'n' || i, i % 2 = 0 from generate_series(1, 7) i;
            create table shop.items (id int, name text, price numeric(8,2), at timestamp);
            insert into shop.items values (1, 'pen', 1.50, '2024-01-01 10:00'), (2, 'pad', 2.25, '2024-01-02 11:00'), (3, 'cup', null, null)""")

    def check(self):
        assert self.output.split("\n")[-2] == "7", self.output


@case("45")
class JdbcUpsert(Case):
    def before(self):
        self.world.sql("create table target (id int, name text); insert into target values (1, 'old'), (9, 'kept')")

    def check(self):
        got = self.world.sql("select id, name from target")
        assert got == [["1", "anna;"], ["3", "cyd;"], ["9", "kept"]], got
        got = self.world.sql("select id, name, count(*) from copies group by 1, 2")
        assert got == [["1", "anna", "3"], ["3", "cyd", "3"]], got
        assert self.world.sql("select count(*) from pg_tables where tablename = 'stage'") == [["0"]]


@case("46")
class JdbcBookmarkKeys(Case):
    """A compound key of the user's, and a primary key without gaps."""
    job = True

    def options(self):
        with open(glob.glob(os.environ["CORPUS_JDBC_JARS"] + "/*postgresql*.jar")[0], "rb") as f:
            self.world.put("code/postgresql.jar", f.read())
        return dict(super().options(), **{"--extra-jars": "s3://corpus/code/postgresql.jar"})

    def before(self):
        self.world.sql("""create table events (id int, at int, what text); insert into events values (1, 10, 'a'), (2, 10, 'b');
            create table numbered (id int primary key); insert into numbered values (1), (2)""")

    def steps(self):
        more = "insert into events values (1, 11, 'c'), (0, 10, 'late'), (9, 12, 'd'); insert into numbered values (3)"
        return [None, self.between(lambda: self.world.sql(more)), None, None]


@case("47")
class BookmarkedTable(Case):
    """A partition more between two runs, of which one is outside of the predicate."""
    job = True

    def before(self):
        w = self.world
        w.table("arriving", [("n", "int")], JSON, "in47", [("day", "string")], {"classification": "json"})
        self.arrive("2024-01-01", "a", "{\"n\": 1}\n")
        self.arrive("2023-01-01", "a", "{\"n\": 0}\n")

    def arrive(self, day, name, text):
        w = self.world
        w.put("in47/%s/%s.json" % (day, name), text)
        storage = dict(w.glue.get_table(DatabaseName=DB, Name="arriving")["Table"]["StorageDescriptor"], Location="s3://corpus/in47/%s/" % day)
        w.glue.batch_create_partition(DatabaseName=DB, TableName="arriving", PartitionInputList=[{"Values": [day], "StorageDescriptor": storage}])

    def more(self):
        self.world.put("in47/2024-01-01/b.json", "{\"n\": 2}\n")
        self.arrive("2024-01-02", "a", "{\"n\": 3}\n")

    def steps(self):
        return [None, self.between(self.more), None, None]

    def check(self):
        assert self.output.strip().endswith("new 0 all 4"), self.output


@case("50")
class SqlMakesTables(Case):
    def check(self):
        w = self.world
        assert w.partitions("by_country") == [["FR"], ["UK"]], w.partitions("by_country")
        assert w.columns("plain_copy") == [("id", "int"), ("name", "string")], w.columns("plain_copy")
        assert "by_country" in self.output and "plain_copy" in self.output, self.output


@case("56")
class CatalogBothWays(Case):
    def before(self):
        self.world.table("copied", [("id", "bigint"), ("amount", "decimal(10,2)"), ("at", "timestamp"), ("flag", "boolean"), ("day", "date")], PARQUET,
                         "out/56/copied", (), {"classification": "parquet"})


@case("58")
class TlsConnection(Case):
    """A connection that asks for TLS is not used in the clear."""
    error = "Penstock does not support JDBC_ENFORCE_SSL of the connection tls"

    def check(self):
        assert self.world.sql("select count(*) from pg_tables where tablename = 'never'") == [["0"]]


@case("42")
class RulesOfAllTypes(Case):
    def found(self):
        found = super().found()
        for row in found["results/sales"]["rows"]:  # as outcomes and metrics have them
            assert (row.pop("FailureReason") is None) == (row["Outcome"] == "Passed"), row
            row.pop("EvaluatedMetrics")
        found["results/sales"]["rows"] = readers.order(found["results/sales"]["rows"])
        return found

    def check(self):
        cloudwatch = boto3.client("cloudwatch")
        for name, want in (("passed", 27), ("failed", 2)):
            got = cloudwatch.get_metric_statistics(Namespace="Glue Data Quality", MetricName="glue.data.quality.rules." + name, Period=86400,
                                                   Dimensions=[{"Name": "EvaluationContext", "Value": "sales"}], Statistics=["Maximum"],
                                                   StartTime=time.time() - 86400, EndTime=time.time() + 86400)["Datapoints"]
            assert [p["Maximum"] for p in got] == [want], (name, got)
