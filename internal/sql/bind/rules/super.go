package rules

import (
	"strconv"
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// superArray is ARRAY(a, b, ...).
func superArray(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	return b.superCall(f, arg, "super_array")
}

// superObject is OBJECT(key, value, ...).
func superObject(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args)%2 != 0 {
		return b.Fail(f.At, "OBJECT takes pairs of a name and a value")
	}
	return b.superCall(f, arg, "super_object")
}

func (b *Rules) superCall(f *syntax.Func, arg Arg, op string) typed.Expr {
	args := make([]typed.Expr, len(f.Args))
	for i := range f.Args {
		args[i] = arg(i)
		if args[i].Type().Kind == typed.Null {
			args[i] = Null(b.Text())
		}
	}
	return Call(op, typed.T(typed.Super), args...)
}

// jsonPathText is JSON_EXTRACT_PATH_TEXT(text, key, ... [, null_if_invalid]); the keys are constants.
func jsonPathText(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 2, -1)
	if a == nil {
		return Null(b.Text())
	}
	quiet := typed.Expr(Lit(Bool, "false"))
	if a[len(a)-1].Type().Kind == typed.Bool {
		quiet = a[len(a)-1]
		a = a[:len(a)-1]
	}
	path := "$"
	for i, k := range a[1:] {
		key, ok := b.constant(k, f, i+1)
		if !ok {
			return Null(b.Text())
		}
		if _, err := strconv.Atoi(key); err == nil {
			path += "[" + key + "]"
			continue
		}
		path += `."` + strings.ReplaceAll(key, `"`, `\"`) + `"`
	}
	return Call("json_path_text", b.Text(), b.Coerce(a[0], b.Text(), Implicit, f.At), Lit(b.Text(), path), quiet)
}
