# Every operation of Step Functions that Penstock serves, by boto3, against the endpoint in AWS_ENDPOINT_URL.
import json
import time

import boto3
from botocore.exceptions import ClientError

sfn = boto3.client("stepfunctions")
ROLE = "arn:aws:iam::000000000000:role/machine"
WAIT = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": True}}})
PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"got.$": "$.a"}, "End": True}}})
TASK = json.dumps({"StartAt": "Start", "States": {
    "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
              "Parameters": {"StateMachineArn.$": "$.machine", "Input": {"a": 7}}, "ResultSelector": {"inner.$": "$.Output"}, "Next": "List"},
    "List": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:listExecutions",
             "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:none"},
             "Catch": [{"ErrorEquals": ["Sfn.StateMachineDoesNotExistException"], "ResultPath": "$.error", "Next": "Done"}], "Next": "Done"},
    "Done": {"Type": "Succeed"}}})


def refused(code, f, **args):
    try:
        f(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError("not refused with " + code)


def finish(arn):
    end = time.monotonic() + 120
    while (d := sfn.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < end, arn + " still runs"
        time.sleep(0.02)
    return d


passes = sfn.create_state_machine(name="passes", definition=PASS, roleArn=ROLE, tags=[{"key": "team", "value": "data"}])["stateMachineArn"]
assert sfn.create_state_machine(name="passes", definition=PASS, roleArn=ROLE)["stateMachineArn"] == passes
refused("StateMachineAlreadyExists", sfn.create_state_machine, name="passes", definition=WAIT, roleArn=ROLE)
message = refused("InvalidDefinition", sfn.create_state_machine, name="bad", roleArn=ROLE, definition=PASS.replace('"End": true', '"Next": "Q"'))
assert "Missing 'Next' target: Q at /States/P/Next" in message, message
assert "EXPRESS" in refused("ValidationException", sfn.create_state_machine, name="e", definition=PASS, roleArn=ROLE, type="EXPRESS")
assert "publish" in refused("ValidationException", sfn.create_state_machine, name="e", definition=PASS, roleArn=ROLE, publish=True).lower()

d = sfn.describe_state_machine(stateMachineArn=passes)
assert (d["status"], d["type"], d["definition"], d["roleArn"]) == ("ACTIVE", "STANDARD", PASS, ROLE), d
assert sfn.list_tags_for_resource(resourceArn=passes)["tags"] == [{"key": "team", "value": "data"}]
sfn.tag_resource(resourceArn=passes, tags=[{"key": "x", "value": "1"}])
sfn.untag_resource(resourceArn=passes, tagKeys=["team"])
assert sfn.list_tags_for_resource(resourceArn=passes)["tags"] == [{"key": "x", "value": "1"}]
assert sfn.validate_state_machine_definition(definition=PASS)["result"] == "OK"
v = sfn.validate_state_machine_definition(definition="{}")
assert v["result"] == "FAIL" and v["diagnostics"][0]["code"] == "SCHEMA_VALIDATION_FAILED", v

e = sfn.start_execution(stateMachineArn=passes, name="one", input='{"a": 1.50}')["executionArn"]
d = finish(e)
assert (d["status"], d["output"], d["input"]) == ("SUCCEEDED", '{"got":1.50}', '{"a": 1.50}'), d
refused("ExecutionAlreadyExists", sfn.start_execution, stateMachineArn=passes, name="one", input="{}")
refused("InvalidExecutionInput", sfn.start_execution, stateMachineArn=passes, input="{")
types = [h["type"] for h in sfn.get_execution_history(executionArn=e)["events"]]
assert types == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"], types
pages = sfn.get_paginator("get_execution_history").paginate(executionArn=e, reverseOrder=True, PaginationConfig={"PageSize": 1})
assert [h["type"] for p in pages for h in p["events"]] == types[::-1]
assert sfn.describe_state_machine_for_execution(executionArn=e)["definition"] == PASS

failing = finish(sfn.start_execution(stateMachineArn=passes, name="two", input="{}")["executionArn"])
assert failing["status"] == "FAILED" and failing["error"] == "States.Runtime" and "'$.a'" in failing["cause"], failing
assert [x["name"] for x in sfn.list_executions(stateMachineArn=passes)["executions"]] == ["two", "one"]
assert [x["name"] for x in sfn.list_executions(stateMachineArn=passes, statusFilter="FAILED")["executions"]] == ["two"]

tasks = sfn.create_state_machine(name="tasks", definition=TASK, roleArn=ROLE)["stateMachineArn"]
d = finish(sfn.start_execution(stateMachineArn=tasks, input=json.dumps({"machine": passes}))["executionArn"])
out = json.loads(d["output"])
assert out["inner"] == {"got": 7} and "Service: Sfn, Status Code: 400" in out["error"]["Cause"], d

sfn.update_state_machine(stateMachineArn=passes, definition=WAIT)
e = sfn.start_execution(stateMachineArn=passes, name="waits")["executionArn"]
assert sfn.start_execution(stateMachineArn=passes, name="waits")["executionArn"] == e
assert sfn.stop_execution(executionArn=e, error="Enough", cause="of this")["stopDate"]
d = sfn.describe_execution(executionArn=e)
assert (d["status"], d["error"], d["cause"]) == ("ABORTED", "Enough", "of this"), d
names = [m["name"] for p in sfn.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 1}) for m in p["stateMachines"]]
assert names == ["passes", "tasks"], names
assert sfn.list_state_machine_versions(stateMachineArn=passes)["stateMachineVersions"] == []
sfn.delete_state_machine(stateMachineArn=passes)
refused("InvalidArn", sfn.list_state_machine_versions, stateMachineArn=passes)
refused("StateMachineDoesNotExist", sfn.describe_state_machine, stateMachineArn=passes)
refused("ExecutionDoesNotExist", sfn.describe_execution, executionArn=e + "x")
assert "SendTaskSuccess" in refused("UnknownOperationException", sfn.send_task_success, taskToken="t", output="{}")
print("all checks passed")
