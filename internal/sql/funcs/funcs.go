// Package funcs lists the functions of the dialects whose meaning is a signature and an operation of the typed tree. Functions with a
// grammar or type rules of their own are in package bind.
package funcs

import (
	"fmt"
	"sort"
	"strings"
	"sync"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

// Class is what an argument must be.
type Class string

// The classes of arguments and results.
const (
	Text     Class = "text"
	Int      Class = "int"
	Bigint   Class = "bigint"
	Number   Class = "num"
	Double   Class = "double"
	Bool     Class = "bool"
	Date     Class = "date"
	Stamp    Class = "timestamp"
	Instant  Class = "instant" // date or timestamp, kept as it is
	Bytes    Class = "bytes"
	Super    Class = "super"
	Any      Class = "any"
	First    Class = "$1"   // result: the type of the first argument
	Same     Class = "same" // arguments: all of one type; result: that type
	Interval Class = "interval"
	Tz       Class = "timestamptz"
)

// Rule is one signature of a function.
type Rule struct {
	Name     string
	Args     []Class
	Optional int  // how many of Args may be left out
	Variadic bool // the last of Args may be repeated
	Result   Class
	Op       string
}

// Accepts says whether n arguments fit.
func (r Rule) Accepts(n int) bool {
	return n >= len(r.Args)-r.Optional && (n <= len(r.Args) || r.Variadic)
}

// Arg is the class of the i-th argument.
func (r Rule) Arg(i int) Class {
	if i >= len(r.Args) {
		return r.Args[len(r.Args)-1]
	}
	return r.Args[i]
}

// Find gives the signatures of a function in a dialect.
func Find(d *dialect.Dialect, name string) []Rule { return table(d)[name] }

// Names lists all functions of a dialect, sorted.
func Names(d *dialect.Dialect) []string {
	t := table(d)
	out := make([]string, 0, len(t))
	for n := range t {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

var (
	sparkTable    = sync.OnceValue(func() map[string][]Rule { return read(common + spark) })
	redshiftTable = sync.OnceValue(func() map[string][]Rule { return read(common + redshift) })
)

func table(d *dialect.Dialect) map[string][]Rule {
	if d == dialect.Redshift {
		return redshiftTable()
	}
	return sparkTable()
}

// read parses lines "name other_name(arg, [optional], more...) result op".
func read(text string) map[string][]Rule {
	out := map[string][]Rule{}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		names, rest, _ := strings.Cut(line, "(")
		args, tail, _ := strings.Cut(rest, ")")
		words := strings.Fields(tail)
		r := Rule{Result: Class(words[0])}
		for _, a := range strings.Split(args, ",") {
			a = strings.TrimSpace(a)
			if a == "" {
				continue
			}
			if strings.HasPrefix(a, "[") {
				r.Optional++
				a = strings.Trim(a, "[]")
			}
			if strings.HasSuffix(a, "...") {
				r.Variadic = true
				a = strings.TrimSuffix(a, "...")
			}
			r.Args = append(r.Args, Class(a))
		}
		for _, n := range strings.Fields(names) {
			r.Name, r.Op = n, strings.Fields(names)[0]
			if len(words) > 1 {
				r.Op = words[1]
			}
			out[n] = append(out[n], r)
		}
	}
	return out
}

// Type gives the plain type of a class; ok is false for the classes that depend on arguments.
func (c Class) Type(d *dialect.Dialect) (t typed.Type, ok bool) {
	kinds := map[Class]typed.Kind{Int: typed.Int, Bigint: typed.Bigint, Double: typed.Double, Bool: typed.Bool, Date: typed.Date, Stamp: typed.Timestamp,
		Bytes: typed.Varbyte, Super: typed.Super, Interval: typed.Interval, Tz: typed.Timestamptz}
	if c == Text {
		if d == dialect.Redshift {
			return typed.T(typed.Varchar), true
		}
		return typed.T(typed.String), true
	}
	k, ok := kinds[c]
	return typed.T(k), ok
}

// Signature writes a rule for messages: left(text, int).
func (r Rule) Signature() string {
	parts := make([]string, len(r.Args))
	for i, a := range r.Args {
		parts[i] = string(a)
		if i >= len(r.Args)-r.Optional {
			parts[i] = "[" + parts[i] + "]"
		}
	}
	if r.Variadic {
		parts[len(parts)-1] += "..."
	}
	return fmt.Sprintf("%s(%s)", r.Name, strings.Join(parts, ", "))
}
