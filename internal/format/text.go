package format

import (
	"unicode/utf8"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// AppendText adds the value that a text shows to a column, by the rules of Spark's CAST from a string: blanks round a number, date or
// truth value do not count, an integer loses a fraction. A text that the column cannot hold becomes a null, and problem says why; an empty
// text is a null of every type but the texts and binary. Bytes that are no UTF-8 become U+FFFD in a text. A nested type is never shown by
// a text.
func AppendText(v *column.Vector, text []byte) (problem string) {
	switch k := v.Type.Kind; {
	case k.Text():
		appendString(v, text)
		return ""
	case k == schema.Binary:
		v.AppendBytes(text)
		return ""
	case k.Nested():
		v.AppendNull()
		return "a text, not " + article(k) + k.String()
	case len(text) == 0 || k == schema.Unknown:
		v.AppendNull()
		return ""
	}
	fault := appendScalar(v, text)
	if fault == convert.None {
		return ""
	}
	v.AppendNull()
	return Problem(v.Type, fault)
}

func article(k schema.Kind) string {
	if k == schema.Array {
		return "an "
	}
	return "a "
}

// Problem says in a few words why a value is none of a type.
func Problem(t schema.Type, fault convert.Fault) string {
	if fault == convert.Range && t.Kind != schema.Date && t.Kind != schema.Timestamp {
		return "too large for " + t.String()
	}
	switch {
	case t.Kind.Numeric():
		return "not a number"
	case t.Kind == schema.Boolean:
		return "not true or false"
	}
	return "not a " + t.Kind.String()
}

func appendScalar(v *column.Vector, text []byte) convert.Fault {
	var n int64
	var fault convert.Fault
	switch v.Type.Kind {
	case schema.Float, schema.Double:
		f, fault := convert.Spark.Float(text, width(v.Type.Kind))
		if fault == convert.None {
			v.AppendFloat(f)
		}
		return fault
	case schema.Decimal:
		d, fault := convert.Spark.Decimal(text, v.Type.Precision, v.Type.Scale)
		if fault == convert.None {
			v.AppendDecimal(d)
		}
		return fault
	case schema.Boolean:
		var b bool
		if b, fault = convert.Spark.Bool(text); b {
			n = 1
		}
	case schema.Date:
		var day int32
		day, fault = convert.Spark.Date(text)
		n = int64(day)
	case schema.Timestamp:
		n, fault = convert.Spark.Timestamp(text)
	default:
		n, fault = convert.Spark.Int(text, width(v.Type.Kind))
	}
	if fault == convert.None {
		v.AppendInt(n)
	}
	return fault
}

// width is the size of a number in bits.
func width(k schema.Kind) int {
	switch k {
	case schema.TinyInt:
		return 8
	case schema.SmallInt:
		return 16
	case schema.Int, schema.Float:
		return 32
	}
	return 64
}

// appendString adds a text; char and varchar keep their first Length characters, as Hive's do.
func appendString(v *column.Vector, text []byte) {
	if limit := v.Type.Length; limit > 0 && len(text) > limit {
		end := 0
		for n := 0; n < limit && end < len(text); n++ {
			_, size := utf8.DecodeRune(text[end:])
			end += size
		}
		text = text[:end]
	}
	if utf8.Valid(text) {
		v.AppendBytes(text)
		return
	}
	whole := make([]byte, 0, len(text)+8)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		whole = utf8.AppendRune(whole, r)
		text = text[size:]
	}
	v.AppendBytes(whole)
}
