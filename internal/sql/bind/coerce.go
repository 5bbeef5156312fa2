package bind

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// castKind says why a value is converted.
type castKind int

const (
	implicit castKind = iota // an operand meets another type
	explicit                 // the text says CAST
	assign                   // a value enters a column
	try                      // TRY_CAST
)

// cast binds CAST, :: and TRY_CAST.
func (b *binder) cast(x *syntax.Cast, s *scope) typed.Expr {
	t := b.typeOf(x.Type)
	y := b.expr(x.X, s)
	kind := explicit
	if x.Try {
		kind = try
	}
	return b.coerce(y, t, kind, x.At)
}

// coerce gives x the type t.
func (b *binder) coerce(x typed.Expr, t typed.Type, kind castKind, at syntax.Pos) typed.Expr {
	from := x.Type()
	if p, ok := x.(*typed.Param); ok && !p.T.Known() {
		b.settle(p, t)
		return x
	}
	if from == t || t.Kind == typed.Unknown || t.Kind == typed.Null {
		return x
	}
	if l, ok := x.(*typed.Literal); ok {
		if l.Null {
			return null(t)
		}
		if y := b.fold(l, t, kind, at); y != nil {
			return y
		}
		if b.err != nil {
			return null(t)
		}
	}
	if !b.castable(from, t) {
		return b.fail(at, "%s cannot be converted to %s", from, t)
	}
	if from.IsText() && t.IsText() && (t.Len == 0 || kind == implicit && from.Kind != typed.Char) {
		return retype(x, t)
	}
	c := &typed.Cast{Ty: typed.Ty{T: t}, X: x}
	c.Mode, c.OnError = b.mode(from, t, kind)
	return c
}

// retype changes only what is known about the length of text.
func retype(x typed.Expr, t typed.Type) typed.Expr {
	if x.Type().IsText() && t.IsText() && x.Type().Kind == t.Kind && x.Type().Len == t.Len {
		return x
	}
	return &typed.Cast{Ty: typed.Ty{T: t}, X: x}
}

// mode chooses the rules of a conversion.
func (b *binder) mode(from, to typed.Type, kind castKind) (typed.CastMode, typed.OnError) {
	onError := typed.Fail
	if kind == try || !b.redshift() {
		onError = typed.Nullify
	}
	switch {
	case from.Kind == typed.Unknown:
		return typed.ModePlain, onError
	case to.IsText() && to.Len > 0 && kind == assign && b.redshift():
		return typed.ModeAssign, onError
	case to.IsText() && to.Len > 0 && b.redshift():
		return typed.ModeLossy, onError
	case from.IsText() && (to.IsNumeric() || to.IsInstant() || to.IsClock() || to.Kind == typed.Bool):
		if b.redshift() {
			return typed.ModeLenient, onError
		}
		return typed.ModeInstant, onError
	case !b.redshift() && to.IsInt() && (from.IsFloat() || from.Kind == typed.Decimal):
		return typed.ModeTruncate, typed.Fail
	case !b.redshift() && to.IsInt() && from.IsInt():
		return typed.ModePlain, typed.Fail
	case !b.redshift() && from.IsFloat() && to.IsText():
		return typed.ModeInstant, typed.Fail
	case b.redshift() && from.IsFloat() && to.IsText():
		return typed.ModeLenient, typed.Fail
	}
	return typed.ModePlain, onError
}

// castable says whether the language converts one type to the other at all.
func (b *binder) castable(from, to typed.Type) bool {
	switch {
	case from.Kind == typed.Unknown, from.Kind == typed.Super, to.Kind == typed.Super:
		return from.Kind != typed.Geometry && to.Kind != typed.Geometry
	case from.IsText():
		return to.Kind != typed.Geometry
	case to.IsText():
		return from.Kind != typed.Geometry
	case from.IsNumeric():
		return to.IsNumeric() || to.Kind == typed.Bool || to.Kind == typed.Timestamp && !b.redshift() || to.Kind == typed.Varbyte && from.IsInt()
	case from.Kind == typed.Bool:
		return to.IsNumeric()
	case from.IsInstant():
		return to.IsInstant() || to.IsClock() && from.Kind != typed.Date || to.IsNumeric() && !b.redshift() && from.Kind == typed.Timestamp
	case from.IsClock():
		return to.IsClock()
	case from.Kind == typed.Varbyte:
		return to.IsInt()
	}
	return from.Kind == to.Kind
}

// fold converts a constant now, where that is simple and exact; nil leaves it to the engine.
func (b *binder) fold(l *typed.Literal, t typed.Type, kind castKind, at syntax.Pos) typed.Expr {
	from := l.T
	switch {
	case from.IsText() && t.IsText():
		return b.foldLength(l, t, kind, at)
	case from.IsText() && (t.IsInstant() || t.IsClock() || t.Kind == typed.Interval):
		y := b.foldText(l, t, at)
		if y == nil && (kind == try || !b.redshift()) {
			return null(t)
		}
		if y == nil {
			b.fail(at, "%q is no valid %s", l.Text, t)
		}
		return y
	case from.IsText() && t.Kind == typed.Bool:
		y := b.foldBool(l)
		if y == nil && kind != try && b.redshift() {
			b.fail(at, "%q is no valid boolean", l.Text)
		}
		if y == nil {
			return null(t)
		}
		return y
	case from.IsInt() && t.IsInt() && t.Kind > from.Kind:
		return lit(t, l.Text)
	case (from.IsInt() || from.Kind == typed.Decimal) && t.IsFloat():
		return lit(t, l.Text)
	}
	return nil
}

func (b *binder) foldLength(l *typed.Literal, t typed.Type, kind castKind, at syntax.Pos) typed.Expr {
	text := l.Text
	if t.Kind == typed.Char {
		text = strings.TrimRight(text, " ")
	}
	if t.Len > 0 && len(text) > t.Len {
		if kind == assign && b.redshift() && len(strings.TrimRight(text, " ")) > t.Len {
			return b.fail(at, "value too long for type %s", longName(t))
		}
		if kind != implicit {
			text = cutBytes(text, t.Len)
		}
	}
	return lit(t, text)
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

func (b *binder) foldBool(l *typed.Literal) typed.Expr {
	switch strings.ToLower(strings.TrimSpace(l.Text)) {
	case "t", "true", "y", "yes", "1":
		return lit(tBool, "true")
	case "f", "false", "n", "no", "0":
		return lit(tBool, "false")
	}
	return nil
}
