// Package redshiftserverless is the Redshift Serverless API: namespaces, workgroups, temporary credentials, tags. What a workgroup does is
// package warehouse's. Snapshots, usage limits, VPC endpoints, custom domains, IAM Identity Center and scheduled actions are not served.
// API: https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/.
package redshiftserverless

import (
	"penstock/internal/api"
	"penstock/internal/module"
	"penstock/internal/warehouse"
)

// A Service answers the operations.
type Service struct {
	module.Env
	w *warehouse.Warehouses
}

// New returns the service.
func New(env module.Env, w *warehouse.Warehouses) *Service { return &Service{env, w} }

// Module is what the server runs.
func (s *Service) Module() module.Module { return module.Module{API: s.API()} }

const stored = "stored and returned"

// API lists the operations.
func (s *Service) API() api.Service {
	network := []api.Option{api.Inert("SecurityGroupIds", stored+"; there is no VPC"), api.Inert("SubnetIds", stored+"; there is no VPC"),
		api.Inert("EnhancedVpcRouting", stored+"; there is no VPC"),
		api.Inert("PubliclyAccessible", stored+"; the listener's address is the server's to say"),
		api.Inert("BaseCapacity", stored+"; memory and threads are the server's to say"),
		api.Inert("MaxCapacity", stored), api.Inert("TrackName", stored),
		api.Inert("ConfigParameters[].ParameterKey", stored), api.Inert("ConfigParameters[].ParameterValue", stored)}
	network = append(network, api.Holds("IpAddressType", "ipv4"), api.Holds("PricePerformanceTarget.Status", "DISABLED"))
	roles := []api.Option{api.Inert("IamRoles", stored+"; policies are not enforced yet"),
		api.Inert("DefaultIamRoleArn", stored+"; policies are not enforced yet"),
		api.Inert("LogExports", stored), api.Holds("KmsKeyId", "AWS_OWNED_KMS_KEY")}
	return api.Service{Name: "redshift-serverless", Access: s.access(), SDK: "RedshiftServerless", Ops: []api.Op{
		api.Handle(s.CreateNamespace, append(roles, api.Honours("NamespaceName", "AdminUsername", "AdminUserPassword",
			"DbName", "Tags[].Key", "Tags[].Value"))...),
		api.Handle(s.GetNamespace, api.Honours("NamespaceName")),
		api.Handle(s.ListNamespaces, api.Honours("MaxResults", "NextToken")),
		api.Handle(s.UpdateNamespace, append(roles, api.Honours("NamespaceName", "AdminUsername", "AdminUserPassword"))...),
		api.Handle(s.DeleteNamespace, api.Honours("NamespaceName")),
		api.Handle(s.CreateWorkgroup, append(network, api.Honours("WorkgroupName", "NamespaceName", "Port", "Tags[].Key", "Tags[].Value"))...),
		api.Handle(s.GetWorkgroup, api.Honours("WorkgroupName")),
		api.Handle(s.ListWorkgroups, api.Honours("MaxResults", "NextToken")),
		api.Handle(s.UpdateWorkgroup, append(network, api.Honours("WorkgroupName"))...),
		api.Handle(s.DeleteWorkgroup, api.Honours("WorkgroupName")),
		api.Handle(s.GetCredentials, api.Changes(), api.Honours("WorkgroupName", "DurationSeconds"),
			api.Inert("DbName", "the password is good for every database of the namespace")),
		api.Handle(s.TagResource, api.Honours("ResourceArn", "Tags[].Key", "Tags[].Value")),
		api.Handle(s.UntagResource, api.Honours("ResourceArn", "TagKeys")),
		api.Handle(s.ListTagsForResource, api.Honours("ResourceArn")),
	}}
}
