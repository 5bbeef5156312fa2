package bind

import (
	"strconv"
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// superArray is ARRAY(a, b, ...).
func superArray(b *binder, f *syntax.Func, s *scope) typed.Expr {
	return b.superCall(f, s, "super_array")
}

// superObject is OBJECT(key, value, ...).
func superObject(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args)%2 != 0 {
		return b.fail(f.At, "OBJECT takes pairs of a name and a value")
	}
	return b.superCall(f, s, "super_object")
}

func (b *binder) superCall(f *syntax.Func, s *scope, op string) typed.Expr {
	args := make([]typed.Expr, len(f.Args))
	for i, a := range f.Args {
		args[i] = b.expr(a, s)
		if args[i].Type().Kind == typed.Null {
			args[i] = null(b.text())
		}
	}
	return call(op, typed.T(typed.Super), args...)
}

// index binds x[i] of a SUPER array; positions count from 0.
func (b *binder) index(x *syntax.Index, s *scope) typed.Expr {
	v := b.expr(x.X, s)
	if !b.redshift() {
		return b.fail(x.At, "arrays are not supported yet")
	}
	if v.Type().Kind != typed.Super {
		return b.fail(x.At, "%s has no elements: only SUPER values have", v.Type())
	}
	i := b.expr(x.I, s)
	if i.Type().IsText() {
		return call("super_field", v.Type(), v, i)
	}
	return call("super_element", v.Type(), v, b.coerce(i, tBigint, implicit, x.At))
}

// jsonPathText is JSON_EXTRACT_PATH_TEXT(text, key, ... [, null_if_invalid]); the keys are constants.
func jsonPathText(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 2, -1)
	if a == nil {
		return null(b.text())
	}
	quiet := typed.Expr(lit(tBool, "false"))
	if a[len(a)-1].Type().Kind == typed.Bool {
		quiet = a[len(a)-1]
		a = a[:len(a)-1]
	}
	path := "$"
	for i, k := range a[1:] {
		key, ok := b.constant(k, f, i+1)
		if !ok {
			return null(b.text())
		}
		if _, err := strconv.Atoi(key); err == nil {
			path += "[" + key + "]"
			continue
		}
		path += `."` + strings.ReplaceAll(key, `"`, `\"`) + `"`
	}
	return call("json_path_text", b.text(), b.coerce(a[0], b.text(), implicit, f.At), lit(b.text(), path), quiet)
}
