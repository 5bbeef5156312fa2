"""The Data Catalog: from_catalog, sinks that update it, Spark SQL over it."""

import os
import time
import unittest

from common import CSV, JSON, OPENCSV, ORC, PARQUET, CatalogCase, rows
from awsglue import DataError
from awsglue.gluetypes import ChoiceType, LongType, StringType


class TestRead(CatalogCase):
    def read(self, name, **o):
        return self.glue.create_dynamic_frame.from_catalog(database=self.db, table_name=name, **o)

    def test_csv_partitions(self):
        """Folders without k=v, a partition elsewhere, one with fewer columns; predicates on both sides."""
        self.table("sales", [("id", "bigint"), ("price", "double"), ("note", "string")], CSV, "sales", [("year", "int"), ("month", "string")],
                   {"classification": "csv", "skip.header.line.count": "1"}, {"field.delim": ","})
        self.file("sales/2020/01/a.csv", "id,price,note\n1,1.5,\"a,b\"\n2,,\n")
        self.file("sales/2020/02/a.csv", "id,price,note\n3,3.5,c\n")
        self.file("elsewhere/x.csv", "id,price\n4,4.5\n")
        self.file("sales/2019/01/never.csv", "id,price,note\n9,9,never registered\n")
        self.part("sales", ["2020", "01"], "sales/2020/01")
        self.part("sales", ["2020", "02"], "sales/2020/02")
        self.part("sales", ["2021", "__HIVE_DEFAULT_PARTITION__"], "elsewhere", [("id", "bigint"), ("price", "double")])
        self.part("sales", ["2022", "01"], "sales/2022/01")  # without files
        want = [{"id": 1, "price": 1.5, "note": "a,b", "year": 2020, "month": "01"},
                {"id": 2, "price": None, "note": None, "year": 2020, "month": "01"},
                {"id": 3, "price": 3.5, "note": "c", "year": 2020, "month": "02"},
                {"id": 4, "price": 4.5, "note": None, "year": 2021, "month": None}]
        self.assertEqual(rows(self.read("sales")), want)
        self.assertEqual(rows(self.read("sales", push_down_predicate="(year==2020 and month=='02')")), want[2:3])
        self.assertEqual(rows(self.read("sales", push_down_predicate="year > 2020")), want[3:])
        got = self.read("sales", additional_options={"catalogPartitionPredicate": "month = '01'"}, push_down_predicate="year = 2020")
        self.assertEqual(rows(got), want[:2])
        self.assertIn("month = '01'", [m.get("Expression") for op, m in self.service.calls if op == "GetPartitions"])
        self.assertEqual(rows(self.read("sales", push_down_predicate="year = 1999")), [])
        df = self.glue.create_data_frame.from_catalog(self.db, "sales")
        self.assertEqual(df.filter("month = '02'").count(), 1)
        self.assertEqual(self.glue.create_sample_dynamic_frame_from_catalog(self.db, "sales", 2).count(), 2)

    def test_misfits(self):
        """AWS's medicare example: texts among numbers are a choice of long and string."""
        self.table("m", [("provider id", "bigint"), ("day", "date"), ("n", "int")], CSV, "m", (), {"classification": "csv"}, {"field.delim": ","})
        self.file("m/a.csv", "10001,2020-01-31,7\n\"abc\",2020-02-01,1.5\n,,\n")
        f = self.read("m")
        self.assertEqual(f.schema().getField("provider id").dataType, ChoiceType([LongType(), StringType()]))
        self.assertEqual(f.toDF().schema["day"].dataType.simpleString(), "date")
        got = f.resolveChoice(specs=[("provider id", "cast:long"), ("n", "cast:int")])
        self.assertEqual(rows(got), [{"provider id": 10001, "day": "2020-01-31", "n": 7}, {"provider id": None, "day": "2020-02-01", "n": None},
                                     {"provider id": None, "day": None, "n": None}])
        got = f.resolveChoice(choice="match_catalog", database=self.db, table_name="m")
        self.assertEqual(got.toDF().schema.simpleString(), "struct<provider id:bigint,day:date,n:int>")
        self.assertEqual([r["provider id"] for r in rows(f.resolveChoice(choice="project:string"))], ["abc", None, None])

    def test_serdes(self):
        self.table("o", [("a", "int"), ("b", "string")], OPENCSV, "o", (), {}, {"separatorChar": ";", "quoteChar": "'", "escapeChar": "\\"})
        self.file("o/a.csv", "'1';'x;\\'y'\n2;z\n")
        self.assertEqual(rows(self.read("o")), [{"a": 1, "b": "x;'y"}, {"a": 2, "b": "z"}])
        self.table("l", [("a", "int"), ("b", "string")], CSV, "l", (), {}, {"field.delim": "\t"})
        self.file("l/a.txt", "1\t\"x\n\\N\t\\N\n")
        self.assertEqual(rows(self.read("l")), [{"a": 1, "b": "\"x"}, {"a": None, "b": None}])
        self.table("h", [("a", "int")], CSV, "h")
        self.file("h/a.txt", "5\u00016\n")
        self.assertEqual(rows(self.read("h")), [{"a": 5}])
        self.table("j", [("userid", "bigint"), ("deep", "struct<innerkey:int,l:array<string>>"), ("renamed", "string"), ("gone", "string")], JSON,
                   "j", (), {"classification": "json"}, {"mapping.renamed": "old name"})
        self.file("j/a.json", "{\"userId\": 5, \"deep\": {\"innerKey\": 7, \"l\": [\"x\"]}, \"old name\": true}\n{\"userId\": 1.5}\n")
        f = self.read("j")
        self.assertEqual(f.schema().getField("userid").dataType, ChoiceType([LongType(), StringType()]))
        self.assertEqual(rows(f.resolveChoice(specs=[("userid", "cast:double")])), [
            {"userid": 1.5, "deep": None, "renamed": None, "gone": None},
            {"userid": 5.0, "deep": {"innerkey": 7, "l": ["x"]}, "renamed": "true", "gone": None}])
        for form, serde in (("parquet", PARQUET), ("orc", ORC)):
            self.table(form, [("id", "int"), ("name", "string"), ("new", "double")], serde, form, [("k", "string")])
            self.df([(1, "a")], "Id int, name string").write.format(form).save(self.dir + "/%s/x" % form)
            self.df([("b", 2, 2.5)], "name string, id int, new double").write.format(form).save(self.dir + "/%s/y" % form)
            self.part(form, ["X"], form + "/x")
            self.part(form, ["Y"], form + "/y")
            self.assertEqual(rows(self.read(form)), [{"id": 1, "name": "a", "new": None, "k": "X"}, {"id": 2, "name": "b", "new": 2.5, "k": "Y"}])

    def test_refused(self):
        self.table("g", [("a", "int")], "com.amazonaws.glue.serde.GrokSerDe", "g")
        self.refused("the SerDe 'com.amazonaws.glue.serde.GrokSerDe'", self.read, "g")
        self.table("i", [("a", "int")], "", "i", (), {"table_type": "ICEBERG"})
        self.refused("from_catalog of the iceberg table", self.read, "i")
        self.table("k", [("a", "int")], JSON, "k", (), {"typeOfData": "kinesis"})
        self.refused("streaming", self.glue.create_data_frame.from_catalog, self.db, "k")
        self.refused("streaming", self.glue.create_data_frame.from_catalog, self.db, "k", additional_options={"startingPosition": "LATEST"})
        self.table("c", [("a", "int")], CSV, "c", (), {"skip.header.line.count": "2"})
        self.file("c/a.csv", "1\n")
        self.refused("skip.header.line.count 2", self.read, "c")
        self.refused("the option 'odd'", self.read, "c", additional_options={"odd": 1})
        with self.assertRaisesRegex(DataError, "no partition keys"):
            self.read("c", push_down_predicate="x=1")
        with self.assertRaisesRegex(Exception, "EntityNotFoundException"):
            self.read("none")


