"""The corpus of scripts, unchanged user scripts, each in the one warm session; what they leave is compared with what plain PySpark, or a
person with a pencil, makes of the same input. With AWSGLUE_REAL=s3://bucket/prefix they run against a real endpoint instead."""

import json
import os
import re
import runpy
import sys
import unittest

from common import CSV, HERE, JSON, CatalogCase, Case, FakeGlue, rows
from pyspark.sql import functions as F

SCRIPTS = os.path.join(HERE, "..", "scripts")
REAL = os.environ.get("AWSGLUE_REAL")
ORDERS = {"2024/05": "order_id,customer,amount,day,country\n1,c1,10.50,2024-05-01,UK\n2,c2,-3,2024-05-02,UK\n3,c1,99.999,2024-05-03,FR\n",
          "2024/06": "order_id,customer,amount,day,country\n4,c3,oops,2024-06-01,DE\n5,c2,20,2024-06-31,FR\n",
          "2023/12": "order_id,customer,amount,day,country\n6,c9,100,2023-12-01,UK\n"}
PEOPLE = [{"name": "ann", "address": {"city": "Riga", "zip": 5}, "phones": [{"kind": "h", "number": "1"}, {"kind": "w", "number": "2"}]},
          {"name": "bob", "address": {"city": "Oslo", "zip": 7}, "phones": []}]


def make_bucket(address):
    """The bucket of an s3:// address, made if it is not there."""
    import datetime
    import hashlib
    import http.client
    import urllib.parse
    from awsglue import aws
    url = os.environ["AWS_ENDPOINT_URL"].rstrip("/") + "/" + urllib.parse.urlsplit(address).netloc
    headers = {"X-Amz-Content-Sha256": hashlib.sha256(b"").hexdigest()}
    headers = aws.sign("PUT", url, headers, b"", "s3", "us-east-1", os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"],
                       os.environ.get("AWS_SESSION_TOKEN"), datetime.datetime.now(datetime.timezone.utc))
    conn = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    conn.request("PUT", urllib.parse.urlsplit(url).path, b"", headers)
    answer = conn.getresponse()
    if answer.status not in (200, 409):
        raise AssertionError("%d: %s" % (answer.status, answer.read()))
    conn.close()


