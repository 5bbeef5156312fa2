package print

import (
	"strings"

	"penstock/internal/sql/typed"
)

// unscaled is a decimal's digits as an integer: 1.50 of decimal(5,2) is 150. The way depends on the room that the type leaves in 38
// digits: one multiplication, the whole and the fraction apart, or the digits of its text.
func unscaled(x string, t typed.Type) string {
	unit := "CAST(" + pow10(t.Scale) + " AS DECIMAL(" + itoa(t.Scale+1) + ",0))"
	switch {
	case t.Scale == 0:
		return "CAST(" + x + " AS HUGEINT)"
	case t.Precision+t.Scale <= 38:
		return "CAST(" + cast(x, typed.Dec(38, t.Scale)) + " * " + unit + " AS HUGEINT)"
	case t.Scale <= 19:
		return fn("digits_apart", cast(x, typed.Dec(38, t.Scale)), hugePow(t.Scale), unit)
	}
	return "CAST(replace(CAST(" + cast(x, t) + " AS VARCHAR), '.', '') AS HUGEINT)"
}

// scaled makes a decimal of digits.
func scaled(digits string, t typed.Type) string {
	if t.Scale == 0 {
		return cast(digits, t)
	}
	unit := "0." + strings.Repeat("0", t.Scale-1) + "1"
	return cast("CAST("+digits+" AS DECIMAL(38,0)) * CAST('"+unit+"' AS DECIMAL("+itoa(t.Scale)+","+itoa(t.Scale)+"))", t)
}

// divide is the quotient of two decimals with the scale of t, cut off or rounded half up. No floating point is used.
func (p *printer) divide(c *typed.Call, round bool) string {
	l, r := c.Args[0], c.Args[1]
	lt, rt := l.Type(), r.Type()
	q := quotient{num: unscaled(p.expr(l), lt), digits: lt.Precision, den: unscaled(p.expr(r), rt),
		shift: c.T.Scale - lt.Scale + rt.Scale, round: round}
	return scaled(q.text(), c.T)
}

// quotient is num * 10^shift / den over integers; num has at most so many digits.
type quotient struct {
	num, den      string
	digits, shift int
	round         bool
}

func (q quotient) text() string {
	switch {
	case q.shift < 0: // cutting off twice is cutting off once, and leaves half of a unit a half
		first := "(" + q.num + " // " + q.den + ")"
		return quotient{num: first, den: hugePow(-q.shift), round: q.round}.text()
	case q.digits+q.shift > 38 && q.round:
		return fn("div_half_up", fn("div_shifted", q.num, q.den, itoa(q.shift+1)), "CAST(10 AS HUGEINT)")
	case q.digits+q.shift > 38:
		return fn("div_shifted", q.num, q.den, itoa(q.shift))
	case q.shift > 0:
		q.num = "(" + q.num + " * " + hugePow(q.shift) + ")"
	}
	if q.round {
		return fn("div_half_up", q.num, q.den)
	}
	return "(" + q.num + " // " + q.den + ")"
}

func hugePow(n int) string { return "CAST('" + pow10(min(n, 38)) + "' AS HUGEINT)" }

// wide computes + - * in a decimal wide enough for every digit: DuckDB keeps to 18 digits when both operands have no more.
func (p *printer) wide(c *typed.Call) string {
	l, r := c.Args[0], c.Args[1]
	lx, rx := p.expr(l), p.expr(r)
	lt := l.Type()
	if c.T.Precision > 18 && lt.Precision <= 18 {
		lx = cast(lx, typed.Dec(19, lt.Scale))
	}
	return cast(lx+" "+decimalOps[c.Op]+" "+rx, c.T)
}

// product is a multiplication whose exact result has more digits of the fraction than its type.
func (p *printer) product(c *typed.Call) string {
	l, r := c.Args[0], c.Args[1]
	name, cut := "mul_trunc", l.Type().Scale+r.Type().Scale-c.T.Scale
	if c.Op == "mul_decimal_round" {
		name = "mul_round"
	}
	return scaled(fn(name, unscaled(p.expr(l), l.Type()), unscaled(p.expr(r), r.Type()), hugePow(cut)), c.T)
}

var decimalOps = map[string]string{"add_decimal": "+", "sub_decimal": "-", "mul_decimal": "*"}
