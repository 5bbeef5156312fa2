package print

import (
	"fmt"
	"strconv"
	"strings"

	"penstock/internal/sql/typed"
)

func fn(name string, args ...string) string {
	out := "penstock_fn." + name + "("
	for i, a := range args {
		if i > 0 {
			out += ", "
		}
		out += a
	}
	return out + ")"
}

// cast writes a conversion by its rules.
func (p *printer) cast(c *typed.Cast) string {
	from, to := c.X.Type(), c.T
	x := p.expr(c.X)
	switch {
	case from.Kind == typed.Super:
		return p.fromSuper(x, to)
	case to.Kind == typed.Super:
		return toSuper(x, from)
	case to.Kind == typed.Varbyte && from.Kind == typed.Varbyte:
		return x
	case to.Kind == typed.Varbyte && from.IsInt():
		return "unhex(lpad(hex(" + x + "), " + itoa(2*intBytes[from.Kind]) + ", '0'))"
	case to.Kind == typed.Varbyte && from.Kind == typed.Char && from.Len > 0: // the blanks that fill a CHAR are bytes of it
		return "encode(rpad(" + x + ", " + itoa(from.Len) + ", ' '))"
	case to.Kind == typed.Varbyte && from.IsText():
		return "encode(" + x + ")"
	case from.Kind == typed.Varbyte && to.IsText():
		return "decode(" + x + ")"
	case from.Kind == typed.Timestamptz && to.IsClock():
		x = cast(x, typed.T(typed.Timestamp))
	case from.Kind == typed.Timestamp && to.Kind == typed.Bigint:
		return "CAST(floor(epoch_us(" + x + ") / 1000000) AS BIGINT)"
	case from.Kind == typed.Timestamp && to.IsNumeric():
		return cast("epoch("+x+")", to)
	case from.IsNumeric() && to.Kind == typed.Timestamp:
		return fromNumber(x, from)
	case from.IsNumeric() && to.Kind == typed.Bool:
		return "(" + x + " <> 0)"
	case from.Kind == typed.Bool && to.Kind == typed.Decimal && c.OnError == typed.Nullify:
		return "TRY_CAST(CAST(" + x + " AS INTEGER) AS " + duck(to) + ")"
	case from.Kind == typed.Bool && to.Kind == typed.Decimal:
		return cast("CAST("+x+" AS INTEGER)", to)
	case c.By == "sp" && from.Kind == typed.Double && to.Kind == typed.Real:
		return "CASE WHEN isfinite(" + x + ") AND abs(" + x + ") > 3.4028235677973366e38 THEN CAST(CASE WHEN " + x +
			" > 0 THEN 'inf' ELSE '-inf' END AS REAL) ELSE CAST(" + x + " AS REAL) END"
	}
	if to.IsText() && from.IsText() {
		return p.length(x, from, to, c.Mode)
	}
	y := p.convert(x, from, c)
	if to.IsText() && to.Len > 0 {
		return p.length(y, typed.T(typed.Varchar), to, c.Mode)
	}
	return y
}

// fromNumber reads a number as seconds from 1970-01-01.
func fromNumber(x string, from typed.Type) string {
	switch {
	case from.IsInt():
		return "make_timestamp(CAST(" + x + " AS BIGINT) * 1000000)"
	case from.IsFloat():
		return "CASE WHEN isfinite(" + x + ") THEN make_timestamp(CAST(trunc(" + x + " * 1000000) AS BIGINT)) END"
	}
	return "make_timestamp(CAST(trunc(" + x + " * 1000000) AS BIGINT))"
}

// length brings text to the type's number of bytes.
func (p *printer) length(x string, from, to typed.Type, mode typed.CastMode) string {
	n := strconv.Itoa(to.Len)
	trim := to.Kind == typed.Char && from.Kind != typed.Char
	switch {
	case to.Len == 0 || from.Len > 0 && from.Len <= to.Len:
	case mode == typed.ModeAssign:
		x = fn("fit_bytes", x, n, str(fmt.Sprintf("value too long for type %s(%d)", longKind(to), to.Len)))
	case mode == typed.ModeLossy:
		x = fn("cut_bytes", x, n)
	}
	if trim {
		return fn("rtrim_fast", x)
	}
	return x
}

func longKind(t typed.Type) string {
	if t.Kind == typed.Char {
		return "character"
	}
	return "character varying"
}

// intBytes are the sizes of the integers.
var intBytes = map[typed.Kind]int{typed.Tinyint: 1, typed.Smallint: 2, typed.Int: 4, typed.Bigint: 8}

// goFn calls a function that package engine/functions registers.
func goFn(rules, name string, args ...string) string {
	return "ps_" + rules + "_" + name + "(" + strings.Join(args, ", ") + ")"
}

