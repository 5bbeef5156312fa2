package iam

import (
	"context"
	"strings"

	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for AWS Identity and Access Management".
func (s *Service) access() api.Access {
	role, policy := []string{"role/{RoleName}"}, []string{"{PolicyArn}"}
	tagged := api.Keys{"aws:RequestTag/": "{Tags}"}
	return api.Access{Prefix: "iam", ARN: "arn:aws:iam::{account}:", Resolve: s.withPath, Grants: []api.Grant{
		{Ops: "CreateRole", Unless: "Path", On: role,
			Keys: api.Keys{"aws:RequestTag/": "{Tags}", "iam:PermissionsBoundary": "{PermissionsBoundary}"}},
		{Ops: "CreateRole", If: "Path", On: []string{"role{Path}{RoleName}"},
			Keys: api.Keys{"aws:RequestTag/": "{Tags}", "iam:PermissionsBoundary": "{PermissionsBoundary}"}},
		{Ops: "GetRole DeleteRole UpdateRole UpdateAssumeRolePolicy PutRolePolicy GetRolePolicy ListRolePolicies DeleteRolePolicy " +
			"ListAttachedRolePolicies ListInstanceProfilesForRole ListRoleTags", On: role},
		{Ops: "AttachRolePolicy DetachRolePolicy", On: role, Keys: api.Keys{"iam:PolicyARN": "{PolicyArn}"}},
		{Ops: "TagRole", On: role, Keys: tagged},
		{Ops: "UntagRole", On: role, Keys: api.Keys{"aws:TagKeys": "{TagKeys}"}},
		{Ops: "CreatePolicy", Unless: "Path", On: []string{"policy/{PolicyName}"}, Keys: tagged},
		{Ops: "CreatePolicy", If: "Path", On: []string{"policy{Path}{PolicyName}"}, Keys: tagged},
		{Ops: "GetPolicy DeletePolicy CreatePolicyVersion GetPolicyVersion ListPolicyVersions DeletePolicyVersion SetDefaultPolicyVersion",
			On: policy},
		{Ops: "ListRoles ListPolicies"},
	}}
}

// withPath gives the ARN of a role that a call names without its path.
func (s *Service) withPath(ctx context.Context, arn string) string {
	_, name, ok := strings.Cut(arn, ":role/")
	if !ok || strings.Contains(name, "/") {
		return arn
	}
	if r, err := s.viewRole(ctx, &name); err == nil {
		return r.ARN
	}
	return arn
}
