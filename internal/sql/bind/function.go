package bind

import (
	"sort"
	"strings"

	"penstock/internal/sql/funcs"
	"penstock/internal/sql/nearest"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// function binds a call: a special form, an aggregate or window function, or one of the table.
func (b *binder) function(f *syntax.Func, s *scope) typed.Expr {
	name := f.Name.Last().Name
	if len(f.Name) > 1 && !strings.EqualFold(f.Name[0].Name, "pg_catalog") {
		return b.fail(f.At, "function %q is not known: user-defined functions are not supported", f.Name.String())
	}
	windowed := f.Over != nil || f.OverName != ""
	if b.isAggregate(name) || windowed {
		return b.aggregate(f, s, windowed)
	}
	if isWindowFunc(name) {
		return b.fail(f.At, "window function %s needs an OVER clause", upper(name))
	}
	switch {
	case f.Distinct:
		return b.fail(f.At, "DISTINCT in %s: it is no aggregate function", upper(name))
	case f.Filter != nil:
		return b.fail(f.At, "FILTER behind %s: it is no aggregate function", upper(name))
	case f.Star:
		return b.fail(f.At, "%s(*) is not supported", upper(name))
	}
	for _, n := range f.ArgNames {
		if n != "" {
			return b.fail(f.At, "named arguments are not supported")
		}
	}
	if special := b.special(name); special != nil {
		return special(b, f, s)
	}
	rules := funcs.Find(b.o.Dialect, name)
	if rules == nil {
		return b.unknownFunction(f, name)
	}
	args := make([]typed.Expr, len(f.Args))
	for i, a := range f.Args {
		args[i] = b.expr(a, s)
	}
	return b.apply(f, rules, args)
}

func (b *binder) unknownFunction(f *syntax.Func, name string) typed.Expr {
	known := funcs.Names(b.o.Dialect)
	known = append(known, b.specialNames()...)
	known = append(known, b.aggregateNames()...)
	sort.Strings(known)
	hint := ""
	if near := nearest.Word(name, known); near != "" {
		hint = ", did you mean " + upper(near) + "?"
	}
	return b.fail(f.At, "function %s is not known%s", upper(name), hint)
}

func upper(s string) string { return strings.ToUpper(s) }

// apply chooses the signature by the number of arguments and converts them.
func (b *binder) apply(f *syntax.Func, rules []funcs.Rule, args []typed.Expr) typed.Expr {
	var r *funcs.Rule
	for i := range rules {
		if rules[i].Accepts(len(args)) {
			r = &rules[i]
			break
		}
	}
	if r == nil {
		return b.fail(f.At, "%s does not take %d arguments: %s", upper(f.Name.Last().Name), len(args), rules[0].Signature())
	}
	if r.Op == "refused" {
		return b.fail(f.At, "function %s is not supported", upper(r.Name))
	}
	same := b.sameType(f, r, args)
	for i := range args {
		switch class := r.Arg(i); class {
		case funcs.Any:
			if isFree(args[i]) {
				args[i] = b.coerce(args[i], b.text(), implicit, f.Args[i].Position())
			}
		case funcs.Same:
			args[i] = b.coerce(args[i], same, implicit, f.Args[i].Position())
		case funcs.Number:
			args[i] = b.number(args[i], f.Args[i].Position())
		case funcs.Instant:
			args[i] = b.instant(args[i], f.Args[i].Position())
		default:
			t, _ := class.Type(b.o.Dialect)
			args[i] = b.argument(args[i], t, f, i)
		}
	}
	return call(r.Op, b.resultType(r, args, same), args...)
}

// argument converts an argument to the class's type; text arguments keep their length.
func (b *binder) argument(x typed.Expr, t typed.Type, f *syntax.Func, i int) typed.Expr {
	if t.IsText() && x.Type().IsText() {
		return x
	}
	if b.redshift() && x.Type().Known() && !isFree(x) && x.Type().IsText() && t.IsNumeric() {
		return b.fail(f.Args[i].Position(), "argument %d of %s must be %s, this is %s", i+1, upper(f.Name.Last().Name), t, x.Type())
	}
	return b.coerce(x, t, implicit, f.Args[i].Position())
}

// instant makes a value a date or timestamp; text becomes a timestamp.
func (b *binder) instant(x typed.Expr, at syntax.Pos) typed.Expr {
	if x.Type().IsInstant() || x.Type().IsClock() || x.Type().Kind == typed.Unknown || x.Type().Kind == typed.Interval {
		return x
	}
	return b.coerce(x, tStamp, implicit, at)
}

func (b *binder) sameType(f *syntax.Func, r *funcs.Rule, args []typed.Expr) typed.Type {
	var same []typed.Expr
	for i := range args {
		if r.Arg(i) == funcs.Same {
			same = append(same, args[i])
		}
	}
	if same == nil {
		return typed.Type{}
	}
	return b.unifyTypes(f.At, upper(r.Name), same...)
}

func (b *binder) resultType(r *funcs.Rule, args []typed.Expr, same typed.Type) typed.Type {
	switch r.Result {
	case funcs.Same:
		return same
	case funcs.First:
		t := args[0].Type()
		if t.Kind == typed.Char {
			return typed.VarcharOf(t.Len)
		}
		if t.Kind == typed.Null {
			return b.text()
		}
		return t
	case "whole":
		return b.wholeType(args[0].Type())
	}
	t, _ := r.Result.Type(b.o.Dialect)
	return t
}

// wholeType is the type of CEIL and FLOOR.
func (b *binder) wholeType(t typed.Type) typed.Type {
	switch {
	case t.Kind == typed.Decimal && !b.redshift():
		return typed.Dec(min(38, t.Precision-t.Scale+1), 0)
	case t.Kind == typed.Decimal:
		return typed.Dec(t.Precision, 0)
	case t.IsFloat() && !b.redshift():
		return tBigint
	case t.IsInt() && !b.redshift():
		return tBigint
	}
	return t
}

// niladic binds the functions that are written without parentheses.
func (b *binder) niladic(c *syntax.Column) typed.Expr {
	switch c.Name[0].Name {
	case "current_date":
		return call("today_utc", tDate)
	case "current_timestamp", "now", "localtimestamp":
		if b.redshift() && c.Name[0].Name == "current_timestamp" {
			return call("now_tz", typed.T(typed.Timestamptz))
		}
		return call("now_utc", tStamp)
	case "sysdate":
		if b.redshift() {
			return call("now_utc", tStamp)
		}
	case "current_user", "user", "session_user", "current_user_id":
		return lit(b.text(), b.o.User)
	case "current_database", "current_catalog":
		return lit(b.text(), b.o.Database)
	case "current_schema":
		return call("current_schema", b.text())
	}
	return nil
}
