package bind

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// arith binds + - * / % and DIV by the types of the operands.
func (b *binder) arith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	if op == "+" || op == "-" {
		if x := b.timeArith(op, l, r, at); x != nil {
			return x
		}
	}
	lt, rt := l.Type(), r.Type()
	switch {
	case op == "*" && (lt.Kind == typed.Interval || rt.Kind == typed.Interval):
		return b.scaleInterval(l, r, at)
	case op == "/" && lt.Kind == typed.Interval:
		return call("interval_div", lt, l, b.coerce(r, tDouble, implicit, at))
	case op == "+" && b.redshift() && lt.IsText() && rt.IsText():
		return b.concat(at, l, r)
	}
	l, r = b.freeNumber(l, rt, at), b.freeNumber(r, lt, at)
	l, r = b.number(l, at), b.number(r, at)
	lt, rt = l.Type(), r.Type()
	if lt.Kind == typed.Unknown || rt.Kind == typed.Unknown {
		return call("unknown", typed.T(typed.Unknown), l, r)
	}
	if lt.IsFloat() || rt.IsFloat() {
		return b.floatArith(op, l, r, at)
	}
	if lt.IsInt() && rt.IsInt() {
		return b.intArith(op, l, r, at)
	}
	return b.decimalArith(op, l, r)
}

// freeNumber gives a string literal or parameter beside a number that number's type.
func (b *binder) freeNumber(x typed.Expr, other typed.Type, at syntax.Pos) typed.Expr {
	if p, ok := x.(*typed.Param); ok && !p.T.Known() {
		if !other.IsNumeric() {
			other = tDouble
		}
		b.settle(p, other)
	}
	if b.redshift() && isLiteral(x) && other.IsNumeric() {
		if other.Kind == typed.Decimal {
			return b.coerce(x, typed.Dec(38, max(other.Scale, 4)), implicit, at)
		}
		return b.coerce(x, other, implicit, at)
	}
	return x
}

var opNames = map[string]string{"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "div": "div"}

// divisor says how a zero divisor is met: an error in Redshift, NULL in Spark.
func (b *binder) divisor(x typed.Expr) typed.Expr {
	if l, ok := x.(*typed.Literal); ok && !l.Null && strings.Trim(l.Text, "-0.") != "" {
		return x
	}
	if b.redshift() {
		return call("nonzero", x.Type(), x)
	}
	return call("null_if_zero", x.Type(), x)
}

func (b *binder) floatArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	l, r = b.coerce(l, tDouble, implicit, at), b.coerce(r, tDouble, implicit, at)
	if op == "/" || op == "%" || op == "div" {
		r = b.divisor(r)
	}
	if op == "div" {
		return call("trunc_bigint", tBigint, call("div_double", tDouble, l, r))
	}
	name := opNames[op]
	if op == "/" {
		name = "div_double"
	}
	return call(name, tDouble, l, r)
}

func (b *binder) intArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	if op == "/" && !b.redshift() {
		return b.floatArith(op, l, r, at)
	}
	t := typed.T(max(l.Type().Kind, r.Type().Kind))
	if op == "div" {
		t = tBigint
	}
	if b.redshift() && t.Kind < typed.Int && op != "%" {
		t = typed.T(max(t.Kind, typed.Smallint))
	}
	l, r = b.coerce(l, t, implicit, at), b.coerce(r, t, implicit, at)
	switch op {
	case "/", "div":
		return call("div_int", t, l, b.divisor(r))
	case "%":
		return call("mod", t, l, b.divisor(r))
	}
	return call(opNames[op], t, l, r)
}

// decimalArith computes in decimals by the dialect's rules for precision and scale.
func (b *binder) decimalArith(op string, l, r typed.Expr) typed.Expr {
	lt, rt := b.decimalOf(l), b.decimalOf(r)
	t := b.decimalResult(op, lt, rt)
	l, r = b.toDecimal(l, lt), b.toDecimal(r, rt)
	switch op {
	case "/":
		if b.redshift() {
			return call("div_decimal_trunc", t, l, b.divisor(r))
		}
		return call("div_decimal_round", t, l, b.divisor(r))
	case "%":
		return call("mod_decimal", t, l, b.divisor(r))
	case "div":
		return call("trunc_bigint", tBigint, call("div_decimal_trunc", typed.Dec(min(38, lt.Precision+rt.Scale+1), 0), l, b.divisor(r)))
	case "*":
		return call("mul_decimal", t, l, r)
	case "+":
		return call("add_decimal", t, l, r)
	}
	return call("sub_decimal", t, l, r)
}

