package syntax

// Walk calls f for x and every expression inside it, but not inside of its subqueries.
func Walk(x Expr, f func(Expr)) {
	if x == nil {
		return
	}
	f(x)
	for _, c := range Children(x) {
		Walk(c, f)
	}
}

// Children returns the expressions directly inside x, without nils.
func Children(x Expr) []Expr {
	switch x := x.(type) {
	case *Interval:
		return some(x.Value)
	case *Unary:
		return some(x.X)
	case *BinaryOp:
		return some(x.L, x.R)
	case *Is:
		return some(x.X, x.Y)
	case *Between:
		return some(x.X, x.Lo, x.Hi)
	case *In:
		return append(some(x.X), some(x.List...)...)
	case *Like:
		return some(x.X, x.Pattern, x.Escape)
	case *Case:
		out := some(x.Operand, x.Else)
		for _, w := range x.Whens {
			out = append(out, some(w.Cond, w.Then)...)
		}
		return out
	case *Cast:
		return some(x.X)
	case *Func:
		return funcChildren(x)
	case *Quantified:
		return some(x.X, x.Array)
	case *Tuple:
		return some(x.Items...)
	case *Index:
		return some(x.X, x.I)
	case *Field:
		return some(x.X)
	case *AtTimeZone:
		return some(x.X, x.Zone)
	case *Lambda:
		return some(x.Body)
	case *Named:
		return some(x.X)
	}
	return nil
}

func funcChildren(x *Func) []Expr {
	out := some(x.Args...)
	out = append(out, some(x.Filter)...)
	for _, o := range x.OrderBy {
		out = append(out, some(o.X)...)
	}
	for _, o := range x.WithinGroup {
		out = append(out, some(o.X)...)
	}
	if x.Over != nil {
		out = append(out, some(x.Over.Partition...)...)
		for _, o := range x.Over.Order {
			out = append(out, some(o.X)...)
		}
	}
	return out
}

func some(all ...Expr) []Expr {
	var out []Expr
	for _, x := range all {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}
