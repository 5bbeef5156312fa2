package states

import (
	"context"
	"strings"

	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for AWS Step Functions".
func access() api.Access {
	machine, execution, resource := []string{"{StateMachineArn}"}, []string{"{ExecutionArn}"}, []string{"{ResourceArn}"}
	return api.Access{Prefix: "states", ARN: "arn:aws:states:{region}:{account}:", Resolve: unqualified, Grants: []api.Grant{
		{Ops: "CreateStateMachine", On: []string{"stateMachine:{Name}"}, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "CreateStateMachine UpdateStateMachine", Action: "iam:PassRole", If: "RoleArn", On: []string{"{RoleArn}"},
			Keys: api.Keys{"iam:PassedToService": "states.amazonaws.com"}},
		{Ops: "DescribeStateMachine UpdateStateMachine DeleteStateMachine ListStateMachineVersions StartExecution", On: machine},
		{Ops: "ListExecutions", On: []string{"{StateMachineArn}", "{MapRunArn}"}},
		{Ops: "ListStateMachines ValidateStateMachineDefinition"},
		{Ops: "DescribeExecution GetExecutionHistory StopExecution DescribeStateMachineForExecution", On: execution},
		{Ops: "TagResource", On: resource, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "UntagResource", On: resource, Keys: api.Keys{"aws:TagKeys": "{TagKeys}"}},
		{Ops: "ListTagsForResource", On: resource},
	}}
}

// unqualified takes the version or the alias off a state machine's ARN: IAM knows the machine only.
func unqualified(_ context.Context, arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) == 8 && parts[5] == "stateMachine" {
		return strings.Join(parts[:7], ":")
	}
	return arn
}
