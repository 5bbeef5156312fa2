# Every operation of CloudFormation that Penstock serves.
import json, os, time

import boto3
from clients import Service, aws, until

cfn = Service("cloudformation")
both = (cfn.b, cfn.cli)


def template(bucket, export=None, role=False, **more):
    resources = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}},
                 "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Display"}}}}
    if role:
        resources["Role"] = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": bucket, "AssumeRolePolicyDocument": {
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}}
    outputs = {"Topic": dict({"Value": {"Ref": "Topic"}}, **({"Export": {"Name": export}} if export else {}))}
    return json.dumps({"Description": "a lake", "Parameters": {"Display": {"Type": "String", "Default": "Lake", "Description": "shown"}},
                       "Resources": dict(resources, **more), "Outputs": outputs})


def status(name):
    return cfn.b("DescribeStacks", StackName=name)["Stacks"][0]["StackStatus"]


def ends(name, want):
    got = until(lambda: (s := status(name)) and not s.endswith("_IN_PROGRESS") and s)
    assert got == want, (got, cfn.b("DescribeStackEvents", StackName=name)["StackEvents"][:5])


# What is wrong with a template.
for call in both:
    v = call("ValidateTemplate", TemplateBody=template("lake", role=True))
    assert v["Description"] == "a lake" and v["Parameters"][0]["ParameterKey"] == "Display" and v["Capabilities"] == ["CAPABILITY_NAMED_IAM"], v
    s = call("GetTemplateSummary", TemplateBody=template("lake"))
    assert sorted(s["ResourceTypes"]) == ["AWS::S3::Bucket", "AWS::SNS::Topic"] and s["Parameters"][0]["DefaultValue"] == "Lake", s
