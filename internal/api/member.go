package api

import (
	"io"
	"reflect"
	"strings"
	"time"

	"penstock/internal/api/shapes"
)

// A cover is the tree of the member paths that an operation lists. A node without children covers all that lies below it; one with
// children covers only those.
type cover struct {
	kids map[string]*cover // by field name, or "[]" and "{}"
	all  bool              // a trailing ".*"
}

func coverOf(members []Member) *cover {
	root := &cover{kids: map[string]*cover{}}
	for _, m := range members {
		n := root
		for _, part := range splitPath(m.Path) {
			if part == "*" {
				n.all = true
				break
			}
			if n.kids == nil {
				n.kids = map[string]*cover{}
			}
			k := n.kids[part]
			if k == nil {
				k = &cover{}
				n.kids[part] = k
			}
			n = k
		}
	}
	return root
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

// refuse returns the path of the first set member that the tree does not cover, or "".
func (c *cover) refuse(v reflect.Value) string {
	return c.refuseStruct(v, "")
}

func (c *cover) refuseStruct(v reflect.Value, at string) string {
	for _, f := range Fields(v.Type()) {
		fv, ok := fieldByIndex(v, f.Index)
		if !ok || unset(fv) {
			continue
		}
		path := f.Name
		if at != "" {
			path = at + "." + f.Name
		}
		k := c.kids[f.Name]
		if k == nil {
			return path
		}
		if p := k.refuseValue(fv, path); p != "" {
			return p
		}
	}
	return ""
}

// refuseValue looks below a member that is itself covered.
func (c *cover) refuseValue(v reflect.Value, at string) string {
	if c.all || len(c.kids) == 0 {
		return ""
	}
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == timeType {
			return ""
		}
		return c.refuseStruct(v, at)
	case reflect.Slice:
		return c.refuseElems(v, at)
	case reflect.Map:
		k := c.kids["{}"]
		for it := v.MapRange(); k != nil && it.Next(); {
			if p := k.refuseValue(it.Value(), at+"{}"); p != "" {
				return p
			}
		}
	case reflect.Interface:
		name, val, ok := unionMember(v)
		if !ok {
			return ""
		}
		k := c.kids[name]
		if k == nil {
			return at + "." + name
		}
		return k.refuseValue(val, at+"."+name)
	}
	return ""
}

func (c *cover) refuseElems(v reflect.Value, at string) string {
	k := c.kids["[]"]
	if k == nil || v.Type().Elem().Kind() == reflect.Uint8 {
		return ""
	}
	for i := range v.Len() {
		if p := k.refuseValue(v.Index(i), at+"[]"); p != "" {
			return p
		}
	}
	return ""
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

// unset says whether a member is absent: nil, or the zero of a type that has no nil (an enum's "", a count's 0).
func unset(v reflect.Value) bool { return v.IsZero() }

// Refuses returns the path of the first member set in in, a pointer to the operation's input, that the operation does not list.
func (o Op) Refuses(in any) string { return coverOf(o.Members).refuse(reflect.ValueOf(in).Elem()) }

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
