package glue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/service/glue/answer"
)

func (s *Service) rulesetOps() []api.Op {
	return []api.Op{
		api.Handle(s.CreateDataQualityRuleset, api.Honours(answer.Words("Name Ruleset ClientToken Tags")...),
			answer.Inert(answer.Words("Description TargetTable.DatabaseName TargetTable.TableName TargetTable.CatalogId")...)),
		api.Handle(s.GetDataQualityRuleset, api.Honours("Name")),
		api.Handle(s.ListDataQualityRulesets, api.Honours(
			answer.Words("MaxResults NextToken Tags Filter.Name Filter.Description Filter.TargetTable.DatabaseName "+
				"Filter.TargetTable.TableName")...)),
		api.Handle(s.UpdateDataQualityRuleset, api.Honours(answer.Words("Name Ruleset Description")...)),
		api.Handle(s.DeleteDataQualityRuleset, api.Honours("Name")),
	}
}

// A ruleset is a data quality ruleset as it is stored.
type ruleset struct {
	Name        string                        `json:"-"`
	Created     time.Time                     `json:"-"`
	Modified    time.Time                     `json:"-"`
	Rules       int                           `json:"-"`
	Token       string                        `json:"-"`
	Text        string                        `json:"text"`
	Description *string                       `json:"description,omitempty"`
	Target      *types.DataQualityTargetTable `json:"target,omitempty"`
}

func (r *ruleset) scan(row interface{ Scan(...any) error }) error {
	var created, modified int64
	var doc string
	if err := row.Scan(&r.Name, &created, &modified, &r.Rules, &r.Token, &doc); err != nil {
		return err
	}
	r.Created, r.Modified = time.UnixMilli(created).UTC(), time.UnixMilli(modified).UTC()
	return json.Unmarshal([]byte(doc), r)
}

const rulesetColumns = "name, created, modified, rules, token, doc"

func (s *Service) rulesetTx(tx *meta.Tx, name string) (*ruleset, error) {
	r := &ruleset{}
	err := r.scan(tx.QueryRow("SELECT "+rulesetColumns+" FROM glue_ruleset WHERE region = ? AND name = ?", s.Region, name))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, api.Errorf(answer.NotFound, "Data quality ruleset %s not found.", name)
	}
	return r, err
}

func (s *Service) ruleset(ctx context.Context, name string) (r *ruleset, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		r, err = s.rulesetTx(tx, name)
		return err
	})
	return r, err
}

func (s *Service) rulesetARN(name string) string { return s.arn("dataQualityRuleset/" + name) }

// CreateDataQualityRuleset stores a ruleset whose rules can all be evaluated.
func (s *Service) CreateDataQualityRuleset(ctx context.Context,
	in *glue.CreateDataQualityRulesetInput) (*glue.CreateDataQualityRulesetOutput, error) {
	rules, err := checkRuleset(answer.Deref(in.Ruleset))
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(ruleset{Text: answer.Deref(in.Ruleset), Description: in.Description, Target: in.TargetTable})
	if err != nil {
		return nil, fmt.Errorf("encode ruleset: %w", err)
	}
	name, token := answer.Deref(in.Name), answer.Deref(in.ClientToken)
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		old, err := s.rulesetTx(tx, name)
		if err == nil && token != "" && old.Token == token && old.Text == answer.Deref(in.Ruleset) {
			return nil
		}
		if err == nil {
			return api.Errorf(answer.Exists, "Data quality ruleset %s already exists.", name)
		}
		if api.Code(err) != answer.NotFound {
			return err
		}
		now := s.Clock.Now().UnixMilli()
		_, err = tx.Exec("INSERT INTO glue_ruleset (region, "+rulesetColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
			s.Region, name, now, now, rules, token, string(doc))
		if err != nil {
			return err
		}
		return answer.PutTags(tx, s.rulesetARN(name), in.Tags)
	})
	if err != nil {
		return nil, err
	}
	return &glue.CreateDataQualityRulesetOutput{Name: in.Name}, nil
}

// GetDataQualityRuleset shows a ruleset.
func (s *Service) GetDataQualityRuleset(ctx context.Context,
	in *glue.GetDataQualityRulesetInput) (*glue.GetDataQualityRulesetOutput, error) {
	r, err := s.ruleset(ctx, answer.Deref(in.Name))
	if err != nil {
		return nil, err
	}
	return &glue.GetDataQualityRulesetOutput{Name: answer.Ptr(r.Name), Ruleset: answer.Ptr(r.Text), Description: r.Description,
		TargetTable: r.Target,
		CreatedOn:   answer.Ptr(r.Created), LastModifiedOn: answer.Ptr(r.Modified)}, nil
}

// UpdateDataQualityRuleset replaces what is given of a ruleset.
func (s *Service) UpdateDataQualityRuleset(ctx context.Context,
	in *glue.UpdateDataQualityRulesetInput) (*glue.UpdateDataQualityRulesetOutput, error) {
	var rules int
	if in.Ruleset != nil {
		var err error
		if rules, err = checkRuleset(*in.Ruleset); err != nil {
			return nil, err
		}
	}
	out := &glue.UpdateDataQualityRulesetOutput{Name: in.Name}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := s.rulesetTx(tx, answer.Deref(in.Name))
		if err != nil {
			return err
		}
		if in.Ruleset != nil {
			r.Text, r.Rules = *in.Ruleset, rules
		}
		if in.Description != nil {
			r.Description = in.Description
		}
		doc, err := json.Marshal(r)
		if err != nil {
			return err
		}
		out.Ruleset, out.Description = answer.Ptr(r.Text), r.Description
		_, err = tx.Exec("UPDATE glue_ruleset SET modified = ?, rules = ?, doc = ? WHERE region = ? AND name = ?",
			s.Clock.Now().UnixMilli(), r.Rules, string(doc), s.Region, r.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteDataQualityRuleset removes a ruleset.
func (s *Service) DeleteDataQualityRuleset(ctx context.Context,
	in *glue.DeleteDataQualityRulesetInput) (*glue.DeleteDataQualityRulesetOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := s.rulesetTx(tx, answer.Deref(in.Name)); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM glue_ruleset WHERE region = ? AND name = ?", s.Region, *in.Name); err != nil {
			return err
		}
		return tag.Drop(tx, s.rulesetARN(*in.Name))
	})
	if err != nil {
		return nil, err
	}
	return &glue.DeleteDataQualityRulesetOutput{}, nil
}
