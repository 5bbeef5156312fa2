# The Step Functions commands of the AWS CLI that a pipeline's user types, against the endpoint in AWS_ENDPOINT_URL.
set -euo pipefail
fail() { echo "failed: $*"; exit 1; }
role=arn:aws:iam::000000000000:role/machine
def='{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"got.$": "$.a"}, "End": true}}}'
m=$(aws stepfunctions create-state-machine --name cli --role-arn $role --definition "$def" --query stateMachineArn --output text)
e=$(aws stepfunctions start-execution --state-machine-arn "$m" --name one --input '{"a": 1}' --query executionArn --output text)
for _ in $(seq 50); do
	s=$(aws stepfunctions describe-execution --execution-arn "$e" --query status --output text)
	[ "$s" = RUNNING ] || break
done
[ "$s" = SUCCEEDED ] || fail "status $s"
n=$(aws stepfunctions get-execution-history --execution-arn "$e" --query 'length(events)')
[ "$n" = 4 ] || fail "$n events"
aws stepfunctions start-execution --state-machine-arn "$m" --name one --input '{"a": 2}' >/dev/null 2>err.txt && fail "the name was taken twice"
grep -q ExecutionAlreadyExists err.txt || fail "$(cat err.txt)"
aws stepfunctions delete-state-machine --state-machine-arn "$m"
echo "all checks passed"
