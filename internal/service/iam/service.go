// Package iam keeps roles and policies: it stores, returns and lists them as IAM does, and checks their form. Nothing enforces them yet:
// every caller whose signature is right may do everything. Users, groups, instance profiles and access keys are not served.
// API: https://docs.aws.amazon.com/IAM/latest/APIReference/.
package iam

import (
	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/doc"
	"penstock/internal/module"
)

// Schema moves what the service once kept in tables of its own to those of meta/doc and meta/tag, which come before it.
var Schema = meta.Schema{Name: "iam", Migrations: []string{`
CREATE TABLE iam_roles (
  name TEXT PRIMARY KEY COLLATE NOCASE,
  doc  TEXT NOT NULL
);
CREATE TABLE iam_policies (
  arn TEXT PRIMARY KEY,
  doc TEXT NOT NULL
);
`, `
INSERT INTO doc_row (kind, region, key, doc) SELECT 'iam.role', '', lower(name), json_remove(doc, '$.Tags') FROM iam_roles;
INSERT INTO doc_row (kind, region, key, doc)
  SELECT 'iam.policy', '', lower(json_extract(doc, '$.Name')), json_remove(doc, '$.Tags') FROM iam_policies;
INSERT INTO tag_row (arn, key, value)
  SELECT json_extract(o.doc, '$.ARN'), t.key, t.value FROM (SELECT doc FROM iam_roles UNION ALL SELECT doc FROM iam_policies) o,
    json_each(o.doc, '$.Tags') t WHERE json_type(o.doc, '$.Tags') = 'object';
DROP TABLE iam_roles;
DROP TABLE iam_policies;
`}}

// A Service answers the operations. Roles and policies are the account's, in every region, and found by their names in small letters: IAM
// does not tell names apart by the size of letters.
type Service struct {
	module.Env
	roles    doc.Table[role]
	policies doc.Table[policy]
}

// New returns the service.
func New(env module.Env) *Service {
	return &Service{Env: env, roles: doc.Table[role]{Kind: "iam.role"}, policies: doc.Table[policy]{Kind: "iam.policy"}}
}

// Module is what the server runs.
func (s *Service) Module() module.Module { return module.Module{API: s.API(), Schema: Schema} }

// API lists the operations.
func (s *Service) API() api.Service {
	const stored = "stored and returned; policies are not enforced yet"
	return api.Service{Name: "iam", Global: true, Access: s.access(), SDK: "Iam", Ops: []api.Op{
		api.Handle(s.CreateRole, api.Honours("RoleName", "AssumeRolePolicyDocument", "Path", "Description", "MaxSessionDuration", "Tags"),
			api.Inert("PermissionsBoundary", stored)),
		api.Handle(s.GetRole, api.Honours("RoleName")),
		api.Handle(s.DeleteRole, api.Honours("RoleName")),
		api.Handle(s.ListRoles, api.Honours("PathPrefix", "MaxItems", "Marker")),
		api.Handle(s.UpdateRole, api.Honours("RoleName", "Description", "MaxSessionDuration")),
		api.Handle(s.UpdateAssumeRolePolicy, api.Honours("RoleName", "PolicyDocument")),
		api.Handle(s.PutRolePolicy, api.Honours("RoleName", "PolicyName", "PolicyDocument")),
		api.Handle(s.GetRolePolicy, api.Honours("RoleName", "PolicyName")),
		api.Handle(s.ListRolePolicies, api.Honours("RoleName", "MaxItems", "Marker")),
		api.Handle(s.DeleteRolePolicy, api.Honours("RoleName", "PolicyName")),
		api.Handle(s.AttachRolePolicy, api.Honours("RoleName", "PolicyArn")),
		api.Handle(s.DetachRolePolicy, api.Honours("RoleName", "PolicyArn")),
		api.Handle(s.ListAttachedRolePolicies, api.Honours("RoleName", "PathPrefix", "MaxItems", "Marker")),
		api.Handle(s.ListInstanceProfilesForRole, api.Honours("RoleName"), api.Inert("MaxItems", "there are none"),
			api.Inert("Marker", "there are none")),
		api.Handle(s.TagRole, api.Honours("RoleName", "Tags")),
		api.Handle(s.UntagRole, api.Honours("RoleName", "TagKeys")),
		api.Handle(s.ListRoleTags, api.Honours("RoleName", "MaxItems", "Marker")),
		api.Handle(s.CreatePolicy, api.Honours("PolicyName", "PolicyDocument", "Path", "Description", "Tags")),
		api.Handle(s.GetPolicy, api.Honours("PolicyArn")),
		api.Handle(s.DeletePolicy, api.Honours("PolicyArn")),
		api.Handle(s.ListPolicies, api.Honours("Scope", "OnlyAttached", "PathPrefix", "MaxItems", "Marker")),
		api.Handle(s.CreatePolicyVersion, api.Honours("PolicyArn", "PolicyDocument", "SetAsDefault")),
		api.Handle(s.GetPolicyVersion, api.Honours("PolicyArn", "VersionId")),
		api.Handle(s.ListPolicyVersions, api.Honours("PolicyArn", "MaxItems", "Marker")),
		api.Handle(s.DeletePolicyVersion, api.Honours("PolicyArn", "VersionId")),
		api.Handle(s.SetDefaultPolicyVersion, api.Honours("PolicyArn", "VersionId")),
	}}
}
