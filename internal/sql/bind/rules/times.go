package rules

import (
	"strconv"
	"strings"

	"penstock/internal/convert"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// faultNames are the types as messages about values name them.
var faultNames = map[typed.Kind]string{typed.Tinyint: "integer", typed.Smallint: "integer", typed.Int: "integer", typed.Bigint: "integer",
	typed.Decimal: "numeric", typed.Real: "real", typed.Double: "double precision", typed.Bool: "boolean", typed.Date: "date",
	typed.Time: "time", typed.Timetz: "time with time zone", typed.Timestamp: "timestamp", typed.Timestamptz: "timestamp with time zone",
	typed.Interval: "interval"}

// faultKinds give an error of a value its kind.
var faultKinds = map[string]syntax.Kind{convert.CodeSyntax: syntax.BadValue, convert.CodeRange: syntax.OutOfRange,
	convert.CodeDate: syntax.TimeRange}

// failFault says of a text what a column's value would be told.
func (rs *Rules) failFault(f convert.Fault, at syntax.Pos, text string, t typed.Type) typed.Expr {
	return rs.failValue(f.Explain([]byte(text), faultNames[t.Kind]), at)
}

// failValue keeps an error of package convert as a mistake of the statement.
func (rs *Rules) failValue(err error, at syntax.Pos) typed.Expr {
	kind := syntax.BadArgument
	if e, ok := err.(*convert.Error); ok {
		if k, ok := faultKinds[e.Code]; ok {
			kind = k
		}
	}
	return rs.FailAs(kind, at, "%s", err.Error())
}

// foldText reads a constant by the dialect's rules, the same that read a column's values. The result's text is what every engine reads;
// instants are in UTC.
func (rs *Rules) foldText(text string, t typed.Type) (typed.Expr, convert.Fault) {
	if y := momentWord(text); y != nil && t.IsInstant() && rs.D.Times.Words {
		return rs.Coerce(y, t, explicit, syntax.Pos{}), convert.None
	}
	r, s := rs.D.Casts.Rules, []byte(text)
	var out []byte
	var fault convert.Fault
	switch {
	case t.IsInt():
		var n int64
		n, fault = r.Int(s, intBits[t.Kind])
		out = strconv.AppendInt(nil, n, 10)
	case t.Kind == typed.Decimal:
		var n convert.Int128
		n, fault = r.Decimal(s, t.Precision, t.Scale)
		out = convert.AppendDecimal(nil, n, t.Scale)
	case t.IsFloat():
		width := 64
		if t.Kind == typed.Real {
			width = 32
		}
		var f float64
		f, fault = r.Float(s, width)
		out = strconv.AppendFloat(nil, f, 'g', -1, width)
	case t.Kind == typed.Bool:
		var v bool
		v, fault = r.Bool(s)
		out = strconv.AppendBool(nil, v)
	case t.Kind == typed.Interval:
		var v convert.Interval
		v, fault = convert.ParseInterval(s)
		return intervalLit(v), fault
	case t.Kind == typed.Timetz:
		at, days, fault := r.TimetzDays(s)
		l := Lit(t, string(convert.AppendTime(nil, at)))
		l.Days = days
		return l, fault
	default:
		out, fault = foldTime(r, s, t)
	}
	return Lit(t, string(out)), fault
}

// momentWord is a constant that means a moment; nil when it is none of them.
func momentWord(text string) typed.Expr {
	today := func(days string) typed.Expr {
		return Call("date_add_days", tDate, Call("today_utc", tDate), Lit(Int, days))
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "now":
		return Call("now_utc", tStamp)
	case "today":
		return Call("today_utc", tDate)
	case "tomorrow":
		return today("1")
	case "yesterday":
		return today("-1")
	}
	return nil
}

var intBits = map[typed.Kind]int{typed.Tinyint: 8, typed.Smallint: 16, typed.Int: 32, typed.Bigint: 64}

func foldTime(r *convert.Rules, s []byte, t typed.Type) (out []byte, fault convert.Fault) {
	var at int64
	switch t.Kind {
	case typed.Date:
		var day int32
		day, fault = r.Date(s)
		return convert.AppendDate(nil, int(day)), fault
	case typed.Time:
		at, fault = r.Time(s)
		return convert.AppendTime(nil, at), fault
	case typed.Timestamptz:
		at, fault = r.Timestamptz(s)
	default:
		at, fault = r.Timestamp(s)
	}
	return convert.AppendTimestamp(nil, at), fault
}

// intervalLit is a constant interval, in words that the engine reads.
func intervalLit(v convert.Interval) typed.Expr {
	text := ""
	part := func(n int64, word string) {
		if n != 0 {
			text += strconv.FormatInt(n, 10) + " " + word + " "
		}
	}
	part(int64(v.Months), "months")
	part(int64(v.Days), "days")
	part(v.Micros, "microseconds")
	if text == "" {
		text = "0 days "
	}
	return Lit(typed.T(typed.Interval), text[:len(text)-1])
}
