package engine

import (
	"regexp"
	"strings"

	"penstock/internal/pattern"
)

// A Fault is what an error of the engine means to somebody who wrote SQL and does not know the engine: an SQLSTATE, and words that
// PostgreSQL and Redshift use for it.
type Fault struct{ Code, Message string }

// Fault translates the error; ok is false when nothing is known of it that can be told. What the engine said is for the log then.
func (e *Error) Fault() (f Fault, ok bool) {
	if e.Full {
		return Fault{"53100", "Disk Full: " + e.Message}, true
	}
	if e.Kind == KindValue {
		return Fault{e.Code, e.Message}, true
	}
	msg, _, _ := strings.Cut(e.Detail(), "\n\nLINE ") // that line is the text made for the engine
	for _, r := range faults {
		if r.kind != "" && r.kind != e.Kind {
			continue
		}
		if m := r.match().FindStringSubmatch(msg); m != nil {
			return r.say(m), true
		}
	}
	return Fault{}, false
}

// Conflict reports whether another transaction changed the same thing at the same time.
func (e *Error) Conflict() bool {
	return (strings.HasPrefix(e.Kind, "Transaction") || e.Kind == "Catalog") &&
		(strings.Contains(e.Message, "onflict") || strings.Contains(e.Message, "but another transaction has "))
}

// A fault is a rule: errors of a kind ("" for all) whose text matches.
type fault struct {
	kind  string
	match func() *regexp.Regexp
	say   func(m []string) Fault
}

// is makes a rule with a fixed text, in which $1 stands for what was matched.
func is(kind, expr, code, text string) fault {
	return fault{kind, pattern.Lazy(`(?s)` + expr), func(m []string) Fault {
		out := text
		for i := len(m) - 1; i > 0; i-- {
			out = strings.ReplaceAll(out, "$"+string(rune('0'+i)), m[i])
		}
		return Fault{code, out}
	}}
}

// as makes a rule with a text of its own.
func as(kind, expr string, say func(m []string) Fault) fault {
	return fault{kind, pattern.Lazy(`(?s)` + expr), say}
}

const numericOverflow = "Numeric data overflow (result precision)"

// faults are tried in order. The first are texts of Penstock's own macros, which raise them by error().
var faults = []fault{
	is("", `^(value too long for type [^\n]*)`, "22001", "$1"),
	is("", `^([^\n]*numeric data overflow[^\n]*)`, "22003", "$1"),
	is("", `^(negative substring length not allowed)`, "22011", "$1"),
	is("", `^(The input .* is not valid to be converted to base -?\d+)`, "22P02", "$1"),
	is("", `^((?:TO|FROM)_VARBYTE format is not supported: .*)`, "22023", "$1"),
	is("", `^(invalid JSON(?: array)?(?: object)?:? .*)`, "22P02", "$1"),
	is("", `(?i)^divi(?:sion|de) by zero`, "22012", "Divide by zero"),

	is("", `^More than one row returned by a subquery`, "21000", "more than one row returned by a subquery used as an expression"),
	as("Out of Range", `^Overflow in (\w+)(?: \w+)? of (\w+)`, overflow),
	is("Out of Range", `^Needed scale`, "22003", numericOverflow),
	is("Out of Range", `^(cannot take logarithm of (?:zero|a negative number))`, "2201E", "$1"),
	is("Out of Range", `^(cannot take square root of a negative number)`, "2201F", "$1"),
	is("Out of Range", `^input value .* is out of range for numeric function`, "22003", "input is out of range"),
	is("Out of Range", `^[A-Z_]+ is out of range!`, "22003", `type "double precision" value out of range: overflow`),
	is("Out of Range", `(?i)shift`, "22003", "the number of bits to shift, or what is shifted, is out of range"),
	is("", `(?i)^[^"']*(?:date|timestamp|interval|time)[^"']*(?:out of range|overflow)`, "22008", "date/time value out of range"),
	is("Out of Range", ``, "22003", "Value out of range"),

	as("Conversion", `^Could not convert string ['"](.*)['"] to (.+?)(?: when casting .*)?$`,
		func(m []string) Fault { return invalid(m[2], m[1]) }),
	is("Conversion", `field value out of range: "(.*?)"`, "22008", `date/time field value out of range: "$1"`),
	is("Conversion", `^invalid (\w+) field format: "(.*?)"`, "22007", `invalid input syntax for type $1: "$2"`),
	as("Conversion", `^Type .+? with value .* can't be cast .*destination type (\w+)`, func(m []string) Fault { return outOf(m[1]) }),
	is("Conversion", `^Could not cast value -?(?:inf|nan)\w* to DECIMAL`, "22003", "cannot convert infinity or NaN to numeric"),
	as("Conversion", `^(?:Could not cast value .* to|Casting value .* to type|Failed to cast decimal value .* to type) (\w+)`,
		func(m []string) Fault { return outOf(m[1]) }),
	as("Conversion", `^Unimplemented type for cast \((.+) -> (.+?)\)`, cannotCast),
	is("", `(?i)^malformed JSON`, "22P02", "invalid JSON"),
	is("", `^Could not parse string "(.*?)" according to format specifier`, "22007", `"$1" does not have the form that the format asks for`),
	is("Conversion", `(?i)out of range`, "22003", "Value out of range"),
	is("Conversion", ``, "22P02", "a value cannot be converted to the type that is asked for"),

	is("", `^Invalid UTF8 Codepoint (-?\d+)`, "22023", "requested character is not valid for encoding: $1"),
	is("", `(?i)^quantile`, "22003", "percentile value is not between 0 and 1"),
	is("", `^GROUPING`, "42803", "arguments to GROUPING must be grouping expressions of the query"),
	is("", `^json_object\(\) keys`, "42883", "OBJECT takes text as names"),
	is("", `(?i)^like pattern must not end with escape`, "22025", "LIKE pattern must not end with escape character"),
	is("", `^(?:missing (?:closing|\))|invalid (?:perl operator|escape|character class|repetition|named|UTF)|no argument for repetition|bad `+
		`repetition|unexpected \)|trailing \\)`, "2201B", "invalid regular expression"),
	is("", `(?i)^unknown time ?zone '(.*?)'`, "22023", `time zone "$1" not recognized`),
	is("", `(?i)^(?:nextval|sequence).*(?:maximum|minimum) value`, "2200H", "the identity column has no further value"),

	as("Binder", `^(?:No function matches the given name and argument types '|Could not choose a best candidate function for the function `+
		`call ")(.+?)\((.*?)\)['"]\.`, noFunction),
	is("Constraint", `NOT NULL constraint failed: (?:[^\n]*\.)?([^\n]*)`, "23502", "Cannot insert a NULL value into column $1"),
	is("Catalog", `^(?:Table|View) with name "?(.+?)"? does not exist`, "42P01", `relation "$1" does not exist`),
	is("Catalog", `^Schema with name "?(.+?)"? does not exist`, "3F000", `schema "$1" does not exist`),
	is("Catalog", `^(?:Table|View) with name "?(.+?)"? already exists`, "42P07", `Relation "$1" already exists`),
	is("Out of Memory", ``, "53200", "out of memory: the statement needs more than the engine may use"),
	is("INTERRUPT", ``, "57014", "Query cancelled on user's request"),
	is("TransactionContext", `(?i)transaction is aborted`, "25P02",
		"current transaction is aborted, commands ignored until end of transaction block"),
}

