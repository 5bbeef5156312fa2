# The rest of the Glue catalog: partition indexes, column statistics, functions, search, settings, and what is refused by name.
import datetime, decimal

from clients import Service, until

glue = Service("glue")
b, cli, fails = glue.b, glue.cli, glue.fails
b("CreateDatabase", DatabaseInput=dict(Name="lake"))


def table(name, **kw):
    return dict(dict(Name=name, PartitionKeys=[dict(Name="country", Type="string"), dict(Name="year", Type="int")],
                     StorageDescriptor=dict(Columns=[dict(Name=n, Type=t) for n, t in
                                                     (("id", "bigint"), ("price", "decimal(10,2)"), ("name", "string"), ("day", "date"))])), **kw)


# Partition indexes: made with the table, added to one that has partitions, used, removed.
t = dict(DatabaseName="lake", TableName="sales")
b("CreateTable", DatabaseName="lake", TableInput=table("sales"), PartitionIndexes=[dict(IndexName="by-year", Keys=["year"])])
for y in range(0, 3000, 100):
    errors = b("BatchCreatePartition", **t, PartitionInputList=[dict(Values=[f"c{n % 7}", str(n)], StorageDescriptor=dict(Location=f"s3://lake/{n}/"))
                                                               for n in range(y, y + 100)])["Errors"]
    assert errors == [], errors
b("CreatePartitionIndex", **t, PartitionIndex=dict(IndexName="both", Keys=["country", "year"]))
until(lambda: all(x["IndexStatus"] == "ACTIVE" for x in b("GetPartitionIndexes", **t)["PartitionIndexDescriptorList"]))
assert cli("CreatePartitionIndex", **t, PartitionIndex=dict(IndexName="country", Keys=["country"])) == {}
fails("ResourceNumberLimitExceededException", "", "CreatePartitionIndex", **t, PartitionIndex=dict(IndexName="fourth", Keys=["year"]))
fails("AlreadyExistsException", "", "CreatePartitionIndex", **t, PartitionIndex=dict(IndexName="both", Keys=["year"]))
until(lambda: [(x["IndexName"], x["IndexStatus"]) for x in cli("GetPartitionIndexes", **t)["PartitionIndexDescriptorList"]]
      == [("both", "ACTIVE"), ("by-year", "ACTIVE"), ("country", "ACTIVE")])
assert b("GetPartitionIndexes", **t)["PartitionIndexDescriptorList"][0]["Keys"] == [dict(Name="country", Type="string"), dict(Name="year", Type="int")]


def years(expression, **kw):
    return [int(p["Values"][1]) for page in glue.client.get_paginator("get_partitions").paginate(**t, Expression=expression, **kw)
            for p in page["Partitions"]]


assert years("year = 77") == [77] and years("year in (5, 2999, 4000)") == [2999, 5]  # in the order of the countries: c3, c5
assert sorted(years("year >= 100 and year < 120 and country <> 'c1'")) == [n for n in range(100, 120) if n % 7 != 1]
assert sorted(sum((years("country = 'c3'", Segment=dict(SegmentNumber=i, TotalSegments=4)) for i in range(4)), [])) == list(range(3, 3000, 7))
assert sorted(sum((years("", Segment=dict(SegmentNumber=i, TotalSegments=4), PaginationConfig={"PageSize": 99}) for i in range(4)), [])) == list(range(3000))
b("DeletePartitionIndex", **t, IndexName="both")
assert cli("DeletePartitionIndex", **t, IndexName="country") == {}
until(lambda: [x["IndexName"] for x in b("GetPartitionIndexes", **t)["PartitionIndexDescriptorList"]] == ["by-year"])
fails("EntityNotFoundException", "", "DeletePartitionIndex", **t, IndexName="both")

# Column statistics.
when = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


def of(column, kind, **data):
    return dict(ColumnName=column, ColumnType="x", AnalyzedTime=when, StatisticsData={"Type": kind.upper(), f"{kind}ColumnStatisticsData": data})


