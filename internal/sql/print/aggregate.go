package print

import (
	"strings"

	"penstock/internal/sql/typed"
)

// aggregateNames are the operations that DuckDB has under a name; a leading "=" says that its type is that of the typed tree.
var aggregateNames = map[string]string{
	"sum": "sum", "avg": "avg", "min": "=min", "max": "=max", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop", "var_samp": "var_samp",
	"var_pop": "var_pop", "any_value": "=any_value", "bool_and": "=bool_and", "bool_or": "=bool_or", "bit_and_agg": "bit_and",
	"bit_or_agg": "bit_or", "bit_xor_agg": "bit_xor", "row_number": "row_number", "rank": "rank", "dense_rank": "dense_rank",
	"percent_rank": "percent_rank", "cume_dist": "cume_dist", "ntile": "ntile", "lag": "=lag", "lead": "=lead", "nth_value": "=nth_value",
	"grouping": "grouping", "first_value": "=first_value", "last_value": "=last_value", "corr": "corr", "covar_pop": "covar_pop",
	"covar_samp": "covar_samp", "skewness_pop": "skewness", "kurtosis_pop": "kurtosis_pop", "mode": "=mode", "max_by": "=arg_max_null",
	"min_by": "=arg_min_null", "count": "=count", "regr_slope": "regr_slope", "regr_intercept": "regr_intercept",
}

func (p *printer) aggregate(a *typed.Aggregate) string {
	switch a.Op {
	case "avg_int":
		return cast(p.agg(a, "sum", a.Args)+" // "+p.agg(a, "count", a.Args), a.T)
	case "avg_decimal_trunc", "avg_decimal_round":
		return p.avgDecimal(a)
	case "median":
		if exact(a.Args[0].Type(), a.T) {
			return p.percentileExact(a, a.Args[0], "0.5", false)
		}
		x := cast(p.expr(a.Args[0]), a.T)
		return cast(p.aggText(a, "quantile_cont", x+", 0.5", nil), a.T)
	case "percentile_cont", "percentile_disc":
		return p.percentile(a)
	case "listagg":
		return p.listagg(a)
	case "hll":
		b := *a
		b.Distinct = true
		return p.agg(&b, "count", a.Args)
	case "hll_create_sketch":
		b := *a
		b.Distinct = true
		return "ps_rs_hll_sketch(" + p.aggText(&b, "string_agg", "CAST("+p.expr(a.Args[0])+" AS VARCHAR), ','", nil) + ")"
	case "hll_combine":
		return "ps_rs_hll_merge('[' || " + p.aggText(a, "string_agg", p.expr(a.Args[0])+", ','", nil) + " || ']')"
	case "listagg_equal":
		return p.listaggEqual(a)
	case "ratio_to_report":
		x := p.expr(a.Args[0])
		return "(" + x + " / " + p.agg(a, "sum", a.Args) + ")"
	case "first_value", "last_value":
		if a.Over == nil {
			return p.first(a)
		}
	case "skewness_pop":
		return p.skewness(a)
	case "corr", "regr_slope", "regr_intercept": // where nothing varies there is no line: NULL
		x := p.agg(a, a.Op, a.Args)
		return "CASE WHEN NOT isnan(" + x + ") THEN " + cast(x, a.T) + " END"
	case "collect_list", "collect_set":
		return p.collect(a)
	case "count_if": // of no rows it is 0, and DuckDB's is NULL
		return "coalesce(" + cast(p.agg(a, "count_if", a.Args), a.T) + ", 0)"
	case "count":
		if len(a.Args) > 1 {
			return p.countRows(a)
		}
	}
	name, ok := aggregateNames[a.Op]
	if !ok {
		return p.fail("aggregate %s cannot be printed", a.Op)
	}
	if strings.HasPrefix(name, "=") {
		return p.agg(a, name[1:], a.Args)
	}
	return cast(p.agg(a, name, a.Args), a.T)
}

// skewness is that of the population. The engine's is the sample's, which has none of fewer than three values.
func (p *printer) skewness(a *typed.Aggregate) string {
	n, v := "CAST("+p.agg(a, "count", a.Args)+" AS DOUBLE)", p.agg(a, "var_pop", a.Args)
	return "CASE WHEN " + v + " = 0 THEN NULL WHEN " + n + " = 2 THEN 0.0::DOUBLE ELSE " +
		p.agg(a, "skewness", a.Args) + " * (" + n + " - 2) / sqrt(" + n + " * (" + n + " - 1)) END"
}

func (p *printer) agg(a *typed.Aggregate, name string, args []typed.Expr) string {
	text := p.exprs(args)
	switch {
	case a.Star:
		text = "*"
	case name == "sum" && p.narrow != nil && a.Over == nil:
		text = p.sumArg(args[0])
	}
	return p.aggText(a, name, text, a.Order)
}

func (p *printer) aggText(a *typed.Aggregate, name, args string, order []typed.Order) string {
	var b strings.Builder
	b.WriteString(name + "(")
	if a.Distinct {
		b.WriteString("DISTINCT ")
	}
	b.WriteString(args)
	if len(order) > 0 {
		if keys := p.order(order); keys != "" {
			b.WriteString(" ORDER BY " + keys)
		}
	}
	if a.IgnoreNulls && a.Over != nil {
		b.WriteString(" IGNORE NULLS")
	}
	b.WriteString(")")
	if a.Filter != nil {
		b.WriteString(" FILTER (WHERE " + p.expr(a.Filter) + ")")
	}
	if a.Over != nil {
		b.WriteString(p.window(a.Over))
	}
	return b.String()
}

