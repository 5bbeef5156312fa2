package print

import (
	"strings"

	"penstock/internal/sql/typed"
)

// unscaled is a decimal's digits as an integer: 1.50 with scale 2 is 150.
func unscaled(x string, scale int) string {
	if scale == 0 {
		return "CAST(" + x + " AS HUGEINT)"
	}
	return "CAST(" + cast(x, typed.Dec(38, scale)) + " * CAST(" + pow10(scale) + " AS DECIMAL(" + itoa(scale+1) + ",0)) AS HUGEINT)"
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
	ls, rs := l.Type().Scale, r.Type().Scale
	num, den := unscaled(p.expr(l), ls), unscaled(p.expr(r), rs)
	shift := c.T.Scale - ls + rs
	if shift > 0 {
		num = "(" + num + " * " + hugePow(shift) + ")"
	}
	if shift < 0 {
		den = "(" + den + " * " + hugePow(-shift) + ")"
	}
	q := "(" + num + " // " + den + ")"
	if round {
		q = fn("div_half_up", num, den)
	}
	return scaled(q, c.T)
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

var decimalOps = map[string]string{"add_decimal": "+", "sub_decimal": "-", "mul_decimal": "*"}
