package rules

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Compare brings both sides to one type, without the trailing blanks of text where they do not count.
func (rs *Rules) Compare(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	l, r = rs.Pair(l, r, at, op)
	if l.Type().IsNested() {
		return rs.compareNested(op, l, r, at)
	}
	return &typed.Compare{Op: op, L: rs.Unblank(l), R: rs.Unblank(r)}
}

// Unblank cuts trailing blanks off text that may have them, where they do not count; char columns are kept without.
func (rs *Rules) Unblank(x typed.Expr) typed.Expr {
	if rs.D.BlanksCount || !x.Type().IsText() || x.Type().Kind == typed.Char {
		return x
	}
	if l, ok := x.(*typed.Literal); ok && !l.Null {
		return Lit(l.T, strings.TrimRight(l.Text, " "))
	}
	if Trimmed(x) {
		return x
	}
	return Call("blank_trim", x.Type(), x)
}

// Trimmed reports whether it is known that no value of x is text that ends in a blank.
func Trimmed(x typed.Expr) bool {
	if t := x.Type(); !t.IsText() || t.Kind == typed.Char {
		return true
	}
	switch x := x.(type) {
	case *typed.Literal:
		return x.Null || !strings.HasSuffix(x.Text, " ")
	case *typed.ColumnRef:
		return x.Trimmed
	case *typed.Cast:
		return trimmedCast(x)
	case *typed.Call:
		return trimmedCall(x)
	case *typed.Aggregate:
		return (x.Op == "min" || x.Op == "max" || x.Op == "any_value") && Trimmed(x.Args[0])
	case *typed.Case:
		for _, w := range x.Whens {
			if !Trimmed(w.Then) {
				return false
			}
		}
		return x.Else == nil || Trimmed(x.Else)
	}
	return false
}

// trimmedCast knows that numbers and times are written without blanks, and that text which is not cut keeps its end.
func trimmedCast(x *typed.Cast) bool {
	from := x.X.Type()
	if from.IsNumeric() || from.IsInstant() || from.IsClock() || from.Kind == typed.Bool {
		return true
	}
	whole := x.T.Len == 0 || from.Len > 0 && from.Len <= x.T.Len || x.Mode == typed.ModeAssign
	return from.IsText() && whole && Trimmed(x.X)
}

func trimmedCall(x *typed.Call) bool {
	switch x.Op {
	case "coalesce":
		for _, a := range x.Args {
			if !Trimmed(a) {
				return false
			}
		}
		return true
	case "rtrim", "trim", "md5", "sha1", "sha256", "hex_int_lower", "hex_bytes", "blank_trim":
		return true
	case "date_format":
		format, ok := x.Args[1].(*typed.Literal)
		return ok && !strings.HasSuffix(format.Text, " ")
	}
	return false
}

// Pair brings two operands to one type.
func (rs *Rules) Pair(l, r typed.Expr, at syntax.Pos, what string) (typed.Expr, typed.Expr) {
	t := rs.ComparisonType(l, r, at, what)
	rs.NoMap(t, at, what)
	return rs.Coerce(l, t, Implicit, at), rs.Coerce(r, t, Implicit, at)
}

// Number makes an operand numeric: text is a double in Spark and must be a literal in Redshift.
func (rs *Rules) Number(x typed.Expr, at syntax.Pos) typed.Expr {
	t := x.Type()
	switch {
	case t.IsNumeric() || t.Kind == typed.Unknown:
		return x
	case t.Kind == typed.Null:
		return rs.Coerce(x, Int, Implicit, at)
	case t.IsText():
		return rs.Coerce(x, Double, Implicit, at)
	case t.Kind == typed.Super:
		return rs.Coerce(x, Double, Implicit, at)
	}
	return rs.FailAs(syntax.Mismatch, at, "a number is needed here, this is %s", t)
}

// Instant makes a value a date or timestamp; text becomes a timestamp.
func (rs *Rules) Instant(x typed.Expr, at syntax.Pos) typed.Expr {
	if x.Type().IsInstant() || x.Type().IsClock() || x.Type().Kind == typed.Unknown || x.Type().Kind == typed.Interval {
		return x
	}
	return rs.Coerce(x, tStamp, Implicit, at)
}
