package avro

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	lib "github.com/twmb/avro"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// constant makes a vector of one value: the default of a field of the table's schema, as a column of type t.
func constant(n *lib.SchemaNode, value any, t schema.Type, path string, depth int) (*column.Vector, error) {
	v := column.New(t)
	err := appendConstant(v, n, value, path, depth)
	return v, err
}

func appendConstant(v *column.Vector, n *lib.SchemaNode, value any, path string, depth int) error {
	if value == nil {
		v.AppendNull()
		return nil
	}
	if depth > maxNesting {
		return fmt.Errorf("%s: types are nested more than %d deep", path, maxNesting)
	}
	if n.Type == "union" {
		return constantBranch(v, n, value, path, depth)
	}
	switch n.Type {
	case "record", "error", "array", "map":
		return constantNested(v, n, value, path, depth)
	}
	encoded, err := encode(n, value)
	if err != nil {
		return fmt.Errorf("the default of column %s: %w", path, err)
	}
	read, err := planScalar(n, nil, v.Type, path)
	if err != nil {
		return err
	}
	d := &data{b: encoded, problem: func(_, problem, _ string) error { return fmt.Errorf("the default of column %s is %s", path, problem) }}
	return read(d, v)
}

// encode writes a value as the file would have it, so that it goes one way with the file's values.
func encode(n *lib.SchemaNode, value any) ([]byte, error) {
	plain := *n
	plain.LogicalType, plain.Precision, plain.Scale = "", 0, 0
	s, err := plain.Schema(lib.WithLaxNames(nil))
	if err != nil {
		return nil, err
	}
	return s.Encode(value)
}

// constantBranch finds the branch of a union that a default is of: the first that takes its Go type.
func constantBranch(v *column.Vector, n *lib.SchemaNode, value any, path string, depth int) error {
	for i := range n.Branches {
		b := &n.Branches[i]
		if !takes(b, value) {
			continue
		}
		to := v
		if natural, err := unionType(n, depth); err != nil {
			return err
		} else if rest := members(n); len(rest) > 1 && natural.Kind == schema.Struct {
			at := -1
			for j, m := range rest {
				if m == b {
					at = fieldOf(v.Type, fmt.Sprintf("member%d", j))
				}
			}
			nullStruct(v, at)
			if at < 0 {
				return nil
			}
			to = v.Parts[at]
		}
		return appendConstant(to, b, value, path, depth+1)
	}
	return fmt.Errorf("the default of column %s is of no branch of its union", path)
}

func takes(n *lib.SchemaNode, value any) bool {
	switch value.(type) {
	case bool:
		return n.Type == "boolean"
	case int32:
		return n.Type == "int"
	case int64:
		return n.Type == "long"
	case float32:
		return n.Type == "float"
	case float64:
		return n.Type == "double"
	case string:
		return n.Type == "string" || n.Type == "enum"
	case []byte:
		return n.Type == "bytes" || n.Type == "fixed"
	case []any:
		return n.Type == "array"
	case map[string]any:
		return n.Type == "map" || n.Type == "record"
	}
	return false
}

func constantNested(v *column.Vector, n *lib.SchemaNode, value any, path string, depth int) error {
	list, isList := value.([]any)
	fields, isMap := value.(map[string]any)
	switch k := v.Type.Kind; {
	case n.Type == "array" && k == schema.Array && isList:
		for _, e := range list {
			if err := appendConstant(v.Parts[0], n.Items, e, path+".element", depth+1); err != nil {
				return err
			}
		}
	case n.Type == "map" && k == schema.Map && v.Type.Key.Kind.Text() && isMap:
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			appendText(v.Parts[0], []byte(key))
			if err := appendConstant(v.Parts[1], n.Values, fields[key], path+".value", depth+1); err != nil {
				return err
			}
		}
	case (n.Type == "record" || n.Type == "error") && k == schema.Struct && isMap:
		for i, f := range v.Type.Fields {
			rf := fieldNamed(n, f.Name)
			if rf == nil {
				v.Parts[i].AppendNull()
				continue
			}
			inner, ok := fields[rf.Name]
			if !ok {
				inner = rf.Default
			}
			if err := appendConstant(v.Parts[i], &rf.Type, inner, path+"."+rf.Name, depth+1); err != nil {
				return err
			}
		}
	default:
		return differs(n, v.Type, path)
	}
	v.AppendNested()
	return nil
}

// fieldNamed finds a field by a column's name.
func fieldNamed(n *lib.SchemaNode, name string) *lib.SchemaField {
	for i := range n.Fields {
		if strings.EqualFold(n.Fields[i].Name, name) {
			return &n.Fields[i]
		}
	}
	return nil
}

// copyValue adds value i of from, which is of the same type.
func copyValue(to, from *column.Vector, i int) {
	if from.Null[i] {
		to.AppendNull()
		return
	}
	switch k := from.Type.Kind; {
	case k == schema.Struct:
		for p := range from.Parts {
			copyValue(to.Parts[p], from.Parts[p], i)
		}
		to.AppendNested()
	case k == schema.Array || k == schema.Map:
		lo, hi := from.Range(i)
		for n := lo; n < hi; n++ {
			for p := range from.Parts {
				copyValue(to.Parts[p], from.Parts[p], n)
			}
		}
		to.AppendNested()
	case k == schema.Float || k == schema.Double:
		to.AppendFloat(from.Floats[i])
	case k == schema.Decimal:
		to.AppendDecimal(from.Decimals[i])
	case k.Text() || k == schema.Binary:
		to.AppendBytes(from.Text(i))
	default:
		to.AppendInt(from.Ints[i])
	}
}
