package session

import (
	"context"
	"slices"
	"strings"

	"penstock/internal/child/warehouse/shown"
	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// alter runs one change of ALTER TABLE: in the engine where it knows the thing, and in the table's description.
func (s *Session) alter(ctx context.Context, st *Statement, t *syntax.AlterTable) (*answer, error) {
	table, err := s.change(ctx, t.Table.Strings())
	if err != nil {
		return nil, err
	}
	switch t.Action {
	case "add column", "drop column", "rename column", "rename":
		if err := s.rewrite(ctx, table); err != nil {
			return nil, err
		}
	}
	switch t.Action {
	case "add column":
		err = s.addColumn(ctx, st, t, table)
	case "drop column":
		err = s.dropColumn(ctx, table, t)
	case "rename column":
		err = s.renameColumn(ctx, table, t)
	case "rename":
		return s.rename(ctx, table, t.New.Name)
	case "alter type":
		err = s.alterType(ctx, st, table, t)
	case "owner":
		table.Owner = t.New.Name
	case "diststyle", "sortkey", "encode", "alter encode":
		err = alterAttributes(table, t)
	case "add constraint":
		// Keys are not enforced; the primary one is shown.
		if t.Constraint.Kind == "primary" {
			table.PrimaryKey = nil
			for _, c := range t.Constraint.Columns {
				table.PrimaryKey = append(table.PrimaryKey, c.Name)
			}
		}
	default:
		return nil, unsupported("ALTER TABLE ... %s", strings.ToUpper(t.Action))
	}
	if err != nil {
		return nil, err
	}
	return &answer{tag: "ALTER TABLE"}, s.tx().Put(ctx, table)
}

// boundAlter binds the statement, so that its type and default have a meaning.
func (s *Session) boundAlter(ctx context.Context, st *Statement, table *store.Table) (*typed.AlterTable, string, error) {
	b, err := s.bindKept(st.tree, st.text, s.lookup(ctx))
	if err != nil {
		return nil, "", err
	}
	a, ok := b.Statement.(*typed.AlterTable)
	if !ok {
		return nil, "", unsupported("this form of ALTER TABLE")
	}
	a.Table = []string{table.Schema, table.Name}
	sql, err := print.DuckDB(a, relationSQL)
	return a, sql, err
}

func (s *Session) addColumn(ctx context.Context, st *Statement, t *syntax.AlterTable, table *store.Table) error {
	a, sql, err := s.boundAlter(ctx, st, table)
	if err != nil {
		return err
	}
	if table.Column(a.Column.Name) != nil {
		return failure("42701", "column \"%s\" of relation \"%s\" already exists", a.Column.Name, table.Name)
	}
	if err := s.exec(ctx, sql); err != nil {
		return err
	}
	c := store.Column{Name: a.Column.Name, Type: a.Column.Type, NotNull: a.Column.NotNull, Encode: a.Column.Encode, Trimmed: true}
	if a.Column.Default != nil {
		c.Trimmed, c.Shown = bind.Trimmed(a.Column.Default), shown.Default(t.Column, c.Type)
		if c.Default, err = s.defaultText(ctx, table, c.Name); err != nil {
			return err
		}
	}
	if c.Encode == "" {
		c.Encode = defaultEncoding(&c)
	}
	table.Columns = append(table.Columns, c)
	return nil
}

func (s *Session) column(table *store.Table, name string) (*store.Column, error) {
	c := table.Column(name)
	if c == nil {
		return nil, failure("42703", "column \"%s\" of relation \"%s\" does not exist", name, table.Name)
	}
	return c, nil
}

func (s *Session) dropColumn(ctx context.Context, table *store.Table, t *syntax.AlterTable) error {
	c, err := s.column(table, t.Old.Name)
	if err != nil {
		return err
	}
	if c.DistKey || c.SortKey != 0 {
		return failure("42P16", "cannot drop column \"%s\": it is a distribution or sort key", c.Name)
	}
	if err := s.undependent(ctx, table, "drop a column of"); err != nil {
		return err
	}
	if err := s.exec(ctx, "ALTER TABLE "+physical(table)+" DROP COLUMN "+engine.Ident(c.Name)); err != nil {
		return err
	}
	table.Columns = slices.DeleteFunc(table.Columns, func(x store.Column) bool { return x.Name == t.Old.Name })
	return nil
}

// undependent refuses a change under the feet of views.
func (s *Session) undependent(ctx context.Context, table *store.Table, what string) error {
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return err
	}
	for _, v := range cat.Dependents(table.OID) {
		return failure("2BP01", "cannot %s table %s because view %s depends on it", what, table.Name, v.Name)
	}
	return nil
}

