package rules

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// fromJSON is FROM_JSON(text, schema): the schema is a constant, a type or columns with their types.
func fromJSON(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 3 {
		rs.permissive(f)
		f = &syntax.Func{Node: f.Node, Name: f.Name, Args: f.Args[:2]}
	}
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(Int)
	}
	text, ok := rs.constant(a[1], f, 1)
	if !ok {
		return a[0]
	}
	t, err := typed.ParseFields(text)
	head, _, nested := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "<")
	if head = strings.TrimSpace(head); nested && (head == "array" || head == "map" || head == "struct") {
		t, err = typed.ParseLake(text)
	}
	if err != nil {
		return rs.FailBy(syntax.NoType, f.Args[1].Position(), err)
	}
	if t.Holds(typed.Varbyte) || t.Holds(typed.Interval) {
		return rs.FailAs(syntax.Unsupported, f.Args[1].Position(), "FROM_JSON does not support binary and interval: read text and convert it")
	}
	return Call("from_json", t, rs.Coerce(a[0], rs.Text(), Implicit, f.Args[0].Position()), Lit(rs.Text(), t.Lake()))
}

// permissive takes the options that ask for nothing, map('mode', 'PERMISSIVE'), and refuses the others by name.
func (rs *Rules) permissive(f *syntax.Func) {
	m, ok := f.Args[2].(*syntax.Func)
	if !ok || m.Name.Last().Name != "map" || len(m.Args)%2 != 0 {
		rs.FailAs(syntax.Unsupported, f.Args[2].Position(), "the options of FROM_JSON must be MAP('name', 'value')")
		return
	}
	for i := 0; i < len(m.Args); i += 2 {
		name, ok := m.Args[i].(*syntax.Literal)
		value, ok2 := m.Args[i+1].(*syntax.Literal)
		if !ok || !ok2 || !strings.EqualFold(name.Text, "mode") || !strings.EqualFold(value.Text, "PERMISSIVE") {
			text := "given"
			if ok {
				text = name.Text
			}
			rs.FailAs(syntax.Unsupported, m.Args[i].Position(), "the option %s of FROM_JSON is not supported", text)
		}
	}
}

// toJSON is TO_JSON(value): as Spark writes JSON, without the fields that are NULL.
func toJSON(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 2 {
		return rs.FailAs(syntax.Unsupported, f.Args[1].Position(), "the options of TO_JSON are not supported")
	}
	a := rs.args(f, arg, 1, 1)
	if a == nil {
		return Null(rs.Text())
	}
	if !a[0].Type().IsNested() {
		return rs.FailAs(syntax.Mismatch, f.At, "TO_JSON takes a struct, an array or a map, this is %s", a[0].Type())
	}
	return rs.json(a[0], f.At)
}

// json writes a value in JSON; NULL stays NULL.
func (rs *Rules) json(x typed.Expr, at syntax.Pos) typed.Expr {
	text := rs.Text()
	lit := func(s string) typed.Expr { return Lit(text, s) }
	quoted := func(s typed.Expr) typed.Expr { return Call("concat", text, lit(`"`), s, lit(`"`)) }
	plain := func() typed.Expr { return rs.Coerce(x, text, explicit, at) }
	switch t := x.Type(); {
	case t.IsNested():
		return rs.jsonNested(x, at)
	case t.IsText():
		return Call("json_quote", text, x)
	case t.IsFloat():
		return Call("json_float", text, x, plain())
	case t.Kind == typed.Timestamp:
		return quoted(Call("date_format", text, x, lit("yyyy-MM-dd'T'HH:mm:ss.SSSXXX")))
	case t.Kind == typed.Date:
		return quoted(plain())
	case t.Kind == typed.Varbyte:
		return quoted(Call("base64", text, x))
	}
	return plain()
}

func (rs *Rules) jsonNested(x typed.Expr, at syntax.Pos) typed.Expr {
	text := rs.Text()
	lit := func(s string) typed.Expr { return Lit(text, s) }
	joined := func(open string, list typed.Expr, end string) typed.Expr {
		return Call("concat", text, lit(open), Call("array_join", text, list, lit(",")), lit(end))
	}
	orNull := func(v typed.Expr) typed.Expr { return Call("coalesce", text, rs.json(v, at), lit("null")) }
	t := x.Type()
	switch t.Kind {
	case typed.Array:
		return joined("[", rs.each(x, orNull), "]")
	case typed.Map:
		return joined("{", rs.each(entries(x), func(e typed.Expr) typed.Expr {
			key, value := rs.field(e, t.Fields()[0]), rs.field(e, t.Fields()[1])
			return Call("concat", text, Call("json_quote", text, rs.jsonKey(key, at)), lit(":"), orNull(value))
		}), "}")
	}
	fields := t.Fields()
	member := func(i int, v typed.Expr) typed.Expr {
		return Call("concat", text, Call("json_quote", text, lit(fields[i].Name)), lit(":"), rs.json(v, at))
	}
	return rs.fieldwise(x, member, func(values []typed.Expr) typed.Expr {
		return joined("{", Call("spark_array", typed.ArrayOf(text), values...), "}")
	})
}

// jsonKey is a map's key as text: that of a day or a time is its number, as in Spark.
func (rs *Rules) jsonKey(key typed.Expr, at syntax.Pos) typed.Expr {
	switch key.Type().Kind {
	case typed.Date:
		key = Call("unix_date", Int, key)
	case typed.Timestamp:
		key = Call("unix_micros", Bigint, key)
	}
	return rs.Coerce(key, rs.Text(), explicit, at)
}
