package api

import (
	"io"
	"reflect"
	"strings"
	"sync"
	"time"

	"penstock/internal/api/shapes"
)

// A cover is the tree of the member paths that an operation lists, laid over the Go type that the node covers. A node without
// children covers all that lies below it; one with children covers only those.
type cover struct {
	kids   map[string]*cover // by field name, or "[]" and "{}"
	all    bool              // a trailing ".*"
	fields []coverField      // of a structure, once bound
}

type coverField struct {
	name  string
	index []int
	cover *cover // nil: not listed
}

// coverOf builds the tree for an input's type.
func coverOf(t reflect.Type, members []Member, unions Unions) func() *cover {
	return sync.OnceValue(func() *cover {
		root := &cover{kids: map[string]*cover{}}
		for _, m := range members {
			root.add(splitPath(m.Path))
		}
		root.bind(t, unions)
		return root
	})
}

func (c *cover) add(parts []string) {
	for _, part := range parts {
		if part == "*" {
			c.all = true
			return
		}
		if c.kids == nil {
			c.kids = map[string]*cover{}
		}
		k := c.kids[part]
		if k == nil {
			k = &cover{}
			c.kids[part] = k
		}
		c = k
	}
}

// bind finds the fields of the structures in the tree once, so that a request need not. Only listed paths are followed: a type that
// contains itself ends where the list ends.
func (c *cover) bind(t reflect.Type, unions Unions) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.Slice && c.kids["[]"] != nil:
		c.kids["[]"].bind(t.Elem(), unions)
	case t.Kind() == reflect.Map && c.kids["{}"] != nil:
		c.kids["{}"].bind(t.Elem(), unions)
	case t.Kind() == reflect.Interface:
		for name, v := range unions[t] {
			if f, ok := v.Elem().FieldByName("Value"); ok && c.kids[name] != nil {
				c.kids[name].bind(f.Type, unions)
			}
		}
	case t.Kind() == reflect.Struct && t != timeType && c.kids != nil:
		for _, f := range Fields(t) {
			k := c.kids[f.Name]
			c.fields = append(c.fields, coverField{f.Name, f.Index, k})
			if k != nil {
				k.bind(f.Type, unions)
			}
		}
	}
}

// splitPath cuts "A.B[].C{}" into A, B, [], C, {}.
func splitPath(path string) []string {
	var out []string
	for _, p := range strings.Split(path, ".") {
		var suffix []string
		for strings.HasSuffix(p, "[]") || strings.HasSuffix(p, "{}") {
			suffix = append([]string{p[len(p)-2:]}, suffix...)
			p = p[:len(p)-2]
		}
		if p != "" {
			out = append(out, p)
		}
		out = append(out, suffix...)
	}
	return out
}

// refuse returns the path of the first set member that the tree does not cover and that asks for something, or "".
func (c *cover) refuse(v reflect.Value, n *neutral) string {
	return strings.TrimPrefix(c.refuseStruct(v, n), ".")
}

// refuseStruct returns the refused path from v on, with the dot before it.
func (c *cover) refuseStruct(v reflect.Value, n *neutral) string {
	for i := range c.fields {
		f := &c.fields[i]
		fv, ok := fieldByIndex(v, f.index)
		if !ok || unset(fv) {
			continue
		}
		if f.cover == nil {
			if n.kid(f.name).askedBy(fv) {
				return "." + f.name
			}
			continue
		}
		if p := f.cover.refuseValue(fv, n.kid(f.name)); p != "" {
			return "." + f.name + p
		}
	}
	return ""
}

// refuseValue looks below a member that is itself covered.
func (c *cover) refuseValue(v reflect.Value, n *neutral) string {
	if c.all || len(c.kids) == 0 {
		return ""
	}
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		return c.refuseStruct(v, n)
	case reflect.Slice:
		k := c.kids["[]"]
		for i := 0; k != nil && i < v.Len(); i++ {
			if p := k.refuseValue(v.Index(i), n.kid("[]")); p != "" {
				return "[]" + p
			}
		}
	case reflect.Map:
		k := c.kids["{}"]
		for it := v.MapRange(); k != nil && it.Next(); {
			if p := k.refuseValue(it.Value(), n.kid("{}")); p != "" {
				return "{}" + p
			}
		}
	case reflect.Interface:
		return c.refuseUnion(v, n)
	}
	return ""
}

func (c *cover) refuseUnion(v reflect.Value, n *neutral) string {
	name, val, ok := unionMember(v)
	if !ok {
		return ""
	}
	if k := c.kids[name]; k != nil {
		if p := k.refuseValue(val, n.kid(name)); p != "" {
			return "." + name + p
		}
		return ""
	}
	return "." + name
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	readerType = reflect.TypeFor[io.Reader]()
)

// A Field is a member of an input or output struct: exported, not the SDK's ResultMetadata, embedded structs flattened.
type Field = shapes.GoField

// Fields lists the members of a struct type. An embedded struct's members stand among its own.
func Fields(t reflect.Type) []Field { return shapes.GoFields(t) }

func fieldByIndex(v reflect.Value, index []int) (reflect.Value, bool) {
	f, err := v.FieldByIndexErr(index)
	return f, err == nil
}

// unset reports whether a member is absent: nil, or the zero of a type that has no nil (an enum's "", a count's 0).
func unset(v reflect.Value) bool { return v.IsZero() }

// Refuses returns the path of the first member set in in, a pointer to the operation's input, that the operation does not list and
// that asks for something.
func (o Op) Refuses(in any) string {
	return coverOf(o.In, o.Members, nil)().refuse(reflect.ValueOf(in).Elem(), neutralOf(o.Neutral))
}

// HasPath says whether a struct type has a member path, such as "TableInput.Columns[].Name".
func HasPath(t reflect.Type, path string, unions ...Union) bool {
	set := unionsOf(unions)
	for _, part := range splitPath(path) {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch {
		case part == "*":
			return true
		case part == "[]" && t.Kind() == reflect.Slice, part == "{}" && t.Kind() == reflect.Map:
			t = t.Elem()
		case t.Kind() == reflect.Struct:
			f := exactField(t, part)
			if f == nil {
				return false
			}
			t = f.Type
		case t.Kind() == reflect.Interface && set[t][part] != nil:
			v, _ := set[t][part].Elem().FieldByName("Value")
			t = v.Type
		default:
			return false
		}
	}
	return true
}

func exactField(t reflect.Type, name string) *Field {
	for _, f := range Fields(t) {
		if f.Name == name {
			return &f
		}
	}
	return nil
}
