package bind

import (
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// definition binds the statements that change definitions; nil for those that are none of the engine's.
func (b *binder) definition(s syntax.Statement) typed.Statement {
	switch s := s.(type) {
	case *syntax.CreateTable:
		return b.createTable(s)
	case *syntax.CreateView:
		return b.createView(s)
	case *syntax.Drop:
		out := &typed.Drop{Kind: s.Kind, IfExists: s.IfExists, Cascade: s.Cascade}
		for _, n := range s.Names {
			out.Names = append(out.Names, n.Strings())
		}
		return out
	case *syntax.AlterTable:
		return b.alterTable(s)
	case *syntax.Truncate:
		return &typed.Truncate{Table: s.Table.Strings()}
	case *syntax.CreateSchema:
		if s.External {
			return nil
		}
		return &typed.CreateSchema{Name: s.Name.Last().Name, IfNotExists: s.IfNotExists}
	}
	return nil
}

func (b *binder) createTable(s *syntax.CreateTable) typed.Statement {
	attrs := typed.Attrs{DistStyle: s.Attrs.DistStyle, DistKey: s.Attrs.DistKey, SortStyle: s.Attrs.SortStyle, SortKeys: s.Attrs.SortKeys,
		Encodes: map[string]string{}}
	if s.Query != nil {
		q := b.query(s.Query, nil, nil)
		b.checkOutputs(q, s.Query)
		cols := b.renamed(s.QueryColumns, q.Columns, s.At)
		copy(q.Columns, cols)
		seen := map[string]bool{}
		for _, c := range q.Columns {
			if seen[c.Name] {
				b.FailAs(syntax.DuplicateColumn, s.At, "column %q is named twice", c.Name)
			}
			seen[strings.ToLower(c.Name)] = true
		}
		return &typed.CreateTableAs{Name: s.Name.Strings(), Temp: s.Temp, IfNotExists: s.IfNotExists, Query: q, NoData: s.NoData, Attrs: attrs}
	}
	if b.D.Grammar.Transform {
		b.FailAs(syntax.Unsupported, s.At, "CREATE TABLE without AS is not supported in a transform")
		return nil
	}
	out := &typed.CreateTable{Name: s.Name.Strings(), Temp: s.Temp, IfNotExists: s.IfNotExists}
	if s.Like != nil {
		for _, c := range b.relation(s.Like, false).Columns {
			out.Columns = append(out.Columns, typed.ColumnDef{Name: c.Name, Type: c.Type, NotNull: c.NotNull})
		}
	}
	for _, c := range s.Columns {
		out.Columns = append(out.Columns, b.columnDef(c, &attrs))
	}
	for _, c := range s.Constraints {
		if c.Kind == "primary" {
			for _, id := range c.Columns {
				attrs.PrimaryKey = append(attrs.PrimaryKey, id.Name)
			}
		}
	}
	b.checkColumns(s, out, &attrs)
	out.Attrs = attrs
	return out
}

// checkColumns refuses names that are used twice and keys that are no columns.
func (b *binder) checkColumns(s *syntax.CreateTable, out *typed.CreateTable, attrs *typed.Attrs) {
	seen := map[string]bool{}
	for _, c := range out.Columns {
		if seen[strings.ToLower(c.Name)] {
			b.FailAs(syntax.DuplicateColumn, s.At, "column %q is named twice", c.Name)
		}
		seen[strings.ToLower(c.Name)] = true
	}
	keys := append(append([]string{}, attrs.SortKeys...), attrs.PrimaryKey...)
	if attrs.DistKey != "" {
		keys = append(keys, attrs.DistKey)
	}
	for _, k := range keys {
		if !seen[strings.ToLower(k)] {
			b.FailAs(syntax.NoColumn, s.At, "column %q named as a key does not exist", k)
		}
	}
	for i := range out.Columns {
		for _, k := range attrs.PrimaryKey {
			if out.Columns[i].Name == k {
				out.Columns[i].NotNull = true
			}
		}
	}
}

func (b *binder) columnDef(c syntax.ColumnDef, attrs *typed.Attrs) typed.ColumnDef {
	out := typed.ColumnDef{Name: c.Name.Name, Type: b.TypeOf(c.Type), NotNull: c.NotNull || c.PrimaryKey, Encode: c.Encode}
	if c.Collate != "" && c.Collate != "case_sensitive" && c.Collate != "cs" {
		b.FailAs(syntax.Unsupported, c.Pos, "COLLATE %s is not supported", c.Collate)
	}
	if c.Default != nil {
		x := b.expr(c.Default, &scope{noAgg: "DEFAULT", noWin: "DEFAULT"})
		out.Default = b.Coerce(x, out.Type, rules.Assign, c.Default.Position())
	}
	if c.Identity != nil {
		out.Identity = &typed.Identity{Seed: c.Identity.Seed, Step: c.Identity.Step, ByDefault: c.Identity.ByDefault}
		if !out.Type.IsInt() {
			b.Fail(c.Pos, "an identity column must be INT or BIGINT")
		}
		out.NotNull = true
	}
	if attrs != nil {
		if c.Encode != "" {
			attrs.Encodes[out.Name] = c.Encode
		}
		if c.DistKey {
			attrs.DistKey, attrs.DistStyle = out.Name, "key"
		}
		if c.SortKey {
			attrs.SortKeys = append(attrs.SortKeys, out.Name)
		}
		if c.PrimaryKey {
			attrs.PrimaryKey = append(attrs.PrimaryKey, out.Name)
		}
	}
	return out
}

func (b *binder) createView(s *syntax.CreateView) typed.Statement {
	switch {
	case s.Materialized:
		b.FailAs(syntax.Unsupported, s.At, "CREATE MATERIALIZED VIEW is not supported")
	case s.Temp || b.D.Grammar.Transform:
		b.FailAs(syntax.Unsupported, s.At, "CREATE VIEW of this form is not supported")
	}
	out := &typed.CreateView{Name: s.Name.Strings(), Replace: s.Replace, LateBinding: s.LateBinding, Text: s.Text}
	if s.LateBinding {
		return out
	}
	q := b.query(s.Query, nil, nil)
	b.checkOutputs(q, s.Query)
	copy(q.Columns, b.renamed(s.Columns, q.Columns, s.At))
	out.Query = q
	return out
}

func (b *binder) alterTable(s *syntax.AlterTable) typed.Statement {
	out := &typed.AlterTable{Table: s.Table.Strings(), Action: s.Action, Old: s.Old.Name, New: s.New.Name}
	switch s.Action {
	case "add column":
		out.Column = b.columnDef(s.Column, nil)
		if out.Column.Identity != nil {
			b.Fail(s.At, "ALTER TABLE cannot add an identity column")
		}
	case "drop column", "rename column", "rename":
	case "alter type":
		out.Column.Name, out.Column.Type = s.Old.Name, b.TypeOf(s.Column.Type)
	default:
		return nil
	}
	return out
}
