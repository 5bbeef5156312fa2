package avro

import (
	"fmt"

	lib "github.com/twmb/avro"

	"penstock/internal/schema"
)

func columnsOf(root *lib.SchemaNode) ([]schema.Field, error) {
	t, err := typeOf(root, 0)
	return t.Fields, err
}

// typeOf is the column type of an Avro type, as Hive's AvroSerDe and Spark have it: int, bigint, float, double, boolean, string, binary
// (bytes and fixed), decimal, date, timestamp (of millis and micros, local or not), struct, array, map with keys of type string; enums and
// uuids are strings. A union with null is its other type. Other unions are Spark's: int and long are a bigint, float and double a double,
// and any others a struct of member0, member1, ... of which one is not null. Times of day, durations and timestamps in nanoseconds are
// what they are stored as. A type that contains itself has no column type.
func typeOf(n *lib.SchemaNode, depth int) (schema.Type, error) {
	if depth > maxNesting {
		return schema.Type{}, fmt.Errorf("types are nested more than %d deep", maxNesting)
	}
	switch n.Type {
	case "record", "error":
		t := schema.Type{Kind: schema.Struct}
		for i := range n.Fields {
			ft, err := typeOf(&n.Fields[i].Type, depth+1)
			if err != nil {
				return t, fmt.Errorf("field %s: %w", n.Fields[i].Name, err)
			}
			t.Fields = append(t.Fields, schema.Field{Name: n.Fields[i].Name, Type: ft})
		}
		return t, nil
	case "array":
		elem, err := typeOf(n.Items, depth+1)
		return schema.ArrayOf(elem), err
	case "map":
		value, err := typeOf(n.Values, depth+1)
		return schema.MapOf(schema.Of(schema.String), value), err
	case "union":
		return unionType(n, depth)
	}
	if kind, ok := primitives[n.Type]; ok {
		return logical(n, kind)
	}
	return schema.Type{}, fmt.Errorf("the type %s contains itself; Penstock does not support recursive types", n.Type)
}

var primitives = map[string]schema.Kind{"null": schema.Unknown, "boolean": schema.Boolean, "int": schema.Int, "long": schema.BigInt,
	"float": schema.Float, "double": schema.Double, "bytes": schema.Binary, "fixed": schema.Binary, "string": schema.String,
	"enum": schema.String}

func logical(n *lib.SchemaNode, kind schema.Kind) (schema.Type, error) {
	switch {
	case n.LogicalType == "decimal" && kind == schema.Binary:
		if n.Precision > 38 || n.Scale > n.Precision {
			return schema.Type{}, fmt.Errorf("decimal(%d,%d): the precision is 1 to 38", n.Precision, n.Scale)
		}
		return schema.DecimalOf(n.Precision, n.Scale), nil
	case n.LogicalType == "date" && kind == schema.Int:
		return schema.Of(schema.Date), nil
	case timeUnit(n) != 0:
		return schema.Of(schema.Timestamp), nil
	}
	return schema.Of(kind), nil
}

// timeUnit is how many microseconds the unit of a timestamp has; 0 is no timestamp.
func timeUnit(n *lib.SchemaNode) int64 {
	if n.Type == "long" {
		switch n.LogicalType {
		case "timestamp-millis", "local-timestamp-millis":
			return 1000
		case "timestamp-micros", "local-timestamp-micros":
			return 1
		}
	}
	return 0
}

// members are the branches of a union that are not null.
func members(n *lib.SchemaNode) []*lib.SchemaNode {
	var out []*lib.SchemaNode
	for i := range n.Branches {
		if n.Branches[i].Type != "null" {
			out = append(out, &n.Branches[i])
		}
	}
	return out
}

func unionType(n *lib.SchemaNode, depth int) (schema.Type, error) {
	rest := members(n)
	var types []schema.Type
	for _, m := range rest {
		t, err := typeOf(m, depth+1)
		if err != nil {
			return t, err
		}
		types = append(types, t)
	}
	switch {
	case len(types) == 0:
		return schema.Of(schema.Unknown), nil
	case len(types) == 1:
		return types[0], nil
	case len(types) == 2 && both(types, schema.Int, schema.BigInt):
		return schema.Of(schema.BigInt), nil
	case len(types) == 2 && both(types, schema.Float, schema.Double):
		return schema.Of(schema.Double), nil
	}
	t := schema.Type{Kind: schema.Struct}
	for i, m := range types {
		t.Fields = append(t.Fields, schema.Field{Name: fmt.Sprintf("member%d", i), Type: m})
	}
	return t, nil
}

func both(types []schema.Type, a, b schema.Kind) bool {
	x, y := types[0].Kind, types[1].Kind
	return x == a && y == b || x == b && y == a
}
