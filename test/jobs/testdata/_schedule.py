"""A trigger fires in the next minute that its cron names, once."""
import datetime
import time

from _job import bucket, glue, job, wait

lake = bucket("schedule")
job(lake, "timed", "print('on time')\n", "pythonshell")
at = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
if (at - datetime.datetime.now(datetime.timezone.utc)).total_seconds() < 5:
    at += datetime.timedelta(minutes=1)
cron = f"cron({at.minute} {at.hour} {at.day} {at.strftime('%b').upper()} ? {at.year})"
glue.create_trigger(Name="timed", Type="SCHEDULED", Schedule=cron, StartOnCreation=True, Actions=[{"JobName": "timed"}])
end = time.monotonic() + 150
while not (runs := glue.get_job_runs(JobName="timed")["JobRuns"]):
    assert time.monotonic() < end, "the trigger has not fired"
    time.sleep(0.5)
assert wait("timed", runs[0]["Id"])["JobRunState"] == "SUCCEEDED"
assert runs[0]["TriggerName"] == "timed" and at <= runs[0]["StartedOn"] < at + datetime.timedelta(seconds=10), (at, runs[0]["StartedOn"])
time.sleep(60 - datetime.datetime.now().second + 5)
assert len(glue.get_job_runs(JobName="timed")["JobRuns"]) == 1
print("ok")