cfn.fails("ValidationError", "Unresolved resource dependencies [Nothing]", "ValidateTemplate", TemplateBody=json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Nothing"}}}}}))
cfn.fails("ValidationError", "AWS::EC2::Instance", "CreateStack", StackName="bad", TemplateBody=json.dumps({"Resources": {"A": {"Type": "AWS::EC2::Instance"}}}))
cfn.fails("InsufficientCapabilitiesException", "CAPABILITY_NAMED_IAM", "CreateStack", StackName="bad", TemplateBody=template("lake", role=True))
cfn.fails("ValidationError", "Stack with id none does not exist", "DescribeStacks", StackName="none")

# Two stacks; the second takes what the first exports.
lake = cfn.b("CreateStack", StackName="lake", TemplateBody=template("lake", export="lake-topic", role=True), Capabilities=["CAPABILITY_NAMED_IAM"],
             Parameters=[{"ParameterKey": "Display", "ParameterValue": "Mine"}], Tags=[{"Key": "team", "Value": "a"}])["StackId"]
assert lake.startswith("arn:aws:cloudformation:us-east-1:000000000000:stack/lake/"), lake
cfn.client.get_waiter("stack_create_complete").wait(StackName="lake", WaiterConfig={"Delay": 1})
cfn.fails("AlreadyExistsException", "Stack [lake] already exists", "CreateStack", StackName="lake", TemplateBody=template("x"))
alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
         "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [{"Fn::ImportValue": "lake-topic"}]}}
made = cfn.cli("CreateStack", StackName="user", TemplateBody=template("user-bucket", Alarm=alarm))["StackId"]
assert made.startswith("arn:aws:cloudformation:us-east-1:000000000000:stack/user/"), made
ends("user", "CREATE_COMPLETE")
for call in both:
    s = call("DescribeStacks", StackName="lake")["Stacks"][0]
    assert s["StackStatus"] == "CREATE_COMPLETE" and s["Parameters"] == [{"ParameterKey": "Display", "ParameterValue": "Mine"}] and s["Tags"] == [{"Key": "team", "Value": "a"}], s
    topic = s["Outputs"][0]["OutputValue"]
    assert topic.startswith("arn:aws:sns:us-east-1:000000000000:lake-Topic-") and s["Outputs"][0]["ExportName"] == "lake-topic", s
    assert [(e["Name"], e["Value"], e["ExportingStackId"]) for e in call("ListExports")["Exports"]] == [("lake-topic", topic, lake)]
    assert call("ListImports", ExportName="lake-topic")["Imports"] == ["user"]
    assert {s["StackName"] for s in call("ListStacks", StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]} == {"lake", "user"}
    r = call("DescribeStackResource", StackName="lake", LogicalResourceId="Bucket")["StackResourceDetail"]
    assert r["PhysicalResourceId"] == "lake" and r["ResourceStatus"] == "CREATE_COMPLETE", r
    assert {r["LogicalResourceId"] for r in call("DescribeStackResources", StackName="lake")["StackResources"]} == {"Bucket", "Topic", "Role"}
    assert {r["PhysicalResourceId"] for r in call("ListStackResources", StackName="lake")["StackResourceSummaries"]} == {"lake", topic}
    events = call("DescribeStackEvents", StackName="lake")["StackEvents"]
    assert events[0]["ResourceType"] == "AWS::CloudFormation::Stack" and events[0]["ResourceStatus"] == "CREATE_COMPLETE" and events[-1]["ResourceStatus"] == "CREATE_IN_PROGRESS", events
    t = call("GetTemplate", StackName="lake")["TemplateBody"]
    assert t == json.loads(template("lake", export="lake-topic", role=True)), t
cfn.fails("ValidationError", "not imported by any stack", "ListImports", ExportName="none")

# Change sets.
new = cfn.b("CreateChangeSet", StackName="user", ChangeSetName="one", TemplateBody=template("user-bucket", Alarm=alarm),
            Parameters=[{"ParameterKey": "Display", "ParameterValue": "Changed"}])
cfn.cli("CreateChangeSet", StackName="user", ChangeSetName="two", UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Display", "ParameterValue": "Other"}])
for name in ("one", "two"):
    until(lambda: cfn.b("DescribeChangeSet", StackName="user", ChangeSetName=name)["Status"] == "CREATE_COMPLETE")
for call in both:
    c = call("DescribeChangeSet", StackName="user", ChangeSetName="one")
    change = c["Changes"][0]["ResourceChange"]
    assert len(c["Changes"]) == 1 and (change["Action"], change["LogicalResourceId"], change["Replacement"]) == ("Modify", "Topic", "False"), c
    assert {s["ChangeSetName"] for s in call("ListChangeSets", StackName="user")["Summaries"]} == {"one", "two"}
cfn.fails("ChangeSetNotFound", "", "DescribeChangeSet", StackName="user", ChangeSetName="none")
cfn.b("ExecuteChangeSet", StackName="user", ChangeSetName="one")
ends("user", "UPDATE_COMPLETE")
assert cfn.b("DescribeStacks", StackName="user")["Stacks"][0]["Parameters"][0]["ParameterValue"] == "Changed"
for name, delete in (("three", cfn.b), ("four", cfn.cli)):
    cfn.b("CreateChangeSet", StackName="user", ChangeSetName=name, UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Display", "ParameterValue": name}])
    until(lambda: cfn.b("DescribeChangeSet", StackName="user", ChangeSetName=name)["Status"] == "CREATE_COMPLETE")
cfn.b("DeleteChangeSet", StackName="user", ChangeSetName="three")
cfn.cli("ExecuteChangeSet", StackName="user", ChangeSetName="four")
ends("user", "UPDATE_COMPLETE")
assert cfn.b("DescribeStacks", StackName="user")["Stacks"][0]["Parameters"][0]["ParameterValue"] == "four"
cfn.b("CreateChangeSet", StackName="user", ChangeSetName="five", UsePreviousTemplate=True,
      Parameters=[{"ParameterKey": "Display", "UsePreviousValue": True}])
none = until(lambda: (c := cfn.b("DescribeChangeSet", StackName="user", ChangeSetName="five"))["Status"] == "FAILED" and c)
assert "didn't contain changes" in none["StatusReason"], none
cfn.fails("InvalidChangeSetStatus", "", "ExecuteChangeSet", StackName="user", ChangeSetName="five")
cfn.cli("DeleteChangeSet", StackName="user", ChangeSetName="five")

# Updates in place; what cannot be done is refused and nothing is left of it.
cfn.b("UpdateStack", StackName="user", UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Display", "ParameterValue": "b"}])
ends("user", "UPDATE_COMPLETE")
cfn.cli("UpdateStack", StackName="user", UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Display", "ParameterValue": "c"}])
ends("user", "UPDATE_COMPLETE")
cfn.fails("ValidationError", "No updates are to be performed.", "UpdateStack", StackName="user", UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Display", "UsePreviousValue": True}])

# Protection and the end.
cfn.b("UpdateTerminationProtection", StackName="user", EnableTerminationProtection=True)
cfn.fails("ValidationError", "TerminationProtection is enabled", "DeleteStack", StackName="user")
cfn.cli("UpdateTerminationProtection", StackName="user", EnableTerminationProtection=False)
assert cfn.b("DescribeStacks", StackName="user")["Stacks"][0]["EnableTerminationProtection"] is False
user = cfn.b("DescribeStacks", StackName="user")["Stacks"][0]["StackId"]
cfn.b("DeleteStack", StackName="user")
ends(user, "DELETE_COMPLETE")
cfn.cli("DeleteStack", StackName="lake")
ends(lake, "DELETE_COMPLETE")
assert cfn.b("ListExports")["Exports"] == [] and cfn.b("DescribeStacks")["Stacks"] == []

# A rollback that fails, and is continued: by itself, in vain, and without what cannot be brought back.
def topic(shown):
    return json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "stuck", "DisplayName": shown}}}})


cfn.b("CreateStack", StackName="stuck", TemplateBody=topic("a"))
ends("stuck", "CREATE_COMPLETE")
cfn.fails("ValidationError", "is in CREATE_COMPLETE state and can not be rolled back.", "ContinueUpdateRollback", StackName="stuck")
boto3.client("sns").delete_topic(TopicArn=cfn.b("ListStackResources", StackName="stuck")["StackResourceSummaries"][0]["PhysicalResourceId"])
cfn.b("UpdateStack", StackName="stuck", TemplateBody=topic("b"))
ends("stuck", "UPDATE_ROLLBACK_FAILED")
cfn.fails("ValidationError", "is in UPDATE_ROLLBACK_FAILED state and can not be updated.", "UpdateStack", StackName="stuck", TemplateBody=topic("c"))
cfn.b("ContinueUpdateRollback", StackName="stuck")
ends("stuck", "UPDATE_ROLLBACK_FAILED")
cfn.fails("ValidationError", "and not [U]", "ContinueUpdateRollback", StackName="stuck", ResourcesToSkip=["T", "U"])
cfn.cli("ContinueUpdateRollback", StackName="stuck", ResourcesToSkip=["T"])
ends("stuck", "UPDATE_ROLLBACK_COMPLETE")
cfn.b("DeleteStack", StackName="stuck")

# What people type.
open("lake.json", "w").write(template("lake"))
deployed = aws("cloudformation", "deploy", "--stack-name", "cli", "--template-file", "lake.json", "--parameter-overrides", "Display=Mine")
assert "Successfully created/updated stack - cli" in deployed, deployed
assert status("cli") == "CREATE_COMPLETE"
time.sleep(1.01)  # the CLI names its change sets by the second
again = aws("cloudformation", "deploy", "--stack-name", "cli", "--template-file", "lake.json")
assert "No changes to deploy" in again, again

# Templates in a bucket, also such as are too long to be sent inline.
s3 = boto3.client("s3")
s3.create_bucket(Bucket="templates")
long = template("far") + " " * 60000
s3.put_object(Bucket="templates", Key="dir/far one.json", Body=long)
here = f"{os.environ['AWS_ENDPOINT_URL']}/templates/dir/far%20one.json"
for call, url in ((cfn.b, here), (cfn.cli, "https://templates.s3.us-east-1.amazonaws.com/dir/far%20one.json")):
    assert call("ValidateTemplate", TemplateURL=url)["Description"] == "a lake"
    assert call("GetTemplateSummary", TemplateURL=url)["Parameters"][0]["ParameterKey"] == "Display"
cfn.fails("ValidationError", "S3 error: The specified key does not exist.", "CreateStack", StackName="far", TemplateURL=here + "x")
cfn.fails("ValidationError", "TemplateURL must be a supported URL.", "CreateStack", StackName="far", TemplateURL="https://example.com/templates/far.json")
cfn.fails("ValidationError", "51200", "CreateStack", StackName="far", TemplateBody=long)
cfn.b("CreateStack", StackName="far", TemplateURL=here, TimeoutInMinutes=5, Parameters=[{"ParameterKey": "Display", "ParameterValue": ""}])
ends("far", "CREATE_COMPLETE")
assert cfn.b("DescribeStacks", StackName="far")["Stacks"][0]["TimeoutInMinutes"] == 5
cfn.fails("ValidationError", "No updates are to be performed.", "UpdateStack", StackName="far", TemplateURL=here, Parameters=[{"ParameterKey": "Display", "ParameterValue": "", "UsePreviousValue": True}])
cfn.cli("CreateChangeSet", StackName="far", ChangeSetName="c", TemplateURL=here)
change = until(lambda: (c := cfn.b("DescribeChangeSet", StackName="far", ChangeSetName="c"))["Status"] == "CREATE_COMPLETE" and c)["Changes"]
assert [c["ResourceChange"]["LogicalResourceId"] for c in change] == ["Topic"], change

# What `package` puts into a bucket and `deploy` brings; then all that a bucket can have, and nothing of it.
full = {"PublicAccessBlockConfiguration": dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}, "AccessControl": "LogDeliveryWrite", "VersioningConfiguration": {"Status": "Enabled"},
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]},
        "CorsConfiguration": {"CorsRules": [{"Id": "a", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"], "ExposedHeaders": ["ETag"], "MaxAge": 9}]}}


def deploy(properties):
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": "arn:aws:iam::000000000000:role/r", "DefinitionS3Location": "machine.json"}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": dict({"BucketName": "full"}, **properties)}
    open("machine.json", "w").write(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}))
    open("full.json", "w").write(json.dumps({"Resources": {"Full": bucket, "Machine": machine}}))
    aws("cloudformation", "package", "--template-file", "full.json", "--s3-bucket", "templates", "--output-template-file", "packaged.json", "--use-json")
    time.sleep(1.01)
    return aws("cloudformation", "deploy", "--stack-name", "full", "--template-file", "packaged.json", "--s3-bucket", "templates")


