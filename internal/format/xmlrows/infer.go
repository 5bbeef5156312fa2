package xmlrows

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/format"
	"penstock/internal/schema"
)

// A Shape is what the records of a file show.
type Shape struct {
	Columns []schema.Field
	Values  []int64           // for each column, the records in which it is not empty
	Wider   []format.Widening // the values that forced a wider type, in the order of the file
	Rows    int64             // records that were read
	Damaged int64             // records that could not be
}

// Infer reads at most limit records (0: all) and returns their columns in the order in which they appear. An element without attributes
// and children is a text: bigint or int, double, boolean or string by what it shows. Any other is a struct, an element that stands twice
// in one an array, and all records are united: scalars by schema.Widen, a scalar and an array are an array, a scalar and a struct the
// struct with the scalar as its value tag.
func Infer(src io.Reader, rowTag string, limit int64, opts Options) (Shape, error) {
	var out Shape
	opts.defaults()
	if err := CheckRowTag(rowTag); err != nil {
		return out, err
	}
	src, _, err := utf8Of(src)
	if err != nil {
		return out, err
	}
	s, t := newScanner(src, rowTag), &tree{}
	w := &widener{opts: &opts, tree: t, out: &out.Wider}
	row := schema.Type{Kind: schema.Struct}
	for limit == 0 || out.Rows < limit {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, err
		}
		if rec.problem != "" || t.parse(rec.text) != nil {
			out.Damaged++
			continue
		}
		out.Rows++
		old, is := row, opts.structOf(t, 0)
		row = unite(row, is, opts.ValueTag)
		w.rec, w.row = rec, out.Rows+out.Damaged
		w.compare("", old, row, []place{{id: 0}})
		out.count(row, is)
	}
	out.Columns = row.Fields
	return out, nil
}

// count adds one to the values of each column that a record has.
func (s *Shape) count(row, is schema.Type) {
	for len(s.Values) < len(row.Fields) {
		s.Values = append(s.Values, 0)
	}
	for _, f := range is.Fields {
		if i := fieldOf(row, f.Name); i >= 0 && f.Type.Kind != schema.Unknown {
			s.Values[i]++
		}
	}
}

func fieldOf(t schema.Type, name string) int {
	return slices.IndexFunc(t.Fields, func(f schema.Field) bool { return strings.EqualFold(f.Name, name) })
}

func (o *Options) typeOf(t *tree, id int) schema.Type {
	n := &t.nodes[id]
	if n.first == 0 && (o.NoAttributes || n.attributes.from == n.attributes.to) {
		return textType(n.text)
	}
	return o.structOf(t, id)
}

// structOf is the struct of an element: its attributes, its children, its text.
func (o *Options) structOf(t *tree, id int) schema.Type {
	out := schema.Type{Kind: schema.Struct}
	n := &t.nodes[id]
	if !o.NoAttributes {
		for _, a := range t.attributes[n.attributes.from:n.attributes.to] {
			out = unite(out, schema.StructOf(schema.Field{Name: o.AttributePrefix + string(a.name), Type: textType(a.value)}), o.ValueTag)
		}
	}
	seen := map[string]int{} // by the names in lower case, the field
	for i, f := range out.Fields {
		seen[strings.ToLower(f.Name)] = i
	}
	for c := n.first; c != 0; c = t.nodes[c].next {
		name, is := string(t.nodes[c].name), o.typeOf(t, c)
		at, again := seen[strings.ToLower(name)]
		if !again {
			seen[strings.ToLower(name)] = len(out.Fields)
			out.Fields = append(out.Fields, schema.Field{Name: name, Type: is})
			continue
		}
		if f := &out.Fields[at]; f.Type.Kind == schema.Array {
			f.Type = unite(f.Type, is, o.ValueTag)
		} else {
			f.Type = schema.ArrayOf(unite(f.Type, is, o.ValueTag))
		}
	}
	if len(bytes.TrimSpace(n.text)) > 0 {
		out = unite(out, schema.StructOf(schema.Field{Name: o.ValueTag, Type: textType(n.text)}), o.ValueTag)
	}
	return out
}

func textType(text []byte) schema.Type {
	s := strings.TrimSpace(string(text[:min(len(text), 64)]))
	if s == "" && len(text) > 0 && len(bytes.TrimSpace(text)) > 0 || len(text) > 64 {
		return schema.Of(schema.String)
	}
	k := schema.InferCell(s)
	switch {
	case k == schema.BigInt:
		if _, err := strconv.ParseInt(s, 10, 32); err == nil {
			k = schema.Int
		}
	case k == schema.String && (strings.EqualFold(s, "true") || strings.EqualFold(s, "false")):
		k = schema.Boolean
	}
	return schema.Of(k)
}

// unite is the type of what is a or b.
func unite(a, b schema.Type, valueTag string) schema.Type {
	switch {
	case a.Kind == schema.Unknown:
		return b
	case b.Kind == schema.Unknown:
		return a
	case a.Kind == schema.Array && b.Kind == schema.Array:
		return schema.ArrayOf(unite(*a.Elem, *b.Elem, valueTag))
	case a.Kind == schema.Array:
		return schema.ArrayOf(unite(*a.Elem, b, valueTag))
	case b.Kind == schema.Array:
		return schema.ArrayOf(unite(a, *b.Elem, valueTag))
	case a.Kind == schema.Struct && b.Kind == schema.Struct:
		out := schema.StructOf(slices.Clone(a.Fields)...)
		for _, f := range b.Fields {
			if i := fieldOf(out, f.Name); i < 0 {
				out.Fields = append(out.Fields, f)
			} else {
				out.Fields[i].Type = unite(out.Fields[i].Type, f.Type, valueTag)
			}
		}
		return out
	case a.Kind == schema.Struct:
		return unite(a, schema.StructOf(schema.Field{Name: valueTag, Type: b}), valueTag)
	case b.Kind == schema.Struct:
		return unite(schema.StructOf(schema.Field{Name: valueTag, Type: a}), b, valueTag)
	}
	return schema.Widen(a, b)
}

// RowTag guesses the row tag of a document from its beginning: the child of the root of which there are most, the first of those; "" when
// the root has none.
func RowTag(sample []byte) string {
	src, _, err := utf8Of(bytes.NewReader(sample))
	if err != nil {
		return ""
	}
	b, err := io.ReadAll(src)
	if err != nil {
		return ""
	}
	counts, order, depth := map[string]int{}, []string{}, 0
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '<')
		if i < 0 {
			break
		}
		at += i
		kind, end, whole := markup(b, at, nil, depth > 0)
		if !whole {
			break
		}
		if kind == kStart || kind == kEmpty {
			if name := string(nameAt(b[:end], at+1)); depth == 1 {
				if counts[name]++; counts[name] == 1 {
					order = append(order, name)
				}
			}
		}
		switch kind {
		case kStart:
			depth++
		case kEnd:
			depth--
		}
		at = end
	}
	best := ""
	for _, name := range order {
		if best == "" || counts[name] > counts[best] {
			best = name
		}
	}
	return best
}
