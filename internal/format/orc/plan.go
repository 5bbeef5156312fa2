package orc

import (
	"fmt"
	"strings"

	"penstock/internal/schema"
)

// plan says how a wanted column is read.
type plan struct {
	node   *node // nil: the file has none, all is null
	want   schema.Type
	fields []*plan // parts of a nested type; of a struct in the order of the wanted fields
	change change  // what happens to each value
}

// change is what a value goes through between the file's type and the wanted one.
type change int

const (
	changeNone   change = iota // both are the same in memory
	changeLength               // text is cut to a number of characters
	changeText                 // a value is written as text
	changeTime                 // a day becomes a timestamp
)

// planColumns matches the wanted columns with those of the file, by their positions or, where at is nil, their names. Nested fields
// are matched by name always, as in Hive and Trino.
func planColumns(root *node, want []schema.Field, at []int) ([]*plan, error) {
	var plans []*plan
	for i, f := range want {
		n := findField(root, f.Name)
		if at != nil {
			n = nil
			if at[i] < len(root.kids) {
				n = root.kids[at[i]]
			}
		}
		p, err := newPlan(n, f.Type)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Name, err)
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// unnamed reports whether the columns are named _col0, _col1 and so on, as Hive wrote them before it knew better.
func unnamed(root *node) bool {
	for i, name := range root.names {
		if name != fmt.Sprintf("_col%d", i) {
			return false
		}
	}
	return len(root.names) > 0
}

// findField finds a field without regard to case; where several differ in case only, the one that is written the same.
func findField(n *node, name string) *node {
	var found *node
	for i, have := range n.names {
		if have == name {
			return n.kids[i]
		}
		if found == nil && strings.EqualFold(have, name) {
			found = n.kids[i]
		}
	}
	return found
}

func newPlan(n *node, want schema.Type) (*plan, error) {
	p := &plan{node: n, want: want}
	if n == nil || want.Kind == schema.Unknown {
		p.node = nil
		return p, nil
	}
	have, err := n.schemaType()
	if err != nil {
		return nil, err
	}
	nested := map[int]schema.Kind{kindList: schema.Array, kindMap: schema.Map, kindStruct: schema.Struct, kindUnion: schema.Struct}
	if k, ok := nested[n.kind]; ok {
		if want.Kind != k {
			return nil, mismatch(have, want)
		}
		return p, p.addFields()
	}
	p.change, err = changeOf(have, want)
	return p, err
}

func mismatch(have, want schema.Type) error {
	return fmt.Errorf("the file has %s, which is not read as %s", clip(have.String()), clip(want.String()))
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}

func (p *plan) addFields() error {
	add := func(n *node, want schema.Type, name string) error {
		f, err := newPlan(n, want)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		p.fields = append(p.fields, f)
		return nil
	}
	switch p.node.kind {
	case kindList:
		return add(p.node.kids[0], *p.want.Elem, "element")
	case kindMap:
		if err := add(p.node.kids[0], *p.want.Key, "key"); err != nil {
			return err
		}
		return add(p.node.kids[1], *p.want.Elem, "value")
	}
	for _, f := range p.want.Fields {
		n := findField(p.node, f.Name)
		if p.node.kind == kindUnion {
			n = p.variant(f)
		}
		if err := add(n, f.Type, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// variant finds the variant of a union for a field; none for the tag.
func (p *plan) variant(f schema.Field) *node {
	for i, kid := range p.node.kids {
		if strings.EqualFold(f.Name, unionField(i)) {
			return kid
		}
	}
	return nil
}

// changeOf says how a scalar is read as another type, or that it is not: only changes that keep every value are made, and those to text.
func changeOf(have, want schema.Type) (change, error) {
	h, w := have.Kind, want.Kind
	switch {
	case w.Text() && h.Text():
		if w == schema.String || h == w && have.Length <= want.Length {
			return changeNone, nil
		}
		return changeLength, nil
	case w.Text():
		return changeText, nil
	case h == schema.Decimal && w == schema.Decimal:
		if want.Scale >= have.Scale && want.Precision-want.Scale >= have.Precision-have.Scale {
			return changeNone, nil
		}
	case h == w, h.Integer() && w.Integer() && h <= w, h == schema.Float && w == schema.Double, h == schema.String && w == schema.Binary:
		return changeNone, nil
	case h == schema.Date && w == schema.Timestamp:
		return changeTime, nil
	}
	return changeNone, mismatch(have, want)
}
