package rules

import "penstock/internal/sql/typed"

// Where trailing blanks do not count, texts are compared and grouped without them.

// Blank reports whether a value may end in blanks that do not count.
func (rs *Rules) Blank(x typed.Expr) bool { return rs.Unblank(x) != x }

// OwnValue is the shortest of a group's values that are equal but for blanks.
func (rs *Rules) OwnValue(x typed.Expr) typed.Expr {
	shortest := &typed.Aggregate{Ty: typed.Ty{T: Int}, Op: "min", Args: []typed.Expr{Call("octet_length", Int, x)}}
	return Call("blank_pad", x.Type(), rs.Unblank(x), shortest)
}

// SortKey is a key of ORDER BY; where NULLs go is the dialect's rule unless it is written.
func (rs *Rules) SortKey(desc bool, nulls string, x typed.Expr) typed.Order {
	first := desc == rs.D.NullsLargest
	if nulls != "" {
		first = nulls == "first"
	}
	return typed.Order{X: rs.OrderKey(x), Desc: desc, NullsFirst: first}
}
