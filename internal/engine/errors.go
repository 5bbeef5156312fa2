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
	Full    bool   // the disk is full; Message says so without the engine's file names
	Code    string // the SQLSTATE that a Function gave, "" for other errors
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

// valueMark stands before the code and the message of a Function, in the middle of what DuckDB makes of them.
const valueMark = "\x01"

// markValue writes the error of a Function so that newError finds it. An error may know its SQLSTATE.
func markValue(err error) string {
	code := "XX000"
	if s, ok := err.(interface{ SQLState() string }); ok {
		code = s.SQLState()
	}
	return valueMark + code + err.Error()
}

// KindValue is the kind of an error that a Function gave.
const KindValue = "Value"

func newError(msg string) *Error {
	if _, words, ok := strings.Cut(msg, valueMark); ok && len(words) >= 5 {
		return &Error{Kind: KindValue, Code: words[:5], Message: words[5:]}
	}
	msg, _, _ = strings.Cut(msg, " when casting from source column ") // says the column of the printed text, which nobody knows
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
