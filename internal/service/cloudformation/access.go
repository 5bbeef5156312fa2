package cloudformation

import (
	"context"
	"strings"

	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for AWS CloudFormation".
func (s *Service) access() api.Access {
	stack := []string{"stack/{StackName|arn}/*"}
	written := api.Keys{"aws:RequestTag/": "{Tags}", "cloudformation:ResourceTypes": "{ResourceTypes}", "cloudformation:RoleArn": "{RoleARN}",
		"cloudformation:TemplateUrl": "{TemplateURL}"}
	change := api.Keys{"cloudformation:ChangeSetName": "{ChangeSetName}"}
	created := api.Keys{"cloudformation:ChangeSetName": "{ChangeSetName}"}
	for k, v := range written {
		created[k] = v
	}
	return api.Access{Prefix: "cloudformation", ARN: "arn:aws:cloudformation:{region}:{account}:", Resolve: s.withID, Grants: []api.Grant{
		{Ops: "CreateStack UpdateStack", On: stack, Keys: written},
		{Ops: "CreateChangeSet", On: stack, Keys: created},
		{Ops: "DeleteStack ContinueUpdateRollback", On: stack, Keys: api.Keys{"cloudformation:RoleArn": "{RoleARN}"}},
		{Ops: "CreateStack UpdateStack DeleteStack ContinueUpdateRollback CreateChangeSet", Action: "iam:PassRole", If: "RoleARN",
			On: []string{"{RoleARN}"}, Keys: api.Keys{"iam:PassedToService": "cloudformation.amazonaws.com"}},
		{Ops: "UpdateTerminationProtection DescribeStacks DescribeStackEvents DescribeStackResource DescribeStackResources " +
			"ListStackResources GetTemplate ListChangeSets", On: stack},
		{Ops: "GetTemplateSummary", On: stack, Keys: api.Keys{"cloudformation:TemplateUrl": "{TemplateURL}"}},
		{Ops: "DescribeChangeSet ExecuteChangeSet DeleteChangeSet", If: "StackName", On: stack, Keys: change},
		{Ops: "DescribeChangeSet ExecuteChangeSet DeleteChangeSet", Unless: "StackName", On: []string{"{ChangeSetName}"}, Keys: change},
		{Ops: "ListStacks ListExports ListImports"},
		{Ops: "ValidateTemplate", Keys: api.Keys{"cloudformation:TemplateUrl": "{TemplateURL}"}},
	}}
}

// withID gives the ARN of a stack that a call names without its id, and that of the stack of a change set. What a call names that is
// not there may be any stack's.
func (s *Service) withID(ctx context.Context, arn string) string {
	if !strings.HasPrefix(arn, "arn:") {
		return "*"
	}
	if strings.Contains(arn, ":changeSet/") {
		cs, err := s.changeSet(ctx, nil, &arn)
		if err != nil {
			return "*"
		}
		return cs.StackID
	}
	_, name, _ := strings.Cut(arn, ":stack/")
	name, ok := strings.CutSuffix(name, "/*")
	if !ok {
		return arn
	}
	if st, err := s.stack(ctx, name); err == nil {
		return st.ID
	}
	return arn
}
