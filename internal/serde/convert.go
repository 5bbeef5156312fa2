package serde

import (
	"fmt"
	"strings"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format"
	"penstock/internal/schema"
)

// converting reads a text as a value of a partition's type, and gives it to a column of the table's: it goes by the value's text, as
// Hive's converters and Spark's CAST do.
func converting(fit Fitter, from, to schema.Type) (Fitter, error) {
	if to.Kind.Nested() {
		return nil, fmt.Errorf("values of %s are no values of %s", from, to)
	}
	one := column.New(from)
	var text []byte
	return func(v *column.Vector, raw []byte) bool {
		one.Truncate(0)
		if !fit(one, raw) {
			return false
		}
		text = plain(text[:0], one)
		if format.AppendText(v, text) == "" {
			return true
		}
		v.Truncate(v.Len() - 1)
		return false
	}, nil
}

// plain writes the only value of a vector as Hive and Spark write it as a text.
func plain(dst []byte, v *column.Vector) []byte {
	switch v.Type.Kind {
	case schema.Float:
		return convert.Spark.AppendFloat(dst, v.Floats[0], 32)
	case schema.Double:
		return convert.Spark.AppendFloat(dst, v.Floats[0], 64)
	case schema.Date:
		return convert.AppendDate(dst, int(v.Ints[0]))
	case schema.Timestamp:
		return convert.AppendSparkTime(dst, v.Ints[0], false)
	case schema.String, schema.Char, schema.Varchar, schema.Binary:
		return append(dst, v.Text(0)...)
	}
	return v.AppendJSON(dst, 0)
}

// Mismatch names the first column whose type in a partition Athena does not take for its table's, in its words; "" is none. byName is how
// columns of the two are paired: by name in Parquet and in ORC that is read by name, by position in everything else. Taken are equal types
// and those that grow without loss: integers into wider ones and texts, float into double, texts of all lengths, decimals that keep their
// digits; structs by field, arrays and maps by element.
func Mismatch(table, partition string, columns, own []schema.Field, byName bool) string {
	if byName {
		return "" // its columns are looked for in the files, by the table's types
	}
	for i, c := range columns {
		if i >= len(own) || coercible(own[i].Type, c.Type) {
			continue
		}
		return fmt.Sprintf("HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition schemas. The types are "+
			"incompatible and cannot be coerced. The column '%s' in table '%s' is declared as type '%s', but partition '%s' declared "+
			"column '%s' as type '%s'.", c.Name, table, c.Type, partition, own[i].Name, own[i].Type)
	}
	return ""
}

// coercible reports whether Athena reads values of a type as another.
func coercible(from, to schema.Type) bool {
	switch {
	case from.Equal(to):
		return true
	case from.Kind.Integer():
		return to.Kind.Integer() && from.Kind < to.Kind || to.Kind == schema.String || to.Kind == schema.Varchar
	case from.Kind.Text():
		return to.Kind.Text() || to.Kind.Integer()
	case from.Kind == schema.Float || from.Kind == schema.Double:
		return to.Kind == schema.Float || to.Kind == schema.Double
	case from.Kind == schema.Decimal:
		return to.Kind == schema.Decimal || to.Kind == schema.Float || to.Kind == schema.Double
	case from.Kind != to.Kind:
		return false
	case from.Kind == schema.Array:
		return coercible(*from.Elem, *to.Elem)
	case from.Kind == schema.Map:
		return coercible(*from.Key, *to.Key) && coercible(*from.Elem, *to.Elem)
	case from.Kind == schema.Struct:
		return coercibleFields(from.Fields, to.Fields)
	}
	return false
}

// coercibleFields compares fields by position, whose names must agree as far as both have them.
func coercibleFields(from, to []schema.Field) bool {
	for i := range min(len(from), len(to)) {
		if !strings.EqualFold(from[i].Name, to[i].Name) || !coercible(from[i].Type, to[i].Type) {
			return false
		}
	}
	return true
}
