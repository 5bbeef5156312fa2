package rules

import (
	"strings"

	"penstock/internal/convert"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// The reasons for a conversion.
const (
	Implicit = dialect.Implicit
	explicit = dialect.Explicit
	Assign   = dialect.Assign
	try      = dialect.Try
)

// Cast binds CAST, :: and TRY_CAST of a bound value.
func (rs *Rules) Cast(y typed.Expr, x *syntax.Cast) typed.Expr {
	kind := explicit
	if x.Try {
		kind = try
	}
	return rs.Coerce(y, rs.TypeOf(x.Type), kind, x.At)
}

// Coerce makes x a value of type t.
func (rs *Rules) Coerce(x typed.Expr, t typed.Type, kind dialect.CastKind, at syntax.Pos) typed.Expr {
	from := x.Type()
	if p, ok := x.(*typed.Param); ok && !p.T.Known() {
		rs.Settle(p, paramType(t))
		if from = x.Type(); !t.IsText() {
			return x
		}
	}
	if from == t || t.Kind == typed.Unknown || t.Kind == typed.Null {
		return x
	}
	if l, ok := x.(*typed.Literal); ok {
		if l.Null {
			return Null(t)
		}
		if y := rs.fold(l, t, kind, at); y != nil {
			return y
		}
		if rs.Err != nil {
			return Null(t)
		}
	}
	if from.Kind == typed.Null {
		return Null(t) // the column of a subquery that is nothing but NULL
	}
	if from.IsNested() || t.IsNested() {
		return rs.coerceNested(x, t, kind, at)
	}
	if !rs.castable(from, t) {
		return rs.FailAs(syntax.NoCast, at, "%s cannot be converted to %s", from, t)
	}
	if from.Kind == typed.Varbyte && t.Kind == typed.Varbyte {
		return &typed.Cast{Ty: typed.Ty{T: t}, X: x}
	}
	if from.IsText() && t.IsText() && (t.Len == 0 || kind == Implicit && from.Kind != typed.Char) {
		return retype(x, t)
	}
	c := &typed.Cast{Ty: typed.Ty{T: t}, X: x, By: rs.D.Casts.Rules.Name}
	c.Mode, c.OnError = rs.D.Casts.Mode(from, t, kind)
	return c
}

// retype changes only what is known about the length of text.
func retype(x typed.Expr, t typed.Type) typed.Expr {
	if x.Type().IsText() && t.IsText() && x.Type().Kind == t.Kind && x.Type().Len == t.Len {
		return x
	}
	return &typed.Cast{Ty: typed.Ty{T: t}, X: x}
}

// castable reports whether the language converts one type to the other at all.
func (rs *Rules) castable(from, to typed.Type) bool {
	alone := func(t typed.Type) bool { return t.Kind == typed.Geometry || t.Kind == typed.Sketch }
	switch {
	case alone(from) || alone(to):
		return from.Kind == to.Kind
	case from.Kind == typed.Unknown, from.Kind == typed.Super, to.Kind == typed.Super, from.IsText(), to.IsText():
		return true
	case from.IsNumeric():
		return to.IsNumeric() || to.Kind == typed.Bool || to.Kind == typed.Timestamp && rs.D.Casts.StampsAreNumbers ||
			to.Kind == typed.Varbyte && from.IsInt()
	case from.Kind == typed.Bool:
		return to.IsNumeric()
	case from.IsInstant():
		return to.IsInstant() || to.IsClock() && from.Kind != typed.Date ||
			to.IsNumeric() && rs.D.Casts.StampsAreNumbers && from.Kind == typed.Timestamp
	case from.IsClock():
		return to.IsClock()
	case from.Kind == typed.Varbyte:
		return to.IsInt() || to.Kind == typed.Varbyte
	}
	return from.Kind == to.Kind
}

// fold converts a constant now, where that is simple and exact; nil leaves it to the engine.
func (rs *Rules) fold(l *typed.Literal, t typed.Type, kind dialect.CastKind, at syntax.Pos) typed.Expr {
	from := l.T
	switch {
	case from.IsText() && t.IsText():
		return rs.foldLength(l, t, kind, at)
	case from.IsText() && (t.IsNumeric() || t.IsInstant() || t.IsClock() || t.Kind == typed.Interval || t.Kind == typed.Bool):
		y, fault := rs.foldText(l.Text, t)
		switch {
		case fault == convert.None:
			return y
		case kind == try || rs.D.Casts.Failed == typed.Nullify:
			return Null(t)
		}
		return rs.failFault(fault, at, l.Text, t)
	case from.IsInt() && t.IsInt() && t.Kind > from.Kind && kind != explicit:
		return Lit(t, l.Text)
	case (from.IsInt() || from.Kind == typed.Decimal) && t.IsFloat():
		return Lit(t, l.Text)
	}
	return nil
}

func (rs *Rules) foldLength(l *typed.Literal, t typed.Type, kind dialect.CastKind, at syntax.Pos) typed.Expr {
	text := l.Text
	if t.Kind == typed.Char {
		text = strings.TrimRight(text, " ")
	}
	if t.Len > 0 && len(text) > t.Len {
		if kind == Assign && rs.D.Casts.StrictLengths && len(strings.TrimRight(text, " ")) > t.Len {
			return rs.FailAs(syntax.TooLong, at, "value too long for type %s", longName(t))
		}
		if kind != Implicit {
			text = cutBytes(text, t.Len)
		}
	}
	return Lit(t, text)
}

// longName is the type's name in messages, as Redshift writes it.
func longName(t typed.Type) string {
	return strings.Replace(strings.Replace(t.String(), "varchar", "character varying", 1), "char(", "character(", 1)
}

// cutBytes cuts text to n bytes without splitting a character.
func cutBytes(s string, n int) string {
	for n > 0 && n < len(s) && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
