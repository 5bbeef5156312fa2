package dqdl

import (
	"fmt"
	"strings"
)

// A Plan is a ruleset compiled for one view: the SQL to run, in Spark's dialect, each statement giving one row of one or more values.
type Plan struct {
	Queries []string // Queries[0] measures the whole view; the others are CustomSql
	rules   []Rule
	single  []measure // one for each single rule, in the order in which they are met
}

// A measure is where a single rule finds what it judges.
type measure struct {
	rule         Rule
	query        int // index into Queries
	first, count int // columns of that query's row
}

// Compile plans the evaluation of a ruleset over a view. Every rule must be Evaluable.
func Compile(set *Ruleset, view string) (*Plan, error) {
	p := &Plan{Queries: []string{""}, rules: set.Rules}
	columns := []string{"count(*)"}
	var walk func(r Rule) error
	walk = func(r Rule) error {
		if err := Evaluable(r); err != nil {
			return err
		}
		for _, part := range r.Parts {
			if err := walk(part); err != nil {
				return err
			}
		}
		if r.Op != "" {
			return nil
		}
		if r.Type == "CustomSql" {
			p.Queries = append(p.Queries, strings.TrimRight(strings.TrimSpace(r.Params[0]), "; \n\t"))
			p.single = append(p.single, measure{r, len(p.Queries) - 1, 0, 1})
			return nil
		}
		more := aggregates(r, view)
		p.single = append(p.single, measure{r, 0, len(columns), len(more)})
		columns = append(columns, more...)
		return nil
	}
	for _, r := range set.Rules {
		if err := walk(r); err != nil {
			return nil, err
		}
	}
	for i, c := range columns {
		columns[i] = fmt.Sprintf("%s AS m%d", c, i)
	}
	p.Queries[0] = "SELECT " + strings.Join(columns, ", ") + " FROM " + view
	return p, nil
}

// aggregates are what a rule measures: how many rows count, and how many of them are right.
func aggregates(r Rule, view string) []string {
	all := "count(*)"
	if r.Where != "" {
		all = "count_if(" + r.Where + ")"
	}
	switch r.Type {
	case "RowCount":
		return []string{all}
	case "IsComplete", "Completeness":
		return []string{all, "count_if(" + conjunction(r.Where, quoteName(r.Params[0])+" IS NOT NULL") + ")"}
	case "ColumnValues":
		return []string{all, "count_if(" + conjunction(r.Where, holds(r)) + ")"}
	case "IsUnique":
		columns := names(r.Params)
		known := present(r)
		return []string{
			"count_if(" + known + ")",
			fmt.Sprintf("(SELECT count(*) FROM (SELECT %s FROM %s WHERE %s GROUP BY %s HAVING count(*) = 1) AS u)", columns, view, known, columns),
		}
	}
	return nil
}

// present is true for rows that a uniqueness rule looks at: those with a value in any of the columns, as Deequ has it.
func present(r Rule) string {
	var tests []string
	for _, c := range r.Params {
		tests = append(tests, quoteName(c)+" IS NOT NULL")
	}
	return conjunction(r.Where, strings.Join(tests, " OR "))
}

func conjunction(where, test string) string {
	if where == "" {
		return test
	}
	return "(" + where + ") AND (" + test + ")"
}

func names(columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = quoteName(c)
	}
	return strings.Join(quoted, ", ")
}

// quoteName quotes a column as Spark does. Names in rules are matched without regard to case, as the catalog's are.
func quoteName(name string) string {
	return "`" + strings.ReplaceAll(strings.ToLower(name), "`", "``") + "`"
}

func quoteString(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// holds is the predicate of a ColumnValues rule. A NULL fulfils a comparison with NULL, and != and not in unless they name NULL: "Null
// behavior" of AWS's page on ColumnValues.
func holds(r Rule) string {
	column, c := quoteName(r.Params[0]), r.Condition
	not := ""
	if c.Not {
		not = "NOT "
	}
	switch c.Op {
	case "between": // both ends are excluded
		return fmt.Sprintf("%s IS NOT NULL AND %s(%s > %s AND %s < %s)", column, not, column, literal(c.Operands[0]),
			column, literal(c.Operands[1]))
	case "matches": // the whole value, as Deequ's pattern rules have it
		return fmt.Sprintf("%s IS NOT NULL AND %sCAST(%s AS string) RLIKE %s", column, not, column, quoteString("^(?:"+c.Operands[0].Text+")$"))
	case "in":
		var tests []string
		for _, o := range c.Operands {
			tests = append(tests, equals(column, o))
		}
		any := "(" + strings.Join(tests, " OR ") + ")"
		return not + "coalesce(" + any + ", false)"
	case "=":
		return "coalesce(" + equals(column, c.Operands[0]) + ", false)"
	case "!=":
		return "NOT coalesce(" + equals(column, c.Operands[0]) + ", false)"
	}
	return fmt.Sprintf("%s IS NOT NULL AND %s %s %s", column, column, c.Op, literal(c.Operands[0]))
}

func equals(column string, o Operand) string {
	if o.Kind != Keyword {
		return column + " = " + literal(o)
	}
	switch o.Text {
	case "EMPTY":
		return "coalesce(" + column + " = '', false)"
	case "WHITESPACES_ONLY":
		return "coalesce(length(" + column + ") > 0 AND trim(" + column + ") = '', false)"
	}
	return "(" + column + " IS NULL)"
}

func literal(o Operand) string {
	if o.Kind == Number {
		return o.Text
	}
	return quoteString(o.Text)
}

// Violation is a predicate for the rows that break a rule, and the column whose value breaks it; ok is false for rules that judge the
// table as a whole.
func Violation(r Rule, view string) (predicate, column string, ok bool) {
	switch {
	case r.Op != "":
		return "", "", false
	case r.Type == "IsComplete":
		return conjunction(r.Where, quoteName(r.Params[0])+" IS NULL"), strings.ToLower(r.Params[0]), true
	case r.Type == "ColumnValues":
		return conjunction(r.Where, "NOT ("+holds(r)+")"), strings.ToLower(r.Params[0]), true
	case r.Type == "IsUnique" && len(r.Params) == 1:
		c := quoteName(r.Params[0])
		return fmt.Sprintf("%s IN (SELECT %s FROM %s WHERE %s GROUP BY %s HAVING count(*) > 1)", c, c, view, present(r), c),
			strings.ToLower(r.Params[0]), true
	}
	return "", "", false
}
