# Every operation of CloudWatch Logs that Penstock serves.
import time
from clients import Service

logs = Service("logs")
both = (logs.b, logs.cli)
ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/jobs/a"

logs.b("CreateLogGroup", logGroupName="/jobs/a", tags={"team": "a"})
logs.cli("CreateLogGroup", logGroupName="/jobs/b")
logs.fails("ResourceAlreadyExistsException", "The specified log group already exists", "CreateLogGroup", logGroupName="/jobs/a")
groups, pages = logs.pages("DescribeLogGroups", 1, "logGroups", logGroupNamePrefix="/jobs/")
assert [g["logGroupName"] for g in groups] == ["/jobs/a", "/jobs/b"] and pages == 2, groups
assert groups[0]["logGroupArn"] == ARN and groups[0]["arn"] == ARN + ":*" and "retentionInDays" not in groups[0], groups
logs.b("PutRetentionPolicy", logGroupName="/jobs/a", retentionInDays=7)
logs.cli("PutRetentionPolicy", logGroupName="/jobs/b", retentionInDays=30)
assert [g["retentionInDays"] for g in logs.cli("DescribeLogGroups", logGroupNamePattern="jobs")["logGroups"]] == [7, 30]
logs.fails("InvalidParameterException", "", "PutRetentionPolicy", logGroupName="/jobs/a", retentionInDays=8)
logs.b("DeleteRetentionPolicy", logGroupName="/jobs/a")
logs.cli("DeleteRetentionPolicy", logGroupName="/jobs/b")
assert all("retentionInDays" not in g for g in logs.b("DescribeLogGroups")["logGroups"])

logs.b("CreateLogStream", logGroupName="/jobs/a", logStreamName="one")
logs.cli("CreateLogStream", logGroupName="/jobs/a", logStreamName="two")
logs.fails("ResourceAlreadyExistsException", "", "CreateLogStream", logGroupName="/jobs/a", logStreamName="two")
logs.fails("ResourceNotFoundException", "The specified log group does not exist.", "CreateLogStream", logGroupName="none", logStreamName="x")
now = int(time.time() * 1000)
a = dict(logGroupName="/jobs/a", logStreamName="one")
answer = logs.b("PutLogEvents", **a, logEvents=[{"timestamp": now + i, "message": f"row {i} was {'bad' if i % 5 == 0 else 'good'}"} for i in range(10)])
assert "rejectedLogEventsInfo" not in answer, answer
logs.cli("PutLogEvents", logGroupName="/jobs/a", logStreamName="two", logEvents=[{"timestamp": now + 3, "message": "größer {\"n\": 1}"}])
old = logs.b("PutLogEvents", **a, logEvents=[{"timestamp": now - 15 * 86400000, "message": "too old"}])
assert old["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}, old
logs.fails("ResourceNotFoundException", "The specified log stream does not exist.", "PutLogEvents", logGroupName="/jobs/a", logStreamName="none",
           logEvents=[{"timestamp": now, "message": "x"}])

streams, pages = logs.pages("DescribeLogStreams", 1, "logStreams", logGroupName="/jobs/a")
assert [s["logStreamName"] for s in streams] == ["one", "two"] and pages == 2 and streams[0]["firstEventTimestamp"] == now and streams[0]["lastEventTimestamp"] == now + 9, streams
assert [s["logStreamName"] for s in logs.cli("DescribeLogStreams", logGroupName="/jobs/a", orderBy="LastEventTime", descending=True)["logStreams"]] == ["one", "two"]
got = logs.b("GetLogEvents", **a, startFromHead=True, limit=4)
assert [e["message"] for e in got["events"]] == [f"row {i} was {'bad' if i % 5 == 0 else 'good'}" for i in range(4)], got
more = logs.b("GetLogEvents", **a, startFromHead=True, limit=100, nextToken=got["nextForwardToken"])
assert len(more["events"]) == 6, more
end = logs.b("GetLogEvents", **a, startFromHead=True, nextToken=more["nextForwardToken"])
assert end["events"] == [] and end["nextForwardToken"] == more["nextForwardToken"], end
got = logs.cli("GetLogEvents", logGroupName="/jobs/a", logStreamName="two")
assert got["events"][0]["message"] == "größer {\"n\": 1}" and got["events"][0]["timestamp"] == now + 3, got
got = logs.cli("GetLogEvents", **a, startTime=now + 2, endTime=now + 4)
assert [e["timestamp"] - now for e in got["events"]] == [2, 3], got
found, _ = logs.pages("FilterLogEvents", 2, "events", logGroupName="/jobs/a")
assert len(found) == 11 and [e["timestamp"] for e in found] == sorted(e["timestamp"] for e in found), found
assert [e["message"] for e in logs.cli("FilterLogEvents", logGroupName="/jobs/a", filterPattern="bad")["events"]] == ["row 0 was bad", "row 5 was bad"]
assert [e["logStreamName"] for e in logs.cli("FilterLogEvents", logGroupName="/jobs/a", logStreamNames=["two"])["events"]] == ["two"]
logs.fails("ResourceNotFoundException", "The specified log group does not exist.", "FilterLogEvents", logGroupName="none")

for call in both:
    assert call("ListTagsForResource", resourceArn=ARN)["tags"] == {"team": "a"}
logs.b("TagResource", resourceArn=ARN, tags={"x": "1"})
logs.cli("TagResource", resourceArn=ARN, tags={"y": "2"})
assert logs.b("ListTagsForResource", resourceArn=ARN)["tags"] == {"team": "a", "x": "1", "y": "2"}
logs.b("UntagResource", resourceArn=ARN, tagKeys=["x"])
logs.cli("UntagResource", resourceArn=ARN, tagKeys=["y", "team"])
assert logs.b("ListTagsForResource", resourceArn=ARN)["tags"] == {}

logs.b("DeleteLogStream", logGroupName="/jobs/a", logStreamName="one")
logs.cli("DeleteLogStream", logGroupName="/jobs/a", logStreamName="two")
assert logs.b("FilterLogEvents", logGroupName="/jobs/a")["events"] == []
logs.b("DeleteLogGroup", logGroupName="/jobs/a")
logs.cli("DeleteLogGroup", logGroupName="/jobs/b")
logs.fails("ResourceNotFoundException", "", "DeleteLogGroup", logGroupName="/jobs/a")
print("ok")
