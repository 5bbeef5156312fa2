package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"penstock/internal/child/warehouse/load"
	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/pgwire"
	"penstock/internal/sql/syntax"
)

// fault turns any error into what a client is told. It also notices when the engine is beyond use.
func (s *Session) fault(err error, text string) error {
	if err == nil {
		return nil
	}
	var e *engine.Error
	if errors.As(err, &e) && (e.Kind == "FATAL" || e.Kind == "INTERNAL") && s.env.Broken != nil {
		s.env.Broken(err)
	}
	out := asError(err, text)
	if pe, ok := out.(*pgwire.Error); ok && pe.Code == "XX000" {
		s.env.Log.Error("a statement failed", "pid", s.pid, "statement", text, "error", err)
	}
	return out
}

// asError maps the errors of the packages below to SQLSTATEs and Redshift's words.
func asError(err error, text string) error {
	var pe *pgwire.Error
	var se *syntax.Error
	var ee *engine.Error
	var oe *load.OptionError
	var me *load.SchemaError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &se):
		return syntaxError(se, text)
	case errors.As(err, &pe):
		return pe
	case errors.As(err, &ee):
		return engineError(ee, text)
	case errors.As(err, &oe):
		return &pgwire.Error{Code: oe.Code, Message: oe.Message, Err: err}
	case errors.As(err, &me):
		return &pgwire.Error{Code: "XX000", Message: me.Message, Detail: me.Detail, Err: err}
	case errors.Is(err, store.ErrDeadlock):
		return &pgwire.Error{Code: "40P01", Message: "deadlock detected", Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &pgwire.Error{Code: "57014", Message: "Query cancelled on statement timeout", Err: err}
	case errors.Is(err, context.Canceled):
		return &pgwire.Error{Code: "57014", Message: "Query cancelled on user's request", Err: err}
	}
	return internal(err, text)
}

// stateOf is the SQLSTATE of a mistake in a statement. The codes are PostgreSQL's, which Redshift keeps.
func stateOf(k syntax.Kind) string {
	switch k {
	case syntax.Unsupported:
		return "0A000"
	case syntax.NoRelation:
		return "42P01"
	case syntax.NoColumn:
		return "42703"
	case syntax.NoFunction:
		return "42883"
	case syntax.NoType:
		return "42704"
	case syntax.NoPosition:
		return "42P10"
	case syntax.NoParameter:
		return "42P02"
	case syntax.NoCast:
		return "42846"
	case syntax.Ambiguous:
		return "42702"
	case syntax.DuplicateColumn:
		return "42701"
	case syntax.DuplicateAlias:
		return "42712"
	case syntax.Mismatch:
		return "42804"
	case syntax.Grouping:
		return "42803"
	case syntax.Windowing:
		return "42P20"
	}
	return valueState(k)
}

// valueState is the SQLSTATE of a value that a statement holds.
func valueState(k syntax.Kind) string {
	switch k {
	case syntax.BadValue:
		return "22P02"
	case syntax.BadArgument:
		return "22023"
	case syntax.OutOfRange:
		return "22003"
	case syntax.TimeRange:
		return "22008"
	case syntax.TooLong:
		return "22001"
	case syntax.TooComplex:
		return "54001"
	}
	return "42601"
}

// syntaxError gives the place as the protocol wants it: the character, from 1.
func syntaxError(e *syntax.Error, text string) error {
	out := &pgwire.Error{Code: stateOf(e.Kind), Message: e.Msg, Err: e}
	var looked *pgwire.Error // what a lookup answered has a code already
	if errors.As(e.Err, &looked) {
		*out = *looked
	}
	if e.Pos.Line > 0 && e.Pos.Offset <= len(text) {
		out.Position = utf8.RuneCountInString(text[:e.Pos.Offset]) + 1
	}
	return out
}

// engineError finds Redshift's words for what the engine said; what has none is told in general, and in full to the log.
func engineError(e *engine.Error, text string) *pgwire.Error {
	if e.Conflict() {
		return &pgwire.Error{Code: "40001", Message: "1023",
			Detail: "Serializable isolation violation: another transaction has changed the same table", Err: e}
	}
	if f, ok := e.Fault(); ok {
		return &pgwire.Error{Code: f.Code, Message: f.Message, Err: e}
	}
	return internal(e, text)
}

// internal is an error that says nothing to who wrote the statement. Its cause is for the log.
func internal(err error, text string) *pgwire.Error {
	return &pgwire.Error{Code: "XX000", Message: "Internal error in " + statementKind(text) + ": the log of the warehouse has the reason",
		Err: err}
}

// statementKind is the first word of a statement.
func statementKind(text string) string {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return strings.ToUpper(word)
	}
	return "the statement"
}

func unsupported(format string, args ...any) error {
	return &pgwire.Error{Code: "0A000", Message: fmt.Sprintf(format, args...) + " is not supported by Penstock yet"}
}

func failure(code, format string, args ...any) error {
	return &pgwire.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