class TestWrite(CatalogCase):
    def sink(self, name, **o):
        options = dict({"path": "file:" + self.dir + "/out", "enableUpdateCatalog": True}, **o)
        form = options.pop("form", "glueparquet")
        sink = self.glue.getSink(connection_type="s3", **options)
        sink.setFormat(form)
        sink.setCatalogInfo(catalogDatabase=self.db, catalogTableName=name)
        return sink

    def test_sink_makes_and_updates(self):
        f = self.frame([(1, "a", "2020"), (2, "b", "20/21")], "Id int, name string, y string")
        self.sink("made", partitionKeys=["y"], updateBehavior="UPDATE_IN_DATABASE").writeFrame(f)
        t = self.service.tables[self.db, "made"]
        self.assertEqual(t["StorageDescriptor"]["Columns"], [{"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"}])
        self.assertEqual(t["PartitionKeys"], [{"Name": "y", "Type": "string"}])
        self.assertEqual((t["Parameters"]["classification"], t["Parameters"]["useGlueParquetWriter"]), ("parquet", "true"))
        self.assertEqual(t["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"], PARQUET)
        parts = self.service.parts[self.db, "made"]
        self.assertEqual(sorted(parts), [("20/21",), ("2020",)])
        self.assertTrue(parts[("2020",)]["StorageDescriptor"]["Location"].endswith("/out/y=2020/"))
        # A further write with a new column: it is the table's, and only its partition is new.
        os.makedirs(self.dir + "/out/y=never")
        self.file("out/y=never/part-x.parquet", "")
        g = self.frame([(3, "c", 1.5, "2022")], "id int, name string, extra double, y string")
        self.sink("made", partitionKeys=["y"]).writeFrame(g)
        self.assertEqual([c["Name"] for c in self.service.tables[self.db, "made"]["StorageDescriptor"]["Columns"]], ["id", "name", "extra"])
        self.assertEqual(sorted(parts), [("20/21",), ("2020",), ("2022",)])
        got = rows(self.glue.create_dynamic_frame.from_catalog(self.db, "made"))
        self.assertEqual([(r["id"], r["extra"], r["y"]) for r in got], [(1, None, "2020"), (2, None, "20/21"), (3, 1.5, "2022")])
        # LOG: the columns stay; partitions are added only if the table has all columns.
        h = self.frame([(4, "d", True, "2023")], "id int, name string, other boolean, y string")
        self.sink("made", partitionKeys=["y"], updateBehavior="LOG").writeFrame(h)
        self.assertNotIn(("2023",), parts)
        self.sink("made", partitionKeys=["y"], updateBehavior="LOG").writeFrame(self.frame([(5, "2024")], "id int, y string"))
        self.assertIn(("2024",), parts)
        with self.assertRaisesRegex(DataError, "partition keys"):
            self.sink("made", partitionKeys=["name"]).writeFrame(f)
        with self.assertRaisesRegex(DataError, "the sink writes json"):
            self.sink("made", partitionKeys=["y"], form="json").writeFrame(f)
        self.refused("enableUpdateCatalog of the format orc", self.sink("o", form="orc").writeFrame, f)

    def test_other_formats(self):
        f = self.frame([(1, "a,b"), (2, None)], "id int, name string")
        for form in ("json", "csv"):
            self.sink(form, form=form, path="file:" + self.dir + "/" + form).writeFrame(f)
            got = rows(self.glue.create_dynamic_frame.from_catalog(self.db, form))
            self.assertEqual(got, [{"id": 1, "name": "a,b"}, {"id": 2, "name": None}], form)
        with self.assertRaisesRegex(Exception, "EntityNotFoundException"):
            sink = self.glue.getSink("s3", path="file:" + self.dir + "/no", enableUpdateCatalog=True)
            sink.setFormat("json")
            sink.setCatalogInfo(catalogDatabase="none", catalogTableName="t")
            sink.writeFrame(f)
        self.assertFalse(os.path.exists(self.dir + "/no"))

    def test_write_from_catalog(self):
        self.table("w", [("id", "int"), ("name", "string")], CSV, "w", [("k", "string")], {"classification": "csv", "skip.header.line.count": "1"},
                   {"field.delim": ";"})
        f = self.frame([("x", "a;1", 1)], "k string, name string, id int")
        self.glue.write_dynamic_frame.from_catalog(frame=f, database=self.db, table_name="w",
                                                   additional_options={"enableUpdateCatalog": True, "updateBehavior": "LOG"})
        self.assertEqual(rows(self.glue.create_dynamic_frame.from_catalog(self.db, "w")), [{"id": 1, "name": "a;1", "k": "x"}])
        with self.assertRaisesRegex(DataError, "has the partition keys"):
            self.glue.write_dynamic_frame.from_catalog(f, self.db, "w", additional_options={"partitionKeys": ["name"]})

    def test_purge_table(self):
        self.table("p", [("a", "int")], JSON, "p", [("k", "string")])
        for k in ("1", "2"):
            self.file("p/%s/a.json" % k, "{\"a\":1}\n", time.time() - 7200)
            self.part("p", [k], "p/" + k)
        self.glue.purge_table(database=self.db, table_name="p", options={"partitionPredicate": "k = '1'", "retentionPeriod": 1})
        self.assertEqual(sorted(self.service.parts[self.db, "p"]), [("2",)])
        self.glue.purge_table(self.db, "p", options={"retentionPeriod": 0})
        self.assertEqual(self.service.parts[self.db, "p"], {})


