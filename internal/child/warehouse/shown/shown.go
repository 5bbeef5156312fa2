// Package shown words a column's default as Redshift's catalog shows it, in the words that PostgreSQL 8 gave it. It evaluates nothing and
// knows no table; how an identity column is shown stands in package sysview, which knows its number.
package shown

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Default is a column's default as Redshift's catalog shows it, "" for none: constants with their type, the functions of the moment in
// the form that PostgreSQL gave them. Other expressions are shown as they are written.
func Default(c syntax.ColumnDef, t typed.Type) string {
	switch x := c.Default.(type) {
	case nil:
		return ""
	case *syntax.Literal:
		return constant(x, t, c.Written)
	case *syntax.Cast:
		if l, ok := x.X.(*syntax.Literal); ok && l.Kind == syntax.String && !x.Try {
			return text(l.Text, x.Type.Name, c.Written)
		}
	case *syntax.Column:
		return call(x.Name, c.Written)
	case *syntax.Func:
		if len(x.Args) == 0 {
			return call(x.Name, c.Written)
		}
	}
	return c.Written
}

// constant shows a literal in a column of type t.
func constant(x *syntax.Literal, t typed.Type, written string) string {
	name := castName(t.Kind)
	switch {
	case x.Kind == syntax.Null && t.IsText():
		return "NULL::" + name
	case x.Kind == syntax.Null:
		return "" // as without a default
	case x.Kind == syntax.Bool:
		return strings.ToLower(x.Text)
	case x.Kind == syntax.Typed:
		return text(x.Text, x.Type, written)
	case x.Kind != syntax.String:
		return written
	case name != "":
		return quoted(x.Text, name)
	case t.Kind == typed.Bool:
		return truth(x.Text)
	case t.IsNumeric():
		return strings.TrimSpace(x.Text)
	}
	return written
}

// truth is a text that was taken for a boolean.
func truth(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if strings.HasPrefix(text, "t") || strings.HasPrefix(text, "y") || text == "1" || text == "on" {
		return "true"
	}
	return "false"
}

// text shows a constant that is cast to a type.
func text(value, kind, written string) string {
	if t, err := typed.Named(kind, nil); err == nil && castName(t.Kind) != "" {
		return quoted(value, castName(t.Kind))
	}
	return written
}

func quoted(text, kind string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'::" + kind
}

// castName is the name of a type whose constants the catalog shows with a cast; "" for another.
func castName(k typed.Kind) string {
	switch k {
	case typed.Varchar, typed.String:
		return "character varying"
	case typed.Char:
		return "bpchar"
	case typed.Date:
		return "date"
	case typed.Timestamp:
		return "timestamp without time zone"
	case typed.Timestamptz:
		return "timestamp with time zone"
	case typed.Time:
		return "time without time zone"
	case typed.Timetz:
		return "time with time zone"
	}
	return ""
}

// call shows a function without arguments.
func call(name syntax.Name, written string) string {
	if len(name) != 1 {
		return written
	}
	switch strings.ToLower(name[0].Name) {
	case "sysdate":
		return "('now'::character varying)::timestamp without time zone"
	case "current_timestamp":
		return "('now'::character varying)::timestamp with time zone"
	case "current_date":
		return "('now'::character varying)::date"
	case "current_user", "user":
		return `"current_user"()`
	case "getdate":
		return "getdate()"
	}
	return written
}
