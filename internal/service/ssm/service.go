// Package ssm is Parameter Store, the part of Systems Manager that keeps settings: parameters in hierarchies, with versions, labels and
// tags, in AWS's operations, limits and words. Parameters of the types String and StringList in the standard tier are served; SecureString
// (until KMS is), the advanced tier, policies and data types other than text are refused by name, and so is all else of Systems Manager.
// API: https://docs.aws.amazon.com/systems-manager/latest/APIReference/.
package ssm

import (
	"penstock/internal/api"
	"penstock/internal/meta/doc"
	"penstock/internal/module"
)

// A Service answers the operations.
type Service struct {
	module.Env
	parameters doc.Table[parameter]
	versions   doc.Table[version]
}

// New returns the service.
func New(env module.Env) *Service {
	return &Service{
		Env:        env,
		parameters: doc.Table[parameter]{Kind: "ssm.parameter", Region: env.Region},
		versions:   doc.Table[version]{Kind: "ssm.version", Region: env.Region},
	}
}

// Module is what the server runs.
func (s *Service) Module() module.Module { return module.Module{API: s.API()} }

// API lists the operations.
func (s *Service) API() api.Service {
	plain := api.Inert("WithDecryption", "SecureString is not served, so there is nothing to decrypt")
	filters := api.Honours("ParameterFilters[].Key", "ParameterFilters[].Option", "ParameterFilters[].Values")
	resource := api.Honours("ResourceType", "ResourceId")
	return api.Service{Name: "ssm", SDK: "Ssm", Access: access(), Ops: []api.Op{
		api.Handle(s.PutParameter,
			api.Honours("Name", "Value", "Type", "Description", "Overwrite", "AllowedPattern", "DataType", "Tier", "Tags")),
		api.Handle(s.GetParameter, plain, api.Honours("Name")),
		api.Handle(s.GetParameters, plain, api.Honours("Names")),
		api.Handle(s.GetParametersByPath, plain, filters, api.Honours("Path", "Recursive", "MaxResults", "NextToken")),
		api.Handle(s.GetParameterHistory, plain, api.Honours("Name", "MaxResults", "NextToken")),
		api.Handle(s.DescribeParameters, filters, api.Honours("MaxResults", "NextToken")),
		api.Handle(s.DeleteParameter, api.Honours("Name")),
		api.Handle(s.DeleteParameters, api.Honours("Names")),
		api.Handle(s.LabelParameterVersion, api.Changes(), api.Honours("Name", "ParameterVersion", "Labels")),
		api.Handle(s.UnlabelParameterVersion, api.Changes(), api.Honours("Name", "ParameterVersion", "Labels")),
		api.Handle(s.AddTagsToResource, api.Changes(), resource, api.Honours("Tags")),
		api.Handle(s.RemoveTagsFromResource, api.Changes(), resource, api.Honours("TagKeys")),
		api.Handle(s.ListTagsForResource, resource),
	}}
}
