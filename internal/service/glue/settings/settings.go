package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/service/glue/answer"
)

// A Service is the reads of settings.
type Service struct{ module.Env }

// Ops is their table.
func (s *Service) Ops() []api.Op {
	return []api.Op{
		api.Handle(s.GetSecurityConfiguration, api.Honours("Name")),
		api.Handle(s.GetSecurityConfigurations, api.Honours("NextToken"), api.Inert("MaxResults", "there are none")),
		api.Handle(s.GetResourcePolicy, api.Inert("ResourceArn", "there are no policies")),
		api.Handle(s.GetResourcePolicies, api.Honours("NextToken"), api.Inert("MaxResults", "there are none")),
		api.Handle(s.GetDataCatalogEncryptionSettings, api.Honours("CatalogId")),
	}
}

// GetSecurityConfiguration finds none.
func (s *Service) GetSecurityConfiguration(_ context.Context,
	in *glue.GetSecurityConfigurationInput) (*glue.GetSecurityConfigurationOutput, error) {
	return nil, api.Errorf(answer.NotFound, "Security Configuration with name %s not found", answer.Deref(in.Name))
}

// noPage refuses the token of a list that has no pages.
func noPage(token *string) error {
	if answer.Deref(token) != "" {
		return answer.Error(meta.ErrToken)
	}
	return nil
}

// GetSecurityConfigurations lists none.
func (s *Service) GetSecurityConfigurations(_ context.Context,
	in *glue.GetSecurityConfigurationsInput) (*glue.GetSecurityConfigurationsOutput, error) {
	if err := noPage(in.NextToken); err != nil {
		return nil, err
	}
	return &glue.GetSecurityConfigurationsOutput{SecurityConfigurations: []types.SecurityConfiguration{}}, nil
}

// GetResourcePolicy finds none.
func (s *Service) GetResourcePolicy(context.Context, *glue.GetResourcePolicyInput) (*glue.GetResourcePolicyOutput, error) {
	return nil, api.Errorf(answer.NotFound, "Policy not found")
}

// GetResourcePolicies lists none.
func (s *Service) GetResourcePolicies(_ context.Context, in *glue.GetResourcePoliciesInput) (*glue.GetResourcePoliciesOutput, error) {
	if err := noPage(in.NextToken); err != nil {
		return nil, err
	}
	return &glue.GetResourcePoliciesOutput{GetResourcePoliciesResponseList: []types.GluePolicy{}}, nil
}

// GetDataCatalogEncryptionSettings says that nothing is encrypted.
func (s *Service) GetDataCatalogEncryptionSettings(_ context.Context,
	in *glue.GetDataCatalogEncryptionSettingsInput) (*glue.GetDataCatalogEncryptionSettingsOutput, error) {
	if err := answer.OwnCatalog(s.Account, in.CatalogId); err != nil {
		return nil, err
	}
	return &glue.GetDataCatalogEncryptionSettingsOutput{DataCatalogEncryptionSettings: &types.DataCatalogEncryptionSettings{
		EncryptionAtRest:             &types.EncryptionAtRest{CatalogEncryptionMode: types.CatalogEncryptionModeDisabled},
		ConnectionPasswordEncryption: &types.ConnectionPasswordEncryption{},
	}}, nil
}
