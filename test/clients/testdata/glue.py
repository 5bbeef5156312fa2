# Every operation of the Glue catalog, crawlers, rulesets and tags that Penstock serves; jobs have a script of their own.
import gzip, json

import boto3
from clients import Service, until

glue = Service("glue")
b, cli, fails = glue.b, glue.cli, glue.fails
s3, logs = boto3.client("s3"), boto3.client("logs")


def table(name, **kw):
    return dict(dict(Name=name, TableType="EXTERNAL_TABLE", Parameters={"classification": "csv"},
                     PartitionKeys=[dict(Name="year", Type="string"), dict(Name="n", Type="int")],
                     StorageDescriptor=dict(Columns=[dict(Name="id", Type="bigint"), dict(Name="price", Type="decimal(10,2)", Comment="money")],
                                            Location=f"s3://lake/{name}/", SerdeInfo=dict(SerializationLibrary="lazy"))), **kw)


# Databases.
b("CreateDatabase", DatabaseInput=dict(Name="Shop", Description="sells", Parameters={"k": "v"}), Tags={"team": "a"})
assert cli("CreateDatabase", DatabaseInput=dict(Name="other")) == {}
fails("AlreadyExistsException", "Database already exists.", "CreateDatabase", DatabaseInput=dict(Name="shop"))
d = b("GetDatabase", Name="shop")["Database"]
assert d["Description"] == "sells" and d["Parameters"] == {"k": "v"} and d["CatalogId"] == "000000000000" and d["CreateTime"].year >= 2026, d
assert cli("GetDatabase", Name="SHOP")["Database"]["Name"] == "shop"
b("UpdateDatabase", Name="shop", DatabaseInput=dict(Name="shop", LocationUri="s3://lake/"))
cli("UpdateDatabase", Name="other", DatabaseInput=dict(Name="other", Description="x"))
assert "Description" not in b("GetDatabase", Name="shop")["Database"]
assert [x["Name"] for p in glue.client.get_paginator("get_databases").paginate(PaginationConfig={"PageSize": 1}) for x in p["DatabaseList"]] == ["other", "shop"]
assert len(cli("GetDatabases")["DatabaseList"]) == 2
fails("EntityNotFoundException", "Database none not found.", "GetDatabase", Name="none")

# Tables.
b("CreateTable", DatabaseName="shop", TableInput=table("orders"))
cli("CreateTable", DatabaseName="shop", TableInput=table("items"))
fails("AlreadyExistsException", "Table already exists.", "CreateTable", DatabaseName="shop", TableInput=table("Orders"))
t = b("GetTable", DatabaseName="shop", Name="orders")["Table"]
assert t["VersionId"] == "0" and t["StorageDescriptor"]["Columns"][1] == dict(Name="price", Type="decimal(10,2)", Comment="money"), t
b("UpdateTable", DatabaseName="shop", TableInput=table("orders", Parameters={"a": "b"}), VersionId="0")
fails("ConcurrentModificationException", "", "UpdateTable", DatabaseName="shop", TableInput=table("orders"), VersionId="0")
assert cli("GetTable", DatabaseName="shop", Name="orders")["Table"]["Parameters"] == {"a": "b"}
cli("UpdateTable", DatabaseName="shop", TableInput=table("orders"), SkipArchive=True)
assert [v["VersionId"] for v in b("GetTableVersions", DatabaseName="shop", TableName="orders")["TableVersions"]] == ["2", "0"]
assert len(cli("GetTableVersions", DatabaseName="shop", TableName="orders")["TableVersions"]) == 2
for call in (b, cli):
    assert call("GetPartitionIndexes", DatabaseName="shop", TableName="orders")["PartitionIndexDescriptorList"] == []
assert b("GetTableVersion", DatabaseName="shop", TableName="orders", VersionId="0")["TableVersion"]["VersionId"] == "0"
assert cli("GetTableVersion", DatabaseName="shop", TableName="orders")["TableVersion"]["VersionId"] == "2"
b("DeleteTableVersion", DatabaseName="shop", TableName="orders", VersionId="0")
fails("EntityNotFoundException", "Version 0", "DeleteTableVersion", DatabaseName="shop", TableName="orders", VersionId="0")
b("UpdateTable", DatabaseName="shop", TableInput=table("orders"))
assert cli("DeleteTableVersion", DatabaseName="shop", TableName="orders", VersionId="2") == {}
assert [v["VersionId"] for v in b("GetTableVersions", DatabaseName="shop", TableName="orders")["TableVersions"]] == ["3"]
for call in (b, cli):
    assert len(call("BatchDeleteTableVersion", DatabaseName="shop", TableName="orders", VersionIds=["0"])["Errors"]) == 1
