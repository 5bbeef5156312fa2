package query

import (
	"net/url"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"penstock/internal/api/shapes"
)

// A node is what form fields with a common prefix make: a value, or parts by name or number.
type node struct {
	value string
	set   bool
	kids  map[string]*node
}

// maxDepth bounds the parts of a field name.
const maxDepth = 60

// Decode reads form fields into v, a structure of t's Go type. Fields named Action and Version are the envelope's.
func Decode(form url.Values, t *shapes.Type, v reflect.Value) error {
	root := &node{}
	for name, values := range form {
		if name == "Action" || name == "Version" {
			continue
		}
		if len(values) > 1 {
			return shapes.Malformedf("the field %s is given %d times", name, len(values))
		}
		parts := strings.Split(name, ".")
		if len(parts) > maxDepth {
			return shapes.Malformedf("a field name has %d parts", len(parts))
		}
		n := root
		for _, p := range parts {
			n = n.kid(p)
		}
		n.value, n.set = values[0], true
	}
	return structure(root, t, shapes.Settable(v))
}

func (n *node) kid(name string) *node {
	if n.kids == nil {
		n.kids = map[string]*node{}
	}
	k := n.kids[name]
	if k == nil {
		k = &node{}
		n.kids[name] = k
	}
	return k
}

func (n *node) names() []string {
	out := make([]string, 0, len(n.kids))
	for k := range n.kids {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// numbered returns the parts "1", "2", ... in numeric order.
func (n *node) numbered() ([]*node, error) {
	nums := make([]int, 0, len(n.kids))
	for k := range n.kids {
		i, err := strconv.Atoi(k)
		if err != nil || i < 1 || strconv.Itoa(i) != k {
			return nil, &shapes.Unknown{Path: k}
		}
		nums = append(nums, i)
	}
	sort.Ints(nums)
	out := make([]*node, len(nums))
	for i, k := range nums {
		out[i] = n.kids[strconv.Itoa(k)]
	}
	return out, nil
}

func structure(n *node, t *shapes.Type, v reflect.Value) error {
	if v.Kind() == reflect.Interface {
		return union(n, t, v)
	}
	for _, name := range n.names() {
		f := fieldNamed(t, name)
		if k := n.kids[name]; f == nil && len(k.kids) == 0 && shapes.AsksNothing(k.value) {
			continue
		}
		if f == nil {
			return &shapes.Unknown{Path: shapes.Upper(name)}
		}
		if err := value(n.kids[name], f.Type, f.In(v), f.Ref); err != nil {
			return shapes.Below(f.Name, err)
		}
	}
	return nil
}

// fieldNamed finds a member by its name in a form: its location name, or the element name of a flattened list.
func fieldNamed(t *shapes.Type, name string) *shapes.Field {
	if f := t.Wire(name); f != nil {
		return f
	}
	for _, f := range t.Fields {
		if f.Ref.IsFlat() && f.Ref.Shape.Kind == shapes.List && f.Ref.Shape.Elem.LocationName == name {
			return f
		}
	}
	return nil
}

func union(n *node, t *shapes.Type, v reflect.Value) error {
	for _, name := range n.names() {
		for _, vr := range t.Variants {
			if vr.Ref.WireName() != name {
				continue
			}
			p := reflect.New(vr.Go.Elem())
			if err := value(n.kids[name], vr.Type, p.Elem().FieldByName("Value"), vr.Ref); err != nil {
				return shapes.Below(shapes.Upper(name), err)
			}
			v.Set(p)
			return nil
		}
		return &shapes.Unknown{Path: shapes.Upper(name)}
	}
	return nil
}

func value(n *node, t *shapes.Type, v reflect.Value, ref *shapes.Ref) error {
	v = shapes.Settable(v)
	switch t.Shape.Kind {
	case shapes.Structure:
		return structure(n, t, v)
	case shapes.List:
		return list(n, t, v, ref)
	case shapes.Map:
		return mapping(n, t, v, ref)
	}
	if len(n.kids) > 0 {
		return &shapes.Unknown{Path: n.names()[0]}
	}
	return shapes.SetText(v, n.value, t.Shape.Kind, ref.Format(shapes.ISO8601))
}

func list(n *node, t *shapes.Type, v reflect.Value, ref *shapes.Ref) error {
	if t.Elem == nil {
		return shapes.Malformedf("a %s cannot hold a list", t.Go)
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, len(n.kids)))
	if n.set && len(n.kids) == 0 && n.value == "" {
		return nil // "Tags=" is an empty list
	}
	if !ref.IsFlat() {
		name := "member"
		if l := t.Shape.Elem.LocationName; l != "" && n.kids[l] != nil {
			name = l
		}
		if len(n.kids) != 1 || n.kids[name] == nil {
			return shapes.Malformedf("a list is written %s.N", name)
		}
		n = n.kids[name]
	}
	elems, err := n.numbered()
	if err != nil {
		return err
	}
	for _, e := range elems {
		ev := reflect.New(v.Type().Elem()).Elem()
		if err := value(e, t.Elem, ev, t.Shape.Elem); err != nil {
			return shapes.Below("[]", err)
		}
		v.Set(reflect.Append(v, ev))
	}
	return nil
}

func mapping(n *node, t *shapes.Type, v reflect.Value, ref *shapes.Ref) error {
	if t.Value == nil {
		return shapes.Malformedf("a %s cannot hold a map", t.Go)
	}
	v.Set(reflect.MakeMap(v.Type()))
	if n.set && len(n.kids) == 0 && n.value == "" {
		return nil
	}
	if !ref.IsFlat() {
		if len(n.kids) != 1 || n.kids["entry"] == nil {
			return shapes.Malformedf("a map is written entry.N.key and entry.N.value")
		}
		n = n.kids["entry"]
	}
	entries, err := n.numbered()
	if err != nil {
		return err
	}
	key, val := nameOr(t.Shape.Key, "key"), nameOr(t.Shape.Value, "value")
	for _, e := range entries {
		k, x := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		if e.kids[key] == nil || e.kids[val] == nil || len(e.kids) != 2 {
			return shapes.Malformedf("an entry of a map has %s and %s", key, val)
		}
		if err := value(e.kids[key], t.Key, k, t.Shape.Key); err != nil {
			return shapes.Below("{}", err)
		}
		if err := value(e.kids[val], t.Value, x, t.Shape.Value); err != nil {
			return shapes.Below("{}", err)
		}
		v.SetMapIndex(k, x)
	}
	return nil
}

func nameOr(r *shapes.Ref, def string) string {
	if r.LocationName != "" {
		return r.LocationName
	}
	return def
}
