"""Spark beside the package, on a clock that is not UTC's.  spark.py OURS THEIRS

It reads the folder OURS, which holds rows(), with filters that let it skip row groups by the indexes, and fails when it finds other rows;
then it writes the folder THEIRS.
"""
import datetime
import decimal
import sys

from pyspark.sql import SparkSession

ZONE = "America/Los_Angeles"
DAY, EPOCH = datetime.date(1970, 1, 1), datetime.datetime(1970, 1, 1)


def rows():
    """The rows, None for one of nulls."""
    for i in range(25000):
        yield None if i % 10 == 9 else {
            "i": i, "text": "text %05d" % i, "word": "word %d" % (i % 7), "price": decimal.Decimal(i - 10000) / 100,
            "at": EPOCH + datetime.timedelta(seconds=1_600_000_000 + i), "day": DAY + datetime.timedelta(days=i - 10000),
            "flag": i % 3 == 0, "list": [i + n for n in range(i % 3)], "real": i / 2, "x": i}


FILTERS = {
    "true": lambda r: True,
    "i is null": lambda r: not r,
    "i between 19990 and 20009": lambda r: r and 19990 <= r["i"] <= 20009,
    "text = 'text 12345'": lambda r: r and r["text"] == "text 12345",
    "word = 'word 3' and i > 20000": lambda r: r and r["word"] == "word 3" and r["i"] > 20000,
    "price > 140": lambda r: r and r["price"] > 140,
    "at >= timestamp'2020-09-13 17:00:00'": lambda r: r and r["at"] >= datetime.datetime(2020, 9, 13, 17),
    "day = date'1990-05-18'": lambda r: r and r["day"] == datetime.date(1990, 5, 18),
    "flag and i > 24000": lambda r: r and r["flag"] and r["i"] > 24000,
    "list[0] = 22222": lambda r: r and r["list"] and r["list"][0] == 22222,
    "real >= 12000": lambda r: r and r["real"] >= 12000,
    "pair.x = 9998": lambda r: r and r["x"] == 9998,
}


def summary(found):
    """What SELECT below says of the rows."""
    full = [r for r in found if r]

    def of(f, name):
        return f(r[name] for r in full) if full else None
    lists = sum(len(r["list"]) if r else -1 for r in found)
    return (len(found), of(sum, "i"), of(min, "text"), of(max, "word"), of(sum, "price"), str(of(min, "at")), of(max, "day"),
            sum(r["flag"] for r in full), lists, of(max, "real"), of(max, "x"))


SELECT = """select count(*), sum(i), min(text), max(word), sum(price), coalesce(string(min(at)), 'None'), max(day), count_if(flag),
  sum(size(list)), max(real), max(pair.x) from t where """


def main(ours, theirs):
    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", ZONE)
             .config("spark.driver.extraJavaOptions", "-Duser.timezone=" + ZONE).config("spark.sql.shuffle.partitions", "1")
             .getOrCreate())
    spark.sparkContext.setLogLevel("OFF")
    spark.read.orc(ours).createOrReplaceTempView("t")
    for where, keeps in FILTERS.items():
        got, want = tuple(spark.sql(SELECT + where).collect()[0]), summary([r for r in rows() if keeps(r)])
        if got != want:
            sys.exit("%s: Spark finds\n%s, not\n%s" % (where, got, want))
    spark.sql("""select * from values
      (1, true, 1Y, 1.5D, date'1500-02-28', timestamp'1850-01-01 12:00:00', 12.50BD, 'abc', X'6100', array(1, null), map('k', struct(2L))),
      (2, null, -1Y, 0.1D, date'0001-01-01', timestamp'2020-07-01 10:20:30.123456', -0.10BD, '', X'', array(), map()),
      (3, false, null, double('nan'), date'1582-10-15', timestamp'2015-01-01 00:00:00', null, 'z', null, null, null),
      (4, true, 5Y, 1e300D, date'9999-12-31', timestamp'1969-12-31 15:59:58.5', 99.99BD, 'ä', X'ff', array(7), map('a', null)) as
      t(id, b, t, d, day, at, de, text, bin, list, map)""").coalesce(1).write.option("compression", "zstd").orc(theirs)


main(sys.argv[1], sys.argv[2])
