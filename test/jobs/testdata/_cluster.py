"""On a cluster: executors beside the driver, as many as there is work for and NumberOfWorkers allows; awsglue and the job's modules in
their Python; jars and the endpoint on their side; a setting of --conf over the server's cluster."""
from _job import *

b = bucket("cluster")
put(b, "code/tripled.py", "def of(x):\n    return 3 * x\n")
put(b, "in/a.csv", "id\n" + "".join(f"{i}\n" for i in range(3000)))
SCRIPT = """
    import sys, time
    from pyspark.context import SparkContext
    from pyspark.sql import functions as F
    from awsglue.context import GlueContext
    import tripled

    sc = SparkContext()
    spark = GlueContext(sc).spark_session

    def executors():
        return sc._jsc.sc().getExecutorMemoryStatus().size() - 1  # the driver is one of them

    def work(x):
        import os, time
        from awsglue.utils import getResolvedOptions
        import tripled
        time.sleep(0.002)
        return str(tripled.of(int(x))) + os.environ["AWS_ENDPOINT_URL"][:4]
    df = spark.read.option("header", True).csv("s3://cluster/in/").repartition(8).withColumn("t", F.udf(work)("id"))
    df.write.mode("overwrite").parquet("s3://cluster/out/")
    during = executors()
    print("master", sc.master.split(":")[0], "executors", during, "allocation", sc.getConf().get("spark.dynamicAllocation.enabled", "no"), flush=True)
    if "--idle" in sys.argv:
        until = time.time() + 150
        while executors() and time.time() < until:
            time.sleep(1)
        print("after", executors(), flush=True)
"""
job(b, "cluster", SCRIPT, WorkerType="G.1X", NumberOfWorkers=2, DefaultArguments={
    "--extra-py-files": "s3://cluster/code/tripled.py", "--executor-cores": "1"})
r = succeed("cluster", NumberOfWorkers=2, Arguments={"--idle": "1", "--enable-auto-scaling": "true", "--enable-metrics": "true",
    "--conf": "spark.dynamicAllocation.executorIdleTimeout=5s --conf spark.dynamicAllocation.shuffleTracking.timeout=5s"})
assert output(r)[-2:] == ["master spark executors 1 allocation true", "after 0"], output(r)
want = sorted((str(i), f"{3 * i}http") for i in range(3000))
assert sorted((x["id"], x["t"]) for x in parquet(b, "out/")) == want
assert r["DPUSeconds"] == r["ExecutionTime"] * 2, r
r = succeed("cluster", NumberOfWorkers=3)
assert output(r)[-1] == "master spark executors 2 allocation no", output(r)
assert sorted((x["id"], x["t"]) for x in parquet(b, "out/")) == want
r = succeed("cluster", Arguments={"--conf": "spark.master=local[2]"})
assert output(r)[-1] == "master local[2] executors 0 allocation no", output(r)
print("ok")
