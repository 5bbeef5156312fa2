package bind

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// generates reports whether x calls a function that gives rows.
func (b *binder) generates(x syntax.Expr) *syntax.Func {
	f, ok := x.(*syntax.Func)
	if !ok || len(f.Name) != 1 {
		return nil
	}
	if fn := b.D.Function(f.Name[0].Name); fn == nil || fn.Kind != dialect.Generator {
		return nil
	}
	return f
}

// generator binds a call of a function that gives rows: the element of FROM that it is, and its columns.
func (b *binder) generator(f *syntax.Func, outer bool, alias string, s *scope) (*typed.Unnest, []column) {
	name := f.Name.Last().Name
	rule := strings.TrimSuffix(name, "_outer")
	args := make([]typed.Expr, len(f.Args))
	for i, x := range f.Args {
		args[i] = b.expr(x, s)
	}
	u := &typed.Unnest{Alias: b.unique(cmp.Or(alias, rule)), Value: "value", Outer: outer || rule != name}
	var names []string
	switch rule {
	case "stack":
		u.X = b.stack(f, args)
	case "json_tuple":
		u.X = b.jsonTuple(f, args)
	default:
		u.X, names = b.exploded(f, rule, args)
	}
	if b.Err != nil {
		u.X = rules.Null(typed.ArrayOf(rules.Int))
		return u, nil
	}
	var out []column
	if rule == "posexplode" {
		u.Index = "index"
		out = append(out, column{name: "pos", expr: &typed.ColumnRef{Ty: typed.Ty{T: rules.Int}, Table: u.Alias, Name: u.Index}})
	}
	elem := u.X.Type().Elem()
	value := &typed.ColumnRef{Ty: typed.Ty{T: elem}, Table: u.Alias, Name: u.Value}
	if len(names) == 1 {
		return u, append(out, column{name: names[0], expr: value})
	}
	for i, fd := range elem.Fields() {
		out = append(out, column{name: fd.Name, expr: rules.FieldOf(value, i)})
	}
	return u, out
}

// exploded is the array behind EXPLODE and INLINE; one name says that its elements are the only column.
func (b *binder) exploded(f *syntax.Func, rule string, args []typed.Expr) (typed.Expr, []string) {
	if len(args) != 1 {
		b.FailAs(syntax.NoFunction, f.At, "%s takes 1 argument, %d are given", strings.ToUpper(f.Name.Last().Name), len(args))
		return nil, nil
	}
	x, t := args[0], args[0].Type()
	switch {
	case rule == "inline" && t.Kind == typed.Array && t.Elem().Kind == typed.Struct:
		return x, nil
	case rule != "inline" && t.Kind == typed.Array:
		return x, []string{"col"}
	case rule != "inline" && t.Kind == typed.Map:
		return rules.Call("map_entries", typed.ArrayOf(t.Entry()), x), nil
	}
	takes := map[bool]string{true: "an array of structs", false: "an array or a map"}[rule == "inline"]
	b.FailAs(syntax.Mismatch, f.Args[0].Position(), "%s takes %s, this is %s", strings.ToUpper(f.Name.Last().Name), takes, t.Lake())
	return nil, nil
}

// stack is STACK(n, values...): the values in n rows, what is missing in the last is NULL.
func (b *binder) stack(f *syntax.Func, args []typed.Expr) typed.Expr {
	n := 0
	if len(f.Args) > 1 {
		if l, ok := args[0].(*typed.Literal); ok {
			n, _ = strconv.Atoi(l.Text)
		}
	}
	if n < 1 {
		return b.Fail(f.At, "STACK takes a constant number of rows and values")
	}
	if n > 10_000 {
		return b.FailAs(syntax.TooComplex, f.At, "STACK takes at most 10000 rows")
	}
	values, wide := args[1:], (len(args)-2)/n+1
	names, rows := make([]string, wide), make([][]typed.Expr, n)
	for c := range wide {
		names[c] = "col" + strconv.Itoa(c)
		column := make([]typed.Expr, n)
		for r := range n {
			column[r] = rules.Null(typed.T(typed.Null))
			if i := r*wide + c; i < len(values) {
				column[r] = values[i]
			}
		}
		t := b.UnifyTypes(f.At, "a column of STACK", column...)
		for r := range n {
			rows[r] = append(rows[r], b.Coerce(column[r], t, rules.Implicit, f.At))
		}
	}
	return structs(names, rows)
}

// structs is an array of structs.
func structs(names []string, rows [][]typed.Expr) typed.Expr {
	items := make([]typed.Expr, len(rows))
	for i, r := range rows {
		items[i] = rules.StructOf(names, r...)
	}
	return rules.Call("spark_array", typed.ArrayOf(items[0].Type()), items...)
}

// jsonTuple is JSON_TUPLE(text, names...): one row of the fields of an object.
func (b *binder) jsonTuple(f *syntax.Func, args []typed.Expr) typed.Expr {
	if len(args) < 2 {
		return b.FailAs(syntax.NoFunction, f.At, "JSON_TUPLE takes a text and the names of fields")
	}
	var names []string
	var values []typed.Expr
	text := b.Coerce(args[0], b.Text(), rules.Implicit, f.At)
	for i, x := range args[1:] {
		names = append(names, "c"+strconv.Itoa(i))
		values = append(values, rules.Call("json_tuple", b.Text(), text, b.Coerce(x, b.Text(), rules.Implicit, f.Args[i+1].Position())))
	}
	return structs(names, [][]typed.Expr{values})
}

