// Package dialect holds what differs between the dialects of SQL, as values: one file a dialect. The lexer, the parser and the binder are
// given one and never ask which it is; a further dialect is a further file.
package dialect

import (
	"strings"

	"penstock/internal/convert"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Dialect is one language. A value is never changed after it is made.
type Dialect struct {
	Name    string // as messages and docs call it
	Lexis   Lexis
	Grammar Grammar
	Types   Types
	Casts   Casts
	Numbers Numbers
	Times   Times
	Names   Names

	BlanksCount  bool // trailing blanks of text count in comparisons
	PlusJoins    bool // + joins text
	NullsLargest bool // ORDER BY holds NULL for the largest value; without it for the smallest
	CountRows    bool // COUNT(a, b) counts the rows without a NULL in them
	// Functions is the map of its functions.
	Functions func() map[string]*Function
	// Ranges are the functions of FROM that give a column of integers.
	Ranges map[string]Range
}

// String is the name.
func (d *Dialect) String() string { return d.Name }

// Cased is the dialect with quoted names kept as they are written, or the attributes of SUPER values, as a session may wish.
func (d *Dialect) Cased(quoted, attributes bool) *Dialect {
	if !quoted && !attributes {
		return d
	}
	out := *d
	out.Lexis.FoldQuoted = d.Lexis.FoldQuoted && !quoted
	out.Types.AttributesCased = attributes
	return &out
}

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
	NestedTypes     bool // array<t>, map<k,v>, struct<a:t>; x -> y in the arguments of a function
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
	TrimCharsFirst bool            // LTRIM(chars, x), where others have LTRIM(x, chars)
	Convert        bool            // CONVERT(type, x)
	AnyArray       bool            // of PostgreSQL's catalog queries: ARRAY[x], x = ANY (array), x OPERATOR(pg_catalog.~) y, pg_catalog.type
	Approximate    bool            // APPROXIMATE COUNT(DISTINCT x)
	IntervalOfExpr bool            // INTERVAL 1 DAY 2 HOURS, INTERVAL (x) DAY
}

// Types are the names of types, their widths, and what values of several types become when they meet.
type Types struct {
	Text    typed.Type      // text without a length
	Null    typed.Type      // an output that is nothing but NULL; the type of NULL itself leaves it without one
	MaxText int             // bytes of the longest text; 0: the length of joined text is not kept
	MaxChar int             // bytes of the longest text of fixed length; 0: as many as may be
	MinInt  typed.Kind      // the smallest integer in which is computed
	Words   map[string]Word // the type names that are not as in typed.Named

	Super             bool // values of type SUPER are navigated, x.a[0], and stand in FROM
	AttributesCased   bool // the names in such a path are taken as they are written, not folded
	LiteralsAdapt     bool // a string literal has no type of its own: it takes that of what it meets
	NumberIsCondition bool // WHERE 1: a number written where a boolean is wanted says whether it is not zero
	TextConverts      bool // a text value becomes a number or a boolean where one is wanted
	TextHolds         bool // text and a value of another type meet as text
	LiteralDigits     bool // an integer literal among decimals has just the digits that it shows
	BigintDigits      int  // the precision of a bigint among decimals

	// TextMeets is the type in which text is compared with a value of another type; literal says that the text is one. False: a CAST
	// must be written.
	TextMeets func(literal bool, other typed.Type) (typed.Type, bool)
}

// Word is a type's name: the arguments that it has when none are written, or always; Missing says that there is no such type.
type Word struct {
	Args    []int
	Always  bool
	Missing bool
}

// CastKind says why a value is converted.
type CastKind int

// The reasons.
const (
	Implicit CastKind = iota // an operand meets another type
	Explicit                 // the text says CAST
	Assign                   // a value enters a column
	Try                      // TRY_CAST
)

// Casts are the conversions.
type Casts struct {
	Rules            *convert.Rules // text to values and back
	Failed           typed.OnError  // what a value that cannot be converted does
	StrictLengths    bool           // a text too long for its column is an error; without it it is cut
	StampsAreNumbers bool           // timestamps and numbers convert into one another
	Mode             func(from, to typed.Type, kind CastKind) (typed.CastMode, typed.OnError)
}

// Numbers is arithmetic.
type Numbers struct {
	ZeroDivisor   string                                      // the operation around a divisor that may be zero
	IntQuotient   bool                                        // 7/2 is 3; without it 3.5
	RoundQuotient bool                                        // quotients and averages of decimals are rounded half up; without it cut off
	RoundKeeps    bool                                        // ROUND of a decimal keeps its precision
	Decimal       func(op string, l, r typed.Type) typed.Type // the type of l op r
	Sum, Avg      func(typed.Type) typed.Type
	Median        func(typed.Type) typed.Type
	Whole         func(typed.Type) typed.Type // CEIL and FLOOR
}

// Times is the arithmetic of dates.
type Times struct {
	DateMinusDate bool // a date less a date is a number of days; without it an interval
	// Part gives the operation and the type of EXTRACT for a part: year, dow, epoch ...
	Part      func(part string) (op string, t typed.Type)
	Words     bool // a constant 'now', 'today', 'tomorrow' or 'yesterday' is that moment
	DatesStay bool // a date and an interval without hours give a date; without it a timestamp
}

// Names are the names that nobody wrote.
type Names struct {
	Values       string                         // the columns of VALUES: column1, column2 ...
	AliasInWhere bool                           // WHERE may use the aliases of the select list; columns of FROM win
	AliasIsValue bool                           // the alias of a function in FROM names its only column too
	Output       func(syntax.SelectItem) string // an output without an alias that is no plain column
}

// Range is a function of FROM that gives integers: [start,] stop [, step].
type Range struct {
	Column    string
	Min, Max  int  // numbers of arguments
	Inclusive bool // stop is among them
}

func words(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}

// doubled is double precision for a number; other types stay.
func doubled(t typed.Type) typed.Type {
	if t.IsNumeric() {
		return typed.T(typed.Double)
	}
	return t
}
