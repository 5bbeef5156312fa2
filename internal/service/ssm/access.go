package ssm

import (
	"context"
	"strings"

	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for AWS Systems Manager".
func access() api.Access {
	resource := []string{"parameter/{ResourceId}"}
	return api.Access{Prefix: "ssm", ARN: "arn:aws:ssm:{region}:{account}:", Resolve: oneSlash, Grants: []api.Grant{
		{Ops: "PutParameter", On: []string{"parameter/{Name}"},
			Keys: api.Keys{"aws:RequestTag/": "{Tags}", "ssm:Overwrite": "{Overwrite}", "ssm:Policies": "{Policies}"}},
		{Ops: "GetParameter GetParameterHistory DeleteParameter LabelParameterVersion UnlabelParameterVersion",
			On: []string{"parameter/{Name|arn}"}},
		{Ops: "GetParameters DeleteParameters", On: []string{"parameter/{Names|arn}"}},
		{Ops: "GetParametersByPath", On: []string{"parameter/{Path}"}, Keys: api.Keys{"ssm:Recursive": "{Recursive}"}},
		{Ops: "DescribeParameters"},
		{Ops: "AddTagsToResource", On: resource, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "RemoveTagsFromResource", On: resource, Keys: api.Keys{"aws:TagKeys": "{TagKeys}"}},
		{Ops: "ListTagsForResource", On: resource},
	}}
}

// oneSlash gives the ARN of a parameter, or of a path, that begins with a slash or ends in one.
func oneSlash(_ context.Context, arn string) string {
	arn = strings.Replace(arn, ":parameter//", ":parameter/", 1)
	if strings.HasSuffix(arn, ":parameter/") {
		return arn + "*" // the root: every parameter
	}
	return strings.TrimSuffix(arn, "/")
}
