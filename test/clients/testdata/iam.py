# Every operation of IAM and STS that Penstock serves.
import json
from clients import Service

iam, sts = Service("iam"), Service("sts")
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
OTHER = json.loads(json.dumps(TRUST).replace("glue", "states"))
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}]}
trust, other, allow = json.dumps(TRUST), json.dumps(OTHER), json.dumps(ALLOW)
ROLE, POLICY = "arn:aws:iam::000000000000:role/", "arn:aws:iam::000000000000:policy/"
MANAGED = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
both = (iam.b, iam.cli)

# Roles.
r = iam.b("CreateRole", RoleName="glue", Path="/etl/", AssumeRolePolicyDocument=trust, Description="runs jobs", MaxSessionDuration=7200, Tags=[{"Key": "team", "Value": "a"}])["Role"]
assert r["Arn"] == ROLE + "etl/glue" and r["RoleId"].startswith("AROA") and r["AssumeRolePolicyDocument"] == TRUST, r
r = iam.cli("CreateRole", RoleName="spare", AssumeRolePolicyDocument=trust)["Role"]
assert r["Arn"] == ROLE + "spare" and r["Path"] == "/", r
iam.fails("EntityAlreadyExists", "Role with name glue already exists.", "CreateRole", RoleName="glue", AssumeRolePolicyDocument=trust)
iam.fails("MalformedPolicyDocument", "", "CreateRole", RoleName="bad", AssumeRolePolicyDocument="{")
iam.fails("NoSuchEntity", "The role with name none cannot be found.", "GetRole", RoleName="none")
iam.b("UpdateRole", RoleName="glue", Description="runs all jobs")
iam.cli("UpdateRole", RoleName="glue", MaxSessionDuration=3600)
iam.b("UpdateAssumeRolePolicy", RoleName="glue", PolicyDocument=other)
for call in both:
    r = call("GetRole", RoleName="glue")["Role"]
    assert r["MaxSessionDuration"] == 3600 and r["AssumeRolePolicyDocument"] == OTHER and r["Tags"] == [{"Key": "team", "Value": "a"}], r
iam.cli("UpdateAssumeRolePolicy", RoleName="glue", PolicyDocument=trust)
assert iam.b("GetRole", RoleName="glue")["Role"]["AssumeRolePolicyDocument"] == TRUST
roles, pages = iam.pages("ListRoles", 1, "Roles")
assert [r["RoleName"] for r in roles] == ["glue", "spare"] and pages == 2, (roles, pages)
assert [r["RoleName"] for r in iam.cli("ListRoles", PathPrefix="/etl/")["Roles"]] == ["glue"]
assert [r["RoleName"] for r in iam.cli("ListRoles", PageSize=1)["Roles"]] == ["glue", "spare"]
for call in both:
    assert call("ListInstanceProfilesForRole", RoleName="glue")["InstanceProfiles"] == []

# Tags.
iam.b("TagRole", RoleName="glue", Tags=[{"Key": "x", "Value": "1"}])
iam.cli("TagRole", RoleName="glue", Tags=[{"Key": "y", "Value": "2"}])
tags, pages = iam.pages("ListRoleTags", 2, "Tags", RoleName="glue")
assert tags == [{"Key": "team", "Value": "a"}, {"Key": "x", "Value": "1"}, {"Key": "y", "Value": "2"}] and pages == 2, tags
iam.b("UntagRole", RoleName="glue", TagKeys=["x"])
iam.cli("UntagRole", RoleName="glue", TagKeys=["y", "absent"])
assert iam.cli("ListRoleTags", RoleName="glue")["Tags"] == [{"Key": "team", "Value": "a"}]

# Policies in a role.
iam.b("PutRolePolicy", RoleName="glue", PolicyName="read", PolicyDocument=allow)
iam.cli("PutRolePolicy", RoleName="glue", PolicyName="write", PolicyDocument=allow.replace("Get", "Put"))
names, pages = iam.pages("ListRolePolicies", 1, "PolicyNames", RoleName="glue")
assert names == ["read", "write"] and pages == 2, names
assert iam.cli("ListRolePolicies", RoleName="spare")["PolicyNames"] == []
for call in both:
    p = call("GetRolePolicy", RoleName="glue", PolicyName="read")
    assert p["PolicyDocument"] == ALLOW and p["RoleName"] == "glue", p
iam.fails("NoSuchEntity", "none", "GetRolePolicy", RoleName="glue", PolicyName="none")
iam.fails("DeleteConflict", "", "DeleteRole", RoleName="glue")
iam.b("DeleteRolePolicy", RoleName="glue", PolicyName="read")
iam.cli("DeleteRolePolicy", RoleName="glue", PolicyName="write")

