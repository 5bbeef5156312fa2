package rules

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// arith binds + - * / % and DIV by the types of the operands.
func (rs *Rules) arith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	if op == "+" || op == "-" {
		if x := rs.timeArith(op, l, r, at); x != nil {
			return x
		}
	}
	lt, rt := l.Type(), r.Type()
	switch {
	case op == "*" && (lt.Kind == typed.Interval || rt.Kind == typed.Interval):
		return rs.scaleInterval(l, r, at)
	case op == "/" && lt.Kind == typed.Interval:
		return Call("interval_div", lt, l, rs.Coerce(r, Double, Implicit, at))
	case op == "+" && rs.D.PlusJoins && (lt.IsText() && rt.IsText() || lt.Kind == typed.Varbyte && rt.Kind == typed.Varbyte):
		return rs.concat(at, l, r)
	}
	l, r = rs.freeNumber(l, rt, at), rs.freeNumber(r, lt, at)
	l, r = rs.Number(l, at), rs.Number(r, at)
	lt, rt = l.Type(), r.Type()
	if lt.Kind == typed.Unknown || rt.Kind == typed.Unknown {
		return Call("unknown", typed.T(typed.Unknown), l, r)
	}
	if lt.IsFloat() || rt.IsFloat() {
		return rs.floatArith(op, l, r, at)
	}
	if lt.IsInt() && rt.IsInt() {
		return rs.intArith(op, l, r, at)
	}
	return rs.decimalArith(op, l, r)
}

// freeNumber gives a string literal or parameter beside a number that number's type.
func (rs *Rules) freeNumber(x typed.Expr, other typed.Type, at syntax.Pos) typed.Expr {
	if p, ok := x.(*typed.Param); ok && !p.T.Known() {
		if !other.IsNumeric() {
			other = Double
		}
		if other.Kind == typed.Decimal {
			other = typed.Dec(38, max(other.Scale, 4))
		}
		rs.Settle(p, other)
	}
	if rs.D.Types.LiteralsAdapt && IsLiteral(x) && other.IsNumeric() {
		if other.Kind == typed.Decimal {
			return rs.Coerce(x, typed.Dec(38, max(other.Scale, 4)), Implicit, at)
		}
		return rs.Coerce(x, other, Implicit, at)
	}
	return x
}

