# Every operation of Glue triggers and workflows that Penstock serves, and a workflow of a crawler, a job when it has succeeded, and what
# follows from the job's success and from its failure: it fails, is resumed from the node that failed, and is stopped.
import boto3
from clients import Service, until

glue = Service("glue")
both = (glue.b, glue.cli)
s3, iam = boto3.client("s3"), boto3.client("iam")
ROLE, ARN = "arn:aws:iam::000000000000:role/glue", "arn:aws:glue:us-east-1:000000000000:"
trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
iam.create_role(RoleName="glue", AssumeRolePolicyDocument=trust)
s3.create_bucket(Bucket="lake")
s3.put_object(Bucket="lake", Key="raw/a.csv", Body=b"id,amount\n1,1.10\n2,2.20\n3,3.30\n")
glue.b("CreateDatabase", DatabaseInput={"Name": "shop"})
glue.b("CreateCrawler", Name="raw", Role=ROLE, DatabaseName="shop", Targets={"S3Targets": [{"Path": "s3://lake/raw/"}]})

# The job asks its run what to do and tells it what it has done; it fails as long as an object is not there.
s3.put_object(Bucket="lake", Key="code/load.py", Body=b"""
import sys, time, boto3
def value(name): return sys.argv[sys.argv.index(name) + 1]
glue, s3 = boto3.client("glue"), boto3.client("s3")
of = dict(Name=value("--WORKFLOW_NAME"), RunId=value("--WORKFLOW_RUN_ID"))
time.sleep(float(glue.get_workflow_run_properties(**of)["RunProperties"]["sleep"]))
columns = glue.get_table(DatabaseName="shop", Name="raw")["Table"]["StorageDescriptor"]["Columns"]
s3.head_object(Bucket="lake", Key="ready")
glue.put_workflow_run_properties(**of, RunProperties={"columns": ",".join(c["Name"] for c in columns), "like": value("--like")})
""")
s3.put_object(Bucket="lake", Key="code/say.py", Body=b"print('said')")
for name, script in (("load", "load"), ("report", "say"), ("alarm", "say"), ("extra", "say")):
    glue.b("CreateJob", Name=name, Role=ROLE, Command={"Name": "pythonshell", "ScriptLocation": f"s3://lake/code/{script}.py", "PythonVersion": "3.9"})


def when(*pairs, logical=None):
    conditions = [dict(LogicalOperator="EQUALS", **({"CrawlerName": n, "CrawlState": s} if n == "raw" else {"JobName": n, "State": s})) for n, s in pairs]
    return dict(Conditions=conditions, **({"Logical": logical} if logical else {}))


# Workflows and their triggers.
assert glue.b("CreateWorkflow", Name="nightly", Description="d", DefaultRunProperties={"sleep": "0", "kept": "1"}, MaxConcurrentRuns=1, Tags={"team": "a"})["Name"] == "nightly"
assert glue.cli("CreateWorkflow", Name="other")["Name"] == "other"
glue.fails("AlreadyExistsException", "nightly", "CreateWorkflow", Name="nightly")
for call in both:
    call("UpdateWorkflow", Name="other", Description="changed")
    assert call("ListWorkflows")["Workflows"] == ["nightly", "other"]
    got = call("BatchGetWorkflows", Names=["other", "none"])
    assert got["Workflows"][0]["Description"] == "changed" and got["MissingWorkflows"] == ["none"], got
    assert call("GetTags", ResourceArn=ARN + "workflow/nightly")["Tags"] == {"team": "a"}
glue.b("CreateTrigger", Name="start", WorkflowName="nightly", Type="ON_DEMAND", Actions=[{"CrawlerName": "raw"}], Tags={"team": "b"})
glue.cli("CreateTrigger", Name="crawled", WorkflowName="nightly", Type="CONDITIONAL", StartOnCreation=True, Predicate=when(("raw", "SUCCEEDED")),
         Actions=[{"JobName": "load", "Arguments": {"--like": "this"}}])
glue.b("CreateTrigger", Name="loaded", WorkflowName="nightly", Type="CONDITIONAL", StartOnCreation=True, Actions=[{"JobName": "report"}],
       Predicate=when(("load", "SUCCEEDED"), ("raw", "SUCCEEDED"), logical="AND"))
glue.b("CreateTrigger", Name="failed", WorkflowName="nightly", Type="CONDITIONAL", StartOnCreation=True, Actions=[{"JobName": "alarm"}],
       Predicate=when(("load", "FAILED"), ("load", "TIMEOUT"), logical="ANY"))
glue.fails("InvalidInputException", "already has a starting trigger", "CreateTrigger", Name="again", WorkflowName="nightly", Type="ON_DEMAND", Actions=[{"JobName": "load"}])
glue.fails("InvalidInputException", "EVENT", "CreateTrigger", Name="again", Type="EVENT", Actions=[{"JobName": "load"}])


def over(run):
    return until(lambda: (r := glue.b("GetWorkflowRun", Name="nightly", RunId=run, IncludeGraph=True)["Run"])["Status"] not in ("RUNNING", "STOPPING") and r)


