package bind

import (
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// higher binds a function that takes functions of elements.
func (b *binder) higher(rule string, f *syntax.Func, s *scope) typed.Expr {
	at := f.At
	want := map[string][2]int{"aggregate": {3, 4}, "zip_with": {3, 3}}[rule]
	if want[0] == 0 {
		want = [2]int{2, 2}
	}
	if n := len(f.Args); n < want[0] || n > want[1] {
		return b.FailAs(syntax.NoFunction, at, "%s takes %d arguments, %d are given", strings.ToUpper(f.Name.Last().Name), want[0], n)
	}
	x := b.expr(f.Args[0], s)
	kind := typed.Array
	if rule == "map_filter" || strings.HasPrefix(rule, "transform_") {
		kind = typed.Map
	}
	if x.Type().Kind != kind {
		return b.FailAs(syntax.Mismatch, f.Args[0].Position(), "argument 1 of %s must be %s, this is %s", strings.ToUpper(f.Name.Last().Name),
			map[typed.Kind]string{typed.Array: "an array", typed.Map: "a map"}[kind], x.Type().Lake())
	}
	switch rule {
	case "aggregate":
		return b.fold(x, f, s)
	case "zip_with":
		return b.zipWith(x, f, s)
	}
	l := b.lambdaArg(f, 1, 2)
	if l == nil {
		return x
	}
	if kind == typed.Map {
		return b.overEntries(rule, x, l, s)
	}
	return b.overElements(rule, x, l, s)
}

// lambdaArg is an argument that must be a function of at most so many elements; nil after a mistake.
func (b *binder) lambdaArg(f *syntax.Func, i, most int) *syntax.Lambda {
	l, ok := f.Args[i].(*syntax.Lambda)
	switch {
	case !ok:
		b.FailAs(syntax.Mismatch, f.Args[i].Position(), "argument %d of %s must be a function: x -> ...", i+1,
			strings.ToUpper(f.Name.Last().Name))
		return nil
	case len(l.Params) > most:
		b.FailAs(syntax.Mismatch, l.At, "this function takes %d values, %d are given", len(l.Params), most)
		return nil
	}
	return l
}

// body1 binds what a function gives for values.
func (b *binder) body1(l *syntax.Lambda, s *scope, values ...typed.Expr) typed.Expr {
	if len(l.Params) > len(values) {
		return b.FailAs(syntax.Mismatch, l.At, "this function takes %d values, %d are given", len(l.Params), len(values))
	}
	src := &source{}
	for i, p := range l.Params {
		src.columns = append(src.columns, column{name: p.Name, expr: values[i]})
	}
	inner := &scope{parent: s, env: s.env, sources: []*source{src}, noAgg: "a lambda function", noWin: "a lambda function"}
	b.lambdas++
	defer func() { b.lambdas-- }()
	return b.expr(l.Body, inner)
}

// condition1 is body1 of a function that says yes or no.
func (b *binder) condition1(l *syntax.Lambda, s *scope, values ...typed.Expr) typed.Expr {
	return b.Condition(b.body1(l, s, values...), "a lambda function", l.Body.Position())
}

// overElements binds TRANSFORM, FILTER, EXISTS and FORALL: of an element, and of its place from 0.
func (b *binder) overElements(rule string, x typed.Expr, l *syntax.Lambda, s *scope) typed.Expr {
	params := []typed.Type{x.Type().Elem()}
	if len(l.Params) == 2 {
		params = append(params, rules.Bigint)
	}
	over := b.Lambda(func(v []typed.Expr) typed.Expr {
		if len(v) == 2 {
			v[1] = rules.Call("index0", rules.Int, v[1])
		}
		if rule == "transform" {
			return b.body1(l, s, v...)
		}
		return b.condition1(l, s, v...)
	}, params...)
	switch rule {
	case "filter":
		return rules.Call("filter", x.Type(), x, over)
	case "exists", "forall":
		return rules.Call(rule, rules.Bool, rules.Call("transform", typed.ArrayOf(rules.Bool), x, over))
	}
	return rules.Call("transform", typed.ArrayOf(over.Type()), x, over)
}

// overEntries binds TRANSFORM_KEYS, TRANSFORM_VALUES and MAP_FILTER: of a key and its value.
func (b *binder) overEntries(rule string, m typed.Expr, l *syntax.Lambda, s *scope) typed.Expr {
	entry := m.Type().Entry()
	list := rules.Call("map_entries", typed.ArrayOf(entry), m)
	over := b.Lambda(func(v []typed.Expr) typed.Expr {
		key, value := rules.FieldOf(v[0], 0), rules.FieldOf(v[0], 1)
		switch rule {
		case "map_filter":
			return b.condition1(l, s, key, value)
		case "transform_keys":
			key = b.body1(l, s, key, value)
			b.NoMap(key.Type(), l.At, "a map by its keys")
		default:
			value = b.body1(l, s, key, value)
		}
		return rules.StructOf([]string{"key", "value"}, key, value)
	}, entry)
	if rule == "map_filter" {
		return rules.Call("map_from_entries", m.Type(), rules.Call("filter", list.T, list, over))
	}
	t := over.Type()
	return rules.Call("map_from_entries", typed.MapOf(t.Fields()[0].Type, t.Fields()[1].Type),
		rules.Call("transform", typed.ArrayOf(t), list, over))
}

// fold binds AGGREGATE(array, start, (sum, x) -> ... [, sum -> ...]). The engine folds values of one type, so where the start has another
// than the elements both travel in a struct.
func (b *binder) fold(x typed.Expr, f *syntax.Func, s *scope) typed.Expr {
	start := b.expr(f.Args[1], s)
	acc, elem := start.Type(), x.Type().Elem()
	merge := b.lambdaArg(f, 2, 2)
	if merge == nil {
		return start
	}
	step := func(a, e typed.Expr) typed.Expr {
		y := b.body1(merge, s, a, e)
		if t := y.Type(); t != acc && t.Known() {
			return b.FailAs(syntax.Mismatch, merge.Body.Position(), "this function gives %s, and AGGREGATE begins with %s: write a CAST",
				t.Lake(), acc.Lake())
		}
		return b.Coerce(y, acc, rules.Implicit, merge.Body.Position())
	}
	var out typed.Expr
	if acc == elem {
		l := b.Lambda(func(v []typed.Expr) typed.Expr { return step(v[0], v[1]) }, acc, elem)
		out = rules.Call("fold", acc, x, l, start)
	} else {
		pair := func(a, e typed.Expr) typed.Expr { return rules.StructOf([]string{"a", "e"}, a, e) }
		first := pair(start, rules.Null(elem))
		lift := b.Lambda(func(v []typed.Expr) typed.Expr { return pair(rules.Null(acc), v[0]) }, elem)
		pairs := rules.Call("transform", typed.ArrayOf(first.Type()), x, lift)
		l := b.Lambda(func(v []typed.Expr) typed.Expr {
			return pair(step(rules.FieldOf(v[0], 0), rules.FieldOf(v[1], 1)), rules.Null(elem))
		}, first.Type(), first.Type())
		out = rules.FieldOf(rules.Call("fold", first.Type(), pairs, l, first), 0)
	}
	if len(f.Args) == 3 {
		return out
	}
	finish := b.lambdaArg(f, 3, 1)
	if finish == nil {
		return out
	}
	l := b.Lambda(func(v []typed.Expr) typed.Expr { return b.body1(finish, s, v...) }, acc)
	return rules.Call("let", l.Type(), out, l)
}

// zipWith binds ZIP_WITH(a, b, (x, y) -> ...): what the shorter array has not is NULL.
func (b *binder) zipWith(x typed.Expr, f *syntax.Func, s *scope) typed.Expr {
	y, l := b.expr(f.Args[1], s), b.lambdaArg(f, 2, 2)
	if y.Type().Kind != typed.Array {
		return b.FailAs(syntax.Mismatch, f.Args[1].Position(), "argument 2 of ZIP_WITH must be an array, this is %s", y.Type().Lake())
	}
	if l == nil {
		return x
	}
	return b.Zip([]typed.Expr{x, y}, func(items []typed.Expr) typed.Expr { return b.body1(l, s, items...) })
}