var opNames = map[string]string{"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "div": "div"}

// divisor says how a zero divisor is met.
func (rs *Rules) divisor(x typed.Expr) typed.Expr {
	if l, ok := x.(*typed.Literal); ok && !l.Null && strings.Trim(l.Text, "-0.") != "" {
		return x
	}
	return Call(rs.D.Numbers.ZeroDivisor, x.Type(), x)
}

func (rs *Rules) floatArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	l, r = rs.Coerce(l, Double, Implicit, at), rs.Coerce(r, Double, Implicit, at)
	if op == "/" || op == "%" || op == "div" {
		r = rs.divisor(r)
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

func (rs *Rules) intArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	if op == "/" && !rs.D.Numbers.IntQuotient {
		return rs.floatArith(op, l, r, at)
	}
	t := typed.T(max(l.Type().Kind, r.Type().Kind, rs.D.Types.MinInt))
	if op == "div" {
		t = Bigint
	}
	l, r = rs.Coerce(l, t, Implicit, at), rs.Coerce(r, t, Implicit, at)
	switch op {
	case "/", "div":
		return Call("div_int", t, l, rs.divisor(r))
	case "%":
		return Call("mod", t, l, rs.divisor(r))
	}
	return Call(opNames[op], t, l, r)
}

// decimalArith computes in decimals by the dialect's rules for precision and scale.
func (rs *Rules) decimalArith(op string, l, r typed.Expr) typed.Expr {
	lt, rt := rs.decimalOf(l), rs.decimalOf(r)
	t := rs.D.Numbers.Decimal(op, lt, rt)
	l, r = rs.toDecimal(l, lt), rs.toDecimal(r, rt)
	switch op {
	case "/":
		if rs.D.Numbers.RoundQuotient {
			return Call("div_decimal_round", t, l, rs.divisor(r))
		}
		return Call("div_decimal_trunc", t, l, rs.divisor(r))
	case "%":
		return Call("mod_decimal", t, l, rs.divisor(r))
	case "div":
		return Call("trunc_bigint", Bigint, Call("div_decimal_trunc", typed.Dec(min(38, lt.Precision+rt.Scale+1), 0), l, rs.divisor(r)))
	case "*":
		return Call(rs.product(lt, rt, t), t, l, r)
	case "+":
		return Call("add_decimal", t, l, r)
	}
	return Call("sub_decimal", t, l, r)
}

// product names the multiplication: digits of the fraction that the result has no place for are rounded or cut off.
func (rs *Rules) product(l, r, t typed.Type) string {
	switch {
	case l.Scale+r.Scale <= t.Scale:
		return "mul_decimal"
	case rs.D.Numbers.RoundQuotient:
		return "mul_decimal_round"
	}
	return "mul_decimal_trunc"
}

// decimalOf is the decimal type of an operand.
func (rs *Rules) decimalOf(x typed.Expr) typed.Type {
	if l, ok := x.(*typed.Literal); ok && rs.D.Types.LiteralDigits && l.T.IsInt() && !l.Null {
		return typed.Dec(max(1, len(strings.TrimPrefix(l.Text, "-"))), 0)
	}
	return rs.asDecimal(x.Type())
}

func (rs *Rules) toDecimal(x typed.Expr, t typed.Type) typed.Expr {
	if l, ok := x.(*typed.Literal); ok && !l.Null {
		return Lit(t, l.Text)
	}
	if x.Type() == t {
		return x
	}
	return &typed.Cast{Ty: typed.Ty{T: t}, X: x}
}

// bits binds the operators over the bits of integers; ^ is a power where the dialect says so.
func (rs *Rules) bits(x *syntax.BinaryOp, l, r typed.Expr) typed.Expr {
	lt, rt := l.Type(), r.Type()
	if x.Op == "^" && rs.D.Grammar.CaretPower {
		return Call("pow", Double, rs.Coerce(l, Double, Implicit, x.At), rs.Coerce(r, Double, Implicit, x.At))
	}
	if !lt.IsInt() || !rt.IsInt() {
		return rs.FailAs(syntax.Mismatch, x.At, "operator %s takes integers, these are %s and %s", x.Op, lt, rt)
	}
	t := typed.T(max(lt.Kind, rt.Kind))
	name := map[string]string{"|": "bit_or", "&": "bit_and", "#": "bit_xor", "^": "bit_xor", "<<": "shift_left", ">>": "shift_right"}[x.Op]
	return Call(name, t, rs.Coerce(l, t, Implicit, x.At), rs.Coerce(r, t, Implicit, x.At))
}

// concat joins text; NULL in a part gives NULL.
func (rs *Rules) concat(at syntax.Pos, parts ...typed.Expr) typed.Expr {
	n := 0
	t := rs.Text()
	for i, p := range parts {
		switch p.Type().Kind {
		case typed.Varbyte:
			return rs.concatBytes(at, parts)
		case typed.Array:
			return rs.concatArrays(at, parts)
		}
		parts[i] = rs.Coerce(p, rs.Text(), Implicit, at)
		if l := p.Type().Len; l > 0 && n >= 0 && p.Type().IsText() {
			n += l
		} else {
			n = -1
		}
	}
	most := rs.D.Types.MaxText
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

func (rs *Rules) concatBytes(at syntax.Pos, parts []typed.Expr) typed.Expr {
	for i, p := range parts {
		parts[i] = rs.Coerce(p, typed.T(typed.Varbyte), Implicit, at)
	}
	return Call("concat_bytes", typed.T(typed.Varbyte), parts...)
}

// regexOp binds ~ and its like.
func (rs *Rules) regexOp(x *syntax.BinaryOp, l, r typed.Expr) typed.Expr {
	l, r = rs.Coerce(l, rs.Text(), Implicit, x.At), rs.Coerce(r, rs.Text(), Implicit, x.At)
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
