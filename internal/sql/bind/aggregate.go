package bind

import (
	"strings"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// aggregate binds an aggregate or window function.
func (b *binder) aggregate(f *syntax.Func, r dialect.Signature, s *scope, windowed bool) typed.Expr {
	name := f.Name.Last().Name
	switch {
	case windowed && s.noWin != "":
		return b.FailAs(syntax.Windowing, f.At, "window function %s cannot stand in %s", strings.ToUpper(name), s.noWin)
	case !windowed && s.noAgg != "":
		return b.FailAs(syntax.Grouping, f.At, "aggregate function %s cannot stand in %s", strings.ToUpper(name), s.noAgg)
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
		a.Order = append(a.Order, b.SortKey(o.Desc, o.Nulls, b.expr(o.X, &inner)))
	}
	if windowed {
		a.Over = b.window(f, s)
	}
	a.T = b.AggregateType(r, a)
	b.FinishAggregate(a, f)
	return a
}

func (b *binder) aggArgs(a *typed.Aggregate, f *syntax.Func, r dialect.Signature, s *scope) {
	if f.Star {
		if r.Op != "count" {
			b.FailAs(syntax.Unsupported, f.At, "%s(*) is not supported", strings.ToUpper(f.Name.Last().Name))
		}
		return
	}
	if !b.AggregateArity(f, r) {
		return
	}
	for i, x := range f.Args {
		if r.Arg(i) == dialect.Ignore {
			a.IgnoreNulls = b.Flag(x)
			continue
		}
		a.Args = append(a.Args, b.AggregateArg(a, f, r, i, b.expr(x, s)))
	}
	if r.Within {
		b.withinGroup(a, f, s)
	} else if f.WithinGroup != nil {
		for _, o := range f.WithinGroup {
			a.Order = append(a.Order, b.SortKey(o.Desc, o.Nulls, b.expr(o.X, s)))
		}
	}
}

// withinGroup takes the sort key of PERCENTILE as an argument.
func (b *binder) withinGroup(a *typed.Aggregate, f *syntax.Func, s *scope) {
	if len(f.WithinGroup) == 0 && a.Op == "percentile_cont" && len(a.Args) == 2 {
		return
	}
	if len(f.WithinGroup) != 1 {
		b.Fail(f.At, "%s needs WITHIN GROUP (ORDER BY one expression)", strings.ToUpper(f.Name.Last().Name))
		return
	}
	o := f.WithinGroup[0]
	x := b.expr(o.X, s)
	if a.Op == "percentile_cont" && !x.Type().IsInstant() {
		x = b.Number(x, o.X.Position())
	}
	a.Order = []typed.Order{b.SortKey(o.Desc, o.Nulls, x)}
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
		x := b.expr(p, &inner)
		b.NoMap(x.Type(), p.Position(), "PARTITION BY")
		out.Partition = append(out.Partition, b.Unblank(x))
	}
	for _, o := range w.Order {
		x := b.expr(o.X, &inner)
		b.NoMap(x.Type(), o.X.Position(), "ORDER BY")
		out.Order = append(out.Order, b.SortKey(o.Desc, o.Nulls, b.Unblank(x)))
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
