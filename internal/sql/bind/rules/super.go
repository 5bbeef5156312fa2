package rules

import (
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// superArray is ARRAY(a, b, ...).
func superArray(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	return rs.superCall(f, arg, "super_array")
}

// superObject is OBJECT(key, value, ...).
func superObject(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args)%2 != 0 {
		return rs.Fail(f.At, "OBJECT takes pairs of a name and a value")
	}
	return rs.superCall(f, arg, "super_object")
}

func (rs *Rules) superCall(f *syntax.Func, arg Arg, op string) typed.Expr {
	args := make([]typed.Expr, len(f.Args))
	for i := range f.Args {
		args[i] = arg(i)
		if args[i].Type().Kind == typed.Null {
			args[i] = Null(rs.Text())
		}
	}
	return Call(op, typed.T(typed.Super), args...)
}

// jsonPathText is JSON_EXTRACT_PATH_TEXT(text, key, ... [, null_if_invalid]); a number among the keys is the place of an element.
func jsonPathText(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, -1)
	if a == nil {
		return Null(rs.Text())
	}
	quiet := typed.Expr(Lit(rs.Text(), "false"))
	if last := a[len(a)-1]; last.Type().Kind == typed.Bool {
		quiet = rs.Coerce(last, rs.Text(), Implicit, f.At)
		a = a[:len(a)-1]
	}
	out := []typed.Expr{quiet}
	for i, x := range a {
		out = append(out, rs.Coerce(x, rs.Text(), Implicit, f.Args[i].Position()))
	}
	return Call("json_path_text", rs.Text(), out...)
}
