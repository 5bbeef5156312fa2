# Every operation of Systems Manager's parameters that Penstock serves.
from clients import Service

ssm = Service("ssm")
both = (ssm.b, ssm.cli)

assert ssm.b("PutParameter", Name="/app/db/host", Value="a", Type="String", Tags=[{"Key": "team", "Value": "data"}])["Version"] == 1
assert ssm.cli("PutParameter", Name="/app/db/ports", Value="1,2", Type="StringList")["Version"] == 1
assert ssm.cli("PutParameter", Name="/app/db/host", Value="b", Type="String", Overwrite=True)["Version"] == 2
ssm.fails("ParameterAlreadyExists", "already exists", "PutParameter", Name="/app/db/host", Value="c", Type="String")
for call in both:
    p = call("GetParameter", Name="/app/db/host")["Parameter"]
    assert (p["Value"], p["Version"], p["Type"], p["ARN"]) == ("b", 2, "String", "arn:aws:ssm:us-east-1:000000000000:parameter/app/db/host"), p
    assert call("GetParameter", Name="/app/db/host:1")["Parameter"]["Value"] == "a"
    some = call("GetParameters", Names=["/app/db/host", "/none"])
    assert [p["Value"] for p in some["Parameters"]] == ["b"] and some["InvalidParameters"] == ["/none"], some
    assert [p["Name"] for p in call("GetParametersByPath", Path="/app", Recursive=True)["Parameters"]] == ["/app/db/host", "/app/db/ports"]
    assert [h["Value"] for h in call("GetParameterHistory", Name="/app/db/host")["Parameters"]] == ["a", "b"]
    assert [p["Name"] for p in call("DescribeParameters")["Parameters"]] == ["/app/db/host", "/app/db/ports"]
ssm.fails("ParameterNotFound", "", "GetParameter", Name="/none")
found, pages = ssm.pages("GetParametersByPath", 1, "Parameters", Path="/app/db")
assert len(found) == 2 and pages == 2, (found, pages)

host = dict(ResourceType="Parameter", ResourceId="/app/db/host")
for n, call in enumerate(both):
    call("LabelParameterVersion", Name="/app/db/host", ParameterVersion=1, Labels=["old"])
    assert call("GetParameter", Name="/app/db/host:old")["Parameter"]["Value"] == "a"
    assert call("UnlabelParameterVersion", Name="/app/db/host", ParameterVersion=1, Labels=["old"])["RemovedLabels"] == ["old"]
    call("AddTagsToResource", **host, Tags=[{"Key": "n", "Value": str(n)}])
    assert {t["Key"]: t["Value"] for t in call("ListTagsForResource", **host)["TagList"]} == {"team": "data", "n": str(n)}
    call("RemoveTagsFromResource", **host, TagKeys=["n"])
ssm.b("DeleteParameter", Name="/app/db/host")
ssm.cli("DeleteParameter", Name="/app/db/ports")
for call in both:
    call("PutParameter", Name="x", Value="1", Type="String")
    gone = call("DeleteParameters", Names=["x", "y"])
    assert gone["DeletedParameters"] == ["x"] and gone["InvalidParameters"] == ["y"], gone
