package bind

import (
	"cmp"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// pivot writes PIVOT as a grouped SELECT: a filtered aggregate for each value, grouped by the columns that take no part.
func (b *binder) pivot(p *syntax.Pivot, sc *scope) typed.From {
	if len(p.For) != 1 {
		b.FailAs(syntax.Unsupported, p.At, "PIVOT over several columns is not supported")
		return &typed.Derived{Query: &typed.Query{Body: &typed.Values{}}, Alias: "error"}
	}
	inner := &scope{parent: sc.parent, env: sc.env}
	sel := &typed.Select{From: b.tableRef(p.Input, inner), Group: &typed.Group{}}
	used := map[string]bool{p.For[0].Name: true}
	for _, a := range p.Aggs {
		syntax.Walk(a.X, func(x syntax.Expr) {
			if c, ok := x.(*syntax.Column); ok {
				used[c.Name.Last().Name] = true
			}
		})
	}
	for _, src := range inner.sources {
		for _, c := range src.columns {
			if !used[c.name] && !c.hidden {
				sel.Group.Keys = append(sel.Group.Keys, c.expr)
				sel.Items = append(sel.Items, c.expr)
				sel.Columns = append(sel.Columns, typed.Column{Name: c.name, Type: c.expr.Type()})
			}
		}
	}
	key, n := inner.plain(p.For[0].Name)
	if n != 1 {
		b.FailAs(syntax.NoColumn, p.For[0].Pos, "column %q does not exist", p.For[0].Name)
	}
	for _, v := range p.In {
		if b.Err != nil {
			break
		}
		b.pivotValue(p, v, key, inner, sel)
	}
	sel, _ = b.equalText(sel, nil, nil, p.At)
	alias := b.unique(cmp.Or(p.Alias.Name, "pivot"))
	cols := b.renamed(p.Columns, sel.Columns, p.At)
	phys := physical(cols)
	b.addSource(sc, newSource(p.Alias.Name, alias, cols, phys), p.At)
	return &typed.Derived{Query: &typed.Query{Body: sel, Columns: sel.Columns}, Alias: alias, Columns: phys}
}

func (b *binder) pivotValue(p *syntax.Pivot, v syntax.SelectItem, key typed.Expr, inner *scope, sel *typed.Select) {
	value := b.expr(v.X, inner)
	cond := b.Compare("=", key, value, v.X.Position())
	if l, ok := value.(*typed.Literal); ok && l.Null {
		cond = &typed.IsNull{X: key}
	}
	name := v.Alias.Name
	if l, ok := value.(*typed.Literal); ok && name == "" {
		name = l.Text
	}
	for _, agg := range p.Aggs {
		x := b.expr(agg.X, inner)
		a, ok := x.(*typed.Aggregate)
		if !ok || a.Over != nil {
			b.Fail(agg.X.Position(), "PIVOT needs an aggregate function")
			return
		}
		a.Filter = cond
		col := name
		if agg.Alias.Name != "" {
			col = name + "_" + agg.Alias.Name
		}
		sel.Items = append(sel.Items, a)
		sel.Columns = append(sel.Columns, typed.Column{Name: col, Type: a.T})
	}
}

// unpivot writes UNPIVOT as a union of one SELECT a column.
func (b *binder) unpivot(u *syntax.Unpivot, sc *scope) typed.From {
	bad := &typed.Derived{Query: &typed.Query{Body: &typed.Values{}}, Alias: "error"}
	if u.Object != nil {
		b.FailAs(syntax.Unsupported, u.At, "UNPIVOT of an object is not supported")
		return bad
	}
	var q *typed.Query
	used := map[string]bool{}
	for _, it := range u.In {
		if c, ok := it.X.(*syntax.Column); ok {
			used[c.Name.Last().Name] = true
		}
	}
	for i := range u.In {
		part := b.unpivotPart(u, i, used, sc)
		if b.Err != nil {
			return bad
		}
		if q == nil {
			q = part
			continue
		}
		last := len(q.Columns) - 1
		t := b.UnifyTypes(u.At, "UNPIVOT", &typed.ColumnRef{Ty: typed.Ty{T: q.Columns[last].Type}},
			&typed.ColumnRef{Ty: typed.Ty{T: part.Columns[last].Type}})
		q, part = b.castColumn(q, last, t, u.At), b.castColumn(part, last, t, u.At)
		q.Columns[last].Type = t
		q = &typed.Query{Body: &typed.SetOp{Op: "union", All: true, L: q, R: part, Columns: q.Columns}, Columns: q.Columns}
	}
	alias := b.unique(cmp.Or(u.Alias.Name, "unpivot"))
	phys := physical(q.Columns)
	b.addSource(sc, newSource(u.Alias.Name, alias, q.Columns, phys), u.At)
	return &typed.Derived{Query: q, Alias: alias, Columns: phys}
}

// unpivotPart is the SELECT of one column: the other columns, the column's name, its value.
func (b *binder) unpivotPart(u *syntax.Unpivot, i int, used map[string]bool, sc *scope) *typed.Query {
	inner := &scope{parent: sc.parent, env: sc.env}
	sel := &typed.Select{From: b.tableRef(u.Input, inner)}
	add := func(name string, x typed.Expr) {
		sel.Items = append(sel.Items, x)
		sel.Columns = append(sel.Columns, typed.Column{Name: name, Type: x.Type()})
	}
	for _, src := range inner.sources {
		for _, c := range src.columns {
			if !used[c.name] && !c.hidden {
				add(c.name, c.expr)
			}
		}
	}
	it := u.In[i]
	x := b.expr(it.X, inner)
	label := it.Alias.Name
	if c, ok := it.X.(*syntax.Column); ok && label == "" {
		label = c.Name.Last().Name
	}
	add(u.Name.Name, rules.Lit(typed.T(typed.Varchar), label))
	add(u.Value.Name, x)
	if !u.IncludeNulls {
		sel.Where = &typed.IsNull{X: x, Not: true}
	}
	return &typed.Query{Body: sel, Columns: sel.Columns}
}
