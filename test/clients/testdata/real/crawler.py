# Hive-style Parquet, written by pyarrow and crawled: what a second crawl does with a new partition and a new column under each policy, and
# with a folder that is gone. What the catalog says is held against what pyarrow reads at its locations.
import json
import os
import time

import boto3
import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq

glue, s3, logs = boto3.client("glue"), boto3.client("s3"), boto3.client("logs")
s3.create_bucket(Bucket="lake")
glue.create_database(DatabaseInput={"Name": "db"})
lake = pa.fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL"])


def write(name, date, region, rows, **more):
    columns = {"id": pa.array(range(rows), pa.int64()), "price": pa.array([1.5] * rows, pa.float64())}
    columns.update({k: pa.array([v] * rows) for k, v in more.items()})
    pq.write_table(pa.table(columns), f"lake/{name}/date={date}/region={region}/part-0.parquet", filesystem=lake)


def crawler(name, update="UPDATE_IN_DATABASE", delete="LOG", recrawl="CRAWL_EVERYTHING", **configuration):
    glue.create_crawler(Name=name, Role="r", DatabaseName="db", Targets={"S3Targets": [{"Path": f"s3://lake/{name}/"}]},
                        SchemaChangePolicy={"UpdateBehavior": update, "DeleteBehavior": delete}, RecrawlPolicy={"RecrawlBehavior": recrawl},
                        Configuration=json.dumps({"Version": 1.0, **configuration}))


def crawl(name, state="SUCCEEDED"):
    glue.start_crawler(Name=name)
    while (c := glue.get_crawler(Name=name)["Crawler"])["State"] != "READY":
        time.sleep(0.02)
    assert c["LastCrawl"]["Status"] == state, c["LastCrawl"]
    return json.loads(glue.list_crawls(CrawlerName=name, MaxResults=1)["Crawls"][0].get("Summary", "{}")), c["LastCrawl"]


def columns(descriptor):
    return ", ".join(f'{c["Name"]} {c["Type"]}' for c in descriptor["Columns"])


def found(name):
    """The columns of a table, and of each partition with the rows that pyarrow reads in it."""
    t = glue.get_table(DatabaseName="db", Name=name)["Table"]
    assert [(k["Name"], k["Type"]) for k in t["PartitionKeys"]] == [("date", "string"), ("region", "string")], t
    assert t["Parameters"]["classification"] == "parquet" and t["StorageDescriptor"]["Location"] == f"s3://lake/{name}/", t
    parts = {}
    for p in glue.get_partitions(DatabaseName="db", TableName=name)["Partitions"]:
        at = p["StorageDescriptor"]["Location"].removeprefix("s3://")
        parts["/".join(p["Values"])] = (columns(p["StorageDescriptor"]), pq.ParquetDataset(at, filesystem=lake).read().num_rows)
    return columns(t["StorageDescriptor"]), parts


