package rules

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// arith binds + - * / % and DIV by the types of the operands.
func (b *Rules) Arith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
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
		return Call("interval_div", lt, l, b.Coerce(r, Double, Implicit, at))
	case op == "+" && b.D.PlusJoins && (lt.IsText() && rt.IsText() || lt.Kind == typed.Varbyte && rt.Kind == typed.Varbyte):
		return b.Concat(at, l, r)
	}
	l, r = b.freeNumber(l, rt, at), b.freeNumber(r, lt, at)
	l, r = b.Number(l, at), b.Number(r, at)
	lt, rt = l.Type(), r.Type()
	if lt.Kind == typed.Unknown || rt.Kind == typed.Unknown {
		return Call("unknown", typed.T(typed.Unknown), l, r)
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
func (b *Rules) freeNumber(x typed.Expr, other typed.Type, at syntax.Pos) typed.Expr {
	if p, ok := x.(*typed.Param); ok && !p.T.Known() {
		if !other.IsNumeric() {
			other = Double
		}
		if other.Kind == typed.Decimal {
			other = typed.Dec(38, max(other.Scale, 4))
		}
		b.Settle(p, other)
	}
	if b.D.Types.LiteralsAdapt && IsLiteral(x) && other.IsNumeric() {
		if other.Kind == typed.Decimal {
			return b.Coerce(x, typed.Dec(38, max(other.Scale, 4)), Implicit, at)
		}
		return b.Coerce(x, other, Implicit, at)
	}
	return x
}

var opNames = map[string]string{"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "div": "div"}

// divisor says how a zero divisor is met.
func (b *Rules) divisor(x typed.Expr) typed.Expr {
	if l, ok := x.(*typed.Literal); ok && !l.Null && strings.Trim(l.Text, "-0.") != "" {
		return x
	}
	return Call(b.D.Numbers.ZeroDivisor, x.Type(), x)
}

func (b *Rules) floatArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	l, r = b.Coerce(l, Double, Implicit, at), b.Coerce(r, Double, Implicit, at)
	if op == "/" || op == "%" || op == "div" {
		r = b.divisor(r)
	}
	if op == "div" {
		return Call("trunc_bigint", Bigint, Call("div_double", Double, l, r))
	}
	name := opNames[op]
	if op == "/" {
		name = "div_double"
	}
	return Call(name, Double, l, r)
}

func (b *Rules) intArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	if op == "/" && !b.D.Numbers.IntQuotient {
		return b.floatArith(op, l, r, at)
	}
	t := typed.T(max(l.Type().Kind, r.Type().Kind, b.D.Types.MinInt))
	if op == "div" {
		t = Bigint
	}
	l, r = b.Coerce(l, t, Implicit, at), b.Coerce(r, t, Implicit, at)
	switch op {
	case "/", "div":
		return Call("div_int", t, l, b.divisor(r))
	case "%":
		return Call("mod", t, l, b.divisor(r))
	}
	return Call(opNames[op], t, l, r)
}

// decimalArith computes in decimals by the dialect's rules for precision and scale.
func (b *Rules) decimalArith(op string, l, r typed.Expr) typed.Expr {
	lt, rt := b.decimalOf(l), b.decimalOf(r)
	t := b.D.Numbers.Decimal(op, lt, rt)
	l, r = b.toDecimal(l, lt), b.toDecimal(r, rt)
	switch op {
	case "/":
		if b.D.Numbers.RoundQuotient {
			return Call("div_decimal_round", t, l, b.divisor(r))
		}
		return Call("div_decimal_trunc", t, l, b.divisor(r))
	case "%":
		return Call("mod_decimal", t, l, b.divisor(r))
	case "div":
		return Call("trunc_bigint", Bigint, Call("div_decimal_trunc", typed.Dec(min(38, lt.Precision+rt.Scale+1), 0), l, b.divisor(r)))
	case "*":
		return Call(b.product(lt, rt, t), t, l, r)
	case "+":
		return Call("add_decimal", t, l, r)
	}
	return Call("sub_decimal", t, l, r)
}

