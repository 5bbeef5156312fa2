package rules

import (
	"strconv"
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// sparkArray is ARRAY(a, b, ...).
func sparkArray(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 0, -1)
	t := rs.UnifyTypes(f.At, "ARRAY", a...)
	for i := range a {
		a[i] = rs.Coerce(a[i], t, Implicit, f.Args[i].Position())
	}
	return Call("spark_array", typed.ArrayOf(t), a...)
}

// argName is the name that an argument gives to a field: its own, or what it has where it has none.
func argName(x syntax.Expr, place int) string {
	switch x := x.(type) {
	case *syntax.Named:
		return x.Name.AsWritten()
	case *syntax.Column:
		return x.Name.Last().AsWritten()
	case *syntax.Field:
		return x.Name.AsWritten()
	}
	return strconv.Itoa(place)
}

// distinctNames refuses names that differ in case only: the engine has no struct of such fields.
func (rs *Rules) distinctNames(fields []typed.Field, at syntax.Pos) []typed.Field {
	for i, f := range fields {
		for _, g := range fields[:i] {
			if strings.EqualFold(f.Name, g.Name) {
				rs.FailAs(syntax.Unsupported, at, "a struct with two fields %q is not supported: give them different names", f.Name)
			}
		}
	}
	return fields
}

// FieldName is the name of the field that an argument of STRUCT becomes; place counts from 0.
func FieldName(x syntax.Expr, place int) string {
	if name := argName(x, -1); name != "-1" {
		return name
	}
	return "col" + strconv.Itoa(place+1)
}

// Struct makes a struct of values whose names are different.
func (rs *Rules) Struct(names []string, values []typed.Expr, at syntax.Pos) typed.Expr {
	fields := make([]typed.Field, len(names))
	for i, n := range names {
		fields[i].Name = n
	}
	return structOf(rs.distinctNames(fields, at), values)
}

// structCall is STRUCT(a, b AS name, ...).
func structCall(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, -1)
	names := make([]string, len(a))
	for i := range a {
		names[i] = FieldName(f.Args[i], i)
	}
	return rs.Struct(names, a, f.At)
}

// namedStruct is NAMED_STRUCT('a', x, 'b', y, ...).
func namedStruct(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, -1)
	if len(a)%2 != 0 {
		return rs.FailAs(syntax.NoFunction, f.At, "NAMED_STRUCT takes pairs of a name and a value")
	}
	var names []string
	var values []typed.Expr
	for i := 0; i+1 < len(a); i += 2 {
		name, _ := rs.constant(a[i], f, i)
		names, values = append(names, name), append(values, a[i+1])
	}
	return rs.Struct(names, values, f.At)
}

// mapCall is MAP(key, value, key, value, ...).
func mapCall(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 0, -1)
	if len(a)%2 != 0 {
		return rs.FailAs(syntax.NoFunction, f.At, "MAP takes pairs of a key and a value")
	}
	var sides [2][]typed.Expr
	for i, x := range a {
		sides[i%2] = append(sides[i%2], x)
	}
	var lists [2]typed.Expr
	for n, side := range sides {
		t := rs.UnifyTypes(f.At, []string{"the keys of MAP", "the values of MAP"}[n], side...)
		for i := range side {
			side[i] = rs.Coerce(side[i], t, Implicit, f.Args[2*i+n].Position())
		}
		lists[n] = Call("spark_array", typed.ArrayOf(t), side...)
	}
	return rs.mapOf(lists[0], lists[1], f.At)
}

func (rs *Rules) mapOf(keys, values typed.Expr, at syntax.Pos) typed.Expr {
	k := keys.Type().Elem()
	rs.NoMap(k, at, "a map by its keys")
	return Call("map", typed.MapOf(k, values.Type().Elem()), keys, values)
}

func mapFromArrays(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(Int)
	}
	return rs.mapOf(rs.array(f, 0, a[0]), rs.array(f, 1, a[1]), f.At)
}

func mapFromEntries(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 1)
	if a == nil {
		return Null(Int)
	}
	x := rs.array(f, 0, a[0])
	fields := x.Type().Elem().Fields()
	if x.Type().Elem().Kind != typed.Struct || len(fields) != 2 {
		return rs.FailAs(syntax.Mismatch, f.At, "MAP_FROM_ENTRIES takes an array of structs of two fields, this is %s", x.Type().Lake())
	}
	rs.NoMap(fields[0].Type, f.At, "a map by its keys")
	return Call("entries_map", typed.MapOf(fields[0].Type, fields[1].Type), x)
}