class Scripts(CatalogCase):
    """One test a script; on files and a catalog in this process."""

    def setUp(self):
        if REAL:
            Case.setUp(self)
            from awsglue import aws, sparkcatalog
            sparkcatalog.reset()
            self.client = aws.Glue()
            self.db = "scripts_" + os.path.basename(self.dir).replace("-", "_").lower()
            self.base = REAL.rstrip("/") + "/" + self.db
            make_bucket(REAL)
            self.client.call("CreateDatabase", DatabaseInput={"Name": self.db, "LocationUri": self.base + "/base"})
        else:
            super().setUp()
            from awsglue import aws
            self.client, self.base = aws.Glue(), "file:" + self.dir
        self.source, self.target = self.base + "/src", self.base + "/out"
        for folder, text in ORDERS.items():
            self.put("src/orders/%s/a.csv" % folder, text)
        self.put("src/people/a.json", "".join(json.dumps(p) + "\n" for p in PEOPLE))

    def put(self, name, text):
        from awsglue import files
        files.write_text(self.spark, self.base + "/" + name, text)

    def make(self, name, columns, serde, place, keys=(), parameters=None, serde_parameters=None):
        """A table by the API."""
        self.client.call("CreateTable", DatabaseName=self.db, TableInput={
            "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters or {}, "PartitionKeys": [{"Name": n, "Type": t} for n, t in keys],
            "StorageDescriptor": {"Columns": [{"Name": n, "Type": t} for n, t in columns], "Location": self.base + "/" + place,
                                  "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                                  "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                                  "SerdeInfo": {"SerializationLibrary": serde, "Parameters": serde_parameters or {}}}})

    def tables(self):
        csv = {"classification": "csv", "skip.header.line.count": "1"}
        columns = [("order_id", "int"), ("customer", "string"), ("amount", "double"), ("day", "string"), ("country", "string")]
        self.make("orders", columns, CSV, "src/orders", [("year", "string"), ("month", "string")], csv, {"field.delim": ","})
        storage = self.client.call("GetTable", DatabaseName=self.db, Name="orders")["Table"]["StorageDescriptor"]
        self.client.call("BatchCreatePartition", DatabaseName=self.db, TableName="orders", PartitionInputList=[
            {"Values": folder.split("/"), "StorageDescriptor": dict(storage, Location="%s/src/orders/%s/" % (self.base, folder))}
            for folder in ORDERS])
        self.put("src/customers/a.json", "{\"id\":\"c1\",\"Name\":\"Ann\",\"note\":\"x\"}\n{\"id\":\"c2\",\"Name\":\"Bob\",\"note\":\"y\"}\n")
        self.make("customers", [("id", "string"), ("name", "string"), ("note", "string")], JSON, "src/customers", (), {"classification": "json"})

    def run_script(self, name, **args):
        """Runs one script as spark-submit would, in this process."""
        path = [os.path.join(SCRIPTS, n) for n in sorted(os.listdir(SCRIPTS)) if n.startswith(name)][0]
        given = dict({"JOB_NAME": "job-" + name}, **args)
        argv, before = sys.argv, sys.modules["__main__"]
        sys.argv = [path] + [w for k, v in given.items() for w in ("--" + k, v)]
        try:
            return runpy.run_path(path, run_name="__main__")
        finally:
            sys.argv = argv
            sys.modules["__main__"] = before

    def out(self, name="", form="json", **options):
        return self.read(self.target + name, form, **options)

    def orders(self):
        """The orders as plain Spark reads them."""
        df = None
        for folder in ORDERS:
            one = self.spark.read.option("header", True).csv(self.source + "/orders/" + folder).withColumn("year", F.lit(folder[:4]))
            df = one if df is None else df.unionByName(one)
        return df

    def test_01(self):
        self.run_script("01", source=self.source, target=self.target)
        df = self.orders()
        want = df.select(F.col("order_id").cast("bigint"), "customer", F.col("amount").cast("decimal(12,2)"), F.col("day").cast("date"),
                         "country").filter("amount > 0")
        self.assertEqual(self.out(form="parquet"), rows(want))
        self.assertEqual(self.out(form="parquet")[1]["amount"], "100.00")

    def test_02_and_06(self):
        self.tables()
        self.run_script("02", database=self.db, target=self.target)
        self.assertEqual(self.out(), [{"customer_name": "Ann", "n": 2, "total": 110.499}, {"customer_name": "Bob", "n": 2, "total": 17.0}])
        self.target += "_sql"
        self.run_script("06", database=self.db, target=self.target)
        self.assertEqual(self.out(), [{"name": "Ann", "total": 110.499}, {"name": "Bob", "total": 17.0}])
        self.assertEqual(self.out("_big"), [{"name": "Ann"}, {"name": "Bob"}])

    def test_03(self):
        self.run_script("03", source=self.source, target=self.target, TempDir=self.base + "/temp")
        self.assertEqual([{k: r[k] for k in ("name", "city", "kind", "number")} for r in self.out(form="orc")], [
            {"name": "ann", "city": "Riga", "kind": "h", "number": "1"}, {"name": "ann", "city": "Riga", "kind": "w", "number": "2"}])

    def test_04(self):
        self.put("src/readings/a.json", "{\"sensor\":\"a\",\"value\":1.5}\n{\"sensor\":\"b\",\"value\":\"2.5\"}\n{\"sensor\":\"c\",\"value\":\"n/a\"}\n")
        self.run_script("04", source=self.source, target=self.target)
        self.assertEqual(self.out("/cast"), [{"sensor": "a", "value": 1.5}, {"sensor": "b", "value": 2.5}, {"sensor": "c", "value": None}])
        self.assertEqual(self.out("/cols"), [{"sensor": "a", "value_double": 1.5, "value_string": None},
                                             {"sensor": "b", "value_double": None, "value_string": "2.5"},
                                             {"sensor": "c", "value_double": None, "value_string": "n/a"}])
        self.assertEqual(self.out("/project"), [{"sensor": "a", "value": 1.5}, {"sensor": "b", "value": None}, {"sensor": "c", "value": None}])
        self.assertEqual(self.out("/struct")[1]["value"], {"double": None, "string": "2.5"})

    def test_05(self):
        self.run_script("05", source=self.source, target=self.target, database=self.db)
        t = self.client.call("GetTable", DatabaseName=self.db, Name="orders_by_country")["Table"]
        self.assertEqual([(c["Name"], c["Type"]) for c in t["StorageDescriptor"]["Columns"]], [("order_id", "int"), ("amount", "double")])
        parts = self.client.call("GetPartitions", DatabaseName=self.db, TableName="orders_by_country")["Partitions"]
        got = {p["Values"][0]: self.read(p["StorageDescriptor"]["Location"], "parquet") for p in list(parts) + list(
            self.client.call("GetPartitions", DatabaseName=self.db, TableName="orders_by_country", Expression="country = 'UK'")["Partitions"])}
        self.assertEqual(got["UK"], [{"Order_Id": 1, "amount": 10.5}, {"Order_Id": 2, "amount": -3.0}, {"Order_Id": 6, "amount": 100.0}])

    def test_07(self):
        self.run_script("07", source=self.source, target=self.target)
        self.assertEqual(self.out(form="parquet"), [{"address": {"city": "OSLO", "zip": 7}, "name": "bob!", "length": 3},
                                                    {"address": {"city": "RIGA", "zip": 5}, "name": "ann!", "length": 3}])

    def test_08(self):
        self.run_script("08", source=self.source, target=self.target)
        df = self.orders().select(F.col("order_id").cast("int"), "customer", F.col("amount").cast("double"))
        middle = df.filter("amount >= 10 and amount < 100").select(F.concat_ws("|", "order_id", "amount").alias("value"))
        self.assertEqual(self.out("/numbers", "text"), rows(middle))
        self.assertEqual(sorted(r["order_id"] for r in self.out("/rest")), [2, 4, 6])
        self.assertEqual(self.out("/less"), sorted(rows(df.select("customer", "order_id")), key=lambda r: (r["customer"], r["order_id"])))

    def test_09(self):
        self.tables()
        self.run_script("09", database=self.db, target=self.target)
        self.assertEqual({r["Rule"].split()[0]: r["Outcome"] for r in self.out("/rules")},
                         {"RowCount": "Passed", "IsComplete": "Passed", "ColumnValues": "Failed", "IsUnique": "Passed"})
        self.assertEqual([r["order_id"] for r in sorted(self.out("/good"), key=lambda r: r["order_id"])], [1, 3, 5, 6])

    def fake(self):
        """Glue's API in this process, for what the server does not serve yet; S3 stays the server's."""
        if REAL:
            self.service = FakeGlue()
            self.addCleanup(self.service.close)
            os.environ["AWS_ENDPOINT_URL_GLUE"] = "http://127.0.0.1:%d" % self.service.server.server_port
            self.addCleanup(os.environ.pop, "AWS_ENDPOINT_URL_GLUE", None)

    def test_10(self):
        self.fake()
        self.put("src/events/1.json", "{\"n\":1,\"noise\":0}\n")
        bookmark = {"job-bookmark-option": "job-bookmark-enable"}
        self.run_script("10", source=self.source, target=self.target, JOB_RUN_ID="jr_1", **bookmark)
        self.put("src/events/2.json", "{\"n\":2,\"noise\":0}\n")
        self.run_script("10", source=self.source, target=self.target, JOB_RUN_ID="jr_2", **bookmark)
        self.run_script("10", source=self.source, target=self.target, JOB_RUN_ID="jr_3", **bookmark)
        self.assertEqual(self.out(), [{"n": 1}, {"n": 2}])

    def test_11(self):
        self.fake()
        url = "jdbc:derby:memory:%s;create=true" % self.db
        driver = "org.apache.derby.jdbc.EmbeddedDriver"
        self.service.connections["con"] = {"Name": "con", "ConnectionProperties": {
            "JDBC_CONNECTION_URL": url, "USERNAME": "app", "PASSWORD": "pw", "JDBC_DRIVER_CLASS_NAME": driver}}
        self.run_script("11", source=self.source, connection="con")
        got = self.spark.read.format("jdbc").options(url=url, driver=driver, user="app", password="pw", dbtable="script_big").load()
        self.assertEqual(rows(got), [{"ORDER_ID": 3, "AMOUNT": 99.999}, {"ORDER_ID": 6, "AMOUNT": 100.0}])

    def test_12(self):
        records = [{"eventName": "Put", "user": {"name": "ann", "id": 1}}, {"eventName": "Get", "user": {"name": "bob", "id": 2}}]
        self.put("src/trail/a.json", json.dumps({"Records": records}, indent=1))
        self.put("src/trail/half.tmp", "{\"Records\": [")
        self.run_script("12", source=self.source, target=self.target)
        self.assertEqual(self.out(), [{"event": "Get", "user": "bob", "user_id": 2}, {"event": "Put", "user": "ann", "user_id": 1}])

    def test_13(self):
        self.tables()
        self.run_script("13", source=self.source, target=self.target, database=self.db)
        self.assertEqual(sorted((r["id"], r["name"], r["note"], r["vip"]) for r in self.out("/merged") if r["id"] != "c2"),
                         [("c1", "Ann the second", None, True), ("c9", "Zoe", None, False)])
        self.assertEqual(sorted(r["name"] for r in self.out("/union")), ["Ann", "Ann the second", "Bob", "Zoe"])

    def test_14(self):
        self.run_script("14", target=self.target)
        self.assertEqual(self.out(), [{"loc": "CA", "n": 34}, {"loc": "TX", "n": 220}])

    def test_15_and_16(self):
        self.tables()
        self.make("archive", [("order_id", "int"), ("customer", "string"), ("amount", "double")], JSON, "archive", [("year", "string")],
                  {"classification": "json"})
        self.run_script("15", database=self.db)
        parts = self.client.call("GetPartitions", DatabaseName=self.db, TableName="archive")["Partitions"]
        self.assertEqual([p["Values"] for p in parts], [["2024"]])
        self.assertEqual([(r["order_id"], r["amount"]) for r in sorted(self.read(parts[0]["StorageDescriptor"]["Location"]),
                                                                       key=lambda r: r["order_id"])], [(3, 99.999), (4, None), (5, 20.0)])
        self.run_script("16", database=self.db, target=self.target)
        self.assertEqual(sorted((str(r["year"]), r["count"]) for r in self.out()), [("2023", 1), ("2024", 5)])
        t = self.client.call("GetTable", DatabaseName=self.db, Name="saved")["Table"]
        self.assertEqual(t["StorageDescriptor"]["Location"].rstrip("/"), self.base + "/base/saved")
        parts = self.client.call("GetPartitions", DatabaseName=self.db, TableName="saved")["Partitions"]
        self.assertEqual(sorted(p["Values"][0] for p in parts), ["2023", "2024"])

    def test_17(self):
        """Dynamic overwrite replaces one partition and doubles none: section 6's trap."""
        self.run_script("17", source=self.source, target=self.target)
        self.assertEqual(sorted(r["order_id"] for r in self.out(form="parquet")),
                         sorted(r["order_id"] for r in rows(self.orders())))

    def test_18(self):
        self.put("src/dirty/a.json", "{\"n\": \"1\"}\n{\"n\": \n{\"n\": \"x\"}\n{\"n\": \"3\"}\n")
        self.run_script("18", source=self.source, target=self.target)
        self.assertEqual((self.out("/bad"), self.out("/good")), ([{"record": "{\"n\": "}], [{"n": 1}, {"n": 3}]))
        self.assertEqual(len(self.out("/sample")), 2)

    def test_19(self):
        self.put("out/old.json", "{\"name\":\"old\"}\n")
        self.run_script("19", source=self.source, target=self.target)
        self.assertEqual(self.out(), [{"address": {"city": "Oslo"}, "name": "bob"}, {"address": {"city": "Riga"}, "name": "ann"}])

    def test_20(self):
        self.run_script("20", target=self.target)
        self.assertEqual(self.out(), [{"id": 2, "k": "B"}])


