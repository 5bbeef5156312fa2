package syntax

// Expr is an expression.
type Expr interface{ Position() Pos }

// Node carries a place; every node embeds it.
type Node struct{ At Pos }

// Position is where the node begins in the text.
func (n Node) Position() Pos { return n.At }

// LiteralKind says what a literal is.
type LiteralKind int

// Kinds of literals.
const (
	Null LiteralKind = iota
	Bool
	Int
	Decimal // 1.50, and in Spark 1.50BD
	Double  // 1e3, and in Spark 1.5D
	String
	Typed  // DATE '2020-01-01': Type says which
	Binary // Spark X'1F'
)

// The nodes of expressions.
type (
	// Literal is a constant. Text is unescaped; Type is the lower-case type word of a Typed literal and the suffix of a Spark number.
	Literal struct {
		Node
		Kind LiteralKind
		Text string
		Type string
	}
	// Interval is INTERVAL '1 day', INTERVAL 1 DAY, INTERVAL '1-2' YEAR TO MONTH.
	Interval struct {
		Node
		Value Expr   // a literal or any number
		Unit  string // lower case; empty when the text holds the units
		To    string
	}
	// Column is a possibly qualified reference: a, t.a, s.t.a, or a path into a nested value.
	Column struct {
		Node
		Name Name
	}
	// Star is * or t.*; Except lists columns left out of it.
	Star struct {
		Node
		Qualifier Name
		Except    []Ident
	}
	// Param is $1 (Index from 1) or :name.
	Param struct {
		Node
		Index int
		Name  string
	}
	// Unary is an operator before its operand: - + not ~ |/ ||/ @.
	Unary struct {
		Node
		Op string
		X  Expr
	}
	// BinaryOp is an operator between two operands, in lower case.
	BinaryOp struct {
		Node
		Op   string
		L, R Expr
	}
	// Is is X IS [NOT] NULL, TRUE, FALSE, UNKNOWN, or DISTINCT FROM Y.
	Is struct {
		Node
		X    Expr
		Not  bool
		What string // null true false unknown distinct
		Y    Expr
	}
	// Between is X [NOT] BETWEEN Lo AND Hi.
	Between struct {
		Node
		X, Lo, Hi Expr
		Not       bool
	}
	// In is X [NOT] IN (list) or (query).
	In struct {
		Node
		X     Expr
		Not   bool
		List  []Expr
		Query *Query
	}
	// Like is X [NOT] LIKE pattern [ESCAPE e]; Kind is like, ilike, similar or rlike.
	Like struct {
		Node
		X, Pattern, Escape Expr
		Not                bool
		Kind               string
	}
	// Case is CASE [operand] WHEN ... END.
	Case struct {
		Node
		Operand Expr
		Whens   []When
		Else    Expr
	}
	// When is one branch of a Case.
	When struct{ Cond, Then Expr }
	// Cast is CAST(x AS t), x::t, CONVERT(t, x), TRY_CAST(x AS t).
	Cast struct {
		Node
		X    Expr
		Type TypeName
		Try  bool
	}
	// Func is a call. Name is in lower case; keywords in its arguments (bare date parts, FROM, FOR) are arguments like others.
	Func struct {
		Node
		Name        Name
		Args        []Expr
		ArgNames    []string
		Distinct    bool
		Star        bool // count(*)
		OrderBy     []OrderItem
		WithinGroup []OrderItem
		Filter      Expr
		IgnoreNulls bool
		Respect     bool
		Over        *Window
		OverName    string // OVER w
	}
	// Word is a bare keyword used as an argument: the date part of DATEADD(month, ...), LEADING of TRIM.
	Word struct {
		Node
		Text string
	}
	// Exists is EXISTS (query).
	Exists struct {
		Node
		Query *Query
	}
	// Subquery is a query used as a value.
	Subquery struct {
		Node
		Query *Query
	}
	// Quantified is x op ANY|ALL (query), or of an array where Query is nil.
	Quantified struct {
		Node
		X     Expr
		Op    string
		All   bool
		Query *Query
		Array Expr
	}
	// Tuple is (a, b).
	Tuple struct {
		Node
		Items []Expr
	}
	// Index is x[i].
	Index struct {
		Node
		X, I Expr
	}
	// Field is x.name, where x is not a plain reference.
	Field struct {
		Node
		X    Expr
		Name Ident
	}
	// AtTimeZone is x AT TIME ZONE zone.
	AtTimeZone struct {
		Node
		X, Zone Expr
	}
	// Default is the word DEFAULT in VALUES or SET.
	Default struct{ Node }
	// Lambda is x -> body or (x, y) -> body.
	Lambda struct {
		Node
		Params []Ident
		Body   Expr
	}
	// Named is x AS name, a field of STRUCT(...).
	Named struct {
		Node
		X    Expr
		Name Ident
	}
)

// OrderItem is one key of an ORDER BY. Nulls is "", first or last.
type OrderItem struct {
	X     Expr
	Desc  bool
	Nulls string
}

// Window is the specification in OVER (...).
type Window struct {
	Node
	Base      string
	Partition []Expr
	Order     []OrderItem
	Frame     *Frame
}

// Frame is ROWS|RANGE|GROUPS BETWEEN start AND end.
type Frame struct {
	Unit       string
	Start, End Bound
}

// Bound is an end of a frame: "unbounded preceding", "preceding", "current row", "following", "unbounded following".
type Bound struct {
	Kind string
	N    Expr
}