class TestSQL(CatalogCase):
    def test_select(self):
        self.table("t", [("id", "int"), ("name", "string")], CSV, "t", [("y", "string"), ("m", "int")], {"classification": "csv"}, {"field.delim": "|"})
        self.file("t/2020/1/a.csv", "1|a\n")
        self.part("t", ["2020", "1"], "t/2020/1")
        self.table("u", [("userid", "int"), ("tags", "array<string>")], JSON, "u")
        self.file("u/a.json", "{\"userId\": 1, \"tags\": [\"x\", \"y\"]}\n")
        q = "SELECT t.id, name, m, tags[0] AS tag FROM %s.t JOIN %s.u ON t.id = u.userid -- nothing.here\nWHERE y = '2020'" % (self.db, self.db)
        self.assertEqual(rows(self.spark.sql(q)), [{"id": 1, "name": "a", "m": 1, "tag": "x"}])
        self.file("t/2021/2/a.csv", "2|b\n")
        self.part("t", ["2021", "2"], "t/2021/2")  # while the session lives
        self.assertEqual(self.spark.sql("select * from `%s`.`t`" % self.db).count(), 2)
        self.assertEqual(self.spark.table(self.db + ".t").where("m = 2").count(), 1)
        self.assertEqual(self.spark.read.table(self.db + ".u").count(), 1)
        self.assertEqual(self.glue.sql("SELECT count(*) FROM %s.T" % self.db.upper()).collect()[0][0], 2)
        plan = self.spark.sql("select * from %s.t where y = '2021'" % self.db)._jdf.queryExecution().executedPlan().toString()
        self.assertIn("PartitionFilters: [isnotnull(y", plan)
        self.spark.sql("USE " + self.db)
        self.addCleanup(self.spark.sql, "USE default")
        self.assertEqual(self.spark.sql("select count(*) from t").collect()[0][0], 2)
        self.assertEqual(sorted(r["tableName"] for r in self.spark.sql("show tables").collect()), ["t", "u"])

    def test_make(self):
        df = self.df([(1, "a", "x"), (2, "b", "y")], "id int, name string, k string")
        df.write.mode("overwrite").format("parquet").partitionBy("k").saveAsTable(self.db + ".made")
        t = self.service.tables[self.db, "made"]
        self.assertEqual(t["StorageDescriptor"]["Columns"], [{"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"}])
        self.assertTrue(t["StorageDescriptor"]["Location"].endswith("/base/made"))
        self.assertEqual(sorted(self.service.parts[self.db, "made"]), [("x",), ("y",)])
        self.assertEqual(len(rows(self.glue.create_dynamic_frame.from_catalog(self.db, "made"))), 2)
        self.df([(3, "c", "z")], "id int, name string, k string").write.insertInto(self.db + ".made")
        self.assertEqual(sorted(self.service.parts[self.db, "made"]), [("x",), ("y",), ("z",)])
        self.spark.sql("INSERT INTO %s.made VALUES (4, 'd', 'x')" % self.db)
        self.assertEqual(self.spark.sql("select * from %s.made" % self.db).count(), 4)
        self.df([(9, 1.5)], "id int, v double").write.mode("overwrite").saveAsTable(self.db + ".made")
        self.assertEqual([c["Name"] for c in self.service.tables[self.db, "made"]["StorageDescriptor"]["Columns"]], ["id", "v"])
        self.spark.sql("CREATE TABLE IF NOT EXISTS %s.ctas AS SELECT id, v FROM %s.made" % (self.db, self.db))
        self.assertEqual(rows(self.glue.create_dynamic_frame.from_catalog(self.db, "ctas")), [{"id": 9, "v": 1.5}])
        self.spark.sql("DROP TABLE %s.ctas" % self.db)
        self.assertNotIn((self.db, "ctas"), self.service.tables)
        self.spark.sql("CREATE DATABASE %s_new" % self.db)
        self.assertIn(self.db + "_new", self.service.databases)
        self.df([(1, "x")], "id int, k string").write.partitionBy("k").saveAsTable(self.db + ".more")
        self.spark.sql("WITH n AS (SELECT 5 AS id, 'new' AS k) INSERT INTO %s.more SELECT * FROM n" % self.db)
        self.assertEqual(sorted(self.service.parts[self.db, "more"]), [("new",), ("x",)])
        self.spark.sql("CREATE OR REPLACE TEMPORARY VIEW v AS SELECT * FROM %s.more" % self.db)
        self.assertEqual(self.spark.sql("select * from v").count(), 2)
        self.addCleanup(self.spark.catalog.dropTempView, "v")
        self.refused("writeTo", self.spark.table("v").writeTo, self.db + ".more")
        for text, statement in (("views", "CREATE VIEW %s.v AS SELECT 1"), ("TRUNCATE TABLE", "TRUNCATE TABLE %s.made"), ("ALTER TABLE", "ALTER TABLE %s.made ADD COLUMNS (z int)"),
                                ("DELETE FROM", "DELETE FROM %s.made"), ("DROP DATABASE", "DROP DATABASE %s")):
            self.refused(text, self.spark.sql, statement % self.db)


    def test_denied_and_threads(self):
        """Keys that may not read the catalog still run Spark SQL; threads register one after another."""
        import concurrent.futures
        self.table("t", [("id", "int")], JSON, "t")
        self.file("t/a.json", "{\"id\": 1}\n")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            got = list(pool.map(lambda _: self.spark.sql("select * from %s.t" % self.db).count(), range(8)))
        self.assertEqual(got, [1] * 8)
        from awsglue import sparkcatalog
        sparkcatalog.reset()
        self.service.fail = [(400, {"__type": "AccessDeniedException", "message": "no"})]
        self.assertEqual(self.spark.sql("select 1").collect()[0][0], 1)


class TestClient(CatalogCase):
    def test_retries_and_errors(self):
        from awsglue import aws
        self.service.fail = [(500, {"__type": "InternalServiceException"}), (400, {"__type": "ThrottlingException"})]
        self.assertEqual(aws.Glue().call("GetDatabase", Name=self.db)["Database"]["Name"], self.db)
        with self.assertRaises(aws.ServiceError) as got:
            aws.Glue().call("GetDatabase", Name="none")
        self.assertEqual(got.exception.code, "EntityNotFoundException")
        with self.assertRaisesRegex(ConnectionError, "AWS_ENDPOINT_URL is not set"):
            aws.Glue({}).call("GetDatabase", Name="x")

    def test_signature(self):
        """AWS's published example of the signature, version 4 (the suite's post-vanilla)."""
        import datetime
        from awsglue import aws
        got = aws.sign("POST", "http://example.amazonaws.com/", {}, b"", "service", "us-east-1", "AKIDEXAMPLE",
                       "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None, datetime.datetime(2015, 8, 30, 12, 36, 0))
        self.assertEqual(got["Authorization"], "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                         "SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")


if __name__ == "__main__":
    unittest.main()
