package compile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/pipeline"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/lex"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/typed"
)

// ddl is what the warehouse needs before the first load. Every statement may run again and again.
func (c *compiler) ddl() list {
	out := list{
		"CREATE SCHEMA IF NOT EXISTS penstock",
		"CREATE TABLE IF NOT EXISTS penstock.loads (pipeline varchar(63), target varchar(127), run char(26), generation char(6), " +
			"row_count bigint, loaded_at timestamp)",
	}
	var schemas []string
	for _, t := range c.spec.Tables {
		if !slices.Contains(schemas, t.Schema) {
			schemas = append(schemas, t.Schema)
			out = append(out, "CREATE SCHEMA IF NOT EXISTS "+t.Schema)
		}
	}
	for _, t := range c.spec.Tables {
		if t.From != "" {
			// A table of an earlier form of the pipeline stays as it is. If it lacks a column, the run ends here, before anything is published.
			out = append(out, c.createTable(t), "SELECT "+c.columnList(t)+" FROM "+t.FullName()+" LIMIT 0")
		}
	}
	for _, t := range c.spec.Tables {
		if t.SQL != nil {
			out = append(out, createView(t))
		}
	}
	return out
}

func createView(t pipeline.Table) string {
	return "CREATE OR REPLACE VIEW " + t.FullName() + " AS " + oneLine(t.SQL.Text)
}

// declare writes the warehouse's tables and views into the plan, for who compares them with what there is.
func (c *compiler) declare() {
	for _, t := range c.spec.Tables {
		if t.SQL != nil {
			c.plan.Views = append(c.plan.Views, View{t.FullName(), createView(t)})
			continue
		}
		c.plan.Tables = append(c.plan.Tables, c.declared(t))
	}
}

// oneLine writes a query that has been parsed without comments and line breaks, as state machines carry it.
func oneLine(text string) string {
	tokens, err := lex.Tokens(text, dialect.Redshift)
	if err != nil {
		return text // it has been parsed before: there is no such error
	}
	var b strings.Builder
	end := 0
	for i, t := range tokens {
		if t.Kind == lex.EOF || t.Kind == lex.Op && t.Text == ";" {
			break
		}
		if i > 0 && t.Pos.Offset > end {
			b.WriteByte(' ')
		}
		b.WriteString(text[t.Pos.Offset:t.End])
		end = t.End
	}
	return b.String()
}

// fileOrder is the columns as they lie in the files and in the warehouse: partition columns after the others, _run last.
func fileOrder(t table) []column {
	var columns, run []column
	for _, c := range t.columns {
		if c.name == RunColumn {
			run = append(run, c)
		} else {
			columns = append(columns, c)
		}
	}
	return append(columns, run...)
}

// columnList names the columns of a loaded table, in the order of its files.
func (c *compiler) columnList(t pipeline.Table) string {
	var names []string
	for _, col := range fileOrder(c.table(t.From)) {
		names = append(names, quoteName(col.name))
	}
	return strings.Join(names, ", ")
}

func (c *compiler) createTable(t pipeline.Table) string {
	return c.declared(t).CreateAs("IF NOT EXISTS "+t.FullName(), nil)
}

// declared is the table as the plan has it.
func (c *compiler) declared(t pipeline.Table) Table {
	x := Table{Name: t.FullName(), From: t.From, Sort: t.Sort, OnChange: t.OnChange}
	for _, col := range fileOrder(c.table(t.From)) {
		x.Columns = append(x.Columns, Column{col.name, col.redshift})
	}
	switch style := strings.ToUpper(cmp.Or(t.Dist, "auto")); {
	case slices.Contains(styles, style) && !slices.ContainsFunc(x.Columns, func(col Column) bool { return col.Name == t.Dist }):
		x.Dist = style
	default:
		x.Dist, x.DistKey = "KEY("+t.Dist+")", t.Dist
	}
	return x
}

// styles are the distributions that are no column's. A column of that name comes first.
var styles = []string{"AUTO", "EVEN", "ALL"}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// warehouse checks the warehouse section: keys that exist, views and reports that bind over its tables.
func (b *bindings) warehouse() {
	known := map[string]typed.Relation{}
	for _, t := range b.c.spec.Tables {
		if t.From == "" {
			continue
		}
		rel := typed.Relation{Name: []string{t.Schema, t.Name}}
		for _, col := range fileOrder(b.c.table(t.From)) {
			ty, err := typed.ParseType(col.redshift)
			switch {
			case col.redshift == "":
				b.problem(t.At, "%s is loaded from %q, whose column %q is %s; loading nested columns is not supported yet: leave it out, or write "+
					"to_json(%s)", t.FullName(), t.From, col.name, col.hive, col.name)
			case err != nil:
				b.problem(t.At, "%v", err)
			}
			rel.Columns = append(rel.Columns, typed.Column{Name: col.name, Type: ty})
		}
		b.keys(t, rel)
		known[t.FullName()] = rel
	}
	lookup := func(name []string) (typed.Relation, error) {
		rel, ok := known[strings.Join(name, ".")]
		if !ok {
			return rel, fmt.Errorf("there is no table %q in the warehouse section", strings.Join(name, "."))
		}
		return rel, nil
	}
	for _, t := range b.c.spec.Tables {
		if t.SQL == nil {
			continue
		}
		if bound := b.query(*t.SQL, dialect.Redshift, lookup); bound != nil {
			known[t.FullName()] = typed.Relation{Name: []string{t.Schema, t.Name}, Columns: bound.Columns}
		}
	}
	if b.c.spec.Report != nil && len(b.problems) == 0 {
		b.report(*b.c.spec.Report, lookup)
	}
}

func (b *bindings) keys(t pipeline.Table, rel typed.Relation) {
	var names []string
	for _, c := range rel.Columns {
		names = append(names, c.Name)
	}
	have := strings.Join(names, ", ")
	if t.Dist != "" && !slices.Contains(names, t.Dist) && !slices.Contains(styles, strings.ToUpper(t.Dist)) {
		b.problem(t.At, "dist: %s has no column %q; it has %s. Or say all, even or auto", t.FullName(), t.Dist, have)
	}
	for i, k := range t.Sort {
		if !slices.Contains(names, k) {
			b.problem(t.At, "sort: %s has no column %q; it has %s", t.FullName(), k, have)
		}
		if slices.Contains(t.Sort[:i], k) {
			b.problem(t.At, "sort: names %q twice", k)
		}
	}
}

// report keeps the statements of the report one by one, after checking each.
func (b *bindings) report(sql pipeline.SQL, lookup func([]string) (typed.Relation, error)) {
	statements, err := parse.Split(sql.Text, dialect.Redshift)
	if err != nil {
		b.failed(sql, err)
		return
	}
	for _, s := range statements {
		at := sql.At
		at.Line += s.Pos.Line - 1
		if s.Pos.Line > 1 {
			at.Col = sql.Indent + s.Pos.Col
		} else {
			at.Col += s.Pos.Col - 1
		}
		if bound := b.query(pipeline.SQL{Text: s.Text, At: at, Indent: sql.Indent}, dialect.Redshift, lookup); bound != nil {
			b.c.plan.Report = append(b.c.plan.Report, s.Text)
		}
	}
}
