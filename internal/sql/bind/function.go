package bind

import (
	"slices"
	"sort"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/nearest"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// function binds a call: a special form, an aggregate or window function, or one with signatures.
func (b *binder) function(f *syntax.Func, s *scope) typed.Expr {
	name := f.Name.Last().Name
	if len(f.Name) > 1 && !strings.EqualFold(f.Name[0].Name, "pg_catalog") {
		return b.FailAs(syntax.NoFunction, f.At, "function %q is not known: user-defined functions are not supported", f.Name.String())
	}
	fn := b.D.Function(name)
	windowed := f.Over != nil || f.OverName != ""
	switch {
	case fn == nil:
		return b.unknownFunction(f, name)
	case fn.Refused != "":
		return b.FailAs(syntax.Unsupported, f.At, "function %s is not supported: %s", strings.ToUpper(name), fn.Refused)
	case fn.Kind == dialect.Aggregate || fn.Kind == dialect.Window && windowed:
		return b.aggregate(f, fn.Signatures[0], s, windowed)
	case windowed:
		return b.FailAs(syntax.Windowing, f.At, "%s is no window function", strings.ToUpper(name))
	case fn.Kind == dialect.Window:
		return b.FailAs(syntax.Windowing, f.At, "window function %s needs an OVER clause", strings.ToUpper(name))
	case f.Distinct:
		return b.Fail(f.At, "DISTINCT in %s: it is no aggregate function", strings.ToUpper(name))
	case f.Filter != nil:
		return b.Fail(f.At, "FILTER behind %s: it is no aggregate function", strings.ToUpper(name))
	case fn.Rule == "struct" && hasStar(f):
		return b.structOfStars(f, s)
	case f.Star:
		return b.FailAs(syntax.Unsupported, f.At, "%s(*) is not supported", strings.ToUpper(name))
	}
	for _, n := range f.ArgNames {
		if n != "" {
			return b.FailAs(syntax.Unsupported, f.At, "named arguments are not supported")
		}
	}
	switch fn.Kind {
	case dialect.Generator:
		return b.FailAs(syntax.Unsupported, f.At, "%s can only stand alone in a select list, in LATERAL VIEW or in FROM", strings.ToUpper(name))
	case dialect.Higher:
		return b.higher(fn.Rule, f, s)
	}
	return b.call(fn, f, s)
}

func hasStar(f *syntax.Func) bool {
	return f.Star || slices.ContainsFunc(f.Args, func(x syntax.Expr) bool {
		_, star := x.(*syntax.Star)
		return star
	})
}

// structOfStars is STRUCT(*, t.*, a, ...): a star stands for its columns.
func (b *binder) structOfStars(f *syntax.Func, s *scope) typed.Expr {
	args := f.Args
	if f.Star {
		args = []syntax.Expr{&syntax.Star{Node: f.Node}}
	}
	var names []string
	var values []typed.Expr
	for i, x := range args {
		if star, ok := x.(*syntax.Star); ok {
			for _, c := range b.star(star, s) {
				names, values = append(names, c.name), append(values, c.expr)
			}
			continue
		}
		names, values = append(names, rules.FieldName(x, len(values))), append(values, b.expr(args[i], s))
	}
	return b.Struct(names, values, f.At)
}

// call binds a call of a function of one row.
func (b *binder) call(fn *dialect.Function, f *syntax.Func, s *scope) typed.Expr {
	if fn.Rule != "" {
		return rules.Special(fn.Rule)(b.Rules, f, func(i int) typed.Expr { return b.expr(f.Args[i], s) })
	}
	args := make([]typed.Expr, len(f.Args))
	for i, a := range f.Args {
		args[i] = b.expr(a, s)
	}
	return b.Apply(f, fn.Signatures, args)
}

func (b *binder) unknownFunction(f *syntax.Func, name string) typed.Expr {
	scalar, aggregate := b.D.Listed()
	known := append(scalar, aggregate...)
	sort.Strings(known)
	hint := ""
	if near := nearest.Word(name, known); near != "" {
		hint = ", did you mean " + strings.ToUpper(near) + "?"
	}
	return b.FailAs(syntax.NoFunction, f.At, "function %s is not known%s", strings.ToUpper(name), hint)
}
