package glue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/meta"
	"penstock/internal/service/glue/answer"
)

// ListDataQualityRulesets lists rulesets by name.
func (s *Service) ListDataQualityRulesets(ctx context.Context,
	in *glue.ListDataQualityRulesetsInput) (*glue.ListDataQualityRulesetsOutput, error) {
	p, err := answer.Page(s.Region, in.NextToken, in.MaxResults, rulesetFilter(in)...)
	if err != nil {
		return nil, err
	}
	after := p.After
	out := &glue.ListDataQualityRulesetsOutput{Rulesets: []types.DataQualityRulesetListDetails{}}
	for {
		var list []ruleset
		err := s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
			list, err = s.rulesetsTx(tx, after, p.Ask(), in.Tags)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			after = r.Name
			if !wanted(&r, in.Filter) {
				continue
			}
			if !p.Take(r.Name) {
				out.NextToken = p.Next()
				return out, nil
			}
			out.Rulesets = append(out.Rulesets, types.DataQualityRulesetListDetails{Name: answer.Ptr(r.Name), Description: r.Description,
				TargetTable: r.Target, CreatedOn: answer.Ptr(r.Created), LastModifiedOn: answer.Ptr(r.Modified), RuleCount: answer.Ptr(int32(r.Rules))})
		}
		if len(list) < p.Ask() {
			return out, nil
		}
	}
}

func rulesetFilter(in *glue.ListDataQualityRulesetsInput) []string {
	parts := []string{"rulesets"}
	if f := in.Filter; f != nil {
		parts = append(parts, answer.Deref(f.Name), answer.Deref(f.Description))
		if t := f.TargetTable; t != nil {
			parts = append(parts, answer.Deref(t.DatabaseName), answer.Deref(t.TableName))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(in.Tags)) {
		parts = append(parts, k, in.Tags[k])
	}
	return parts
}

func wanted(r *ruleset, f *types.DataQualityRulesetFilterCriteria) bool {
	if f == nil {
		return true
	}
	if f.Name != nil && *f.Name != r.Name || f.Description != nil && *f.Description != answer.Deref(r.Description) {
		return false
	}
	if f.TargetTable == nil {
		return true
	}
	return r.Target != nil && answer.Deref(r.Target.DatabaseName) == answer.Deref(f.TargetTable.DatabaseName) &&
		answer.Deref(r.Target.TableName) == answer.Deref(f.TargetTable.TableName)
}

// rulesetsTx reads up to limit rulesets that have all of tags.
func (s *Service) rulesetsTx(tx *meta.Tx, after string, limit int, tags map[string]string) ([]ruleset, error) {
	query := "SELECT " + rulesetColumns + " FROM glue_ruleset WHERE region = ? AND name > ?"
	args := []any{s.Region, after}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		query += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM tag_row WHERE arn = ?%d || name AND key = ?%d AND value = ?%d)",
			len(args)+1, len(args)+2, len(args)+3)
		args = append(args, s.rulesetARN(""), k, tags[k])
	}
	rows, err := tx.Query(query+fmt.Sprintf(" ORDER BY name LIMIT ?%d", len(args)+1), append(args, limit)...)
	if err != nil {
		return nil, err
	}
	var out []ruleset
	for rows.Next() {
		var r ruleset
		if err := r.scan(rows); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, r)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
