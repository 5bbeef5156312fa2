// Package dialect holds what differs between the dialects of SQL, as values: one file a dialect. The lexer, the parser and the binder are
// given one and never ask which it is; a further dialect is a further file.
package dialect

import "strings"

// Dialect is one language. A value is never changed after it is made.
type Dialect struct {
	Name    string // as messages and docs call it
	Lexis   Lexis
	Grammar Grammar
}

// String is the name.
func (d *Dialect) String() string { return d.Name }

// Lexis says how text is cut into tokens: quotes, case and the letters behind a backslash.
type Lexis struct {
	StringQuotes   string        // the characters that quote a string
	DoubledQuotes  bool          // a quote written twice inside of a string is one quote; without it two strings stand side by side
	Escapes        map[byte]byte // what letters behind a backslash mean; nil: a backslash is a character like others
	KeepWildcards  bool          // the backslash before % and _ stays, for LIKE
	HexStrings     bool          // X'1F' is a binary value
	RawStrings     bool          // r'\d' keeps its backslashes
	EscapeStrings  bool          // E'\n' is a string
	FoldQuoted     bool          // quoted names fold to lower case as others do
	HashNames      bool          // #name is a name, that of a temporary table
	DollarNames    bool          // $ may stand inside of a name
	NumberSuffixes bool          // 1L, 2.5BD
}

// Grammar says which forms of the grammar a dialect has.
type Grammar struct {
	// Transform: the statements are those of a transform: queries, INSERT INTO and CREATE TABLE ... AS, with the table options of a lake.
	// Without it they are those of a warehouse.
	Transform bool

	// Queries.
	WithNeedsAs     bool // WITH q AS (...), never WITH q (...)
	FromFirst       bool // a query may begin with FROM, or be TABLE t
	BareValues      bool // VALUES 1, 2; and VALUES as an element of FROM
	FetchFirst      bool // FETCH FIRST n ROWS ONLY
	NamedWindows    bool // WINDOW w AS (...)
	ConnectBy       bool // START WITH ... CONNECT BY
	Top             bool // SELECT TOP n
	DistinctOn      bool // SELECT DISTINCT ON (...)
	Exclude         bool // SELECT * EXCLUDE a
	StarExcept      bool // SELECT * EXCEPT (a)
	StringAlias     bool // SELECT a AS 'b'
	GroupingBehind  bool // GROUP BY a GROUPING SETS (...)
	LateralView     bool // LATERAL VIEW explode(...)
	Stream          bool // FROM STREAM t
	Only            bool // FROM ONLY t
	AtAlias         bool // FROM t.list AS x AT i, and UNPIVOT object AS v AT k
	FreeJoins       bool // a JOIN may stand without ON
	IntersectAll    bool // INTERSECT ALL and EXCEPT ALL
	DefaultsAtEnd   bool // INSERT without a list of columns may give fewer values than there are columns
	InsertIntoTable bool // INSERT INTO TABLE t, INSERT OVERWRITE, PARTITION

	// Expressions.
	JoinStrings    bool            // strings side by side are one; without it only when a line ends between them
	BangNot        bool            // !x is NOT x
	IsNullPostfix  bool            // x ISNULL, x NOTNULL
	RLike          bool            // x RLIKE y, x REGEXP y
	Infix          map[string]bool // the operators between comparison and addition
	ConcatAdds     bool            // || binds as + does
	DivWord        bool            // x DIV y
	CaretPower     bool            // ^ is power and binds tighter than *; without it it is one of Infix
	Collate        bool            // x COLLATE c
	Convert        bool            // CONVERT(type, x)
	Approximate    bool            // APPROXIMATE COUNT(DISTINCT x)
	IntervalOfExpr bool            // INTERVAL 1 DAY 2 HOURS, INTERVAL (x) DAY
}

func words(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}