def counts(r):
    return {k[:-7]: n for k, n in r["Statistics"].items() if n}


def nodes(r):
    return {n["Name"]: n for n in r["Graph"]["Nodes"]}


def states(r):
    runs = {name: [j["JobRunState"] for j in n["JobDetails"].get("JobRuns", [])] for name, n in nodes(r).items() if n["Type"] == "JOB"}
    crawls = {name: [c["State"] for c in n["CrawlerDetails"].get("Crawls", [])] for name, n in nodes(r).items() if n["Type"] == "CRAWLER"}
    return runs | crawls


# It fails: the way of the failure is taken.
first = glue.b("StartWorkflowRun", Name="nightly", RunProperties={"more": "2"})["RunId"]
glue.fails("ConcurrentRunsExceededException", "nightly", "StartWorkflowRun", Name="nightly")
r = over(first)
assert r["Status"] == "COMPLETED" and counts(r) == {"Total": 4, "Failed": 1, "Succeeded": 2}, r
assert states(r) == {"raw": ["SUCCEEDED"], "load": ["FAILED"], "alarm": ["SUCCEEDED"], "report": []}, states(r)
assert r["WorkflowRunProperties"] == {"sleep": "0", "kept": "1", "more": "2"}, r
load = nodes(r)["load"]
run = load["JobDetails"]["JobRuns"][0]
assert run["TriggerName"] == "crawled" and run["Arguments"] == {"--like": "this", "--WORKFLOW_NAME": "nightly", "--WORKFLOW_RUN_ID": first}, run
names = {n["UniqueId"]: n["Name"] for n in r["Graph"]["Nodes"]}
assert {(names[e["SourceId"]], names[e["DestinationId"]]) for e in r["Graph"]["Edges"]} == {
    ("start", "raw"), ("raw", "crawled"), ("crawled", "load"), ("load", "loaded"), ("raw", "loaded"), ("loaded", "report"), ("load", "failed"), ("failed", "alarm")}
alarm = nodes(r)["alarm"]["JobDetails"]["JobRuns"][0]
assert glue.b("GetJobRun", JobName="alarm", RunId=alarm["Id"], PredecessorsIncluded=True)["JobRun"]["PredecessorRuns"] == [{"JobName": "load", "RunId": run["Id"]}]

# It is resumed from the node that failed: the crawler keeps what it has come to.
s3.put_object(Bucket="lake", Key="ready", Body=b"")
got = glue.b("ResumeWorkflowRun", Name="nightly", RunId=first, NodeIds=[load["UniqueId"]])
r = over(got["RunId"])
assert got["NodeIds"] == [nodes(r)["load"]["UniqueId"]] and r["PreviousRunId"] == first, (got, r)
assert r["Status"] == "COMPLETED" and counts(r) == {"Total": 4, "Succeeded": 3}, r
assert states(r) == {"raw": ["SUCCEEDED"], "load": ["SUCCEEDED"], "report": ["SUCCEEDED"], "alarm": []}, states(r)
for call in both:
    p = call("GetWorkflowRunProperties", Name="nightly", RunId=got["RunId"])["RunProperties"]
    assert p == {"sleep": "0", "kept": "1", "more": "2", "columns": "id,amount", "like": "this"}, p
    call("PutWorkflowRunProperties", Name="nightly", RunId=first, RunProperties={"by": call.__name__})
again = glue.cli("ResumeWorkflowRun", Name="nightly", RunId=got["RunId"], NodeIds=[nodes(r)["report"]["UniqueId"]])["RunId"]
assert states(over(again))["report"] == ["SUCCEEDED"]
glue.fails("InvalidInputException", "wnode_none", "ResumeWorkflowRun", Name="nightly", RunId=first, NodeIds=["wnode_none"])

# It is stopped while the job works.
glue.b("UpdateWorkflow", Name="nightly", DefaultRunProperties={"sleep": "300"})
for call in both:
    run = call("StartWorkflowRun", Name="nightly")["RunId"]
    until(lambda: "RUNNING" in states(glue.b("GetWorkflowRun", Name="nightly", RunId=run, IncludeGraph=True)["Run"])["load"])
    call("StopWorkflowRun", Name="nightly", RunId=run)
    r = over(run)
    assert r["Status"] == "STOPPED" and counts(r) == {"Total": 4, "Succeeded": 1, "Stopped": 1}, r
    assert states(r) == {"raw": ["SUCCEEDED"], "load": ["STOPPED"], "report": [], "alarm": []}, states(r)
    glue.fails("IllegalWorkflowStateException", "STOPPED", "StopWorkflowRun", Name="nightly", RunId=run)
    w = call("GetWorkflow", Name="nightly", IncludeGraph=True)["Workflow"]
    assert w["LastRun"]["WorkflowRunId"] == run and len(w["Graph"]["Nodes"]) == 8 and w["MaxConcurrentRuns"] == 1, w
    assert call("GetWorkflowRun", Name="nightly", RunId=run)["Run"]["Status"] == "STOPPED"
    assert call("GetWorkflowRuns", Name="nightly", MaxResults=1)["Runs"][0]["WorkflowRunId"] == run
