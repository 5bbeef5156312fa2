# Every operation of Redshift Serverless and of the Redshift Data API that Penstock serves, by boto3, against AWS_ENDPOINT_URL.
import time

import boto3
from botocore.exceptions import ClientError

rs = boto3.client("redshift-serverless")
data = boto3.client("redshift-data")


def refused(code, f, **args):
    try:
        f(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError("not refused with " + code)


ns = rs.create_namespace(namespaceName="shop", adminUsername="admin", adminUserPassword="Passw0rd", dbName="dev", tags=[{"key": "team", "value": "data"}])["namespace"]
assert ns["status"] == "AVAILABLE" and ns["dbName"] == "dev", ns
refused("ConflictException", rs.create_namespace, namespaceName="shop")
assert rs.get_namespace(namespaceName="shop")["namespace"]["namespaceId"] == ns["namespaceId"]
assert [n["namespaceName"] for n in rs.list_namespaces()["namespaces"] if n["namespaceName"] != "default"] == ["shop"]
assert rs.update_namespace(namespaceName="shop", iamRoles=["arn:aws:iam::000000000000:role/r"])["namespace"]["iamRoles"]
wg = rs.create_workgroup(workgroupName="shop-wg", namespaceName="shop", baseCapacity=8)["workgroup"]
assert wg["status"] == "AVAILABLE" and wg["endpoint"]["port"] > 0, wg
assert rs.get_workgroup(workgroupName="shop-wg")["workgroup"]["workgroupArn"] == wg["workgroupArn"]
assert [w["workgroupName"] for w in rs.list_workgroups()["workgroups"] if w["workgroupName"] != "default"] == ["shop-wg"]
assert rs.update_workgroup(workgroupName="shop-wg", baseCapacity=16)["workgroup"]["baseCapacity"] == 16
c = rs.get_credentials(workgroupName="shop-wg", dbName="dev")
assert c["dbUser"].startswith("IAM") and c["dbPassword"] and c["expiration"]
rs.tag_resource(resourceArn=wg["workgroupArn"], tags=[{"key": "a", "value": "b"}])
assert rs.list_tags_for_resource(resourceArn=wg["workgroupArn"])["tags"] == [{"key": "a", "value": "b"}]
rs.untag_resource(resourceArn=wg["workgroupArn"], tagKeys=["a"])
assert rs.list_tags_for_resource(resourceArn=ns["namespaceArn"])["tags"] == [{"key": "team", "value": "data"}]
assert "kmsKeyId" in refused("ValidationException", rs.create_namespace, namespaceName="other", kmsKeyId="k").replace("KmsKeyId", "kmsKeyId")


def ended(id):
    while True:
        d = data.describe_statement(Id=id)
        if d["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return d
        time.sleep(0.02)


at = {"WorkgroupName": "shop-wg", "Database": "dev"}
d = ended(data.execute_statement(Sql="CREATE TABLE t(id INT, name VARCHAR(10), price DECIMAL(10,2))", StatementName="make", **at)["Id"])
assert d["Status"] == "FINISHED" and d["HasResultSet"] is False and d["Duration"] > 0, d
b = ended(data.batch_execute_statement(Sqls=["INSERT INTO t VALUES (1, 'a', 1.5), (2, NULL, 2)", "SELECT * FROM t ORDER BY id"], **at)["Id"])
assert b["Status"] == "FINISHED" and [s["ResultRows"] for s in b["SubStatements"]] == [2, 2], b
r = data.get_statement_result(Id=b["Id"] + ":2")
assert r["Records"] == [[{"longValue": 1}, {"stringValue": "a"}, {"stringValue": "1.50"}], [{"longValue": 2}, {"isNull": True}, {"stringValue": "2.00"}]], r
assert [m["typeName"] for m in r["ColumnMetadata"]] == ["int4", "varchar", "numeric"] and r["TotalNumRows"] == 2, r
d = ended(data.execute_statement(Sql="SELECT name FROM t WHERE id = :id", Parameters=[{"name": "id", "value": "1"}], **at)["Id"])
assert data.get_statement_result(Id=d["Id"])["Records"] == [[{"stringValue": "a"}]]
d = ended(data.execute_statement(Sql="SELECT x FROM nothing", **at)["Id"])
assert d["Status"] == "FAILED" and 'relation "nothing" does not exist' in d["Error"], d
refused("ResourceNotFoundException", data.get_statement_result, Id=d["Id"])
refused("ValidationException", data.execute_statement, Sql="SELECT 1", WorkgroupName="none", Database="dev")
slow = data.execute_statement(Sql="SELECT count(*) FROM " + ", ".join("t x%d" % i for i in range(40)) + " WHERE x0.id + x1.id > x38.id + x39.id", **at)["Id"]
while data.describe_statement(Id=slow)["Status"] == "SUBMITTED":
    time.sleep(0.01)
assert data.cancel_statement(Id=slow)["Status"] is True
assert ended(slow)["Status"] == "ABORTED"
assert "make" in [s.get("StatementName") for s in data.list_statements(Status="FINISHED")["Statements"]]
assert data.list_databases(**at)["Databases"] == ["dev"]
assert "public" in data.list_schemas(**at)["Schemas"]
assert data.list_tables(SchemaPattern="public", **at)["Tables"] == [{"name": "t", "schema": "public", "type": "TABLE"}]
assert [c["name"] for c in data.describe_table(Table="t", **at)["ColumnList"]] == ["id", "name", "price"]
big = ended(data.execute_statement(Sql="SELECT a.id FROM " + ", ".join("t x%d" % i for i in range(11)) + ", t a", **at)["Id"])
rows, token = 0, {}
while token is not None:
    page = data.get_statement_result(Id=big["Id"], **token)
    rows += len(page["Records"])
    token = {"NextToken": page["NextToken"]} if page.get("NextToken") else None
assert rows == 4096 == page["TotalNumRows"], rows

refused("ConflictException", rs.delete_namespace, namespaceName="shop")
assert rs.delete_workgroup(workgroupName="shop-wg")["workgroup"]["status"] == "DELETING"
assert rs.delete_namespace(namespaceName="shop")["namespace"]["status"] == "DELETING"
refused("ResourceNotFoundException", rs.get_namespace, namespaceName="shop")
print("all checks passed")
