package xmlbody

import (
	"fmt"
	"reflect"
	"sort"
	"unicode/utf8"

	"penstock/internal/api/shapes"
)

// Header is the first line of every XML answer.
const Header = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// AppendElement appends v as the element name. inBody picks the members that belong to the body; nil takes all.
func AppendElement(b []byte, name string, ns shapes.Namespace, t *shapes.Type, v reflect.Value,
	inBody func(*shapes.Field) bool) ([]byte, error) {
	e := encoder{inBody: inBody}
	return e.element(b, name, ns, t, v, nil)
}

// AppendMembers appends the members of a structure without an element round them.
func AppendMembers(b []byte, t *shapes.Type, v reflect.Value, inBody func(*shapes.Field) bool) ([]byte, error) {
	e := encoder{inBody: inBody}
	return e.members(b, t, v)
}

type encoder struct {
	inBody func(*shapes.Field) bool // of the outermost structure
}

func (e encoder) element(b []byte, name string, ns shapes.Namespace, t *shapes.Type, v reflect.Value, ref *shapes.Ref) ([]byte, error) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return b, nil
		}
		v = v.Elem()
	}
	b = append(append(b, '<'), name...)
	b = appendNamespace(b, ns)
	if t.Shape.Kind == shapes.Structure {
		b = attributes(b, t, v)
	}
	b = append(b, '>')
	b, err := e.content(b, t, v, ref)
	if err != nil {
		return nil, err
	}
	b = append(append(b, "</"...), name...)
	return append(b, '>'), nil
}

func appendNamespace(b []byte, ns shapes.Namespace) []byte {
	if ns.URI == "" {
		return b
	}
	b = append(b, " xmlns"...)
	if ns.Prefix != "" {
		b = append(append(b, ':'), ns.Prefix...)
	}
	b = append(b, `="`...)
	b = AppendText(b, ns.URI)
	return append(b, '"')
}

func attributes(b []byte, t *shapes.Type, v reflect.Value) []byte {
	if v.Kind() != reflect.Struct {
		return b
	}
	for _, f := range t.Fields {
		if !f.Ref.XMLAttribute {
			continue
		}
		if fv, ok := f.Of(v); ok {
			b = append(append(append(b, ' '), f.Ref.WireName()...), `="`...)
			b = AppendText(b, shapes.Text(fv, f.Ref.Shape.Kind, f.Ref.Format(shapes.ISO8601)))
			b = append(b, '"')
		}
	}
	return b
}

func (e encoder) content(b []byte, t *shapes.Type, v reflect.Value, ref *shapes.Ref) ([]byte, error) {
	switch t.Shape.Kind {
	case shapes.Structure:
		return e.members(b, t, v)
	case shapes.List:
		return encoder{}.list(b, elemName(t), t, v)
	case shapes.Map:
		return encoder{}.mapping(b, "entry", t, v)
	}
	if ref == nil {
		ref = &shapes.Ref{Shape: t.Shape}
	}
	return AppendText(b, shapes.Text(v, t.Shape.Kind, ref.Format(shapes.ISO8601))), nil
}

func elemName(t *shapes.Type) string {
	if n := t.Shape.Elem.LocationName; n != "" {
		return n
	}
	return "member"
}

func (e encoder) members(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.Interface {
		vr, val, ok := t.UnionValue(v)
		if !ok {
			return nil, fmt.Errorf("no member of union %s is a %s", t.Shape.Name, v.Elem().Type())
		}
		return encoder{}.member(b, vr.Ref, vr.Type, val)
	}
	var err error
	for _, f := range t.Fields {
		if f.Ref.XMLAttribute || e.inBody != nil && !e.inBody(f) {
			continue
		}
		fv, ok := f.Of(v)
		if !ok {
			continue
		}
		if b, err = (encoder{}).member(b, f.Ref, f.Type, fv); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return b, nil
}

func (e encoder) member(b []byte, ref *shapes.Ref, t *shapes.Type, v reflect.Value) ([]byte, error) {
	if ref.IsFlat() {
		switch t.Shape.Kind {
		case shapes.List:
			return e.list(b, ref.WireName(), t, v)
		case shapes.Map:
			return e.mapping(b, ref.WireName(), t, v)
		}
	}
	ns := ref.XMLNamespace
	if ns.URI == "" {
		ns = t.Shape.XMLNamespace
	}
	return e.element(b, ref.WireName(), ns, t, v, ref)
}

func (e encoder) list(b []byte, name string, t *shapes.Type, v reflect.Value) ([]byte, error) {
	if t.Elem == nil {
		return nil, fmt.Errorf("a %s cannot hold a list", t.Go)
	}
	var err error
	for i := range v.Len() {
		if b, err = e.element(b, name, t.Shape.Elem.XMLNamespace, t.Elem, v.Index(i), t.Shape.Elem); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return b, nil
}

func (e encoder) mapping(b []byte, name string, t *shapes.Type, v reflect.Value) ([]byte, error) {
	if t.Value == nil {
		return nil, fmt.Errorf("a %s cannot hold a map", t.Go)
	}
	keys := v.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	var err error
	for _, k := range keys {
		b = append(append(append(b, '<'), name...), '>')
		if b, err = e.element(b, nameOr(t.Shape.Key, "key"), t.Shape.Key.XMLNamespace, t.Key, k, t.Shape.Key); err != nil {
			return nil, err
		}
		if b, err = e.element(b, nameOr(t.Shape.Value, "value"), t.Shape.Value.XMLNamespace, t.Value, v.MapIndex(k), t.Shape.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		b = append(append(append(b, "</"...), name...), '>')
	}
	return b, nil
}

func nameOr(r *shapes.Ref, def string) string {
	if r.LocationName != "" {
		return r.LocationName
	}
	return def
}

// AppendText appends text with what XML reserves escaped; characters that XML cannot carry become the replacement character.
func AppendText(b []byte, s string) []byte {
	if isPlain(s) {
		return append(b, s...)
	}
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '\r':
			b = append(b, "&#xD;"...)
		case r == '\n':
			b = append(b, "&#xA;"...)
		case r == '\t':
			b = append(b, "&#x9;"...)
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			b = append(b, "\ufffd"...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// isPlain reports whether a text stands for itself: ASCII without what is escaped.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '&' || c == '<' || c == '>' || c == '"' {
			return false
		}
	}
	return true
}
