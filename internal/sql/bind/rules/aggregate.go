package rules

import (
	"strings"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// AggregateArity reports whether the number of arguments is one that the function takes.
func (rs *Rules) AggregateArity(f *syntax.Func, r dialect.Signature) bool {
	switch n := len(f.Args); {
	case r.Accepts(n):
		return true
	case n == 0 && r.Variadic:
		rs.FailAs(syntax.NoFunction, f.At, "%s needs an argument", strings.ToUpper(r.Name))
	default:
		rs.FailAs(syntax.NoFunction, f.At, "%s takes %d arguments, %d are given", strings.ToUpper(r.Name), len(r.Args)-r.Optional, n)
	}
	return false
}

// Flag reads an argument that must be TRUE or FALSE.
func (rs *Rules) Flag(x syntax.Expr) bool {
	l, ok := x.(*syntax.Literal)
	if !ok || l.Kind != syntax.Bool {
		rs.Fail(x.Position(), "this argument must be TRUE or FALSE")
		return false
	}
	return l.Text == "true"
}

// AggregateArg makes the i-th argument what the signature asks for; the ones before it are in a.
func (rs *Rules) AggregateArg(a *typed.Aggregate, f *syntax.Func, r dialect.Signature, i int, x typed.Expr) typed.Expr {
	at := f.Args[i].Position()
	switch class := r.Arg(i); class {
	case dialect.Number:
		x = rs.aggregateNumber(x, at, f.Name.Last().Name)
	case dialect.Any:
		if IsFree(x) {
			x = rs.Coerce(x, rs.Text(), Implicit, at)
		}
	default:
		t, _ := rs.D.Class(class)
		x = rs.Coerce(x, t, Implicit, at)
	}
	if i > 0 && (r.Op == "lag" || r.Op == "lead" || r.Op == "nth_value") {
		x = rs.offset(a, x, i, at)
	}
	return x
}

// aggregateNumber makes the argument of SUM, AVG and MEDIAN a number; dates have a median too.
func (rs *Rules) aggregateNumber(x typed.Expr, at syntax.Pos, name string) typed.Expr {
	t := x.Type()
	switch {
	case t.IsInstant() && name == "median", t.Kind == typed.Interval:
		return x
	case t.IsText() && !rs.D.Types.TextConverts && !IsLiteral(x):
		return rs.FailAs(syntax.Mismatch, at, "%s takes a number, this is %s", strings.ToUpper(name), t)
	}
	return rs.Number(x, at)
}

// offset makes the second argument a number of rows and the third, the default, what the first is.
func (rs *Rules) offset(a *typed.Aggregate, y typed.Expr, i int, at syntax.Pos) typed.Expr {
	if i == 1 {
		return rs.Coerce(y, Bigint, Implicit, at)
	}
	return rs.Coerce(y, a.Args[0].Type(), Implicit, at)
}

// AggregateType is the type of an aggregate.
func (rs *Rules) AggregateType(r dialect.Signature, a *typed.Aggregate) typed.Type {
	var t typed.Type
	if len(a.Args) > 0 {
		t = a.Args[0].Type()
	}
	switch r.Result {
	case dialect.First:
		if t.Kind == typed.Null {
			return rs.Text()
		}
		return t
	case dialect.List:
		return typed.ArrayOf(t)
	case dialect.Ordered:
		if len(a.Order) == 1 {
			return a.Order[0].X.Type()
		}
		return typed.T(typed.Unknown)
	case dialect.Median:
		if len(a.Order) == 1 {
			t = a.Order[0].X.Type()
		}
		return rs.D.Numbers.Median(t)
	case dialect.Sum:
		return rs.D.Numbers.Sum(t)
	case dialect.Avg:
		return rs.D.Numbers.Avg(t)
	}
	t, _ = rs.D.Class(r.Result)
	return t
}

// FinishAggregate names the operation by what the types ask for.
func (rs *Rules) FinishAggregate(a *typed.Aggregate, f *syntax.Func) {
	name := f.Name.Last().Name
	if rs.Err != nil {
		return // the arguments may be missing
	}
	switch a.Op {
	case "min", "max":
		if t := a.T; t.IsNested() {
			rs.NoMap(t, f.At, strings.ToUpper(name))
			a.Op += "_by"
			a.Args = append(a.Args, rs.OrderKey(a.Args[0]))
		}
	case "min_by", "max_by":
		rs.NoMap(a.Args[1].Type(), f.At, strings.ToUpper(name))
		a.Args[1] = rs.OrderKey(a.Args[1])
	case "collect_set":
		rs.NoMap(a.T, f.At, "COLLECT_SET")
	case "avg":
		switch {
		case a.T.IsInt():
			a.Op = "avg_int"
		case a.T.Kind == typed.Decimal && rs.D.Numbers.RoundQuotient:
			a.Op = "avg_decimal_round"
		case a.T.Kind == typed.Decimal:
			a.Op = "avg_decimal_trunc"
		}
	case "count":
		if a.Distinct {
			for i, x := range a.Args {
				a.Args[i] = rs.Unblank(x)
			}
		}
	case "hll", "hll_create_sketch":
		x := rs.Unblank(a.Args[0])
		a.Args[0] = Call("hll_coupon", Bigint, rs.HashBytes(x, f))
	case "listagg":
		if a.Distinct && rs.Blank(a.Args[0]) {
			a.Op = "listagg_equal"
		}
	case "ratio_to_report":
		if a.Over != nil && len(a.Over.Order) > 0 {
			rs.Fail(f.At, "RATIO_TO_REPORT takes no ORDER BY")
		}
	}
	if a.IgnoreNulls {
		switch a.Op {
		case "first_value", "last_value", "lag", "lead", "nth_value", "any_value":
		default:
			rs.FailAs(syntax.Unsupported, f.At, "IGNORE NULLS is not supported for %s", strings.ToUpper(name))
		}
	}
	if a.Op == "count" && len(a.Args) > 1 && !a.Distinct && !rs.D.CountRows {
		rs.FailAs(syntax.NoFunction, f.At, "COUNT takes one argument")
	}
}