class TestCorpus(unittest.TestCase):
    def test_every_name(self):
        """The scripts use every transform that is not refused, and every method of the reader and writer."""
        text = ""
        for name in sorted(os.listdir(SCRIPTS)):
            with open(os.path.join(SCRIPTS, name)) as f:
                text += f.read()
        from awsglue import transforms
        from awsglue.collection import DynamicFrameReader, DynamicFrameWriter
        names = [n for n in transforms.__all__ if n not in (
            "FillMissingValues", "FindMatches", "FindIncrementalMatches", "FlatMap", "MapToCollection", "Union", "GlueTransform", "RenameField")]
        names += [n for c in (DynamicFrameReader, DynamicFrameWriter) for n in vars(c) if n.startswith("from_")]
        names += ["getSink", "setFormat", "setCatalogInfo", "writeFrame", "getSource", "getFrame", "purge_s3_path", "extract_jdbc_conf",
                  "get_logger", "toDF", "fromDF", "apply_mapping", "resolveChoice", "unnest", "drop_fields",
                  "select_fields", "rename_field", "filter", "map", "join", "union", "mergeDynamicFrame", "repartition", "coalesce", "count",
                  "show", "printSchema", "schema", "errorsCount", "assertErrorThreshold", "spark_session", "getResolvedOptions",
                  "process_rows", "create_data_frame", "write_from_options", "push_down_predicate", "catalogPartitionPredicate", "jsonPath",
                  "multiline", "withHeader", "separator", "writeHeader", "partitionKeys", "compression", "enableUpdateCatalog",
                  "updateBehavior", "boundedFiles", "exclusions", "groupFiles", "recurse", "additional_options", "transformation_ctx"]
        missing = [n for n in names if not re.search(r"\b%s\b" % re.escape(n), text)]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
