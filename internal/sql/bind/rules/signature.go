package rules

import (
	"strings"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Apply chooses the signature by the number of arguments and converts them.
func (rs *Rules) Apply(f *syntax.Func, table []dialect.Signature, args []typed.Expr) typed.Expr {
	var r *dialect.Signature
	for i := range table {
		if !table[i].Accepts(len(args)) {
			continue
		}
		if r == nil || len(args) > 0 && (args[0].Type().Kind == typed.Varbyte && table[i].Arg(0) == dialect.Bytes ||
			rs.ownText(args[0], table[i])) {
			r = &table[i]
		}
	}
	if r == nil {
		return rs.FailAs(syntax.NoFunction, f.At, "%s does not take %d arguments: %s", strings.ToUpper(f.Name.Last().Name), len(args), table[0])
	}
	same, parts := rs.sameType(f, r, args), rs.partTypes(f, r, args)
	for i := range args {
		switch class := r.Arg(i); class {
		case dialect.Any:
			if IsFree(args[i]) {
				args[i] = rs.Coerce(args[i], rs.Text(), Implicit, f.Args[i].Position())
			}
		case dialect.Same:
			args[i] = rs.Coerce(args[i], same, Implicit, f.Args[i].Position())
		case dialect.Number:
			args[i] = rs.Number(args[i], f.Args[i].Position())
		case dialect.Instant:
			args[i] = rs.Instant(args[i], f.Args[i].Position())
		case dialect.List, dialect.Elem, dialect.Dict, dialect.Key:
			args[i] = rs.Coerce(args[i], parts[class], Implicit, f.Args[i].Position())
		default:
			t, _ := rs.D.Class(class)
			args[i] = rs.argument(args[i], t, f, i)
		}
	}
	if same.IsNested() && (r.Op == "greatest" || r.Op == "least") {
		return rs.FailAs(syntax.Unsupported, f.At, "%s of %s is not supported", strings.ToUpper(r.Name), same.Lake())
	}
	if t, ok := parts[r.Result]; ok {
		return Call(r.Op, t, args...)
	}
	return Call(r.Op, rs.resultType(r, args, same), args...)
}

// ownText reports whether a signature takes text as it is, where another one would convert it.
func (rs *Rules) ownText(x typed.Expr, s dialect.Signature) bool {
	return x.Type().IsText() && s.Arg(0) == dialect.Text && !rs.D.Types.LiteralsAdapt
}

// argument converts an argument to the class's type; text arguments keep their length.
func (rs *Rules) argument(x typed.Expr, t typed.Type, f *syntax.Func, i int) typed.Expr {
	if t.IsText() && x.Type().IsText() {
		return x
	}
	if !rs.D.Types.TextConverts && x.Type().Known() && !IsFree(x) && x.Type().IsText() && t.IsNumeric() {
		return rs.FailAs(syntax.NoFunction, f.Args[i].Position(), "argument %d of %s must be %s, this is %s", i+1,
			strings.ToUpper(f.Name.Last().Name), t, x.Type())
	}
	return rs.Coerce(x, t, Implicit, f.Args[i].Position())
}

func (rs *Rules) sameType(f *syntax.Func, r *dialect.Signature, args []typed.Expr) typed.Type {
	var same []typed.Expr
	for i := range args {
		if r.Arg(i) == dialect.Same {
			same = append(same, args[i])
		}
	}
	if same == nil {
		return typed.Type{}
	}
	return rs.UnifyTypes(f.At, strings.ToUpper(r.Name), same...)
}

func (rs *Rules) resultType(r *dialect.Signature, args []typed.Expr, same typed.Type) typed.Type {
	switch r.Result {
	case dialect.Same:
		return same
	case dialect.First:
		t := args[0].Type()
		if t.Kind == typed.Char {
			return typed.VarcharOf(t.Len)
		}
		if t.Kind == typed.Null {
			return rs.Text()
		}
		return t
	case dialect.Whole:
		return rs.D.Numbers.Whole(args[0].Type())
	}
	t, _ := rs.D.Class(r.Result)
	return t
}
