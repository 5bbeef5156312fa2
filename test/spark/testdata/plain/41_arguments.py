"""What 41_arguments.py must leave, by plain PySpark."""


def run(spark, source, target):
    found = [("JOB_NAME", "j"), ("text", "two words"), ("empty", ""), ("equal", "a=b"), ("list", '["a", "b"]'), ("day-of-run", "2024-01-01"),
             ("twice", "2"), ("path", "s3://b/--x"), ("TempDir", "s3://t/"), ("parsed", "a,b"), ("missing", "GlueArgumentError"),
             ("reserved", "RuntimeError"), ("abbreviated", "GlueArgumentError")]
    spark.createDataFrame(found, "name string, value string").write.json(target)
