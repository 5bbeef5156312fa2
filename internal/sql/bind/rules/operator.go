package rules

import (
	"strconv"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Unary binds an operator before a value.
func (rs *Rules) Unary(x *syntax.Unary, y typed.Expr) typed.Expr {
	t := y.Type()
	switch x.Op {
	case "+":
		return y
	case "-":
		if t.Kind == typed.Interval {
			return Call("neg", t, y)
		}
		y = rs.Number(y, x.At)
		if l, ok := y.(*typed.Literal); ok && !l.Null {
			return Lit(l.T, Negate(l.Text))
		}
		return Call("neg", y.Type(), y)
	case "@":
		y = rs.Number(y, x.At)
		return Call("abs", y.Type(), y)
	case "|/":
		return Call("sqrt", Double, rs.Coerce(y, Double, Implicit, x.At))
	case "||/":
		return Call("cbrt", Double, rs.Coerce(y, Double, Implicit, x.At))
	case "~":
		if !t.IsInt() && t.Kind != typed.Unknown {
			return rs.FailAs(syntax.Mismatch, x.At, "~ takes an integer, this is %s", t)
		}
		return Call("bit_not", t, y)
	}
	return rs.FailAs(syntax.Unsupported, x.At, "operator %s is not supported", x.Op)
}

// Binary binds an operator between two values that is neither a comparison nor AND or OR.
func (rs *Rules) Binary(x *syntax.BinaryOp, l, r typed.Expr) typed.Expr {
	switch x.Op {
	case "||":
		return rs.concat(x.At, l, r)
	case "~", "~*", "!~", "!~*":
		return rs.regexOp(x, l, r)
	case "|", "&", "#", "^", "<<", ">>":
		return rs.bits(x, l, r)
	}
	return rs.arith(x.Op, l, r, x.At)
}

// Condition makes a value a boolean, where the dialect takes it for one.
func (rs *Rules) Condition(y typed.Expr, where string, at syntax.Pos) typed.Expr {
	switch k := y.Type().Kind; {
	case k == typed.Bool || k == typed.Unknown:
		return y
	case rs.D.Types.NumberIsCondition && y.Type().IsInt():
		if lit, ok := y.(*typed.Literal); ok {
			return Lit(Bool, strconv.FormatBool(lit.Text != "0"))
		}
	case k == typed.Null || IsLiteral(y) || rs.D.Types.TextConverts && y.Type().IsText() || k == typed.Super:
		return rs.Coerce(y, Bool, Implicit, at)
	}
	return rs.FailAs(syntax.Mismatch, at, "%s takes a boolean, this is %s", where, y.Type())
}

// InList compares the first value with the others, all of one type.
func (rs *Rules) InList(all []typed.Expr, not bool, at syntax.Pos) typed.Expr {
	t := all[0].Type()
	for _, it := range all[1:] {
		t = rs.ComparisonType(&typed.ColumnRef{Ty: typed.Ty{T: t}}, it, at, "IN")
		if p, ok := it.(*typed.Param); ok {
			rs.Settle(p, t)
		}
	}
	rs.NoMap(t, at, "IN")
	for i := range all {
		all[i] = rs.Unblank(rs.Coerce(all[i], t, Implicit, at))
	}
	return &typed.In{X: all[:1], Not: not, List: all[1:]}
}

// Between is x >= lo AND x <= hi.
func (rs *Rules) Between(x *syntax.Between, v, lo, hi typed.Expr) typed.Expr {
	y := &typed.Logic{Items: []typed.Expr{rs.Compare(">=", v, lo, x.At), rs.Compare("<=", v, hi, x.At)}}
	if x.Not {
		return &typed.Not{X: y}
	}
	return y
}

// Like binds LIKE, ILIKE, RLIKE and SIMILAR TO.
func (rs *Rules) Like(x *syntax.Like, l, r typed.Expr) typed.Expr {
	l = rs.Coerce(l, rs.Text(), Implicit, x.At)
	r = rs.Coerce(r, rs.Text(), Implicit, x.At)
	var y typed.Expr
	switch x.Kind {
	case "rlike":
		y = Call("sp_regex_find", Bool, l, r)
	case "similar":
		y = Call("similar_to", Bool, l, r)
	default:
		n := &typed.Like{X: l, Pattern: r, Escape: "\\", Not: x.Not, Fold: x.Kind == "ilike"}
		if x.Escape != nil {
			e, ok := x.Escape.(*syntax.Literal)
			if !ok || e.Kind != syntax.String || len([]rune(e.Text)) != 1 {
				return rs.Fail(x.Escape.Position(), "ESCAPE takes one character")
			}
			n.Escape = e.Text
		}
		return n
	}
	if x.Not {
		return &typed.Not{X: y}
	}
	return y
}

// UnifyCase brings the values of a CASE to one type.
func (rs *Rules) UnifyCase(x *typed.Case, at syntax.Pos) typed.Expr {
	var values []typed.Expr
	for _, w := range x.Whens {
		values = append(values, w.Then)
	}
	if x.Else != nil {
		values = append(values, x.Else)
	}
	x.T = rs.UnifyTypes(at, "CASE", values...)
	for i := range x.Whens {
		x.Whens[i].Then = rs.Coerce(x.Whens[i].Then, x.T, Implicit, at)
	}
	if x.Else != nil {
		x.Else = rs.Coerce(x.Else, x.T, Implicit, at)
	}
	return x
}
