package print

import (
	"penstock/internal/sql/typed"
)

// DuckDB writes a statement as DuckDB SQL. relation gives the text that stands for a relation: a quoted name or a query in parentheses.
// Statements that need several (there are none yet) would be divided by semicolons.
func DuckDB(s typed.Statement, relation func(typed.Relation) string) (string, error) {
	p := &printer{relation: relation}
	text := p.statement(s)
	return text, p.err
}

// Type writes a type as DuckDB names it.
func Type(t typed.Type) string { return duck(t) }

// Ident quotes a name.
func Ident(name string) string { return quote(name) }

// String writes text as a literal.
func String(s string) string { return str(s) }