func (s *Session) renameColumn(ctx context.Context, table *store.Table, t *syntax.AlterTable) error {
	c, err := s.column(table, t.Old.Name)
	if err != nil {
		return err
	}
	if table.Column(t.New.Name) != nil {
		return failure("42701", "column \"%s\" of relation \"%s\" already exists", t.New.Name, table.Name)
	}
	if err := s.undependent(ctx, table, "rename a column of"); err != nil {
		return err
	}
	if err := s.exec(ctx, "ALTER TABLE "+physical(table)+" RENAME COLUMN "+engine.Ident(c.Name)+" TO "+engine.Ident(t.New.Name)); err != nil {
		return err
	}
	for i, k := range table.PrimaryKey {
		if k == c.Name {
			table.PrimaryKey[i] = t.New.Name
		}
	}
	c.Name = t.New.Name
	return nil
}

// rename gives a table or view another name in its schema.
func (s *Session) rename(ctx context.Context, table *store.Table, name string) (*answer, error) {
	if err := s.lock(ctx, s.tx(), table.Schema, name, table.Temp); err != nil {
		return nil, err
	}
	if old, err := s.exists(ctx, table.Schema, name); err != nil {
		return nil, err
	} else if old != nil {
		return nil, failure("42P07", "Relation \"%s\" already exists", name)
	}
	if err := s.undependent(ctx, table, "rename"); err != nil {
		return nil, err
	}
	if !table.LateBinding {
		if err := s.exec(ctx, "ALTER "+strings.ToUpper(kindWord(table))+" "+physical(table)+" RENAME TO "+engine.Ident(name)); err != nil {
			return nil, err
		}
	}
	if err := s.tx().Remove(ctx, table); err != nil {
		return nil, err
	}
	table.Name = name
	return &answer{tag: "ALTER TABLE"}, s.tx().Put(ctx, table)
}

// alterType widens a VARCHAR, the only change of type that Redshift knows. The engine's text has no length: nothing changes there.
func (s *Session) alterType(ctx context.Context, st *Statement, table *store.Table, t *syntax.AlterTable) error {
	c, err := s.column(table, t.Old.Name)
	if err != nil {
		return err
	}
	ty, err := typed.Named(t.Column.Type.Name, t.Column.Type.Args)
	if err != nil {
		return failure("42704", "%s", err)
	}
	if c.Type.Kind != typed.Varchar || ty.Kind != typed.Varchar {
		return failure("0A000", "ALTER COLUMN TYPE can only change the length of a VARCHAR column")
	}
	if ty.Len < c.Type.Len {
		return failure("0A000", "cannot alter column \"%s\" of relation \"%s\", "+
			"target column size should be larger or equal to current maximum column size", c.Name, table.Name)
	}
	c.Type = ty
	return nil
}

func alterAttributes(table *store.Table, t *syntax.AlterTable) error {
	if t.Action == "alter encode" {
		c := table.Column(t.Old.Name)
		if c == nil {
			return failure("42703", "column \"%s\" of relation \"%s\" does not exist", t.Old.Name, table.Name)
		}
		c.Encode = t.Column.Encode
		return nil
	}
	if t.Action == "encode" {
		return nil // AUTO: the encodings are chosen for us, and there are none
	}
	for _, k := range append(slices.Clone(t.Attrs.SortKeys), t.Attrs.DistKey) {
		if k != "" && table.Column(k) == nil {
			return failure("42703", "column \"%s\" of relation \"%s\" does not exist", k, table.Name)
		}
	}
	for i := range table.Columns {
		c := &table.Columns[i]
		if t.Action == "diststyle" {
			c.DistKey = c.Name == t.Attrs.DistKey
		} else {
			c.SortKey = slices.Index(t.Attrs.SortKeys, c.Name) + 1
		}
	}
	if t.Action == "diststyle" {
		table.DistStyle = t.Attrs.DistStyle
	} else if table.SortStyle = t.Attrs.SortStyle; table.SortStyle == "" {
		table.SortStyle = "compound"
	}
	return nil
}
