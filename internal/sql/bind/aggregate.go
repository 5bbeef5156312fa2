package bind

import (
	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// aggregate binds an aggregate or window function.
func (b *binder) aggregate(f *syntax.Func, r dialect.Signature, s *scope, windowed bool) typed.Expr {
	name := f.Name.Last().Name
	switch {
	case windowed && s.noWin != "":
		return b.FailAs(syntax.Windowing, f.At, "window function %s cannot stand in %s", rules.Upper(name), s.noWin)
	case !windowed && s.noAgg != "":
		return b.FailAs(syntax.Grouping, f.At, "aggregate function %s cannot stand in %s", rules.Upper(name), s.noAgg)
	case !windowed && f.Respect:
		return b.FailAs(syntax.Windowing, f.At, "RESPECT NULLS needs an OVER clause")
	}
	a := &typed.Aggregate{Op: r.Op, Distinct: f.Distinct, Star: f.Star, IgnoreNulls: f.IgnoreNulls}
	inner := *s
	inner.agg = nil
	if !windowed {
		inner.noAgg, inner.noWin = "another aggregate function", "an aggregate function"
	}
	b.aggArgs(a, f, r, &inner)
	if f.Filter != nil {
		a.Filter = b.condition(f.Filter, &inner, "FILTER")
	}
	for _, o := range f.OrderBy {
		a.Order = append(a.Order, b.orderKey(o, b.expr(o.X, &inner)))
	}
	if windowed {
		a.Over = b.window(f, s)
	}
	a.T = b.aggResult(r, a, f)
	b.finishAggregate(a, f)
	return a
}

func (b *binder) aggArgs(a *typed.Aggregate, f *syntax.Func, r dialect.Signature, s *scope) {
	name := f.Name.Last().Name
	if f.Star {
		if r.Op != "count" {
			b.FailAs(syntax.Unsupported, f.At, "%s(*) is not supported", rules.Upper(name))
		}
		return
	}
	if !b.aggArity(f, r) {
		return
	}
	for i, x := range f.Args {
		if r.Arg(i) == dialect.Ignore {
			a.IgnoreNulls = b.flag(x)
			continue
		}
		y := b.expr(x, s)
		switch class := r.Arg(i); class {
		case dialect.Number:
			y = b.aggNumber(y, x.Position(), name)
		case dialect.Any:
			if rules.IsFree(y) {
				y = b.Coerce(y, b.Text(), rules.Implicit, x.Position())
			}
		default:
			t, _ := b.D.Class(class)
			y = b.Coerce(y, t, rules.Implicit, x.Position())
		}
		if i > 0 && (r.Op == "lag" || r.Op == "lead" || r.Op == "nth_value") {
			y = b.offsetArg(a, y, i, x.Position())
		}
		a.Args = append(a.Args, y)
	}
	if r.Within {
		b.withinGroup(a, f, s)
	} else if f.WithinGroup != nil {
		for _, o := range f.WithinGroup {
			a.Order = append(a.Order, b.orderKey(o, b.expr(o.X, s)))
		}
	}
}

func (b *binder) aggArity(f *syntax.Func, r dialect.Signature) bool {
	switch n := len(f.Args); {
	case r.Accepts(n):
		return true
	case n == 0 && r.Variadic:
		b.FailAs(syntax.NoFunction, f.At, "%s needs an argument", rules.Upper(r.Name))
	default:
		b.FailAs(syntax.NoFunction, f.At, "%s takes %d arguments, %d are given", rules.Upper(r.Name), len(r.Args)-r.Optional, n)
	}
	return false
}

// flag reads an argument that must be TRUE or FALSE.
func (b *binder) flag(x syntax.Expr) bool {
	l, ok := x.(*syntax.Literal)
	if !ok || l.Kind != syntax.Bool {
		b.Fail(x.Position(), "this argument must be TRUE or FALSE")
		return false
	}
	return l.Text == "true"
}

// aggNumber makes the argument of SUM, AVG and MEDIAN a number; dates have a median too.
func (b *binder) aggNumber(x typed.Expr, at syntax.Pos, name string) typed.Expr {
	t := x.Type()
	switch {
	case t.IsInstant() && name == "median", t.Kind == typed.Interval:
		return x
	case t.IsText() && !b.D.Types.TextConverts && !rules.IsLiteral(x):
		return b.FailAs(syntax.Mismatch, at, "%s takes a number, this is %s", rules.Upper(name), t)
	}
	return b.Number(x, at)
}

func (b *binder) offsetArg(a *typed.Aggregate, y typed.Expr, i int, at syntax.Pos) typed.Expr {
	if i == 1 {
		return b.Coerce(y, rules.Bigint, rules.Implicit, at)
	}
	return b.Coerce(y, a.Args[0].Type(), rules.Implicit, at)
}

// withinGroup takes the sort key of PERCENTILE as an argument.
func (b *binder) withinGroup(a *typed.Aggregate, f *syntax.Func, s *scope) {
	if len(f.WithinGroup) == 0 && a.Op == "percentile_cont" && len(a.Args) == 2 {
		return
	}
	if len(f.WithinGroup) != 1 {
		b.Fail(f.At, "%s needs WITHIN GROUP (ORDER BY one expression)", rules.Upper(f.Name.Last().Name))
		return
	}
	o := f.WithinGroup[0]
	x := b.expr(o.X, s)
	if a.Op == "percentile_cont" && !x.Type().IsInstant() {
		x = b.Number(x, o.X.Position())
	}
	a.Order = []typed.Order{b.orderKey(o, x)}
}

// aggResult is the type of an aggregate.
func (b *binder) aggResult(r dialect.Signature, a *typed.Aggregate, f *syntax.Func) typed.Type {
	var t typed.Type
	if len(a.Args) > 0 {
		t = a.Args[0].Type()
	}
	switch r.Result {
	case dialect.First:
		if t.Kind == typed.Null {
			return b.Text()
		}
		return t
	case dialect.Ordered:
		if len(a.Order) == 1 {
			return a.Order[0].X.Type()
		}
		return typed.T(typed.Unknown)
	case dialect.Median:
		if len(a.Order) == 1 {
			t = a.Order[0].X.Type()
		}
		return b.D.Numbers.Median(t)
	case dialect.Sum:
		return b.D.Numbers.Sum(t)
	case dialect.Avg:
		return b.D.Numbers.Avg(t)
	}
	t, _ = b.D.Class(r.Result)
	return t
}

// finishAggregate names the operation by what the types ask for.
func (b *binder) finishAggregate(a *typed.Aggregate, f *syntax.Func) {
	name := f.Name.Last().Name
	if b.Err != nil {
		return // the arguments may be missing
	}
	switch a.Op {
	case "avg":
		switch {
		case a.T.IsInt():
			a.Op = "avg_int"
		case a.T.Kind == typed.Decimal && b.D.Numbers.RoundQuotient:
			a.Op = "avg_decimal_round"
		case a.T.Kind == typed.Decimal:
			a.Op = "avg_decimal_trunc"
		}
	case "count":
		if a.Distinct {
			for i, x := range a.Args {
				a.Args[i] = b.Unblank(x)
			}
		}
	case "hll", "hll_create_sketch":
		x := b.Unblank(a.Args[0])
		a.Args[0] = rules.Call("hll_coupon", rules.Bigint, b.HashBytes(x, f))
	case "listagg":
		if a.Distinct && b.blank(a.Args[0]) {
			a.Op = "listagg_equal"
		}
	case "ratio_to_report":
		if a.Over != nil && len(a.Over.Order) > 0 {
			b.Fail(f.At, "RATIO_TO_REPORT takes no ORDER BY")
		}
	}
	if a.IgnoreNulls {
		switch a.Op {
		case "first_value", "last_value", "lag", "lead", "nth_value", "any_value":
		default:
			b.FailAs(syntax.Unsupported, f.At, "IGNORE NULLS is not supported for %s", rules.Upper(name))
		}
	}
	if a.Op == "count" && len(a.Args) > 1 && !a.Distinct && !b.D.CountRows {
		b.FailAs(syntax.NoFunction, f.At, "COUNT takes one argument")
	}
}

// window binds the OVER clause.
func (b *binder) window(f *syntax.Func, s *scope) *typed.Window {
	w := f.Over
	if f.OverName != "" {
		w = s.windows[f.OverName]
		if w == nil {
			b.FailAs(syntax.Windowing, f.At, "window %q is not defined", f.OverName)
			return &typed.Window{}
		}
	}
	inner := *s
	inner.noWin = "a window"
	out := &typed.Window{}
	if w.Base != "" {
		base, ok := s.windows[w.Base]
		if !ok || base.Base != "" {
			b.FailAs(syntax.Windowing, w.At, "window %q is not defined", w.Base)
			return out
		}
		w = &syntax.Window{Node: w.Node, Partition: append(append([]syntax.Expr{}, base.Partition...), w.Partition...),
			Order: append(append([]syntax.OrderItem{}, base.Order...), w.Order...), Frame: w.Frame}
	}
	for _, p := range w.Partition {
		out.Partition = append(out.Partition, b.Unblank(b.expr(p, &inner)))
	}
	for _, o := range w.Order {
		out.Order = append(out.Order, b.orderKey(o, b.Unblank(b.expr(o.X, &inner))))
	}
	if w.Frame != nil {
		out.Frame = &typed.Frame{Unit: w.Frame.Unit, Start: b.bound(w.Frame.Start, &inner), End: b.bound(w.Frame.End, &inner)}
	}
	return out
}

func (b *binder) bound(x syntax.Bound, s *scope) typed.Bound {
	out := typed.Bound{Kind: x.Kind}
	if x.N != nil {
		out.N = b.expr(x.N, s)
	}
	return out
}
