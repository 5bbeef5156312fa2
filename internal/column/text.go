package column

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"

	"penstock/internal/convert"
	"penstock/internal/schema"
)

// AppendJSON writes row i of the batch as a JSON object with every column, nulls too, in their order. It is what tests compare and people
// look at: numbers as Spark writes them, "NaN" and "Infinity" quoted, days and times in quotes, bytes in hexadecimal, a map as an object.
func (b *Batch) AppendJSON(dst []byte, i int) []byte {
	dst = append(dst, '{')
	for c, v := range b.Columns {
		if c > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, b.Names[c]), ':')
		dst = v.AppendJSON(dst, i)
	}
	return append(dst, '}')
}

// AppendJSON writes value i; see Batch.AppendJSON.
func (v *Vector) AppendJSON(dst []byte, i int) []byte {
	if v.Null[i] {
		return append(dst, "null"...)
	}
	switch v.Type.Kind {
	case schema.Array, schema.Map:
		return v.appendElements(dst, i)
	case schema.Struct:
		return v.appendFields(dst, i)
	case schema.Float:
		return appendFloat(dst, v.Floats[i], 32)
	case schema.Double:
		return appendFloat(dst, v.Floats[i], 64)
	}
	return v.appendScalar(dst, i)
}

func (v *Vector) appendScalar(dst []byte, i int) []byte {
	switch v.Type.Kind {
	case schema.Boolean:
		return strconv.AppendBool(dst, v.Ints[i] != 0)
	case schema.Decimal:
		return convert.AppendDecimal(dst, v.Decimals[i], v.Type.Scale)
	case schema.Date:
		return append(convert.AppendDate(append(dst, '"'), int(v.Ints[i])), '"')
	case schema.Timestamp:
		return append(convert.AppendSparkTime(append(dst, '"'), v.Ints[i], false), '"')
	case schema.Binary:
		return append(hex.AppendEncode(append(dst, '"'), v.Text(i)), '"')
	case schema.String, schema.Char, schema.Varchar:
		return appendQuoted(dst, string(v.Text(i)))
	}
	return strconv.AppendInt(dst, v.Ints[i], 10)
}

func (v *Vector) appendElements(dst []byte, i int) []byte {
	open, end := byte('['), byte(']')
	if v.Type.Kind == schema.Map {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	from, to := v.Range(i)
	for n := from; n < to; n++ {
		if n > from {
			dst = append(dst, ',')
		}
		if v.Type.Kind == schema.Map {
			dst = append(appendKey(dst, v.Parts[0], n), ':')
		}
		dst = v.Parts[len(v.Parts)-1].AppendJSON(dst, n)
	}
	return append(dst, end)
}

// appendKey writes a map's key: what is not in quotes already gets them.
func appendKey(dst []byte, v *Vector, i int) []byte {
	key := v.AppendJSON(nil, i)
	if key[0] == '"' {
		return append(dst, key...)
	}
	return appendQuoted(dst, string(key))
}

func (v *Vector) appendFields(dst []byte, i int) []byte {
	dst = append(dst, '{')
	for n, p := range v.Parts {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, v.Type.Fields[n].Name), ':')
		dst = p.AppendJSON(dst, i)
	}
	return append(dst, '}')
}

// appendFloat writes a number of width 32 or 64 bits.
func appendFloat(dst []byte, f float64, width int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(convert.Spark.AppendFloat(append(dst, '"'), f, width), '"')
	}
	return convert.Spark.AppendFloat(dst, f, width)
}

func appendQuoted(dst []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil { // a string always has a JSON form
		return append(dst, `""`...)
	}
	return append(dst, text...)
}
