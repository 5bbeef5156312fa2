package syntax

// Query is WITH ... body ORDER BY ... LIMIT ... OFFSET.
type Query struct {
	Node
	With      []CTE
	Recursive bool
	Body      Body
	Order     []OrderItem
	Limit     Expr // nil also for LIMIT ALL
	Offset    Expr
}

// CTE is one common table expression.
type CTE struct {
	Name    Ident
	Columns []Ident
	Query   *Query
}

// Body is *Select, *SetOp, *Values, or *Query in parentheses.
type Body interface{ Position() Pos }

// SetOp joins two bodies; Op is union, intersect or except.
type SetOp struct {
	Node
	Op   string
	All  bool
	L, R Body
}

// Values is VALUES (..), (..) used as a query.
type Values struct {
	Node
	Rows [][]Expr
}

// Select is one SELECT.
type Select struct {
	Node
	Distinct   bool
	DistinctOn []Expr
	Top        Expr // Redshift TOP n
	Items      []SelectItem
	Exclude    []Ident // Redshift: SELECT * EXCLUDE a FROM
	Into       Name    // Redshift SELECT ... INTO t
	IntoTemp   bool
	From       []TableRef
	Where      Expr
	Group      *Group
	Having     Expr
	Qualify    Expr
	Windows    []NamedWindow
	ConnectBy  *ConnectBy
}

// SelectItem is an output column.
type SelectItem struct {
	X     Expr
	Alias Ident   // empty Name when there is none
	Names []Ident // Spark: posexplode(a) AS (i, x)
	Text  string  // as written, without the alias
}

// NamedWindow is WINDOW name AS (...).
type NamedWindow struct {
	Name   Ident
	Window *Window
}

// ConnectBy is Redshift's START WITH ... CONNECT BY ....
type ConnectBy struct {
	Start, Connect Expr
	Pos            Pos
}

// Group is GROUP BY: plain keys, or elements such as ROLLUP(a, b); All is GROUP BY ALL.
type Group struct {
	All   bool
	Items []GroupItem
}

// GroupItem is a key (Kind "") or a rollup, cube or sets element with the key lists in Sets.
type GroupItem struct {
	Kind string
	X    Expr
	Sets [][]Expr
	Pos  Pos
}

// TableRef is an element of FROM.
type TableRef interface{ Position() Pos }

// The elements of FROM.
type (
	// Table is a named relation. Stream is Spark's FROM STREAM t.
	Table struct {
		Node
		Name    Name
		Stream  bool
		Alias   Ident
		Columns []Ident
		AtAlias Ident // Redshift: FROM c, c.orders AS o AT i
		Value   Expr  // set instead of Name where the path has an index: c.orders[0].items
	}
	// Derived is a subquery in FROM.
	Derived struct {
		Node
		Query   *Query
		Lateral bool
		Alias   Ident
		Columns []Ident
	}
	// TableFunc is a function in FROM. Typed says that a type stands behind the name of a column.
	TableFunc struct {
		Node
		Call    *Func
		Alias   Ident
		Columns []Ident
		Typed   bool
	}
	// Join joins two elements. Kind: inner left right full cross semi anti.
	Join struct {
		Node
		Kind    string
		Natural bool
		L, R    TableRef
		On      Expr
		Using   []Ident
	}
	// Pivot is PIVOT(agg FOR column IN (values)).
	Pivot struct {
		Node
		Input   TableRef
		Aggs    []SelectItem
		For     []Ident
		In      []SelectItem
		Alias   Ident
		Columns []Ident
	}
	// Unpivot is UNPIVOT(value FOR name IN (columns)), or Redshift's UNPIVOT expr AS value AT attribute when Object is set.
	Unpivot struct {
		Node
		Input        TableRef
		IncludeNulls bool
		Value, Name  Ident
		In           []SelectItem
		Object       Expr
		Alias        Ident
	}
	// LateralView is Spark's LATERAL VIEW [OUTER] f(x) t AS c; f sees the elements of FROM in front of it.
	LateralView struct {
		Node
		Outer   bool
		Call    *Func
		Alias   Ident
		Columns []Ident
	}
	// Group around FROM elements in parentheses needs no node: a Join stands for itself.
)

// Expand returns the sets that ROLLUP or CUBE over elements stand for; those of GROUPING SETS are its elements. A cube of more than 12
// elements is left as it is.
func Expand(kind string, elems [][]Expr) [][]Expr {
	var out [][]Expr
	join := func(pick func(int) bool) {
		set := []Expr{}
		for i, e := range elems {
			if pick(i) {
				set = append(set, e...)
			}
		}
		out = append(out, set)
	}
	switch {
	case kind == "rollup":
		for n := len(elems); n >= 0; n-- {
			join(func(i int) bool { return i < n })
		}
	case kind == "cube" && len(elems) <= 12:
		for mask := 1<<len(elems) - 1; mask >= 0; mask-- {
			join(func(i int) bool { return mask&(1<<(len(elems)-1-i)) != 0 })
		}
	default:
		return elems
	}
	return out
}
