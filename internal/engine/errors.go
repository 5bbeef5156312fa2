package engine

import (
	"context"
	"fmt"
	"strings"
)

// An Error is what DuckDB answered, word for word.
type Error struct {
	// Kind is the word before " Error:" in the message: "Binder", "Conversion", "Constraint", "Out of Memory", "INTERRUPT",
	// "TransactionContext", "FATAL"; "" when DuckDB gave none.
	Kind    string
	Message string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Detail is the message without its kind.
func (e *Error) Detail() string {
	if e.Kind == "" {
		return e.Message
	}
	return strings.TrimSpace(strings.TrimPrefix(e.Message, e.Kind+" Error:"))
}

func newError(msg string) *Error {
	e := &Error{Message: msg}
	if i := strings.Index(msg, " Error:"); i > 0 && i < 40 && !strings.Contains(msg[:i], "\n") {
		e.Kind = msg[:i]
	}
	return e
}

// failed turns a message of DuckDB into an error; a statement that ctx ended gives ctx's error, not "Interrupted".
func failed(ctx context.Context, msg string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("query ended: %w", context.Cause(ctx))
	}
	return newError(msg)
}
