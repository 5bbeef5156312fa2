package jsonrows

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// A node is a column, or a part of one, as a tree.
type node struct {
	kind  schema.Kind
	typ   schema.Type
	path  string // for findings: a.b
	vec   *column.Vector
	parts []*node // fields of a struct; the element of an array; key and value of a map
	least int64   // the range of an integer
	most  int64

	// of a struct
	places map[string]int // keys as they are compared to parts
	dotted map[string]int // keys whose dots were made underscores
	exact  bool
	order  []expected // the keys in the order in which they were seen last
	turn   uint64     // counts the objects, to know which parts the current one has had

	had  uint64 // the turn in which the part was met
	weak bool   // by a dotted key, which an exact one replaces

	seen map[string]bool // of a map's key: the current map's, when they are many
}

// expected is a key as it stood in an earlier object, with quotes and colon, and whose it is.
type expected struct {
	text []byte
	part int // -1: nobody's
	// of a text of up to 16 bytes, the bytes as two words, and which bits of them count
	words, masks [2]uint64
}

func expect(text []byte, part int) expected {
	e := expected{text: slices.Clone(text), part: part}
	if len(text) > 16 {
		return e
	}
	var bits [16]byte
	for i := range text {
		bits[i] = 0xff
	}
	var padded [16]byte
	copy(padded[:], text)
	for i := range e.words {
		e.words[i] = binary.LittleEndian.Uint64(padded[8*i:])
		e.masks[i] = binary.LittleEndian.Uint64(bits[8*i:])
	}
	return e
}

// begins reports whether a text begins with the key.
func (e *expected) begins(b []byte) bool {
	if e.masks[0] == 0 || len(b) < 16 {
		return bytes.HasPrefix(b, e.text)
	}
	return (binary.LittleEndian.Uint64(b)^e.words[0])&e.masks[0]|(binary.LittleEndian.Uint64(b[8:])^e.words[1])&e.masks[1] == 0
}

// Bounds of what is remembered of the order of keys.
const (
	mostExpected = 512
	longestKey   = 128
)

func newNode(t schema.Type, path string, o *Options) *node {
	n := &node{kind: t.Kind, typ: t, path: path}
	switch t.Kind {
	case schema.TinyInt, schema.SmallInt, schema.Int, schema.BigInt:
		n.most = 1<<(map[schema.Kind]int{schema.TinyInt: 7, schema.SmallInt: 15, schema.Int: 31, schema.BigInt: 63}[t.Kind]) - 1
		n.least = -n.most - 1
	case schema.Array:
		n.parts = []*node{newNode(*t.Elem, path, o)}
	case schema.Map:
		n.parts = []*node{newNode(*t.Key, path, o), newNode(*t.Elem, path, o)}
	case schema.Struct:
		n.places, n.dotted, n.exact = map[string]int{}, map[string]int{}, o.Exact
		for i, f := range t.Fields {
			below := f.Name
			if path != "" {
				below = path + "." + f.Name
			}
			n.parts = append(n.parts, newNode(f.Type, below, o))
			key := f.Name
			if k, ok := o.Mapping[f.Name]; ok {
				key = k
			} else if k, ok := o.Mapping[strings.ToLower(f.Name)]; ok {
				key = k
			}
			n.place(n.places, key, i)
			if o.Dots && strings.Contains(f.Name, "_") {
				n.place(n.dotted, f.Name, i)
			}
		}
	}
	return n
}

// place enters a key; of two columns with the same key the first has it.
func (n *node) place(m map[string]int, key string, part int) {
	if !n.exact {
		key = strings.ToLower(key)
	}
	if _, ok := m[key]; !ok {
		m[key] = part
	}
}

// bind makes the tree append to a batch.
func (n *node) bind(b *column.Batch) {
	for i, p := range n.parts {
		p.attach(b.Columns[i])
	}
}

func (n *node) attach(v *column.Vector) {
	n.vec = v
	for i, p := range n.parts {
		p.attach(v.Parts[i])
	}
}

// find tells whose a key is; weak means that it matches with its dots replaced only.
func (r *Reader) find(n *node, key []byte) (part int, weak bool) {
	if !n.exact {
		key = r.lower(key)
	}
	if part, ok := n.places[string(key)]; ok {
		return part, false
	}
	if len(n.dotted) > 0 && bytes.IndexByte(key, '.') >= 0 {
		if part, ok := n.dotted[string(bytes.ReplaceAll(key, []byte{'.'}, []byte{'_'}))]; ok {
			return part, true
		}
	}
	return -1, false
}

// lower makes small letters.
func (r *Reader) lower(key []byte) []byte {
	r.scratch = r.scratch[:0]
	for _, c := range key {
		if c >= 0x80 {
			return append(r.scratch[:0], strings.ToLower(string(key))...)
		}
		if c-'A' <= 'Z'-'A' {
			c |= 0x20
		}
		r.scratch = append(r.scratch, c)
	}
	return r.scratch
}
