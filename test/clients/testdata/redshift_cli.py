# Every operation of Redshift Serverless and of the Redshift Data API that Penstock serves, by the AWS CLI.
from clients import Service, aws, until

rs, data = Service("redshift-serverless"), Service("redshift-data")

# Namespaces and workgroups.
ns = rs.cli("CreateNamespace", namespaceName="shop", adminUsername="admin", adminUserPassword="Passw0rd", dbName="dev", tags=[{"key": "team", "value": "a"}])["namespace"]
assert ns["status"] == "AVAILABLE" and ns["adminUsername"] == "admin", ns
assert rs.cli("GetNamespace", namespaceName="shop")["namespace"]["namespaceArn"] == ns["namespaceArn"]
rs.cli("CreateNamespace", namespaceName="spare")
assert [n["namespaceName"] for n in rs.cli("ListNamespaces", "--page-size", "1")["namespaces"] if n["namespaceName"] != "default"] == ["shop", "spare"]
assert rs.cli("UpdateNamespace", namespaceName="shop", adminUserPassword="Passw0rd2")["namespace"]["namespaceName"] == "shop"
wg = rs.cli("CreateWorkgroup", namespaceName="shop", workgroupName="night", baseCapacity=8)["workgroup"]
assert wg["baseCapacity"] == 8 and wg["endpoint"]["port"] > 0, wg
assert rs.cli("GetWorkgroup", workgroupName="night")["workgroup"]["status"] == "AVAILABLE"
assert [w["workgroupName"] for w in rs.cli("ListWorkgroups")["workgroups"] if w["workgroupName"] != "default"] == ["night"]
assert rs.cli("UpdateWorkgroup", workgroupName="night", baseCapacity=16)["workgroup"]["baseCapacity"] == 16
assert rs.cli("GetCredentials", workgroupName="night", dbName="dev")["dbUser"].startswith("IAM")
assert rs.cli("ListTagsForResource", resourceArn=ns["namespaceArn"])["tags"] == [{"key": "team", "value": "a"}]
rs.cli("TagResource", resourceArn=wg["workgroupArn"], tags=[{"key": "x", "value": "1"}])
rs.cli("UntagResource", resourceArn=ns["namespaceArn"], tagKeys=["team"])
assert rs.cli("ListTagsForResource", resourceArn=wg["workgroupArn"])["tags"] == [{"key": "x", "value": "1"}]
assert rs.cli("ListTagsForResource", resourceArn=ns["namespaceArn"])["tags"] == []
rs.fails("ResourceNotFoundException", "none", "GetWorkgroup", workgroupName="none")
rs.fails("ConflictException", "Delete the workgroup first", "DeleteNamespace", namespaceName="shop")

# Statements.
at = {"WorkgroupName": "night", "Database": "dev"}


def ended(id):
    return until(lambda: (d := data.cli("DescribeStatement", Id=id))["Status"] in ("FINISHED", "FAILED", "ABORTED") and d)


d = ended(data.cli("ExecuteStatement", Sql="CREATE TABLE t(id INT, name VARCHAR(10), price DECIMAL(10,2))", StatementName="make", **at)["Id"])
assert d["Status"] == "FINISHED" and d["HasResultSet"] is False, d
d = ended(data.cli("BatchExecuteStatement", Sqls=["INSERT INTO t VALUES (1, 'a', 1.5), (2, NULL, 2)", "SELECT * FROM t ORDER BY id"], **at)["Id"])
assert d["Status"] == "FINISHED" and [s["ResultRows"] for s in d["SubStatements"]] == [2, 2], d
r = data.cli("GetStatementResult", Id=d["Id"] + ":2")
assert r["Records"] == [[{"longValue": 1}, {"stringValue": "a"}, {"stringValue": "1.50"}], [{"longValue": 2}, {"isNull": True}, {"stringValue": "2.00"}]], r
d = ended(data.cli("ExecuteStatement", Sql="SELECT name FROM t WHERE id = :id", Parameters=[{"name": "id", "value": "1"}], **at)["Id"])
assert data.cli("GetStatementResult", Id=d["Id"])["Records"] == [[{"stringValue": "a"}]]
d = ended(data.cli("ExecuteStatement", Sql="SELECT x FROM t", **at)["Id"])
assert d["Status"] == "FAILED" and 'column "x" does not exist' in d["Error"], d
out = aws("redshift-data", "get-statement-result", "--id", d["Id"])
assert "(ResourceNotFoundException)" in out, out
slow = data.cli("ExecuteStatement", Sql="SELECT count(*) FROM " + ", ".join("t x%d" % i for i in range(40)) + " WHERE x0.id + x1.id > x38.id + x39.id", **at)["Id"]
until(lambda: data.b("DescribeStatement", Id=slow)["Status"] == "STARTED")
assert data.cli("CancelStatement", Id=slow)["Status"] is True
assert ended(slow)["Status"] == "ABORTED"
assert [s["Status"] for s in data.cli("ListStatements", StatementName="make")["Statements"]] == ["FINISHED"]
assert data.cli("ListDatabases", **at)["Databases"] == ["dev"]
assert "public" in data.cli("ListSchemas", **at)["Schemas"]
assert data.cli("ListTables", SchemaPattern="public", **at)["Tables"] == [{"name": "t", "schema": "public", "type": "TABLE"}]
assert [(c["name"], c["typeName"]) for c in data.cli("DescribeTable", Table="t", **at)["ColumnList"]] == [("id", "int4"), ("name", "varchar"), ("price", "numeric")]

assert rs.cli("DeleteWorkgroup", workgroupName="night")["workgroup"]["status"] == "DELETING"
assert rs.cli("DeleteNamespace", namespaceName="shop")["namespace"]["status"] == "DELETING"
assert [n["namespaceName"] for n in rs.cli("ListNamespaces")["namespaces"] if n["namespaceName"] != "default"] == ["spare"]
print("ok")
