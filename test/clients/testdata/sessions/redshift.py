"""redshift_connector: results in its binary forms, parameters, transactions, and what it asks of the catalog."""
import datetime as dt
import decimal
import os

import redshift_connector

c = redshift_connector.connect(host=os.environ["PGHOST"], port=int(os.environ["PGPORT"]), user=os.environ["PGUSER"], password=os.environ["PGPASSWORD"],
                               database=os.environ["PGDATABASE"], ssl=False)
cur = c.cursor()
cur.execute("create table t(b boolean, i2 smallint, i4 int, i8 bigint, n decimal(20,4), f4 real, f8 float8, c char(4), v varchar(20), d date, "
            "t time, tz timetz, ts timestamp, tstz timestamptz, primary key (i4))")
utc = dt.timezone.utc
row = [True, -2, 4, 1 << 40, decimal.Decimal("-12345.6789"), 1.5, 0.1, "ab  ", "naïve", dt.date(2020, 2, 29), dt.time(1, 2, 3, 4),
       dt.time(20, 0, tzinfo=utc), dt.datetime(2021, 3, 4, 5, 6, 7, 890000), dt.datetime(2021, 3, 4, 5, 6, 7, 890000, utc)]
for i in range(8):
    cur.execute("insert into t values (" + ",".join(["%s"] * 9) + ", '2020-02-29', '01:02:03.000004', '20:00:00+00', '2021-03-04 05:06:07.89', '2021-03-04 05:06:07.89+00')",
                row[:9])
c.commit()
for i in range(8):
    cur.execute("select * from t limit 1")
    got = list(cur.fetchone())
    assert got == row, got
cur.execute("select interval '1 day 12:00:00', interval '90 minutes', interval '14 months', '2024-01-02 12:00'::timestamp - '2024-01-01'::timestamp")
got = cur.fetchone()
assert [got[0], got[1], got[3]] == [dt.timedelta(days=1, hours=12), dt.timedelta(minutes=90), dt.timedelta(days=1, hours=12)] and got[2].months == 14, got
cur.execute("select '20:00:00-08'::timetz")
assert cur.fetchone()[0] == dt.time(4, 0, tzinfo=utc)

cur.execute("insert into t(i4) values (99)")
c.rollback()
cur.execute("select count(*) from t where i4 = 99")
assert cur.fetchone()[0] == 0
try:
    cur.execute("select * from nowhere")
    raise AssertionError("a table that is not there was read")
except redshift_connector.ProgrammingError as e:
    assert e.args[0]["C"] == "42P01", e
c.rollback()

cur.execute("create view late as select i4, v from public.t with no schema binding")
c.commit()
assert {tuple(r[1:4]) for r in cur.get_tables(None, "public", "%")} == {("public", "t", "TABLE"), ("public", "late", "VIEW"), ("public", "t_pkey", "INDEX")}
assert {r[2] for r in cur.get_tables()} >= {"t", "late"}
assert [(r[3], r[5]) for r in cur.get_columns(None, "public", "t", "i%")] == [("i2", "int2"), ("i4", "int4"), ("i8", "int8")]
assert [r[3] for r in cur.get_columns(None, "public", "late", "%")] == ["i4", "v"]
assert len(cur.get_columns()) >= 14
assert "public" in {r[0] for r in cur.get_schemas()} and "penstock" not in {r[0] for r in cur.get_schemas()}
assert [(r[2], r[3], r[4]) for r in cur.get_primary_keys(None, "public", "t")] == [("t", "i4", 1)]
assert [r[0] for r in cur.get_catalogs()] == [os.environ["PGDATABASE"]]
c.close()
print("ok")
