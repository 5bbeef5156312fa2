"""A script that fails in each way: the run is FAILED with the script's own last exception, and its log has the traceback."""
from _job import *

b = bucket("failing")
job(b, "failing", """
    import sys
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import udf
    spark = SparkSession.builder.getOrCreate()
    way = sys.argv[sys.argv.index("--way") + 1]
    if way == "column":
        spark.range(3).select("nosuch").show()
    if way == "exit":
        sys.exit(7)
    if way == "worker":
        spark.range(3).select(udf(lambda x: 1 // x)("id")).collect()
    print("survived")
""")
for way, want in {
    "column": "AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column",
    "exit": "Command failed with exit code 7",
    "worker": "ZeroDivisionError: integer division or modulo by zero",
}.items():
    r = wait("failing", start("failing", Arguments={"--way": way}))
    assert r["JobRunState"] == "FAILED" and r["ErrorMessage"].startswith(want), (way, r["JobRunState"], r.get("ErrorMessage"))
    assert "survived" not in output(r)
print("ok")
