package orc

import (
	"fmt"
	"strconv"

	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// node is a column of a file, nested ones too. The ids number the tree from the root, each node before its children.
type node struct {
	typeInfo
	id    int
	path  string // "a.b", for errors; the root's is ""
	kids  []*node
	depth int
}

// newTree makes the tree of a footer's types, of which the first is the root.
func newTree(types []typeInfo) (*node, error) {
	if len(types) == 0 {
		return nil, fmt.Errorf("footer: the file has no types")
	}
	b := treeBuilder{types: types}
	root, err := b.node(0, "", 0)
	if err != nil {
		return nil, fmt.Errorf("footer: %w", err)
	}
	if root.kind != kindStruct {
		return nil, fmt.Errorf("the rows of the file are no struct but %s", kindName(root.kind))
	}
	if b.next != len(types) {
		return nil, fmt.Errorf("footer: %d of %d types belong to no column", len(types)-b.next, len(types))
	}
	return root, nil
}

type treeBuilder struct {
	types []typeInfo
	next  int // the id that the next node must have
}

func (b *treeBuilder) node(id uint64, path string, depth int) (*node, error) {
	if id != uint64(b.next) || b.next >= len(b.types) {
		return nil, fmt.Errorf("column %s is type %d, not %d, of %d", path, id, b.next, len(b.types))
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("column %s is nested more than %d deep", path, maxDepth)
	}
	n := &node{typeInfo: b.types[id], id: int(id), path: path, depth: depth}
	b.next++
	want := len(n.subtypes)
	switch n.kind {
	case kindList:
		want = 1
	case kindMap:
		want = 2
	case kindStruct:
		want = len(n.names)
	case kindUnion:
		want = min(want, 256)
	default:
		want = 0
	}
	if want != len(n.subtypes) {
		return nil, fmt.Errorf("column %s, %s, has %d subtypes, not %d", path, kindName(n.kind), len(n.subtypes), want)
	}
	for i, sub := range n.subtypes {
		kid, err := b.node(sub, n.kidPath(i), depth+1)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, kid)
	}
	return n, nil
}

// kidPath is the path of child i.
func (n *node) kidPath(i int) string {
	name := ""
	switch n.kind {
	case kindList:
		name = "element"
	case kindMap:
		name = [...]string{"key", "value"}[i]
	case kindUnion:
		name = unionField(i)
	default:
		name = n.names[i]
	}
	if n.path == "" {
		return name
	}
	return n.path + "." + name
}

// unionField names the variants of a union, as Trino does.
func unionField(i int) string { return "field" + strconv.Itoa(i) }

var kindNames = [...]string{"boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "timestamp", "array",
	"map", "struct", "uniontype", "decimal", "date", "varchar", "char", "timestamp with local time zone", "geometry", "geography"}

func kindName(kind int) string {
	if kind < len(kindNames) {
		return kindNames[kind]
	}
	return "type number " + strconv.Itoa(kind)
}

// simpleKinds are the kinds without parameters.
var simpleKinds = map[int]schema.Kind{kindBoolean: schema.Boolean, kindByte: schema.TinyInt, kindShort: schema.SmallInt,
	kindInt: schema.Int, kindLong: schema.BigInt, kindFloat: schema.Float, kindDouble: schema.Double, kindString: schema.String,
	kindBinary: schema.Binary, kindTimestamp: schema.Timestamp, kindInstant: schema.Timestamp, kindDate: schema.Date}

// schemaType is the type as the catalog names it.
func (n *node) schemaType() (schema.Type, error) {
	if k, ok := simpleKinds[n.kind]; ok {
		return schema.Of(k), nil
	}
	switch n.kind {
	case kindVarchar, kindChar:
		return n.textType(), nil
	case kindDecimal:
		return n.decimalType()
	case kindList, kindMap, kindStruct, kindUnion:
		return n.nestedType()
	}
	return schema.Type{}, fmt.Errorf("column %s: %w", n.path, wire.Unsupported("%s in ORC files", kindName(n.kind)))
}

func (n *node) textType() schema.Type {
	if n.typeInfo.length < 1 || n.typeInfo.length > 65535 {
		return schema.Of(schema.String)
	}
	k := schema.Varchar
	if n.kind == kindChar {
		k = schema.Char
	}
	return schema.Type{Kind: k, Length: n.typeInfo.length}
}

// decimalType is decimal(38,10) where the file does not say, as in the Java library: Hive 0.11 had no precision.
func (n *node) decimalType() (schema.Type, error) {
	if n.precision == 0 {
		return schema.DecimalOf(38, 10), nil
	}
	if n.precision > 38 || n.scale > n.precision {
		return schema.Type{}, fmt.Errorf("footer: column %s is decimal(%d,%d)", n.path, n.precision, n.scale)
	}
	return schema.DecimalOf(n.precision, n.scale), nil
}

func (n *node) nestedType() (schema.Type, error) {
	var kids []schema.Type
	for _, k := range n.kids {
		t, err := k.schemaType()
		if err != nil {
			return t, err
		}
		kids = append(kids, t)
	}
	switch n.kind {
	case kindList:
		return schema.ArrayOf(kids[0]), nil
	case kindMap:
		return schema.MapOf(kids[0], kids[1]), nil
	case kindUnion:
		fields := []schema.Field{{Name: "tag", Type: schema.Of(schema.TinyInt)}}
		for i, t := range kids {
			fields = append(fields, schema.Field{Name: unionField(i), Type: t})
		}
		return schema.StructOf(fields...), nil
	}
	t := schema.Type{Kind: schema.Struct}
	for i, k := range kids {
		t.Fields = append(t.Fields, schema.Field{Name: n.names[i], Type: k})
	}
	return t, nil
}