OLD, NEW = "id bigint, price double", "id bigint, price double, note string"
merge = {"CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}}
inherit = {"CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}
want = {  # the table's columns after the second crawl, and those of the first and the new partition
    "follows": (dict(), NEW, OLD, NEW), "tells": (dict(update="LOG"), OLD, OLD, NEW), "merges": (merge, NEW, OLD, NEW),
    "inherits": (inherit, NEW, NEW, NEW), "keeps": (dict(update="LOG", **inherit), OLD, OLD, OLD),
    "onward": (dict(update="LOG", recrawl="CRAWL_NEW_FOLDERS_ONLY"), OLD, OLD, NEW)}
for name, (options, table, first, new) in want.items():
    write(name, "2026-01-01", "eu", 3)
    write(name, "2026-01-01", "us", 4)
    crawler(name, **options)
    summary, _ = crawl(name)
    assert summary == {"TABLE": {"ADD": 1}, "PARTITION": {"ADD": 2}}, (name, summary)
    assert found(name) == (OLD, {"2026-01-01/eu": (OLD, 3), "2026-01-01/us": (OLD, 4)}), (name, found(name))
    write(name, "2026-01-02", "eu", 5, note="new")
    summary, last = crawl(name)
    assert summary["PARTITION"]["ADD"] == 1 and (summary.get("TABLE") == {"UPDATE": 1}) == (table == NEW), (name, summary)
    got = found(name)
    assert got == (table, {"2026-01-01/eu": (first, 3), "2026-01-01/us": (first, 4), "2026-01-02/eu": (new, 5)}), (name, got)
    lines = [e["message"] for e in logs.filter_log_events(logGroupName=last["LogGroup"], logStreamNames=[last["LogStream"]],
                                                          filterPattern=f'"{last["MessagePrefix"]}"')["events"]]
    assert any("WARN" in m and "note" in m for m in lines), lines
    assert lines[0].endswith(f"BENCHMARK : Running Start Crawl for Crawler {name}") and lines[-1].endswith("is in state READY"), lines
    summary, _ = crawl(name)
    assert summary == {}, (name, summary)

# What changes in a folder that is known is not seen when only new folders are crawled.
write("onward", "2026-01-01", "eu", 6, note="x", more=1)
assert crawl("onward")[0] == {} and found("onward")[1]["2026-01-01/eu"] == (OLD, 6)

# A column that is gone: the table follows, or keeps it.
for name, want in (("follows", OLD), ("merges", NEW)):
    write(name, "2026-01-02", "eu", 5)
    crawl(name)
    assert found(name)[0] == want, found(name)

# A folder that is gone.
for delete, tables, deprecated in (("LOG", ["first", "second"], False), ("DEPRECATE_IN_DATABASE", ["first", "second"], True),
                                   ("DELETE_FROM_DATABASE", ["first"], False)):
    name = delete.lower()
    write(name + "/first", "2026-01-01", "eu", 3)
    pq.write_table(pa.table({"word": ["a"], "other": [1]}), f"lake/{name}/second/part-0.parquet", filesystem=lake)
    glue.create_crawler(Name=name, Role="r", DatabaseName="db", TablePrefix=name + "_", Targets={"S3Targets": [{"Path": f"s3://lake/{name}/"}]},
                        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": delete})
    crawl(name)
    s3.delete_object(Bucket="lake", Key=f"{name}/second/part-0.parquet")
    crawl(name)
    got = {t["Name"].removeprefix(name + "_"): t for t in glue.get_tables(DatabaseName="db", Expression=name + "_.*")["TableList"]}
    assert sorted(got) == tables, (delete, sorted(got))
    assert all(("DEPRECATED_BY_CRAWLER" in t["Parameters"]) == (deprecated and n == "second") for n, t in got.items()), got

# Folders whose columns differ are tables of their own, one table when they are to be combined or when the level says so; a threshold.
for n in (1, 2, 3):
    pq.write_table(pa.table({f"a{n}": [1], f"b{n}": [2]}), f"lake/unlike/k={n}/part-0.parquet", filesystem=lake)
for name, grouping, count in (("apart", {}, 3), ("one", {"TableGroupingPolicy": "CombineCompatibleSchemas"}, 1),
                              ("level", {"TableLevelConfiguration": 2}, 1), ("bucket", {"TableLevelConfiguration": 3}, 3)):
    glue.create_crawler(Name=name, Role="r", DatabaseName="db", TablePrefix=name + "_", Targets={"S3Targets": [{"Path": "s3://lake/unlike/"}]},
                        Configuration=json.dumps({"Version": 1.0, "Grouping": grouping}))
    crawl(name)
    got = glue.get_tables(DatabaseName="db", Expression=name + "_.*")["TableList"]
    assert len(got) == count, (name, [t["Name"] for t in got])
    for t in got:
        glue.delete_table(DatabaseName="db", Name=t["Name"])
glue.create_database(DatabaseInput={"Name": "few"})
glue.create_crawler(Name="few", Role="r", DatabaseName="few", Targets={"S3Targets": [{"Path": "s3://lake/unlike/", "Exclusions": ["k=9/**"]}]},
                    Configuration=json.dumps({"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 2}}}))
last = crawl("few", "FAILED")[1]
assert "tables detected by crawler: 3 is greater than the table threshold value provided: 2" in last["ErrorMessage"], last
assert glue.get_tables(DatabaseName="few")["TableList"] == []
glue.update_crawler(Name="few", Targets={"S3Targets": [{"Path": "s3://lake/unlike/", "Exclusions": ["k=[23]/**"]}]},
                    Configuration=json.dumps({"Version": 1.0, "CreatePartitionIndex": True}))
crawl("few")
t, = glue.get_tables(DatabaseName="few")["TableList"]
assert columns(t["StorageDescriptor"]) == "a1 bigint, b1 bigint", t
index, = glue.get_partition_indexes(DatabaseName="few", TableName=t["Name"])["PartitionIndexDescriptorList"]
assert index["IndexName"] == "crawler_partition_index" and [k["Name"] for k in index["Keys"]] == ["k"], index
m, = glue.get_crawler_metrics(CrawlerNameList=["few"])["CrawlerMetricsList"]
assert m["TablesCreated"] == 1 and m["LastRuntimeSeconds"] > 0, m
print("ok")
