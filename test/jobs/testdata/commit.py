"""Who may save a bookmark, and when: the run's own script, with what it began with. Python shell jobs, with awsglue's own client."""
from _job import *

b = bucket("commit")
SAVE = """
    import sys, time
    from awsglue.bookmark import Bookmark
    from awsglue.aws import Glue, ServiceError
    from awsglue.utils import getResolvedOptions

    args = getResolvedOptions(sys.argv, ["JOB_NAME", "what", "other"])
    run = sys.argv[sys.argv.index("--JOB_RUN_ID") + 1]
    mine = Bookmark(args["JOB_NAME"], run, "job-bookmark-enable")
    print("before", mine.of("ctx"), flush=True)
    mine.note("ctx", {"run": run})
    if args["what"] == "late":
        while Glue().call("GetJobBookmark", JobName=args["JOB_NAME"])["JobBookmarkEntry"]["Version"] == mine._version:
            time.sleep(0.1)
    try:
        if args["what"] == "for another":
            Glue().call("PenstockCommitJobBookmark", JobName=args["JOB_NAME"], RunId=args["other"], Version=mine._version, JobBookmark="{}")
        if args["what"] != "nothing":
            mine.commit()
    except ServiceError as e:
        print("refused", e.code, flush=True)
    if args["what"] == "twice":
        Glue().call("PenstockCommitJobBookmark", JobName=args["JOB_NAME"], RunId=run, Version=mine._version - 1,
                    JobBookmark='{"ctx": {"run": "%s"}}' % run)
    print("done", flush=True)
    if args["what"] == "hang":
        time.sleep(1000)
    if args["what"] == "fail":
        sys.exit(1)
"""
job(b, "saves", SAVE, command="pythonshell", ExecutionProperty={"MaxConcurrentRuns": 2}, DefaultArguments={"--other": "none"})


def saved():
    e = glue.get_job_bookmark(JobName="saves")["JobBookmarkEntry"]
    return e["Version"], e["RunId"], json.loads(e["JobBookmark"])["ctx"]["run"]


def said(run, line):
    while line not in output({"Id": run, "LogGroupName": "/aws-glue/python-jobs"}):
        time.sleep(0.1)


def begin(what, other="none"):
    return start("saves", Arguments={"--what": what, "--other": other})


r = succeed("saves", Arguments={"--what": "twice"})  # the second call is what a lost answer leads to
assert output(r) == ["before None", "done"] and saved() == (1, r["Id"], r["Id"]), (output(r), saved())

# A run that is stopped or fails after its commit keeps what it saved; one that does not commit saves nothing.
run = begin("hang")
said(run, "done")
glue.batch_stop_job_run(JobName="saves", JobRunIds=[run])
assert wait("saves", run)["JobRunState"] == "STOPPED" and saved() == (2, run, run)
r = wait("saves", begin("fail"))
assert r["JobRunState"] == "FAILED" and saved() == (3, r["Id"], r["Id"])
succeed("saves", Arguments={"--what": "nothing"})
assert saved() == (3, r["Id"], r["Id"])

# Of two runs that began with the same state the second to commit is refused; nor may a run save for another.
late = begin("late")
said(late, "before {'run': '%s'}" % r["Id"])
r = succeed("saves", Arguments={"--what": "save"})
assert output(wait("saves", late))[-2:] == ["refused ConcurrentModificationException", "done"] and saved() == (4, r["Id"], r["Id"])
hanging = begin("hang")
said(hanging, "done")
r = succeed("saves", Arguments={"--what": "for another", "--other": hanging})
assert output(r)[-2:] == ["refused AccessDeniedException", "done"] and saved() == (5, hanging, hanging), output(r)
glue.batch_stop_job_run(JobName="saves", JobRunIds=[hanging])
print("ok")
