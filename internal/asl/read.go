package asl

import (
	"fmt"
	"slices"
	"strings"

	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

// reader reads the members of one object of a definition and notes which it has read: the others are not supported.
type reader struct {
	o    *value.Object
	at   string
	p    *parsing
	used map[string]bool
	// missing are the required members that are not there: one diagnostic names them all.
	missing []string
}

// parsing gathers what is wrong with a definition.
type parsing struct {
	diags    []Diagnostic
	resource func(string) string
	names    map[string]bool
	current  string              // the state that is being read
	vars     map[string][]string // the variables that states refer to
}

// refers notes the variables that the paths of the current state start from.
func (p *parsing) refers(paths ...*jsonpath.Path) {
	for _, path := range paths {
		if path.Root != jsonpath.Variable {
			continue
		}
		if i, found := slices.BinarySearch(p.vars[p.current], path.Var); !found {
			p.vars[p.current] = slices.Insert(p.vars[p.current], i, path.Var)
		}
	}
}

// expr reads a path or a call that stands in the current state.
func (p *parsing) expr(s string) (*expr, error) {
	e, err := parseExpr(s)
	switch {
	case err != nil:
	case e.path != nil:
		p.refers(e.path)
	default:
		p.refers(e.call.Paths()...)
	}
	return e, err
}

func (p *parsing) schema(at, format string, a ...any) {
	p.add("SCHEMA_VALIDATION_FAILED", at, format, a...)
}

func (p *parsing) add(code, at, format string, a ...any) {
	p.diags = append(p.diags, Diagnostic{Code: code, Message: fmt.Sprintf(format, a...), Location: at})
}

func (p *parsing) warn(code, at, format string, a ...any) {
	p.add(code, at, format, a...)
	p.diags[len(p.diags)-1].Warning = true
}

func (p *parsing) object(v value.Value, at string) *reader {
	o, ok := v.(*value.Object)
	if !ok {
		p.schema(at, "Expected value of type Object")
		o = &value.Object{}
	}
	return &reader{o: o, at: at, p: p, used: map[string]bool{}}
}

func (r *reader) get(name string) (value.Value, bool) {
	r.used[name] = true
	return r.o.Get(name)
}

func (r *reader) has(name string) bool { _, ok := r.o.Get(name); return ok }

func (r *reader) fail(name, format string, a ...any) {
	at := r.at
	if name != "" {
		at += "/" + name
	}
	if at == "" {
		at = "/"
	}
	r.p.schema(at, format, a...)
}

// lacks reports the members that are missing.
func (r *reader) lacks() {
	if len(r.missing) > 0 {
		r.fail("", "These fields are required: [%s]", strings.Join(r.missing, ", "))
	}
}

// rest reports the members that are missing and those that nothing has read.
func (r *reader) rest() {
	r.lacks()
	for _, k := range r.o.Keys() {
		if !r.used[k] {
			r.fail("", "Field '%s' is not supported", k)
		}
	}
}

// refuse names a member of the language that is not implemented.
func (r *reader) refuse(names ...string) {
	for _, n := range names {
		if _, ok := r.get(n); ok {
			r.fail(n, "Penstock does not support the field '%s' yet", n)
		}
	}
}

func (r *reader) str(name string) string {
	v, ok := r.get(name)
	if !ok {
		return ""
	}
	s, isText := v.(string)
	if !isText {
		r.fail(name, "Expected value of type String")
	}
	return s
}

func (r *reader) required(name string) string {
	if !r.needs(name) {
		return ""
	}
	return r.name(name)
}

// needs reports whether a member is there, and notes when it is not.
func (r *reader) needs(name string) bool {
	if !r.has(name) {
		r.missing = append(r.missing, name)
	}
	return r.has(name)
}

// some reads a list that must have items.
func (r *reader) some(name string) []value.Value {
	if !r.needs(name) {
		return nil
	}
	list := r.list(name)
	if list != nil && len(list) == 0 {
		r.fail(name, "Value cannot be empty")
	}
	return list
}

// word reads text that must be one of the given words, "" when it is absent.
func (r *reader) word(name string, words ...string) string {
	s := r.str(name)
	if s != "" && !slices.Contains(words, s) {
		r.fail(name, "Value should be one of the following: [%s]", strings.Join(words, ", "))
	}
	return s
}

// name reads a text that must not be empty where it is given.
func (r *reader) name(name string) string {
	if v, ok := r.get(name); ok && v == "" {
		r.fail(name, "The field '%s' must not be empty", name)
	}
	return r.str(name)
}

func (r *reader) boolean(name string) bool {
	v, ok := r.get(name)
	if !ok {
		return false
	}
	b, isBool := v.(bool)
	if !isBool {
		r.fail(name, "Expected value of type Boolean")
	}
	return b
}

// integer reads a whole number from lo to hi; absent is def.
func (r *reader) integer(name string, def, lo, hi int64) int64 {
	v, ok := r.get(name)
	if !ok {
		return def
	}
	n, isInt := value.AsInt(v)
	switch {
	case !isInt:
		r.fail(name, "Expected value of type Integer")
		return def
	case n < lo:
		r.fail(name, "Value is less than the minimum of %d", lo)
	case n > hi:
		r.fail(name, "Value is greater than the maximum of %d", hi)
	}
	return n
}

func (r *reader) path(name string) *jsonpath.Path {
	v, ok := r.get(name)
	if !ok {
		return nil
	}
	s, isText := v.(string)
	if isText {
		if path, err := jsonpath.Parse(s); err == nil {
			r.p.refers(path)
			return path
		}
	}
	r.fail(name, "Value must be a valid JSONPath.")
	return nil
}

// field reads a path that may be null.
func (r *reader) field(name string, reference bool) field {
	v, ok := r.get(name)
	if !ok {
		return field{}
	}
	if v == nil {
		return field{null: true}
	}
	s, isText := v.(string)
	if reference {
		p, err := jsonpath.ParseReference(s)
		if !isText || err != nil || p.Root != jsonpath.Input {
			r.fail(name, "Value is not a Reference Path")
			return field{}
		}
		return field{path: p}
	}
	return field{path: r.path(name)}
}

func (r *reader) template(name string) *template {
	v, ok := r.get(name)
	if !ok {
		return nil
	}
	return r.p.template(v, r.at+"/"+name)
}

// exclusive reports when more than one of the names is set, and answers whether any is.
func (r *reader) exclusive(names ...string) bool {
	var set []string
	for _, n := range names {
		if r.has(n) {
			set = append(set, n)
		}
	}
	if len(set) > 1 {
		r.fail("", "There should only be one of the following fields: [%s]", strings.Join(names, ", "))
	}
	return len(set) > 0
}

func (r *reader) list(name string) []value.Value {
	v, ok := r.get(name)
	if !ok {
		return nil
	}
	a, isList := v.([]value.Value)
	if !isList {
		r.fail(name, "Expected value of type Array")
	}
	return a
}

// one is exclusive where one of the names must be set.
func (r *reader) one(names ...string) {
	if !r.exclusive(names...) {
		r.fail("", "This object should have only one of the following fields: [%s]", strings.Join(names, ", "))
	}
}