assert "Successfully created/updated stack - full" in deploy(full)
assert "No changes to deploy" in deploy(full)
block = s3.get_public_access_block(Bucket="full")["PublicAccessBlockConfiguration"]
assert block == full["PublicAccessBlockConfiguration"] and s3.get_bucket_versioning(Bucket="full")["Status"] == "Enabled", block
assert s3.get_bucket_ownership_controls(Bucket="full")["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "ObjectWriter"}]
assert [g["Permission"] for g in s3.get_bucket_acl(Bucket="full")["Grants"]] == ["FULL_CONTROL", "WRITE", "READ_ACP"]
rule = s3.get_bucket_encryption(Bucket="full")["ServerSideEncryptionConfiguration"]["Rules"][0]
assert rule["BucketKeyEnabled"] and rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", rule
assert s3.get_bucket_cors(Bucket="full")["CORSRules"] == [{"ID": "a", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 9}]
assert "Successfully created/updated stack - full" in deploy({})
for code, read in (("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block), ("OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls), ("NoSuchCORSConfiguration", s3.get_bucket_cors)):
    try:
        raise AssertionError(read(Bucket="full"))
    except s3.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e
assert not s3.get_bucket_encryption(Bucket="full")["ServerSideEncryptionConfiguration"]["Rules"][0]["BucketKeyEnabled"]
assert [g["Permission"] for g in s3.get_bucket_acl(Bucket="full")["Grants"]] == ["FULL_CONTROL"] and s3.get_bucket_versioning(Bucket="full")["Status"] == "Suspended"
assert "No changes to deploy" in deploy({})

# Object lock with a default, another default and none; it cannot be taken away.
def locked(**properties):
    return json.dumps({"Resources": {"Locked": {"Type": "AWS::S3::Bucket", "Properties": dict({"BucketName": "locked"}, **properties)}}})


def rule(**retention):
    return {"ObjectLockEnabled": True, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}}


cfn.b("CreateStack", StackName="locked", TemplateBody=locked(**rule(Mode="GOVERNANCE", Days=2)))
ends("locked", "CREATE_COMPLETE")
lock = s3.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"]
assert lock == rule(Mode="GOVERNANCE", Days=2)["ObjectLockConfiguration"], lock
cfn.b("UpdateStack", StackName="locked", TemplateBody=locked(**rule(Mode="COMPLIANCE", Years=1)))
ends("locked", "UPDATE_COMPLETE")
assert s3.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "COMPLIANCE", "Years": 1}
cfn.b("UpdateStack", StackName="locked", TemplateBody=locked(ObjectLockEnabled=True))
ends("locked", "UPDATE_COMPLETE")
assert s3.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
cfn.fails("ValidationError", "ObjectLockEnabled cannot be taken from a bucket that has it", "UpdateStack", StackName="locked", TemplateBody=locked())
print("ok")
