// Package convert holds the rules by which the SQL dialects turn values into other values: text into numbers, dates and times, and back,
// and the functions on text whose meaning differs between the dialects. The same code serves literals, columns, parameters and files.
// Nothing here allocates for each value where the caller gives the memory.
package convert

import "fmt"

// Dialect names whose rules are followed.
type Dialect int

// The dialects.
const (
	RedshiftDialect Dialect = iota
	SparkDialect
)

// Rules are the rules of a dialect.
type Rules struct {
	Name    string // in the names of the engine's functions: ps_rs_date
	Dialect Dialect
	// MaxText is the longest text in bytes that a function may make.
	MaxText int
}

// Redshift are the rules of Amazon Redshift: PostgreSQL 8.0's with the style MDY, where the Redshift guide says nothing else.
var Redshift = &Rules{Name: "rs", Dialect: RedshiftDialect, MaxText: 65535}

// Spark are the rules of Spark SQL 3.5 with ANSI mode off and the time zone UTC.
var Spark = &Rules{Name: "sp", Dialect: SparkDialect, MaxText: 64 << 20}

// Fault says why text has no value of a type.
type Fault uint8

// The faults.
const (
	None   Fault = iota
	Syntax       // the text is written wrongly
	Range        // the text is well written, its value does not fit
)

// An Error is what a user is told. Code is the SQLSTATE.
type Error struct {
	Code, Msg string
}

// Error implements error.
func (e *Error) Error() string { return e.Msg }

// SQLState is the error's code.
func (e *Error) SQLState() string { return e.Code }

// Codes of SQL.
const (
	CodeSyntax   = "22P02"
	CodeRange    = "22003"
	CodeDate     = "22008"
	CodeArgument = "22023"
	CodeLimit    = "54000"
	CodeSize     = "22001"
	CodePattern  = "2201B"
)

func fail(code, format string, args ...any) error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...)}
}

// Explain words a fault: the text was to become a value of a type, which is named as in messages.
func (f Fault) Explain(text []byte, typ string) error {
	shown := string(text)
	if len(shown) > 200 {
		shown = shown[:200] + "..."
	}
	switch {
	case f == None:
		return nil
	case f == Syntax && typ == "integer":
		return fail(CodeSyntax, "invalid input syntax for integer: %q", shown)
	case f == Syntax:
		return fail(CodeSyntax, "invalid input syntax for type %s: %q", typ, shown)
	}
	switch typ {
	case "date", "time", "timestamp", "timestamp with time zone", "time with time zone":
		return fail(CodeDate, "date/time field value out of range: %q", shown)
	case "numeric":
		return fail(CodeRange, "Numeric data overflow (result precision): %q", shown)
	}
	return fail(CodeRange, "value %q is out of range for type %s", shown, typ)
}

func isSpace(c byte) bool { return c == ' ' || c >= 9 && c <= 13 }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// trim cuts white space off both ends: that of C for Redshift, all control characters for Spark.
func (r *Rules) trim(s []byte) []byte {
	blank := isSpace
	if r.Dialect == SparkDialect {
		blank = func(c byte) bool { return c <= ' ' || c == 0x7f }
	}
	for len(s) > 0 && blank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// equalFold compares with a lower-case word without regard to the case of ASCII letters.
func equalFold(s []byte, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range s {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
