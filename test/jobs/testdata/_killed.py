"""The server is killed while a Spark job is inside its committer, between the commits of tasks and that of the job, and while a shell job
uploads: `begin` brings them there, `after` looks at what the next server made of it. Over https, with Java's and boto3's trust."""
import sys

from _job import *


def begin():
    b = bucket("killed")
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": list(range(1000, 1010))}), sink)
    s3.put_object(Bucket=b, Key="out/base.parquet", Body=sink.getvalue().to_pybytes())
    job(b, "append", """
        import os, sys, time
        from pyspark.sql import SparkSession
        spark = SparkSession.builder.getOrCreate()
        first = "_attempt_" not in sys.argv[sys.argv.index("--JOB_RUN_ID") + 1]
        print("pids", os.getpid(), os.getppid(), flush=True)

        def slow(i, rows):
            if first and i == 2:
                time.sleep(1000)
            return rows
        rows = spark.range(0, 300, 1, 3).rdd.mapPartitionsWithIndex(slow).toDF("id long")
        rows.write.mode("append").parquet("s3://killed/out/")
        print("written", flush=True)
    """, MaxRetries=1, WorkerType="G.1X", NumberOfWorkers=2)
    job(b, "parts", """
        import boto3, os, time
        s3 = boto3.client("s3")
        print("over", os.environ["AWS_ENDPOINT_URL"].split(":")[0], flush=True)
        up = s3.create_multipart_upload(Bucket="killed", Key="half")["UploadId"]
        s3.upload_part(Bucket="killed", Key="half", UploadId=up, PartNumber=1, Body=b"x" * 100)
        print("pids", os.getpid(), os.getppid(), flush=True)
        time.sleep(1000)
    """, command="pythonshell", DefaultArguments={"--additional-python-modules": "boto3"})
    runs = {name: start(name) for name in ("append", "parts")}
    while True:
        pids, tasks = [], [k for k in keys(b, "out/") if "__magic" in k and k.endswith(".pendingset")]
        for run, group in ((runs["append"], "/aws-glue/jobs"), (runs["parts"], "/aws-glue/python-jobs")):
            pids += [p for line in output({"Id": run, "LogGroupName": group}) if line.startswith("pids ") for p in line.split()[1:]]
        if len(tasks) == 2 and len(pids) == 4:
            break
        for name, run in runs.items():
            r = glue.get_job_run(JobName=name, RunId=run)["JobRun"]
            assert r["JobRunState"] in ("STARTING", "RUNNING"), (r, output(r), output(r, "error"))
        time.sleep(0.05)
    open_now = [u["Key"] for u in uploads(b)]
    assert "half" in open_now and len([k for k in open_now if k.startswith("out/part-")]) >= 2, open_now
    assert parquet(b, "out/") == [{"id": i} for i in range(1000, 1010)]  # nothing is visible before the job's commit
    print(*runs.values(), *pids, "ok")


def after(append, parts):
    b = "killed"
    for name, run in (("append", append), ("parts", parts)):
        r = wait(name, run)
        assert r["JobRunState"] == "FAILED" and r["ErrorMessage"].startswith("The server was ended while the run's script was going on"), r
    assert [r["Id"] for r in glue.get_job_runs(JobName="parts")["JobRuns"]] == [parts]  # MaxRetries 0
    again = wait("append", append + "_attempt_1")
    assert again["JobRunState"] == "SUCCEEDED" and again["PreviousRunId"] == append, (again, output(again, "error")[-5:])
    assert sorted(r["id"] for r in parquet(b, "out/")) == list(range(300)) + list(range(1000, 1010)), len(parquet(b, "out/"))
    assert not uploads(b) and "half" not in keys(b), (uploads(b), keys(b))
    assert "over https" in output({"Id": parts, "LogGroupName": "/aws-glue/python-jobs"})
    print("ok")


{"begin": begin, "after": after}[sys.argv[1]](*sys.argv[2:])
