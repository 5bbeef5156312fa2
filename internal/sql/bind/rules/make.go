package rules

import (
	"strings"

	"penstock/internal/sql/typed"
)

// Null is NULL of a type.
func Null(t typed.Type) *typed.Literal { return &typed.Literal{Ty: typed.Ty{T: t}, Null: true} }

// Lit is a constant; its text is in the form of the type.
func Lit(t typed.Type, text string) *typed.Literal {
	return &typed.Literal{Ty: typed.Ty{T: t}, Text: text}
}

// Call is an operation that package print knows by name.
func Call(op string, t typed.Type, args ...typed.Expr) *typed.Call {
	return &typed.Call{Ty: typed.Ty{T: t}, Op: op, Args: args}
}

// IsLiteral reports whether x is a constant text, of which a place may make what it asks for.
func IsLiteral(x typed.Expr) bool {
	l, ok := x.(*typed.Literal)
	return ok && !l.Null && l.T.IsText()
}

// Negate turns the sign of a number.
func Negate(text string) string {
	if strings.HasPrefix(text, "-") {
		return text[1:]
	}
	return "-" + text
}

// IsFree reports whether a value has no type of its own yet: a string literal or a parameter.
func IsFree(x typed.Expr) bool {
	if p, ok := x.(*typed.Param); ok {
		return !p.T.Known()
	}
	return IsLiteral(x)
}
