package dialect

import (
	"fmt"
	"sort"
	"strings"
	"sync"

	"penstock/internal/sql/typed"
)

// Class is what an argument must be, or what a result is.
type Class string

// The classes of arguments and results.
const (
	Text     Class = "text"
	LongText Class = "longtext" // result: text of the longest length
	Tinyint  Class = "tinyint"
	Int      Class = "int"
	Bigint   Class = "bigint"
	Number   Class = "num"
	Double   Class = "double"
	Bool     Class = "bool"
	Date     Class = "date"
	Stamp    Class = "timestamp"
	Tz       Class = "timestamptz"
	Instant  Class = "instant" // date or timestamp, kept as it is
	Bytes    Class = "bytes"
	Super    Class = "super"
	Interval Class = "interval"
	Sketch   Class = "hllsketch"
	Any      Class = "any"
	Same     Class = "same"    // arguments: all of one type; result: that type
	Ignore   Class = "ignore"  // TRUE makes an aggregate pass over NULLs
	First    Class = "$1"      // result: the type of the first argument
	Ordered  Class = "ordered" // result: the type of the sort key in WITHIN GROUP
	Whole    Class = "whole"   // result: see Numbers, as for the three below
	Sum      Class = "sum"
	Avg      Class = "avg"
	Median   Class = "median"
)

// The classes of nested values. Arrays and elements among the arguments get one type of elements, maps and keys one type of maps.
const (
	List    Class = "array"
	Elem    Class = "elem"
	Dict    Class = "map"
	Key     Class = "key"
	Keys    Class = "keys"    // result: the array of a map's keys
	Values  Class = "values"  // result: that of its values
	Entries Class = "entries" // result: that of both, as structs
	Texts   Class = "texts"   // an array of text
)

// Kind says where a function may stand.
type Kind int

// The kinds.
const (
	Scalar    Kind = iota
	Aggregate      // also with OVER
	Window         // only with OVER
	Generator      // gives rows: alone in a select list, in LATERAL VIEW, in FROM
	Higher         // takes functions of elements
)

// Function is what a name means: signatures, or the name of a rule of package rules, or the reason why it is refused.
type Function struct {
	Kind       Kind
	Signatures []Signature
	Rule       string
	Refused    string
	Bare       bool // it may be written without parentheses
}

// Signature is one way to call a function.
type Signature struct {
	Name     string
	Args     []Class
	Optional int  // how many of Args may be left out
	Variadic bool // the last of Args may be repeated
	Within   bool // WITHIN GROUP (ORDER BY x) belongs to it
	Result   Class
	Op       string
}

// Accepts reports whether n arguments fit.
func (s Signature) Accepts(n int) bool {
	return n >= len(s.Args)-s.Optional && (n <= len(s.Args) || s.Variadic)
}

// Arg is the class of the i-th argument.
func (s Signature) Arg(i int) Class {
	if i >= len(s.Args) {
		return s.Args[len(s.Args)-1]
	}
	return s.Args[i]
}

// String writes a signature for messages: left(text, int).
func (s Signature) String() string {
	parts := make([]string, len(s.Args))
	for i, a := range s.Args {
		parts[i] = string(a)
		if i >= len(s.Args)-s.Optional {
			parts[i] = "[" + parts[i] + "]"
		}
	}
	if s.Variadic {
		parts[len(parts)-1] += "..."
	}
	return fmt.Sprintf("%s(%s)", s.Name, strings.Join(parts, ", "))
}

var classKinds = map[Class]typed.Kind{Tinyint: typed.Tinyint, Int: typed.Int, Bigint: typed.Bigint, Double: typed.Double, Bool: typed.Bool,
	Date: typed.Date, Stamp: typed.Timestamp, Bytes: typed.Varbyte, Super: typed.Super, Sketch: typed.Sketch, Interval: typed.Interval,
	Tz: typed.Timestamptz}

// Class returns the type of a class; ok is false for the classes that depend on arguments.
func (d *Dialect) Class(c Class) (t typed.Type, ok bool) {
	switch c {
	case Text:
		return d.Types.Text, true
	case LongText:
		return typed.VarcharOf(d.Types.MaxText), true
	case Texts:
		return typed.ArrayOf(d.Types.Text), true
	}
	k, ok := classKinds[c]
	return typed.T(k), ok
}

// Function finds a function; nil when there is none of that name.
func (d *Dialect) Function(name string) *Function { return d.Functions()[name] }

// Listed returns the names of the functions that are not refused, sorted: those of one row, and the aggregate and window functions.
func (d *Dialect) Listed() (scalar, aggregate []string) {
	for name, f := range d.Functions() {
		switch {
		case f.Refused != "":
		case f.Kind == Scalar || f.Kind == Generator || f.Kind == Higher:
			scalar = append(scalar, name)
		default:
			aggregate = append(aggregate, name)
		}
	}
	sort.Strings(scalar)
	sort.Strings(aggregate)
	return scalar, aggregate
}

// table reads the map of functions of a dialect when it is first asked for. A name means one thing: signatures may be several, but a rule
// or a refusal stands alone. A line is one of
//
//	name other_name(arg, [optional], more...) result op   the operation's name is the function's when it is left out
//	name other_name: rule                                 a rule of package rules
//	name other_name! why it is refused
//
// with bare, agg or window in front, and within behind an agg that takes WITHIN GROUP.
func table(texts ...string) func() map[string]*Function {
	return sync.OnceValue(func() map[string]*Function {
		out := map[string]*Function{}
		for _, line := range strings.Split(strings.Join(texts, "\n"), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				read(out, line)
			}
		}
		return out
	})
}

var prefixes = map[string]Function{"bare": {Bare: true}, "agg": {Kind: Aggregate}, "window": {Kind: Window},
	"rows": {Kind: Generator}, "higher": {Kind: Higher}}

func read(out map[string]*Function, line string) {
	end := strings.IndexAny(line, "(:!")
	names, rest := strings.Fields(line[:end]), strings.TrimSpace(line[end+1:])
	kind, ok := prefixes[names[0]]
	if ok {
		names = names[1:]
	}
	for _, name := range names {
		f := out[name]
		if f == nil {
			made := kind
			f = &made
			out[name] = f
		}
		switch line[end] {
		case ':':
			f.Rule = rest
		case '!':
			f.Refused = rest
		default:
			f.Signatures = append(f.Signatures, signature(name, names[0], rest))
		}
	}
}

// signature reads "arg, [optional], more...) result op".
func signature(name, op, text string) Signature {
	args, tail, _ := strings.Cut(text, ")")
	words := strings.Fields(tail)
	s := Signature{Name: name, Op: op, Result: Class(words[0])}
	if n := len(words) - 1; n > 0 && words[n] == "within" {
		s.Within, words = true, words[:n]
	}
	if len(words) > 1 {
		s.Op = words[1]
	}
	for _, a := range strings.Split(args, ",") {
		a = strings.TrimSpace(a)
		if a == "" {
			continue
		}
		if strings.HasPrefix(a, "[") {
			s.Optional++
			a = strings.Trim(a, "[]")
		}
		if strings.HasSuffix(a, "...") {
			s.Variadic = true
			a = strings.TrimSuffix(a, "...")
		}
		s.Args = append(s.Args, Class(a))
	}
	return s
}
