package typed

// Rewrite returns x with parts replaced: where f gives an expression it stands in place of the one it was asked about, and is not looked
// into; where f gives nil the parts are asked about. inner says that the expression stands in a query inside of x. x itself is not changed.
func Rewrite(x Expr, f func(x Expr, inner bool) Expr) Expr { return mapper{f: f}.expr(x) }

type mapper struct {
	f     func(x Expr, inner bool) Expr
	inner bool
}

func (m mapper) exprs(xs []Expr) []Expr {
	if xs == nil {
		return nil
	}
	out := make([]Expr, len(xs))
	for i, x := range xs {
		out[i] = m.expr(x)
	}
	return out
}

func (m mapper) order(keys []Order) []Order {
	out := append([]Order(nil), keys...)
	for i := range out {
		out[i].X = m.expr(out[i].X)
	}
	return out
}

func (m mapper) expr(x Expr) Expr {
	if x == nil {
		return nil
	}
	if y := m.f(x, m.inner); y != nil {
		return y
	}
	switch x := x.(type) {
	case *Cast:
		y := *x
		y.X = m.expr(x.X)
		return &y
	case *Call:
		y := *x
		y.Args = m.exprs(x.Args)
		return &y
	case *Aggregate:
		return m.aggregate(x)
	case *Lambda:
		return &Lambda{Params: x.Params, Body: m.expr(x.Body)}
	case *Case:
		y := *x
		y.Whens = append([]When(nil), x.Whens...)
		for i, w := range x.Whens {
			y.Whens[i] = When{Cond: m.expr(w.Cond), Then: m.expr(w.Then)}
		}
		y.Else = m.expr(x.Else)
		return &y
	case *Scalar:
		y := *x
		y.Query = m.query(x.Query)
		return &y
	}
	return m.condition(x)
}

func (m mapper) condition(x Expr) Expr {
	switch x := x.(type) {
	case *Not:
		return &Not{X: m.expr(x.X)}
	case *Logic:
		return &Logic{Or: x.Or, Items: m.exprs(x.Items)}
	case *Compare:
		return &Compare{Op: x.Op, L: m.expr(x.L), R: m.expr(x.R)}
	case *IsNull:
		return &IsNull{X: m.expr(x.X), Not: x.Not}
	case *Distinct:
		return &Distinct{L: m.expr(x.L), R: m.expr(x.R), Not: x.Not}
	case *In:
		return &In{X: m.exprs(x.X), Not: x.Not, List: m.exprs(x.List), Query: m.query(x.Query)}
	case *Exists:
		return &Exists{Query: m.query(x.Query)}
	case *Quantified:
		y := *x
		y.X, y.Query = m.expr(x.X), m.query(x.Query)
		return &y
	case *Like:
		y := *x
		y.X, y.Pattern = m.expr(x.X), m.expr(x.Pattern)
		return &y
	}
	return x
}

func (m mapper) aggregate(x *Aggregate) Expr {
	y := *x
	y.Args, y.Order, y.Filter = m.exprs(x.Args), m.order(x.Order), m.expr(x.Filter)
	if x.Over != nil {
		w := *x.Over
		w.Partition, w.Order = m.exprs(w.Partition), m.order(w.Order)
		y.Over = &w
	}
	return &y
}

func (m mapper) query(q *Query) *Query {
	if q == nil {
		return nil
	}
	m.inner = true
	out := *q
	out.With = append([]CTE(nil), q.With...)
	for i := range out.With {
		out.With[i].Query = m.query(q.With[i].Query)
	}
	out.Body, out.Order = m.body(q.Body), m.order(q.Order)
	out.Limit, out.Offset = m.expr(q.Limit), m.expr(q.Offset)
	return &out
}

func (m mapper) body(b Body) Body {
	switch b := b.(type) {
	case *Query:
		return m.query(b)
	case *SetOp:
		out := *b
		out.L, out.R = m.query(b.L), m.query(b.R)
		return &out
	case *Values:
		out := *b
		out.Rows = make([][]Expr, len(b.Rows))
		for i, r := range b.Rows {
			out.Rows[i] = m.exprs(r)
		}
		return &out
	case *Select:
		return m.selectBody(b)
	}
	return b
}

func (m mapper) selectBody(s *Select) *Select {
	out := *s
	out.Items, out.From, out.Where = m.exprs(s.Items), m.from(s.From), m.expr(s.Where)
	if s.Group != nil {
		out.Group = &Group{Keys: m.exprs(s.Group.Keys), Sets: s.Group.Sets}
	}
	out.Having, out.Qualify = m.expr(s.Having), m.expr(s.Qualify)
	return &out
}

func (m mapper) from(f From) From {
	switch f := f.(type) {
	case *Derived:
		out := *f
		out.Query = m.query(f.Query)
		return &out
	case *Join:
		return &Join{Kind: f.Kind, L: m.from(f.L), R: m.from(f.R), On: m.expr(f.On)}
	case *Unnest:
		out := *f
		out.X = m.expr(f.X)
		return &out
	}
	return f
}