# Managed policies and their versions.
p = iam.b("CreatePolicy", PolicyName="lake", PolicyDocument=allow, Path="/etl/", Description="reads", Tags=[{"Key": "k", "Value": "v"}])["Policy"]
lake = p["Arn"]
assert lake == POLICY + "etl/lake" and p["DefaultVersionId"] == "v1" and p["AttachmentCount"] == 0, p
assert iam.cli("CreatePolicy", PolicyName="spare", PolicyDocument=allow)["Policy"]["Arn"] == POLICY + "spare"
iam.fails("EntityAlreadyExists", "lake", "CreatePolicy", PolicyName="lake", Path="/etl/", PolicyDocument=allow)
assert iam.b("CreatePolicyVersion", PolicyArn=lake, PolicyDocument=allow.replace("Get", "Put"), SetAsDefault=True)["PolicyVersion"]["VersionId"] == "v2"
assert iam.cli("CreatePolicyVersion", PolicyArn=lake, PolicyDocument=allow)["PolicyVersion"]["IsDefaultVersion"] is False
versions, pages = iam.pages("ListPolicyVersions", 2, "Versions", PolicyArn=lake)
assert [(v["VersionId"], v["IsDefaultVersion"]) for v in versions] == [("v3", False), ("v2", True), ("v1", False)] and pages == 2, versions
assert len(iam.cli("ListPolicyVersions", PolicyArn=lake)["Versions"]) == 3
for call in both:
    assert call("GetPolicyVersion", PolicyArn=lake, VersionId="v1")["PolicyVersion"]["Document"] == ALLOW
iam.fails("DeleteConflict", "", "DeletePolicyVersion", PolicyArn=lake, VersionId="v2")
iam.b("SetDefaultPolicyVersion", PolicyArn=lake, VersionId="v3")
assert iam.cli("GetPolicy", PolicyArn=lake)["Policy"]["DefaultVersionId"] == "v3"
iam.cli("SetDefaultPolicyVersion", PolicyArn=lake, VersionId="v1")
assert iam.b("GetPolicy", PolicyArn=lake)["Policy"]["DefaultVersionId"] == "v1"
iam.b("DeletePolicyVersion", PolicyArn=lake, VersionId="v2")
iam.cli("DeletePolicyVersion", PolicyArn=lake, VersionId="v3")
iam.fails("NoSuchEntity", "v3", "GetPolicyVersion", PolicyArn=lake, VersionId="v3")

iam.b("AttachRolePolicy", RoleName="glue", PolicyArn=lake)
iam.cli("AttachRolePolicy", RoleName="glue", PolicyArn=MANAGED)
attached, pages = iam.pages("ListAttachedRolePolicies", 1, "AttachedPolicies", RoleName="glue")
assert {a["PolicyArn"] for a in attached} == {lake, MANAGED} and pages == 2, attached
assert iam.cli("ListAttachedRolePolicies", RoleName="glue", PathPrefix="/etl/")["AttachedPolicies"] == [{"PolicyName": "lake", "PolicyArn": lake}]
policies, _ = iam.pages("ListPolicies", 1, "Policies", Scope="Local")
assert [(p["PolicyName"], p["AttachmentCount"]) for p in policies] == [("lake", 1), ("spare", 0)], policies
assert [p["PolicyName"] for p in iam.cli("ListPolicies", Scope="Local", OnlyAttached=True)["Policies"]] == ["lake"]
iam.fails("DeleteConflict", "", "DeletePolicy", PolicyArn=lake)
iam.b("DetachRolePolicy", RoleName="glue", PolicyArn=lake)
iam.cli("DetachRolePolicy", RoleName="glue", PolicyArn=MANAGED)
iam.fails("NoSuchEntity", "", "DetachRolePolicy", RoleName="glue", PolicyArn=lake)
iam.b("DeletePolicy", PolicyArn=lake)
iam.cli("DeletePolicy", PolicyArn=POLICY + "spare")

# STS.
for call in (sts.b, sts.cli):
    me = call("GetCallerIdentity")
    assert me["Account"] == "000000000000" and me["Arn"] == "arn:aws:iam::000000000000:root", me
    a = call("AssumeRole", RoleArn=ROLE + "etl/glue", RoleSessionName="night", DurationSeconds=900)
    assert a["AssumedRoleUser"]["Arn"] == "arn:aws:sts::000000000000:assumed-role/glue/night" and a["Credentials"]["SessionToken"], a
import boto3
c = a["Credentials"]
temporary = boto3.client("sts", aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])
assert temporary.get_caller_identity()["Arn"] == a["AssumedRoleUser"]["Arn"]
sts.fails("AccessDenied", "none", "AssumeRole", RoleArn=ROLE + "none", RoleSessionName="night")

iam.b("DeleteRole", RoleName="glue")
iam.cli("DeleteRole", RoleName="spare")
assert iam.b("ListRoles")["Roles"] == []
print("ok")
