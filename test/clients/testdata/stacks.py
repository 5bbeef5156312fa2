"""CloudFormation by boto3: every operation once, on a stack of topics and log groups."""
import boto3
from botocore.exceptions import ClientError

cfn, logs = boto3.client("cloudformation"), boto3.client("logs")


def fails(code, text, call, **args):
    try:
        call(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code and text in str(e), e
        return
    raise AssertionError(f"{args} did not fail with {code}")


body = """
Description: A stack for the test.
Parameters:
  Days: {Type: Number, Default: 7}
  Secret: {Type: String, Default: s, NoEcho: true}
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/${AWS::StackName}", RetentionInDays: !Ref Days}}
  Topic: {Type: AWS::SNS::Topic, DependsOn: Group, Metadata: {note: x}}
Outputs:
  Arn: {Value: !GetAtt Group.Arn, Export: {Name: group}}
"""
summary = cfn.get_template_summary(TemplateBody=body)
assert [p["ParameterKey"] for p in summary["Parameters"]] == ["Days", "Secret"] and summary["ResourceTypes"] == ["AWS::Logs::LogGroup", "AWS::SNS::Topic"], summary
assert cfn.validate_template(TemplateBody=body)["Description"] == "A stack for the test."
fails("ValidationError", "AWS::Lambda::Function", cfn.validate_template, TemplateBody="Resources: {F: {Type: AWS::Lambda::Function}}")
stack = cfn.create_stack(StackName="s", TemplateBody=body, EnableTerminationProtection=True, Tags=[{"Key": "k", "Value": "v"}])["StackId"]
cfn.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
fails("AlreadyExistsException", "already exists", cfn.create_stack, StackName="s", TemplateBody=body)
described = cfn.describe_stacks(StackName=stack)["Stacks"][0]
assert described["Outputs"][0]["OutputValue"] == "arn:aws:logs:us-east-1:000000000000:log-group:/s:*", described
assert {p["ParameterKey"]: p["ParameterValue"] for p in described["Parameters"]} == {"Days": "7", "Secret": "****"}
assert cfn.get_template(StackName="s")["TemplateBody"] == body
assert len(cfn.describe_stack_resources(StackName="s")["StackResources"]) == 2
detail = cfn.describe_stack_resource(StackName="s", LogicalResourceId="Topic")["StackResourceDetail"]
assert detail["Metadata"] == '{"note":"x"}' and detail["PhysicalResourceId"].startswith("arn:aws:sns:us-east-1:000000000000:s-Topic-"), detail
assert [r["LogicalResourceId"] for p in cfn.get_paginator("list_stack_resources").paginate(StackName="s") for r in p["StackResourceSummaries"]] == ["Group", "Topic"]
assert logs.list_tags_for_resource(resourceArn="arn:aws:logs:us-east-1:000000000000:log-group:/s")["tags"] == {"k": "v"}
events = [(e["LogicalResourceId"], e["ResourceStatus"]) for p in cfn.get_paginator("describe_stack_events").paginate(StackName="s") for e in p["StackEvents"]]
assert events[0] == ("s", "CREATE_COMPLETE") and events[-1] == ("s", "CREATE_IN_PROGRESS") and ("Topic", "CREATE_COMPLETE") in events, events

fails("ValidationError", "No updates are to be performed", cfn.update_stack, StackName="s", UsePreviousTemplate=True)
for template, name in ((body.replace('"/${AWS', '"/x${AWS'), "/xs"), (body, "/s")):  # another name is another group
    cfn.update_stack(StackName="s", TemplateBody=template)
    cfn.get_waiter("stack_update_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
    assert [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"] if g["logGroupName"] in ("/s", "/xs")] == [name]
    assert cfn.describe_stacks(StackName="s")["Stacks"][0]["Outputs"][0]["OutputValue"].endswith(f":{name}:*")
cfn.update_stack(StackName="s", UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Days", "ParameterValue": "14"}, {"ParameterKey": "Secret", "UsePreviousValue": True}])
cfn.get_waiter("stack_update_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
assert logs.describe_log_groups(logGroupNamePrefix="/s")["logGroups"][0]["retentionInDays"] == 14

cfn.create_change_set(StackName="s", ChangeSetName="c", UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Days", "ParameterValue": "30"}])
cfn.get_waiter("change_set_create_complete").wait(StackName="s", ChangeSetName="c", WaiterConfig={"Delay": 1})
changes = cfn.describe_change_set(StackName="s", ChangeSetName="c")["Changes"]
assert [(c["ResourceChange"]["Action"], c["ResourceChange"]["LogicalResourceId"]) for c in changes] == [("Modify", "Group")], changes
assert cfn.list_change_sets(StackName="s")["Summaries"][0]["ChangeSetName"] == "c"
cfn.execute_change_set(StackName="s", ChangeSetName="c")
cfn.get_waiter("stack_update_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
assert logs.describe_log_groups(logGroupNamePrefix="/s")["logGroups"][0]["retentionInDays"] == 30
cfn.create_change_set(StackName="s", ChangeSetName="d", UsePreviousTemplate=True, Tags=[])
cfn.delete_change_set(StackName="s", ChangeSetName="d")

cfn.create_stack(StackName="user", TemplateBody="Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue group}}}")
cfn.get_waiter("stack_create_complete").wait(StackName="user", WaiterConfig={"Delay": 1})
assert cfn.list_exports()["Exports"][0]["Name"] == "group" and cfn.list_imports(ExportName="group")["Imports"] == ["user"]
fails("ValidationError", "TerminationProtection", cfn.delete_stack, StackName="s")
cfn.update_termination_protection(StackName="s", EnableTerminationProtection=False)
fails("ValidationError", "in use by user", cfn.delete_stack, StackName="s")
for name in ("user", "s"):
    cfn.delete_stack(StackName=name)
    cfn.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
fails("ValidationError", "Stack with id s does not exist", cfn.describe_stacks, StackName="s")
assert cfn.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
assert {s["StackName"] for s in cfn.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]} == {"s", "user"}
assert logs.describe_log_groups(logGroupNamePrefix="/s")["logGroups"] == [] and boto3.client("sns").list_topics()["Topics"] == []
fails("InvalidAction", "DetectStackDrift", cfn.detect_stack_drift, StackName="s")
print("ok")
