package bind

import (
	"strings"

	"penstock/internal/sql/nearest"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// env is the chain of common table expressions that are visible.
type env struct {
	parent *env
	name   string
	cte    *cte
}

type cte struct {
	physical string
	columns  []typed.Column // visible names
	cols     []string       // physical names
}

func (e *env) find(name string) *cte {
	for ; e != nil; e = e.parent {
		if strings.EqualFold(e.name, name) {
			return e.cte
		}
	}
	return nil
}

// source is one named element of FROM.
type source struct {
	alias   string   // as the text refers to it
	path    []string // qualified name of a relation, for schema.table.column
	unique  string
	columns []column
	element bool // its first column is an element of an array: the alias names it, and a path may follow
	open    bool // any further name may be a column of it: see typed.Relation
}

type column struct {
	name   string
	expr   typed.Expr
	hidden bool // merged into another by USING
}

// scope is where names of one SELECT are found.
type scope struct {
	parent  *scope
	env     *env
	sources []*source
	merged  []column               // USING columns, found before the sources' own
	names   map[string]typed.Expr  // aliases of the select list so far
	aliases map[string]syntax.Expr // and those that WHERE may use, not bound yet
	windows map[string]*syntax.Window
	noAgg   string // why no aggregate may stand here; empty when it may
	noWin   string
	agg     *grouping // set for a grouped SELECT while its outputs are bound
}

// columnRef finds a name.
func (b *binder) columnRef(c *syntax.Column, s *scope) typed.Expr {
	for at := s; at != nil; at = at.parent {
		x, n := b.lookupIn(c, at)
		if n > 1 {
			return b.FailAs(syntax.Ambiguous, c.At, "column %q is ambiguous: more than one table of FROM has it", c.Name.String())
		}
		if x == nil && len(c.Name) == 1 {
			x = b.alias(c, at)
		}
		if x != nil {
			return x
		}
	}
	if len(c.Name) == 1 && !c.Name[0].Quoted {
		if fn := b.D.Function(c.Name[0].Name); fn != nil && fn.Bare {
			return b.call(fn, &syntax.Func{Node: c.Node, Name: c.Name}, s)
		}
	}
	if len(c.Name) == 1 {
		if x := b.openColumn(c, s); x != nil {
			return x
		}
	}
	return b.noColumn(c, s)
}

// alias binds what the select list calls by a name; nil when it does not. While it is bound it has no name, so it cannot hold itself.
func (b *binder) alias(c *syntax.Column, s *scope) typed.Expr {
	name := strings.ToLower(c.Name[0].Name)
	x := s.aliases[name]
	if x == nil {
		return nil
	}
	s.aliases[name] = nil
	defer func() { s.aliases[name] = x }()
	return b.expr(x, s)
}

// openColumn takes a name that no relation is known to have for a column of the one whose columns are still unknown.
func (b *binder) openColumn(c *syntax.Column, s *scope) typed.Expr {
	for at := s; at != nil; at = at.parent {
		var open []*source
		for _, src := range at.sources {
			if src.open {
				open = append(open, src)
			}
		}
		if len(open) > 1 {
			return b.FailAs(syntax.Ambiguous, c.At, "column %q may be of %s or %s, whose columns are not known yet: qualify it", c.Name.String(),
				open[0].alias, open[1].alias)
		}
		if len(open) == 1 {
			return open[0].grow(c.Name[0].Name)
		}
	}
	return nil
}

// grow adds a column of unknown type to an open source.
func (src *source) grow(name string) typed.Expr {
	name = strings.ToLower(name)
	grown := newSource(src.alias, src.unique, []typed.Column{{Name: name, Type: typed.T(typed.Unknown)}}, []string{name})
	src.columns = append(src.columns, grown.columns...)
	return grown.columns[0].expr
}

// lookupIn finds a name in one scope, with the number of finds.
func (b *binder) lookupIn(c *syntax.Column, s *scope) (typed.Expr, int) {
	first := c.Name[0].Name
	if len(c.Name) == 1 {
		return s.plain(first)
	}
	for split := len(c.Name) - 1; split >= 1; split-- {
		src := s.source(c.Name[:split].Strings())
		if src == nil {
			continue
		}
		if src.element {
			return b.Path(src.columns[0].expr, c.Name[split:]), 1
		}
		x := src.column(c.Name[split].Name)
		if x == nil && src.open {
			x = src.grow(c.Name[split].Name)
		}
		if x == nil {
			continue // a column may have the table's name, and fields
		}
		return b.Path(x, c.Name[split+1:]), 1
	}
	x, n := s.plain(first)
	if x != nil && (x.Type().Kind == typed.Super || x.Type().IsNested() || x.Type().Kind == typed.Unknown && !b.D.Types.Super) {
		return b.Path(x, c.Name[1:]), n
	}
	return nil, 0
}

// plain finds an unqualified name.
func (s *scope) plain(name string) (typed.Expr, int) {
	for _, m := range s.merged {
		if strings.EqualFold(m.name, name) {
			return m.expr, 1
		}
	}
	var found typed.Expr
	n := 0
	for _, src := range s.sources {
		for _, c := range src.columns {
			if strings.EqualFold(c.name, name) && !c.hidden {
				found = c.expr
				n++
			}
		}
	}
	if n == 0 {
		if x, ok := s.names[strings.ToLower(name)]; ok {
			return x, 1
		}
	}
	return found, n
}

// source finds a FROM element by alias or qualified name.
func (s *scope) source(parts []string) *source {
	for _, src := range s.sources {
		if len(parts) == 1 && strings.EqualFold(src.alias, parts[0]) {
			return src
		}
		if len(parts) > 1 && len(src.path) >= len(parts) &&
			strings.EqualFold(strings.Join(src.path[len(src.path)-len(parts):], "."), strings.Join(parts, ".")) {
			return src
		}
	}
	return nil
}

func (src *source) column(name string) typed.Expr {
	for _, c := range src.columns {
		if strings.EqualFold(c.name, name) {
			return c.expr
		}
	}
	return nil
}

// noColumn explains why a name was not found.
func (b *binder) noColumn(c *syntax.Column, s *scope) typed.Expr {
	var known []string
	for at := s; at != nil; at = at.parent {
		for _, src := range at.sources {
			for _, col := range src.columns {
				known = append(known, strings.ToLower(col.name))
			}
		}
	}
	last := c.Name.Last().Name
	if len(c.Name) > 1 {
		found := false
		for at := s; at != nil; at = at.parent {
			found = found || at.source(c.Name[:len(c.Name)-1].Strings()) != nil
		}
		if !found {
			return b.FailAs(syntax.NoRelation, c.At, "table %q is not in FROM", c.Name[:len(c.Name)-1].String())
		}
	}
	hint := where(s)
	if near := nearest.Word(strings.ToLower(last), known); near != "" {
		hint += ", did you mean " + near + "?"
	}
	return b.FailAs(syntax.NoColumn, c.At, "column %q does not exist%s", c.Name.String(), hint)
}

// where names what a SELECT reads, as Redshift's message does: " in t1, t2".
func where(s *scope) string {
	var names []string
	for _, src := range s.sources {
		name := src.alias
		if name == "" {
			name = strings.Join(src.path, ".")
		}
		if name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " in " + strings.Join(names, ", ")
}

// physical makes column names unique, keeping those that are.
func physical(cols []typed.Column) []string {
	seen := map[string]bool{}
	out := make([]string, len(cols))
	for i, c := range cols {
		name := c.Name
		for n := 2; seen[strings.ToLower(name)] || name == ""; n++ {
			name = c.Name + "_" + string(rune('0'+n%10)) + strings.Repeat("x", n/10)
		}
		seen[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}

// newSource makes a source over physical columns.
func newSource(alias, unique string, cols []typed.Column, phys []string) *source {
	src := &source{alias: alias, unique: unique}
	for i, c := range cols {
		src.columns = append(src.columns,
			column{name: c.Name, expr: &typed.ColumnRef{Ty: typed.Ty{T: c.Type}, Table: unique, Name: phys[i], Trimmed: c.Trimmed}})
	}
	return src
}
