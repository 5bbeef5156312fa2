package bind

import (
	"strconv"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// expr binds an expression.
func (b *binder) expr(x syntax.Expr, s *scope) typed.Expr {
	if b.Err != nil {
		return rules.Null(typed.T(typed.Unknown))
	}
	if y, err := b.o.Session.expr(x); err != nil {
		return b.FailWith(err)
	} else if y != nil {
		return b.expr(y, s)
	}
	switch x := x.(type) {
	case *syntax.Literal:
		return b.Literal(x)
	case *syntax.Interval:
		return b.Interval(x, func() typed.Expr { return b.expr(x.Value, s) })
	case *syntax.Column:
		return b.columnRef(x, s)
	case *syntax.Param:
		return b.Param(x)
	case *syntax.Unary:
		return b.unary(x, s)
	case *syntax.BinaryOp:
		return b.binary(x, s)
	case *syntax.Is:
		return b.is(x, s)
	case *syntax.Between:
		return b.between(x, s)
	case *syntax.In:
		return b.in(x, s)
	case *syntax.Like:
		return b.like(x, s)
	case *syntax.Case:
		return b.caseExpr(x, s)
	case *syntax.Cast:
		return b.Cast(b.expr(x.X, s), x)
	case *syntax.Func:
		return b.function(x, s)
	default:
		return b.exprMore(x, s)
	}
}

func (b *binder) exprMore(x syntax.Expr, s *scope) typed.Expr {
	switch x := x.(type) {
	case *syntax.Exists:
		return &typed.Exists{Query: b.query(x.Query, s, s.env)}
	case *syntax.Subquery:
		return b.scalar(x, s)
	case *syntax.Quantified:
		return b.quantified(x, s)
	case *syntax.AtTimeZone:
		return b.AtTimeZone(x.At, b.expr(x.Zone, s), b.expr(x.X, s))
	case *syntax.Index:
		return b.index(x, s)
	case *syntax.Field:
		return b.Path(b.expr(x.X, s), syntax.Name{x.Name})
	case *syntax.Star:
		return b.Fail(x.At, "* can only stand alone in a select list or in COUNT(*)")
	case *syntax.Default:
		return b.Fail(x.At, "DEFAULT can only stand in VALUES of INSERT and in SET")
	case *syntax.Tuple:
		return b.Fail(x.At, "a row of several values can only stand in IN and in comparisons")
	case *syntax.Word:
		return b.Fail(x.At, "%q is no expression", x.Text)
	case *syntax.Named:
		return b.expr(x.X, s)
	case *syntax.Lambda:
		return b.Fail(x.At, "a function of elements can only be an argument of TRANSFORM, FILTER and their like")
	}
	return b.FailAs(syntax.Unsupported, x.Position(), "this kind of expression is not supported")
}

func (b *binder) unary(x *syntax.Unary, s *scope) typed.Expr {
	if x.Op == "not" {
		return &typed.Not{X: b.condition(x.X, s, "NOT")}
	}
	return b.Unary(x, b.expr(x.X, s))
}

func (b *binder) binary(x *syntax.BinaryOp, s *scope) typed.Expr {
	switch x.Op {
	case "and", "or":
		l, r := b.condition(x.L, s, strings.ToUpper(x.Op)), b.condition(x.R, s, strings.ToUpper(x.Op))
		if have, ok := l.(*typed.Logic); ok && have.Or == (x.Op == "or") {
			return &typed.Logic{Or: have.Or, Items: append(append([]typed.Expr{}, have.Items...), r)}
		}
		return &typed.Logic{Or: x.Op == "or", Items: []typed.Expr{l, r}}
	case "=", "<>", "<", "<=", ">", ">=":
		if l, ok := x.L.(*syntax.Tuple); ok {
			return b.compareRows(x, l, s)
		}
		return b.Compare(x.Op, b.expr(x.L, s), b.expr(x.R, s), x.At)
	case "<=>":
		l, r := b.Pair(b.expr(x.L, s), b.expr(x.R, s), x.At, "<=>")
		return &typed.Distinct{L: l, R: r, Not: true}
	}
	return b.Binary(x, b.expr(x.L, s), b.expr(x.R, s))
}

func (b *binder) compareRows(x *syntax.BinaryOp, l *syntax.Tuple, s *scope) typed.Expr {
	r, ok := x.R.(*syntax.Tuple)
	if !ok || len(r.Items) != len(l.Items) || x.Op != "=" && x.Op != "<>" {
		return b.Fail(x.At, "rows of several values are compared by = or <> with rows of as many values")
	}
	var conds []typed.Expr
	for i := range l.Items {
		conds = append(conds, b.Compare("=", b.expr(l.Items[i], s), b.expr(r.Items[i], s), x.At))
	}
	if x.Op == "<>" {
		return &typed.Not{X: and(conds)}
	}
	return and(conds)
}

func (b *binder) is(x *syntax.Is, s *scope) typed.Expr {
	if x.What == "distinct" {
		l, r := b.Pair(b.expr(x.X, s), b.expr(x.Y, s), x.At, "IS DISTINCT FROM")
		return &typed.Distinct{L: b.Unblank(l), R: b.Unblank(r), Not: x.Not}
	}
	if x.What == "null" {
		return &typed.IsNull{X: b.expr(x.X, s), Not: x.Not}
	}
	y := b.condition(x.X, s, "IS "+strings.ToUpper(x.What))
	if x.What == "unknown" {
		return &typed.IsNull{X: y, Not: x.Not}
	}
	return &typed.Distinct{L: y, R: rules.Lit(rules.Bool, x.What), Not: !x.Not}
}

func (b *binder) between(x *syntax.Between, s *scope) typed.Expr {
	return b.Between(x, b.expr(x.X, s), b.expr(x.Lo, s), b.expr(x.Hi, s))
}

func (b *binder) in(x *syntax.In, s *scope) typed.Expr {
	var xs []typed.Expr
	if t, ok := x.X.(*syntax.Tuple); ok {
		for _, it := range t.Items {
			xs = append(xs, b.expr(it, s))
		}
	} else {
		xs = []typed.Expr{b.expr(x.X, s)}
	}
	if x.Query != nil {
		return b.inQuery(x, xs, s)
	}
	if len(xs) > 1 {
		return b.inRows(x, xs, s)
	}
	all := []typed.Expr{xs[0]}
	for _, it := range x.List {
		all = append(all, b.expr(it, s))
	}
	return b.InList(all, x.Not, x.At)
}

// inRows writes (a, b) IN ((1, 2), (3, 4)) as comparisons.
func (b *binder) inRows(x *syntax.In, xs []typed.Expr, s *scope) typed.Expr {
	or := &typed.Logic{Or: true}
	for _, it := range x.List {
		t, ok := it.(*syntax.Tuple)
		if !ok || len(t.Items) != len(xs) {
			return b.Fail(it.Position(), "a row of %d values is needed here", len(xs))
		}
		var conds []typed.Expr
		for i, item := range t.Items {
			conds = append(conds, b.Compare("=", xs[i], b.expr(item, s), x.At))
		}
		or.Items = append(or.Items, and(conds))
	}
	var y typed.Expr = or
	if len(or.Items) == 1 {
		y = or.Items[0]
	}
	if x.Not {
		return &typed.Not{X: y}
	}
	return y
}

func (b *binder) inQuery(x *syntax.In, xs []typed.Expr, s *scope) typed.Expr {
	q := b.query(x.Query, s, s.env)
	if len(q.Columns) != len(xs) {
		return b.Fail(x.At, "the query of IN has %d columns, %d are needed", len(q.Columns), len(xs))
	}
	for i := range xs {
		t := b.ComparisonType(xs[i], b.outputItem(q, i), x.At, "IN")
		xs[i] = b.Unblank(b.Coerce(xs[i], t, rules.Implicit, x.At))
		q = b.unblankColumn(q, i, t, x.At)
	}
	return &typed.In{X: xs, Not: x.Not, Query: q}
}

func (b *binder) scalar(x *syntax.Subquery, s *scope) typed.Expr {
	q := b.query(x.Query, s, s.env)
	if len(q.Columns) != 1 {
		return b.Fail(x.At, "a query used as a value must have one column, this one has %d", len(q.Columns))
	}
	return &typed.Scalar{Ty: typed.Ty{T: q.Columns[0].Type}, Query: q}
}

func (b *binder) quantified(x *syntax.Quantified, s *scope) typed.Expr {
	if x.Query == nil {
		return b.anyElement(x, s)
	}
	v := b.expr(x.X, s)
	q := b.query(x.Query, s, s.env)
	if len(q.Columns) != 1 {
		return b.Fail(x.At, "the query must have one column, this one has %d", len(q.Columns))
	}
	t := b.ComparisonType(v, b.outputItem(q, 0), x.At, x.Op)
	return &typed.Quantified{X: b.Unblank(b.Coerce(v, t, rules.Implicit, x.At)), Op: x.Op, All: x.All, Query: b.unblankColumn(q, 0, t, x.At)}
}

// anyElement binds x op ANY (array). There are arrays of written elements, ARRAY[a, b] or '{a,b}': each is compared.
func (b *binder) anyElement(x *syntax.Quantified, s *scope) typed.Expr {
	items, ok := elements(x.Array)
	if !ok {
		return b.FailAs(syntax.Unsupported, x.At, "ANY and ALL of an array that is not written out are not supported")
	}
	joined, start := "or", false
	if x.All {
		joined, start = "and", true
	}
	var out syntax.Expr = &syntax.Literal{Node: x.Node, Kind: syntax.Bool, Text: strconv.FormatBool(start)}
	for _, it := range items {
		out = &syntax.BinaryOp{Node: x.Node, Op: joined, L: out, R: &syntax.BinaryOp{Node: x.Node, Op: x.Op, L: x.X, R: it}}
	}
	return b.expr(out, s)
}

// elements are those of ARRAY[...] and of an array's text without quotes in it.
func elements(x syntax.Expr) ([]syntax.Expr, bool) {
	switch x := x.(type) {
	case *syntax.Func:
		return x.Args, len(x.Name) == 1 && x.Name[0].Name == "array"
	case *syntax.Cast:
		return elements(x.X)
	case *syntax.Literal:
		body, open := strings.CutPrefix(x.Text, "{")
		body, closed := strings.CutSuffix(body, "}")
		if x.Kind != syntax.String || !open || !closed || strings.ContainsAny(body, `"\\{`) {
			return nil, false
		}
		var out []syntax.Expr
		for _, t := range strings.Split(body, ",") {
			if body != "" {
				out = append(out, &syntax.Literal{Node: x.Node, Kind: syntax.String, Text: strings.TrimSpace(t)})
			}
		}
		return out, true
	}
	return nil, false
}

func (b *binder) like(x *syntax.Like, s *scope) typed.Expr {
	return b.Like(x, b.expr(x.X, s), b.expr(x.Pattern, s))
}

func (b *binder) caseExpr(x *syntax.Case, s *scope) typed.Expr {
	out := &typed.Case{}
	var operand typed.Expr
	if x.Operand != nil {
		operand = b.expr(x.Operand, s)
	}
	for _, w := range x.Whens {
		var cond typed.Expr
		if operand != nil {
			cond = b.Compare("=", operand, b.expr(w.Cond, s), w.Cond.Position())
		} else {
			cond = b.condition(w.Cond, s, "WHEN")
		}
		out.Whens = append(out.Whens, typed.When{Cond: cond, Then: b.expr(w.Then, s)})
	}
	if x.Else != nil {
		out.Else = b.expr(x.Else, s)
	}
	return b.UnifyCase(out, x.At)
}

// index binds x[i]; what lies in it is bound only where it can be one.
func (b *binder) index(x *syntax.Index, s *scope) typed.Expr {
	v := b.expr(x.X, s)
	if x := b.NoElements(v, x.At); x != nil {
		return x
	}
	return b.Element(v, b.expr(x.I, s), x.At)
}