day = of("day", "Date", MinimumValue=when, MaximumValue=when, NumberOfNulls=1, NumberOfDistinctValues=2)
price = of("price", "Decimal", MinimumValue=dict(UnscaledValue=b"\x01\xff", Scale=2), NumberOfNulls=0, NumberOfDistinctValues=9)
ids = of("id", "Long", MinimumValue=-5, MaximumValue=9007199254740993, NumberOfNulls=0, NumberOfDistinctValues=3)
assert b("UpdateColumnStatisticsForTable", **t, ColumnStatisticsList=[day, price, ids])["Errors"] == []
got = b("GetColumnStatisticsForTable", **t, ColumnNames=["price", "day", "id", "name"])
assert got["ColumnStatisticsList"] == [price, day, ids], got
assert [(e["ColumnName"], e["Error"]["ErrorCode"]) for e in got["Errors"]] == [("name", "EntityNotFoundException")], got
text = dict(of("name", "String", MaximumLength=4, AverageLength=2.5, NumberOfNulls=0, NumberOfDistinctValues=3), AnalyzedTime="2026-01-02T03:04:05Z")
assert cli("UpdateColumnStatisticsForTable", **t, ColumnStatisticsList=[text])["Errors"] == []
assert cli("GetColumnStatisticsForTable", **t, ColumnNames=["name"])["ColumnStatisticsList"][0]["StatisticsData"] == text["StatisticsData"]
part = dict(t, PartitionValues=["c0", "7"])
assert b("UpdateColumnStatisticsForPartition", **part, ColumnStatisticsList=[day])["Errors"] == []
assert cli("UpdateColumnStatisticsForPartition", **part, ColumnStatisticsList=[text])["Errors"] == []
assert b("GetColumnStatisticsForPartition", **part, ColumnNames=["day"])["ColumnStatisticsList"] == [day]
assert len(cli("GetColumnStatisticsForPartition", **part, ColumnNames=["day", "name"])["ColumnStatisticsList"]) == 2
b("DeleteColumnStatisticsForPartition", **part, ColumnName="day")
cli("DeleteColumnStatisticsForPartition", **part, ColumnName="name")
fails("EntityNotFoundException", "", "DeleteColumnStatisticsForPartition", **part, ColumnName="day")
b("DeleteColumnStatisticsForTable", **t, ColumnName="day")
cli("DeleteColumnStatisticsForTable", **t, ColumnName="name")
assert b("GetColumnStatisticsForTable", **t, ColumnNames=["day", "name", "id"])["ColumnStatisticsList"] == [ids]

# Functions.
f = dict(FunctionName="f", ClassName="org.x.F", OwnerName="me", OwnerType="USER", FunctionType="REGULAR_FUNCTION", ResourceUris=[dict(ResourceType="JAR", Uri="s3://lake/f.jar")])
b("CreateUserDefinedFunction", DatabaseName="lake", FunctionInput=f)
cli("CreateUserDefinedFunction", DatabaseName="lake", FunctionInput=dict(f, FunctionName="g", FunctionType="AGGREGATE_FUNCTION"))
assert b("GetUserDefinedFunction", DatabaseName="lake", FunctionName="f")["UserDefinedFunction"]["ResourceUris"] == f["ResourceUris"]
b("UpdateUserDefinedFunction", DatabaseName="lake", FunctionName="f", FunctionInput=dict(f, ClassName="org.x.F2"))
cli("UpdateUserDefinedFunction", DatabaseName="lake", FunctionName="g", FunctionInput=dict(f, FunctionName="h"))
assert cli("GetUserDefinedFunction", DatabaseName="lake", FunctionName="f")["UserDefinedFunction"]["ClassName"] == "org.x.F2"
pages = glue.client.get_paginator("get_user_defined_functions").paginate(Pattern="*", PaginationConfig={"PageSize": 1})
assert [x["FunctionName"] for p in pages for x in p["UserDefinedFunctions"]] == ["f", "h"]
assert [x["FunctionName"] for x in b("GetUserDefinedFunctions", DatabaseName="lake", Pattern="h|i")["UserDefinedFunctions"]] == ["h"]
assert len(cli("GetUserDefinedFunctions", DatabaseName="lake", Pattern="*", FunctionType="REGULAR_FUNCTION")["UserDefinedFunctions"]) == 2
b("DeleteUserDefinedFunction", DatabaseName="lake", FunctionName="f")
cli("DeleteUserDefinedFunction", DatabaseName="lake", FunctionName="h")
fails("EntityNotFoundException", "", "GetUserDefinedFunction", DatabaseName="lake", FunctionName="f")

# Search.
for n in range(5):
    b("CreateTable", DatabaseName="lake", TableInput=table(f"found-{n}", Description=f"number {9 - n}"))
got = b("SearchTables", Filters=[dict(Key="Name", Value="found")], SortCriteria=[dict(FieldName="Name", Sort="DESC")], MaxResults=2)["TableList"]
assert [x["Name"] for x in got] == ["found-4", "found-3"]
token, names = None, []
while token != "":
    p = b("SearchTables", SearchText="number", SortCriteria=[dict(FieldName="Description", Sort="ASC")], MaxResults=2, **({"NextToken": token} if token else {}))
    names, token = names + [x["Name"] for x in p["TableList"]], p.get("NextToken", "")
assert names == ["found-4", "found-3", "found-2", "found-1", "found-0"], names
assert [x["Name"] for x in cli("SearchTables", SearchText='"found-1"')["TableList"]] == ["found-1"]

# Settings that there are not, and what is refused by name.
for call in (b, cli):
    assert call("GetSecurityConfigurations")["SecurityConfigurations"] == []
    assert call("GetResourcePolicies")["GetResourcePoliciesResponseList"] == []
    assert call("GetDataCatalogEncryptionSettings")["DataCatalogEncryptionSettings"]["EncryptionAtRest"]["CatalogEncryptionMode"] == "DISABLED"
fails("EntityNotFoundException", "", "GetSecurityConfiguration", Name="none")
fails("EntityNotFoundException", "Policy not found", "GetResourcePolicy")
fails("UnknownOperationException", "Penstock does not support the operation CreateRegistry of glue yet", "CreateRegistry", RegistryName="r")
print("ok")