// overflow says which arithmetic left its type: the integers of 128 bits are those of decimals.
func overflow(m []string) Fault {
	what := map[string]string{"INT64": "Overflow for bigint type", "INT32": "Overflow for integer type", "INT16": "Overflow for smallint type",
		"INT8": "Overflow for smallint type"}[m[2]]
	if what == "" {
		what = "128 bit numeric data overflow"
	}
	return Fault{"22003", what + " (" + m[1] + ")"}
}

// outOf is a value that its type does not hold.
func outOf(engineType string) Fault {
	switch wordOf(engineType) {
	case "smallint":
		return Fault{"22003", "Value out of range for 2 bytes"}
	case "integer":
		return Fault{"22003", "Value out of range for 4 bytes"}
	case "bigint":
		return Fault{"22003", "Value out of range for 8 bytes"}
	case "numeric":
		return Fault{"22003", numericOverflow}
	}
	return Fault{"22003", "Value out of range"}
}

// invalid is a text that is no value of its type.
func invalid(engineType, value string) Fault {
	code, word := "22P02", wordOf(engineType)
	switch word {
	case "integer", "smallint", "bigint", "boolean", "numeric", "double precision", "real":
	case "super", "varbyte":
		return Fault{code, "a text cannot be converted to " + word}
	default:
		code = "22007"
	}
	if word != "integer" && word != "smallint" && word != "bigint" {
		word = "type " + word
	}
	return Fault{code, "invalid input syntax for " + word + ": \"" + value + "\""}
}

func cannotCast(m []string) Fault {
	return Fault{"42846", "cannot cast type " + wordOf(m[1]) + " to " + wordOf(m[2])}
}

// noFunction tells which types do not suit; the name of a function is the engine's, an operator is everybody's.
func noFunction(m []string) Fault {
	types := strings.Split(m[2], ", ")
	for i, t := range types {
		types[i] = wordOf(t)
	}
	if strings.Trim(m[1], "+-*/%<>=~!@#^&|") == "" {
		return Fault{"42883", "operator does not exist: " + strings.TrimSpace(strings.Join(types, " "+m[1]+" "))}
	}
	return Fault{"42883", "a function is given arguments of types that it does not take: " + strings.Join(types, ", ")}
}

// wordOf is the engine's name of a type in SQL's words.
func wordOf(t string) string {
	t, _, _ = strings.Cut(t, "(")
	switch strings.ToUpper(strings.TrimSpace(t)) {
	case "BOOLEAN", "BOOL":
		return "boolean"
	case "TINYINT", "INT8", "SMALLINT", "INT16", "UTINYINT", "UINT8":
		return "smallint"
	case "INTEGER", "INT32", "USMALLINT", "UINT16", "INTEGER_LITERAL":
		return "integer"
	case "BIGINT", "INT64", "UINTEGER", "UINT32":
		return "bigint"
	case "DECIMAL", "HUGEINT", "INT128", "UBIGINT", "UINT64", "UHUGEINT", "BIGNUM":
		return "numeric"
	case "FLOAT":
		return "real"
	case "DOUBLE":
		return "double precision"
	case "DATE", "INTERVAL", "TIME":
		return strings.ToLower(strings.TrimSpace(t))
	}
	return longWord(strings.ToUpper(strings.TrimSpace(t)))
}

func longWord(t string) string {
	switch {
	case strings.HasPrefix(t, "TIMESTAMP") && strings.Contains(t, "ZONE"), t == "TIMESTAMPTZ":
		return "timestamp with time zone"
	case strings.HasPrefix(t, "TIMESTAMP"):
		return "timestamp without time zone"
	case strings.HasPrefix(t, "TIME"):
		return "time with time zone"
	case t == "VARCHAR", t == "STRING_LITERAL", t == "ENUM":
		return "character varying"
	case t == "BLOB", t == "BIT":
		return "varbyte"
	case t == "\"NULL\"", t == "NULL", t == "SQLNULL":
		return "unknown"
	}
	return "super"
}
