package rules

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Compare brings both sides to one type, without the trailing blanks of text where they do not count.
func (b *Rules) Compare(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	l, r = b.Pair(l, r, at, op)
	return &typed.Compare{Op: op, L: b.Unblank(l), R: b.Unblank(r)}
}

// Unblank cuts trailing blanks off text that may have them, where they do not count; char columns are kept without.
func (b *Rules) Unblank(x typed.Expr) typed.Expr {
	if b.D.BlanksCount || !x.Type().IsText() || x.Type().Kind == typed.Char {
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

// pair brings two operands to one type.
func (b *Rules) Pair(l, r typed.Expr, at syntax.Pos, what string) (typed.Expr, typed.Expr) {
	t := b.ComparisonType(l, r, at, what)
	return b.Coerce(l, t, Implicit, at), b.Coerce(r, t, Implicit, at)
}

// number makes an operand numeric: text is a double in Spark and must be a literal in Redshift.
func (b *Rules) Number(x typed.Expr, at syntax.Pos) typed.Expr {
	t := x.Type()
	switch {
	case t.IsNumeric() || t.Kind == typed.Unknown:
		return x
	case t.Kind == typed.Null:
		return b.Coerce(x, Int, Implicit, at)
	case t.IsText():
		return b.Coerce(x, Double, Implicit, at)
	case t.Kind == typed.Super:
		return b.Coerce(x, Double, Implicit, at)
	}
	return b.FailAs(syntax.Mismatch, at, "a number is needed here, this is %s", t)
}

// settle gives a parameter of unknown type the type that its place asks for.
func (b *Rules) Settle(n *typed.Param, t typed.Type) {
	if !t.Known() || n.T.Known() {
		return
	}
	for i := range b.params {
		p := &b.params[i]
		for _, have := range p.nodes {
			if have == n {
				p.typ = t
				for _, m := range p.nodes {
					m.T = t
				}
				return
			}
		}
	}
}

func (b *Rules) Param(x *syntax.Param) typed.Expr {
	if x.Name == "" && (x.Index < 1 || x.Index > 32767) {
		return b.FailAs(syntax.NoParameter, x.At, "parameter $%d is out of range: parameters count from 1 to 32767", x.Index)
	}
	if len(b.params) > 0 && (b.params[0].name == "") != (x.Name == "") {
		return b.Fail(x.At, "a statement has either $1 or :name parameters, not both")
	}
	index := -1
	for i, p := range b.params {
		if x.Name != "" && p.name == x.Name || x.Name == "" && p.name == "" && p.index == x.Index {
			index = i
		}
	}
	if index < 0 {
		p := param{index: x.Index, name: x.Name, typ: typed.T(typed.Unknown)}
		if x.Name == "" && x.Index >= 1 && x.Index <= len(b.Declared) {
			p.typ = b.Declared[x.Index-1]
		}
		b.params = append(b.params, p)
		index = len(b.params) - 1
	}
	p := &b.params[index]
	n := &typed.Param{Ty: typed.Ty{T: p.typ}, Index: x.Index}
	if x.Name != "" {
		n.Index = index + 1
	}
	p.nodes = append(p.nodes, n)
	return n
}

func IsLiteral(x typed.Expr) bool {
	l, ok := x.(*typed.Literal)
	return ok && !l.Null && l.T.IsText()
}

func Negate(text string) string {
	if strings.HasPrefix(text, "-") {
		return text[1:]
	}
	return "-" + text
}

// instant makes a value a date or timestamp; text becomes a timestamp.
func (b *Rules) Instant(x typed.Expr, at syntax.Pos) typed.Expr {
	if x.Type().IsInstant() || x.Type().IsClock() || x.Type().Kind == typed.Unknown || x.Type().Kind == typed.Interval {
		return x
	}
	return b.Coerce(x, tStamp, Implicit, at)
}

func Upper(s string) string { return strings.ToUpper(s) }
