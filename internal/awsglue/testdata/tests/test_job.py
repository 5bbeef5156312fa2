"""Arguments, jobs, bookmarks, databases."""

import os
import unittest

from common import CatalogCase, rows
from awsglue import DataError
from awsglue.job import Job
from awsglue.utils import GlueArgumentError, getResolvedOptions


class TestArguments(unittest.TestCase):
    def test_options(self):
        argv = ["job.py", "--JOB_NAME", "j", "--x", "1", "--y=two words", "--job-bookmark-option", "job-bookmark-enable", "--JOB_RUN_ID", "jr_1",
                "--unknown", "z", "--TempDir", "s3://b/t/"]
        got = getResolvedOptions(argv, ["JOB_NAME", "x", "y"])
        self.assertEqual((got["JOB_NAME"], got["x"], got["y"], got["TempDir"]), ("j", "1", "two words", "s3://b/t/"))
        self.assertEqual((got["job_bookmark_option"], got["JOB_RUN_ID"]), ("job-bookmark-enable", "jr_1"))
        self.assertNotIn("unknown", got)
        self.assertIsNone(getResolvedOptions(["job.py"], ["TempDir"])["TempDir"])
        self.assertEqual(getResolvedOptions(["job.py"], [])["job_bookmark_option"], "job-bookmark-disable")

    def test_mistakes(self):
        for argv, options, text in ((["j"], ["x"], "required: --x"), (["j", "--x"], ["x"], "expected one argument"),
                                    (["j", "--day_part", "1"], ["day"], "required: --day"),  # no abbreviations
                                    (["j", "--job-bookmark-option", "sometimes"], [], "invalid choice"),
                                    (["j", "--job-bookmark-from", "a"], [], "given together"),
                                    (["j", "--job-bookmark-from", "a", "--job-bookmark-to", "b"], [], "need --job-bookmark-option")):
            with self.assertRaisesRegex(GlueArgumentError, text):
                getResolvedOptions(argv, options)
        for name in ("JOB_RUN_ID", "job_bookmark_option", "SECURITY_CONFIGURATION"):
            with self.assertRaisesRegex(RuntimeError, name):
                getResolvedOptions(["j"], [name])


