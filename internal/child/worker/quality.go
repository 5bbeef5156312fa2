package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/dqdl"
	"penstock/internal/engine"
	"penstock/internal/schema"
	"penstock/internal/serde"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/print"
	"penstock/internal/sql/typed"
)

// primary is the name under which rules know the rows that they judge, as in AWS Glue.
const primary = "primary"

// examples is how many rows that break a rule are named.
const examples = 20

// judged is what a ruleset is evaluated on.
type judged struct {
	name    string
	text    string // the DuckDB table or query
	columns []schema.Field
	parts   []reading.Part // a row that is located says by its hidden columns in which file and on which line it starts
	located bool
	bad     []reading.BadValue // values that are NULL because their text does not fit
}

// quality evaluates the target's ruleset on the result, before anything of it is visible.
func (t *transform) quality(ctx context.Context) error {
	set, _, err := t.ruleset(ctx)
	if err != nil {
		return err
	}
	return t.judge(ctx, t.engine, set, &judged{name: t.target.Table.Name, text: outTable, columns: t.target.Columns})
}

// judge evaluates the ruleset that --penstock-ruleset names; nil is none. A rule that fails, or cannot be evaluated, is an error that
// lists the rules and the first rows that break them.
func (r *run) judge(ctx context.Context, e *engine.Engine, set *dqdl.Ruleset, j *judged) error {
	name := r.args["--penstock-ruleset"]
	if set == nil {
		return nil
	}
	c, err := e.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	results, err := r.evaluate(ctx, c, set, j)
	if err != nil {
		return fmt.Errorf("ruleset %s on %s: %w", name, j.name, err)
	}
	var broken []string
	for _, res := range results {
		unfit := j.unfit(res.Rule)
		res = without(res, unfit)
		r.result.Rules = append(r.result.Rules, task.Rule{Rule: res.Rule.Text, Result: res.Result, Message: res.Message, Metrics: res.Metrics})
		r.say("rule %s: %s %s", res.Rule.Text, res.Result, res.Message)
		if res.Result != dqdl.Pass {
			broken = append(broken, r.explain(ctx, c, res, j, unfit))
		}
	}
	if len(broken) == 0 {
		return nil
	}
	return fmt.Errorf("data quality of %s failed: %d of %d rules of ruleset %s do not hold\n%s", j.name, len(broken), len(results),
		name, strings.Join(broken, "\n"))
}

// ruleset asks Glue for the rules as they are now.
func (r *run) ruleset(ctx context.Context) (set *dqdl.Ruleset, text string, err error) {
	name := r.args["--penstock-ruleset"]
	if name == "" {
		return nil, "", nil
	}
	in, err := json.Marshal(map[string]string{"Name": name})
	if err != nil {
		return nil, "", err
	}
	out, err := r.parent.Invoke(ctx, "glue", "GetDataQualityRuleset", json.RawMessage(in))
	if err != nil {
		return nil, "", fmt.Errorf("ruleset %s: %w", name, err)
	}
	var a struct{ Ruleset string }
	raw, ok := out.(json.RawMessage)
	if !ok {
		return nil, "", fmt.Errorf("ruleset %s: answered with %T", name, out)
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, "", fmt.Errorf("ruleset %s: %w", name, err)
	}
	if set, err = dqdl.Parse(a.Ruleset); err != nil {
		return nil, "", fmt.Errorf("ruleset %s: %w", name, err)
	}
	return set, a.Ruleset, nil
}

func (r *run) evaluate(ctx context.Context, c *engine.Conn, set *dqdl.Ruleset, j *judged) ([]dqdl.RuleResult, error) {
	plan, err := dqdl.Compile(set, primary)
	if err != nil {
		return nil, err
	}
	answers := make([][]*string, len(plan.Queries))
	for i, q := range plan.Queries {
		rows, err := j.ask(ctx, c, q)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			answers[i] = rows[0]
		}
	}
	return plan.Evaluate(answers)
}

