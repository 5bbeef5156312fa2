package shapes

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxFindings bounds the findings of one request: AWS lists a few, and an input with a million bad elements must not make a book.
const maxFindings = 10

// Validate holds a value against the constraints of its shape and returns AWS's text about what breaks them, or "".
func Validate(t *Type, v reflect.Value) string {
	c := checker{}
	c.structure(t, v)
	switch len(c.found) {
	case 0:
		return ""
	case 1:
		return "1 validation error detected: " + c.found[0]
	}
	return fmt.Sprintf("%d validation errors detected: %s", len(c.found), strings.Join(c.found, "; "))
}

// BreaksDocument reports whether a constraint is broken in what stands in the request's body, not in its path, query or headers.
func BreaksDocument(t *Type, v reflect.Value) bool {
	c := checker{document: true}
	c.structure(t, v)
	return len(c.found) > 0
}

// A checker walks a value. Where it is, is kept as parts and only written when something is found.
type checker struct {
	found    []string
	path     []part
	document bool // the body alone is looked at
}

// A part of a path: a member's name, or an element of a list (from 1), or a key of a map.
type part struct {
	name string
	n    int
	key  string
}

func (c *checker) at() string {
	var b strings.Builder
	for i, p := range c.path {
		switch {
		case p.n > 0:
			fmt.Fprintf(&b, ".%d.member", p.n)
		case p.name == "":
			b.WriteString("." + p.key)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(lowerFirst(p.name))
		}
	}
	return b.String()
}

func (c *checker) push(p part) { c.path = append(c.path, p) }
func (c *checker) pop()        { c.path = c.path[:len(c.path)-1] }

func (c *checker) fail(value, want string) {
	if len(c.found) < maxFindings {
		c.found = append(c.found, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, c.at(), want))
	}
}

func (c *checker) structure(t *Type, v reflect.Value) {
	for _, f := range t.Fields {
		fv, ok := f.Of(v)
		if !ok && (!f.Ref.Required || f.Ref.Token) || ok && zeroDefault(f, v) || c.document && len(c.path) == 0 && f.Ref.Location != "" {
			continue
		}
		c.push(part{name: f.Ref.Name})
		if ok {
			c.value(f.Type, fv)
		} else {
			c.fail("null", "Member must not be null")
		}
		c.pop()
	}
}

// zeroDefault says whether a member is a count or a flag without pointer that was not set: its 0 is no value of the client's.
func zeroDefault(f *Field, s reflect.Value) bool {
	raw := f.In(s)
	switch raw.Kind() {
	case reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64, reflect.Bool:
		return raw.IsZero()
	}
	return false
}

func (c *checker) value(t *Type, v reflect.Value) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch t.Shape.Kind {
	case Structure:
		if v.Kind() == reflect.Struct {
			c.structure(t, v)
		} else if vr, val, ok := t.UnionValue(v); ok {
			c.push(part{name: vr.Ref.Name})
			c.value(vr.Type, val)
			c.pop()
		}
	case List:
		if v.Kind() == reflect.Slice {
			c.list(t, v)
		}
	case Map:
		if v.Kind() == reflect.Map {
			c.mapping(t, v)
		}
	case Blob:
		if v.Kind() == reflect.Slice {
			c.length(t.Shape, v.Len(), v)
		}
	default:
		c.scalar(t.Shape, v)
	}
}

func (c *checker) list(t *Type, v reflect.Value) {
	c.length(t.Shape, v.Len(), v)
	if !t.Elem.constrained() {
		return
	}
	for i := range v.Len() {
		c.push(part{n: i + 1})
		c.value(t.Elem, v.Index(i))
		c.pop()
	}
}

func (c *checker) mapping(t *Type, v reflect.Value) {
	c.length(t.Shape, v.Len(), v)
	for it := v.MapRange(); it.Next(); {
		c.push(part{key: it.Key().String()})
		c.push(part{key: "key"})
		c.value(t.Key, it.Key())
		c.pop()
		c.push(part{key: "member"})
		c.value(t.Value, it.Value())
		c.pop()
		c.pop()
	}
}

// constrained says whether a scalar has anything to check; structures always may.
func (t *Type) constrained() bool {
	s := t.Shape
	return s.Kind == Structure || s.Kind == List || s.Kind == Map || s.Min != nil || s.Max != nil || s.re != nil || len(s.Enum) > 0
}

// scalar goes by the Go type: the SDK has text for a few numbers (S3's part number markers).
func (c *checker) scalar(s *Shape, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if s.Kind == String {
			c.text(s, v)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		c.number(s, float64(v.Int()), v)
	case reflect.Float32, reflect.Float64:
		c.number(s, v.Float(), v)
	}
}

func (c *checker) text(s *Shape, v reflect.Value) {
	text := v.String()
	if text == "" && len(s.Enum) > 0 {
		return // an enum without value is absent
	}
	if s.Min != nil || s.Max != nil {
		c.length(s, utf8.RuneCountInString(text), v)
	}
	if s.re != nil && !s.re.MatchString(text) {
		c.fail(brief(v), "Member must satisfy regular expression pattern: "+s.Pattern)
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		c.fail(brief(v), "Member must satisfy enum value set: ["+strings.Join(s.Enum, ", ")+"]")
	}
}

func (c *checker) length(s *Shape, n int, v reflect.Value) {
	if s.Min != nil && float64(n) < *s.Min {
		c.fail(brief(v), "Member must have length greater than or equal to "+bound(*s.Min))
	}
	if s.Max != nil && float64(n) > *s.Max {
		c.fail(brief(v), "Member must have length less than or equal to "+bound(*s.Max))
	}
}

func (c *checker) number(s *Shape, n float64, v reflect.Value) {
	if s.Min != nil && n < *s.Min {
		c.fail(brief(v), "Member must have value greater than or equal to "+bound(*s.Min))
	}
	if s.Max != nil && n > *s.Max {
		c.fail(brief(v), "Member must have value less than or equal to "+bound(*s.Max))
	}
}

func bound(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func lowerFirst(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// cut shortens a value for a message.
func cut(s string) string {
	if len(s) > 256 {
		return s[:256] + "..."
	}
	return s
}

// brief writes a value for a message, in quotes; of lists, maps and blobs as much as is of use.
func brief(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.String && v.Len() > 0 {
			return fmt.Sprintf("'(%d elements)'", v.Len())
		}
		var parts []string
		for i := 0; i < v.Len() && i < 10; i++ {
			parts = append(parts, v.Index(i).String())
		}
		return "'" + cut("["+strings.Join(parts, ", ")+"]") + "'"
	case reflect.Map:
		if v.Len() == 0 {
			return "'{}'"
		}
		return fmt.Sprintf("'(%d entries)'", v.Len())
	}
	return "'" + cut(Text(v, String, ISO8601)) + "'"
}