class TestBookmarks(CatalogCase):
    def job(self, option="job-bookmark-enable", run="jr_1", name="j", **o):
        from awsglue.context import GlueContext
        self.glue = GlueContext(self.spark.sparkContext)
        job = Job(self.glue)
        args = {"JOB_NAME": name, "job_bookmark_option": option, "JOB_RUN_ID": run}
        args.update(o)
        job.init(name, args)
        return job

    def read(self, ctx="src", **o):
        f = self.glue.create_dynamic_frame.from_options("s3", dict({"paths": [self.dir + "/in"]}, **o), "json", transformation_ctx=ctx)
        return [r["n"] for r in rows(f)] if f.toDF().columns else []

    def put(self, n, time):
        return self.file("in/%d.json" % n, "{\"n\": %d}\n" % n, time)

    def test_files(self):
        now = 1700000000
        self.put(1, now)
        self.put(2, now + 5)
        job = self.job(run="jr_1")
        self.assertEqual(self.read(), [1, 2])
        self.assertEqual(self.service.bookmarks, {}, "saved before commit")
        job = self.job(run="jr_1b")  # the first run has failed: all is read again
        self.assertEqual(self.read(), [1, 2])
        job.commit()
        job = self.job(run="jr_2")
        self.assertEqual(self.read(), [])
        job.commit()
        self.put(3, now + 5)      # of the very instant of the mark
        self.put(4, now - 600)    # older than the mark, and shown late: within the band
        self.put(5, now - 100000)  # older than the band
        self.put(2, now + 50)     # changed
        job = self.job(run="jr_3")
        self.assertEqual(self.read(), [2, 3, 4])
        self.assertEqual(self.read(ctx=""), [1, 2, 3, 4, 5], "without a context there is no bookmark")
        self.assertEqual(self.read(ctx="other"), [1, 2, 3, 4, 5])
        job.commit()
        self.job(run="jr_4")
        self.assertEqual((self.read(), self.read(ctx="other")), ([], []))
        self.job("job-bookmark-disable", "jr_5")
        self.assertEqual(self.read(), [1, 2, 3, 4, 5])
        self.put(6, now + 100)
        job = self.job("job-bookmark-pause", "jr_6")
        self.assertEqual(self.read(), [6])
        job.commit()
        self.assertEqual(len(self.service.bookmarks["j"]), 3, "pause saves nothing")
        # From a run to a run: what jr_3 read, and neither what jr_2 had read before nor what came later.
        self.job("job-bookmark-pause", "jr_7", job_bookmark_from="jr_2", job_bookmark_to="jr_3")
        self.assertEqual(self.read(), [2, 3, 4])
        # A context that this run does not read is kept.
        job = self.job(run="jr_8")
        self.assertEqual(self.read(), [6])
        job.commit()
        self.job(run="jr_9")
        self.assertEqual((self.read(), self.read(ctx="other")), ([], [6]))
        self.service.bookmarks.clear()  # reset
        self.job(run="jr_10")
        self.assertEqual(self.read(), [1, 2, 3, 4, 5, 6])

    def test_concurrent_and_bounded(self):
        now = 1700000000
        for n in range(5):
            self.put(n, now + n * 1000)
        first, second = self.job(run="jr_1", name="b"), None
        self.assertEqual(self.read(boundedFiles="2"), [0, 1])
        second = self.job(run="jr_2", name="b")
        self.assertEqual(self.read(boundedFiles="2"), [0, 1])
        second.commit()
        self.glue = first._glue
        with self.assertRaisesRegex(Exception, "ConcurrentModificationException"):
            first.commit()
        job = self.job(run="jr_3", name="b")
        self.assertEqual(self.read(boundedSize="17"), [2, 3])  # 9 bytes each: the size is reached by the second
        job.commit()
        self.job(run="jr_4", name="b")
        self.assertEqual(self.read(), [4])
        with self.assertRaisesRegex(RuntimeError, "without job.init"):
            Job(self.glue).commit()

    def test_nothing_new(self):
        """A run without new files goes through all transforms and writes nothing; a generated script does not look."""
        os.makedirs(self.dir + "/in")
        self.job()
        f = self.glue.create_dynamic_frame.from_options("s3", {"paths": [self.dir + "/in"]}, "json", transformation_ctx="src")
        full = self.frame([(1, "a")], "id int, k string")
        g = f.resolveChoice(specs=[("n", "cast:int")]).filter(lambda r: r["n"] > 1).map(lambda r: r).rename_field("a", "b").drop_nulls()
        g = g.apply_mapping([("n", "int", "n", "int"), ("s", "string", "s", "string")])
        self.assertEqual((g.toDF().columns, g.count()), (["n", "s"], 0))
        g = g.join(["n"], ["id"], full).drop_fields(["s"]).select_fields(["n"])
        self.assertEqual(f.split_rows({"n": {">": 1}}, "a", "b")["a"].count() + f.unnest().count() + f.relationalize("r")["r"].count(), 0)
        for form in ("json", "parquet", "csv"):
            self.glue.write_dynamic_frame.from_options(g, "s3", {"path": self.dir + "/out"}, form)
        self.assertFalse(os.path.exists(self.dir + "/out"))
        self.assertEqual((full.union(f).count(), f.union(full).count(), f.mergeDynamicFrame(full, ["id"]).count()), (1, 1, 1))

    def test_lost_answer(self):
        """A commit whose answer was lost is done once, and is no conflict."""
        self.put(1, 1700000000)
        job = self.job(name="l")
        self.assertEqual(self.read(), [1])
        real = self.service.PenstockCommitJobBookmark

        def lost(m):
            real(m)
            self.service.PenstockCommitJobBookmark = real
            self.service.fail.append((500, {"__type": "InternalServiceException"}))
            raise ValueError("ThrottlingException")
        self.service.PenstockCommitJobBookmark = lost
        job.commit()
        self.assertEqual(len(self.service.bookmarks["l"]), 1)
        job.commit()
        self.assertEqual([e["Version"] for e in self.service.bookmarks["l"]], [1, 2])

    def test_catalog_table(self):
        self.table("c", [("n", "int")], "org.openx.data.jsonserde.JsonSerDe", "in", [("k", "string")])
        self.file("in/a/1.json", "{\"n\": 1}\n", 1700000000)
        self.part("c", ["a"], "in/a")

        def read():
            return rows(self.glue.create_dynamic_frame.from_catalog(self.db, "c", transformation_ctx="c"))
        job = self.job()
        self.assertEqual(read(), [{"n": 1, "k": "a"}])
        job.commit()
        self.file("in/b/2.json", "{\"n\": 2}\n", 1700000100)
        self.part("c", ["b"], "in/b")
        job = self.job(run="jr_2")
        self.assertEqual(read(), [{"n": 2, "k": "b"}])
        job.commit()
        self.job(run="jr_3")
        self.assertEqual(read(), [])


