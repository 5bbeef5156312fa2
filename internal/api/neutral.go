package api

import (
	"fmt"
	"reflect"
	"slices"
)

// A Neutral lists the values of a member with which it asks for nothing: what they ask for holds anyway. A member that is not listed is
// not refused when it has one of them. false, 0, "", an empty list or map, and a structure in which nothing asks, are neutral for every
// member and stand in no list, unless Asks says otherwise.
type Neutral struct {
	Path   string   // as a Member's
	Values []string // as text: "AES256", "true", "1"; nil: not even false or 0 is neutral
}

// Holds lists values of a member that ask for what holds anyway.
func Holds(path string, values ...string) Option {
	return func(o *Op) { o.Neutral = append(o.Neutral, Neutral{Path: path, Values: values}) }
}

// Asks lists members that the operation does not serve and whose false, 0 or "" asks for something too: a condition on a size of 0.
func Asks(paths ...string) Option {
	return func(o *Op) {
		for _, p := range paths {
			o.Neutral = append(o.Neutral, Neutral{Path: p})
		}
	}
}

// Attributes are attributes that a service takes by name as text and does not serve, each with its neutral values: SNS's
// "KmsMasterKeyId" asks for nothing when it is "".
type Attributes map[string][]string

// AskNothing reports whether an attribute is known and its value asks for nothing.
func (a Attributes) AskNothing(name, value string) bool {
	values, known := a[name]
	return known && (value == "" || slices.Contains(values, value))
}

// A neutral is the tree of the neutral values of an operation. A nil one knows the values that are neutral everywhere.
type neutral struct {
	kids   map[string]*neutral
	values []string
	asks   bool // whatever its value
}

func neutralOf(list []Neutral) *neutral {
	var root *neutral
	for _, n := range list {
		if root == nil {
			root = &neutral{kids: map[string]*neutral{}}
		}
		at := root
		for _, part := range splitPath(n.Path) {
			if at.kids == nil {
				at.kids = map[string]*neutral{}
			}
			if at.kids[part] == nil {
				at.kids[part] = &neutral{}
			}
			at = at.kids[part]
		}
		at.values, at.asks = append(at.values, n.Values...), at.asks || n.Values == nil
	}
	return root
}

func (n *neutral) kid(name string) *neutral {
	if n == nil {
		return nil
	}
	return n.kids[name]
}

// askedBy reports whether a value asks for something.
func (n *neutral) askedBy(v reflect.Value) bool {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return false
		}
		if v = v.Elem(); n != nil && n.asks {
			return true
		}
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() > 0 && n.askedByElements(v)
	case reflect.Interface:
		return !v.IsNil() && n.askedByUnion(v)
	case reflect.Struct:
		return n.askedByStruct(v)
	}
	return !v.IsZero() && (n == nil || !slices.Contains(n.values, fmt.Sprint(v.Interface())))
}

func (n *neutral) askedByElements(v reflect.Value) bool {
	if v.Kind() == reflect.Map {
		k := n.kid("{}")
		for it := v.MapRange(); k != nil && it.Next(); {
			if k.askedBy(it.Value()) {
				return true
			}
		}
		return k == nil
	}
	k := n.kid("[]")
	for i := 0; k != nil && i < v.Len(); i++ {
		if k.askedBy(v.Index(i)) {
			return true
		}
	}
	return k == nil
}

func (n *neutral) askedByUnion(v reflect.Value) bool {
	name, val, ok := unionMember(v)
	k := n.kid(name)
	return !ok || k == nil || k.askedBy(val)
}

// askedByStruct: a structure that has no members at all asks by being there.
func (n *neutral) askedByStruct(v reflect.Value) bool {
	if v.Type() == timeType {
		return !v.IsZero()
	}
	fields := Fields(v.Type())
	for _, f := range fields {
		if fv, ok := fieldByIndex(v, f.Index); ok && n.kid(f.Name).askedBy(fv) {
			return true
		}
	}
	return len(fields) == 0
}