// product names the multiplication: digits of the fraction that the result has no place for are rounded or cut off.
func (b *Rules) product(l, r, t typed.Type) string {
	switch {
	case l.Scale+r.Scale <= t.Scale:
		return "mul_decimal"
	case b.D.Numbers.RoundQuotient:
		return "mul_decimal_round"
	}
	return "mul_decimal_trunc"
}

// decimalOf is the decimal type of an operand.
func (b *Rules) decimalOf(x typed.Expr) typed.Type {
	if l, ok := x.(*typed.Literal); ok && b.D.Types.LiteralDigits && l.T.IsInt() && !l.Null {
		return typed.Dec(max(1, len(strings.TrimPrefix(l.Text, "-"))), 0)
	}
	return b.asDecimal(x.Type())
}

func (b *Rules) toDecimal(x typed.Expr, t typed.Type) typed.Expr {
	if l, ok := x.(*typed.Literal); ok && !l.Null {
		return Lit(t, l.Text)
	}
	if x.Type() == t {
		return x
	}
	return &typed.Cast{Ty: typed.Ty{T: t}, X: x}
}

func (b *Rules) Bits(x *syntax.BinaryOp, l, r typed.Expr) typed.Expr {
	lt, rt := l.Type(), r.Type()
	if x.Op == "^" && b.D.Grammar.CaretPower {
		return Call("pow", Double, b.Coerce(l, Double, Implicit, x.At), b.Coerce(r, Double, Implicit, x.At))
	}
	if !lt.IsInt() || !rt.IsInt() {
		return b.FailAs(syntax.Mismatch, x.At, "operator %s takes integers, these are %s and %s", x.Op, lt, rt)
	}
	t := typed.T(max(lt.Kind, rt.Kind))
	name := map[string]string{"|": "bit_or", "&": "bit_and", "#": "bit_xor", "^": "bit_xor", "<<": "shift_left", ">>": "shift_right"}[x.Op]
	return Call(name, t, b.Coerce(l, t, Implicit, x.At), b.Coerce(r, t, Implicit, x.At))
}

// concat joins text; NULL in a part gives NULL.
func (b *Rules) Concat(at syntax.Pos, parts ...typed.Expr) typed.Expr {
	n := 0
	t := b.Text()
	for i, p := range parts {
		if p.Type().Kind == typed.Varbyte {
			return b.concatBytes(at, parts)
		}
		parts[i] = b.Coerce(p, b.Text(), Implicit, at)
		if l := p.Type().Len; l > 0 && n >= 0 && p.Type().IsText() {
			n += l
		} else {
			n = -1
		}
	}
	most := b.D.Types.MaxText
	if most == 0 {
		return Call("concat", t, parts...)
	}
	if n > 0 {
		t = typed.VarcharOf(min(n, most))
	}
	for i, p := range parts { // a chain is looked at once, at its end
		if c, ok := p.(*typed.Call); ok && c.Op == "bounded" {
			parts[i] = c.Args[0]
		}
	}
	joined := Call("concat", t, parts...)
	if n > 0 && n <= most {
		return joined
	}
	return Call("bounded", t, joined)
}

func (b *Rules) concatBytes(at syntax.Pos, parts []typed.Expr) typed.Expr {
	for i, p := range parts {
		parts[i] = b.Coerce(p, typed.T(typed.Varbyte), Implicit, at)
	}
	return Call("concat_bytes", typed.T(typed.Varbyte), parts...)
}

func (b *Rules) RegexOp(x *syntax.BinaryOp, l, r typed.Expr) typed.Expr {
	l, r = b.Coerce(l, b.Text(), Implicit, x.At), b.Coerce(r, b.Text(), Implicit, x.At)
	name := "rs_regex_find"
	if strings.HasSuffix(x.Op, "*") {
		name = "rs_regex_find_fold"
	}
	var y typed.Expr = Call(name, Bool, l, r)
	if strings.HasPrefix(x.Op, "!") {
		return &typed.Not{X: y}
	}
	return y
}