func (p *printer) convert(x string, from typed.Type, c *typed.Cast) string {
	to, nullify := c.T, c.OnError == typed.Nullify
	switch {
	case c.Mode == typed.ModeTruncate && from.Kind == typed.Decimal:
		return cast("trunc("+x+")", to)
	case c.Mode == typed.ModeTruncate:
		return cast(fn("double_to_"+duckNames[to.Kind], x), to)
	case c.By != "" && from.IsText() && !to.IsText():
		return p.fromText(x, to, c.By, nullify)
	case c.By != "" && to.IsText():
		return toText(x, from, c.By)
	case c.By != "" && from.IsFloat() && to.Kind == typed.Decimal:
		return scaled(goFn(c.By, try(nullify)+floatNames[from.Kind]+"_decimal", x, itoa(to.Precision), itoa(to.Scale)), to)
	}
	if nullify && !sure(from, to) {
		return "TRY_CAST(" + x + " AS " + duck(to) + ")"
	}
	return cast(x, to)
}

var floatNames = map[typed.Kind]string{typed.Real: "real", typed.Double: "double"}

func try(nullify bool) string {
	if nullify {
		return "try_"
	}
	return ""
}

// toText writes a value as the rules do. The engine's own text is right for integers, booleans and dates, and for decimals with a digit
// in front of the point.
func toText(x string, from typed.Type, rules string) string {
	text := typed.T(typed.Varchar)
	switch {
	case from.IsFloat():
		return goFn(rules, floatNames[from.Kind]+"_text", x)
	case from.Kind == typed.Interval:
		return goFn(rules, "interval_text", x)
	case rules == "sp" && from.Kind == typed.Date:
		return "CASE WHEN " + x + " BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN " + cast(x, text) + " ELSE " +
			goFn(rules, "timestamp_text", cast(x, typed.T(typed.Timestamp)), "true") + " END"
	case rules == "sp" && from.Kind == typed.Timestamp:
		return "CASE WHEN " + x + " BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN " + cast(x, text) + " ELSE " +
			goFn(rules, "timestamp_text", x, "false") + " END"
	case from.Kind == typed.Decimal && from.Scale > 6, from.Kind == typed.Decimal && from.Precision == 38 && from.Scale == 38:
		return goFn(rules, "decimal_text", cast(x, text))
	case from.Kind == typed.Decimal && from.Precision == from.Scale:
		x = cast(x, typed.Dec(from.Precision+1, from.Scale))
	}
	return cast(x, text)
}

// sure reports whether a conversion cannot fail.
func sure(from, to typed.Type) bool {
	switch {
	case to.IsText():
		return true
	case from.IsInt() && to.IsInt():
		return from.Kind <= to.Kind
	case from.IsNumeric() && to.IsFloat():
		return true
	case from.IsInt() && to.Kind == typed.Decimal:
		digits := map[typed.Kind]int{typed.Tinyint: 3, typed.Smallint: 5, typed.Int: 10, typed.Bigint: 19}
		return to.Precision-to.Scale >= digits[from.Kind]
	case from.Kind == typed.Decimal && to.Kind == typed.Decimal:
		return to.Precision-to.Scale >= from.Precision-from.Scale && to.Scale >= from.Scale
	case from.IsInstant() && to.IsInstant():
		return true
	}
	return false
}

var readNames = map[typed.Kind]string{typed.Tinyint: "int8", typed.Smallint: "int16", typed.Int: "int32", typed.Bigint: "int64",
	typed.Real: "real", typed.Double: "double", typed.Bool: "bool", typed.Date: "date", typed.Timestamp: "timestamp",
	typed.Timestamptz: "timestamptz", typed.Time: "time", typed.Timetz: "timetz", typed.Interval: "interval"}

// fromText reads text by rules.
func (p *printer) fromText(x string, to typed.Type, rules string, nullify bool) string {
	if to.Kind == typed.Decimal {
		return scaled(goFn(rules, try(nullify)+"decimal", x, itoa(to.Precision), itoa(to.Scale)), to)
	}
	name, ok := readNames[to.Kind]
	if !ok {
		return p.fail("text cannot be read as %s", to)
	}
	y := goFn(rules, try(nullify)+name, x)
	if to.Kind == typed.Timetz {
		return cast(y, to) // the function gives it in UTC
	}
	return y
}

// toSuper makes a SUPER value. A decimal keeps the digits of its scale.
func toSuper(x string, from typed.Type) string {
	switch from.Kind {
	case typed.Super:
		return x
	case typed.Decimal:
		return "CAST(" + toText(x, from, "rs") + " AS JSON)"
	}
	return "to_json(" + x + ")"
}

// fromSuper reads a scalar out of a SUPER value by the rules for text; another kind of value gives NULL.
func (p *printer) fromSuper(x string, to typed.Type) string {
	text := goFn("rs", "super_text", x)
	switch {
	case to.IsText():
		return p.length(text, typed.T(typed.Varchar), to, typed.ModeLossy)
	case to.IsInt():
		return "TRY_CAST(" + goFn("rs", "try_decimal", text, "38", "0") + " AS " + duck(to) + ")"
	case to.Kind == typed.Varbyte:
		return "encode(" + text + ")"
	}
	return p.fromText(text, to, "rs", true)
}
