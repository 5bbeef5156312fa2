package bind

import (
	"sort"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/funcs"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// aggRule says how an aggregate treats its arguments.
type aggRule struct {
	op     string
	args   int // number of arguments; -1 for special ones
	arg    string
	result string // a type's class, see aggResult
	window bool   // only with OVER
	order  bool   // WITHIN GROUP (ORDER BY x) gives the last argument
}

// bothAggregates are the aggregate and window functions of both dialects.
var bothAggregates = map[string]aggRule{
	"count": {op: "count", args: -1, arg: "any", result: "bigint"}, "sum": {op: "sum", args: 1, arg: "num", result: "sum"},
	"avg": {op: "avg", args: 1, arg: "num", result: "avg"}, "min": {op: "min", args: 1, arg: "any", result: "same"}, "max": {op: "max", args: 1, arg: "any", result: "same"},
	"stddev": {op: "stddev_samp", args: 1, arg: "double", result: "double"}, "stddev_samp": {op: "stddev_samp", args: 1, arg: "double", result: "double"},
	"stddev_pop": {op: "stddev_pop", args: 1, arg: "double", result: "double"}, "variance": {op: "var_samp", args: 1, arg: "double", result: "double"},
	"var_samp": {op: "var_samp", args: 1, arg: "double", result: "double"}, "var_pop": {op: "var_pop", args: 1, arg: "double", result: "double"},
	"any_value": {op: "any_value", args: 1, arg: "any", result: "same"}, "bool_and": {op: "bool_and", args: 1, arg: "bool", result: "bool"},
	"bool_or": {op: "bool_or", args: 1, arg: "bool", result: "bool"}, "bit_and": {op: "bit_and_agg", args: 1, arg: "any", result: "same"},
	"bit_or": {op: "bit_or_agg", args: 1, arg: "any", result: "same"}, "median": {op: "median", args: 1, arg: "num", result: "median"},
	"percentile_cont": {op: "percentile_cont", args: 1, arg: "double", result: "median", order: true},
	"percentile_disc": {op: "percentile_disc", args: 1, arg: "double", result: "ordered", order: true},
	"row_number":      {op: "row_number", result: "rank", window: true}, "rank": {op: "rank", result: "rank", window: true},
	"dense_rank": {op: "dense_rank", result: "rank", window: true}, "percent_rank": {op: "percent_rank", result: "double", window: true},
	"cume_dist": {op: "cume_dist", result: "double", window: true}, "ntile": {op: "ntile", args: 1, arg: "bigint", result: "rank", window: true},
	"lag": {op: "lag", args: -1, arg: "any", result: "same", window: true}, "lead": {op: "lead", args: -1, arg: "any", result: "same", window: true},
	"nth_value": {op: "nth_value", args: -1, arg: "any", result: "same", window: true},
	"grouping":  {op: "grouping", args: -1, arg: "any", result: "int"},
}

var sparkAggregates = map[string]aggRule{
	"mean": {op: "avg", args: 1, arg: "num", result: "avg"}, "std": {op: "stddev_samp", args: 1, arg: "double", result: "double"},
	"first": {op: "first_value", args: 1, arg: "any", result: "same"}, "last": {op: "last_value", args: 1, arg: "any", result: "same"},
	"first_value": {op: "first_value", args: 1, arg: "any", result: "same"}, "last_value": {op: "last_value", args: 1, arg: "any", result: "same"},
	"every": {op: "bool_and", args: 1, arg: "bool", result: "bool"}, "some": {op: "bool_or", args: 1, arg: "bool", result: "bool"},
	"any": {op: "bool_or", args: 1, arg: "bool", result: "bool"}, "count_if": {op: "count_if", args: 1, arg: "bool", result: "bigint"},
	"corr": {op: "corr", args: 2, arg: "double", result: "double"}, "covar_pop": {op: "covar_pop", args: 2, arg: "double", result: "double"},
	"covar_samp": {op: "covar_samp", args: 2, arg: "double", result: "double"}, "skewness": {op: "skewness_pop", args: 1, arg: "double", result: "double"},
	"kurtosis": {op: "kurtosis_pop", args: 1, arg: "double", result: "double"}, "mode": {op: "mode", args: 1, arg: "any", result: "same"},
	"max_by": {op: "max_by", args: 2, arg: "any", result: "same"}, "min_by": {op: "min_by", args: 2, arg: "any", result: "same"},
	"bit_xor": {op: "bit_xor_agg", args: 1, arg: "any", result: "same"}, "percentile": {op: "percentile_cont", args: 2, arg: "double", result: "double"},
	"regr_slope": {op: "regr_slope", args: 2, arg: "double", result: "double"}, "regr_intercept": {op: "regr_intercept", args: 2, arg: "double", result: "double"},
}

var redshiftAggregates = map[string]aggRule{
	"first_value": {op: "first_value", args: 1, arg: "any", result: "same", window: true}, "last_value": {op: "last_value", args: 1, arg: "any", result: "same", window: true},
	"listagg": {op: "listagg", args: -1, arg: "text", result: "text"}, "ratio_to_report": {op: "ratio_to_report", args: 1, arg: "double", result: "double", window: true},
	"approximate_count":           {op: "count", args: -1, arg: "any", result: "bigint"},
	"approximate_percentile_disc": {op: "percentile_disc", args: 1, arg: "double", result: "ordered", order: true},
}

func (b *binder) aggRule(name string) (aggRule, bool) {
	own := sparkAggregates
	if b.Redshift() {
		own = redshiftAggregates
	}
	if r, ok := own[name]; ok {
		return r, true
	}
	r, ok := bothAggregates[name]
	return r, ok
}

// isAggregate says whether a function aggregates without an OVER clause.
func (b *binder) isAggregate(name string) bool {
	r, ok := b.aggRule(name)
	return ok && !r.window
}

func (b *binder) isWindowFunc(name string) bool {
	r, ok := b.aggRule(name)
	return ok && r.window
}

func (b *binder) aggregateNames() []string {
	var out []string
	for n := range bothAggregates {
		out = append(out, n)
	}
	own := sparkAggregates
	if b.Redshift() {
		own = redshiftAggregates
	}
	for n := range own {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// aggregate binds an aggregate or window function.
func (b *binder) aggregate(f *syntax.Func, s *scope, windowed bool) typed.Expr {
	name := f.Name.Last().Name
	r, ok := b.aggRule(name)
	if !ok {
		if b.Special(name) == nil && funcs.Find(b.o.Dialect, name) == nil {
			return b.unknownFunction(f, name)
		}
		return b.FailAs(syntax.Windowing, f.At, "%s is no window function", rules.Upper(name))
	}
	switch {
	case windowed && s.noWin != "":
		return b.FailAs(syntax.Windowing, f.At, "window function %s cannot stand in %s", rules.Upper(name), s.noWin)
	case !windowed && s.noAgg != "":
		return b.FailAs(syntax.Grouping, f.At, "aggregate function %s cannot stand in %s", rules.Upper(name), s.noAgg)
	case !windowed && f.Respect:
		return b.FailAs(syntax.Windowing, f.At, "RESPECT NULLS needs an OVER clause")
	}
	a := &typed.Aggregate{Op: r.op, Distinct: f.Distinct, Star: f.Star, IgnoreNulls: f.IgnoreNulls}
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

func (b *binder) aggArgs(a *typed.Aggregate, f *syntax.Func, r aggRule, s *scope) {
	name := f.Name.Last().Name
	if f.Star {
		if r.op != "count" {
			b.FailAs(syntax.Unsupported, f.At, "%s(*) is not supported", rules.Upper(name))
		}
		return
	}
	n := len(f.Args)
	switch {
	case r.args >= 0 && n == 2 && (name == "first" || name == "last" || name == "first_value" || name == "last_value") && !b.Redshift():
		if l, ok := f.Args[1].(*syntax.Literal); ok && l.Kind == syntax.Bool {
			a.IgnoreNulls = l.Text == "true"
		}
		n = 1
	case r.args >= 0 && n != r.args:
		b.FailAs(syntax.NoFunction, f.At, "%s takes %d arguments, %d are given", rules.Upper(name), r.args, n)
		return
	case r.args < 0 && n == 0:
		b.FailAs(syntax.NoFunction, f.At, "%s needs an argument", rules.Upper(name))
		return
	}
	for i, x := range f.Args[:n] {
		y := b.expr(x, s)
		switch r.arg {
		case "num":
			y = b.aggNumber(y, x.Position(), name)
		case "double":
			y = b.Coerce(y, rules.Double, rules.Implicit, x.Position())
		case "bigint":
			y = b.Coerce(y, rules.Bigint, rules.Implicit, x.Position())
		case "bool":
			y = b.Coerce(y, rules.Bool, rules.Implicit, x.Position())
		case "text":
			y = b.Coerce(y, b.Text(), rules.Implicit, x.Position())
		default:
			if rules.IsFree(y) {
				y = b.Coerce(y, b.Text(), rules.Implicit, x.Position())
			}
		}
		if i > 0 && (r.op == "lag" || r.op == "lead" || r.op == "nth_value") {
			y = b.offsetArg(a, y, i, x.Position())
		}
		a.Args = append(a.Args, y)
	}
	if r.order {
		b.withinGroup(a, f, s)
	} else if f.WithinGroup != nil {
		for _, o := range f.WithinGroup {
			a.Order = append(a.Order, b.orderKey(o, b.expr(o.X, s)))
		}
	}
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
func (b *binder) aggResult(r aggRule, a *typed.Aggregate, f *syntax.Func) typed.Type {
	var t typed.Type
	if len(a.Args) > 0 {
		t = a.Args[0].Type()
	}
	switch r.result {
	case "same":
		if t.Kind == typed.Null {
			return b.Text()
		}
		return t
	case "bigint":
		return rules.Bigint
	case "double":
		return rules.Double
	case "int":
		return rules.Int
	case "bool":
		return rules.Bool
	case "text":
		return typed.VarcharOf(65535)
	case "rank":
		if b.Redshift() {
			return rules.Bigint
		}
		return rules.Int
	case "ordered":
		if len(a.Order) == 1 {
			return a.Order[0].X.Type()
		}
		return typed.T(typed.Unknown)
	case "median":
		if len(a.Order) == 1 {
			t = a.Order[0].X.Type()
		}
		return b.D.Numbers.Median(t)
	case "sum":
		return b.D.Numbers.Sum(t)
	}
	return b.D.Numbers.Avg(t)
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
		out.Partition = append(out.Partition, b.expr(p, &inner))
	}
	for _, o := range w.Order {
		out.Order = append(out.Order, b.orderKey(o, b.expr(o.X, &inner)))
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
