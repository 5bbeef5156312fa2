# Every operation of Step Functions that Penstock serves, by the AWS CLI.
import json
from clients import Service, aws, until

sfn = Service("stepfunctions")
cli = sfn.cli
ROLE = "arn:aws:iam::000000000000:role/machine"
WAIT = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": True}}})
PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"got.$": "$.a"}, "End": True}}})

machine = cli("CreateStateMachine", name="passes", definition=PASS, roleArn=ROLE, tags=[{"key": "team", "value": "a"}])["stateMachineArn"]
other = cli("CreateStateMachine", name="waits", definition=WAIT, roleArn=ROLE)["stateMachineArn"]
out = aws("stepfunctions", "create-state-machine", "--name", "bad", "--role-arn", ROLE, "--definition", PASS.replace('"End": true', '"Next": "Q"'))
assert "(InvalidDefinition)" in out and "Missing 'Next' target: Q" in out, out
assert cli("ValidateStateMachineDefinition", definition=PASS)["result"] == "OK"
assert cli("ValidateStateMachineDefinition", definition="{}")["result"] == "FAIL"
d = cli("DescribeStateMachine", stateMachineArn=machine)
assert (d["name"], d["status"], d["definition"], d["roleArn"]) == ("passes", "ACTIVE", PASS, ROLE), d
assert [m["name"] for m in cli("ListStateMachines", "--page-size", "1")["stateMachines"]] == ["passes", "waits"]
assert cli("ListStateMachineVersions", stateMachineArn=machine)["stateMachineVersions"] == []

assert cli("ListTagsForResource", resourceArn=machine)["tags"] == [{"key": "team", "value": "a"}]
cli("TagResource", resourceArn=machine, tags=[{"key": "x", "value": "1"}])
cli("UntagResource", resourceArn=machine, tagKeys=["team"])
assert cli("ListTagsForResource", resourceArn=machine)["tags"] == [{"key": "x", "value": "1"}]

e = cli("StartExecution", stateMachineArn=machine, name="one", input='{"a": 1.50}')["executionArn"]
d = until(lambda: (d := cli("DescribeExecution", executionArn=e))["status"] != "RUNNING" and d)
assert (d["status"], d["output"]) == ("SUCCEEDED", '{"got":1.50}'), d
events = cli("GetExecutionHistory", "--page-size", "1", executionArn=e, reverseOrder=True)["events"]
assert [h["type"] for h in events] == ["ExecutionSucceeded", "PassStateExited", "PassStateEntered", "ExecutionStarted"], events
assert cli("DescribeStateMachineForExecution", executionArn=e)["definition"] == PASS
out = aws("stepfunctions", "start-execution", "--state-machine-arn", machine, "--name", "one", "--input", "{}")
assert "(ExecutionAlreadyExists)" in out, out
assert [(x["name"], x["status"]) for x in cli("ListExecutions", stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]] == [("one", "SUCCEEDED")]
assert cli("ListExecutions", stateMachineArn=machine, statusFilter="FAILED")["executions"] == []

assert cli("UpdateStateMachine", stateMachineArn=machine, definition=WAIT)["updateDate"]
e = cli("StartExecution", stateMachineArn=machine)["executionArn"]
assert cli("StopExecution", executionArn=e, error="Enough", cause="of this")["stopDate"]
d = cli("DescribeExecution", executionArn=e)
assert (d["status"], d["error"], d["cause"]) == ("ABORTED", "Enough", "of this"), d
cli("DeleteStateMachine", stateMachineArn=machine)
out = aws("stepfunctions", "describe-state-machine", "--state-machine-arn", machine)
assert "(StateMachineDoesNotExist)" in out, out
print("ok")
