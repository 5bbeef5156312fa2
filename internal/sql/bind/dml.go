package bind

import (
	"cmp"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/nearest"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// targetColumn finds a column of a target.
func (b *binder) targetColumn(rel typed.Relation, id syntax.Ident) typed.Column {
	names := make([]string, len(rel.Columns))
	for i, c := range rel.Columns {
		if strings.EqualFold(c.Name, id.Name) {
			return c
		}
		names[i] = c.Name
	}
	hint := ""
	if near := nearest.Word(strings.ToLower(id.Name), names); near != "" {
		hint = ", did you mean " + near + "?"
	}
	b.FailAs(syntax.NoColumn, id.Pos, "column %q does not exist in %q%s", id.Name, strings.Join(rel.Name, "."), hint)
	return typed.Column{}
}

func (b *binder) insert(s *syntax.Insert) typed.Statement {
	if s.Overwrite {
		b.FailAs(syntax.Unsupported, s.At, "INSERT OVERWRITE is not supported")
	}
	rel := b.relation(s.Target, false)
	out := &typed.Insert{Target: rel}
	if s.Columns == nil {
		for _, c := range rel.Columns {
			if !c.Generated || s.Query == nil {
				out.Columns = append(out.Columns, c)
			}
		}
	}
	for i, id := range s.Columns {
		c := b.targetColumn(rel, id)
		if c.Generated {
			b.Fail(id.Pos, "cannot set an identity column to a value")
		}
		for _, other := range s.Columns[:i] {
			if strings.EqualFold(other.Name, id.Name) {
				b.FailAs(syntax.DuplicateColumn, id.Pos, "column %q is named twice", id.Name)
			}
		}
		out.Columns = append(out.Columns, c)
	}
	if s.Query == nil || b.Err != nil {
		return out
	}
	if v, ok := s.Query.Body.(*syntax.Values); ok && len(s.Query.With) == 0 {
		out.Query = b.insertValues(v, out, s)
		return out
	}
	q := b.query(s.Query, nil, nil)
	b.arity(len(q.Columns), out, s)
	if b.Err != nil {
		return out
	}
	out.Columns = out.Columns[:len(q.Columns)]
	out.Query = b.assignColumns(q, out.Columns, s.At)
	return out
}

// arity checks the number of values; without a column list Redshift lets the last columns take their defaults.
func (b *binder) arity(n int, out *typed.Insert, s *syntax.Insert) {
	switch {
	case n > len(out.Columns):
		b.Fail(s.At, "INSERT has more expressions than target columns: %d for %d", n, len(out.Columns))
	case n < len(out.Columns) && (s.Columns != nil || !b.D.Grammar.DefaultsAtEnd):
		b.Fail(s.At, "INSERT has fewer expressions than target columns: %d for %d", n, len(out.Columns))
	}
}

func (b *binder) insertValues(v *syntax.Values, out *typed.Insert, s *syntax.Insert) *typed.Query {
	sc := &scope{noAgg: "VALUES", noWin: "VALUES"}
	vals := &typed.Values{}
	b.arity(len(v.Rows[0]), out, s)
	if b.Err != nil {
		return nil
	}
	out.Columns = out.Columns[:len(v.Rows[0])]
	for _, row := range v.Rows {
		if len(row) != len(out.Columns) {
			b.Fail(row[0].Position(), "VALUES rows have %d and %d columns", len(out.Columns), len(row))
			return nil
		}
		cells := make([]typed.Expr, len(row))
		for i, x := range row {
			if _, ok := x.(*syntax.Default); ok {
				cells[i] = &typed.Default{Ty: typed.Ty{T: out.Columns[i].Type}}
				continue
			}
			cells[i] = b.Coerce(b.expr(x, sc), out.Columns[i].Type, rules.Assign, x.Position())
		}
		vals.Rows = append(vals.Rows, cells)
	}
	vals.Columns = out.Columns
	return &typed.Query{Body: vals, Columns: out.Columns}
}

// assignColumns converts the outputs of a query to the columns they enter.
func (b *binder) assignColumns(q *typed.Query, cols []typed.Column, at syntax.Pos) *typed.Query {
	same := true
	for i, c := range cols {
		same = same && q.Columns[i].Type == c.Type
	}
	if same {
		return q
	}
	if sel, ok := q.Body.(*typed.Select); ok && len(q.Order) == 0 && !sel.Distinct {
		for i, c := range cols {
			sel.Items[i] = b.Coerce(sel.Items[i], c.Type, rules.Assign, at)
			sel.Columns[i].Type, sel.Columns[i].Trimmed = c.Type, rules.Trimmed(sel.Items[i])
		}
		return q
	}
	return b.wrap(q, func(i int, x typed.Expr) typed.Expr { return b.Coerce(x, cols[i].Type, rules.Assign, at) })
}

// target makes the scope of UPDATE, DELETE or MERGE with the target in it.
func (b *binder) target(name syntax.Name, alias syntax.Ident, e *env) (typed.Relation, string, *scope) {
	rel := b.relation(name, false)
	shown := cmp.Or(alias.Name, name.Last().Name)
	unique := b.unique(shown)
	sc := &scope{env: e, names: map[string]typed.Expr{}}
	names := make([]string, len(rel.Columns))
	for i, c := range rel.Columns {
		names[i] = c.Name
	}
	src := newSource(shown, unique, rel.Columns, names)
	src.path = pathOf(rel, name, alias)
	sc.sources = []*source{src}
	return rel, unique, sc
}

func (b *binder) sets(rel typed.Relation, all []syntax.Assignment, sc *scope) []typed.Set {
	var out []typed.Set
	for _, a := range all {
		c := b.targetColumn(rel, a.Column)
		if c.Generated {
			b.Fail(a.Column.Pos, "cannot set an identity column to a value")
		}
		var x typed.Expr = &typed.Default{Ty: typed.Ty{T: c.Type}}
		if _, ok := a.Value.(*syntax.Default); !ok {
			x = b.Coerce(b.expr(a.Value, sc), c.Type, rules.Assign, a.Value.Position())
		}
		out = append(out, typed.Set{Column: c.Name, Value: x})
	}
	return out
}

// others binds FROM of UPDATE and USING of DELETE. The target may be named there again, which makes it one more element.
func (b *binder) others(refs []syntax.TableRef, sc *scope) typed.From {
	if len(refs) == 0 {
		return nil
	}
	return b.from(refs, sc)
}

func (b *binder) update(s *syntax.Update) typed.Statement {
	holder := &typed.Query{}
	e := b.ctes(s.With, false, nil, nil, holder)
	rel, alias, sc := b.target(s.Target, s.Alias, e)
	out := &typed.Update{With: holder.With, Target: rel, Alias: alias}
	out.From = b.others(s.From, sc)
	sc.noAgg, sc.noWin = "UPDATE", "UPDATE"
	out.Sets = b.sets(rel, s.Set, sc)
	if s.Where != nil {
		out.Where = b.condition(s.Where, sc, "WHERE")
	}
	return out
}

func (b *binder) delete(s *syntax.Delete) typed.Statement {
	holder := &typed.Query{}
	e := b.ctes(s.With, false, nil, nil, holder)
	rel, alias, sc := b.target(s.Target, s.Alias, e)
	out := &typed.Delete{With: holder.With, Target: rel, Alias: alias}
	out.Using = b.others(s.Using, sc)
	if s.Where != nil {
		sc.noAgg, sc.noWin = "WHERE", "WHERE"
		out.Where = b.condition(s.Where, sc, "WHERE")
	}
	return out
}

func (b *binder) merge(s *syntax.Merge) typed.Statement {
	rel, alias, sc := b.target(s.Target, s.Alias, nil)
	out := &typed.Merge{Target: rel, Alias: alias}
	out.Source = b.tableRef(s.Source, sc)
	out.On = b.condition(s.On, sc, "ON")
	if s.RemoveDuplicates {
		out.Clauses = b.removeDuplicates(s, rel, sc)
		return out
	}
	only := &scope{sources: sc.sources[1:]}
	for _, c := range s.Clauses {
		out.Clauses = append(out.Clauses, b.mergeClause(c, rel, sc, only))
	}
	return out
}

func (b *binder) mergeClause(c syntax.MergeClause, rel typed.Relation, sc, source *scope) typed.MergeClause {
	m := typed.MergeClause{Matched: c.Matched, Action: c.Action}
	where := sc
	if !c.Matched {
		where = source
	}
	if c.Cond != nil {
		m.Cond = b.condition(c.Cond, where, "WHEN")
	}
	switch c.Action {
	case "update":
		m.Sets = b.sets(rel, c.Set, sc)
	case "insert":
		cols := c.Columns
		if cols == nil {
			for _, col := range rel.Columns {
				cols = append(cols, syntax.Ident{Name: col.Name, Pos: c.Pos})
			}
		}
		if len(c.Values) > len(cols) || c.Columns != nil && len(c.Values) != len(cols) {
			b.Fail(c.Pos, "INSERT has %d values for %d columns", len(c.Values), len(cols))
			return m
		}
		for i, v := range c.Values {
			col := b.targetColumn(rel, cols[i])
			m.Columns = append(m.Columns, col.Name)
			if _, ok := v.(*syntax.Default); ok {
				m.Values = append(m.Values, &typed.Default{Ty: typed.Ty{T: col.Type}})
				continue
			}
			m.Values = append(m.Values, b.Coerce(b.expr(v, source), col.Type, rules.Assign, v.Position()))
		}
	}
	return m
}

// removeDuplicates is MERGE ... REMOVE DUPLICATES: a matched row takes the source's values, others are inserted.
func (b *binder) removeDuplicates(s *syntax.Merge, rel typed.Relation, sc *scope) []typed.MergeClause {
	src := sc.sources[1]
	upd := typed.MergeClause{Matched: true, Action: "update"}
	ins := typed.MergeClause{Action: "insert"}
	if len(src.columns) != len(rel.Columns) {
		b.Fail(s.At, "REMOVE DUPLICATES needs a source with the target's %d columns, it has %d", len(rel.Columns), len(src.columns))
		return nil
	}
	for i, c := range rel.Columns {
		x := b.Coerce(src.columns[i].expr, c.Type, rules.Assign, s.At)
		upd.Sets = append(upd.Sets, typed.Set{Column: c.Name, Value: x})
		ins.Columns = append(ins.Columns, c.Name)
		ins.Values = append(ins.Values, x)
	}
	return []typed.MergeClause{upd, ins}
}
