package bind

import (
	"fmt"
	"reflect"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Where trailing blanks do not count, 'a' and 'a ' are one value of GROUP BY, DISTINCT, set operations and windows. The groups are made
// over the values without blanks; what is shown of a group is its shortest value, so it is one that the group has, and always the same.

// equalText makes a SELECT group, and take distinct rows, by what is equal; keys are those of its ORDER BY.
func (b *binder) equalText(s *typed.Select, keys []typed.Order, agg *grouping, at syntax.Pos) (*typed.Select, []typed.Order) {
	if b.D.BlanksCount || b.Err != nil {
		return s, keys
	}
	if s.Group != nil {
		s, keys = b.equalGroups(s, keys, agg, at)
	}
	if s.Distinct {
		blanks := make([]bool, len(s.Items))
		for i, x := range s.Items {
			blanks[i] = b.Blank(x)
		}
		s = b.distinctRows(s, blanks)
	}
	return s, b.equalKeys(s, keys)
}

// equalKeys cuts the blanks off sort keys that others follow: only there an equal value has a say in the order.
func (b *binder) equalKeys(s *typed.Select, keys []typed.Order) []typed.Order {
	for i := range keys[:max(len(keys)-1, 0)] {
		x := keys[i].X
		if ref, ok := x.(*typed.OutputRef); ok {
			x = s.Items[ref.N-1]
		}
		if b.Blank(x) && !s.Distinct {
			keys[i].X = b.Unblank(x)
		}
	}
	return keys
}

// distinctRows is SELECT DISTINCT by what is equal: a GROUP BY of every output.
func (b *binder) distinctRows(s *typed.Select, blanks []bool) *typed.Select {
	if !some(blanks) {
		return s
	}
	s.Distinct = false
	return b.distinctOf(&typed.Query{Body: s, Columns: s.Columns}, blanks)
}

func (b *binder) distinctOf(q *typed.Query, blanks []bool) *typed.Select {
	out, _ := b.wrap(q, func(_ int, x typed.Expr) typed.Expr { return x }).Body.(*typed.Select)
	out.Group = &typed.Group{}
	for i, x := range out.Items {
		if blanks[i] {
			out.Group.Keys = append(out.Group.Keys, b.Unblank(x))
			out.Items[i] = b.OwnValue(x)
			continue
		}
		out.Group.Keys = append(out.Group.Keys, x)
	}
	return out
}

func some(flags []bool) bool {
	for _, f := range flags {
		if f {
			return true
		}
	}
	return false
}

// equalGroups divides a grouped SELECT in two: one that groups and aggregates, and around it one that has the rest.
func (b *binder) equalGroups(s *typed.Select, order []typed.Order, agg *grouping, at syntax.Pos) (*typed.Select, []typed.Order) {
	blanks := make([]bool, len(s.Group.Keys))
	for i, k := range s.Group.Keys {
		blanks[i] = b.Blank(k)
	}
	if !some(blanks) {
		return s, order
	}
	g := &grouper{b: b, alias: b.unique("grouped"), keys: s.Group.Keys, agg: agg, at: at}
	g.inner = &typed.Select{From: s.From, Where: s.Where, Group: &typed.Group{Sets: s.Group.Sets}}
	for i, k := range s.Group.Keys {
		g.inner.Group.Keys = append(g.inner.Group.Keys, b.Unblank(k))
		if blanks[i] {
			k = b.OwnValue(k)
		}
		g.refs = append(g.refs, g.add(k))
	}
	out := &typed.Select{Distinct: s.Distinct, Columns: s.Columns, Where: g.rest(s.Having), Qualify: g.rest(s.Qualify)}
	for _, x := range s.Items {
		out.Items = append(out.Items, g.rest(x))
	}
	for i := range order {
		order[i].X = g.rest(order[i].X)
	}
	names := make([]string, len(g.inner.Columns))
	for i, c := range g.inner.Columns {
		names[i] = c.Name
	}
	out.From = &typed.Derived{Query: &typed.Query{Body: g.inner, Columns: g.inner.Columns}, Alias: g.alias, Columns: names}
	return out, order
}

// grouper moves keys and aggregates of a SELECT into the inner one.
type grouper struct {
	b     *binder
	alias string
	inner *typed.Select
	keys  []typed.Expr
	refs  []typed.Expr // what stands for the keys outside
	from  []typed.Expr // the aggregates that are inside
	outer []typed.Expr // and what stands for them outside
	agg   *grouping
	at    syntax.Pos
}

// add puts an expression into the inner SELECT.
func (g *grouper) add(x typed.Expr) typed.Expr {
	name := fmt.Sprintf("g%d", len(g.inner.Items)+1)
	g.inner.Items = append(g.inner.Items, x)
	g.inner.Columns = append(g.inner.Columns, outputColumn(name, x))
	return &typed.ColumnRef{Ty: typed.Ty{T: x.Type()}, Table: g.alias, Name: name, Trimmed: rules.Trimmed(x)}
}

// rest is an expression over the outputs of the inner SELECT.
func (g *grouper) rest(x typed.Expr) typed.Expr {
	return typed.Rewrite(x, func(x typed.Expr, inner bool) typed.Expr {
		for i, k := range g.keys {
			if _, constant := k.(*typed.Literal); !constant && reflect.DeepEqual(k, x) {
				return g.refs[i]
			}
		}
		switch x := x.(type) {
		case *typed.Aggregate:
			if x.Over == nil && !inner {
				return g.aggregate(x)
			}
		case *typed.ColumnRef:
			if inner && g.agg != nil && g.agg.local[x.Table] {
				return g.b.FailAs(syntax.Grouping, g.at, "column %q must appear in GROUP BY or be used in an aggregate function", x.Name)
			}
		}
		return nil
	})
}

func (g *grouper) aggregate(x *typed.Aggregate) typed.Expr {
	for i, have := range g.from {
		if reflect.DeepEqual(have, x) {
			return g.outer[i]
		}
	}
	y := *x
	if x.Op == "grouping" {
		y.Args = nil
		for _, arg := range x.Args {
			y.Args = append(y.Args, g.b.Unblank(arg))
		}
	}
	ref := g.add(&y)
	g.from, g.outer = append(g.from, x), append(g.outer, ref)
	return ref
}

// equalSet is a set operation by what is equal; nil when the engine's own does.
func (b *binder) equalSet(s *typed.SetOp) typed.Body {
	if b.D.BlanksCount || s.Op == "union" && s.All || b.Err != nil {
		return nil
	}
	blanks := make([]bool, len(s.Columns))
	for i := range s.Columns {
		blanks[i] = b.Blank(b.outputItem(s.L, i)) || b.Blank(b.outputItem(s.R, i))
	}
	if !some(blanks) {
		return nil
	}
	if s.Op == "union" {
		s.All = true
		return b.distinctOf(&typed.Query{Body: s, Columns: s.Columns}, blanks)
	}
	out, _ := b.wrap(s.L, func(_ int, x typed.Expr) typed.Expr { return x }).Body.(*typed.Select)
	right, _ := b.wrap(s.R, func(_ int, x typed.Expr) typed.Expr { return x }).Body.(*typed.Select)
	join := &typed.Join{Kind: "semi", L: out.From, R: right.From}
	if s.Op == "except" {
		join.Kind = "anti"
	}
	conds := make([]typed.Expr, len(out.Items))
	for i := range out.Items {
		conds[i] = &typed.Distinct{L: b.Unblank(out.Items[i]), R: b.Unblank(right.Items[i]), Not: true}
	}
	join.On, out.From, out.Columns = and(conds), join, s.Columns
	return b.distinctOf(&typed.Query{Body: out, Columns: s.Columns}, blanks)
}

// unblankColumn gives the i-th output of a query the type t, without blanks that do not count.
func (b *binder) unblankColumn(q *typed.Query, i int, t typed.Type, at syntax.Pos) *typed.Query {
	if b.D.BlanksCount || !t.IsText() {
		return b.castColumn(q, i, t, at)
	}
	return b.wrap(q, func(j int, x typed.Expr) typed.Expr {
		if j == i {
			return b.Unblank(b.Coerce(x, t, rules.Implicit, at))
		}
		return x
	})
}

// equalOutputs is equalKeys for a body that is no SELECT.
func (b *binder) equalOutputs(body typed.Body, keys []typed.Order) (typed.Body, []typed.Order) {
	if s, ok := body.(*typed.Select); ok {
		return s, b.equalKeys(s, keys)
	}
	cols := body.Outputs()
	for _, k := range keys[:max(len(keys)-1, 0)] {
		if ref, ok := k.X.(*typed.OutputRef); ok && b.Blank(&typed.ColumnRef{Ty: typed.Ty{T: cols[ref.N-1].Type}}) {
			s, _ := b.wrap(&typed.Query{Body: body, Columns: cols}, func(_ int, x typed.Expr) typed.Expr { return x }).Body.(*typed.Select)
			return s, b.equalKeys(s, keys)
		}
	}
	return body, keys
}
