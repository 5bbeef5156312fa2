package engine

import (
	"context"
	"fmt"
	"strings"
)

// An Error is what DuckDB answered, word for word, but for a full disk.
type Error struct {
	// Kind is the word before " Error:" in the message: "Binder", "Conversion", "Constraint", "Out of Memory", "INTERRUPT",
	// "TransactionContext", "FATAL"; "" when DuckDB gave none. "Value" is the error of a Function, in Penstock's own words.
	Kind    string
	Message string
	Full    bool // the disk is full; Message says so without the engine's file names
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

// noSpace is how the system names a full disk; DuckDB has no other sign of it.
const noSpace = "No space left on device"

// valueMark stands before the message of a Function, in the middle of what DuckDB makes of it.
const valueMark = "\x01"

// KindValue is the kind of an error that a Function gave.
const KindValue = "Value"

func newError(msg string) *Error {
	if _, words, ok := strings.Cut(msg, valueMark); ok {
		return &Error{Kind: KindValue, Message: words}
	}
	e := &Error{Message: msg}
	if i := strings.Index(msg, " Error:"); i > 0 && i < 40 && !strings.Contains(msg[:i], "\n") {
		e.Kind = msg[:i]
	}
	if strings.Contains(msg, noSpace) {
		e.Full, e.Message = true, "the disk of the data directory is full; make room and try again"
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
