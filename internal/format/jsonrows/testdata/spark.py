"""Makes spark.txt: what Spark's JSON reader makes of a value of a column; and a folder "written", whose file is written.json: how its writer writes.

Run with pyspark 3.5: python spark.py
"""
import json
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, to_json, struct

VALUES = [v for v in r"""
5
-5
0
-0
2147483647
2147483648
-2147483649
9223372036854775807
9223372036854775808
127
128
32768
1.0
1.5
-1.9
1e2
1E400
0.1
0.30000000000000004
123456789012345678901234567890
12.345
12.355
1234.5
1.10
true
false
null
"5"
"1.5"
" 5"
""
"x"
"true"
"NaN"
"Infinity"
"-Infinity"
"+INF"
"-INF"
NaN
Infinity
-Infinity
[]
[1, 2]
[1,null,"x"]
{}
{"k":1}
{"k":"v", "l":null}
"2020-02-29"
"2020-02-30"
"2020-2-9"
"2020-02-29T01:02:03Z"
"2020-02-29T01:02:03.123456+02:00"
"2020-02-29 01:02:03"
"2020-02-29T01:02"
"2020-02-29 1:2:3"
1582934523
1582934523.5
1582934523000
"1582934523"
"AQI="
"?"
"a\u00e9\n\"\\\/\ud83d\ude00"
'sq'
"1e3"
"1,234.5"
""".split("\n") if v]
TYPES = """boolean tinyint smallint int bigint float double decimal(5,2) decimal(38,18) string binary date timestamp array<int> map<string,int>
struct<k:string>""".split()

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").config("spark.sql.legacy.timeParserPolicy", "CORRECTED").config("spark.default.parallelism", "1").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
out = open("spark.txt", "w")
out.write("# What Spark 3.5's JSON reader makes of a value: type | value | the column, as Spark casts it to a string or writes it as JSON\n")
lines = spark.sparkContext.parallelize(['{"c":%s}' % v for v in VALUES], 1)
for typ in TYPES:
    df = spark.read.schema("c " + typ).json(lines)
    nested = "<" in typ
    shown = to_json(struct("c")) if nested else col("c").cast("string") if typ != "binary" else col("c")
    for v, row in zip(VALUES, df.select(shown.alias("c")).collect()):
        got = row.c
        if typ == "binary" and got is not None:
            got = bytes(got).hex()
        if nested:
            got = None if got in (None, "{}") else json.dumps(json.loads(got)["c"], separators=(",", ":")) if "c" in json.loads(got) else None
        out.write("%s | %s | %s\n" % (typ, v, "null" if got is None else json.dumps(got, ensure_ascii=False)))
out.close()

spark.sql("""select * from values
  (true, 1Y, 2L, 0.1F, 1e300D, 1.5BD, concat('a"', char(92), '/', char(8), char(10), char(13), char(9), char(1), char(31), char(127)), X'0102', date'2020-02-29', timestamp'2020-02-29 01:02:03', array(1, null), map(1, 'x'), named_struct('x', 1, 'y', string(null))),
  (null, null, null, float('NaN'), double('-Infinity'), 0.0000000001BD, '', X'', date'0001-01-01', timestamp'1969-12-31 23:59:59.999', array(), map(), null),
  (false, -1Y, 9007199254740993L, 16777216F, 123456789D, 12345678.9BD, 'é😀', null, date'1969-12-31', timestamp'2020-01-01 00:00:00.1', null, map(2, string(null)), named_struct('x', int(null), 'y', 'z'))
  as t(a,b,c,d,e,f,g,h,i,j,k,l,m)""").selectExpr("a","b","c","d","e","cast(f as decimal(20,10)) f","g","h","i","j","k","l","m", "map(date'2020-01-01', 1.5D) n", "map(1.5D, 1) o").coalesce(1).write.mode("overwrite").json("written")
