package shapes

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxFindings bounds the findings of one request: AWS lists a few, and an input with a million bad elements must not make a book.
const maxFindings = 10

// Validate holds a value against the constraints of its shape and returns AWS's text about what breaks them, or "".
func Validate(t *Type, v reflect.Value) string {
	c := checker{}
	c.structure(t, v, "")
	switch len(c.found) {
	case 0:
		return ""
	case 1:
		return "1 validation error detected: " + c.found[0]
	}
	return fmt.Sprintf("%d validation errors detected: %s", len(c.found), strings.Join(c.found, "; "))
}

type checker struct{ found []string }

func (c *checker) fail(value, at, want string) {
	if len(c.found) < maxFindings {
		c.found = append(c.found, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, at, want))
	}
}

func (c *checker) structure(t *Type, v reflect.Value, at string) {
	for _, f := range t.Fields {
		path := lowerFirst(f.Ref.Name)
		if at != "" {
			path = at + "." + path
		}
		fv, ok := f.Of(v)
		if !ok {
			if f.Ref.Required && !f.Ref.Token {
				c.fail("null", path, "Member must not be null")
			}
			continue
		}
		if zeroDefault(f, v) {
			continue
		}
		c.value(f.Type, fv, path)
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

func (c *checker) value(t *Type, v reflect.Value, at string) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch s := t.Shape; s.Kind {
	case Structure:
		if v.Kind() == reflect.Struct {
			c.structure(t, v, at)
		} else if vr, val, ok := t.UnionValue(v); ok {
			c.value(vr.Type, val, at+"."+lowerFirst(vr.Ref.Name))
		}
	case List:
		if v.Kind() != reflect.Slice {
			return
		}
		c.length(s, v.Len(), "'"+brief(v)+"'", at)
		for i := range v.Len() {
			c.value(t.Elem, v.Index(i), at+"."+strconv.Itoa(i+1)+".member")
		}
	case Map:
		if v.Kind() == reflect.Map {
			c.mapping(t, v, at)
		}
	case Blob:
		if v.Kind() == reflect.Slice {
			c.length(s, v.Len(), "'"+brief(v)+"'", at)
		}
	default:
		c.scalar(s, v, at)
	}
}

// scalar goes by the Go type: the SDK has text for a few numbers (S3's part number markers).
func (c *checker) scalar(s *Shape, v reflect.Value, at string) {
	switch v.Kind() {
	case reflect.String:
		if s.Kind == String {
			c.text(s, v.String(), at)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		c.number(s, float64(v.Int()), strconv.FormatInt(v.Int(), 10), at)
	case reflect.Float32, reflect.Float64:
		c.number(s, v.Float(), FormatFloat(v.Float(), 64), at)
	}
}

func (c *checker) mapping(t *Type, v reflect.Value, at string) {
	c.length(t.Shape, v.Len(), "'"+brief(v)+"'", at)
	for it := v.MapRange(); it.Next(); {
		k := it.Key().String()
		c.value(t.Key, it.Key(), at+"."+k+".key")
		c.value(t.Value, it.Value(), at+"."+k+".member")
	}
}

func (c *checker) text(s *Shape, text, at string) {
	if text == "" && len(s.Enum) > 0 {
		return // an enum without value is absent
	}
	quoted := "'" + cut(text) + "'"
	c.length(s, utf8.RuneCountInString(text), quoted, at)
	if s.re != nil && !s.re.MatchString(text) {
		c.fail(quoted, at, "Member must satisfy regular expression pattern: "+s.Pattern)
	}
	if len(s.Enum) == 0 {
		return
	}
	for _, e := range s.Enum {
		if e == text {
			return
		}
	}
	c.fail(quoted, at, "Member must satisfy enum value set: ["+strings.Join(s.Enum, ", ")+"]")
}

func (c *checker) length(s *Shape, n int, quoted, at string) {
	if s.Min != nil && float64(n) < *s.Min {
		c.fail(quoted, at, "Member must have length greater than or equal to "+bound(*s.Min))
	}
	if s.Max != nil && float64(n) > *s.Max {
		c.fail(quoted, at, "Member must have length less than or equal to "+bound(*s.Max))
	}
}

func (c *checker) number(s *Shape, n float64, text, at string) {
	if s.Min != nil && n < *s.Min {
		c.fail("'"+text+"'", at, "Member must have value greater than or equal to "+bound(*s.Min))
	}
	if s.Max != nil && n > *s.Max {
		c.fail("'"+text+"'", at, "Member must have value less than or equal to "+bound(*s.Max))
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

// brief writes a list, map or blob for a message, as far as scalars go.
func brief(v reflect.Value) string {
	if v.Len() == 0 {
		return map[reflect.Kind]string{reflect.Map: "{}"}[v.Kind()] + map[bool]string{true: "[]"}[v.Kind() == reflect.Slice]
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String {
		var parts []string
		for i := 0; i < v.Len() && i < 10; i++ {
			parts = append(parts, v.Index(i).String())
		}
		return cut("[" + strings.Join(parts, ", ") + "]")
	}
	return fmt.Sprintf("(%d elements)", v.Len())
}
