package session

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
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
	return asError(err, text)
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
		return engineError(ee)
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
	return &pgwire.Error{Code: "XX000", Message: err.Error(), Err: err}
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

var notNullColumn = regexp.MustCompile(`NOT NULL constraint failed: (?:.*\.)?(.*)$`)

// engineError finds Redshift's words for what the engine said.
func engineError(e *engine.Error) error {
	msg, _, _ := strings.Cut(e.Detail(), "\n\nLINE ") // that line is the engine's text, not the client's
	out := &pgwire.Error{Code: "XX000", Message: msg, Err: e}
	if e.Full {
		out.Code, out.Message = "53100", "Disk Full: "+msg
		return out
	}
	switch e.Kind {
	case engine.KindValue:
		out.Code, out.Message = e.Code, e.Message
	case "Constraint":
		out.Code = "23502"
		if m := notNullColumn.FindStringSubmatch(strings.Split(msg, "\n")[0]); m != nil {
			out.Message = "Cannot insert a NULL value into column " + m[1]
		}
	case "TransactionContext", "Transaction":
		if strings.Contains(msg, "onflict") {
			return conflict(e)
		}
	case "Conversion":
		out.Code = "22P02"
		if strings.Contains(msg, "out of range") {
			out.Code, out.Detail = "22003", msg
			out.Message = "Value out of range"
			if strings.Contains(msg, "type DECIMAL") {
				out.Message = "Numeric data overflow (result precision)"
			}
		}
	case "Out of Range":
		out.Code = "22003"
		if m := overflow.FindStringSubmatch(msg); m != nil {
			out.Message = overflowText(m[1], m[2])
		}
	case "Invalid Input":
		out.Code = "22023"
		if strings.Contains(msg, "value too long") {
			out.Code = "22001"
		}
		if strings.Contains(msg, "numeric data overflow") {
			out.Code = "22003"
		}
		if strings.Contains(msg, "ivision by zero") || strings.Contains(msg, "ivide by zero") {
			out.Code, out.Message = "22012", "Divide by zero"
		}
	case "Out of Memory":
		out.Code = "53200"
	case "INTERRUPT":
		out.Code, out.Message = "57014", "Query cancelled on user's request"
	case "Catalog":
		out.Code = "42P01"
		if strings.Contains(msg, "write-write conflict") {
			return conflict(e)
		}
	case "Binder", "Parser":
		out.Code = "42601"
	}
	return out
}

var overflow = regexp.MustCompile(`^Overflow in (\w+) of (DECIMAL|INT128|INT64|INT32|INT16|INT8)`)

// overflowText says which arithmetic left its type: the integers of 128 bits are those of decimals.
func overflowText(operation, kind string) string {
	switch kind {
	case "INT64":
		return "Overflow for bigint type (" + operation + ")"
	case "INT32":
		return "Overflow for integer type (" + operation + ")"
	case "INT16", "INT8":
		return "Overflow for smallint type (" + operation + ")"
	}
	return "128 bit numeric data overflow (" + operation + ")"
}

func conflict(e *engine.Error) error {
	return &pgwire.Error{Code: "40001", Message: "1023", Detail: "Serializable isolation violation on table: " + e.Detail(), Err: e}
}

func unsupported(format string, args ...any) error {
	return &pgwire.Error{Code: "0A000", Message: fmt.Sprintf(format, args...) + " is not supported by Penstock yet"}
}

func failure(code, format string, args ...any) error {
	return &pgwire.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
