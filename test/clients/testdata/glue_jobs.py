# Every operation of Glue jobs that Penstock serves.
import boto3
from clients import Service, until

glue = Service("glue")
both = (glue.b, glue.cli)
s3, logs, cw = boto3.client("s3"), boto3.client("logs"), boto3.client("cloudwatch")
ROLE, ARN = "arn:aws:iam::000000000000:role/glue", "arn:aws:glue:us-east-1:000000000000:job/"
COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://lake/code/none.py"}

# Input: four rows; one amount is no number, and the SQL leaves one row out.
s3.create_bucket(Bucket="lake")
s3.put_object(Bucket="lake", Key="raw/a.csv", Body=b"id,amount\n1,1.10\n2,2.20\n3,x\n4,4.40\n")
glue.b("CreateDatabase", DatabaseInput={"Name": "shop"})
text = dict(InputFormat="org.apache.hadoop.mapred.TextInputFormat", SerdeInfo=dict(SerializationLibrary="org.apache.hadoop.hive.serde2.OpenCSVSerde", Parameters={"separatorChar": ","}))
parquet = dict(InputFormat="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat", SerdeInfo=dict(SerializationLibrary="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"))
for name, location, more, parameters, amount in (("orders", "raw", text, {"classification": "csv", "skip.header.line.count": "1"}, "string"),
                                                 ("sales", "sales", parquet, {"classification": "parquet"}, "decimal(10,2)")):
    columns = [dict(Name="id", Type="bigint"), dict(Name="amount", Type=amount)] + ([dict(Name="_run", Type="char(26)")] if name == "sales" else [])
    glue.b("CreateTable", DatabaseName="shop", TableInput=dict(Name=name, TableType="EXTERNAL_TABLE", Parameters=parameters,
           StorageDescriptor=dict(Columns=columns, Location=f"s3://lake/{location}/", **more)))
arguments = {"--penstock-step": "sql", "--penstock-sql": "SELECT id, CAST(amount AS decimal(10,2)) AS amount FROM orders WHERE id < 4", "--penstock-database": "shop",
             "--penstock-target": "sales", "--penstock-mode": "append", "--penstock-home": "s3://lake/_penstock/"}

# Definitions.
assert glue.b("CreateJob", Name="sales", Role=ROLE, Command=COMMAND, DefaultArguments=arguments, Tags={"team": "a"}, ExecutionProperty={"MaxConcurrentRuns": 3})["Name"] == "sales"
assert glue.cli("CreateJob", Name="spark", Role=ROLE, Command=COMMAND, DefaultArguments={"--x": "1"}, GlueVersion="5.0", WorkerType="G.1X", NumberOfWorkers=2)["Name"] == "spark"
glue.fails("IdempotentParameterMismatchException", "Job with name: sales already submitted", "CreateJob", Name="sales", Role=ROLE, Command=COMMAND)
glue.fails("InvalidInputException", "Command name should not be null", "CreateJob", Name="bad", Role=ROLE, Command={"ScriptLocation": "s3://lake/x.py"})
for call in both:
    j = call("GetJob", JobName="spark")["Job"]
    assert (j["Command"], j["DefaultArguments"], j["WorkerType"], j["NumberOfWorkers"]) == (COMMAND, {"--x": "1"}, "G.1X", 2), j
jobs, pages = glue.pages("GetJobs", 1, "Jobs")
assert [j["Name"] for j in jobs] == ["sales", "spark"] and pages == 2, jobs
assert [j["Name"] for j in glue.cli("GetJobs")["Jobs"]] == ["sales", "spark"]
assert glue.b("ListJobs", Tags={"team": "a"})["JobNames"] == ["sales"]
page = glue.b("ListJobs", MaxResults=1)
assert page["JobNames"] == ["sales"] and glue.cli("ListJobs", NextToken=page["NextToken"])["JobNames"] == ["spark"], page
glue.b("UpdateJob", JobName="spark", JobUpdate=dict(Role=ROLE, Command=COMMAND, DefaultArguments={"--x": "2"}))
assert glue.cli("GetJob", JobName="spark")["Job"]["DefaultArguments"] == {"--x": "2"}
assert glue.cli("UpdateJob", JobName="spark", JobUpdate=dict(Role=ROLE, Command=COMMAND, Description="left alone"))["JobName"] == "spark"
j = glue.b("GetJob", JobName="spark")["Job"]
assert j["Description"] == "left alone" and "WorkerType" not in j and not j.get("DefaultArguments"), j
glue.fails("EntityNotFoundException", "none", "GetJob", JobName="none")
glue.fails("EntityNotFoundException", "none", "UpdateJob", JobName="none", JobUpdate=dict(Role=ROLE, Command=COMMAND))

# Tags.
for call in both:
    assert call("GetTags", ResourceArn=ARN + "sales")["Tags"] == {"team": "a"}
glue.b("TagResource", ResourceArn=ARN + "sales", TagsToAdd={"x": "1"})
glue.cli("TagResource", ResourceArn=ARN + "spark", TagsToAdd={"x": "2"})
assert glue.b("ListJobs", Tags={"x": "2"})["JobNames"] == ["spark"]
glue.b("UntagResource", ResourceArn=ARN + "sales", TagsToRemove=["x", "team"])
glue.cli("UntagResource", ResourceArn=ARN + "spark", TagsToRemove=["x"])
assert glue.b("GetTags", ResourceArn=ARN + "sales")["Tags"] == glue.b("GetTags", ResourceArn=ARN + "spark")["Tags"] == {}
glue.fails("EntityNotFoundException", "none", "GetTags", ResourceArn=ARN + "none")