// avgDecimal divides the exact sum by the count in integers.
func (p *printer) avgDecimal(a *typed.Aggregate) string {
	from := a.Args[0].Type()
	sum := cast(p.agg(a, "sum", a.Args), typed.Dec(38, from.Scale))
	count := "CAST(" + p.agg(a, "count", a.Args) + " AS HUGEINT)"
	q := quotient{num: unscaled(sum, typed.Dec(38, from.Scale)), digits: min(38, from.Precision+10), den: count, shift: a.T.Scale - from.Scale,
		round: a.Op == "avg_decimal_round"}
	return scaled(q.text(), a.T)
}

// percentile turns a descending order into the complement of the fraction.
func (p *printer) percentile(a *typed.Aggregate) string {
	name := map[string]string{"percentile_cont": "quantile_cont", "percentile_disc": "quantile_disc"}[a.Op]
	if len(a.Order) == 0 {
		return cast(p.aggText(a, name, p.exprs(a.Args), nil), a.T)
	}
	o := a.Order[0]
	if f, ok := a.Args[0].(*typed.Literal); ok && a.Op == "percentile_cont" && exact(o.X.Type(), a.T) {
		return p.percentileExact(a, o.X, f.Text, o.Desc)
	}
	x := p.expr(o.X)
	if o.X.Type().IsNumeric() && a.Op == "percentile_cont" {
		x = cast(x, a.T)
	}
	frac := p.expr(a.Args[0])
	if o.Desc {
		frac = "1 - " + frac
	}
	return cast(p.aggText(a, name, x+", "+frac, nil), a.T)
}

// exact reports whether a percentile must be computed in integers: the engine's own goes through double, which has 15 digits for certain.
func exact(from, to typed.Type) bool {
	return to.Kind == typed.Decimal && (from.Kind == typed.Bigint || from.Kind == typed.Decimal && from.Precision > 14)
}

// percentileExact is PERCENTILE_CONT over all values in order, in integers with one digit more than they have.
func (p *printer) percentileExact(a *typed.Aggregate, x typed.Expr, fraction string, desc bool) string {
	t, way := typed.Dec(38, x.Type().Scale), "'ASC'"
	if desc {
		way = "'DESC'"
	}
	f, digits := strings.Replace(fraction, ".", "", 1), 0
	if _, after, ok := strings.Cut(fraction, "."); ok {
		digits = len(after)
	}
	b := *a
	b.Filter = typed.Expr(&typed.IsNull{X: x, Not: true})
	if a.Filter != nil {
		b.Filter = &typed.Logic{Items: []typed.Expr{a.Filter, b.Filter}}
	}
	list := "list_sort(" + p.aggText(&b, "list", unscaled(cast(p.expr(x), t), x.Type()), nil) + ", " + way + ")"
	return cast(scaled(fn("percentile_exact", list, f, hugePow(digits)), typed.Dec(38, t.Scale+1)), a.T)
}

func (p *printer) listagg(a *typed.Aggregate) string {
	sep := "''"
	if len(a.Args) > 1 {
		sep = p.expr(a.Args[1])
	}
	x := p.expr(a.Args[0])
	order := a.Order
	if a.Distinct && len(order) == 1 {
		order = []typed.Order{{X: a.Args[0], Desc: order[0].Desc, NullsFirst: order[0].NullsFirst}}
	}
	return goFn("rs", "bounded_list", p.aggText(a, "string_agg", x+", "+sep, order))
}

// listaggEqual is LISTAGG(DISTINCT text) where trailing blanks do not count: of equal values one of them is shown.
func (p *printer) listaggEqual(a *typed.Aggregate) string {
	sep, way := "''", "'ASC'"
	if len(a.Args) > 1 {
		sep = p.expr(a.Args[1])
	}
	if len(a.Order) > 0 && a.Order[0].Desc {
		way = "'DESC'"
	}
	b := *a
	b.Filter = typed.Expr(&typed.IsNull{X: a.Args[0], Not: true})
	if a.Filter != nil {
		b.Filter = &typed.Logic{Items: []typed.Expr{a.Filter, b.Filter}}
	}
	return goFn("rs", "bounded_list", fn("join_equal", p.aggText(&b, "list", p.expr(a.Args[0]), nil), sep, way))
}

func (p *printer) first(a *typed.Aggregate) string {
	name := strings.TrimSuffix(a.Op, "_value")
	if a.IgnoreNulls {
		b := *a
		cond := typed.Expr(&typed.IsNull{X: a.Args[0], Not: true})
		if a.Filter != nil {
			cond = &typed.Logic{Items: []typed.Expr{a.Filter, cond}}
		}
		b.Filter = cond
		a = &b
	}
	return p.agg(a, name, a.Args)
}

// collect is the array of the values that are not NULL; of none it is empty.
func (p *printer) collect(a *typed.Aggregate) string {
	b := *a
	b.Distinct = a.Op == "collect_set" || a.Distinct
	b.Filter = typed.Expr(&typed.IsNull{X: a.Args[0], Not: true})
	if a.Filter != nil {
		b.Filter = &typed.Logic{Items: []typed.Expr{a.Filter, b.Filter}}
	}
	return "coalesce(" + p.agg(&b, "list", a.Args) + ", " + cast("[]", a.T) + ")"
}

// countRows is COUNT(DISTINCT a, b): rows with a NULL do not count.
func (p *printer) countRows(a *typed.Aggregate) string {
	b := *a
	var conds []typed.Expr
	for _, x := range a.Args {
		conds = append(conds, &typed.IsNull{X: x, Not: true})
	}
	if a.Filter != nil {
		conds = append(conds, a.Filter)
	}
	b.Filter = &typed.Logic{Items: conds}
	return p.aggText(&b, "count", "("+p.exprs(a.Args)+")", nil)
}
