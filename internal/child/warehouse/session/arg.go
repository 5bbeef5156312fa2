package session

import (
	"fmt"

	"penstock/internal/convert"
	"penstock/internal/pgwire"
	"penstock/internal/sql/typed"
)

// argNames are the types as messages about values name them.
var argNames = map[typed.Kind]string{typed.Smallint: "integer", typed.Int: "integer", typed.Bigint: "integer", typed.Decimal: "numeric",
	typed.Real: "real", typed.Double: "double precision", typed.Bool: "boolean", typed.Date: "date", typed.Time: "time",
	typed.Timetz: "time with time zone", typed.Timestamp: "timestamp", typed.Timestamptz: "timestamp with time zone",
	typed.Interval: "interval"}

var argBits = map[typed.Kind]int{typed.Smallint: 16, typed.Int: 32, typed.Bigint: 64, typed.Real: 32, typed.Double: 64}

// argValue reads a parameter's text by the rules that read a literal. What the engine cannot be given as a Go value is text in the form
// that it reads.
func argValue(a pgwire.Arg, t typed.Type) (any, error) {
	if a.Null {
		return nil, nil
	}
	v, fault := readArg([]byte(a.Text), t)
	if fault != convert.None {
		err := fault.Explain([]byte(a.Text), argNames[t.Kind])
		code := convert.CodeSyntax
		if e, ok := err.(*convert.Error); ok {
			code = e.Code
		}
		return nil, failure(code, "%s", err.Error())
	}
	return v, nil
}

func readArg(s []byte, t typed.Type) (any, convert.Fault) {
	r := convert.Redshift
	switch {
	case t.IsInt() && argBits[t.Kind] > 0:
		return unwrap(r.Int(s, argBits[t.Kind]))
	case t.IsFloat():
		return unwrap(r.Float(s, argBits[t.Kind]))
	case t.Kind == typed.Bool:
		return unwrap(r.Bool(s))
	case t.Kind == typed.Decimal && t.Precision > 0:
		v, fault := r.Decimal(s, t.Precision, t.Scale)
		return string(convert.AppendDecimal(nil, v, t.Scale)), fault
	case t.Kind == typed.Date:
		day, fault := r.Date(s)
		return string(convert.AppendDate(nil, int(day))), fault
	case t.Kind == typed.Time:
		at, fault := r.Time(s)
		return string(convert.AppendTime(nil, at)), fault
	case t.Kind == typed.Timetz:
		at, fault := r.Timetz(s)
		return string(convert.AppendTime(nil, at)) + "+00", fault
	case t.Kind == typed.Timestamp:
		at, fault := r.Timestamp(s)
		return string(convert.AppendTimestamp(nil, at)), fault
	case t.Kind == typed.Timestamptz:
		at, fault := r.Timestamptz(s)
		return string(convert.AppendTimestamp(nil, at)) + "+00", fault
	case t.Kind == typed.Interval:
		v, fault := convert.ParseInterval(s)
		return fmt.Sprintf("%d months %d days %d microseconds", v.Months, v.Days, v.Micros), fault
	}
	return string(s), convert.None
}

func unwrap[T any](v T, f convert.Fault) (any, convert.Fault) { return v, f }