# Runs.
def ended(job, run, call=glue.b):
    return until(lambda: (r := call("GetJobRun", JobName=job, RunId=run)["JobRun"])["JobRunState"] not in ("STARTING", "RUNNING", "WAITING", "STOPPING") and r)


runs = []
for call in both:
    run = call("StartJobRun", JobName="sales")["JobRunId"]
    r = ended("sales", run, call)
    assert r["JobRunState"] == "SUCCEEDED" and r["Attempt"] == 0 and r["JobName"] == "sales" and r["CompletedOn"] >= r["StartedOn"], r
    runs.append(run)
assert len(s3.list_objects_v2(Bucket="lake", Prefix="sales/")["Contents"]) == 2
lines = [e["message"] for e in logs.get_log_events(logGroupName="/aws-glue/jobs/output", logStreamName=runs[0], startFromHead=True)["events"]]
assert lines[-1].startswith("penstock-result {") and '"rows_read":4' in lines[-1].replace(" ", "") and '"rows_written":3' in lines[-1].replace(" ", ""), lines
bad = glue.b("StartJobRun", JobName="sales", Arguments={"--penstock-sql": "SELECT nothing FROM orders"})["JobRunId"]
r = ended("sales", bad)
assert r["JobRunState"] == "FAILED" and "nothing" in r["ErrorMessage"] and r["Arguments"] == {"--penstock-sql": "SELECT nothing FROM orders"}, r
r = ended("spark", glue.b("StartJobRun", JobName="spark", Timeout=5, Arguments={"--job-language": "scala"})["JobRunId"])
assert r["JobRunState"] == "FAILED" and "does not support --job-language" in r["ErrorMessage"] and r["Timeout"] == 5, r
listed, pages = glue.pages("GetJobRuns", 1, "JobRuns", JobName="sales")
assert [x["Id"] for x in listed] == [bad, *reversed(runs)] and pages == 3, listed
assert [x["Id"] for x in glue.cli("GetJobRuns", JobName="sales", MaxResults=1)["JobRuns"]] == [bad]
glue.fails("EntityNotFoundException", "jr_none", "GetJobRun", JobName="sales", RunId="jr_none")
glue.fails("EntityNotFoundException", "none", "StartJobRun", JobName="none")

# A script of a Python shell job saves its bookmark; it is shown and taken back.
trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
boto3.client("iam").create_role(RoleName="glue", AssumeRolePolicyDocument=trust)
s3.put_object(Bucket="lake", Key="code/mark.py", Body=b"""
import sys
from awsglue.bookmark import Bookmark
run = sys.argv[sys.argv.index("--JOB_RUN_ID") + 1]
mine = Bookmark("mark", run, "job-bookmark-enable")
mine.note("ctx", {"run": run})
mine.commit()
""")
glue.b("CreateJob", Name="mark", Role=ROLE, Command={"Name": "pythonshell", "ScriptLocation": "s3://lake/code/mark.py"})
for call in both:
    r = ended("mark", glue.b("StartJobRun", JobName="mark")["JobRunId"])
    assert r["JobRunState"] == "SUCCEEDED", r
    e = call("GetJobBookmark", JobName="mark")["JobBookmarkEntry"]
    assert e["RunId"] == r["Id"] and r["Id"] in e["JobBookmark"], e
    assert call("ResetJobBookmark", JobName="mark")["JobBookmarkEntry"]["JobName"] == "mark"
glue.b("DeleteJob", JobName="mark")

# A run is stopped while it works; what is not there is an error of its own.
many = " CROSS JOIN ".join(f"orders o{i}" for i in range(24))
long = {"--penstock-sql": f"SELECT sum(o0.id) AS id, CAST(count(*) AS decimal(10,2)) AS amount FROM {many} WHERE o0.id + o1.id + o2.id > o21.id + o22.id + o23.id"}
for call in both:
    run = call("StartJobRun", JobName="sales", Arguments=long)["JobRunId"]
    until(lambda: glue.b("GetJobRun", JobName="sales", RunId=run)["JobRun"]["JobRunState"] == "RUNNING")
    stopped = call("BatchStopJobRun", JobName="sales", JobRunIds=[run, "jr_none"])
    assert [x["JobRunId"] for x in stopped["SuccessfulSubmissions"]] == [run], stopped
    assert [(x["JobRunId"], x["ErrorDetail"]["ErrorCode"]) for x in stopped["Errors"]] == [("jr_none", "EntityNotFoundException")], stopped
    assert ended("sales", run)["JobRunState"] == "STOPPED"
assert len(s3.list_objects_v2(Bucket="lake", Prefix="sales/")["Contents"]) == 2

assert glue.b("DeleteJob", JobName="sales")["JobName"] == "sales"
assert glue.cli("DeleteJob", JobName="spark")["JobName"] == "spark"
assert glue.b("DeleteJob", JobName="spark")["JobName"] == "spark"  # one that is not there is no error
assert glue.b("ListJobs")["JobNames"] == []
print("ok")
