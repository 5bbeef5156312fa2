package cloudformation

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/service/cloudformation/template"
)

// GetTemplate answers the template of a stack or of a change set, letter by letter.
func (s *Service) GetTemplate(ctx context.Context, in *cloudformation.GetTemplateInput) (*cloudformation.GetTemplateOutput, error) {
	out := &cloudformation.GetTemplateOutput{StagesAvailable: []types.TemplateStage{types.TemplateStageOriginal, types.TemplateStageProcessed}}
	if in.ChangeSetName != nil {
		cs, err := s.changeSet(ctx, in.StackName, in.ChangeSetName)
		out.TemplateBody = aws.String(cs.Target.Template)
		return out, err
	}
	st, err := s.stack(ctx, aws.ToString(in.StackName))
	if err != nil {
		return nil, err
	}
	out.TemplateBody = aws.String(st.Current.Template)
	return out, nil
}

// GetTemplateSummary describes a template, or that of a stack, without making anything.
func (s *Service) GetTemplateSummary(
	ctx context.Context, in *cloudformation.GetTemplateSummaryInput,
) (*cloudformation.GetTemplateSummaryOutput, error) {
	body, err := s.summarised(ctx, in)
	if err != nil {
		return nil, err
	}
	t, err := s.parse(body)
	if err != nil {
		return nil, err
	}
	out := &cloudformation.GetTemplateSummaryOutput{Description: text(t.Description), Version: text(t.Version),
		Parameters: []types.ParameterDeclaration{}, ResourceTypes: []string{}}
	if t.Metadata != nil {
		doc, err := marshal(t.Metadata)
		if err != nil {
			return nil, err
		}
		out.Metadata = aws.String(doc)
	}
	for _, key := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[key]
		d := types.ParameterDeclaration{ParameterKey: aws.String(key), ParameterType: aws.String(p.Type), DefaultValue: p.Default,
			Description: text(p.Description), NoEcho: aws.Bool(p.NoEcho),
			ParameterConstraints: &types.ParameterConstraints{AllowedValues: p.AllowedValues}}
		out.Parameters = append(out.Parameters, d)
	}
	for _, r := range t.Resources {
		if !slices.Contains(out.ResourceTypes, r.Type) {
			out.ResourceTypes = append(out.ResourceTypes, r.Type)
		}
	}
	slices.Sort(out.ResourceTypes)
	if c, why := s.capabilities(t); c != "" {
		out.Capabilities, out.CapabilitiesReason = []types.Capability{types.Capability(c)}, aws.String(why)
	}
	return out, nil
}

// summarised is the template that GetTemplateSummary is asked of.
func (s *Service) summarised(ctx context.Context, in *cloudformation.GetTemplateSummaryInput) (*string, error) {
	if in.StackName == nil {
		return s.source(ctx, in.TemplateBody, in.TemplateURL)
	}
	if in.TemplateBody != nil || in.TemplateURL != nil {
		return nil, invalid("Only one of StackName and TemplateBody may be specified.")
	}
	st, err := s.stack(ctx, *in.StackName)
	return &st.Current.Template, err
}

// ValidateTemplate checks a template as CreateStack would, parameters apart.
func (s *Service) ValidateTemplate(
	ctx context.Context, in *cloudformation.ValidateTemplateInput,
) (*cloudformation.ValidateTemplateOutput, error) {
	body, err := s.source(ctx, in.TemplateBody, in.TemplateURL)
	if err != nil {
		return nil, err
	}
	t, err := s.parse(body)
	if err != nil {
		return nil, err
	}
	out := &cloudformation.ValidateTemplateOutput{Description: aws.String(t.Description), Parameters: templateParameters(t)}
	if c, why := s.capabilities(t); c != "" {
		out.Capabilities, out.CapabilitiesReason = []types.Capability{types.Capability(c)}, aws.String(why)
	}
	return out, nil
}

func templateParameters(t *template.Template) []types.TemplateParameter {
	out := []types.TemplateParameter{}
	for _, key := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[key]
		out = append(out, types.TemplateParameter{ParameterKey: aws.String(key), DefaultValue: p.Default, Description: text(p.Description),
			NoEcho: aws.Bool(p.NoEcho)})
	}
	return out
}

// ListExports lists the exports of all stacks by name.
func (s *Service) ListExports(ctx context.Context, in *cloudformation.ListExportsInput) (*cloudformation.ListExportsOutput, error) {
	out := &cloudformation.ListExportsOutput{Exports: []types.Export{}}
	names, next, err := s.names(ctx, in.NextToken,
		`SELECT name FROM cfn_exports WHERE region = ?1 AND ?2 = ?2 AND name > ?3 ORDER BY name LIMIT ?4`, "exports")
	if err != nil {
		return nil, err
	}
	out.NextToken = next
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		for _, n := range names {
			var stack, value string
			row := tx.QueryRow(`SELECT stack, value FROM cfn_exports WHERE region = ? AND name = ?`, s.Region, n)
			if err := row.Scan(&stack, &value); err != nil {
				continue // gone since
			}
			out.Exports = append(out.Exports, types.Export{Name: aws.String(n), Value: aws.String(value), ExportingStackId: aws.String(stack)})
		}
		return nil
	})
	return out, err
}

// ListImports lists the stacks that use an export.
func (s *Service) ListImports(ctx context.Context, in *cloudformation.ListImportsInput) (*cloudformation.ListImportsOutput, error) {
	name := aws.ToString(in.ExportName)
	ids, next, err := s.names(ctx, in.NextToken,
		`SELECT stack FROM cfn_imports WHERE region = ?1 AND name = ?2 AND stack > ?3 ORDER BY stack LIMIT ?4`, name)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 && in.NextToken == nil {
		return nil, invalid("Export '%s' is not imported by any stack.", name)
	}
	for i := range ids {
		ids[i] = stackNameOf(ids[i])
	}
	return &cloudformation.ListImportsOutput{Imports: ids, NextToken: next}, nil
}

// names reads a page of a sorted list of texts.
func (s *Service) names(ctx context.Context, token *string, query, filter string) (out []string, next *string, err error) {
	p, err := s.readPage(token, query, filter)
	if err != nil {
		return nil, nil, err
	}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(query, s.Region, filter, p.After, p.Ask())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n string
			if err := rows.Scan(&n); err != nil {
				return err
			}
			out = append(out, n)
		}
		return rows.Err()
	})
	out = page.Cut(p, out, func(n string) string { return n })
	return out, p.Next(), err
}
