"""Golden values of Spark 3.5: how text becomes a value of each type when a CSV file is read (PERMISSIVE, the default) and in CAST (ANSI off).

    python -m venv venv && venv/bin/pip install pyspark==3.5.3 && venv/bin/python spark.py > spark.jsonl     (Java 17)

A line: how (csv, cast), type, text, value (text of the value, null for NULL), bad (csv: the row is kept, its field is NULL and _corrupt_record set).
"""
import json, os, sys, tempfile
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, expr

INT = ["0", "12", " 12", "12 ", "\t12", "+5", "-5", "--5", "+", "-", "", " ", "1e3", "1.0", "12.7", ".5", "5.", "007", "1_000", "1,000", "0x1", "NaN", "12L", "12d",
       "127", "128", "-128", "-129", "32767", "32768", "-32769", "2147483647", "2147483648", "-2147483648", "-2147483649",
       "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "00000000000000000000000012", "\u0661", "1 2", "true"]
FLOAT = ["1.5", " 1.5", "1.5 ", "-0.25", "+.5", "5.", ".", "", " ", "1e3", "1E-3", "1e", "1e400", "-1e400", "1e-400", "1e39", "1e-50", "NaN", "nan", "NAN", "Inf", "-Inf", "+Inf", "inf", "INF",
         "Infinity", "-Infinity", "+Infinity", "infinity", "1.5f", "1.5F", "1.5d", "1.5D", "1.5L", "0x1p3", "0x10", "1_0", "1,5", "1,000.5", "--1", "1 5", "-0", "0.1", "16777217", "123456789.123456789",
         "1e308", "2e308", "4.9e-324", "\u0661", "$1", "1%"]
DECIMAL = ["0", "12.34", " 12.34", "12.34 ", "-0.05", "+7", "12", "123", "99.99", "99.994", "99.995", "99.999", "100", "1.234", "1.235", "1.245", "-1.235", "-1.234", "1.230", "1e1", "1E1", "1e9", "1e-3", "5e-3", "4.9e-3",
           "9.99e-9", "1e", "e5", ".", ".5", "5.", "1.2.3", "", " ", "-", "--1", "NaN", "1_0", "1,234.5", "1,2", ",5", "12d", "0x1", "00012.00", "12345678901234567890123456789012345678", "0.00000000000000000000000000000000000001",
           "123456789012345678901234567890123456789", "1234567890123456789012345678901234.5678", "1234567890123456789012345678901234.56785", "9999999999999999999999999999999999.99995", "1e400", "1e-400", "1e99999999999", "\u0661", "123456.789", "1234567"]
BOOL = ["true", "false", "TRUE", "False", " true", "true ", "t", "f", "T", "y", "n", "yes", "no", "Yes", "1", "0", "on", "", " ", "truee", "null"]
DATE = ["2010-12-01", " 2010-12-01", "2010-12-01 ", "2010-1-1", "2010-12-1", "2010-12", "2010-1", "2010", "201", "20101201", "2010-13-01", "2010-02-30", "2012-02-29", "2011-02-29", "2010-00-10", "2010-10-00", "01/12/2010", "2010/12/01",
        "2010-12-01 10:00:00", "2010-12-01T10:00:00", "2010-12-01 abc", "2010-12-01T", "2010-12-01abc", "2010-12-01Z", "2010-12 abc", "2010 ", "0001-01-01", "0000-01-01", "9999-12-31", "10000-01-01", "+10000-01-01", "-0001-01-01", "-2010-12-01", "12010-1-1",
        "+2010-12-01", "1969-12-31", "1582-10-10", "2010-12-01-", "2010-12-010", "2010--01", "12-Jan-2010", "1/2/03", "", " ", "epoch", "now", "today", "1000000-01-01", "9999999-01-01", "99999999-01-01", "2010-12-01\t", "2010-12-01+01:00"]
STAMP = DATE + ["2010-12-01 08:26:00", "2010-12-01 08:26", "2010-12-01 08", "2010-12-01 8", "2010-12-01 8:6:1", "2010-12-01 08:26:00.5", "2010-12-01 08:26:00.123456", "2010-12-01 08:26:00.1234567", "2010-12-01 08:26:00.123456789", "2010-12-01 08:26:00.",
        "2010-12-01T08:26:00", "2010-12-01T08:26:00Z", "2010-12-01 08:26:00Z", "2010-12-01 08:26:00 Z", "2010-12-01 08:26:00+01:00", "2010-12-01 08:26:00+1:00", "2010-12-01 08:26:00+01", "2010-12-01 08:26:00+0100", "2010-12-01 08:26:00 +01:00", "2010-12-01 08:26:00-08:00", "2010-12-01 08:26:00+1:5",
        "2010-12-01 08:26:00.5+01:00", "2010-12-01 08:26:00 UTC", "2010-12-01 08:26:00UTC", "2010-12-01 08:26:00 GMT", "2010-12-01 08:26:00 GMT+01:00", "2010-12-01 08:26:00 UTC+1", "2010-12-01 08:26:00 Europe/Paris", "2010-07-01 08:26:00 Europe/Paris", "2010-12-01 08:26:00 America/Los_Angeles", "2010-12-01 08:26:00 PST", "2010-12-01 08:26:00 EST", "2010-12-01 08:26:00 CET", "2010-12-01 08:26:00 CST",
        "2010-12-01 08:26:00 utc", "2010-12-01 08:26:00 Mars/Base", "2010-12-01 08:26Z", "2010-12-01 08:26+01:00", "2010-12-01 08:26:00+19:00", "2010-12-01 08:26:00+18:00", "2010-12-01 08:26:00+18:01", "2010-12-01 08:26:00+01:00:30", "2010-12-01 08:26:00 PM", "2010-12-01 24:00:00", "2010-12-01 24:00", "2010-12-01 23:59:60", "2010-12-01 25:00:00", "2010-12-01 08:60:00", "2010-12-01 008:26:00", "2010-12-01  08:26:00",
        "8:26", "T08:26:00", "08:26:00", "2010-12-01 08:26:00 abc", "2010-12-01 08:26:00abc", "12010-12-01 08:26:00", "-2010-12-01 08:26:00", "294247-01-10 04:00:54.775807", "294247-01-10 04:00:54.775808", "294248-01-01 00:00:00", "1000000-01-01 00:00:00", "1291191960", "20101201082600", "2010-12-01 08:26:00,5", "2010-12-01-08:26:00", "2011-03-27 02:30:00 Europe/Paris", "2010-10-31 02:30:00 Europe/Paris", "2010-12-01 08:26:00.123456+01:00", "2010-12-01 08:26:00.1 Europe/Paris", "2010-12-01T08:26:00.5Z"]
TYPES = {"tinyint": INT, "smallint": INT, "int": INT, "bigint": INT, "float": FLOAT, "double": FLOAT, "decimal(4,2)": DECIMAL, "decimal(9,3)": DECIMAL, "decimal(18,0)": DECIMAL, "decimal(38,4)": DECIMAL, "decimal(38,38)": DECIMAL,
         "boolean": BOOL, "date": DATE, "timestamp": STAMP, "string": ["", " ", "x ", "NaN", "\\N", "null"]}

# CORRECTED: where the parser of Spark 2 read a date otherwise than that of Spark 3, the default is to end the job; here such text is invalid.
spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "1")
         .config("spark.sql.legacy.timeParserPolicy", "CORRECTED").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
