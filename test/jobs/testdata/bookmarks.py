"""Bookmarks: a job that reads each file once, by what its runs have saved with job.commit(); paused, reset, rewound; and who may save."""
from _job import *

b = bucket("bookmarks")
READ = """
    import sys
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext
    from awsglue.context import GlueContext
    from awsglue.job import Job

    args = getResolvedOptions(sys.argv, ["JOB_NAME"])
    glueContext = GlueContext(SparkContext())
    job = Job(glueContext)
    job.init(args["JOB_NAME"], args)
    new = glueContext.create_dynamic_frame.from_options(connection_type="s3", connection_options={"paths": ["s3://bookmarks/in/"]},
        format="csv", format_options={"withHeader": True}, transformation_ctx="new")
    glueContext.write_dynamic_frame.from_options(frame=new, connection_type="s3", connection_options={"path": "s3://bookmarks/out/"},
        format="parquet", transformation_ctx="out")
    print("ids", sorted(int(r.id) for r in new.toDF().collect()) if new.count() else [])
    job.commit()
"""
job(b, "reads", READ, DefaultArguments={"--job-bookmark-option": "job-bookmark-enable"})


def ids(**arguments):
    """What a run reads, and the run."""
    r = succeed("reads", Arguments={"--" + k.replace("_", "-"): v for k, v in arguments.items()})
    return eval(output(r)[-1].removeprefix("ids ")), r["Id"]


def refused(code, call, **members):
    try:
        answer = call(**members)
    except glue.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError(answer)


none = refused("EntityNotFoundException", glue.get_job_bookmark, JobName="reads")
assert none == "Continuation for job reads not found", none
put(b, "in/a.csv", "id,name\n1,Ann\n2,Bob\n")
put(b, "in/b.csv", "id,name\n3,Cid\n")
read, first = ids()
assert read == [1, 2, 3], read
entry = glue.get_job_bookmark(JobName="reads")["JobBookmarkEntry"]
assert (entry["Version"], entry["Run"], entry["Attempt"], entry["RunId"]) == (1, 1, 0, first) and "PreviousRunId" not in entry, entry
assert sorted(json.loads(entry["JobBookmark"])["new"]["recent"]) == ["s3://bookmarks/in/a.csv", "s3://bookmarks/in/b.csv"], entry

put(b, "in/c.csv", "id,name\n4,Dee\n")
read, _ = ids(job_bookmark_option="job-bookmark-pause")  # reads, and saves nothing
assert read == [4] and glue.get_job_bookmark(JobName="reads")["JobBookmarkEntry"] == entry, read
read, second = ids()
assert read == [4], read
read, third = ids()
assert read == [], read
entry = glue.get_job_bookmark(JobName="reads")["JobBookmarkEntry"]
assert (entry["Version"], entry["Run"], entry["RunId"], entry["PreviousRunId"]) == (3, 3, third, second), entry
# The pause read 4 a first time. No run without new files wrote anything.
assert sorted(int(r["id"]) for r in parquet(b, "out/")) == [1, 2, 3, 4, 4]

glue.reset_job_bookmark(JobName="reads", RunId=first)
read, fourth = ids()
assert read == [4], read
read, _ = ids(job_bookmark_option="job-bookmark-pause", job_bookmark_from=first, job_bookmark_to=second)
assert read == [4], read
entry = glue.reset_job_bookmark(JobName="reads")["JobBookmarkEntry"]
assert entry == {"JobName": "reads", "Version": 6, "Run": 0, "Attempt": 0}, entry
read, fifth = ids()
assert read == [1, 2, 3, 4], read
print("ok")
