package xmlrows

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"penstock/internal/column"
	"penstock/internal/format"
	"penstock/internal/schema"
)

// batchBytes ends a batch whose rows are large.
const batchBytes = 16 << 20

// A Reader reads the records of a file as rows of columns, which are found by name without regard to case.
type Reader struct {
	opts  Options
	scan  *scanner
	tree  tree
	same  bool // offsets are the file's own
	row   int64
	plan  *plan
	heads []int // for the fields of the structs that are being filled, their first children
	rec   record
}

// A plan is a type with its struct's fields by name.
type plan struct {
	typ        schema.Type
	children   map[string]int // by name, in the spelling of the schema and in lower case
	attributes map[string]int
	value      int // the field of the value tag, or -1
	parts      []*plan
}

func (o *Options) plan(t schema.Type) *plan {
	p := &plan{typ: t, value: -1}
	switch t.Kind {
	case schema.Struct:
		p.children, p.attributes = map[string]int{}, map[string]int{}
		for i, f := range t.Fields {
			p.parts = append(p.parts, o.plan(f.Type))
			put(p.children, f.Name, i)
			if rest, ok := strings.CutPrefix(f.Name, o.AttributePrefix); ok && !o.NoAttributes {
				put(p.attributes, rest, i)
			}
			if strings.EqualFold(f.Name, o.ValueTag) {
				p.value = i
			}
		}
	case schema.Array:
		p.parts = []*plan{o.plan(*t.Elem)}
	case schema.Map:
		p.parts = []*plan{o.plan(*t.Key), o.plan(*t.Elem)}
	}
	return p
}

func put(m map[string]int, name string, i int) {
	for _, n := range [...]string{name, strings.ToLower(name)} {
		if _, ok := m[n]; !ok {
			m[n] = i
		}
	}
}

func find(m map[string]int, name []byte) int {
	if i, ok := m[string(name)]; ok {
		return i
	}
	if i, ok := m[strings.ToLower(string(name))]; ok {
		return i
	}
	return -1
}

// NewReader reads the elements rowTag of src.
func NewReader(src io.Reader, rowTag string, columns []schema.Field, opts Options) (*Reader, error) {
	opts.defaults()
	if err := CheckRowTag(rowTag); err != nil {
		return nil, err
	}
	text, same, err := utf8Of(src)
	if err != nil {
		return nil, err
	}
	r := &Reader{opts: opts, scan: newScanner(text, rowTag), same: same}
	r.plan = r.opts.plan(schema.StructOf(columns...))
	return r, nil
}

// Next appends the next rows to b, and returns io.EOF when there are none left.
func (r *Reader) Next(b *column.Batch) error {
	all := &column.Vector{Type: r.plan.typ, Parts: b.Columns}
	for n := 0; n < r.opts.Rows; {
		if n%64 == 63 && b.Size() > batchBytes {
			return nil
		}
		rec, err := r.scan.next()
		if err != nil {
			if errors.Is(err, io.EOF) && n > 0 {
				return nil
			}
			return err
		}
		r.row++
		r.rec = rec
		problem := rec.problem
		if problem == "" {
			if err := r.tree.parse(rec.text); err != nil {
				problem = err.Error()
			}
		}
		if problem != "" {
			if err := r.bad("", rec.text, problem, 1); err != nil {
				return err
			}
			continue
		}
		if !utf8.Valid(rec.text) {
			if err := r.bad("", rec.text, "bytes that are no UTF-8 became U+FFFD", 0); err != nil {
				return err
			}
		}
		all.Null = all.Null[:0]
		if err := r.structure(all, r.plan, 0, ""); err != nil {
			b.Drop()
			return err
		}
		b.EndRows(1)
		n++
	}
	return nil
}

// bad tells a finding. Without a receiver a value is its null, and a damaged record, whose row would be missing, is an error.
func (r *Reader) bad(name string, text []byte, problem string, lost int64) error {
	f := column.Finding{Row: r.row, Line: r.rec.line, Column: name, Lost: lost, Text: column.Excerpt(text), Problem: problem}
	if r.same {
		f.Offset = r.rec.offset
	}
	switch {
	case r.opts.Bad != nil:
		return r.opts.Bad(f)
	case name == "":
		return errors.New(f.String())
	}
	return nil
}

