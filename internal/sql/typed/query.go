package typed

// Column is a named, typed column.
type Column struct {
	Name       string
	Type       Type
	NotNull    bool
	HasDefault bool
	Generated  bool // identity: INSERT may not name it
	Trimmed    bool // text of which no value ends in a blank
}

// Relation is a table or view as the lookup found it.
type Relation struct {
	Name    []string // the resolved name: table, schema.table or more
	Columns []Column
	Stream  bool // Spark FROM STREAM: only what the run's manifest holds
	// Open says that the columns are not known yet (a source that a crawler has still to see): beside Columns, every name that no
	// other relation in scope has is a column of it, of type Unknown; so is every name qualified by it. SELECT * over it is an error.
	Open   bool
	Handle any // whatever the lookup wants to find again when names are printed
}

// Query is a bound query. Columns are its output.
type Query struct {
	With      []CTE
	Recursive bool
	Body      Body
	Order     []Order // keys are outputs (OutputRef) or expressions over the only Select
	Limit     Expr
	Offset    Expr
	Columns   []Column
}

// CTE is a common table expression under its unique name.
type CTE struct {
	Name    string
	Columns []string // unique names of the query's columns
	Query   *Query
}

// Body is *Select, *SetOp, *Values or *Query.
type Body interface{ Outputs() []Column }

// Outputs returns the columns.
func (q *Query) Outputs() []Column  { return q.Columns }
func (s *Select) Outputs() []Column { return s.Columns }
func (s *SetOp) Outputs() []Column  { return s.Columns }
func (v *Values) Outputs() []Column { return v.Columns }

// OutputRef is the n-th output column (from 1) as a sort key.
type OutputRef struct {
	Ty
	N int
}

// Select is one SELECT; the names of Items are those of Columns.
type Select struct {
	Distinct bool
	Items    []Expr
	Columns  []Column
	From     From // nil without FROM
	Where    Expr
	Group    *Group
	Having   Expr
	Qualify  Expr
}

// Group lists the keys and, for ROLLUP, CUBE and GROUPING SETS, the sets as indexes into Keys; Sets nil is one set of all keys. Keys
// may be empty: one group over everything.
type Group struct {
	Keys []Expr
	Sets [][]int
}

// SetOp is UNION, INTERSECT or EXCEPT over sides of equal column types.
type SetOp struct {
	Op      string
	All     bool
	L, R    *Query
	Columns []Column
}

// Values is a list of rows.
type Values struct {
	Rows    [][]Expr
	Columns []Column
}

// From is an element of FROM.
type From interface{ from() }

// The elements of FROM. Alias is unique in the statement.
type (
	// Scan reads a relation.
	Scan struct {
		Relation Relation
		Alias    string
	}
	// CTERef reads a common table expression.
	CTERef struct {
		Name, Alias string
	}
	// Derived is a subquery.
	Derived struct {
		Query   *Query
		Lateral bool
		Alias   string
		Columns []string // unique names of the query's columns
	}
	// Join joins two; On nil is a cross join.
	Join struct {
		Kind string // inner left right full cross semi anti
		L, R From
		On   Expr
	}
	// Unnest gives a row for each element of an array or SUPER value: Value, and Index (from 0) when it is named. Outer gives one row of
	// NULLs for a value without elements.
	Unnest struct {
		X            Expr
		Alias        string
		Value, Index string
		Outer        bool
	}
	// Range gives integers: generate_series, range.
	Range struct {
		Start, Stop, Step Expr
		Inclusive         bool
		Alias, Column     string
	}
)

func (*Scan) from()    {}
func (*CTERef) from()  {}
func (*Derived) from() {}
func (*Join) from()    {}
func (*Unnest) from()  {}
func (*Range) from()   {}
