package rules

import (
	"strconv"
	"strings"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// partTypes are the types that the classes of nested values stand for in a call: all its arrays have one, and all its maps.
func (rs *Rules) partTypes(f *syntax.Func, r *dialect.Signature, args []typed.Expr) map[dialect.Class]typed.Type {
	var elems, maps, keys []typed.Expr
	for i, x := range args {
		switch class := r.Arg(i); class {
		case dialect.List:
			if rs.needs(typed.Array, f, i, x) {
				elems = append(elems, &typed.ColumnRef{Ty: typed.Ty{T: x.Type().Elem()}})
			}
		case dialect.Elem:
			elems = append(elems, x)
		case dialect.Dict:
			if rs.needs(typed.Map, f, i, x) {
				maps = append(maps, x)
			}
		case dialect.Key:
			keys = append(keys, x)
		}
	}
	name := strings.ToUpper(f.Name.Last().Name)
	switch {
	case elems != nil:
		rs.oneFamily(f.At, name, elems)
		elem := rs.UnifyTypes(f.At, name, elems...)
		if r.Op != "slice" && r.Op != "array_item" && r.Op != "array_size" && r.Op != "array_compact" &&
			r.Op != "array_append" && r.Op != "array_prepend" {
			rs.NoMap(elem, f.At, name)
		}
		return map[dialect.Class]typed.Type{dialect.List: typed.ArrayOf(elem), dialect.Elem: elem}
	case maps != nil:
		m := rs.UnifyTypes(f.At, name, maps...)
		rs.oneFamily(f.At, name, append(keys, &typed.ColumnRef{Ty: typed.Ty{T: m.Key()}}))
		return map[dialect.Class]typed.Type{dialect.Dict: m, dialect.Key: m.Key(), dialect.Keys: typed.ArrayOf(m.Key()),
			dialect.Values: typed.ArrayOf(m.Value()), dialect.Entries: typed.ArrayOf(m.Entry())}
	}
	return nil
}

// needs reports whether an argument is of a nested kind; NULL is of any. Another is a mistake.
func (rs *Rules) needs(k typed.Kind, f *syntax.Func, i int, x typed.Expr) bool {
	t := x.Type()
	if t.Kind != k && t.Known() {
		rs.FailAs(syntax.Mismatch, f.Args[i].Position(), "argument %d of %s must be %s, this is %s", i+1,
			strings.ToUpper(f.Name.Last().Name), map[typed.Kind]string{typed.Array: "an array", typed.Map: "a map"}[k], t.Lake())
	}
	return t.Kind == k
}

// oneFamily refuses text among other values: what is looked for in an array is not made text for it.
func (rs *Rules) oneFamily(at syntax.Pos, name string, xs []typed.Expr) {
	for _, x := range xs {
		if a, b := xs[0].Type(), x.Type(); a.IsText() != b.IsText() && a.Known() && b.Known() {
			rs.FailAs(syntax.Mismatch, at, "%s mixes %s and %s: write a CAST", name, a.Lake(), b.Lake())
		}
	}
}

// array makes an argument an array; NULL is an array of nothing.
func (rs *Rules) array(f *syntax.Func, i int, x typed.Expr) typed.Expr {
	if !rs.needs(typed.Array, f, i, x) && x.Type().Kind == typed.Null {
		return Null(typed.ArrayOf(typed.T(typed.Null)))
	}
	return x
}

func (rs *Rules) concatArrays(at syntax.Pos, parts []typed.Expr) typed.Expr {
	t := rs.UnifyTypes(at, "CONCAT", parts...)
	for i, p := range parts {
		parts[i] = rs.Coerce(p, t, Implicit, at)
	}
	return Call("concat_arrays", t, parts...)
}

func reverse(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 1)
	switch {
	case a == nil:
		return Null(rs.Text())
	case a[0].Type().Kind == typed.Array:
		return Call("array_reverse", a[0].Type(), a[0])
	}
	return Call("sp_reverse", rs.Text(), rs.Coerce(a[0], rs.Text(), Implicit, f.At))
}

// size is the number of elements, -1 of NULL.
func size(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 1)
	if a == nil {
		return Null(Int)
	}
	if a[0].Type().Kind == typed.Map {
		return Call("size_map", Int, a[0])
	}
	return Call("size_array", Int, rs.array(f, 0, a[0]))
}

