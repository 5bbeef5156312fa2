package bind

import (
	"fmt"
	"reflect"
	"strings"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// selectBody binds one SELECT and the ORDER BY that belongs to it.
func (b *binder) selectBody(s *syntax.Select, outer *scope, e *env, order []syntax.OrderItem) (*typed.Select, []typed.Order) {
	b.refuseSelect(s)
	s = b.divided(s)
	sc := &scope{parent: outer, env: e, names: map[string]typed.Expr{}, windows: map[string]*syntax.Window{}}
	for _, w := range s.Windows {
		sc.windows[w.Name.Name] = w.Window
	}
	out := &typed.Select{Distinct: s.Distinct}
	out.From = b.from(s.From, sc)
	if s.Where != nil {
		sc.noAgg, sc.noWin = "WHERE", "WHERE"
		names := sc.names
		sc.names, sc.aliases = nil, b.whereAliases(s)
		out.Where = b.condition(s.Where, sc, "WHERE")
		sc.noAgg, sc.noWin, sc.names, sc.aliases = "", "", names, nil
	}
	items := b.expand(s, out, sc)
	if b.grouped(s, items, order) {
		out.Group, sc.agg = b.group(s, sc, items)
	}
	b.items(out, items, sc)
	if s.Having != nil {
		sc.noWin = "HAVING"
		out.Having = b.condition(s.Having, sc, "HAVING")
		b.checkGrouped(out.Having, sc, s.Having.Position())
		sc.noWin = ""
	}
	if s.Qualify != nil {
		out.Qualify = b.condition(s.Qualify, sc, "QUALIFY")
		b.checkGrouped(out.Qualify, sc, s.Qualify.Position())
	}
	b.noMaps(out, s.At)
	return b.equalText(out, b.selectOrder(out, order, sc), sc.agg, s.At)
}

// noMaps refuses to group or take distinct rows by maps.
func (b *binder) noMaps(s *typed.Select, at syntax.Pos) {
	if s.Distinct {
		for _, x := range s.Items {
			b.NoMap(x.Type(), at, "DISTINCT")
		}
	}
	if s.Group != nil {
		for _, k := range s.Group.Keys {
			b.NoMap(k.Type(), at, "GROUP BY")
		}
	}
}

// whereAliases are the aliases of the select list, where a dialect lets WHERE use them.
func (b *binder) whereAliases(s *syntax.Select) map[string]syntax.Expr {
	if !b.D.Names.AliasInWhere {
		return nil
	}
	out := map[string]syntax.Expr{}
	for _, it := range s.Items {
		if name := strings.ToLower(it.Alias.Name); name != "" && out[name] == nil {
			out[name] = it.X
		}
	}
	return out
}

func (b *binder) refuseSelect(s *syntax.Select) {
	switch {
	case s.ConnectBy != nil:
		b.FailAs(syntax.Unsupported, s.ConnectBy.Pos, "CONNECT BY is not supported: write WITH RECURSIVE")
	case s.Into != nil:
		b.FailAs(syntax.Unsupported, s.Into.Position(), "SELECT INTO is not supported here: write CREATE TABLE ... AS")
	case s.DistinctOn != nil:
		b.FailAs(syntax.Unsupported, s.At, "DISTINCT ON is not supported")
	}
}

// item is one output column before it is bound; x is set for what a star stood for.
type item struct {
	syntax.SelectItem
	x    typed.Expr
	name string
}

// expand replaces stars, and functions that give rows, by the columns they stand for.
func (b *binder) expand(s *syntax.Select, sel *typed.Select, sc *scope) []item {
	var out []item
	rows := 0
	for _, it := range s.Items {
		star, ok := it.X.(*syntax.Star)
		switch f := b.generates(it.X); {
		case f != nil:
			if rows++; rows > 1 {
				b.FailAs(syntax.Unsupported, f.At, "a select list takes one function that gives rows: write LATERAL VIEW for the others")
			}
			out = append(out, b.explode(s, sel, it, f, sc)...)
			continue
		case it.Names != nil:
			b.Fail(it.Names[0].Pos, "several names are for a function that gives several columns")
			continue
		case !ok:
			out = append(out, item{SelectItem: it})
			continue
		}
		for _, c := range b.star(star, sc) {
			out = append(out, item{SelectItem: it, x: c.expr, name: c.name})
		}
	}
	if len(s.Exclude) > 0 {
		out = b.exclude(out, s.Exclude)
	}
	return out
}

func (b *binder) exclude(items []item, names []syntax.Ident) []item {
	for _, n := range names {
		kept := items[:0:0]
		for _, it := range items {
			if it.x == nil || !strings.EqualFold(it.name, n.Name) {
				kept = append(kept, it)
			}
		}
		if len(kept) == len(items) {
			b.FailAs(syntax.NoColumn, n.Pos, "column %q is not among the columns of *", n.Name)
		}
		items = kept
	}
	return items
}

// closed refuses a * over a relation whose columns are not known yet.
func (b *binder) closed(st *syntax.Star, src *source) {
	if src.open {
		b.Fail(st.At, "* over %q is not possible: its columns are not known before it is crawled; name them", src.alias)
	}
}

// star lists the columns of * or t.*.
func (b *binder) star(st *syntax.Star, sc *scope) []column {
	var out []column
	if st.Qualifier != nil {
		src := sc.source(st.Qualifier.Strings())
		if src == nil && b.D.Grammar.NestedTypes {
			if x, n := b.lookupIn(&syntax.Column{Node: st.Node, Name: st.Qualifier}, sc); n == 1 && x.Type().Kind == typed.Struct {
				return b.except(fieldsOf(x), st)
			}
		}
		if src == nil {
			b.FailAs(syntax.NoRelation, st.At, "table %q is not in FROM", st.Qualifier.String())
			return nil
		}
		b.closed(st, src)
		out = append(out, src.columns...)
	} else {
		if len(sc.sources) == 0 {
			b.Fail(st.At, "* needs a FROM clause")
		}
		out = append(out, sc.merged...)
		for _, src := range sc.sources {
			b.closed(st, src)
			for _, c := range src.columns {
				if !c.hidden {
					out = append(out, c)
				}
			}
		}
	}
	return b.except(out, st)
}

// fieldsOf are the columns that a struct's fields are.
func fieldsOf(x typed.Expr) []column {
	var out []column
	for i, f := range x.Type().Fields() {
		out = append(out, column{name: f.Name, expr: rules.FieldOf(x, i)})
	}
	return out
}

// except leaves out the columns that a star does not stand for.
func (b *binder) except(out []column, st *syntax.Star) []column {
	for _, ex := range st.Except {
		kept := out[:0:0]
		for _, c := range out {
			if !strings.EqualFold(c.name, ex.Name) {
				kept = append(kept, c)
			}
		}
		if len(kept) == len(out) {
			b.FailAs(syntax.NoColumn, ex.Pos, "column %q is not among the columns of *", ex.Name)
		}
		out = kept
	}
	return out
}

// items binds the select list; each alias can be used by the items after it.
func (b *binder) items(out *typed.Select, items []item, sc *scope) {
	for _, it := range items {
		x, name := it.x, it.name
		if x == nil {
			x = b.expr(it.X, sc)
			name = b.outputName(it.SelectItem)
			if it.Alias.Name != "" {
				if _, taken := sc.names[strings.ToLower(name)]; !taken {
					sc.names[strings.ToLower(name)] = x
				}
			}
		}
		b.checkGrouped(x, sc, it.X.Position())
		if x.Type().Kind == typed.Null {
			x = b.Coerce(x, b.D.Types.Null, rules.Implicit, it.X.Position())
		}
		out.Items = append(out.Items, x)
		out.Columns = append(out.Columns, outputColumn(name, x))
	}
}

// selectOrder binds ORDER BY: an output's number or name, or an expression.
func (b *binder) selectOrder(out *typed.Select, order []syntax.OrderItem, sc *scope) []typed.Order {
	var keys []typed.Order
	for _, it := range order {
		x := b.outputRef(it.X, out.Columns)
		if x == nil {
			x = b.expr(it.X, sc)
			for i, o := range out.Items {
				if reflect.DeepEqual(o, x) {
					x = &typed.OutputRef{Ty: typed.Ty{T: o.Type()}, N: i + 1}
					break
				}
			}
			if _, isOutput := x.(*typed.OutputRef); !isOutput {
				if out.Distinct {
					b.FailAs(syntax.NoPosition, it.X.Position(), "with SELECT DISTINCT, ORDER BY takes only columns of the select list")
				}
				b.checkGrouped(x, sc, it.X.Position())
			}
		}
		b.NoMap(x.Type(), it.X.Position(), "ORDER BY")
		if ref, ok := x.(*typed.OutputRef); ok && x.Type().IsNested() {
			if out.Distinct {
				b.FailAs(syntax.Unsupported, it.X.Position(), "ORDER BY of %s beside DISTINCT is not supported", x.Type().Lake())
			}
			x = out.Items[ref.N-1]
		}
		if sc.agg != nil && x.Type().IsNested() {
			x = rules.Call("identity", x.Type(), x) // a key of the groups stays whole
		}
		keys = append(keys, b.SortKey(it.Desc, it.Nulls, x))
	}
	return keys
}

// outputName is the name of an output column without an alias.
func (b *binder) outputName(it syntax.SelectItem) string {
	if it.Alias.Name != "" {
		return it.Alias.Name
	}
	if c, ok := it.X.(*syntax.Column); ok {
		return c.Name.Last().Name
	}
	return b.D.Names.Output(it)
}

// isAggregate reports whether a function aggregates without an OVER clause.
func (b *binder) isAggregate(name string) bool {
	f := b.D.Function(name)
	return f != nil && f.Kind == dialect.Aggregate
}

// condition binds a boolean.
func (b *binder) condition(x syntax.Expr, s *scope, where string) typed.Expr {
	return b.Condition(b.expr(x, s), where, x.Position())
}

// grouping is what a grouped SELECT may use.
type grouping struct {
	keys  []typed.Expr
	local map[string]bool // aliases of the sources grouped over
}

// grouped reports whether a SELECT groups: by GROUP BY, HAVING, or an aggregate in its outputs.
func (b *binder) grouped(s *syntax.Select, items []item, order []syntax.OrderItem) bool {
	if s.Group != nil || s.Having != nil {
		return true
	}
	found := false
	look := func(x syntax.Expr) {
		syntax.Walk(x, func(x syntax.Expr) {
			if f, ok := x.(*syntax.Func); ok && f.Over == nil && f.OverName == "" && b.isAggregate(f.Name.Last().Name) {
				found = true
			}
		})
	}
	for _, it := range items {
		if it.x == nil {
			look(it.X)
		}
	}
	for _, o := range order {
		look(o.X)
	}
	if s.Qualify != nil {
		look(s.Qualify)
	}
	return found
}

// group binds GROUP BY.
func (b *binder) group(s *syntax.Select, sc *scope, items []item) (*typed.Group, *grouping) {
	g := &typed.Group{}
	agg := &grouping{local: map[string]bool{}}
	for _, src := range sc.sources {
		agg.local[src.unique] = true
	}
	if s.Group != nil {
		sc.noAgg, sc.noWin = "GROUP BY", "GROUP BY"
		if s.Group.All {
			b.groupAll(g, sc, items)
		} else {
			b.groupItems(g, s.Group.Items, sc, items)
		}
		sc.noAgg, sc.noWin = "", ""
	}
	agg.keys = g.Keys
	return g, agg
}

// groupAll groups by every output without an aggregate.
func (b *binder) groupAll(g *typed.Group, sc *scope, items []item) {
	for _, it := range items {
		has := false
		syntax.Walk(it.X, func(x syntax.Expr) {
			if f, ok := x.(*syntax.Func); ok && f.Over == nil && b.isAggregate(f.Name.Last().Name) {
				has = true
			}
		})
		switch {
		case it.x != nil:
			addKey(g, it.x)
		case !has:
			addKey(g, b.expr(it.X, sc))
		}
	}
}

func addKey(g *typed.Group, x typed.Expr) int {
	for i, k := range g.Keys {
		if reflect.DeepEqual(k, x) {
			return i
		}
	}
	g.Keys = append(g.Keys, x)
	return len(g.Keys) - 1
}

// groupItems binds the elements; several ROLLUP, CUBE or SETS multiply.
func (b *binder) groupItems(g *typed.Group, items []syntax.GroupItem, sc *scope, outputs []item) {
	sets := [][]int{{}}
	special := false
	for _, it := range items {
		var lists [][]int
		if it.Kind == "" {
			lists = [][]int{{addKey(g, b.groupKey(it.X, sc, outputs))}}
		} else {
			special = true
			lists = b.groupSets(g, it, sc, outputs)
		}
		var next [][]int
		for _, have := range sets {
			for _, l := range lists {
				next = append(next, append(append([]int{}, have...), l...))
			}
		}
		sets = next
		if len(sets) > 4096 {
			b.FailAs(syntax.TooComplex, it.Pos, "GROUP BY makes more than 4096 grouping sets")
			return
		}
	}
	if special {
		g.Sets = sets
	}
}

func (b *binder) groupSets(g *typed.Group, it syntax.GroupItem, sc *scope, outputs []item) [][]int {
	var elems [][]int
	for _, set := range it.Sets {
		keys := []int{}
		for _, x := range set {
			keys = append(keys, addKey(g, b.groupKey(x, sc, outputs)))
		}
		elems = append(elems, keys)
	}
	join := func(parts [][]int) []int {
		out := []int{}
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	switch it.Kind {
	case "sets":
		return elems
	case "rollup":
		var out [][]int
		for n := len(elems); n >= 0; n-- {
			out = append(out, join(elems[:n]))
		}
		return out
	}
	if len(elems) > 12 {
		b.FailAs(syntax.Unsupported, it.Pos, "CUBE of more than 12 elements is not supported")
		return elems
	}
	var out [][]int
	for mask := 1<<len(elems) - 1; mask >= 0; mask-- {
		var parts [][]int
		for i := range elems {
			if mask&(1<<(len(elems)-1-i)) != 0 {
				parts = append(parts, elems[i])
			}
		}
		out = append(out, join(parts))
	}
	return out
}

// groupKey binds a key: an output's number, a column, an output's alias, or an expression.
func (b *binder) groupKey(x syntax.Expr, sc *scope, outputs []item) typed.Expr {
	if l, ok := x.(*syntax.Literal); ok && l.Kind == syntax.Int {
		n := 0
		if _, err := fmt.Sscanf(l.Text, "%d", &n); err != nil || n < 1 || n > len(outputs) {
			return b.FailAs(syntax.NoPosition, l.At, "GROUP BY position %s is not in the select list, which has %d columns", l.Text, len(outputs))
		}
		return b.outputKey(outputs[n-1], sc)
	}
	if c, ok := x.(*syntax.Column); ok && len(c.Name) == 1 {
		if y, n := sc.plain(c.Name[0].Name); n == 0 && y == nil {
			for _, o := range outputs {
				if o.x == nil && strings.EqualFold(o.Alias.Name, c.Name[0].Name) {
					return b.outputKey(o, sc)
				}
			}
		}
	}
	return b.expr(x, sc)
}

func (b *binder) outputKey(o item, sc *scope) typed.Expr {
	if o.x != nil {
		return o.x
	}
	return b.expr(o.X, sc)
}

// checkGrouped refuses a column of a grouped SELECT that is neither a key nor inside of an aggregate.
func (b *binder) checkGrouped(x typed.Expr, sc *scope, at syntax.Pos) {
	if sc.agg == nil || b.Err != nil || x == nil {
		return
	}
	for _, k := range sc.agg.keys {
		if reflect.DeepEqual(k, x) {
			return
		}
	}
	switch x := x.(type) {
	case *typed.ColumnRef:
		if sc.agg.local[x.Table] {
			b.FailAs(syntax.Grouping, at, "column %q must appear in GROUP BY or be used in an aggregate function", x.Name)
		}
		return
	case *typed.Aggregate:
		if x.Over == nil {
			return
		}
	}
	for _, c := range typed.Children(x) {
		b.checkGrouped(c, sc, at)
	}
}
