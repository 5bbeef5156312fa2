package typed

// Expr is a typed expression.
type Expr interface{ Type() Type }

// OnError says what a Cast does with a value that has no counterpart.
type OnError int

// Fail ends the statement; Nullify gives NULL.
const (
	Fail OnError = iota
	Nullify
)

// Ty is the type of an expression; the nodes embed it.
type Ty struct{ T Type }

// Type returns the type.
func (t Ty) Type() Type { return t.T }

// The nodes of expressions.
type (
	// Literal is a constant; Text is its value as text, without quotes. A NULL has Null set.
	Literal struct {
		Ty
		Text string
		Null bool
		Days int // of a time with a zone: by so many days its text, in UTC, is behind the day of the clock that was written
	}
	// ColumnRef is a column of a FROM element of this or of an outer query. Table is that element's unique alias.
	ColumnRef struct {
		Ty
		Table, Name string
		Trimmed     bool // text of which no value ends in a blank
	}
	// Param is a value given at execution; Index counts from 1 in the printed text.
	Param struct {
		Ty
		Index int
	}
	// Cast converts. By names the rules of conversion ("rs", "sp": see convert.Rules); without it the engine's own conversion is meant,
	// which is right between numbers and between dates. Mode says what becomes of text that is too long.
	Cast struct {
		Ty
		X       Expr
		By      string
		OnError OnError
		Mode    CastMode
	}
	// Call applies an operation; the names are those of package ops.
	Call struct {
		Ty
		Op   string
		Args []Expr
	}
	// Aggregate is an aggregate or window function. Over is nil for a plain aggregate.
	Aggregate struct {
		Ty
		Op          string
		Args        []Expr
		Distinct    bool
		Star        bool
		Order       []Order
		Filter      Expr
		IgnoreNulls bool
		Over        *Window
	}
	// Not, And, Or over booleans.
	Not struct{ X Expr }
	// Logic is AND or OR of two or more.
	Logic struct {
		Or    bool
		Items []Expr
	}
	// Compare is = <> < <= > >= between operands of one type.
	Compare struct {
		Op   string
		L, R Expr
	}
	// IsNull is X IS [NOT] NULL.
	IsNull struct {
		X   Expr
		Not bool
	}
	// Distinct is IS [NOT] DISTINCT FROM.
	Distinct struct {
		L, R Expr
		Not  bool // IS NOT DISTINCT FROM
	}
	// In is X [NOT] IN (list) or (query); several X make a row comparison with the query's columns.
	In struct {
		X     []Expr
		Not   bool
		List  []Expr
		Query *Query
	}
	// Exists is EXISTS (query).
	Exists struct{ Query *Query }
	// Scalar is a query of one column used as a value.
	Scalar struct {
		Ty
		Query *Query
	}
	// Quantified is X op ANY|ALL (query).
	Quantified struct {
		X     Expr
		Op    string
		All   bool
		Query *Query
	}
	// Case is a searched CASE: Else may be nil.
	Case struct {
		Ty
		Whens []When
		Else  Expr
	}
	// When is a branch of a Case.
	When struct{ Cond, Then Expr }
	// Like matches patterns with an escape character ("" for none); Fold ignores case.
	Like struct {
		X, Pattern Expr
		Escape     string
		Not        bool
		Fold       bool
	}
	// Default is the column's default in INSERT and UPDATE.
	Default struct{ Ty }
	// Lambda is a function of elements, an argument of a Call that works on nested values. Its Params are columns without a table.
	Lambda struct {
		Params []*ColumnRef
		Body   Expr
	}
)

// CastMode says how a Cast brings a value to its type's size.
type CastMode int

// The modes.
const (
	ModePlain    CastMode = iota
	ModeTruncate          // number to integer: cut the fraction off, do not round
	ModeLossy             // text to char(n)/varchar(n): cut what is too long
	ModeAssign            // text into a column of n bytes: too long is an error, trailing blanks are forgiven
)

var boolean = Type{Kind: Bool}

// Type is boolean.
func (*Not) Type() Type        { return boolean }
func (*Logic) Type() Type      { return boolean }
func (*Compare) Type() Type    { return boolean }
func (*IsNull) Type() Type     { return boolean }
func (*Distinct) Type() Type   { return boolean }
func (*In) Type() Type         { return boolean }
func (*Exists) Type() Type     { return boolean }
func (*Quantified) Type() Type { return boolean }
func (*Like) Type() Type       { return boolean }

// Type is that of the values it gives.
func (l *Lambda) Type() Type { return l.Body.Type() }

// Order is a sort key; where NULLs go is always said.
type Order struct {
	X          Expr
	Desc       bool
	NullsFirst bool
}

// Window is an OVER clause.
type Window struct {
	Partition []Expr
	Order     []Order
	Frame     *Frame
}

// Frame is ROWS or RANGE BETWEEN Start AND End.
type Frame struct {
	Unit       string // rows, range, groups
	Start, End Bound
}

// Bound is an end of a frame; Kind as in "unbounded preceding", "preceding", "current row", "following", "unbounded following".
type Bound struct {
	Kind string
	N    Expr
}
