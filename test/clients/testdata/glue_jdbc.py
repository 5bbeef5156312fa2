# Connections that are tried and crawlers of databases, with a PostgreSQL and a MariaDB.
import os

import boto3
from clients import Service, until

glue = Service("glue")
b, cli, fails = glue.b, glue.cli, glue.fails
logs = boto3.client("logs")
user, password = os.environ["DB_USER"], os.environ["DB_PASSWORD"]


def connection(name, url, password=password):
    return dict(Name=name, ConnectionType="JDBC", ConnectionProperties=dict(JDBC_CONNECTION_URL=url, USERNAME=user, PASSWORD=password))


b("CreateDatabase", DatabaseInput=dict(Name="found"))
b("CreateConnection", ConnectionInput=connection("pg", os.environ["POSTGRES_URL"]))
b("CreateConnection", ConnectionInput=connection("my", os.environ["MARIA_URL"]))
b("CreateConnection", ConnectionInput=connection("wrong", os.environ["POSTGRES_URL"], "hidden"))
for call in (b, cli):
    call("TestConnection", ConnectionName="pg")
    call("TestConnection", ConnectionName="my")
    given = connection("x", os.environ["MARIA_URL"])
    del given["Name"]
    call("TestConnection", TestConnectionInput=given)
fails("InvalidInputException", "is refused", "TestConnection", ConnectionName="wrong")
fails("EntityNotFoundException", "not found", "TestConnection", ConnectionName="none")


def crawl(name, call=b, state="SUCCEEDED"):
    call("StartCrawler", Name=name)
    c = until(lambda: (c := b("GetCrawler", Name=name)["Crawler"])["State"] == "READY" and c)
    assert c["LastCrawl"]["Status"] == state, c
    return c


jdbc = [dict(ConnectionName="pg", Path="shop/sales/%", Exclusions=["tot*"], EnableAdditionalMetadata=["COMMENTS", "RAWTYPES"]),
        dict(ConnectionName="my", Path="shop/%")]
b("CreateCrawler", Name="databases", Role="r", DatabaseName="found", Targets={"JdbcTargets": jdbc})
got = b("GetCrawler", Name="databases")["Crawler"]["Targets"]["JdbcTargets"]
assert got == [jdbc[0], dict(jdbc[1], Exclusions=[], EnableAdditionalMetadata=[])], got
crawl("databases")
tables = {t["Name"]: t for t in b("GetTables", DatabaseName="found")["TableList"]}
assert sorted(tables) == ["shop_orders", "shop_sales_orders", "shop_totals"], sorted(tables)
t = tables["shop_sales_orders"]
assert [(c["Name"], c["Type"], c.get("Comment")) for c in t["StorageDescriptor"]["Columns"]] == [
    ("id", "bigint", None), ("price", "decimal(8,2)", "EUR"), ("at", "timestamp", None)], t
assert t["StorageDescriptor"]["Location"] == "shop.sales.orders" and t["Parameters"]["classification"] == "postgresql", t
assert t["Parameters"]["connectionName"] == "pg" and t["Parameters"]["typeOfData"] == "table", t
assert tables["shop_totals"]["Parameters"]["typeOfData"] == "view" and tables["shop_totals"]["Parameters"]["classification"] == "mysql"

b("CreateCrawler", Name="fails", Role="r", DatabaseName="found", Targets={"JdbcTargets": [dict(ConnectionName="wrong", Path="shop/%")]})
c = crawl("fails", cli, "FAILED")
assert "is refused" in c["LastCrawl"]["ErrorMessage"] and "check USERNAME and PASSWORD" in c["LastCrawl"]["ErrorMessage"], c
lines = [e["message"] for e in logs.get_log_events(logGroupName="/aws-glue/crawlers", logStreamName="fails", startFromHead=True)["events"]]
assert any("ERROR" in m for m in lines) and not any("hidden" in m or password in m for m in lines), lines

# A crawler of tables of the catalog.
s3 = boto3.client("s3")
s3.create_bucket(Bucket="raw")
s3.put_object(Bucket="raw", Key="t/d=1/a.csv", Body=b"id,v\n1,2\n")
b("CreateTable", DatabaseName="found", TableInput=dict(
    Name="t", TableType="EXTERNAL_TABLE", Parameters={"classification": "csv"}, PartitionKeys=[dict(Name="d", Type="string")],
    StorageDescriptor=dict(Columns=[dict(Name="id", Type="bigint")], Location="s3://raw/t/", SerdeInfo=dict(SerializationLibrary="lazy"))))
catalog = {"CatalogTargets": [dict(DatabaseName="found", Tables=["t"])]}
fails("InvalidInputException", "only LOG DeleteBehavior", "CreateCrawler", Name="kept", Role="r", Targets=catalog)
b("CreateCrawler", Name="kept", Role="r", Targets=catalog, SchemaChangePolicy=dict(UpdateBehavior="UPDATE_IN_DATABASE", DeleteBehavior="LOG"))
assert b("GetCrawler", Name="kept")["Crawler"]["Targets"]["CatalogTargets"] == catalog["CatalogTargets"]
crawl("kept")
t = b("GetTable", DatabaseName="found", Name="t")["Table"]
assert [c["Name"] for c in t["StorageDescriptor"]["Columns"]] == ["id", "v"], t
assert [p["Values"] for p in b("GetPartitions", DatabaseName="found", TableName="t")["Partitions"]] == [["1"]]
print("ok")
