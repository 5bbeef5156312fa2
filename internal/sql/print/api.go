package print

import (
	"errors"

	"penstock/internal/sql/typed"
)

// DuckDB writes a statement as DuckDB SQL. relation gives the text that stands for a relation: a quoted name or a query in parentheses.
func DuckDB(s typed.Statement, relation func(typed.Relation) string) (string, error) {
	return "", errors.New("printing is not supported yet")
}

// Prelude gives the statements that create the macros which printed text calls; run them once for each database instance.
func Prelude() []string { return nil }