// lateralView binds LATERAL VIEW: it sees the elements of FROM in front of it.
func (b *binder) lateralView(v *syntax.LateralView, sc *scope) typed.From {
	if v.Call == nil || b.generates(v.Call) == nil {
		b.FailAs(syntax.Unsupported, v.At, "LATERAL VIEW takes EXPLODE, POSEXPLODE, INLINE, STACK or JSON_TUPLE")
		return &typed.Derived{Query: &typed.Query{Body: &typed.Values{}}, Alias: "error"}
	}
	inner := *sc
	inner.noAgg, inner.noWin = "LATERAL VIEW", "LATERAL VIEW"
	return b.generated(v.Call, v.Outer, v.Alias.Name, v.Columns, sc, &inner)
}

// generated adds the columns of a function that gives rows to the scope; its arguments are bound in another.
func (b *binder) generated(f *syntax.Func, outer bool, alias string, names []syntax.Ident, sc, inner *scope) typed.From {
	u, cols := b.generator(f, outer, alias, inner)
	if names != nil && len(names) != len(cols) {
		b.Fail(f.At, "%s gives %d columns, %d names are given", strings.ToUpper(f.Name.Last().Name), len(cols), len(names))
		return u
	}
	for i, n := range names {
		cols[i].name = n.AsWritten()
	}
	b.addSource(sc, &source{alias: alias, unique: u.Alias, columns: cols}, f.At)
	return u
}

// explode puts a function that gives rows, an item of a select list, behind FROM and its columns in its place.
func (b *binder) explode(s *syntax.Select, out *typed.Select, it syntax.SelectItem, f *syntax.Func, sc *scope) []item {
	if b.aggregates(s) {
		b.FailAs(syntax.Unsupported, f.At, "%s beside GROUP BY is not supported here: put the aggregate into a subquery",
			strings.ToUpper(f.Name.Last().Name))
		return nil
	}
	u, cols := b.generator(f, false, "", sc)
	names := it.Names
	if names == nil && it.Alias.Name != "" {
		names = []syntax.Ident{it.Alias}
	}
	if names != nil && len(names) != len(cols) {
		b.Fail(f.At, "%s gives %d columns, %d names are given", strings.ToUpper(f.Name.Last().Name), len(cols), len(names))
		return nil
	}
	items := make([]item, len(cols))
	for i, c := range cols {
		items[i] = item{SelectItem: it, x: c.expr, name: c.name}
		if names != nil {
			items[i].name = names[i].Name
		}
		if name := strings.ToLower(items[i].name); sc.names[name] == nil {
			sc.names[name] = c.expr
		}
	}
	if out.From == nil {
		out.From = u
	} else {
		out.From = &typed.Join{Kind: "cross", L: out.From, R: u}
	}
	return items
}

// aggregates reports whether a SELECT groups, or an item of its list aggregates.
func (b *binder) aggregates(s *syntax.Select) bool {
	found := s.Group != nil || s.Having != nil
	for _, it := range s.Items {
		syntax.Walk(it.X, func(x syntax.Expr) {
			if f, ok := x.(*syntax.Func); ok && f.Over == nil && f.OverName == "" && b.isAggregate(f.Name.Last().Name) {
				found = true
			}
		})
	}
	return found
}

// divided is a SELECT that groups and has a function that gives rows, as two: one that groups, and around it one with that function.
// Others are left as they are.
func (b *binder) divided(s *syntax.Select) *syntax.Select {
	rows := slices.ContainsFunc(s.Items, func(it syntax.SelectItem) bool { return b.generates(it.X) != nil })
	if !rows || !b.aggregates(s) || s.Group != nil && s.Group.All {
		return s
	}
	inner, outer := *s, &syntax.Select{Node: s.Node, Distinct: s.Distinct}
	inner.Distinct, inner.Items = false, nil
	var names []syntax.Ident
	for i, it := range s.Items {
		f := b.generates(it.X)
		if _, star := it.X.(*syntax.Star); star || f != nil && len(f.Args) != 1 {
			return s
		}
		name := syntax.Ident{Name: "_c" + strconv.Itoa(i), Pos: it.X.Position()}
		ref := &syntax.Column{Node: syntax.Node{At: name.Pos}, Name: syntax.Name{name}}
		names = append(names, name)
		if f == nil {
			inner.Items = append(inner.Items, it)
			outer.Items = append(outer.Items, syntax.SelectItem{X: ref, Alias: syntax.Ident{Name: b.outputName(it)}, Text: it.Text})
			continue
		}
		call := *f
		call.Args = []syntax.Expr{ref}
		inner.Items = append(inner.Items, syntax.SelectItem{X: f.Args[0]})
		it.X = &call
		outer.Items = append(outer.Items, it)
	}
	outer.From = []syntax.TableRef{&syntax.Derived{Node: s.Node, Columns: names,
		Query: &syntax.Query{Node: s.Node, Body: &inner}}}
	return outer
}