// elementAt is ELEMENT_AT: places of an array count from 1, negative ones from its end.
func elementAt(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(Int)
	}
	if t := a[0].Type(); t.Kind == typed.Map {
		return Call("map_value", t.Value(), a[0], rs.Coerce(a[1], t.Key(), Implicit, f.Args[1].Position()))
	}
	x := rs.array(f, 0, a[0])
	return Call("element_at", x.Type().Elem(), x, rs.Coerce(a[1], Int, Implicit, f.Args[1].Position()))
}

// sorted gives an array in order: by what comes first, and where NULLs are.
func (rs *Rules) sorted(x typed.Expr, way string, nullsFirst bool, at syntax.Pos) typed.Expr {
	t := x.Type()
	rs.NoMap(t, at, "the order of an array")
	nulls := "NULLS LAST"
	if nullsFirst {
		nulls = "NULLS FIRST"
	}
	sort := func(list typed.Expr) typed.Expr {
		return Call("list_sort", list.Type(), list, Lit(rs.Text(), way), Lit(rs.Text(), nulls))
	}
	if !t.Elem().IsNested() {
		return sort(x)
	}
	fields := []typed.Field{{Name: "n"}, {Name: "k"}, {Name: "v"}}
	keyed := rs.each(x, func(e typed.Expr) typed.Expr {
		return structOf(fields, []typed.Expr{&typed.IsNull{X: e, Not: nullsFirst == (way == "ASC")}, rs.OrderKey(e), e})
	})
	return rs.each(sort(keyed), func(e typed.Expr) typed.Expr { return rs.field(e, e.Type().Fields()[2]) })
}

func sortArray(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 2)
	if a == nil {
		return Null(Int)
	}
	x := rs.array(f, 0, a[0])
	if len(a) == 2 && !rs.Flag(f.Args[1]) {
		return rs.sorted(x, "DESC", false, f.At)
	}
	return rs.sorted(x, "ASC", true, f.At)
}

func arraySort(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 2 {
		return rs.FailAs(syntax.Unsupported, f.Args[1].Position(), "ARRAY_SORT with a function that compares is not supported: use SORT_ARRAY")
	}
	a := rs.args(f, arg, 1, 1)
	if a == nil {
		return Null(Int)
	}
	return rs.sorted(rs.array(f, 0, a[0]), "ASC", false, f.At)
}

// extreme is ARRAY_MAX or ARRAY_MIN: the first in the order that has NULLs last.
func extreme(op string) SpecialFunc {
	return func(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
		a := rs.args(f, arg, 1, 1)
		if a == nil {
			return Null(Int)
		}
		x := rs.array(f, 0, a[0])
		if elem := x.Type().Elem(); !elem.IsNested() {
			return Call(op, elem, x)
		}
		way := map[string]string{"array_max": "DESC", "array_min": "ASC"}[op]
		return Call("array_item", x.Type().Elem(), rs.sorted(x, way, false, f.At), Lit(Bigint, "0"))
	}
}

// arrayJoin is ARRAY_JOIN(array, between [, for NULL]); without the third NULLs are left out.
func arrayJoin(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 3)
	if a == nil {
		return Null(rs.Text())
	}
	text := rs.Text()
	x := rs.Coerce(rs.array(f, 0, a[0]), typed.ArrayOf(text), Implicit, f.Args[0].Position())
	sep := rs.Coerce(a[1], text, Implicit, f.Args[1].Position())
	if len(a) == 2 {
		return rs.join(x, sep)
	}
	instead := rs.Coerce(a[2], text, Implicit, f.Args[2].Position())
	return rs.let(instead, func(v typed.Expr) typed.Expr {
		full := rs.each(x, func(e typed.Expr) typed.Expr { return Call("coalesce", text, e, v) })
		return unlessNull(v, rs.join(full, sep))
	})
}

// join joins the texts of an array. The engine's own function takes a constant to put between them.
func (rs *Rules) join(list, sep typed.Expr) typed.Expr {
	l, constant := sep.(*typed.Literal)
	switch {
	case constant && l.Null:
		return Null(rs.Text())
	case constant:
		return Call("array_join", rs.Text(), list, sep)
	}
	return Call("array_join_by", rs.Text(), list, sep)
}

// concatWs is CONCAT_WS: arrays among the arguments give their elements; NULLs are left out.
func concatWs(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, -1)
	if a == nil {
		return Null(rs.Text())
	}
	text, list, arrays := rs.Text(), typed.ArrayOf(rs.Text()), false
	parts := make([]typed.Expr, len(a))
	for i, x := range a {
		at := f.Args[i].Position()
		if x.Type().Kind == typed.Array && i > 0 {
			arrays = true
			parts[i] = Call("coalesce", list, rs.Coerce(x, list, Implicit, at), Call("spark_array", list))
			continue
		}
		a[i] = rs.Coerce(x, text, Implicit, at)
		parts[i] = Call("spark_array", list, a[i])
	}
	if !arrays {
		return Call("concat_ws", text, a...)
	}
	return rs.join(Call("concat_arrays", list, parts[1:]...), a[0])
}

