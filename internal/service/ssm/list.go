package ssm

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/meta/tag"
)

// GetParametersByPath answers the parameters of a hierarchy in the order of their names.
func (s *Service) GetParametersByPath(ctx context.Context, in *ssm.GetParametersByPathInput) (*ssm.GetParametersByPathOutput, error) {
	path := strings.TrimSuffix(aws.ToString(in.Path), "/")
	if path != "" && !pathName().MatchString(path) || aws.ToString(in.Path) == "" {
		return nil, invalid(`The parameter doesn't meet the parameter name requirements. ` +
			`The parameter name must begin with a forward slash "/". ` +
			`It can't be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: ` +
			`. (period), - (hyphen), _ (underscore). ` +
			`Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". ` +
			`Valid example: /get/parameters2-/by1./path0_.`)
	}
	f, err := filtersOf(in.ParameterFilters, "Type", "KeyId", "Label", "DataType")
	if err != nil {
		return nil, err
	}
	recursive := aws.ToBool(in.Recursive)
	pg, err := page.Read(in.NextToken, page.Size(in.MaxResults, 10, 10), badToken(), s.Region, "path", path, fmt.Sprint(recursive), f.hash())
	if err != nil {
		return nil, err
	}
	out := &ssm.GetParametersByPathOutput{Parameters: []types.Parameter{}}
	err = s.walk(ctx, pg, path, recursive, f, func(p parameter, v version) {
		out.Parameters = append(out.Parameters, s.sdk(v, selector{}))
	})
	out.NextToken = pg.Next()
	return out, err
}

// DescribeParameters lists parameters without their values, in the order of their names.
func (s *Service) DescribeParameters(ctx context.Context, in *ssm.DescribeParametersInput) (*ssm.DescribeParametersOutput, error) {
	f, err := filtersOf(in.ParameterFilters, "Path", "Name", "Type", "KeyId", "Tier", "DataType", "tag:")
	if err != nil {
		return nil, err
	}
	pg, err := page.Read(in.NextToken, page.Size(in.MaxResults, 10, 50), badToken(), s.Region, "describe", f.hash())
	if err != nil {
		return nil, err
	}
	out := &ssm.DescribeParametersOutput{Parameters: []types.ParameterMetadata{}}
	err = s.walk(ctx, pg, "", true, f, func(p parameter, v version) {
		out.Parameters = append(out.Parameters, types.ParameterMetadata{
			Name: &p.Name, ARN: aws.String(s.arn(p.Name)), Type: p.Type, LastModifiedDate: &v.At, LastModifiedUser: &v.By, Version: v.Number,
			Description: text(v.Description), AllowedPattern: text(v.Pattern), Tier: types.ParameterTierStandard,
			DataType: aws.String(dataType), Policies: []types.ParameterInlinePolicy{},
		})
	})
	out.NextToken = pg.Next()
	return out, err
}

// walk gives show the page of the parameters below a path ("" is the root) that pass the filters, each with its newest version, or the
// one with the label that is asked for.
func (s *Service) walk(ctx context.Context, pg *page.Page, path string, recursive bool, fs filters, show func(parameter, version)) error {
	prefix := ""
	if path != "" {
		prefix = path + "/"
	}
	return s.Meta.View(ctx, func(tx *meta.Tx) error {
		return s.parameters.Walk(tx, prefix, pg.After, func(key string, p parameter) (bool, error) {
			if !recursive && strings.Contains(key[len(prefix):], "/") {
				return true, nil
			}
			ok, err := s.passes(tx, key, p, fs)
			if err != nil || !ok {
				return err == nil, err
			}
			if !pg.Take(key) {
				return false, nil
			}
			v := p.Latest
			if n := fs.labelled(p); n != 0 {
				v, _, err = s.versions.Get(tx, versionKey(key, n))
			}
			show(p, v)
			return true, err
		})
	})
}

func (s *Service) passes(tx *meta.Tx, key string, p parameter, fs filters) (bool, error) {
	for _, f := range fs {
		ok := false
		switch name, isTag := strings.CutPrefix(f.key, "tag:"); {
		case isTag:
			tags, err := tag.Of(tx, s.arn(key))
			if err != nil {
				return false, err
			}
			ok = tag.Match(tags, name, f.values)
		default:
			ok = f.matches(p)
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}
