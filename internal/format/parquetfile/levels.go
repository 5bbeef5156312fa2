package parquetfile

import (
	"fmt"
	"slices"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// A slotList is where the values of a column stand among those of the rows: one entry for each value, and for each place where a value
// cannot be because something above it is null or empty.
type slotList struct {
	at   []int32 // index in the vector; -1 where there is no value
	def  []uint8 // definition level of those without a value
	rep  []uint8 // repetition level
	rows bool    // they are values that follow each other, one a row
}

func (s *slotList) reset() { s.at, s.def, s.rep = s.at[:0], s.def[:0], s.rep[:0] }

func (s *slotList) add(at int32, def, rep uint8) {
	s.at, s.def, s.rep = append(s.at, at), append(s.def, def), append(s.rep, rep)
}

// A node is a column, or a part of a nested one.
type node struct {
	kind  schema.Kind
	def   uint8 // definition level of an element of a list, of a struct's fields, of a leaf's value
	rep   uint8 // repetition level of the elements after a list's first
	kids  []*node
	leaf  *leaf
	slots slotList // of the kids
}

// write takes the values of v at slots.
func (n *node) write(v *column.Vector, s *slotList) error {
	switch n.kind {
	case schema.Struct:
		s = n.fields(v, s)
	case schema.Array, schema.Map:
		s = n.elements(v, s)
	default:
		return n.leaf.write(v, s)
	}
	for i, kid := range n.kids {
		if err := kid.write(v.Parts[i], s); err != nil {
			return err
		}
	}
	return nil
}

// fields is s without the structs that are null.
func (n *node) fields(v *column.Vector, s *slotList) *slotList {
	if s.rows && !anyNull(v, s) {
		return s
	}
	n.slots.reset()
	some := false
	for j, i := range s.at {
		if i >= 0 && v.Null[i] {
			some = true
			n.slots.add(-1, n.def-1, s.rep[j])
		} else {
			n.slots.add(i, s.def[j], s.rep[j])
		}
	}
	if !some {
		return s
	}
	return &n.slots
}

// anyNull reports whether one of the values of rows is null.
func anyNull(v *column.Vector, s *slotList) bool {
	return len(s.at) > 0 && slices.Contains(v.Null[s.at[0]:s.at[len(s.at)-1]+1], true)
}

// elements is the slots of the elements of lists, or of the keys and values of maps.
func (n *node) elements(v *column.Vector, s *slotList) *slotList {
	n.slots.reset()
	for j, i := range s.at {
		if i < 0 {
			n.slots.add(-1, s.def[j], s.rep[j])
			continue
		}
		if v.Null[i] {
			n.slots.add(-1, n.def-2, s.rep[j])
			continue
		}
		from, to := v.Range(int(i))
		if from == to {
			n.slots.add(-1, n.def-1, s.rep[j])
			continue
		}
		n.slots.add(int32(from), 0, s.rep[j])
		for k := from + 1; k < to; k++ {
			n.slots.add(int32(k), 0, n.rep)
		}
	}
	return &n.slots
}

// maxLeaves bounds the columns of a file, with the fields of nested ones.
const maxLeaves = 100_000

// plan makes the nodes of the columns, their leaves, and the elements of the schema.
type plan struct {
	leaves   []*leaf
	elements []element
}

func (p *plan) column(f schema.Field, path []string, def, rep uint8, required bool) (*node, error) {
	path = append(path[:len(path):len(path)], f.Name)
	if len(path) > maxNesting || def > 200 {
		return nil, fmt.Errorf("column %s is nested more than %d deep", path[0], maxNesting)
	}
	e := element{name: f.Name, physical: group, repetition: optional}
	if required {
		e.repetition = 0
	} else {
		def++
	}
	n := &node{kind: f.Type.Kind, def: def, rep: rep}
	var err error
	switch f.Type.Kind {
	case schema.Struct:
		if len(f.Type.Fields) == 0 {
			return nil, fmt.Errorf("column %s is a struct without fields, which a Parquet file cannot hold", path[0])
		}
		e.children = int64(len(f.Type.Fields))
		p.elements = append(p.elements, e)
		for _, field := range f.Type.Fields {
			if err = p.kid(n, field, path, false); err != nil {
				return nil, err
			}
		}
	case schema.Array, schema.Map:
		err = p.repeated(n, e, f.Type, path)
	default:
		err = p.scalar(n, e, f.Type, path, required)
	}
	return n, err
}

func (p *plan) kid(n *node, f schema.Field, path []string, required bool) error {
	kid, err := p.column(f, path, n.def, n.rep, required)
	n.kids = append(n.kids, kid)
	return err
}

// repeated plans a list or a map: a group that may be null, in it one that is repeated, in that the element, or the key and the value.
func (p *plan) repeated(n *node, e element, t schema.Type, path []string) error {
	n.def++
	n.rep++
	e.children = 1
	inner := element{name: "list", physical: group, repetition: repeated, children: 1}
	if e.note = aList; t.Kind == schema.Map {
		e.note = aMap
		inner.name, inner.children = "key_value", 2
	}
	p.elements = append(p.elements, e, inner)
	path = append(path[:len(path):len(path)], inner.name)
	if t.Kind == schema.Array {
		return p.kid(n, schema.Field{Name: "element", Type: *t.Elem}, path, false)
	}
	if err := p.kid(n, schema.Field{Name: "key", Type: *t.Key}, path, true); err != nil {
		return err
	}
	return p.kid(n, schema.Field{Name: "value", Type: *t.Elem}, path, false)
}

func (p *plan) scalar(n *node, e element, t schema.Type, path []string, required bool) error {
	if len(p.leaves) >= maxLeaves {
		return fmt.Errorf("more than %d columns", maxLeaves)
	}
	if err := e.store(t); err != nil {
		return fmt.Errorf("column %s: %w", path[0], err)
	}
	p.elements = append(p.elements, e)
	n.leaf = newLeaf(&e, t, path)
	n.leaf.maxDef, n.leaf.maxRep, n.leaf.required = n.def, n.rep, required
	p.leaves = append(p.leaves, n.leaf)
	return nil
}
