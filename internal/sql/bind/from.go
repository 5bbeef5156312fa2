package bind

import (
	"cmp"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// from binds the elements of FROM into the scope; commas are cross joins.
func (b *binder) from(refs []syntax.TableRef, sc *scope) typed.From {
	var out typed.From
	for _, r := range refs {
		f := b.tableRef(r, sc)
		if out == nil {
			out = f
			continue
		}
		out = &typed.Join{Kind: "cross", L: out, R: f}
	}
	return out
}

func (b *binder) tableRef(r syntax.TableRef, sc *scope) typed.From {
	switch r := r.(type) {
	case *syntax.Table:
		return b.table(r, sc)
	case *syntax.Derived:
		return b.derived(r, sc)
	case *syntax.Join:
		return b.join(r, sc)
	case *syntax.TableFunc:
		return b.tableFunc(r, sc)
	case *syntax.Pivot:
		return b.pivot(r, sc)
	case *syntax.Unpivot:
		return b.unpivot(r, sc)
	case *syntax.LateralView:
		return b.lateralView(r, sc)
	default:
		b.FailAs(syntax.Unsupported, r.Position(), "this element of FROM is not supported")
	}
	return &typed.Derived{Query: &typed.Query{Body: &typed.Values{}}, Alias: "error"}
}

func (b *binder) addSource(sc *scope, src *source, at syntax.Pos) {
	for _, have := range sc.sources {
		if strings.EqualFold(have.alias, src.alias) && src.alias != "" {
			b.FailAs(syntax.DuplicateAlias, at, "table name %q is used twice in FROM", src.alias)
		}
	}
	sc.sources = append(sc.sources, src)
}

func (b *binder) table(t *syntax.Table, sc *scope) typed.From {
	alias := t.Name.Last().Name
	if t.Alias.Name != "" {
		alias = t.Alias.Name
	}
	if t.Value != nil {
		return b.unnest(t, b.expr(t.Value, sc), sc)
	}
	if len(t.Name) == 1 && !t.Stream {
		if c := sc.env.find(t.Name[0].Name); c != nil {
			unique := b.unique(alias)
			cols := b.renamed(t.Columns, c.columns, t.At)
			b.addSource(sc, newSource(alias, unique, cols, c.cols), t.At)
			return &typed.CTERef{Name: c.physical, Alias: unique}
		}
	}
	if b.D.Types.Super {
		if x := b.unnestTarget(t, sc); x != nil {
			return b.unnest(t, x, sc)
		}
	}
	rel := b.relation(t.Name, t.Stream)
	unique := b.unique(alias)
	names := make([]string, len(rel.Columns))
	for i, c := range rel.Columns {
		names[i] = c.Name
	}
	src := newSource(alias, unique, b.renamed(t.Columns, rel.Columns, t.At), names)
	src.open = rel.Open
	src.path = pathOf(rel, t.Name, t.Alias)
	b.addSource(sc, src, t.At)
	return &typed.Scan{Relation: rel, Alias: unique}
}

// pathOf is the qualified name by which columns may be asked of a relation: its own, or as the text has it where that is longer
// (it names the database too). An alias hides it.
func pathOf(rel typed.Relation, written syntax.Name, alias syntax.Ident) []string {
	switch {
	case alias.Name != "":
		return nil
	case len(rel.Name) < len(written):
		return written.Strings()
	}
	return rel.Name
}

// relation looks a relation up.
func (b *binder) relation(name syntax.Name, stream bool) typed.Relation {
	if b.o.Lookup == nil {
		b.FailAs(syntax.NoRelation, name.Position(), "relation %q does not exist", name.String())
		return typed.Relation{}
	}
	rel, err := b.o.Lookup(name.Strings())
	if err != nil {
		b.FailBy(syntax.NoRelation, name.Position(), err)
		return typed.Relation{}
	}
	rel.Stream = stream
	key := strings.Join(rel.Name, ".")
	for _, r := range b.relations {
		if strings.Join(r.Name, ".") == key && r.Stream == stream {
			return rel
		}
	}
	b.relations = append(b.relations, rel)
	return rel
}

func (b *binder) derived(d *syntax.Derived, sc *scope) typed.From {
	outer := &scope{parent: sc.parent, env: sc.env}
	if d.Lateral {
		outer = &scope{parent: sc.parent, env: sc.env, sources: append([]*source{}, sc.sources...), merged: sc.merged}
	}
	q := b.query(d.Query, outer, sc.env)
	alias := d.Alias.Name
	unique := b.unique(cmp.Or(alias, "sub"))
	cols := b.renamed(d.Columns, q.Columns, d.At)
	phys := physical(cols)
	b.addSource(sc, newSource(alias, unique, cols, phys), d.At)
	return &typed.Derived{Query: q, Lateral: d.Lateral, Alias: unique, Columns: phys}
}

func (b *binder) join(j *syntax.Join, sc *scope) typed.From {
	before := len(sc.sources)
	out := &typed.Join{Kind: j.Kind}
	out.L = b.tableRef(j.L, sc)
	middle := len(sc.sources)
	out.R = b.tableRef(j.R, sc)
	using := j.Using
	if j.Natural {
		using = natural(sc, before, middle)
	}
	switch {
	case len(using) > 0:
		out.On = b.using(using, j, sc, before, middle)
	case j.On != nil:
		only := &scope{parent: sc.parent, env: sc.env, sources: sc.sources[before:], merged: sc.merged, noAgg: "ON", noWin: "ON"}
		out.On = b.condition(j.On, only, "ON")
	}
	if out.On == nil && (out.Kind == "inner" || out.Kind == "cross") {
		out.Kind = "cross"
	} else if out.On == nil {
		out.On = rules.Lit(rules.Bool, "true")
	}
	if j.Kind == "semi" || j.Kind == "anti" {
		sc.sources = sc.sources[:middle]
	}
	return out
}

// natural lists the column names that both sides have.
func natural(sc *scope, before, middle int) []syntax.Ident {
	var out []syntax.Ident
	for _, l := range sc.sources[before:middle] {
		for _, c := range l.columns {
			for _, r := range sc.sources[middle:] {
				if r.column(c.name) != nil && !c.hidden {
					out = append(out, syntax.Ident{Name: c.name})
				}
			}
		}
	}
	return out
}

// using makes the condition and merges the columns: each stands once, from the side that has a row.
func (b *binder) using(names []syntax.Ident, j *syntax.Join, sc *scope, before, middle int) typed.Expr {
	var conds []typed.Expr
	for _, n := range names {
		l := b.usingSide(n, sc, sc.sources[before:middle], j.At)
		r := b.usingSide(n, &scope{}, sc.sources[middle:], j.At)
		if l == nil || r == nil {
			return nil
		}
		conds = append(conds, b.Compare("=", l, r, n.Pos))
		merged := column{name: n.Name, expr: l}
		switch j.Kind {
		case "right":
			merged.expr = r
		case "full":
			t := b.UnifyTypes(n.Pos, "USING", l, r)
			merged.expr = rules.Call("coalesce", t, b.Coerce(l, t, rules.Implicit, n.Pos), b.Coerce(r, t, rules.Implicit, n.Pos))
		}
		if j.Kind == "semi" || j.Kind == "anti" {
			continue
		}
		replaced := false
		for i := range sc.merged {
			if strings.EqualFold(sc.merged[i].name, n.Name) {
				sc.merged[i] = merged
				replaced = true
			}
		}
		if !replaced {
			sc.merged = append(sc.merged, merged)
		}
		for _, src := range sc.sources[before:] {
			for i := range src.columns {
				if strings.EqualFold(src.columns[i].name, n.Name) {
					src.columns[i].hidden = true
				}
			}
		}
	}
	return and(conds)
}

func (b *binder) usingSide(n syntax.Ident, sc *scope, sources []*source, at syntax.Pos) typed.Expr {
	for _, m := range sc.merged {
		if strings.EqualFold(m.name, n.Name) {
			return m.expr
		}
	}
	var found typed.Expr
	for _, src := range sources {
		if x := src.column(n.Name); x != nil {
			if found != nil {
				return b.FailAs(syntax.Ambiguous, n.Pos, "column %q of USING is ambiguous", n.Name)
			}
			found = x
		}
	}
	if found == nil {
		b.FailAs(syntax.NoColumn, n.Pos, "column %q of USING does not exist on both sides", n.Name)
	}
	return found
}

func and(conds []typed.Expr) typed.Expr {
	if len(conds) == 1 {
		return conds[0]
	}
	return &typed.Logic{Items: conds}
}

// tableFunc binds a function in FROM: generate_series and Spark's range.
func (b *binder) tableFunc(t *syntax.TableFunc, sc *scope) typed.From {
	if known := b.o.Session.table(t); known != nil {
		return b.tableRef(known, sc)
	}
	name := t.Call.Name.Last().Name
	inner := &scope{parent: sc.parent, env: sc.env, noAgg: "FROM", noWin: "FROM"}
	if f := b.generates(t.Call); f != nil && !t.Typed {
		return b.generated(f, false, t.Alias.Name, t.Columns, sc, inner)
	}
	var args []typed.Expr
	for _, a := range t.Call.Args {
		args = append(args, b.Coerce(b.expr(a, inner), rules.Bigint, rules.Implicit, a.Position()))
	}
	rule, ok := b.D.Ranges[name]
	r := &typed.Range{Step: rules.Lit(rules.Bigint, "1"), Start: rules.Lit(rules.Bigint, "0"), Column: rule.Column, Inclusive: rule.Inclusive}
	if t.Typed {
		b.FailAs(syntax.Unsupported, t.At, "a column definition list is not supported")
	}
	if !ok || len(args) < rule.Min || len(args) > rule.Max {
		b.FailAs(syntax.Unsupported, t.At, "function %q in FROM is not supported", name)
		return r
	}
	if len(args) == 1 {
		r.Stop = args[0]
	} else {
		r.Start, r.Stop = args[0], args[1]
	}
	if len(args) == 3 {
		r.Step = args[2]
	}
	alias := cmp.Or(t.Alias.Name, name)
	r.Alias = b.unique(alias)
	phys := []string{r.Column}
	cols := b.renamed(t.Columns, []typed.Column{{Name: r.Column, Type: rules.Bigint}}, t.At)
	if t.Columns == nil && t.Alias.Name != "" && b.D.Names.AliasIsValue {
		cols[0].Name = t.Alias.Name
	}
	b.addSource(sc, newSource(alias, r.Alias, cols, phys), t.At)
	return r
}

// unnestTarget returns the value that a name in FROM means if it is a path into a SUPER column of an element to its left; nil otherwise.
func (b *binder) unnestTarget(t *syntax.Table, sc *scope) typed.Expr {
	src := sc.source([]string{t.Name[0].Name})
	if src == nil {
		return nil
	}
	if src.element {
		return b.Path(src.columns[0].expr, t.Name[1:])
	}
	if len(t.Name) == 1 {
		return nil
	}
	x := src.column(t.Name[1].Name)
	if x == nil || x.Type().Kind != typed.Super {
		return nil
	}
	return b.Path(x, t.Name[2:])
}

func (b *binder) unnest(t *syntax.Table, x typed.Expr, sc *scope) typed.From {
	if k := x.Type().Kind; k != typed.Super {
		b.FailAs(syntax.Mismatch, t.At, "FROM takes arrays of SUPER values, this is %s", x.Type())
	}
	alias := cmp.Or(t.Alias.Name, t.Name.Last().Name)
	u := &typed.Unnest{X: x, Alias: b.unique(alias), Value: "value", Index: "index"}
	src := &source{alias: alias, unique: u.Alias, element: true}
	value := &typed.ColumnRef{Ty: typed.Ty{T: typed.T(typed.Super)}, Table: u.Alias, Name: u.Value}
	src.columns = append(src.columns, column{name: alias, expr: value})
	if t.AtAlias.Name != "" {
		src.columns = append(src.columns,
			column{name: t.AtAlias.Name, expr: &typed.ColumnRef{Ty: typed.Ty{T: rules.Bigint}, Table: u.Alias, Name: u.Index}})
	}
	b.addSource(sc, src, t.At)
	return u
}
