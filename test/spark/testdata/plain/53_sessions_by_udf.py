"""What 53_sessions_by_udf.py must leave, by plain PySpark."""


def run(spark, source, target):
    rows = [("u1", 0, 2, "B"), ("u1", 1, 1, "C"), ("u2", 0, 1, "A")]
    spark.createDataFrame(rows, "user string, session long, clicks long, last string").selectExpr(
        "user", "session", "clicks", "last").write.parquet(target + "/sessions")
