// Package columntest makes batches for tests, and writes their values so that nothing is rounded. exact.py does the same in Python, for
// what other programs read. It is no part of the program.
package columntest

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// AppendExact appends value i as exact.py has it.
func AppendExact(dst []byte, v *column.Vector, i int) []byte {
	if v.Null[i] {
		return append(dst, "null"...)
	}
	switch k := v.Type.Kind; {
	case k == schema.Boolean:
		return strconv.AppendBool(dst, v.Ints[i] != 0)
	case k == schema.Float && !math.IsNaN(v.Floats[i]):
		return strconv.AppendInt(dst, int64(int32(math.Float32bits(float32(v.Floats[i])))), 10)
	case k == schema.Double && !math.IsNaN(v.Floats[i]):
		return strconv.AppendInt(dst, int64(math.Float64bits(v.Floats[i])), 10)
	case k == schema.Float || k == schema.Double:
		return append(dst, `"nan"`...)
	case k == schema.Decimal:
		return append(append(append(dst, '"'), v.Decimals[i].Big().String()...), '"')
	case k == schema.Binary:
		return append(hex.AppendEncode(append(dst, '"'), v.Text(i)), '"')
	case k.Text():
		text, _ := json.Marshal(string(v.Text(i)))
		return append(dst, text...)
	case k.Nested():
		return appendParts(dst, v, i)
	}
	return strconv.AppendInt(dst, v.Ints[i], 10)
}

func appendParts(dst []byte, v *column.Vector, i int) []byte {
	from, to := 0, len(v.Parts)
	if v.Type.Kind != schema.Struct {
		from, to = v.Range(i)
	}
	dst = append(dst, '[')
	for n := from; n < to; n++ {
		if n > from {
			dst = append(dst, ", "...)
		}
		switch v.Type.Kind {
		case schema.Struct:
			dst = AppendExact(dst, v.Parts[n], i)
		case schema.Map:
			dst = append(AppendExact(append(dst, '['), v.Parts[0], n), ", "...)
			dst = append(AppendExact(dst, v.Parts[1], n), ']')
		default:
			dst = AppendExact(dst, v.Parts[0], n)
		}
	}
	return append(dst, ']')
}
