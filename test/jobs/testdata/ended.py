"""A run that is stopped, and one whose time is over: the script and all that it started end, and nothing of its writes is left open."""
import os
from _job import *

b = bucket("ended")
job(b, "ended", """
    import boto3, time, subprocess
    s3 = boto3.client("s3")
    up = s3.create_multipart_upload(Bucket="ended", Key="half")["UploadId"]
    s3.upload_part(Bucket="ended", Key="half", UploadId=up, PartNumber=1, Body=b"x" * 100)
    child = subprocess.Popen(["sleep", "1000"])
    print("pids", child.pid, flush=True)
    time.sleep(1000)
""", command="pythonshell", DefaultArguments={"--additional-python-modules": "boto3"})


def begun(run):
    while True:
        for line in output({"Id": run, "LogGroupName": "/aws-glue/python-jobs"}):
            if line.startswith("pids "):
                return int(line.split()[1])
        time.sleep(0.1)


def alive(pid):
    try:
        os.kill(pid, 0)
        return open(f"/proc/{pid}/stat").read().split()[2] != "Z"
    except OSError:
        return False


run = start("ended")
pid = begun(run)
assert alive(pid) and len(uploads(b)) == 1
glue.batch_stop_job_run(JobName="ended", JobRunIds=[run])
r = wait("ended", run)
assert r["JobRunState"] == "STOPPED", r
assert not alive(pid) and not uploads(b), uploads(b)
run = start("ended", Timeout=1)
pid = begun(run)
r = wait("ended", run)
assert r["JobRunState"] == "TIMEOUT" and 58 <= r["ExecutionTime"] <= 75, r
assert not alive(pid) and not uploads(b), uploads(b)
print("ok")
