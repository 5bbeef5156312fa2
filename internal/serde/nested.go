package serde

import (
	"fmt"

	"penstock/internal/column"
	"penstock/internal/delimited"
	"penstock/internal/schema"
)

// A nest reads values of a nested type, and their parts, out of the text of a field, as LazySimpleSerDe does: each depth has a separator of
// its own, which an escape character makes ordinary.
type nest struct {
	text  *Text
	typ   schema.Type
	sep   byte // between elements, entries or fields
	key   byte // of a map, between key and value
	parts []*nest
	fit   Fitter // of a part that is not nested
	keys  map[string]bool
}

// newNest plans a type whose parts are parted by the separator of a depth, counted from 0.
func newNest(t *Text, typ schema.Type, depth int) (*nest, error) {
	n := &nest{text: t, typ: typ}
	var parts []schema.Type
	below := depth + 1
	switch typ.Kind {
	case schema.Array:
		parts = []schema.Type{*typ.Elem}
	case schema.Map:
		parts = []schema.Type{*typ.Key, *typ.Elem}
		n.keys = map[string]bool{}
		below++
	case schema.Struct:
		for _, f := range typ.Fields {
			parts = append(parts, f.Type)
		}
	default:
		var err error
		n.fit, err = t.fitter(typ)
		return n, err
	}
	if below > len(t.Nested) {
		return nil, fmt.Errorf("it nests deeper than the %d separators of LazySimpleSerDe", len(t.Nested))
	}
	if n.sep = t.Nested[depth]; typ.Kind == schema.Map {
		n.key = t.Nested[depth+1]
	}
	for _, p := range parts {
		part, err := newNest(t, p, below)
		if err != nil {
			return nil, err
		}
		n.parts = append(n.parts, part)
	}
	return n, nil
}

// A complaint is told of a part that does not fit: path begins with a dot, or is empty.
type complaint func(path string, text []byte, problem string)

// append adds the value that raw stands for, which has its escapes still.
func (n *nest) append(v *column.Vector, raw []byte, bad complaint) {
	if n.text.isNull(raw) {
		v.AppendNull()
		return
	}
	switch n.typ.Kind {
	case schema.Array:
		for rest, more := raw, len(raw) > 0; more; {
			var elem []byte
			elem, rest, more = n.cut(rest, n.sep)
			n.parts[0].append(v.Parts[0], elem, bad)
		}
		v.AppendNested()
	case schema.Map:
		n.entries(v, raw, bad)
	case schema.Struct:
		n.fields(v, raw, bad)
	default:
		n.scalar(v, raw, bad)
	}
}

// entries adds a map. The first of two equal keys counts, and an entry without a key is none, as in Hive.
func (n *nest) entries(v *column.Vector, raw []byte, bad complaint) {
	clear(n.keys)
	keys, values := v.Parts[0], v.Parts[1]
	for rest, more := raw, len(raw) > 0; more; {
		var entry []byte
		entry, rest, more = n.cut(rest, n.sep)
		key, value, has := n.cut(entry, n.key)
		if n.keys[string(key)] {
			continue
		}
		n.keys[string(key)] = true
		at := keys.Len()
		n.parts[0].append(keys, key, bad)
		if keys.Null[at] {
			keys.Truncate(at)
			continue
		}
		if !has {
			values.AppendNull()
			continue
		}
		n.parts[1].append(values, value, bad)
	}
	v.AppendNested()
}

func (n *nest) fields(v *column.Vector, raw []byte, bad complaint) {
	rest, more := raw, true
	for i, part := range n.parts {
		if !more {
			v.Parts[i].AppendNull()
			continue
		}
		var field []byte
		field, rest, more = n.cut(rest, n.sep)
		part.append(v.Parts[i], field, func(path string, text []byte, problem string) {
			bad("."+n.typ.Fields[i].Name+path, text, problem)
		})
	}
	v.AppendNested()
}

func (n *nest) scalar(v *column.Vector, raw []byte, bad complaint) {
	text := n.unescape(raw)
	if len(text) == 0 && !n.typ.Kind.Text() && n.typ.Kind != schema.Binary {
		v.AppendNull()
		return
	}
	if !n.fit(v, text) {
		v.AppendNull()
		bad("", text, "no "+n.typ.String())
	}
}

// cut gives what stands before the first separator, what behind it, and whether there is one.
func (n *nest) cut(raw []byte, sep byte) (before, after []byte, found bool) {
	escape := n.text.Dialect.Escape
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case escape != 0 && c == escape:
			i++
		case c == sep:
			return raw[:i], raw[i+1:], true
		}
	}
	return raw, nil, false
}

// unescape undoes LazySimpleSerDe's escapes; a text without any is given back as it is.
func (n *nest) unescape(raw []byte) []byte {
	escape := n.text.Dialect.Escape
	if escape == 0 || n.text.Dialect.Escaping != delimited.EscapeHive {
		return raw
	}
	var out []byte
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == escape && i+1 < len(raw) {
			if out == nil {
				out = append(make([]byte, 0, len(raw)), raw[:i]...)
			}
			i++
			switch c = raw[i]; c {
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			}
		}
		if out != nil {
			out = append(out, c)
		}
	}
	if out == nil {
		return raw
	}
	return out
}