listed, pages = glue.pages("GetWorkflowRuns", 2, "Runs", Name="nightly")
assert len(listed) == 5 and pages == 3 and listed[-1]["WorkflowRunId"] == first, listed

# Triggers outside of workflows: on demand, after another, and at times; a job that nobody but a trigger starts.
for call in both:
    name = call.__name__
    call("CreateTrigger", Name=f"go-{name}", Type="ON_DEMAND", Actions=[{"JobName": "report"}])
    call("CreateTrigger", Name=f"then-{name}", Type="CONDITIONAL", Actions=[{"JobName": "extra"}], Predicate=when(("report", "SUCCEEDED")))
    call("StartTrigger", Name=f"then-{name}")
    call("StartTrigger", Name=f"go-{name}")
    chained = until(lambda: [r for r in glue.b("GetJobRuns", JobName="extra").get("JobRuns", []) if r["TriggerName"] == f"then-{name}"])
    assert len(chained) == 1 and len([r for r in glue.b("GetJobRuns", JobName="report")["JobRuns"] if r.get("TriggerName") == f"go-{name}"]) == 1
    until(lambda: glue.b("GetJobRun", JobName="extra", RunId=chained[0]["Id"])["JobRun"]["JobRunState"] == "SUCCEEDED")
    call("StopTrigger", Name=f"then-{name}")
    assert call("GetTrigger", Name=f"then-{name}")["Trigger"]["State"] == "DEACTIVATED"
    glue.fails("InvalidInputException", "DEACTIVATED", "StopTrigger", Name=f"then-{name}")
    call("CreateTrigger", Name=f"at-{name}", Type="SCHEDULED", Schedule="cron(0 12 ? * MON-FRI *)", StartOnCreation=True, Actions=[{"JobName": "extra"}], Tags={"by": name})
    t = call("UpdateTrigger", Name=f"at-{name}", TriggerUpdate={"Schedule": "cron(15 3 L * ? *)", "Actions": [{"JobName": "extra", "Timeout": 7}]})["Trigger"]
    assert (t["State"], t["Schedule"], t["Actions"]) == ("ACTIVATED", "cron(15 3 L * ? *)", [{"JobName": "extra", "Timeout": 7}]), t
    got = call("BatchGetTriggers", TriggerNames=[f"at-{name}", "none"])
    assert got["Triggers"] == [t] and got["TriggersNotFound"] == ["none"], got
    assert call("ListTriggers", Tags={"by": name})["TriggerNames"] == [f"at-{name}"]
    call("StartTrigger", Name=f"then-{name}")
    alone = glue.b("StartJobRun", JobName="report")["JobRunId"]  # by no trigger: nothing follows
    until(lambda: glue.b("GetJobRun", JobName="report", RunId=alone)["JobRun"]["JobRunState"] == "SUCCEEDED")
    assert len([r for r in glue.b("GetJobRuns", JobName="extra")["JobRuns"] if r["TriggerName"] == f"then-{name}"]) == 1
    call("StopTrigger", Name=f"then-{name}")
    assert {x["Name"] for x in call("GetTriggers", DependentJobName="load")["Triggers"]} == {"crawled"}
names, pages = glue.pages("ListTriggers", 3, "TriggerNames")
assert len(names) == 10 and pages == 4 and names == sorted(names), names
glue.fails("InvalidInputException", "schedule", "CreateTrigger", Name="x", Type="SCHEDULED", Schedule="cron(0 12 * * * *)", Actions=[{"JobName": "extra"}])
glue.fails("EntityNotFoundException", "none", "CreateTrigger", Name="x", Type="ON_DEMAND", Actions=[{"JobName": "none"}])
glue.fails("EntityNotFoundException", "none", "StartTrigger", Name="none")

# A job that has been deleted: its trigger stays, and what it starts besides starts.
glue.b("CreateJob", Name="gone", Role=ROLE, Command={"Name": "pythonshell", "ScriptLocation": "s3://lake/code/say.py"})
glue.b("CreateTrigger", Name="halves", Type="ON_DEMAND", Actions=[{"JobName": "gone"}, {"JobName": "alarm"}])
glue.b("DeleteJob", JobName="gone")
glue.b("StartTrigger", Name="halves")
until(lambda: [r for r in glue.b("GetJobRuns", JobName="alarm")["JobRuns"] if r.get("TriggerName") == "halves" and r["JobRunState"] == "SUCCEEDED"])

for call in both:
    assert call("DeleteTrigger", Name=f"at-{call.__name__}")["Name"] == f"at-{call.__name__}"
    assert call("DeleteWorkflow", Name={"b": "nightly", "cli": "other"}[call.__name__])["Name"]
assert glue.b("ListWorkflows")["Workflows"] == [] and "crawled" not in glue.b("ListTriggers")["TriggerNames"]