// ask runs a query in Spark's dialect over the judged rows.
func (j *judged) ask(ctx context.Context, c *engine.Conn, query string) ([][]*string, error) {
	stmts, err := parse.Statements(query, dialect.Spark)
	if err != nil {
		return nil, err
	}
	if len(stmts) != 1 {
		return nil, fmt.Errorf("%q is not one query", query)
	}
	b, err := bind.Statement(stmts[0], bind.Options{Dialect: dialect.Spark, Text: query, Lookup: j.lookup, AllowUnknown: true})
	if err != nil {
		return nil, err
	}
	text, err := print.DuckDB(b.Statement, func(typed.Relation) string { return j.text })
	if err != nil {
		return nil, err
	}
	if err := define(ctx, c, text); err != nil {
		return nil, err
	}
	rows, err := c.Texts(ctx, text)
	if err != nil {
		return nil, reading.Named(err, j.parts)
	}
	return rows, nil
}

// lookup knows the judged rows, as primary and under their table's name.
func (j *judged) lookup(name []string) (typed.Relation, error) {
	if last := strings.ToLower(name[len(name)-1]); len(name) > 2 || last != primary && last != j.name {
		return typed.Relation{}, fmt.Errorf("table %s: a rule sees the rows that it judges, as %s", strings.Join(name, "."), primary)
	}
	out := typed.Relation{Name: []string{primary}}
	for _, c := range j.columns {
		t, err := typed.ParseLake(c.Type.String())
		if err != nil {
			return out, fmt.Errorf("column %s: %w", c.Name, err)
		}
		out.Columns = append(out.Columns, typed.Column{Name: c.Name, Type: t})
	}
	if j.located {
		out.Columns = append(out.Columns, typed.Column{Name: reading.FileColumn, Type: typed.T(typed.Int)},
			typed.Column{Name: reading.LineColumn, Type: typed.T(typed.Bigint)})
	}
	return out, nil
}

// explain tells why a rule does not hold and names the first rows that break it, those that could not be read at all before others.
func (r *run) explain(ctx context.Context, c *engine.Conn, res dqdl.RuleResult, j *judged, unfit []string) string {
	lines := append([]string{fmt.Sprintf("rule %s: %s %s", res.Rule.Text, res.Result, res.Message)}, unfit...)
	if hint := res.Rule.Hint(); hint != "" {
		lines[0] += " (" + hint + ")"
	}
	for _, rule := range flat(res.Rule) {
		where, col, ok := dqdl.Violation(rule, primary)
		if !ok {
			continue
		}
		rows, err := j.violations(ctx, c, where, col)
		if err != nil {
			r.log.Warn("the rows that break a rule are not found", "rule", rule.Text, "err", err)
			continue
		}
		lines = append(lines, rows...)
	}
	for _, l := range lines[1:] {
		r.say("%s", strings.TrimSpace(l))
	}
	return strings.Join(lines, "\n")
}

// flat gives the single rules of a composition.
func flat(r dqdl.Rule) []dqdl.Rule {
	if r.Op == "" {
		return []dqdl.Rule{r}
	}
	var list []dqdl.Rule
	for _, p := range r.Parts {
		list = append(list, flat(p)...)
	}
	return list
}

// violations describes rows that break a rule: file, line, column and value; of a result, which has no lines, column and value.
func (j *judged) violations(ctx context.Context, c *engine.Conn, where, col string) ([]string, error) {
	quoted := "`" + col + "`"
	query := fmt.Sprintf("SELECT CAST(%s AS string) AS v FROM %s WHERE %s LIMIT %d", quoted, primary, where, examples)
	if j.located {
		query = fmt.Sprintf("SELECT CAST(%s AS string) AS v, %s, %s FROM %s WHERE %s ORDER BY %s, %s LIMIT %d", quoted,
			reading.FileColumn, reading.LineColumn, primary, where,
			reading.FileColumn, reading.LineColumn, examples)
	}
	rows, err := j.ask(ctx, c, query)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, row := range rows {
		value := "no value"
		if row[0] != nil {
			value = fmt.Sprintf("value %q", serde.Clip(*row[0]))
		}
		place := ""
		if j.located {
			var f int
			if _, err := fmt.Sscan(*row[1], &f); err != nil || f >= len(j.parts) {
				return nil, errors.Join(err, fmt.Errorf("row of part %s", *row[1]))
			}
			place = fmt.Sprintf("%s %s %s, ", j.parts[f].URI(), j.parts[f].Word(), *row[2])
		}
		list = append(list, fmt.Sprintf("  %scolumn %q: %s", place, col, value))
	}
	return list, nil
}
