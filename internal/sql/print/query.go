package print

import (
	"strconv"
	"strings"

	"penstock/internal/sql/typed"
)

func (p *printer) query(q *typed.Query) string {
	var b strings.Builder
	b.WriteString(p.with(q.With, q.Recursive))
	b.WriteString(p.body(q.Body))
	if len(q.Order) > 0 {
		if keys := p.order(q.Order); keys != "" {
			b.WriteString(" ORDER BY " + keys)
		}
	}
	if q.Limit != nil {
		b.WriteString(" LIMIT " + p.expr(q.Limit))
	}
	if q.Offset != nil {
		b.WriteString(" OFFSET " + p.expr(q.Offset))
	}
	return b.String()
}

func (p *printer) with(ctes []typed.CTE, recursive bool) string {
	if len(ctes) == 0 {
		return ""
	}
	parts := make([]string, len(ctes))
	for i, c := range ctes {
		parts[i] = quote(c.Name) + "(" + quoteAll(c.Columns) + ") AS (" + p.query(c.Query) + ")"
	}
	word := "WITH "
	if recursive {
		word = "WITH RECURSIVE "
		p.streams()
	}
	return word + strings.Join(parts, ", ") + " "
}

// order writes sort keys; a constant expression sorts nothing and is left out.
func (p *printer) order(keys []typed.Order) string {
	var out []string
	for _, o := range keys {
		if _, ok := o.X.(*typed.Literal); ok {
			continue
		}
		key := p.expr(o.X)
		if o.Desc {
			key += " DESC"
		} else {
			key += " ASC"
		}
		if o.NullsFirst {
			key += " NULLS FIRST"
		} else {
			key += " NULLS LAST"
		}
		out = append(out, key)
	}
	return strings.Join(out, ", ")
}

func (p *printer) body(b typed.Body) string {
	switch b := b.(type) {
	case *typed.Select:
		return p.selectBody(b)
	case *typed.Query:
		return "(" + p.query(b) + ")"
	case *typed.SetOp:
		op := " " + strings.ToUpper(b.Op)
		if b.All {
			op += " ALL"
			p.streams()
		}
		return "(" + p.query(b.L) + ")" + op + " (" + p.query(b.R) + ")"
	case *typed.Values:
		return p.values(b)
	}
	return p.fail("query body %T cannot be printed", b)
}

// streams notes that one side's rows leave while the other is not begun.
func (p *printer) streams() {
	if p.narrow != nil {
		p.narrow.early = true
	}
}

func (p *printer) values(v *typed.Values) string {
	rows := make([]string, len(v.Rows))
	for i, r := range v.Rows {
		rows[i] = "(" + p.exprs(r) + ")"
	}
	return "VALUES " + strings.Join(rows, ", ")
}

func (p *printer) selectBody(s *typed.Select) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	if s.Distinct {
		b.WriteString("DISTINCT ")
	}
	for i, x := range s.Items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.item(x, s) + " AS " + quote(nameOr(s.Columns[i].Name)))
	}
	if s.From != nil {
		b.WriteString(" FROM " + p.sources(s))
	}
	if s.Where != nil {
		b.WriteString(" WHERE " + p.expr(s.Where))
	}
	if s.Group != nil {
		b.WriteString(p.group(s.Group))
	}
	if s.Having != nil {
		b.WriteString(" HAVING " + p.expr(s.Having))
	}
	if s.Qualify != nil {
		b.WriteString(" QUALIFY " + p.expr(s.Qualify))
	}
	return b.String()
}

func nameOr(name string) string {
	if name == "" {
		return "?column?"
	}
	return name
}

// group writes GROUP BY. A constant key is written as a cast, so that a number is not taken for a position.
func (p *printer) group(g *typed.Group) string {
	keys := make([]string, len(g.Keys))
	for i, k := range g.Keys {
		keys[i] = p.expr(k)
		if l, ok := k.(*typed.Literal); ok {
			keys[i] = cast(keys[i], l.T)
		}
	}
	if g.Sets == nil {
		if len(keys) == 0 {
			return ""
		}
		return " GROUP BY " + strings.Join(keys, ", ")
	}
	sets := make([]string, len(g.Sets))
	for i, set := range g.Sets {
		parts := make([]string, len(set))
		for j, k := range set {
			parts[j] = keys[k]
		}
		sets[i] = "(" + strings.Join(parts, ", ") + ")"
	}
	return " GROUP BY GROUPING SETS (" + strings.Join(sets, ", ") + ")"
}

func (p *printer) from(f typed.From) string {
	switch f := f.(type) {
	case *typed.Scan:
		return p.relation(f.Relation) + " AS " + quote(f.Alias)
	case *typed.CTERef:
		return quote(f.Name) + " AS " + quote(f.Alias)
	case *typed.Derived:
		lateral := ""
		if f.Lateral {
			lateral = "LATERAL "
		}
		return lateral + "(" + p.query(f.Query) + ") AS " + quote(f.Alias) + "(" + quoteAll(f.Columns) + ")"
	case *typed.Join:
		return p.join(f)
	case *typed.Range:
		return p.seq(f)
	case *typed.Unnest:
		return p.unnest(f)
	}
	return p.fail("FROM element %T cannot be printed", f)
}

func (p *printer) join(j *typed.Join) string {
	words := map[string]string{"inner": "JOIN", "left": "LEFT JOIN", "right": "RIGHT JOIN", "full": "FULL JOIN", "cross": "CROSS JOIN",
		"semi": "SEMI JOIN", "anti": "ANTI JOIN"}
	r := p.from(j.R)
	if _, ok := j.R.(*typed.Join); ok {
		r = "(" + r + ")"
	}
	out := p.from(j.L) + " " + words[j.Kind] + " " + r
	if j.On != nil {
		out += " ON " + p.expr(j.On)
	}
	return out
}

func (p *printer) seq(r *typed.Range) string {
	name := "range"
	if r.Inclusive {
		name = "generate_series"
	}
	args := p.expr(r.Start) + ", " + p.expr(r.Stop) + ", " + p.expr(r.Step)
	return name + "(" + args + ") AS " + quote(r.Alias) + "(" + quote(r.Column) + ")"
}

func (p *printer) window(w *typed.Window) string {
	var parts []string
	if len(w.Partition) > 0 {
		parts = append(parts, "PARTITION BY "+p.exprs(w.Partition))
	}
	if keys := p.order(w.Order); keys != "" {
		parts = append(parts, "ORDER BY "+keys)
	}
	if f := w.Frame; f != nil {
		parts = append(parts, strings.ToUpper(f.Unit)+" BETWEEN "+p.bound(f.Start)+" AND "+p.bound(f.End))
	}
	return " OVER (" + strings.Join(parts, " ") + ")"
}

func (p *printer) bound(b typed.Bound) string {
	if b.N == nil {
		return strings.ToUpper(b.Kind)
	}
	return p.expr(b.N) + " " + strings.ToUpper(b.Kind)
}

// pow10 is 10^n as digits.
func pow10(n int) string { return "1" + strings.Repeat("0", n) }

func itoa(n int) string { return strconv.Itoa(n) }