for typ, texts in TYPES.items():
    texts = list(dict.fromkeys(texts))
    path = os.path.join(tempfile.mkdtemp(), "a.csv")
    quoted = [(i, '"' + t + '"' if i % 2 else t) for i, t in enumerate(texts + texts)]  # every text plain and quoted
    if len(texts) % 2 == 0:
        quoted = [(i, t) for i, t in enumerate(texts)] + [(len(texts) + i, '"' + t + '"') for i, t in enumerate(texts)]
    with open(path, "w", newline="") as f:
        for i, t in quoted:
            f.write(f"{i}\x01{t}\n")
    read = spark.read.schema(f"i int, x {typ}, _corrupt_record string").option("sep", "\x01").csv(path).cache()
    rows = read.select("i", col("x").cast("string").alias("v"), "_corrupt_record").collect()
    for r in sorted(rows, key=lambda r: r.i):
        t = quoted[r.i][1]
        q = t.startswith('"')
        print(json.dumps({"how": "csv", "type": typ, "text": t[1:-1] if q else t, "quoted": q, "value": r.v, "bad": r._corrupt_record is not None}, ensure_ascii=True))
    cast = spark.createDataFrame([(i, t) for i, t in enumerate(texts)], "i int, t string").select("i", expr(f"cast(cast(t as {typ}) as string)").alias("v")).collect()
    for r in sorted(cast, key=lambda r: r.i):
        print(json.dumps({"how": "cast", "type": typ, "text": texts[r.i], "value": r.v}, ensure_ascii=True))
sys.stdout.flush()
