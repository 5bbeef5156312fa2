package bind

import (
	"fmt"
	"slices"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// query binds a query inside the scope of an outer one (nil at the top) and the common table expressions that are visible.
func (b *binder) query(q *syntax.Query, outer *scope, e *env) *typed.Query {
	b.depth++
	defer func() { b.depth-- }()
	if b.depth > maxDepth {
		b.FailAs(syntax.TooComplex, q.At, "queries are nested more than %d levels deep", maxDepth)
		return &typed.Query{Body: &typed.Values{}}
	}
	if b.lambdas > 0 {
		b.FailAs(syntax.Unsupported, q.At, "a subquery in a lambda function is not supported")
	}
	out := &typed.Query{Recursive: q.Recursive}
	e = b.ctes(q.With, q.Recursive, outer, e, out)
	var order []typed.Order
	switch body := q.Body.(type) {
	case *syntax.Select:
		var s *typed.Select
		s, order = b.selectBody(body, outer, e, q.Order)
		out.Body = s
		if body.Top != nil {
			if q.Limit != nil {
				b.Fail(q.Limit.Position(), "TOP and LIMIT cannot stand in one query")
			}
			out.Limit = b.limit(body.Top, outer, e)
		}
	default:
		out.Body = b.body(q.Body, outer, e)
		order = b.outputOrder(q.Order, out.Body.Outputs())
		out.Body, order = b.equalOutputs(out.Body, order)
	}
	out.Order = order
	out.Columns = out.Body.Outputs()
	if q.Limit != nil {
		out.Limit = b.limit(q.Limit, outer, e)
	}
	if q.Offset != nil {
		out.Offset = b.limit(q.Offset, outer, e)
	}
	return out
}

func (b *binder) limit(x syntax.Expr, outer *scope, e *env) typed.Expr {
	s := &scope{env: e, noAgg: "LIMIT", noWin: "LIMIT"}
	y := b.Coerce(b.expr(x, s), rules.Bigint, rules.Implicit, x.Position())
	if _, ok := y.(*typed.ColumnRef); ok {
		return b.Fail(x.Position(), "LIMIT and OFFSET take a number")
	}
	return y
}

// ctes binds WITH and gives the environment with them.
func (b *binder) ctes(with []syntax.CTE, recursive bool, outer *scope, e *env, out *typed.Query) *env {
	for _, c := range with {
		info := &cte{physical: b.unique(c.Name.Name)}
		var q *typed.Query
		if recursive {
			q = b.recursive(c, info, outer, e)
		}
		if q == nil {
			q = b.query(c.Query, outer, e)
			info.columns = b.rename(c, q.Columns)
			info.cols = physical(info.columns)
		}
		out.With = append(out.With, typed.CTE{Name: info.physical, Columns: info.cols, Query: q})
		e = &env{parent: e, name: c.Name.Name, cte: info}
	}
	return e
}

func (b *binder) rename(c syntax.CTE, cols []typed.Column) []typed.Column {
	return b.renamed(c.Columns, cols, c.Name.Pos)
}

func (b *binder) renamed(names []syntax.Ident, cols []typed.Column, at syntax.Pos) []typed.Column {
	if names == nil {
		return cols
	}
	if len(names) != len(cols) {
		b.Fail(at, "%d column names are given for %d columns", len(names), len(cols))
		return cols
	}
	out := append([]typed.Column{}, cols...)
	for i, n := range names {
		out[i].Name = n.Name
	}
	return out
}

// recursive binds a CTE that may refer to itself: anchor UNION ALL step. Nil when it is no such union.
func (b *binder) recursive(c syntax.CTE, info *cte, outer *scope, e *env) *typed.Query {
	set, ok := c.Query.Body.(*syntax.SetOp)
	if !ok || set.Op != "union" {
		return nil
	}
	anchor := b.side(set.L, outer, e)
	info.columns = slices.Clone(b.rename(c, anchor.Columns))
	for i := range info.columns {
		info.columns[i].Trimmed = false // the step may give anything
	}
	info.cols = physical(info.columns)
	step := b.side(set.R, outer, &env{parent: e, name: c.Name.Name, cte: info})
	if len(step.Columns) != len(info.columns) {
		b.Fail(set.At, "the sides of UNION have %d and %d columns", len(info.columns), len(step.Columns))
		return anchor
	}
	for i, col := range anchor.Columns {
		if !set.All && b.Blank(&typed.ColumnRef{Ty: typed.Ty{T: col.Type}}) {
			b.FailAs(syntax.Unsupported, set.At, "UNION of text in WITH RECURSIVE is not supported: write UNION ALL")
		}
		step = b.castColumn(step, i, col.Type, set.At)
	}
	body := &typed.SetOp{Op: "union", All: set.All, L: anchor, R: step, Columns: info.columns}
	return &typed.Query{Body: body, Columns: info.columns}
}

// side makes a query of a body.
func (b *binder) side(body syntax.Body, outer *scope, e *env) *typed.Query {
	if q, ok := body.(*syntax.Query); ok {
		return b.query(q, outer, e)
	}
	return b.query(&syntax.Query{Node: syntax.Node{At: body.Position()}, Body: body}, outer, e)
}

func (b *binder) body(body syntax.Body, outer *scope, e *env) typed.Body {
	switch body := body.(type) {
	case *syntax.Query:
		return b.query(body, outer, e)
	case *syntax.SetOp:
		return b.setOp(body, outer, e)
	case *syntax.Values:
		return b.values(body, outer, e)
	case *syntax.Select:
		s, _ := b.selectBody(body, outer, e, nil)
		return s
	}
	b.FailAs(syntax.Unsupported, body.Position(), "this kind of query is not supported")
	return &typed.Values{}
}

func (b *binder) setOp(s *syntax.SetOp, outer *scope, e *env) typed.Body {
	l, r := b.side(s.L, outer, e), b.side(s.R, outer, e)
	out := &typed.SetOp{Op: s.Op, All: s.All, L: l, R: r}
	if s.All && s.Op != "union" && !b.D.Grammar.IntersectAll {
		b.FailAs(syntax.Unsupported, s.At, "%s ALL is not part of %s", strings.ToUpper(s.Op), b.D)
	}
	if len(l.Columns) != len(r.Columns) {
		b.Fail(s.At, "the sides of %s have %d and %d columns", strings.ToUpper(s.Op), len(l.Columns), len(r.Columns))
		return out
	}
	for i := range l.Columns {
		t := b.UnifyTypes(s.At, fmt.Sprintf("column %d of %s", i+1, strings.ToUpper(s.Op)), b.outputItem(l, i), b.outputItem(r, i))
		if t.Kind == typed.Null {
			t = b.D.Types.Null
		}
		if !s.All || s.Op != "union" {
			b.NoMap(t, s.At, strings.ToUpper(s.Op))
		}
		out.L, out.R = b.castColumn(out.L, i, t, s.At), b.castColumn(out.R, i, t, s.At)
		trimmed := out.L.Columns[i].Trimmed && out.R.Columns[i].Trimmed
		out.Columns = append(out.Columns, typed.Column{Name: l.Columns[i].Name, Type: t, Trimmed: trimmed})
	}
	if equal := b.equalSet(out); equal != nil {
		return equal
	}
	return out
}

// outputItem is the expression of the i-th output where it can be seen, so that literals keep their freedom.
func (b *binder) outputItem(q *typed.Query, i int) typed.Expr {
	if b.isNull(q, i) {
		return rules.Null(typed.T(typed.Null))
	}
	if s, ok := q.Body.(*typed.Select); ok && i < len(s.Items) {
		return s.Items[i]
	}
	return &typed.ColumnRef{Ty: typed.Ty{T: q.Columns[i].Type}, Name: q.Columns[i].Name, Trimmed: q.Columns[i].Trimmed}
}

// isNull reports whether the i-th output is nothing but NULL, which has no type of its own until it meets one.
func (b *binder) isNull(body typed.Body, i int) bool {
	switch body := body.(type) {
	case *typed.Query:
		return b.isNull(body.Body, i)
	case *typed.SetOp:
		return b.isNull(body.L, i) && b.isNull(body.R, i)
	case *typed.Select:
		l, ok := body.Items[i].(*typed.Literal)
		return ok && l.Null && l.T == b.D.Types.Null
	}
	return false
}

// setNull gives an output that isNull a type.
func setNull(body typed.Body, i int, t typed.Type) {
	switch body := body.(type) {
	case *typed.Query:
		setNull(body.Body, i, t)
		body.Columns[i].Type = t
	case *typed.SetOp:
		setNull(body.L, i, t)
		setNull(body.R, i, t)
		body.Columns[i].Type = t
	case *typed.Select:
		body.Items[i] = rules.Null(t)
		body.Columns[i].Type = t
	}
}

// castColumn makes the i-th output of a query have a type: in its select list when that changes nothing else, around the query otherwise.
func (b *binder) castColumn(q *typed.Query, i int, t typed.Type, at syntax.Pos) *typed.Query {
	if q.Columns[i].Type == t || t.Kind == typed.Unknown {
		return q
	}
	if b.isNull(q, i) {
		setNull(q, i, t)
		return q
	}
	if s, ok := q.Body.(*typed.Select); ok && !s.Distinct && s.Group == nil && len(q.Order) == 0 {
		s.Items[i] = b.Coerce(s.Items[i], t, rules.Implicit, at)
		s.Columns[i].Type, s.Columns[i].Trimmed = t, rules.Trimmed(s.Items[i])
		q.Columns[i] = s.Columns[i]
		return q
	}
	return b.wrap(q, func(j int, x typed.Expr) typed.Expr {
		if j == i {
			return b.Coerce(x, t, rules.Implicit, at)
		}
		return x
	})
}

// wrap puts SELECT f(column) ... FROM (q) around a query.
func (b *binder) wrap(q *typed.Query, f func(i int, x typed.Expr) typed.Expr) *typed.Query {
	alias := b.unique("q")
	phys := physical(q.Columns)
	s := &typed.Select{From: &typed.Derived{Query: q, Alias: alias, Columns: phys}}
	for i, c := range q.Columns {
		x := f(i, &typed.ColumnRef{Ty: typed.Ty{T: c.Type}, Table: alias, Name: phys[i], Trimmed: c.Trimmed})
		s.Items = append(s.Items, x)
		s.Columns = append(s.Columns, outputColumn(c.Name, x))
	}
	return &typed.Query{Body: s, Columns: s.Columns}
}

// outputColumn describes an item of a select list.
func outputColumn(name string, x typed.Expr) typed.Column {
	return typed.Column{Name: name, Type: x.Type(), Trimmed: rules.Trimmed(x)}
}

func (b *binder) values(v *syntax.Values, outer *scope, e *env) typed.Body {
	s := &scope{parent: outer, env: e, noAgg: "VALUES", noWin: "VALUES"}
	out := &typed.Values{}
	for _, row := range v.Rows {
		if len(row) != len(v.Rows[0]) {
			b.Fail(row[0].Position(), "VALUES rows have %d and %d columns", len(v.Rows[0]), len(row))
			return out
		}
		cells := make([]typed.Expr, len(row))
		for i, x := range row {
			cells[i] = b.expr(x, s)
		}
		out.Rows = append(out.Rows, cells)
	}
	for i := range v.Rows[0] {
		col := make([]typed.Expr, len(out.Rows))
		for r := range out.Rows {
			col[r] = out.Rows[r][i]
		}
		t := b.UnifyTypes(v.At, fmt.Sprintf("column %d of VALUES", i+1), col...)
		trimmed := true
		for r := range out.Rows {
			out.Rows[r][i] = b.Coerce(out.Rows[r][i], t, rules.Implicit, v.Rows[r][i].Position())
			trimmed = trimmed && rules.Trimmed(out.Rows[r][i])
		}
		out.Columns = append(out.Columns, typed.Column{Name: fmt.Sprintf("%s%d", b.D.Names.Values, i+1), Type: t, Trimmed: trimmed})
	}
	return out
}

// outputOrder binds the ORDER BY of a set operation: names and numbers of output columns.
func (b *binder) outputOrder(items []syntax.OrderItem, cols []typed.Column) []typed.Order {
	var out []typed.Order
	for _, it := range items {
		ref := b.outputRef(it.X, cols)
		if ref == nil {
			b.Fail(it.X.Position(), "ORDER BY of a set operation takes names or numbers of its columns")
			return nil
		}
		if t := ref.Type(); t.IsNested() {
			b.FailAs(syntax.Unsupported, it.X.Position(), "ORDER BY of %s behind a set operation is not supported: put it into a subquery", t.Lake())
		}
		out = append(out, b.SortKey(it.Desc, it.Nulls, ref))
	}
	return out
}

// outputRef finds an output by number or name; nil when x is neither.
func (b *binder) outputRef(x syntax.Expr, cols []typed.Column) typed.Expr {
	switch x := x.(type) {
	case *syntax.Literal:
		if x.Kind != syntax.Int {
			return nil
		}
		n := 0
		if _, err := fmt.Sscanf(x.Text, "%d", &n); err != nil || n < 1 || n > len(cols) {
			return b.FailAs(syntax.NoPosition, x.At, "ORDER BY position %s is not in the select list, which has %d columns", x.Text, len(cols))
		}
		return &typed.OutputRef{Ty: typed.Ty{T: cols[n-1].Type}, N: n}
	case *syntax.Column:
		if len(x.Name) != 1 {
			return nil
		}
		for i, c := range cols {
			if strings.EqualFold(c.Name, x.Name[0].Name) {
				return &typed.OutputRef{Ty: typed.Ty{T: c.Type}, N: i + 1}
			}
		}
	}
	return nil
}
