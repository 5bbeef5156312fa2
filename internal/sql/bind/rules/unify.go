package rules

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// UnifyTypes finds the one type for values that meet in a CASE, a COALESCE, a set operation or VALUES.
func (rs *Rules) UnifyTypes(at syntax.Pos, what string, xs ...typed.Expr) typed.Type {
	t := typed.T(typed.Null)
	for pass := 0; pass < 2; pass++ { // the literals that adapt come last
		for _, x := range xs {
			if free := rs.D.Types.LiteralsAdapt && IsFree(x); free != (pass == 1) {
				continue
			}
			u, ok := rs.common(t, x.Type())
			if pass == 1 && t.Known() && !t.IsText() {
				u, ok = t, true
			}
			if !ok {
				rs.FailAs(syntax.Mismatch, at, "%s mixes %s and %s, which have no type in common", what, t, x.Type())
				return typed.T(typed.Unknown)
			}
			t = u
		}
	}
	for _, x := range xs {
		if p, ok := x.(*typed.Param); ok {
			rs.Settle(p, t)
		}
	}
	return t
}

// common is the type that holds the values of both.
func (rs *Rules) common(l, r typed.Type) (typed.Type, bool) {
	switch {
	case l == r, r.Kind == typed.Null:
		return l, true
	case l.Kind == typed.Null:
		return r, true
	case l.Kind == typed.Unknown || r.Kind == typed.Unknown:
		return typed.T(typed.Unknown), true
	case l.IsNested() || r.IsNested():
		return rs.commonNested(l, r)
	case l.IsNumeric() && r.IsNumeric():
		return rs.commonNumber(l, r), true
	case l.IsText() && r.IsText():
		return commonText(l, r), true
	case l.Kind == typed.Super || r.Kind == typed.Super:
		return typed.T(typed.Super), true
	case l.IsInstant() && r.IsInstant():
		if l.Kind == typed.Timestamptz || r.Kind == typed.Timestamptz {
			return typed.T(typed.Timestamptz), true
		}
		return tStamp, true
	case l.IsClock() && r.IsClock():
		return typed.T(typed.Timetz), true
	case l.Kind == typed.Varbyte && r.Kind == typed.Varbyte:
		return typed.T(typed.Varbyte), true
	case rs.D.Types.TextHolds && (l.IsText() || r.IsText()) && l.Kind != typed.Varbyte && r.Kind != typed.Varbyte:
		return rs.Text(), true
	}
	return typed.Type{}, false
}

func commonText(l, r typed.Type) typed.Type {
	if l.Kind == typed.String || r.Kind == typed.String {
		return typed.T(typed.String)
	}
	if l.Len == 0 || r.Len == 0 {
		return typed.T(typed.Varchar)
	}
	n := max(l.Len, r.Len)
	if l.Kind == typed.Char && r.Kind == typed.Char {
		return typed.CharOf(n)
	}
	return typed.VarcharOf(n)
}

func (rs *Rules) commonNumber(l, r typed.Type) typed.Type {
	switch {
	case l.Kind == typed.Real && r.Kind == typed.Real:
		return l
	case l.IsFloat() || r.IsFloat():
		return Double
	case l.IsInt() && r.IsInt():
		return typed.T(max(l.Kind, r.Kind))
	}
	l, r = rs.asDecimal(l), rs.asDecimal(r)
	s := max(l.Scale, r.Scale)
	whole := max(l.Precision-l.Scale, r.Precision-r.Scale)
	if whole+s > 38 {
		s = max(38-whole, 0)
	}
	return typed.Dec(min(whole+s, 38), s)
}

// asDecimal is the decimal that holds an integer type.
func (rs *Rules) asDecimal(t typed.Type) typed.Type {
	switch t.Kind {
	case typed.Tinyint:
		return typed.Dec(3, 0)
	case typed.Smallint:
		return typed.Dec(5, 0)
	case typed.Int:
		return typed.Dec(10, 0)
	case typed.Bigint:
		return typed.Dec(rs.D.Types.BigintDigits, 0)
	}
	return t
}

// ComparisonType is the type in which two operands are compared.
func (rs *Rules) ComparisonType(l, r typed.Expr, at syntax.Pos, what string) typed.Type {
	lt, rt := l.Type(), r.Type()
	if p, ok := l.(*typed.Param); ok && !lt.Known() {
		rs.Settle(p, paramType(meeting(rt)))
		lt = p.T
	}
	if p, ok := r.(*typed.Param); ok && !rt.Known() {
		rs.Settle(p, paramType(meeting(lt)))
		rt = p.T
	}
	if lt.IsText() != rt.IsText() && lt.Known() && rt.Known() {
		text, other := l, rt
		if rt.IsText() {
			text, other = r, lt
		}
		if t, ok := rs.textMeets(text, other); ok {
			if l, literal := text.(*typed.Literal); literal && t.Kind == typed.Decimal &&
				len(l.Text)-strings.IndexByte(l.Text+".", '.')-1 > t.Scale {
				return meeting(t)
			}
			return t
		}
		rs.FailAs(syntax.Mismatch, at, "%s compares %s with %s: write a CAST", what, lt, rt)
		return typed.T(typed.Unknown)
	}
	if lt.Kind == typed.Super && rt.IsNumeric() || rt.Kind == typed.Super && lt.IsNumeric() {
		return Double
	}
	t, ok := rs.common(lt, rt)
	if !ok {
		rs.FailAs(syntax.Mismatch, at, "%s compares %s with %s, which have no type in common", what, lt, rt)
		return typed.T(typed.Unknown)
	}
	return t
}

// meeting is the type in which a number of any digits is compared with a decimal: rounded to the decimal's scale it would be another.
func meeting(t typed.Type) typed.Type {
	if t.Kind != typed.Decimal {
		return t
	}
	return typed.Dec(38, max(t.Scale, min(t.Scale+8, 38-(t.Precision-t.Scale))))
}

// textMeets is the type in which text is compared with something else.
func (rs *Rules) textMeets(text typed.Expr, other typed.Type) (typed.Type, bool) {
	if other.Kind == typed.Super {
		return other, true
	}
	return rs.D.Types.TextMeets(IsLiteral(text), other)
}