assert [x["Name"] for x in b("GetTables", DatabaseName="shop", Expression="ord*")["TableList"]] == ["orders"]
assert [x["Name"] for x in cli("GetTables", DatabaseName="shop", Expression="^.*s$")["TableList"]] == ["items", "orders"]
assert [x["Name"] for x in b("SearchTables", SearchText="order")["TableList"]] == ["orders"]
assert len(cli("SearchTables", Filters=[dict(Key="DatabaseName", Value="shop")])["TableList"]) == 2

# Partitions.
where = dict(DatabaseName="shop", TableName="orders")


def part(year, n):
    return dict(Values=[year, str(n)], StorageDescriptor=dict(t["StorageDescriptor"], Location=f"s3://lake/orders/{year}/{n}/"))


b("CreatePartition", **where, PartitionInput=part("2023", 1))
cli("CreatePartition", **where, PartitionInput=part("2023", 2))
fails("AlreadyExistsException", "Partition already exists.", "CreatePartition", **where, PartitionInput=part("2023", 1))
errors = b("BatchCreatePartition", **where, PartitionInputList=[part("2024", n) for n in range(100)])["Errors"]
assert errors == [], errors
errors = cli("BatchCreatePartition", **where, PartitionInputList=[part("2024", 5), part("2025", 5)])["Errors"]
assert [(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [(["2024", "5"], "AlreadyExistsException")], errors
fails("ValidationException", "less than or equal to 100", "BatchCreatePartition", **where, PartitionInputList=[part("2030", n) for n in range(101)])


def find(expression, **kw):
    pages = glue.client.get_paginator("get_partitions").paginate(**where, Expression=expression, **kw)
    return [p["Values"] for page in pages for p in page["Partitions"]]


assert len(find("", PaginationConfig={"PageSize": 7})) == 103
assert find("year = '2024' AND n > 97") == [["2024", "98"], ["2024", "99"]]
assert find("n = 5") == [["2024", "5"], ["2025", "5"]]
assert find("year in ('2023') and n between 1 and 1") == [["2023", "1"]]
assert find("year like '202_' and not (year = '2024')") == [["2023", "1"], ["2023", "2"], ["2025", "5"]]
seen = [v for i in range(3) for v in find("", Segment=dict(SegmentNumber=i, TotalSegments=3))]
assert len(seen) == 103 and len({tuple(v) for v in seen}) == 103
bare = cli("GetPartitions", **where, ExcludeColumnSchema=True, Expression="n = 99")["Partitions"]
assert len(bare) == 1 and "Columns" not in bare[0]["StorageDescriptor"], bare
fails("InvalidInputException", "not an integer", "GetPartitions", **where, Expression="n = 'x'")
b("UpdatePartition", **where, PartitionValueList=["2023", "1"], PartitionInput=part("2022", 1))
cli("UpdatePartition", **where, PartitionValueList=["2023", "2"], PartitionInput=part("2022", 2))
assert b("GetPartition", **where, PartitionValues=["2022", "1"])["Partition"]["StorageDescriptor"]["Location"] == "s3://lake/orders/2022/1/"
assert cli("GetPartition", **where, PartitionValues=["2022", "2"])["Partition"]["Values"] == ["2022", "2"]
fails("EntityNotFoundException", "Cannot find partition.", "GetPartition", **where, PartitionValues=["1", "1"])
keys = [dict(Values=["2022", "1"]), dict(Values=["1", "1"])]
assert len(b("BatchGetPartition", **where, PartitionsToGet=keys)["Partitions"]) == 1
assert len(cli("BatchGetPartition", **where, PartitionsToGet=keys)["Partitions"]) == 1
entries = [dict(PartitionValueList=["2022", "1"], PartitionInput=part("2022", 1)), dict(PartitionValueList=["1", "1"], PartitionInput=part("1", 1))]
for call in (b, cli):
    errors = call("BatchUpdatePartition", **where, Entries=entries)["Errors"]
    assert [e["PartitionValueList"] for e in errors] == [["1", "1"]], errors
b("DeletePartition", **where, PartitionValues=["2022", "1"])
cli("DeletePartition", **where, PartitionValues=["2022", "2"])
fails("EntityNotFoundException", "Partition not found.", "DeletePartition", **where, PartitionValues=["1", "1"])
assert len(b("BatchDeletePartition", **where, PartitionsToDelete=[dict(Values=["2025", "5"]), dict(Values=["1", "1"])])["Errors"]) == 1
assert cli("BatchDeletePartition", **where, PartitionsToDelete=[dict(Values=["2024", "5"])])["Errors"] == []
assert len(find("")) == 99

# A crawler, from CreateCrawler to a table.
s3.create_bucket(Bucket="raw")
for day, price in (("01", "2.50"), ("02", "3")):
    body = f"Id,Name,Price,Sold\n1,\"cup, red\",{price},2024-01-{day}\nC2,mug,1.25,2024-01-{day}\n"
    s3.put_object(Bucket="raw", Key=f"sales/2024/01/{day}/a.csv.gz", Body=gzip.compress(body.encode()))
target = {"S3Targets": [{"Path": "s3://raw/sales/"}]}
b("CreateCrawler", Name="sales", Role="arn:aws:iam::000000000000:role/crawl", DatabaseName="shop", Targets=target, Tags={"team": "a"},
  SchemaChangePolicy=dict(UpdateBehavior="LOG", DeleteBehavior="LOG"))
cli("CreateCrawler", Name="spare", Role="r", DatabaseName="shop", Targets=target, TablePrefix="x_")
fails("AlreadyExistsException", "already exists", "CreateCrawler", Name="sales", Role="r", DatabaseName="shop", Targets=target)
b("UpdateCrawler", Name="spare", Description="not used")
cli("UpdateCrawler", Name="spare", TablePrefix="y_")
c = cli("GetCrawler", Name="spare")["Crawler"]
assert c["Description"] == "not used" and c["TablePrefix"] == "y_" and c["Version"] == 3, c


def crawl(start):
    start("StartCrawler", Name="sales")
    c = until(lambda: (c := b("GetCrawler", Name="sales")["Crawler"])["State"] == "READY" and c)
    assert c["LastCrawl"]["Status"] == "SUCCEEDED", c


crawl(b)
t = b("GetTable", DatabaseName="shop", Name="sales")["Table"]
columns = [(x["Name"], x["Type"]) for x in t["StorageDescriptor"]["Columns"]]
assert columns == [("id", "string"), ("name", "string"), ("price", "double"), ("sold", "string")], columns
assert [k["Name"] for k in t["PartitionKeys"]] == ["partition_0", "partition_1", "partition_2"], t
assert t["Parameters"]["classification"] == "csv" and t["Parameters"]["compressionType"] == "gzip" and t["Parameters"]["skip.header.line.count"] == "1"
values = [p["Values"] for p in b("GetPartitions", DatabaseName="shop", TableName="sales")["Partitions"]]
assert values == [["2024", "01", "01"], ["2024", "01", "02"]], values
s3.put_object(Bucket="raw", Key="sales/2024/02/01/a.csv.gz", Body=gzip.compress(b"Id,Name,Price,Sold\n1,x,2,2024-02-01\n"))
crawl(cli)
assert len(cli("GetPartitions", DatabaseName="shop", TableName="sales")["Partitions"]) == 3
assert b("GetTable", DatabaseName="shop", Name="sales")["Table"]["VersionId"] == "0"
history = b("ListCrawls", CrawlerName="sales")["Crawls"]
assert [h["State"] for h in history] == ["COMPLETED", "COMPLETED"] and json.loads(history[1]["Summary"]) == {"TABLE": {"ADD": 1}, "PARTITION": {"ADD": 2}}, history
assert len(cli("ListCrawls", CrawlerName="sales", MaxResults=1)["Crawls"]) == 1
lines = [e["message"] for e in logs.get_log_events(logGroupName="/aws-glue/crawlers", logStreamName="sales", startFromHead=True)["events"]]
assert any(line.endswith("INFO : Created table sales in database shop") for line in lines), lines
for call in (b, cli):
    m = call("GetCrawlerMetrics", CrawlerNameList=["sales"])["CrawlerMetricsList"][0]
    assert m["TablesCreated"] == 1 and m["StillEstimating"] is False, m
    assert [c["Name"] for c in call("GetCrawlers")["Crawlers"]] == ["sales", "spare"]
    assert call("ListCrawlers", Tags={"team": "a"})["CrawlerNames"] == ["sales"]
fails("CrawlerNotRunningException", "isn't running", "StopCrawler", Name="sales")
b("CreateCrawler", Name="big", Role="r", DatabaseName="shop", Targets={"S3Targets": [{"Path": "s3://raw/big/"}]}, TablePrefix="big_")
for n in range(150):
    s3.put_object(Bucket="raw", Key=f"big/k={n}/a.csv", Body=b"a,b\n" + b"1,2\n" * 5000)


def stopped(stop):
    """Stops a crawl, unless it has ended before."""
    b("StartCrawler", Name="big")
    try:
        stop("StopCrawler", Name="big")
    except (AssertionError, glue.client.exceptions.CrawlerNotRunningException) as e:
        assert "CrawlerNotRunningException" in str(e), e
        return until(lambda: b("GetCrawler", Name="big")["Crawler"]["State"] == "READY") and None
    c = until(lambda: (c := b("GetCrawler", Name="big")["Crawler"])["State"] == "READY" and c)
    return c["LastCrawl"]["Status"] == "CANCELLED"


for call in (b, cli):
    until(lambda: stopped(call))
b("DeleteCrawler", Name="big")
fails("EntityNotFoundException", "Crawler entry with name none does not exist", "GetCrawler", Name="none")
b("DeleteCrawler", Name="sales")
cli("DeleteCrawler", Name="spare")

# Classifiers.
b("CreateClassifier", GrokClassifier=dict(Name="lines", Classification="mine", GrokPattern="%{WORD:verb} %{MINE:rest}", CustomPatterns="MINE .*"))
cli("CreateClassifier", CsvClassifier=dict(Name="pipes", Delimiter="|", ContainsHeader="PRESENT", Header=["a", "b"], Serde="OpenCSVSerDe"))
b("CreateClassifier", XMLClassifier=dict(Name="rows", Classification="xml", RowTag="row"))
cli("CreateClassifier", JsonClassifier=dict(Name="path", JsonPath="$.Records[*]"))
fails("AlreadyExistsException", "Classifier path already exists.", "CreateClassifier", JsonClassifier=dict(Name="path", JsonPath="$"))
b("UpdateClassifier", JsonClassifier=dict(Name="path", JsonPath="$[*]"))
cli("UpdateClassifier", XMLClassifier=dict(Name="rows", RowTag="line"))
for call in (b, cli):
    assert call("GetClassifier", Name="path")["Classifier"]["JsonClassifier"]["JsonPath"] == "$[*]"
    assert call("GetClassifier", Name="rows")["Classifier"]["XMLClassifier"]["Version"] == 2
    assert [[*c.values()][0]["Name"] for c in call("GetClassifiers")["Classifiers"]] == ["lines", "path", "pipes", "rows"]
assert [len(p["Classifiers"]) for p in glue.client.get_paginator("get_classifiers").paginate(PaginationConfig={"PageSize": 3})] == [3, 1]
b("DeleteClassifier", Name="lines")
cli("DeleteClassifier", Name="pipes")
fails("EntityNotFoundException", "Classifier lines not found.", "DeleteClassifier", Name="lines")

# Connections.
def connection(name, password="hush"):
    return dict(Name=name, ConnectionType="JDBC", MatchCriteria=[name], ConnectionProperties=dict(
        JDBC_CONNECTION_URL="jdbc:postgresql://127.0.0.1:5432/shop", USERNAME="shop", PASSWORD=password, JDBC_ENFORCE_SSL="false"))


assert b("CreateConnection", ConnectionInput=connection("pg"), Tags={"team": "a"})["CreateConnectionStatus"] == "READY"
assert cli("CreateConnection", ConnectionInput=connection("spare"))["CreateConnectionStatus"] == "READY"
fails("AlreadyExistsException", "Connection already exists.", "CreateConnection", ConnectionInput=connection("pg"))
c = b("GetConnection", Name="pg")["Connection"]
assert {k: c[k] for k in connection("pg")} == connection("pg") and c["CreationTime"].year >= 2026 and c["Status"] == "READY", c
assert "PASSWORD" not in cli("GetConnection", Name="pg", HidePassword=True)["Connection"]["ConnectionProperties"]
b("UpdateConnection", Name="pg", ConnectionInput=connection("pg", "one"))
assert cli("UpdateConnection", Name="spare", ConnectionInput=connection("spare", "two")) == {}
for call in (b, cli):
    assert [x["ConnectionProperties"]["PASSWORD"] for x in call("GetConnections")["ConnectionList"]] == ["one", "two"]
    assert [x["Name"] for x in call("GetConnections", Filter=dict(ConnectionType="JDBC", MatchCriteria=["spare"]))["ConnectionList"]] == ["spare"]
pages = glue.client.get_paginator("get_connections").paginate(HidePassword=True, PaginationConfig={"PageSize": 1})
assert [(x["Name"], "PASSWORD" in x["ConnectionProperties"]) for p in pages for x in p["ConnectionList"]] == [("pg", False), ("spare", False)]
assert b("GetTags", ResourceArn="arn:aws:glue:us-east-1:000000000000:connection/pg")["Tags"] == {"team": "a"}
fails("InvalidInputException", "type KAFKA", "CreateConnection", ConnectionInput=dict(connection("k"), ConnectionType="KAFKA"))
b("DeleteConnection", ConnectionName="pg")
cli("DeleteConnection", ConnectionName="spare")
fails("EntityNotFoundException", "Connection pg not found.", "GetConnection", Name="pg")
for call in (b, cli):
    b("CreateConnection", ConnectionInput=connection("pg"))
    gone = call("BatchDeleteConnection", ConnectionNameList=["pg", "none"])
    assert gone["Succeeded"] == ["pg"] and gone["Errors"]["none"]["ErrorCode"] == "EntityNotFoundException", gone

# Rulesets.
rules = 'Rules = [ RowCount > 0, ColumnValues "id" matches "[0-9]+" ]'
assert b("CreateDataQualityRuleset", Name="good", Ruleset=rules, Tags={"team": "a"})["Name"] == "good"
cli("CreateDataQualityRuleset", Name="spare", Ruleset="Rules = [ IsComplete \"id\" ]")
fails("InvalidInputException", "DetectAnomalies cannot be evaluated yet", "CreateDataQualityRuleset", Name="bad", Ruleset='Rules = [ DetectAnomalies "RowCount" ]')
assert b("GetDataQualityRuleset", Name="good")["Ruleset"] == rules
b("UpdateDataQualityRuleset", Name="good", Ruleset="Rules = [ RowCount > 9 ]")
cli("UpdateDataQualityRuleset", Name="good", Description="nine")
r = cli("GetDataQualityRuleset", Name="good")
assert r["Ruleset"] == "Rules = [ RowCount > 9 ]" and r["Description"] == "nine", r
assert [(x["Name"], x["RuleCount"]) for x in b("ListDataQualityRulesets")["Rulesets"]] == [("good", 1), ("spare", 1)]
assert [x["Name"] for x in cli("ListDataQualityRulesets", Tags={"team": "a"})["Rulesets"]] == ["good"]
b("DeleteDataQualityRuleset", Name="good")
cli("DeleteDataQualityRuleset", Name="spare")

# Tags.
arn = "arn:aws:glue:us-east-1:000000000000:database/shop"
assert b("GetTags", ResourceArn=arn)["Tags"] == {"team": "a"}
b("TagResource", ResourceArn=arn, TagsToAdd={"x": "1"})
cli("TagResource", ResourceArn=arn, TagsToAdd={"y": "2"})
assert cli("GetTags", ResourceArn=arn)["Tags"] == {"team": "a", "x": "1", "y": "2"}
b("UntagResource", ResourceArn=arn, TagsToRemove=["x"])
cli("UntagResource", ResourceArn=arn, TagsToRemove=["y"])
assert b("GetTags", ResourceArn=arn)["Tags"] == {"team": "a"}

# The end.
b("DeleteTable", DatabaseName="shop", Name="orders")
b("CreateTable", DatabaseName="shop", TableInput=table("orders"))
assert cli("DeleteTable", DatabaseName="shop", Name="orders") == {}
fails("EntityNotFoundException", "Table orders not found.", "DeleteTable", DatabaseName="shop", Name="orders")
assert b("BatchDeleteTable", DatabaseName="shop", TablesToDelete=["items", "none"])["Errors"][0]["TableName"] == "none"
assert cli("BatchDeleteTable", DatabaseName="shop", TablesToDelete=["sales"])["Errors"] == []
b("DeleteDatabase", Name="shop")
cli("DeleteDatabase", Name="other")
fails("InvalidInputException", "CreateDatabase.DatabaseInput.TargetDatabase", "CreateDatabase",
      DatabaseInput=dict(Name="linked", TargetDatabase=dict(CatalogId="111111111111", DatabaseName="x")))
print("ok")
