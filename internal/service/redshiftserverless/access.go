package redshiftserverless

import (
	"context"
	"strings"

	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for Amazon Redshift Serverless".
func (s *Service) access() api.Access {
	namespace, workgroup := []string{"namespace/{NamespaceName}"}, []string{"workgroup/{WorkgroupName}"}
	resource := []string{"{ResourceArn}"}
	const arn = "arn:aws:redshift-serverless:{region}:{account}:"
	return api.Access{Prefix: "redshift-serverless", ARN: arn, Resolve: s.byID, Grants: []api.Grant{
		{Ops: "CreateNamespace", On: []string{"namespace/*"}, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "GetNamespace UpdateNamespace DeleteNamespace", On: namespace},
		{Ops: "CreateWorkgroup", On: []string{"workgroup/*"}, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "GetWorkgroup UpdateWorkgroup DeleteWorkgroup GetCredentials", On: workgroup},
		{Ops: "ListNamespaces ListWorkgroups"},
		{Ops: "TagResource", On: resource, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "UntagResource", On: resource, Keys: api.Keys{"aws:TagKeys": "{TagKeys}"}},
		{Ops: "ListTagsForResource", On: resource},
	}}
}

// byID gives the ARN of a workgroup or a namespace, which ends in its id, for one that ends in its name.
func (s *Service) byID(ctx context.Context, arn string) string {
	if _, name, ok := strings.Cut(arn, ":workgroup/"); ok {
		if g, err := s.w.Workgroup(ctx, name); err == nil {
			return g.ARN
		}
	}
	if _, name, ok := strings.Cut(arn, ":namespace/"); ok {
		if n, err := s.w.Namespace(ctx, name); err == nil {
			return n.ARN
		}
	}
	return arn
}
