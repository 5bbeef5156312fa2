package bind

import (
	"errors"

	"penstock/internal/sql/syntax"
)

// Statement binds one statement. The error is a *syntax.Error where it has a place. Statements that the engine cannot run (COPY, SET,
// GRANT ...) are refused: their callers work on the syntax tree.
func Statement(s syntax.Statement, o Options) (*Bound, error) {
	return nil, errors.New("binding is not supported yet")
}
