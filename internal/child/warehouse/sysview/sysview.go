// Package sysview defines Redshift's system tables and views over Penstock's own tables in a database file: what they are called, which
// columns they have and the engine SQL that gives their rows. A view that is not listed does not exist.
package sysview

import (
	"strings"

	"penstock/internal/sql/typed"
)

// A Context is what a view's rows depend on beside the file.
type Context struct {
	Database, User string
	Databases      []string
}

// A View is a system table or view.
type View struct {
	Schema, Name string
	Columns      []typed.Column
	sql          string
}

// SQL is the query that gives the rows. The words :database, :user and :databases stand for the context.
func (v View) SQL(c Context) string {
	var dbs []string
	for _, d := range c.Databases {
		dbs = append(dbs, literal(d))
	}
	return strings.NewReplacer(":databases", "["+strings.Join(dbs, ",")+"]", ":database", literal(c.Database), ":user", literal(c.User)).Replace(v.sql)
}

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
