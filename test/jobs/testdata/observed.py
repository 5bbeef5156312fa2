"""What a Spark job can ask to be kept of its run: the continuous log of Glue 4.0, metrics, the events for the history server, variables,
files beside the script."""
from _job import *

cloudwatch = boto3.client("cloudwatch")
b = bucket("observed")
put(b, "in/a.csv", "id,k\n" + "".join(f"{i},{i % 3}\n" for i in range(500)))
put(b, "conf/words.txt", "beside\n")
put(b, "conf/helper.py", "WORD = 'helped'\n")
job(b, "observed", """
    import os, sys
    from pyspark.context import SparkContext
    from awsglue.context import GlueContext
    import helper
    glueContext = GlueContext(SparkContext())
    log = glueContext.get_logger()
    spark = glueContext.spark_session
    df = spark.read.option("header", True).csv("s3://observed/in/")
    log.info("read begins")
    df.groupBy("k").count().coalesce(1).write.parquet("s3://observed/out/")
    seen = spark.range(1).rdd.map(lambda _: os.environ.get("CUSTOMER_E")).collect()[0]
    print("words", open("words.txt").read().strip(), helper.WORD, os.environ["CUSTOMER_D"], os.environ.get("OTHER"), seen)
""", GlueVersion="4.0", WorkerType="G.1X", NumberOfWorkers=2, ExecutionClass="FLEX", DefaultArguments={
    "--enable-continuous-cloudwatch-log": "true", "--continuous-log-logGroup": "/observed/all", "--continuous-log-logStreamPrefix": "mine",
    "--continuous-log-conversionPattern": "%p|%c{1}|%m%n", "--enable-metrics": "", "--enable-spark-ui": "true",
    "--spark-event-logs-path": "s3://observed/events/", "--customer-driver-env-vars": 'CUSTOMER_D="a, b",OTHER=1',
    "--customer-executor-env-vars": "CUSTOMER_E=e", "--extra-files": "s3://observed/conf/words.txt",
    "--extra-py-files": "s3://observed/conf/helper.py", "--enable-job-insights": "true", "--TempDir": "s3://observed/tmp/"})
r = succeed("observed")
lines = output(r)
assert lines[0].startswith("Glue 4.0 has Spark 3.3.0 and Python 3.10; this run has Spark "), lines
assert "--enable-job-insights: no insights are made: a failed run's ErrorMessage is its script's exception" in lines, lines
assert lines[-1] == "words beside helped a, b None e", lines

# The job asks for what AWS shows, whatever the machine gives.
assert (r["WorkerType"], r["NumberOfWorkers"], r["MaxCapacity"], r["AllocatedCapacity"]) == ("G.1X", 2, 2.0, 2), r
assert (r["Timeout"], r["ExecutionClass"], r["GlueVersion"], r["DPUSeconds"]) == (2880, "FLEX", "4.0", 2.0 * r["ExecutionTime"]), r
assert r["ExecutionTime"] > 0

said = logs.filter_log_events(logGroupName="/observed/all", logStreamNames=["mine-driver"])["events"]
assert "INFO|GlueLogger|read begins" in [e["message"] for e in said], said
assert any(m.endswith("GlueLogger: read begins") for m in output(r, "error")), output(r, "error")

# The events are those that a history server reads.
(key,) = keys(b, "events/")
events = [json.loads(x) for x in s3.get_object(Bucket=b, Key=key)["Body"].read().decode().splitlines()]
assert events[0]["Event"] == "SparkListenerLogStart" and events[-1]["Event"] == "SparkListenerApplicationEnd", (events[0], events[-1])
tasks = [e for e in events if e["Event"] == "SparkListenerTaskEnd"]


def metric(name, kind="count", run=r["Id"], stat="Sum"):
    end = r["CompletedOn"].timestamp() + 120
    points = cloudwatch.get_metric_statistics(Namespace="Glue", MetricName="glue.driver." + name, StartTime=end - 3600, EndTime=end, Period=3600,
        Statistics=[stat], Dimensions=[{"Name": k, "Value": v} for k, v in
                                       (("JobName", "observed"), ("JobRunId", run), ("Type", kind))])["Datapoints"]
    return sum(p[stat] for p in points)


assert metric("aggregate.numCompletedTasks") == metric("aggregate.numCompletedTasks", run="ALL") == len(tasks) > 0
# Of 500 rows 3 were written; the header was read by itself too.
read = [e["Task Metrics"]["Input Metrics"]["Records Read"] for e in tasks]
assert metric("aggregate.recordsRead") == sum(read) >= 500, (metric("aggregate.recordsRead"), read)
assert metric("aggregate.numFailedTasks") == 0 and metric("aggregate.elapsedTime") > 100
assert metric("s3.filesystem.read_bytes", "gauge", stat="Maximum") > 1000
assert metric("jvm.heap.used", "gauge", stat="Maximum") > 1 << 20 and 0 < metric("jvm.heap.usage", "gauge", stat="Maximum") <= 1
print("ok")
