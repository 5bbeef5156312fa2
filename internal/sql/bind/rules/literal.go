package rules

import (
	"cmp"
	"math/big"
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Literal binds a constant; a typed one, DATE '2020-01-01', is read now.
func (rs *Rules) Literal(x *syntax.Literal) typed.Expr {
	switch x.Kind {
	case syntax.Null:
		return Null(typed.T(typed.Null))
	case syntax.Bool:
		return Lit(Bool, x.Text)
	case syntax.String:
		if rs.D.Types.MaxText > 0 {
			return Lit(typed.VarcharOf(max(1, len(x.Text))), x.Text)
		}
		return Lit(rs.Text(), x.Text)
	case syntax.Int:
		return rs.intLiteral(x)
	case syntax.Decimal:
		return rs.decimalLiteral(x)
	case syntax.Double:
		return Lit(Double, x.Text)
	case syntax.Binary:
		return Lit(typed.T(typed.Varbyte), strings.ToUpper(x.Text))
	}
	t := rs.TypeOf(syntax.TypeName{Name: x.Type, Pos: x.At})
	if rs.Err != nil {
		return Null(t)
	}
	y, fault := rs.foldText(x.Text, t)
	if fault != 0 {
		return rs.failFault(fault, x.At, x.Text, t)
	}
	return y
}

func (rs *Rules) intLiteral(x *syntax.Literal) typed.Expr {
	n, ok := new(big.Int).SetString(x.Text, 10)
	if !ok {
		return rs.FailAs(syntax.BadValue, x.At, "%q is no integer", x.Text)
	}
	text := n.String()
	digits := len(strings.TrimPrefix(text, "-"))
	switch {
	case x.Type == "l" && n.IsInt64():
		return Lit(Bigint, text)
	case x.Type == "s":
		return Lit(typed.T(typed.Smallint), text)
	case x.Type == "y":
		return Lit(typed.T(typed.Tinyint), text)
	case n.IsInt64() && n.Int64() == int64(int32(n.Int64())):
		return Lit(Int, text)
	case n.IsInt64():
		return Lit(Bigint, text)
	case digits <= 38:
		return Lit(typed.Dec(digits, 0), text)
	}
	return rs.FailAs(syntax.OutOfRange, x.At, "number %s has more than 38 digits", x.Text)
}

// decimalLiteral gives 1.50 the type decimal(3,2).
func (rs *Rules) decimalLiteral(x *syntax.Literal) typed.Expr {
	text := strings.TrimPrefix(x.Text, "-")
	whole, frac, _ := strings.Cut(text, ".")
	whole = strings.TrimLeft(whole, "0")
	p, s := len(whole)+len(frac), len(frac)
	if p > 38 {
		return rs.FailAs(syntax.OutOfRange, x.At, "number %s has more than 38 digits", x.Text)
	}
	p = max(p, 1)
	sign := ""
	if strings.HasPrefix(x.Text, "-") {
		sign = "-"
	}
	value := sign + cmp.Or(whole, "0")
	if s > 0 {
		value += "." + frac
	}
	return Lit(typed.Dec(p, s), value)
}
