package avro

import (
	"errors"

	lib "github.com/twmb/avro"
)

// maxTypes bounds a schema in which definitions name one another twice each.
const maxTypes = 100_000

// inliner puts definitions where their names stand and the library has left the name: it does so for a name that has a doc of its own. A
// name within its own definition stays.
type inliner struct {
	defined map[string]*lib.SchemaNode
	open    map[string]bool
	count   int
}

func inline(root *lib.SchemaNode) error {
	in := &inliner{defined: map[string]*lib.SchemaNode{}, open: map[string]bool{}}
	return in.walk(root, "")
}

func (in *inliner) walk(n *lib.SchemaNode, space string) error {
	if in.count++; in.count > maxTypes {
		return errors.New("it has too many types")
	}
	for _, full := range []string{space + "." + n.Type, n.Type} {
		if def := in.defined[full]; def != nil && !in.open[full] {
			*n = *def
			break
		}
	}
	name := ""
	switch n.Type {
	case "record", "error", "enum", "fixed":
		if name = n.Name; n.Namespace != "" {
			name = n.Namespace + "." + n.Name
		}
		space = n.Namespace
		in.defined[name] = n
		if in.open[name] {
			return nil
		}
		in.open[name] = true
		defer delete(in.open, name)
	}
	for i := range n.Fields {
		if err := in.walk(&n.Fields[i].Type, space); err != nil {
			return err
		}
	}
	for i := range n.Branches {
		if err := in.walk(&n.Branches[i], space); err != nil {
			return err
		}
	}
	for _, part := range []*lib.SchemaNode{n.Items, n.Values} {
		if part == nil {
			continue
		}
		if err := in.walk(part, space); err != nil {
			return err
		}
	}
	return nil
}
