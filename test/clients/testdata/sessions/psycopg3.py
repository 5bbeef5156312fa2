"""psycopg 3 with its defaults: a prepared statement after five runs, DEALLOCATE by itself, text and binary results, COPY from S3."""
import datetime as dt
import decimal

import boto3
import psycopg

a = psycopg.connect()
b = psycopg.connect(autocommit=True)

# more than five runs, rollback, and DROP behind a prepared statement
a.execute("create table dx(a int)")
a.commit()
for i in range(8):
    a.execute("insert into dx values (%s)", (i,))
a.rollback()
assert a.execute("select count(*) from dx").fetchone() == (0,)
for q in range(120):
    for i in range(7):
        assert a.execute(f"select {q}, %s::int", (i,)).fetchone() == (q, i)
a.commit()
for i in range(8):
    b.execute("select * from dx")
b.execute("drop table dx")

# what a prepared statement means follows the catalog; another session changes it
b.execute("create view pv as select 1 as a")
b.execute("create table pt as select 1 as a")
for i in range(8):
    assert a.execute("select * from pv").fetchone() == (1,)
    assert a.execute("select * from pt").fetchone() == (1,)
a.commit()
b.execute("create or replace view pv as select 2 as a")
b.execute("alter table pt add column c int default 7")
assert a.execute("select * from pv").fetchone() == (2,)
assert a.execute("select * from pt").fetchone() == (1, 7)
a.commit()

# every type, in text and in binary form, as result and as parameter
b.execute("create table t(b boolean, i2 smallint, i4 int, i8 bigint, n decimal(38,10), f4 real, f8 float8, c char(4), v varchar(20), d date, "
          "t time, tz timetz, ts timestamp, tstz timestamptz, vb varbyte, s super)")
utc = dt.timezone.utc
row = (True, -2, 4, 1 << 40, decimal.Decimal("-12345678901234567890.0123456789"), 1.5, 0.1, "ab  ", "naïve", dt.date(2020, 2, 29),
       dt.time(1, 2, 3, 4), dt.time(20, 0, tzinfo=utc), dt.datetime(2021, 3, 4, 5, 6, 7, 890000), dt.datetime(2021, 3, 4, 5, 6, 7, 890000, utc))
for i in range(8):
    b.execute("insert into t values (" + ",".join(["%s"] * len(row)) + ", to_varbyte('00ff', 'hex'), json_parse('[1,2]'))", row)
for binary in (False, True):
    for i in range(8):
        cur = b.cursor(binary=binary)
        got = cur.execute("select b, i2, i4, i8, n, f4, f8, c, v, d, t, tz, ts, tstz from t limit 1").fetchone()
        assert got == row, (binary, got)
    assert b.cursor(binary=binary).execute("select null, ''::varchar, null::int, null::timestamp").fetchone() == (None, "", None, None)
    got = b.cursor(binary=binary).execute("select '2024-01-02 12:00'::timestamp - '2024-01-01'::timestamp, interval '1 day', interval '-90 minutes'").fetchone()
    assert got == (dt.timedelta(days=1, hours=12), dt.timedelta(days=1), dt.timedelta(minutes=-90)), (binary, got)
assert b.execute("select s from t limit 1").fetchone() == ("[1,2]",)

# errors have their codes, and a failed block ends by rollback
for sql, code in (("select * from nowhere", "42P01"), ("select nope from t", "42703"), ("select 1/0", "22012"), ("selec 1", "42601"), ("select 'x'::int", "22P02")):
    try:
        a.execute(sql)
        raise AssertionError(sql)
    except psycopg.Error as e:
        assert e.sqlstate == code, (sql, e.sqlstate, str(e))
    a.rollback()

# COPY from S3, and many rows at once
s3 = boto3.client("s3")
s3.create_bucket(Bucket="sessions")
s3.put_object(Bucket="sessions", Key="t/a.csv", Body=b"1,one\n2,two\n")
b.execute("create table loaded(a int, b varchar(10))")
b.execute("copy loaded from 's3://sessions/t/' iam_role default csv")
assert b.execute("select a, b from loaded order by a").fetchall() == [(1, "one"), (2, "two")]
with a.cursor() as cur:
    cur.executemany("insert into loaded values (%s, %s)", [(i, str(i)) for i in range(3, 103)])
a.commit()
assert b.execute("select count(*), sum(a) from loaded").fetchone() == (102, 5253)
with a.transaction():
    a.execute("create temporary table tmp(x int)")
    assert a.execute("select column_name from information_schema.columns where table_name = 'tmp'").fetchall() == [("x",)]
a.close()
b.close()
print("ok")
