package orc

import (
	"encoding/hex"
	"strconv"
	"unicode/utf8"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// lengthColumn cuts text to what its type holds.
type lengthColumn struct{ inner columnReader }

func (c *lengthColumn) read(v *column.Vector, n int, absent []bool) error {
	first := v.Len()
	if err := c.inner.read(v, n, absent); err != nil {
		return err
	}
	from, to := 0, 0
	if first > 0 {
		from = v.Ends[first-1]
	}
	to = from
	for i := first; i < len(v.Ends); i++ {
		text := v.Bytes[from:v.Ends[i]]
		from = v.Ends[i]
		to += copy(v.Bytes[to:], cut(text, v.Type.Length))
		v.Ends[i] = to
	}
	v.Bytes = v.Bytes[:to]
	if v.Type.Kind == schema.Char {
		trimChars(v, first)
	}
	return nil
}

// cut is the first n characters of text.
func cut(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return text[:at]
}

// changedColumn reads a column as the file has it, and changes each value.
type changedColumn struct {
	inner  columnReader
	tmp    *column.Vector
	put    func(v, from *column.Vector, i int)
	budget *budget
}

func (c *changedColumn) read(v *column.Vector, n int, absent []bool) error {
	c.tmp.Truncate(0)
	if err := c.inner.read(c.tmp, n, absent); err != nil {
		return err
	}
	if err := c.budget.take(40 * n); err != nil {
		return err
	}
	for i := range n {
		if c.tmp.Null[i] {
			v.AppendNull()
		} else {
			c.put(v, c.tmp, i)
		}
	}
	return nil
}

// putTime makes a day the timestamp of its beginning.
func putTime(v, from *column.Vector, i int) { v.AppendInt(from.Ints[i] * secondsOfDay * 1e6) }

// putText writes a scalar as text by the rules of the ORC library's schema evolution, which Hive and Spark use.
func putText(v, from *column.Vector, i int) {
	var buf [64]byte
	text := appendText(buf[:0], from, i)
	if v.Type.Kind != schema.String {
		text = cut(text, v.Type.Length)
	}
	v.AppendBytes(text)
}

func appendText(dst []byte, v *column.Vector, i int) []byte {
	switch v.Type.Kind {
	case schema.Boolean:
		if v.Ints[i] != 0 {
			return append(dst, "TRUE"...)
		}
		return append(dst, "FALSE"...)
	case schema.Float, schema.Double: // a float as the double that it is: 0.1 becomes 0.10000000149011612
		return convert.Spark.AppendFloat(dst, v.Floats[i], 64)
	case schema.Decimal:
		return trimZeros(convert.AppendDecimal(dst, v.Decimals[i], v.Type.Scale), v.Type.Scale)
	case schema.Binary:
		return appendBinary(dst, v.Text(i))
	case schema.Date:
		return convert.AppendDate(dst, int(v.Ints[i]))
	case schema.Timestamp:
		return convert.AppendSparkTime(dst, v.Ints[i], false)
	}
	return strconv.AppendInt(dst, v.Ints[i], 10)
}

// appendBinary writes bytes in hexadecimal with a blank between them.
func appendBinary(dst, b []byte) []byte {
	for i, c := range b {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = hex.AppendEncode(dst, []byte{c})
	}
	return dst
}

// trimZeros takes the zeros off the end of a decimal's digits behind the point.
func trimZeros(text []byte, scale int) []byte {
	if scale == 0 {
		return text
	}
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text
}