// decimalOf is the decimal type of an operand; Spark gives an integer literal just the digits that it has.
func (b *binder) decimalOf(x typed.Expr) typed.Type {
	if l, ok := x.(*typed.Literal); ok && !b.redshift() && l.T.IsInt() && !l.Null {
		return typed.Dec(max(1, len(strings.TrimPrefix(l.Text, "-"))), 0)
	}
	return b.asDecimal(x.Type())
}

func (b *binder) toDecimal(x typed.Expr, t typed.Type) typed.Expr {
	if l, ok := x.(*typed.Literal); ok && !l.Null {
		return lit(t, l.Text)
	}
	if x.Type() == t {
		return x
	}
	return &typed.Cast{Ty: typed.Ty{T: t}, X: x}
}

func (b *binder) decimalResult(op string, l, r typed.Type) typed.Type {
	p1, s1, p2, s2 := l.Precision, l.Scale, r.Precision, r.Scale
	var p, s int
	switch op {
	case "*":
		p, s = p1+p2+1, s1+s2
	case "/":
		if b.redshift() {
			s = max(4, s1+p2-s2+1)
			p = p1 - s1 + s2 + s
			if p > 38 {
				s = max(38+s-p, 4)
				p = 38
			}
			return typed.Dec(p, s)
		}
		s = max(6, s1+p2+1)
		p = p1 - s1 + s2 + s
	case "%":
		s = max(s1, s2)
		p = min(p1-s1, p2-s2) + s
	default:
		s = max(s1, s2)
		p = max(p1-s1, p2-s2) + s + 1
	}
	if b.redshift() {
		return typed.Dec(min(p, 38), min(s, 37))
	}
	return adjust(p, s)
}

// adjust is Spark's way to keep a decimal within 38 digits: the fraction gives way first, down to 6 digits.
func adjust(p, s int) typed.Type {
	if p <= 38 {
		return typed.Dec(max(p, 1), s)
	}
	whole := p - s
	return typed.Dec(38, max(38-whole, min(s, 6)))
}

func (b *binder) bits(x *syntax.BinaryOp, l, r typed.Expr) typed.Expr {
	lt, rt := l.Type(), r.Type()
	if x.Op == "^" && b.redshift() {
		return call("pow", tDouble, b.coerce(l, tDouble, implicit, x.At), b.coerce(r, tDouble, implicit, x.At))
	}
	if !lt.IsInt() || !rt.IsInt() {
		return b.fail(x.At, "operator %s takes integers, these are %s and %s", x.Op, lt, rt)
	}
	t := typed.T(max(lt.Kind, rt.Kind))
	name := map[string]string{"|": "bit_or", "&": "bit_and", "#": "bit_xor", "^": "bit_xor", "<<": "shift_left", ">>": "shift_right"}[x.Op]
	return call(name, t, b.coerce(l, t, implicit, x.At), b.coerce(r, t, implicit, x.At))
}

// concat joins text; NULL in a part gives NULL.
func (b *binder) concat(at syntax.Pos, parts ...typed.Expr) typed.Expr {
	n := 0
	t := b.text()
	for i, p := range parts {
		if p.Type().Kind == typed.Varbyte {
			return b.concatBytes(at, parts)
		}
		parts[i] = b.coerce(p, b.text(), implicit, at)
		if l := p.Type().Len; l > 0 && n >= 0 && p.Type().IsText() {
			n += l
		} else {
			n = -1
		}
	}
	if n > 0 && b.redshift() {
		t = typed.VarcharOf(min(n, 65535))
	}
	return call("concat", t, parts...)
}

func (b *binder) concatBytes(at syntax.Pos, parts []typed.Expr) typed.Expr {
	for i, p := range parts {
		parts[i] = b.coerce(p, typed.T(typed.Varbyte), implicit, at)
	}
	return call("concat_bytes", typed.T(typed.Varbyte), parts...)
}

func (b *binder) regexOp(x *syntax.BinaryOp, l, r typed.Expr) typed.Expr {
	l, r = b.coerce(l, b.text(), implicit, x.At), b.coerce(r, b.text(), implicit, x.At)
	name := "regex_find"
	if strings.HasSuffix(x.Op, "*") {
		name = "regex_find_fold"
	}
	var y typed.Expr = call(name, tBool, l, r)
	if strings.HasPrefix(x.Op, "!") {
		return &typed.Not{X: y}
	}
	return y
}
