package rules

import (
	"strconv"
	"strings"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Lambda makes a function of elements of the types. Its variables are named by how deep it stands, so that what is written twice is the
// same twice.
func (rs *Rules) Lambda(body func(v []typed.Expr) typed.Expr, params ...typed.Type) *typed.Lambda {
	l := &typed.Lambda{}
	vars := make([]typed.Expr, len(params))
	for i, t := range params {
		rs.lambdas++
		ref := &typed.ColumnRef{Ty: typed.Ty{T: t}, Name: "_l" + strconv.Itoa(rs.lambdas)}
		l.Params, vars[i] = append(l.Params, ref), ref
	}
	l.Body = body(vars)
	rs.lambdas -= len(params)
	return l
}

// each gives the array of f of each element.
func (rs *Rules) each(x typed.Expr, f func(e typed.Expr) typed.Expr) typed.Expr {
	l := rs.Lambda(func(v []typed.Expr) typed.Expr { return f(v[0]) }, x.Type().Elem())
	return Call("transform", typed.ArrayOf(l.Body.Type()), x, l)
}

// let computes x once for an expression that uses it several times.
func (rs *Rules) let(x typed.Expr, f func(v typed.Expr) typed.Expr) typed.Expr {
	if simple(x) {
		return f(x)
	}
	l := rs.Lambda(func(v []typed.Expr) typed.Expr { return f(v[0]) }, x.Type())
	return Call("let", l.Body.Type(), x, l)
}

func simple(x typed.Expr) bool {
	switch x := x.(type) {
	case *typed.ColumnRef, *typed.Literal:
		return true
	case *typed.Call:
		return x.Op == "identity" || x.Op == "field" && simple(x.Args[0])
	}
	return false
}

// field is a field of a struct.
func (rs *Rules) field(x typed.Expr, f typed.Field) typed.Expr {
	if c, ok := x.(*typed.Call); ok && c.Op == "struct" {
		_, i := c.T.Field(f.Name)
		return c.Args[i]
	}
	return Call("field", f.Type, x, Lit(typed.T(typed.String), f.Name))
}

// FieldOf is the i-th field of a struct.
func FieldOf(x typed.Expr, i int) typed.Expr {
	f := x.Type().Fields()[i]
	return Call("field", f.Type, x, Lit(typed.T(typed.String), f.Name))
}

// StructOf makes a struct of values with names.
func StructOf(names []string, values ...typed.Expr) typed.Expr {
	fields := make([]typed.Field, len(names))
	for i, n := range names {
		fields[i].Name = n
	}
	return structOf(fields, values)
}

// structOf makes a struct of values.
func structOf(fields []typed.Field, values []typed.Expr) typed.Expr {
	named := make([]typed.Field, len(fields))
	for i, f := range fields {
		named[i] = typed.Field{Name: f.Name, Type: values[i].Type()}
	}
	return Call("struct", typed.StructOf(named...), values...)
}

// fieldwise makes a struct of f of each field; NULL stays NULL.
func (rs *Rules) fieldwise(x typed.Expr, f func(i int, v typed.Expr) typed.Expr, make func([]typed.Expr) typed.Expr) typed.Expr {
	build := func(v typed.Expr) typed.Expr {
		var values []typed.Expr
		for i, fd := range x.Type().Fields() {
			values = append(values, f(i, rs.field(v, fd)))
		}
		return make(values)
	}
	if c, ok := x.(*typed.Call); ok && c.Op == "struct" {
		return build(x)
	}
	return rs.let(x, func(v typed.Expr) typed.Expr { return unlessNull(v, build(v)) })
}

// unlessNull is y, but NULL where x is.
func unlessNull(x, y typed.Expr) typed.Expr {
	return &typed.Case{Ty: typed.Ty{T: y.Type()}, Whens: []typed.When{{Cond: &typed.IsNull{X: x, Not: true}, Then: y}}}
}

// coerceNested converts from or to a type with parts: arrays element by element, structs field by field in their order, maps by key and
// value, each to text in Spark's form.
func (rs *Rules) coerceNested(x typed.Expr, t typed.Type, kind dialect.CastKind, at syntax.Pos) typed.Expr {
	from := x.Type()
	refused := func() typed.Expr {
		return rs.FailAs(syntax.NoCast, at, "%s cannot be converted to %s", from.Lake(), t.Lake())
	}
	switch {
	case from.Kind == typed.Unknown:
		return Call("unknown", t, x)
	case t.IsText() && kind != Implicit:
		return rs.Coerce(rs.text(x, at), t, kind, at)
	case from.Kind != t.Kind:
		return refused()
	case t.Kind == typed.Array:
		if from.Elem() == t.Elem() {
			return x
		}
		return rs.each(x, func(e typed.Expr) typed.Expr { return rs.Coerce(e, t.Elem(), kind, at) })
	case t.Kind == typed.Map:
		if from.Key().IsText() && !t.Key().IsText() {
			return refused()
		}
		return Call("map_from_entries", t, rs.each(entries(x), func(e typed.Expr) typed.Expr {
			return structOf(t.Fields(), []typed.Expr{rs.Coerce(rs.field(e, from.Fields()[0]), t.Key(), kind, at),
				rs.Coerce(rs.field(e, from.Fields()[1]), t.Value(), kind, at)})
		}))
	}
	to := t.Fields()
	if len(from.Fields()) != len(to) {
		return refused()
	}
	return rs.fieldwise(x, func(i int, v typed.Expr) typed.Expr { return rs.Coerce(v, to[i].Type, kind, at) },
		func(values []typed.Expr) typed.Expr { return Call("struct", t, values...) })
}

// entries are those of a map, an array of structs.
func entries(m typed.Expr) typed.Expr { return Call("map_entries", typed.ArrayOf(m.Type().Entry()), m) }

// text writes a nested value as Spark's cast does: [1, 2], {1, a}, {k -> v}; NULL inside is the word null.
func (rs *Rules) text(x typed.Expr, at syntax.Pos) typed.Expr {
	lit := func(s string) typed.Expr { return Lit(rs.Text(), s) }
	part := func(v typed.Expr) typed.Expr {
		return Call("coalesce", rs.Text(), rs.Coerce(v, rs.Text(), explicit, at), lit("null"))
	}
	joined := func(list typed.Expr, open, end string) typed.Expr {
		return Call("concat", rs.Text(), lit(open), Call("array_join", rs.Text(), list, lit(", ")), lit(end))
	}
	switch t := x.Type(); t.Kind {
	case typed.Array:
		return joined(rs.each(x, part), "[", "]")
	case typed.Map:
		return joined(rs.each(entries(x), func(e typed.Expr) typed.Expr {
			return Call("concat", rs.Text(), part(rs.field(e, t.Fields()[0])), lit(" -> "), part(rs.field(e, t.Fields()[1])))
		}), "{", "}")
	}
	return rs.fieldwise(x, func(_ int, v typed.Expr) typed.Expr { return part(v) }, func(values []typed.Expr) typed.Expr {
		parts := []typed.Expr{lit("{")}
		for i, v := range values {
			if i > 0 {
				parts = append(parts, lit(", "))
			}
			parts = append(parts, v)
		}
		return Call("concat", rs.Text(), append(parts, lit("}"))...)
	})
}

// commonNested is the type of arrays, maps or structs that meet; structs must have the same names.
func (rs *Rules) commonNested(l, r typed.Type) (typed.Type, bool) {
	lf, rf := l.Fields(), r.Fields()
	if l.Kind != r.Kind || len(lf) != len(rf) {
		return typed.Type{}, false
	}
	out := make([]typed.Field, len(lf))
	for i := range lf {
		t, ok := rs.common(lf[i].Type, rf[i].Type)
		if !ok || !strings.EqualFold(lf[i].Name, rf[i].Name) {
			return typed.Type{}, false
		}
		out[i] = typed.Field{Name: lf[i].Name, Type: t}
	}
	switch l.Kind {
	case typed.Array:
		return typed.ArrayOf(out[0].Type), true
	case typed.Map:
		return typed.MapOf(out[0].Type, out[1].Type), true
	}
	return typed.StructOf(out...), true
}

// compareNested compares arrays and structs part by part. NULL inside equals NULL, and is the smallest where an order is asked for.
func (rs *Rules) compareNested(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	if op != "=" && op != "<>" {
		l, r = rs.OrderKey(l), rs.OrderKey(r)
	}
	return &typed.Compare{Op: op, L: l, R: r}
}

// NoMap refuses what would compare maps.
func (rs *Rules) NoMap(t typed.Type, at syntax.Pos, what string) {
	if t.Holds(typed.Map) {
		rs.FailAs(syntax.Mismatch, at, "%s compares values, and maps cannot be compared: %s", what, t.Lake())
	}
}

// OrderKey is a value whose order in the engine is that of x in Spark. The engine holds NULL inside of a value for the largest.
func (rs *Rules) OrderKey(x typed.Expr) typed.Expr {
	t := x.Type()
	if _, output := x.(*typed.OutputRef); output || !t.IsNested() || rs.Err != nil {
		return x
	}
	if t.Kind == typed.Array {
		return rs.each(x, func(e typed.Expr) typed.Expr { return structOf(keyFields, rs.keyParts(e)) })
	}
	var fields []typed.Field
	for i := range t.Fields() {
		n := strconv.Itoa(i)
		fields = append(fields, typed.Field{Name: "n" + n}, typed.Field{Name: "k" + n})
	}
	return rs.fieldwise(x, func(_ int, v typed.Expr) typed.Expr { return v }, func(values []typed.Expr) typed.Expr {
		var parts []typed.Expr
		for _, v := range values {
			parts = append(parts, rs.keyParts(v)...)
		}
		return structOf(fields, parts)
	})
}

var keyFields = []typed.Field{{Name: "n"}, {Name: "k"}}

// keyParts are the key of a value inside of another: whether it is there, and what it is.
func (rs *Rules) keyParts(x typed.Expr) []typed.Expr {
	return []typed.Expr{&typed.IsNull{X: x, Not: true}, rs.OrderKey(x)}
}

// Element is v[i]: of an array by its place from 0, of a map by key, of a struct by a field's name, of a SUPER value by place or name.
func (rs *Rules) Element(v, i typed.Expr, at syntax.Pos) typed.Expr {
	t := v.Type()
	switch {
	case t.Kind == typed.Unknown && !rs.D.Types.Super:
		return Call("unknown", typed.Type{}, v, i)
	case t.Kind == typed.Super && i.Type().IsText():
		return Call("super_field", t, v, i)
	case t.Kind == typed.Super:
		return Call("super_element", t, v, rs.Coerce(i, Bigint, Implicit, at))
	case t.Kind == typed.Map:
		return Call("map_value", t.Value(), v, rs.Coerce(i, t.Key(), Implicit, at))
	case t.Kind == typed.Struct || t.Kind == typed.Array && t.Elem().Kind == typed.Struct && IsLiteral(i):
		if l, ok := i.(*typed.Literal); ok && IsLiteral(i) {
			return rs.part(v, l.Text, at)
		}
		return rs.FailAs(syntax.Mismatch, at, "a field of a struct is named by a constant text")
	case t.Kind == typed.Array && (i.Type().IsInt() || i.Type().Kind == typed.Null):
		return Call("array_item", t.Elem(), v, rs.Coerce(i, Bigint, Implicit, at))
	case t.Kind == typed.Array:
		return rs.FailAs(syntax.Mismatch, at, "the place of an element is an integer, this is %s", i.Type())
	}
	return rs.Fail(at, "%s has no elements", t)
}

// NoElements refuses a value that has no elements; nil when it may have some.
func (rs *Rules) NoElements(v typed.Expr, at syntax.Pos) typed.Expr {
	switch t := v.Type(); {
	case rs.D.Types.Super && t.Kind != typed.Super:
		return rs.Fail(at, "%s has no elements: only SUPER values have", t)
	case !rs.D.Types.Super && !t.IsNested() && t.Kind != typed.Unknown:
		return rs.Fail(at, "%s has no elements: only arrays and maps have", t)
	}
	return nil
}

// Path navigates into a value.
func (rs *Rules) Path(x typed.Expr, fields syntax.Name) typed.Expr {
	for _, f := range fields {
		switch t := x.Type(); {
		case rs.Err != nil:
			return x
		case t.IsNested():
			x = rs.part(x, f.AsWritten(), f.Pos)
			continue
		case t.Kind == typed.Unknown && !rs.D.Types.Super:
			return Call("unknown", typed.Type{}, x)
		case t.Kind != typed.Super && t.Kind != typed.Unknown:
			return rs.Fail(f.Pos, "%q is a field of a value of type %s, which has no fields", f.Name, t)
		}
		name := f.Name
		if rs.D.Types.AttributesCased {
			name = f.AsWritten()
		}
		x = Call("super_field", typed.T(typed.Super), x, Lit(rs.Text(), name))
	}
	return x
}

// part is x.name: a field of a struct, the array of that field of each element, or the value of a map.
func (rs *Rules) part(x typed.Expr, name string, at syntax.Pos) typed.Expr {
	t := x.Type()
	of := t
	switch {
	case t.Kind == typed.Map && t.Key().IsText():
		return Call("map_value", t.Value(), x, Lit(rs.Text(), name))
	case t.Kind == typed.Array:
		of = t.Elem()
	}
	f, i := of.Field(name)
	switch {
	case of.Kind != typed.Struct:
		return rs.FailAs(syntax.NoColumn, at, "%q is a field of a value of type %s, which has no fields", name, t.Lake())
	case i < 0:
		var names []string
		for _, have := range of.Fields() {
			names = append(names, have.Name)
		}
		return rs.FailAs(syntax.NoColumn, at, "the struct has no field %q, its fields are %s", name, strings.Join(names, ", "))
	case t.Kind == typed.Array:
		return rs.each(x, func(e typed.Expr) typed.Expr { return rs.field(e, f) })
	}
	return rs.field(x, f)
}
