# Schedules, filtered history and lists of crawlers.
import time

import boto3
from clients import Service, until

glue = Service("glue")
b, cli, fails = glue.b, glue.cli, glue.fails
s3 = boto3.client("s3")
s3.create_bucket(Bucket="raw")
s3.put_object(Bucket="raw", Key="t/a.csv", Body=b"id,v\n1,2\n")
b("CreateDatabase", DatabaseInput=dict(Name="shop"))
targets = {"S3Targets": [{"Path": "s3://raw/t/"}]}

# Schedules.
b("CreateCrawler", Name="nightly", Role="r", DatabaseName="shop", Targets=targets, Schedule="cron(15 1 ? * MON-FRI *)",
  LakeFormationConfiguration={"UseLakeFormationCredentials": False}, LineageConfiguration={"CrawlerLineageSettings": "DISABLE"})
b("CreateCrawler", Name="manual", Role="r", DatabaseName="shop", Targets=targets)
assert b("GetCrawler", Name="nightly")["Crawler"]["Schedule"] == {"ScheduleExpression": "cron(15 1 ? * MON-FRI *)", "State": "SCHEDULED"}
assert "Schedule" not in b("GetCrawler", Name="manual")["Crawler"]
fails("NoScheduleException", "has no schedule", "StartCrawlerSchedule", CrawlerName="manual")
fails("SchedulerRunningException", "is already running", "StartCrawlerSchedule", CrawlerName="nightly")
fails("InvalidInputException", "rates faster than 5 minutes are not supported", "UpdateCrawlerSchedule", CrawlerName="manual",
      Schedule="cron(0/1 * * * ? *)")
for call, name in ((b, "nightly"), (cli, "manual")):
    call("UpdateCrawlerSchedule", CrawlerName=name, Schedule="cron(0 0 L * ? *)")
    call("StopCrawlerSchedule", CrawlerName=name)
    assert call("GetCrawler", Name=name)["Crawler"]["Schedule"] == {"ScheduleExpression": "cron(0 0 L * ? *)", "State": "NOT_SCHEDULED"}
    call("StartCrawlerSchedule", CrawlerName=name)
    assert call("GetCrawler", Name=name)["Crawler"]["Schedule"]["State"] == "SCHEDULED"
b("UpdateCrawler", Name="manual", Schedule="")
for call in (b, cli):
    got = call("BatchGetCrawlers", CrawlerNames=["manual", "none", "nightly"])
    assert [c["Name"] for c in got["Crawlers"]] == ["manual", "nightly"] and got["CrawlersNotFound"] == ["none"], got
    assert "Schedule" not in got["Crawlers"][0]

# History.
for n in range(3):
    b("StartCrawler", Name="manual")
    until(lambda: b("GetCrawler", Name="manual")["Crawler"]["State"] == "READY")
crawls, pages = glue.pages("ListCrawls", 2, "Crawls", CrawlerName="manual") if glue.client.can_paginate("list_crawls") else (
    b("ListCrawls", CrawlerName="manual")["Crawls"], 0)
assert len(crawls) == 3 and crawls[-1]["Summary"] == '{"TABLE":{"ADD":1}}', crawls
assert crawls[0]["StartTime"] > crawls[1]["StartTime"] > crawls[2]["StartTime"]
ms = str(int(crawls[1]["StartTime"].timestamp() * 1000))
for call in (b, cli):
    def found(*filters, **kw):
        words = [dict(zip(("FieldName", "FilterOperator", "FieldValue"), f)) for f in filters]
        return [c["CrawlId"] for c in call("ListCrawls", CrawlerName="manual", Filters=words, **kw)["Crawls"]]
    ids = [c["CrawlId"] for c in crawls]
    assert found(("CRAWL_ID", "EQ", ids[2])) == [ids[2]]
    assert found(("CRAWL_ID", "NE", ids[2])) == ids[:2]
    assert found(("STATE", "EQ", "COMPLETED")) == ids
    assert found(("STATE", "EQ", "FAILED")) == []
    assert found(("START_TIME", "GE", ms)) == ids[:2]
    assert found(("START_TIME", "GT", ms), ("STATE", "EQ", "COMPLETED")) == ids[:1]
    assert found(("END_TIME", "LT", ms)) == ids[2:]
    assert found(("STATE", "EQ", "COMPLETED"), MaxResults=1) == ids[:1]
fails("InvalidInputException", "is no state of a crawl", "ListCrawls", CrawlerName="manual",
      Filters=[dict(FieldName="STATE", FilterOperator="EQ", FieldValue="DONE")])
print("ok")
