// Package sysview defines Redshift's system tables and views over Penstock's own tables in a database file: what they are called, which
// columns they have and the engine SQL that gives their rows. A view that is not listed does not exist.
package sysview

import (
	"encoding/json"
	"fmt"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/sql/typed"
)

// A Context is what a view's rows depend on beside the file.
type Context struct {
	Database, User string
	Databases      []string
	Users          []User
	Temps          []*store.Table // the session's temporary tables, which the file does not know
	TempSchema     string
	Path           []string // the schemas of the search path, with those that are always searched
}

// A User is one of the namespace.
type User struct {
	Name  string
	ID    int64
	Super bool
}

// A View is a system table or view.
type View struct {
	Schema, Name string
	Columns      []typed.Column
	sql          string
}

// SQL is the query that gives the rows. The words that begin with a colon stand for the context.
func (v View) SQL(c Context) string {
	tables, columns, schemas := c.base()
	return strings.NewReplacer(":databases", list(c.Databases), ":database", literal(c.Database), ":users", users(c.Users), ":user",
		literal(c.User), ":path", list(c.Path),
		":tables", tables, ":columns", columns, ":schemas", schemas).Replace(v.sql)
}

// base gives Penstock's own tables as the session sees them: with its temporary tables, and without the schema of Penstock's own tables
// while no other lies in it.
func (c Context) base() (tables, columns, schemas string) {
	tables, columns = "penstock._tables", "penstock._columns"
	schemas = "SELECT * FROM penstock._schemas WHERE name <> 'penstock' OR EXISTS " +
		"(SELECT 1 FROM penstock._tables x WHERE x.schema_name = 'penstock')"
	if len(c.Temps) == 0 {
		return tables, columns, "(" + schemas + ")"
	}
	var ts, cs []string
	for _, t := range c.Temps {
		key, _ := json.Marshal(t.PrimaryKey) // strings: it cannot fail
		ts = append(ts, fmt.Sprintf("(%d::BIGINT,%s,%s,'r',%s,%s,%s,'',false,%s,%s,'[]')", t.OID, literal(c.TempSchema), literal(t.Name),
			literal(t.DistStyle), literal(t.SortStyle),
			literal(string(key)), literal(t.Owner), literal(t.Comment)))
		for i, col := range t.Columns {
			cs = append(cs, fmt.Sprintf("(%d::BIGINT,%d,%s,%s,%t,%s,%s,%s,%t,%d,%s,%t,%s)", t.OID, i+1, literal(col.Name),
				literal(col.Type.String()), col.NotNull, literal(col.Default), literal(col.Identity.String()), literal(col.Encode), col.DistKey,
				col.SortKey, literal(col.Comment), col.Trimmed, literal(col.Shown)))
		}
	}
	with := func(table string, rows []string) string {
		return "(SELECT * FROM " + table + " UNION ALL VALUES " + strings.Join(rows, ",") + ")"
	}
	return with(tables, ts), with(columns, cs), "(" + schemas +
		fmt.Sprintf(" UNION ALL VALUES (%d::BIGINT,%s,%s))", tempOID, literal(c.TempSchema), literal(c.User))
}

// tempOID is the number of the schema of temporary tables.
const tempOID = 99

// users is the table of the users; rdsdb owns what comes with a database.
func users(all []User) string {
	rows := []string{"('rdsdb',1,true,true)"}
	for _, u := range all {
		rows = append(rows, fmt.Sprintf("(%s,%d,%t,%t)", literal(u.Name), u.ID, u.Super, u.Super))
	}
	return "(SELECT * FROM (VALUES " + strings.Join(rows, ",") + ") u(usename, usesysid, usecreatedb, usesuper))"
}

func list(texts []string) string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = literal(t)
	}
	return "[" + strings.Join(out, ",") + "]::VARCHAR[]"
}

// Users reports whether the view shows users.
func (v View) Users() bool { return strings.Contains(v.sql, ":users") }

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Find finds a view by its name as written. An unqualified name is looked for in pg_catalog.
func Find(name []string) (View, bool) {
	schema, table := "pg_catalog", name[len(name)-1]
	if len(name) > 1 {
		schema = name[len(name)-2]
	}
	for _, v := range All() {
		if v.Name == table && v.Schema == schema {
			return v, true
		}
	}
	return View{}, false
}

// All lists the views.
func All() []View {
	var out []View
	out = append(out, catalogViews()...)
	out = append(out, svvViews()...)
	out = append(out, schemaViews()...)
	out = append(out, loadViews()...)
	return append(out, informationViews()...)
}

// view makes a View of column declarations ("oid bigint, relname varchar(128)") and a query.
func view(name, columns, sql string) View {
	v := View{Schema: "pg_catalog", Name: name, sql: sql}
	if s, n, ok := strings.Cut(name, "."); ok {
		v.Schema, v.Name = s, n
	}
	for _, c := range strings.Split(columns, ";") {
		n, t, _ := strings.Cut(strings.TrimSpace(c), " ")
		ty, err := typed.ParseType(t)
		if err != nil {
			ty = typed.T(typed.Varchar)
		}
		v.Columns = append(v.Columns, typed.Column{Name: n, Type: ty})
	}
	return v
}
