package jsonrows

import (
	"encoding/base64"
	"math"
	"strconv"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// AppendRow writes row i of a batch as a line of JSON, with its line end, as Spark's JSON writer does: without the columns and fields that
// are null; days and times in quotes, these in UTC with Z and milliseconds (microseconds where there are any, which Spark drops); bytes in
// Base64; a map's keys as Java's toString gives them.
func AppendRow(dst []byte, b *column.Batch, i int) []byte {
	dst = append(dst, '{')
	first := true
	for c, v := range b.Columns {
		if !v.Null[i] {
			dst = appendMember(dst, b.Names[c], v, i, first)
			first = false
		}
	}
	return append(dst, "}\n"...)
}

func appendMember(dst []byte, name string, v *column.Vector, i int, first bool) []byte {
	if !first {
		dst = append(dst, ',')
	}
	dst = append(appendQuoted(dst, []byte(name)), ':')
	return appendValue(dst, v, i)
}

func appendValue(dst []byte, v *column.Vector, i int) []byte {
	if v.Null[i] {
		return append(dst, "null"...)
	}
	switch k := v.Type.Kind; {
	case k == schema.Struct:
		dst = append(dst, '{')
		first := true
		for n, p := range v.Parts {
			if !p.Null[i] {
				dst = appendMember(dst, v.Type.Fields[n].Name, p, i, first)
				first = false
			}
		}
		return append(dst, '}')
	case k == schema.Array:
		dst = append(dst, '[')
		from, to := v.Range(i)
		for n := from; n < to; n++ {
			if n > from {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, v.Parts[0], n)
		}
		return append(dst, ']')
	case k == schema.Map:
		return appendMap(dst, v, i)
	}
	return appendScalar(dst, v, i)
}

func appendMap(dst []byte, v *column.Vector, i int) []byte {
	dst = append(dst, '{')
	from, to := v.Range(i)
	var key []byte
	for n := from; n < to; n++ {
		if n > from {
			dst = append(dst, ',')
		}
		key = appendKey(key[:0], v.Parts[0], n)
		dst = append(appendQuoted(dst, key), ':')
		dst = appendValue(dst, v.Parts[1], n)
	}
	return append(dst, '}')
}

// appendKey writes a map's key as the text that Java makes of it: a day and a time are numbers then.
func appendKey(dst []byte, v *column.Vector, i int) []byte {
	switch k := v.Type.Kind; {
	case k.Text() || k == schema.Binary:
		return append(dst, v.Text(i)...)
	case k == schema.Date || k == schema.Timestamp:
		return strconv.AppendInt(dst, v.Ints[i], 10)
	case k == schema.Float || k == schema.Double:
		return convert.Spark.AppendFloat(dst, v.Floats[i], width(k))
	case k.Nested():
		return appendValue(dst, v, i)
	}
	return appendScalar(dst, v, i)
}

func width(k schema.Kind) int {
	if k == schema.Float {
		return 32
	}
	return 64
}

func appendScalar(dst []byte, v *column.Vector, i int) []byte {
	switch k := v.Type.Kind; k {
	case schema.Boolean:
		return strconv.AppendBool(dst, v.Ints[i] != 0)
	case schema.Float, schema.Double:
		f := v.Floats[i]
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return append(convert.Spark.AppendFloat(append(dst, '"'), f, width(k)), '"')
		}
		return convert.Spark.AppendFloat(dst, f, width(k))
	case schema.Decimal:
		var buf [48]byte
		return convert.Spark.AppendDecimalText(dst, convert.AppendDecimal(buf[:0], v.Decimals[i], v.Type.Scale))
	case schema.Date:
		return append(convert.AppendDate(append(dst, '"'), int(v.Ints[i])), '"')
	case schema.Timestamp:
		return appendTime(dst, v.Ints[i])
	case schema.Binary:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.Text(i)), '"')
	case schema.String, schema.Char, schema.Varchar:
		return appendQuoted(dst, v.Text(i))
	}
	return strconv.AppendInt(dst, v.Ints[i], 10)
}

func appendTime(dst []byte, micros int64) []byte {
	const day = 86_400_000_000
	days, at := micros/day, micros%day
	if at < 0 {
		days, at = days-1, at+day
	}
	dst = append(convert.AppendDate(append(dst, '"'), int(days)), 'T')
	seconds := at / 1_000_000
	for n, x := range [...]int64{seconds / 3600, seconds / 60 % 60, seconds % 60} {
		if n > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, byte('0'+x/10), byte('0'+x%10))
	}
	part, places := at%1_000_000, int64(100_000)
	dst = append(dst, '.')
	for n := 0; n < 3 || part > 0; n++ {
		dst = append(dst, byte('0'+part/places))
		part %= places
		places = max(places/10, 1)
	}
	return append(dst, `Z"`...)
}

const hexDigits = "0123456789ABCDEF"

// appendQuoted writes a text in quotes, with the escapes that Jackson makes.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, text[from:]...), '"')
}
