package typed

// Children returns the expressions directly inside x, without nils and without those of subqueries.
func Children(x Expr) []Expr {
	switch x := x.(type) {
	case *Cast:
		return []Expr{x.X}
	case *Call:
		return x.Args
	case *Aggregate:
		return aggregateChildren(x)
	case *Lambda:
		return []Expr{x.Body}
	case *Not:
		return []Expr{x.X}
	case *Logic:
		return x.Items
	case *Compare:
		return []Expr{x.L, x.R}
	case *IsNull:
		return []Expr{x.X}
	case *Distinct:
		return []Expr{x.L, x.R}
	case *In:
		return append(append([]Expr{}, x.X...), x.List...)
	case *Quantified:
		return []Expr{x.X}
	case *Case:
		var out []Expr
		for _, w := range x.Whens {
			out = append(out, w.Cond, w.Then)
		}
		if x.Else != nil {
			out = append(out, x.Else)
		}
		return out
	case *Like:
		return []Expr{x.X, x.Pattern}
	}
	return nil
}

func aggregateChildren(x *Aggregate) []Expr {
	out := append([]Expr{}, x.Args...)
	for _, o := range x.Order {
		out = append(out, o.X)
	}
	if x.Filter != nil {
		out = append(out, x.Filter)
	}
	if x.Over != nil {
		out = append(out, x.Over.Partition...)
		for _, o := range x.Over.Order {
			out = append(out, o.X)
		}
	}
	return out
}
