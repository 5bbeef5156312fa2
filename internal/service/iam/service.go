// Package iam keeps roles and policies: it stores, returns and lists them as IAM does, and checks their form. Nothing enforces them yet:
// every caller whose signature is right may do everything. Users, groups, instance profiles and access keys are not served.
// API: https://docs.aws.amazon.com/IAM/latest/APIReference/.
package iam

import (
	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/module"
)

// Schema is the service's part of the metadata database. A document is a role or a policy as JSON.
var Schema = meta.Schema{Name: "iam", Migrations: []string{`
CREATE TABLE iam_roles (
  name TEXT PRIMARY KEY COLLATE NOCASE,
  doc  TEXT NOT NULL
);
CREATE TABLE iam_policies (
  arn TEXT PRIMARY KEY,
  doc TEXT NOT NULL
);
`}}

// A Service answers the operations.
type Service struct{ module.Env }

// New returns the service.
func New(env module.Env) *Service { return &Service{env} }

// Module is what the server runs.
func (s *Service) Module() module.Module { return module.Module{API: s.API(), Schema: Schema} }

// API lists the operations.
func (s *Service) API() api.Service {
	const stored = "stored and returned; policies are not enforced yet"
	return api.Service{Name: "iam", Access: s.access(), SDK: "Iam", Ops: []api.Op{
		api.Handle(s.CreateRole, api.Honours("RoleName", "AssumeRolePolicyDocument", "Path", "Description", "MaxSessionDuration", "Tags"), api.Inert("PermissionsBoundary", stored)),
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
		api.Handle(s.ListInstanceProfilesForRole, api.Honours("RoleName"), api.Inert("MaxItems", "there are none"), api.Inert("Marker", "there are none")),
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