// structure adds a struct: the attributes, children and text of an element.
func (r *Reader) structure(v *column.Vector, p *plan, id int, path string) error {
	v.AppendNested()
	base := len(r.heads)
	for range p.parts {
		r.heads = append(r.heads, 0)
	}
	defer func() { r.heads = r.heads[:base] }()
	n := &r.tree.nodes[id]
	// Attributes are negative, so that one slice tells both: -1 is the first attribute.
	for a := n.attributes.from; a < n.attributes.to; a++ {
		if i := find(p.attributes, r.tree.attributes[a].name); i >= 0 {
			r.heads[base+i] = -1 - a
		}
	}
	r.gather(p, n, base)
	for i, part := range p.parts {
		if err := r.field(v.Parts[i], part, id, i == p.value, r.heads[base+i], join(path, p.typ.Fields[i].Name)); err != nil {
			return err
		}
	}
	return nil
}

// gather chains the children that go into the same field, from the last to the first, so that heads has the last.
func (r *Reader) gather(p *plan, n *node, base int) {
	for c := n.first; c != 0; c = r.tree.nodes[c].next {
		if i := find(p.children, r.tree.nodes[c].name); i >= 0 {
			r.tree.nodes[c].same = max(r.heads[base+i], 0)
			r.heads[base+i] = c
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// field adds what a struct's field has: head is its last child, an attribute, or nothing, and then it may be the value tag.
func (r *Reader) field(v *column.Vector, p *plan, id int, value bool, head int, path string) error {
	switch {
	case head < 0:
		return r.text(v, r.tree.attributes[-1-head].value, path)
	case head > 0:
		return r.elements(v, p, head, path)
	case value && len(bytes.TrimSpace(r.tree.nodes[id].text)) > 0:
		return r.text(v, r.tree.nodes[id].text, path)
	}
	v.AppendNull()
	return nil
}

// elements adds the elements of one name. A column that is no array takes the last of several.
func (r *Reader) elements(v *column.Vector, p *plan, last int, path string) error {
	if p.typ.Kind != schema.Array {
		if r.tree.nodes[last].same != 0 {
			if err := r.bad(path, r.tree.nodes[last].name, "the element stands more than once; the column has the last", 0); err != nil {
				return err
			}
		}
		return r.element(v, p, last, path)
	}
	first, before := last, 0
	for c := last; c != 0; { // turn the chain round
		c, before, r.tree.nodes[c].same, first = r.tree.nodes[c].same, c, before, c
	}
	for c := first; c != 0; c = r.tree.nodes[c].same {
		if err := r.element(v.Parts[0], p.parts[0], c, path+".element"); err != nil {
			return err
		}
	}
	v.AppendNested()
	return nil
}

// element adds one element as a value.
func (r *Reader) element(v *column.Vector, p *plan, id int, path string) error {
	n := &r.tree.nodes[id]
	switch p.typ.Kind {
	case schema.Struct:
		if n.first == 0 && len(n.text) == 0 && n.attributes.from == n.attributes.to {
			v.AppendNull()
			return nil
		}
		if p.value < 0 && n.first == 0 && len(bytes.TrimSpace(n.text)) > 0 {
			if err := r.bad(path, n.text, "a text, not a struct", 0); err != nil {
				return err
			}
		}
		return r.structure(v, p, id, path)
	case schema.Array:
		if err := r.element(v.Parts[0], p.parts[0], id, path+".element"); err != nil {
			return err
		}
		v.AppendNested()
		return nil
	case schema.Map:
		for c := n.first; c != 0; c = r.tree.nodes[c].next {
			if err := r.text(v.Parts[0], r.tree.nodes[c].name, path+".key"); err != nil {
				return err
			}
			if err := r.element(v.Parts[1], p.parts[1], c, path+".value"); err != nil {
				return err
			}
		}
		v.AppendNested()
		return nil
	}
	if n.first != 0 { // as spark-xml: the text of a column is then the XML within the element
		return r.text(v, r.tree.text[n.inner.from:n.inner.to], path)
	}
	return r.text(v, n.text, path)
}

func (r *Reader) text(v *column.Vector, text []byte, path string) error {
	if r.opts.Trim {
		text = bytes.TrimSpace(text)
	}
	if k := v.Type.Kind; len(text) == 0 && r.opts.EmptyAsNull || !k.Text() && k != schema.Binary && len(bytes.TrimSpace(text)) == 0 {
		v.AppendNull()
		return nil
	}
	if problem := format.AppendText(v, text); problem != "" {
		return r.bad(path, text, problem, 0)
	}
	return nil
}
