package parse

import "penstock/internal/sql/syntax"

// Relation is a relation that a statement reads.
type Relation struct {
	Name   syntax.Name
	Stream bool // FROM STREAM name
}

// Relations lists what a statement reads, each name once for each way of reading it, in the order of the text. Names of common table
// expressions are left out where they are visible.
func Relations(s syntax.Statement) []Relation {
	w := &walker{seen: map[string]bool{}}
	switch s := s.(type) {
	case *syntax.Query:
		w.query(s, nil)
	case *syntax.Insert:
		w.query(s.Query, nil)
	case *syntax.CreateTable:
		w.query(s.Query, nil)
	case *syntax.CreateView:
		w.query(s.Query, nil)
	case *syntax.Update:
		scope := w.ctes(s.With, nil, false)
		for _, t := range s.From {
			w.table(t, scope)
		}
		for _, a := range s.Set {
			w.exprs(scope, a.Value)
		}
		w.exprs(scope, s.Where)
	case *syntax.Delete:
		scope := w.ctes(s.With, nil, false)
		for _, t := range s.Using {
			w.table(t, scope)
		}
		w.exprs(scope, s.Where)
	case *syntax.Merge:
		w.table(s.Source, nil)
	case *syntax.Explain:
		return Relations(s.Statement)
	}
	return w.out
}

type walker struct {
	out  []Relation
	seen map[string]bool
}

func (w *walker) ctes(ctes []syntax.CTE, scope []string, recursive bool) []string {
	scope = scope[:len(scope):len(scope)]
	for _, c := range ctes {
		if recursive {
			scope = append(scope, c.Name.Name)
		}
		w.query(c.Query, scope)
		scope = append(scope, c.Name.Name)
	}
	return scope
}

func (w *walker) query(q *syntax.Query, scope []string) {
	if q == nil {
		return
	}
	scope = w.ctes(q.With, scope, q.Recursive)
	w.body(q.Body, scope)
	w.order(scope, q.Order)
	w.exprs(scope, q.Limit, q.Offset)
}

func (w *walker) order(scope []string, items []syntax.OrderItem) {
	for _, o := range items {
		w.exprs(scope, o.X)
	}
}

func (w *walker) body(b syntax.Body, scope []string) {
	switch b := b.(type) {
	case *syntax.Query:
		w.query(b, scope)
	case *syntax.SetOp:
		w.body(b.L, scope)
		w.body(b.R, scope)
	case *syntax.Values:
		for _, row := range b.Rows {
			w.exprs(scope, row...)
		}
	case *syntax.Select:
		w.selectBody(b, scope)
	}
}

func (w *walker) selectBody(s *syntax.Select, scope []string) {
	for _, it := range s.Items {
		w.exprs(scope, it.X)
	}
	for _, t := range s.From {
		w.table(t, scope)
	}
	w.exprs(scope, s.Where, s.Having, s.Qualify)
	if s.Group != nil {
		for _, g := range s.Group.Items {
			w.exprs(scope, g.X)
			for _, set := range g.Sets {
				w.exprs(scope, set...)
			}
		}
	}
}

func (w *walker) table(t syntax.TableRef, scope []string) {
	switch t := t.(type) {
	case *syntax.Table:
		w.named(t, scope)
	case *syntax.Derived:
		w.query(t.Query, scope)
	case *syntax.Join:
		w.table(t.L, scope)
		w.table(t.R, scope)
		w.exprs(scope, t.On)
	case *syntax.Pivot:
		w.table(t.Input, scope)
	case *syntax.Unpivot:
		if t.Input != nil {
			w.table(t.Input, scope)
		}
	}
}

func (w *walker) named(t *syntax.Table, scope []string) {
	if t.Value != nil {
		return
	}
	if len(t.Name) == 1 && !t.Stream {
		for _, c := range scope {
			if c == t.Name[0].Name {
				return
			}
		}
	}
	key := t.Name.String()
	if t.Stream {
		key = "stream " + key
	}
	if !w.seen[key] {
		w.seen[key] = true
		w.out = append(w.out, Relation{Name: t.Name, Stream: t.Stream})
	}
}

// exprs looks for queries inside of expressions.
func (w *walker) exprs(scope []string, all ...syntax.Expr) {
	for _, x := range all {
		syntax.Walk(x, func(x syntax.Expr) {
			switch x := x.(type) {
			case *syntax.Subquery:
				w.query(x.Query, scope)
			case *syntax.Exists:
				w.query(x.Query, scope)
			case *syntax.In:
				w.query(x.Query, scope)
			case *syntax.Quantified:
				w.query(x.Query, scope)
			}
		})
	}
}
