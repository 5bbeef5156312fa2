package print

import (
	"slices"
	"strconv"
	"strings"

	"penstock/internal/sql/typed"
)

// apart writes an operation, on arguments one of which holds a query, whose macro has a lambda: no query may stand in one, and a macro's
// arguments would. They are worked out beside it: list_transform([{'a0': (SELECT ...)}], lambda _v: cut_bytes(_v.a0, 3))[1]. False: the
// operation is no such one.
func (p *printer) apart(args []typed.Expr, body func(args []typed.Expr) string) (string, bool) {
	if !slices.ContainsFunc(args, holdsQuery) {
		return "", false
	}
	inside, outside := slices.Clone(args), map[string]typed.Expr{}
	var names []string
	for i, x := range args {
		_, constant := x.(*typed.Literal)
		if _, lambda := x.(*typed.Lambda); !constant && !lambda {
			name := "a" + strconv.Itoa(i)
			inside[i] = &typed.ColumnRef{Ty: typed.Ty{T: x.Type()}, Table: "_v", Name: name}
			names, outside[name] = append(names, name), x
		}
	}
	text := body(inside)
	if !strings.Contains(strings.Join(Macros(text), " "), "lambda ") {
		return "", false
	}
	fields := make([]string, len(names))
	for i, name := range names {
		fields[i] = "'" + name + "': " + p.expr(outside[name])
	}
	return "list_transform([{" + strings.Join(fields, ", ") + "}], lambda _v: " + text + ")[1]", true
}

func (p *printer) operation(args []typed.Expr, body func(args []typed.Expr) string) string {
	if text, ok := p.apart(args, body); ok {
		return text
	}
	return body(args)
}

// holdsQuery reports whether a query stands somewhere in an expression.
func holdsQuery(x typed.Expr) bool {
	switch x := x.(type) {
	case *typed.Scalar, *typed.Exists, *typed.Quantified:
		return true
	case *typed.In:
		if x.Query != nil {
			return true
		}
	}
	return slices.ContainsFunc(typed.Children(x), holdsQuery)
}
