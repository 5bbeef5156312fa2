#!/usr/bin/env python3
"""The small PySpark job of P13 (count of a CSV of 1 MB) as a Glue job of a running Penstock, and by plain spark-submit with the settings
of S3 and nothing else, in turn against the same endpoint. CPU is user and system time of all processes but the server's own, which
serves both. `long` runs a job of about a minute or more instead, of which plain must not be faster.

    test/bench/spark/p13.py PENSTOCK VENV [ROUNDS] [long]      # VENV has pyspark, this Python boto3

"""
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import boto3

SHORT = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("rows", spark.read.option("header", True).csv("s3a://bench/in/").count())
"""
LONG = """
import sys
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.getOrCreate()
df = spark.range(40_000_000).select("id", (F.col("id") % 100_000).alias("k"), F.sha2(F.col("id").cast("string"), 256).alias("h"))
out = df.groupBy("k").agg(F.max("h").alias("h"), F.count("*").alias("n"), F.sum(F.conv(F.substring("h", 1, 6), 16, 10).cast("long")).alias("s"))
print("rows", out.where("n > 1").count(), out.agg(F.sum("s")).collect())
"""


def main(binary, venv, rounds=5, kind="short"):
    script, tmp = (LONG if kind == "long" else SHORT), tempfile.mkdtemp(prefix="penstock-p13-")
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    server = subprocess.Popen([binary, "serve", "--data", tmp + "/data", "--listen", "127.0.0.1:0", "--warehouse-listen", "127.0.0.1:0"],
                              env={**env, "PENSTOCK_PYTHON": venv + "/bin/python"}, stdout=subprocess.PIPE, text=True)
    try:
        for line in server.stdout:
            if line.startswith("Interrupt"):
                break
        said = json.loads(subprocess.check_output([binary, "env", "--json", "--data", tmp + "/data"], env=env))
        os.environ.update(said.get("env", said))
        pairs = [(ours(server.pid), plain(tmp, venv, script)) for _ in prepare(script, int(rounds))]
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(tmp)
    for i, what in enumerate(("CPU", "wall")):
        a, b = [p[0][i] for p in pairs], [p[1][i] for p in pairs]
        print(f"{what:5} s  Penstock {spread(a)}  plain {spread(b)}  ratio {spread([x / y for x, y in zip(a, b)], 2)}")


def spread(list, digits=1):
    return f"{min(list):.{digits}f} {statistics.median(list):.{digits}f} {max(list):.{digits}f}"


def prepare(script, rounds):
    """Lands the input and the job; then as many turns as rounds."""
    s3, glue, iam = (boto3.client(n) for n in ("s3", "glue", "iam"))
    s3.create_bucket(Bucket="bench")
    random.seed(1)
    rows = "".join(f"{i},2024-01-{i % 28 + 1:02d},customer {i % 977},{random.randint(0, 99999) / 100}\n" for i in range(27_500))
    s3.put_object(Bucket="bench", Key="in/one.csv", Body=("id,day,name,amount\n" + rows).encode())
    s3.put_object(Bucket="bench", Key="code/job.py", Body=script.encode())
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="bench", PolicyName="all", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    glue.create_job(Name="bench", Role="bench", Command={"Name": "glueetl", "ScriptLocation": "s3://bench/code/job.py"}, GlueVersion="5.1",
                    WorkerType="G.1X", NumberOfWorkers=2)
    return range(rounds)


def waited(pid):
    """User and system time of the children that a process has waited for, theirs included."""
    f = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(f[13]) + int(f[14])) / os.sysconf("SC_CLK_TCK")


def ours(pid):
    glue = boto3.client("glue")
    before, began = waited(pid), time.time()
    run = glue.start_job_run(JobName="bench")["JobRunId"]
    while True:
        r = glue.get_job_run(JobName="bench", RunId=run)["JobRun"]
        if r["JobRunState"] in ("SUCCEEDED", "FAILED", "TIMEOUT"):
            assert r["JobRunState"] == "SUCCEEDED", r
            return waited(pid) - before, time.time() - began
        time.sleep(0.05)


def plain(tmp, venv, script):
    python = venv + "/bin/python"
    home = subprocess.check_output([python, "-c", "import pyspark, os; print(os.path.dirname(pyspark.__file__))"], text=True).strip()
    version = subprocess.check_output([python, "-c", "import pyspark; print(pyspark.__version__)"], text=True).strip()
    cache = os.path.expanduser(os.environ.get("XDG_CACHE_HOME", "~/.cache") + "/penstock")
    jars = [f"{cache}/{d}/s3" for d in os.listdir(cache) if d.startswith(f"spark-{version}-")][0]
    with open(tmp + "/job.py", "w") as f:
        f.write(script)
    conf = {"fs.s3a.endpoint": os.environ["AWS_ENDPOINT_URL"], "fs.s3a.endpoint.region": "us-east-1", "fs.s3a.path.style.access": "true",
            "fs.s3a.connection.ssl.enabled": "false", "fs.s3a.access.key": os.environ["AWS_ACCESS_KEY_ID"],
            "fs.s3a.secret.key": os.environ["AWS_SECRET_ACCESS_KEY"],
            "fs.s3a.aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"}
    argv = [home + "/bin/spark-submit", "--master", f"local[{os.cpu_count()}]", "--driver-memory", "1843m", "--driver-class-path", jars + "/*"]
    for k, v in conf.items():
        argv += ["--conf", f"spark.hadoop.{k}={v}"]
    before, began = children(), time.time()
    env = {**os.environ, "SPARK_HOME": home, "PYSPARK_PYTHON": python, "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(argv + [tmp + "/job.py"], env=env, capture_output=True, text=True)
    assert done.returncode == 0 and "rows" in done.stdout, done.stderr[-2000:]
    return children() - before, time.time() - began


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


main(*sys.argv[1:])
