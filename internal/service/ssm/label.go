package ssm

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/pattern"
)

const maxLabels = 10 // of one version

var labelPattern = pattern.Lazy(`^[a-zA-Z_.-][a-zA-Z0-9_.-]*$`)

func validLabel(l string) bool {
	low := strings.ToLower(l)
	return labelPattern().MatchString(l) && !strings.HasPrefix(low, "aws") && !strings.HasPrefix(low, "ssm")
}

// LabelParameterVersion gives labels to a version, the newest unless another is named; other versions lose them. Those that no version
// may have are answered.
func (s *Service) LabelParameterVersion(ctx context.Context, in *ssm.LabelParameterVersionInput) (*ssm.LabelParameterVersionOutput, error) {
	out := &ssm.LabelParameterVersionOutput{InvalidLabels: []string{}}
	err := s.editLabels(ctx, in.Name, in.ParameterVersion, func(p *parameter, n int64) error {
		out.ParameterVersion = n
		for _, l := range in.Labels {
			if !validLabel(l) {
				out.InvalidLabels = append(out.InvalidLabels, l)
				continue
			}
			p.Labels[l] = n
		}
		if len(p.labelsOf(n)) > maxLabels {
			return api.Errorf("ParameterVersionLabelLimitExceeded",
				"A parameter version can have maximum %d labels.Move one or more labels to another version and try again.", maxLabels)
		}
		return nil
	})
	return out, err
}

// UnlabelParameterVersion takes labels from a version; those that it has not are answered.
func (s *Service) UnlabelParameterVersion(
	ctx context.Context, in *ssm.UnlabelParameterVersionInput,
) (*ssm.UnlabelParameterVersionOutput, error) {
	out := &ssm.UnlabelParameterVersionOutput{RemovedLabels: []string{}, InvalidLabels: []string{}}
	err := s.editLabels(ctx, in.Name, in.ParameterVersion, func(p *parameter, n int64) error {
		for _, l := range in.Labels {
			if p.Labels[l] != n {
				out.InvalidLabels = append(out.InvalidLabels, l)
			} else if !slices.Contains(out.RemovedLabels, l) {
				out.RemovedLabels = append(out.RemovedLabels, l)
			}
		}
		for _, l := range out.RemovedLabels {
			delete(p.Labels, l)
		}
		return nil
	})
	return out, err
}

func (s *Service) editLabels(ctx context.Context, name *string, which *int64, edit func(p *parameter, n int64) error) error {
	sel, err := s.selectorOf(aws.ToString(name))
	if err != nil {
		return err
	}
	return s.Meta.Update(ctx, func(tx *meta.Tx) error {
		p, err := s.find(tx, sel)
		if err != nil {
			return err
		}
		n := p.Newest
		if which != nil {
			n = *which
		}
		if n < p.Oldest || n > p.Newest {
			return noVersion("version", number(n), p.Name)
		}
		if p.Labels == nil {
			p.Labels = map[string]int64{}
		}
		if err := edit(&p, n); err != nil {
			return err
		}
		return s.parameters.Put(tx, sel.key, p)
	})
}
