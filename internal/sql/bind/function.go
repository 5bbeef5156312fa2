package bind

import (
	"sort"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/nearest"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// function binds a call: a special form, an aggregate or window function, or one with signatures.
func (b *binder) function(f *syntax.Func, s *scope) typed.Expr {
	name := f.Name.Last().Name
	if len(f.Name) > 1 && !strings.EqualFold(f.Name[0].Name, "pg_catalog") {
		return b.FailAs(syntax.NoFunction, f.At, "function %q is not known: user-defined functions are not supported", f.Name.String())
	}
	fn := b.D.Function(name)
	windowed := f.Over != nil || f.OverName != ""
	switch {
	case fn == nil:
		return b.unknownFunction(f, name)
	case fn.Refused != "":
		return b.FailAs(syntax.Unsupported, f.At, "function %s is not supported: %s", rules.Upper(name), fn.Refused)
	case fn.Kind == dialect.Aggregate || fn.Kind == dialect.Window && windowed:
		return b.aggregate(f, fn.Signatures[0], s, windowed)
	case windowed:
		return b.FailAs(syntax.Windowing, f.At, "%s is no window function", rules.Upper(name))
	case fn.Kind == dialect.Window:
		return b.FailAs(syntax.Windowing, f.At, "window function %s needs an OVER clause", rules.Upper(name))
	case f.Distinct:
		return b.Fail(f.At, "DISTINCT in %s: it is no aggregate function", rules.Upper(name))
	case f.Filter != nil:
		return b.Fail(f.At, "FILTER behind %s: it is no aggregate function", rules.Upper(name))
	case f.Star:
		return b.FailAs(syntax.Unsupported, f.At, "%s(*) is not supported", rules.Upper(name))
	}
	for _, n := range f.ArgNames {
		if n != "" {
			return b.FailAs(syntax.Unsupported, f.At, "named arguments are not supported")
		}
	}
	return b.call(fn, f, s)
}

// call binds a call of a function of one row.
func (b *binder) call(fn *dialect.Function, f *syntax.Func, s *scope) typed.Expr {
	if fn.Rule != "" {
		return rules.Special(fn.Rule)(b.Rules, f, func(i int) typed.Expr { return b.expr(f.Args[i], s) })
	}
	args := make([]typed.Expr, len(f.Args))
	for i, a := range f.Args {
		args[i] = b.expr(a, s)
	}
	return b.apply(f, fn.Signatures, args)
}

func (b *binder) unknownFunction(f *syntax.Func, name string) typed.Expr {
	scalar, aggregate := b.D.Listed()
	known := append(scalar, aggregate...)
	sort.Strings(known)
	hint := ""
	if near := nearest.Word(name, known); near != "" {
		hint = ", did you mean " + rules.Upper(near) + "?"
	}
	return b.FailAs(syntax.NoFunction, f.At, "function %s is not known%s", rules.Upper(name), hint)
}

// apply chooses the signature by the number of arguments and converts them.
func (b *binder) apply(f *syntax.Func, table []dialect.Signature, args []typed.Expr) typed.Expr {
	var r *dialect.Signature
	for i := range table {
		if !table[i].Accepts(len(args)) {
			continue
		}
		if r == nil || len(args) > 0 && (args[0].Type().Kind == typed.Varbyte && table[i].Arg(0) == dialect.Bytes || b.ownText(args[0], table[i])) {
			r = &table[i]
		}
	}
	if r == nil {
		return b.FailAs(syntax.NoFunction, f.At, "%s does not take %d arguments: %s", rules.Upper(f.Name.Last().Name), len(args), table[0])
	}
	same := b.sameType(f, r, args)
	for i := range args {
		switch class := r.Arg(i); class {
		case dialect.Any:
			if rules.IsFree(args[i]) {
				args[i] = b.Coerce(args[i], b.Text(), rules.Implicit, f.Args[i].Position())
			}
		case dialect.Same:
			args[i] = b.Coerce(args[i], same, rules.Implicit, f.Args[i].Position())
		case dialect.Number:
			args[i] = b.Number(args[i], f.Args[i].Position())
		case dialect.Instant:
			args[i] = b.Instant(args[i], f.Args[i].Position())
		default:
			t, _ := b.D.Class(class)
			args[i] = b.argument(args[i], t, f, i)
		}
	}
	return rules.Call(r.Op, b.resultType(r, args, same), args...)
}

// ownText says whether a signature takes text as it is, where another one would convert it.
func (b *binder) ownText(x typed.Expr, s dialect.Signature) bool {
	return x.Type().IsText() && s.Arg(0) == dialect.Text && !b.D.Types.LiteralsAdapt
}

// argument converts an argument to the class's type; text arguments keep their length.
func (b *binder) argument(x typed.Expr, t typed.Type, f *syntax.Func, i int) typed.Expr {
	if t.IsText() && x.Type().IsText() {
		return x
	}
	if !b.D.Types.TextConverts && x.Type().Known() && !rules.IsFree(x) && x.Type().IsText() && t.IsNumeric() {
		return b.FailAs(syntax.NoFunction, f.Args[i].Position(), "argument %d of %s must be %s, this is %s", i+1, rules.Upper(f.Name.Last().Name), t, x.Type())
	}
	return b.Coerce(x, t, rules.Implicit, f.Args[i].Position())
}

func (b *binder) sameType(f *syntax.Func, r *dialect.Signature, args []typed.Expr) typed.Type {
	var same []typed.Expr
	for i := range args {
		if r.Arg(i) == dialect.Same {
			same = append(same, args[i])
		}
	}
	if same == nil {
		return typed.Type{}
	}
	return b.UnifyTypes(f.At, rules.Upper(r.Name), same...)
}

func (b *binder) resultType(r *dialect.Signature, args []typed.Expr, same typed.Type) typed.Type {
	switch r.Result {
	case dialect.Same:
		return same
	case dialect.First:
		t := args[0].Type()
		if t.Kind == typed.Char {
			return typed.VarcharOf(t.Len)
		}
		if t.Kind == typed.Null {
			return b.Text()
		}
		return t
	case dialect.Whole:
		return b.D.Numbers.Whole(args[0].Type())
	}
	t, _ := b.D.Class(r.Result)
	return t
}
