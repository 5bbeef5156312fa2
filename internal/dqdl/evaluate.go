package dqdl

import (
	"fmt"
	"math/big"
	"strings"
)

// The results of a rule.
const (
	Pass   = "PASS"
	Fail   = "FAIL"
	Errors = "ERROR"
)

// A RuleResult is the judgement of one rule, in the words of GetDataQualityResult.
type RuleResult struct {
	Rule    Rule
	Result  string
	Message string            // why it failed
	Metrics map[string]string // "Column.c.Completeness": "0.9"
}

// Evaluate judges what the queries of the plan answered: answers[i] is the row of Queries[i], every value as decimal text, nil for NULL
// or for a query that gave no row.
func (p *Plan) Evaluate(answers [][]*string) ([]RuleResult, error) {
	if len(answers) != len(p.Queries) {
		return nil, fmt.Errorf("%d answers for %d queries", len(answers), len(p.Queries))
	}
	next := 0
	results := make([]RuleResult, len(p.rules))
	for i, r := range p.rules {
		results[i] = p.judge(r, answers, &next)
	}
	return results, nil
}

// judge evaluates one rule; compositions evaluate all their parts.
func (p *Plan) judge(r Rule, answers [][]*string, next *int) RuleResult {
	if r.Op == "" {
		m := p.single[*next]
		*next++
		return m.judge(answers[m.query])
	}
	out := RuleResult{Rule: r, Result: Pass, Metrics: map[string]string{}}
	if r.Op == "or" {
		out.Result = Fail
	}
	var why []string
	for _, part := range r.Parts {
		got := p.judge(part, answers, next)
		for k, v := range got.Metrics {
			out.Metrics[k] = v
		}
		if got.Message != "" {
			why = append(why, got.Message)
		}
		switch {
		case r.Op == "and" && got.Result != Pass && out.Result == Pass, r.Op == "or" && got.Result == Pass:
			out.Result = got.Result
		}
	}
	if out.Result != Pass {
		out.Message = strings.Join(why, "; ")
	}
	return out
}

// judge compares what one rule measured.
func (m measure) judge(row []*string) RuleResult {
	out := RuleResult{Rule: m.rule, Result: Errors, Metrics: map[string]string{}}
	if len(row) < m.first+m.count {
		out.Message = "the query gave no row"
		return out
	}
	var values []*big.Rat
	for _, text := range row[m.first : m.first+m.count] {
		if text == nil {
			out.Message = "the query gave NULL where a number is needed"
			return out
		}
		v, ok := new(big.Rat).SetString(*text)
		if !ok {
			out.Message = fmt.Sprintf("the query gave %q where a number is needed", *text)
			return out
		}
		values = append(values, v)
	}
	value := values[0]
	if m.count == 2 {
		value = ratio(values[1], values[0])
	}
	metric, judged := m.rule.verdict(value)
	if metric != "" {
		out.Metrics[metric] = decimal(value)
	}
	out.Result = Pass
	if !judged {
		out.Result = Fail
		out.Message = fmt.Sprintf("Value: %s does not meet the constraint requirement!", decimal(value))
	}
	return out
}

// ratio is part of whole; of nothing, all is right.
func ratio(part, whole *big.Rat) *big.Rat {
	if whole.Sign() == 0 {
		return big.NewRat(1, 1)
	}
	return new(big.Rat).Quo(part, whole)
}

// verdict names the metric of a rule and says whether its value is right.
func (r Rule) verdict(value *big.Rat) (metric string, ok bool) {
	one := big.NewRat(1, 1)
	column := ""
	if len(r.Params) > 0 {
		column = strings.Join(r.Params, ",")
	}
	switch r.Type {
	case "RowCount":
		return "Dataset.*.RowCount", r.Condition.accepts(value)
	case "IsComplete":
		return "Column." + column + ".Completeness", value.Cmp(one) == 0
	case "Completeness":
		return "Column." + column + ".Completeness", r.Condition.accepts(value)
	case "IsUnique":
		if len(r.Params) > 1 {
			return "Multicolumn." + column + ".Uniqueness", value.Cmp(one) == 0
		}
		return "Column." + column + ".Uniqueness", value.Cmp(one) == 0
	case "ColumnValues":
		if r.Threshold != nil {
			return "Column." + column + ".ColumnValues.Compliance", r.Threshold.accepts(value)
		}
		return "Column." + column + ".ColumnValues.Compliance", value.Cmp(one) == 0
	case "CustomSql":
		return "Dataset.*.CustomSQL", r.Condition.accepts(value)
	}
	return "", false
}

// accepts compares a number.
func (c *Condition) accepts(v *big.Rat) bool {
	var o []*big.Rat
	for _, x := range c.Operands {
		n, ok := new(big.Rat).SetString(x.Text)
		if !ok {
			return false
		}
		o = append(o, n)
	}
	switch c.Op {
	case "=":
		return v.Cmp(o[0]) == 0
	case "!=":
		return v.Cmp(o[0]) != 0
	case ">":
		return v.Cmp(o[0]) > 0
	case ">=":
		return v.Cmp(o[0]) >= 0
	case "<":
		return v.Cmp(o[0]) < 0
	case "<=":
		return v.Cmp(o[0]) <= 0
	case "between":
		return (v.Cmp(o[0]) > 0 && v.Cmp(o[1]) < 0) != c.Not
	}
	for _, n := range o {
		if v.Cmp(n) == 0 {
			return !c.Not
		}
	}
	return c.Not
}

// decimal is a number with at most 15 digits after the point.
func decimal(v *big.Rat) string {
	if v.IsInt() {
		return v.Num().String()
	}
	return strings.TrimRight(v.FloatString(15), "0")
}