func arrayRepeat(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(Int)
	}
	return Call("array_repeat", typed.ArrayOf(a[0].Type()), a[0], rs.Coerce(a[1], Int, Implicit, f.Args[1].Position()))
}

func flatten(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 1)
	if a == nil {
		return Null(Int)
	}
	x := rs.array(f, 0, a[0])
	if k := x.Type().Elem().Kind; k != typed.Array {
		return rs.FailAs(syntax.Mismatch, f.At, "FLATTEN takes an array of arrays, this is %s", x.Type().Lake())
	}
	return Call("flatten", x.Type().Elem(), x)
}

// arraysZip pairs the elements of arrays; what a shorter one has not is NULL. The fields have the arguments' names, or their numbers.
func arraysZip(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, -1)
	if a == nil {
		return Null(Int)
	}
	var fields []typed.Field
	for i := range a {
		a[i] = rs.array(f, i, a[i])
		fields = append(fields, typed.Field{Name: argName(f.Args[i], i), Type: a[i].Type().Elem()})
	}
	fields = rs.distinctNames(fields, f.At)
	return rs.Zip(a, func(items []typed.Expr) typed.Expr { return structOf(fields, items) })
}

// Zip gives the array of f of the elements that stand at the same place of arrays; what a shorter one has not is NULL.
func (rs *Rules) Zip(arrays []typed.Expr, f func(items []typed.Expr) typed.Expr) typed.Expr {
	names := make([]string, len(arrays))
	for i := range arrays {
		names[i] = "a" + strconv.Itoa(i)
	}
	return rs.let(StructOf(names, arrays...), func(v typed.Expr) typed.Expr {
		lists := make([]typed.Expr, len(arrays))
		for i := range arrays {
			lists[i] = FieldOf(v, i)
		}
		row := rs.Lambda(func(n []typed.Expr) typed.Expr {
			items := make([]typed.Expr, len(lists))
			for i, l := range lists {
				items[i] = Call("array_item", l.Type().Elem(), l, n[0])
			}
			return f(items)
		}, Bigint)
		return Call("transform", typed.ArrayOf(row.Type()), Call("places", typed.ArrayOf(Bigint), lists...), row)
	})
}

// sequence is SEQUENCE(start, stop [, step]), both ends included.
func sequence(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 3)
	if a == nil {
		return Null(Int)
	}
	t := rs.UnifyTypes(f.At, "SEQUENCE", a[0], a[1])
	if t.IsInstant() {
		return rs.times(f, t, a)
	}
	if len(a) == 3 {
		t = rs.UnifyTypes(f.At, "SEQUENCE", a...)
	}
	if !t.IsInt() && t.Kind != typed.Null {
		return rs.FailAs(syntax.Mismatch, f.At, "SEQUENCE takes integers, dates or timestamps, this is %s", t)
	}
	for i := range a {
		a[i] = rs.Coerce(a[i], Bigint, Implicit, f.Args[i].Position())
	}
	if len(a) == 2 {
		a = append(a, Call("sequence_step", Bigint, a...))
	}
	return Call("sequence", typed.ArrayOf(t), a...)
}

// times is a sequence of dates or timestamps, one day apart without a step.
func (rs *Rules) times(f *syntax.Func, t typed.Type, a []typed.Expr) typed.Expr {
	steps := []typed.Expr{Lit(Bigint, "0"), Lit(Bigint, "1"), Lit(Bigint, "0")}
	if len(a) == 3 {
		if a[2].Type().Kind != typed.Interval {
			return rs.FailAs(syntax.Mismatch, f.Args[2].Position(), "a step between dates must be an interval, this is %s", a[2].Type())
		}
		for i, part := range []string{"interval_months", "interval_days", "interval_micros"} {
			steps[i] = Call(part, Bigint, a[2])
		}
	}
	ends := []typed.Expr{rs.Coerce(a[0], tStamp, Implicit, f.At), rs.Coerce(a[1], tStamp, Implicit, f.At)}
	return rs.Coerce(Call("sequence_time", typed.ArrayOf(tStamp), append(ends, steps...)...), typed.ArrayOf(t), explicit, f.At)
}
