package compile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/dqdl"
	"penstock/internal/pipeline"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// judged is the name under which rules know the rows that they judge, as in AWS Glue.
const judged = "primary"

// rules checks that the rules on a table name columns that it has, in their parameters and in their SQL. A crawled source has whatever
// columns a rule names.
func (b *bindings) rules(of string, rel typed.Relation, rules []pipeline.Rule) {
	var columns []string
	for _, c := range rel.Columns {
		columns = append(columns, c.Name)
	}
	for _, r := range rules {
		rule, err := dqdl.ParseRule(r.Text)
		if err != nil {
			continue // package pipeline has reported it
		}
		known := true
		for _, c := range rule.Columns() {
			if !rel.Open && !slices.Contains(columns, strings.ToLower(c)) {
				known = false
				b.problem(r.At, "the rule names a column %q, which %s does not have%s", c, of, nearestOf(c, columns))
			}
		}
		if !known {
			continue
		}
		err = bindRule(of, rel, rule)
		var said *syntax.Error
		switch {
		case errors.As(err, &said) && rule.Type == "CustomSql" && said.Line != "":
			b.problem(r.At, "the rule cannot be evaluated over %s: %s\n%s", of, said.Msg, said.Caret())
		case errors.As(err, &said): // its text is made from the rule: the writer does not know it
			b.problem(r.At, "the rule cannot be evaluated over %s: %s", of, said.Msg)
		case err != nil:
			b.problem(r.At, "the rule cannot be evaluated over %s: %v", of, err)
		}
	}
}

func nearestOf(word string, words []string) string {
	if w := pipeline.Nearest(word, words); w != "" {
		return fmt.Sprintf("; did you mean %q?", w)
	}
	return "; it has " + strings.Join(words, ", ")
}

// bindRule binds the SQL that a rule is evaluated by.
func bindRule(of string, rel typed.Relation, rule dqdl.Rule) error {
	plan, err := dqdl.Compile(&dqdl.Ruleset{Rules: []dqdl.Rule{rule}}, judged)
	if err != nil {
		return err
	}
	lookup := func(name []string) (typed.Relation, error) {
		if last := strings.ToLower(name[len(name)-1]); len(name) > 2 || last != judged && last != of {
			return typed.Relation{}, fmt.Errorf("there is no table %s: a rule sees the rows that it judges, as %s", strings.Join(name, "."), judged)
		}
		return rel, nil
	}
	for _, query := range plan.Queries {
		statements, err := parse.Statements(query, dialect.Spark)
		if err != nil {
			return err
		}
		if len(statements) != 1 {
			return fmt.Errorf("%q is not one query", query)
		}
		if _, err := bind.Statement(statements[0],
			bind.Options{Dialect: dialect.Spark, Text: query, Lookup: lookup, AllowUnknown: true}); err != nil {
			return err
		}
	}
	return nil
}
