package ssm

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/meta/tag"
)

// GetParameter answers a parameter, or one of its versions by number or label.
func (s *Service) GetParameter(ctx context.Context, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
	sel, err := s.selectorOf(aws.ToString(in.Name))
	if err != nil {
		return nil, err
	}
	var p types.Parameter
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		v, err := s.choose(tx, sel)
		p = s.sdk(v, sel)
		return err
	})
	return &ssm.GetParameterOutput{Parameter: &p}, err
}

// GetParameters answers those that exist, and the names of the others.
func (s *Service) GetParameters(ctx context.Context, in *ssm.GetParametersInput) (*ssm.GetParametersOutput, error) {
	out := &ssm.GetParametersOutput{Parameters: []types.Parameter{}, InvalidParameters: []string{}}
	return out, s.Meta.View(ctx, func(tx *meta.Tx) error {
		for _, name := range in.Names {
			sel, err := s.selectorOf(name)
			var v version
			if err == nil {
				v, err = s.choose(tx, sel)
			}
			switch code := api.Code(err); {
			case code == "ParameterNotFound" || code == "ParameterVersionNotFound":
				out.InvalidParameters = append(out.InvalidParameters, name)
			case err != nil:
				return err
			default:
				out.Parameters = append(out.Parameters, s.sdk(v, sel))
			}
		}
		return nil
	})
}

// GetParameterHistory lists the versions of a parameter, the oldest first.
func (s *Service) GetParameterHistory(ctx context.Context, in *ssm.GetParameterHistoryInput) (*ssm.GetParameterHistoryOutput, error) {
	sel, err := s.selectorOf(aws.ToString(in.Name))
	if err != nil {
		return nil, err
	}
	pg, err := page.Read(in.NextToken, page.Size(in.MaxResults, 50, 50), badToken(), s.Region, "history", sel.key)
	if err != nil {
		return nil, err
	}
	out := &ssm.GetParameterHistoryOutput{Parameters: []types.ParameterHistory{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		p, err := s.find(tx, sel)
		if err != nil {
			return err
		}
		return s.versions.Walk(tx, sel.key+":", pg.After, func(key string, v version) (bool, error) {
			if !pg.Take(key) {
				return false, nil
			}
			out.Parameters = append(out.Parameters, types.ParameterHistory{
				Name: &p.Name, Type: v.Type, Value: &v.Value, Version: v.Number, LastModifiedDate: &v.At, LastModifiedUser: &v.By,
				Description: text(v.Description), AllowedPattern: text(v.Pattern), Labels: append([]string{}, p.labelsOf(v.Number)...),
				Tier: types.ParameterTierStandard, DataType: aws.String(dataType), Policies: []types.ParameterInlinePolicy{},
			})
			return true, nil
		})
	})
	out.NextToken = pg.Next()
	return out, err
}

// DeleteParameter removes a parameter with its versions and tags.
func (s *Service) DeleteParameter(ctx context.Context, in *ssm.DeleteParameterInput) (*ssm.DeleteParameterOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		found, err := s.remove(tx, aws.ToString(in.Name))
		if err == nil && !found {
			err = notFound(*in.Name)
		}
		return err
	})
	return &ssm.DeleteParameterOutput{}, err
}

// DeleteParameters removes those that exist, and answers the names of the others.
func (s *Service) DeleteParameters(ctx context.Context, in *ssm.DeleteParametersInput) (*ssm.DeleteParametersOutput, error) {
	out := &ssm.DeleteParametersOutput{DeletedParameters: []string{}, InvalidParameters: []string{}}
	return out, s.Meta.Update(ctx, func(tx *meta.Tx) error {
		for _, name := range in.Names {
			found, err := s.remove(tx, name)
			if err != nil {
				return err
			}
			if found {
				out.DeletedParameters = append(out.DeletedParameters, name)
			} else {
				out.InvalidParameters = append(out.InvalidParameters, name)
			}
		}
		return nil
	})
}

func (s *Service) remove(tx *meta.Tx, name string) (found bool, err error) {
	sel, err := s.selectorOf(name)
	if err != nil || sel.suffix != "" {
		return false, nil //nolint:nilerr // what is no name has no parameter
	}
	p, found, err := s.parameters.Get(tx, sel.key)
	if err != nil || !found {
		return false, err
	}
	for n := p.Oldest; n <= p.Newest; n++ {
		if _, err := s.versions.Delete(tx, versionKey(sel.key, n)); err != nil {
			return false, err
		}
	}
	if err := tag.Drop(tx, s.arn(sel.key)); err != nil {
		return false, err
	}
	return s.parameters.Delete(tx, sel.key)
}