class Derby(CatalogCase):
    """A database in this JVM: Derby, which comes with Spark."""

    def setUp(self):
        super().setUp()
        self.url = "jdbc:derby:memory:%s;create=true" % self.db
        self.driver = "org.apache.derby.jdbc.EmbeddedDriver"
        self.options = {"url": self.url, "customJdbcDriverClassName": self.driver}

    def execute(self, *statements):
        from awsglue import jdbc
        jdbc._execute(self.glue, jdbc.Target("jdbc", {"url": self.url, "driver": self.driver}, "", {}), ";".join(statements))


class TestDatabase(Derby):
    def test_read_write(self):
        self.execute("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))", "INSERT INTO t VALUES (1, 'a;b'), (2, 'c')")
        o = dict(self.options, dbtable="t")
        f = self.glue.create_dynamic_frame.from_options("postgresql", o)
        self.assertEqual(rows(f), [{"ID": 1, "NAME": "a;b"}, {"ID": 2, "NAME": "c"}])
        f = self.glue.create_dynamic_frame.from_options("mysql", dict(o, hashfield="ID", hashpartitions="2"))
        self.assertEqual((len(rows(f)), f.getNumPartitions()), (2, 2))
        f = self.glue.create_dynamic_frame.from_options("mysql", dict(self.options, query="select id from t where id > 1"))
        self.assertEqual(rows(f), [{"ID": 2}])
        g = self.frame([(3, "d")], "ID int, NAME string")
        self.glue.write_dynamic_frame.from_options(g, "mysql", dict(o, preactions="DELETE FROM t WHERE id = 1; UPDATE t SET name = 'x;y'",
                                                                    postactions="INSERT INTO t VALUES (9, 'last')"))
        self.assertEqual(rows(self.glue.create_dynamic_frame.from_options("mysql", o)),
                         [{"ID": 2, "NAME": "x;y"}, {"ID": 3, "NAME": "d"}, {"ID": 9, "NAME": "last"}])

    def test_urls(self):
        from awsglue import jdbc
        for url, want in (("jdbc:postgresql://h:5432/a", "jdbc:postgresql://h:5432/b"), ("jdbc:mysql://h", "jdbc:mysql://h/b"),
                          ("jdbc:mysql://h/a?x=1", "jdbc:mysql://h/b?x=1"), ("jdbc:sqlserver://h:1433;databaseName=a", None),
                          ("jdbc:oracle:thin:@//h/a", None)):
            self.assertEqual(jdbc.with_database(url, "b"), want or url)
        self.assertEqual(jdbc.split_statements("a 'x;y'; b \"c;d\" ;"), ["a 'x;y'", "b \"c;d\"", ""])

    def test_connection(self):
        self.execute("CREATE TABLE s (id INT)")
        self.service.connections["con"] = {"Name": "con", "ConnectionType": "JDBC", "ConnectionProperties": {
            "JDBC_CONNECTION_URL": self.url, "USERNAME": "app", "PASSWORD": "pw", "JDBC_DRIVER_CLASS_NAME": self.driver}}
        self.service.connections["pg"] = {"Name": "pg", "ConnectionProperties": {
            "JDBC_CONNECTION_URL": "jdbc:postgresql://h:5432/db", "USERNAME": "u", "PASSWORD": "p"}}
        self.assertEqual(self.glue.extract_jdbc_conf("pg"), {"url": "jdbc:postgresql://h:5432", "fullUrl": "jdbc:postgresql://h:5432/db",
                                                             "user": "u", "password": "p", "vendor": "postgresql", "enforceSSL": "false"})
        f = self.frame([(1,), (2,)], "ID int")
        self.glue.write_dynamic_frame.from_jdbc_conf(frame=f, catalog_connection="con", connection_options={"dbtable": "s"})
        o = {"useConnectionProperties": "true", "connectionName": "con", "dbtable": "s"}
        self.assertEqual(rows(self.glue.create_dynamic_frame.from_options("postgresql", o)), [{"ID": 1}, {"ID": 2}])
        self.service.tables[self.db, "jt"] = {"Name": "jt", "DatabaseName": self.db, "Parameters": {"connectionName": "con"},
                                              "StorageDescriptor": {"Location": "memory.APP.s", "Columns": []}}
        self.assertEqual(len(rows(self.glue.create_dynamic_frame.from_catalog(self.db, "jt"))), 2)
        self.glue.write_dynamic_frame.from_catalog(f, self.db, "jt")
        self.assertEqual(len(rows(self.glue.create_dynamic_frame.from_catalog(self.db, "jt"))), 4)
        with self.assertRaisesRegex(DataError, "org.postgresql.Driver for jdbc:postgresql://h:5432/db is not on the job's class path"):
            self.glue.write_dynamic_frame.from_jdbc_conf(f, "pg", {"dbtable": "x"})
        self.service.connections["sec"] = {"Name": "sec", "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:mysql://h/d", "SECRET_ID": "x"}}
        self.refused("a connection with a secret", self.glue.extract_jdbc_conf, "sec")
        self.service.connections["tls"] = {"Name": "tls", "ConnectionProperties": dict(
            self.service.connections["con"]["ConnectionProperties"], JDBC_ENFORCE_SSL="True")}
        self.assertEqual(self.glue.extract_jdbc_conf("tls")["enforceSSL"], "true")
        self.refused("JDBC_ENFORCE_SSL of the connection tls", self.glue.write_dynamic_frame.from_jdbc_conf, f, "tls", {"dbtable": "s"})
        self.refused("customJdbcDriverS3Path", self.glue.create_dynamic_frame.from_options, "mysql",
                     dict(o, customJdbcDriverS3Path="s3://b/x.jar"))
        with self.assertRaisesRegex(DataError, "needs dbtable"):
            self.glue.create_dynamic_frame.from_options("mysql", self.options)

    def test_bookmark(self):
        self.execute("CREATE TABLE b (id INT PRIMARY KEY, v INT, w INT)", "INSERT INTO b VALUES (1, 10, 1), (2, 10, 2), (5, 20, 1)",
                     "CREATE TABLE seq (id INT PRIMARY KEY)", "INSERT INTO seq VALUES (1), (2)")

        def run(name, run, insert=None, **o):
            from awsglue.context import GlueContext
            self.glue = GlueContext(self.spark.sparkContext)
            job = Job(self.glue)
            job.init(name, {"job_bookmark_option": "job-bookmark-enable", "JOB_RUN_ID": run})
            f = self.glue.create_dynamic_frame.from_options("mysql", dict(self.options, **o), transformation_ctx="src")
            if insert:
                self.execute(insert)  # after the read was planned: the next run's
            got = [r["ID"] for r in rows(f)]
            job.commit()
            return got
        one = {"dbtable": "b", "jobBookmarkKeys": ["v", "w"], "jobBookmarkKeysSortOrder": "asc"}
        self.assertEqual(run("c", "1", "INSERT INTO b VALUES (7, 20, 2)", **one), [1, 2, 5])
        self.assertEqual(run("c", "2", **one), [7])
        self.execute("INSERT INTO b VALUES (8, 15, 9), (9, 30, 0)")  # 15 is before the mark
        self.assertEqual(run("c", "3", **one), [9])
        self.assertEqual(run("c", "4", **one), [])
        with self.assertRaisesRegex(DataError, "of other keys"):
            run("c", "5", dbtable="b", jobBookmarkKeys=["v"])
        down = {"dbtable": "b", "jobBookmarkKeys": "id", "jobBookmarkKeysSortOrder": "DESC"}
        self.assertEqual(run("d", "1", **down), [1, 2, 5, 7, 8, 9])
        self.execute("INSERT INTO b VALUES (0, 0, 0), (10, 0, 0)")
        self.assertEqual(run("d", "2", **down), [0])
        self.assertEqual(run("s", "1", dbtable="seq"), [1, 2])  # the primary key, which has no gaps
        self.execute("INSERT INTO seq VALUES (3)")
        self.assertEqual(run("s", "2", dbtable="seq"), [3])
        self.assertEqual(run("g", "1", dbtable="b"), run("g", "2", dbtable="b"))  # gaps: all rows, said on the error output


if __name__ == "__main__":
    unittest.main()
