package engine

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"penstock/internal/pgwire"
)

// AppendText appends the row's value as text: numbers in full, dates and times in ISO 8601 with a blank between them, booleans as
// true and false, NULL as nothing. It is for logs, messages and tests; a wire protocol has rules of its own.
func (v *Vector) AppendText(dst []byte, row int) []byte {
	if v.IsNull(row) {
		return dst
	}
	switch v.Type.ID {
	case Boolean:
		return strconv.AppendBool(dst, v.Bool(row))
	case TinyInt, SmallInt, Integer, BigInt, UTinyInt, USmallInt, UInteger:
		return strconv.AppendInt(dst, v.Int64(row), 10)
	case UBigInt:
		return strconv.AppendUint(dst, v.Uint64(row), 10)
	case HugeInt:
		return v.BigInt(row).Append(dst, 10)
	case Float:
		return appendFloat(dst, v.Float64(row), 32)
	case Double:
		return appendFloat(dst, v.Float64(row), 64)
	case Decimal:
		return v.AppendDecimal(dst, row)
	case Varchar, Blob:
		return append(dst, v.Bytes(row)...)
	case Enum:
		return append(dst, v.Label(row)...)
	case UUID:
		u := v.UUID(row)
		return fmt.Appendf(dst, "%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
	case List, Map, Struct:
		return v.appendNested(dst, row)
	}
	return v.appendTime(dst, row)
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// AppendDecimal appends a Decimal with all digits of its scale.
func (v *Vector) AppendDecimal(dst []byte, row int) []byte {
	var buf [48]byte
	var digits []byte
	if v.Type.Width <= 18 {
		digits = strconv.AppendInt(buf[:0], v.Int64(row), 10)
	} else {
		digits = v.BigInt(row).Append(buf[:0], 10)
	}
	if digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	scale := int(v.Type.Scale)
	if len(digits) <= scale {
		dst = append(dst, '0')
	} else {
		dst = append(dst, digits[:len(digits)-scale]...)
		digits = digits[len(digits)-scale:]
	}
	if scale == 0 {
		return dst
	}
	dst = append(dst, '.')
	for range scale - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

func (v *Vector) appendTime(dst []byte, row int) []byte {
	const day, stamp = "2006-01-02", "2006-01-02 15:04:05.999999999"
	n := v.Int64(row)
	switch v.Type.ID {
	case DateType:
		return time.Unix(n*86400, 0).UTC().AppendFormat(dst, day)
	case Time:
		return time.UnixMicro(n).UTC().AppendFormat(dst, "15:04:05.999999")
	case TimeTZ:
		micros, offset := v.TimeTZ(row)
		return pgwire.AppendTimeTZ(dst, micros, offset)
	case Timestamp:
		return time.UnixMicro(n).UTC().AppendFormat(dst, stamp)
	case TimestampS:
		return time.Unix(n, 0).UTC().AppendFormat(dst, stamp)
	case TimestampMS:
		return time.UnixMilli(n).UTC().AppendFormat(dst, stamp)
	case TimestampNS:
		return time.Unix(0, n).UTC().AppendFormat(dst, stamp)
	case TimestampTZ:
		return append(time.UnixMicro(n).UTC().AppendFormat(dst, stamp), "+00"...)
	case Interval:
		m, d, us := v.Interval(row)
		return pgwire.AppendInterval(dst, m, d, us)
	}
	return fmt.Appendf(dst, "<%s>", v.Type)
}

func (v *Vector) appendNested(dst []byte, row int) []byte {
	if v.Type.ID == Struct {
		dst = append(dst, '{')
		for i, f := range v.Type.Fields {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(append(dst, f.Name...), ": "...)
			dst = v.kids[i].appendElem(dst, row)
		}
		return append(dst, '}')
	}
	elems, from, to := v.List(row)
	dst = append(dst, '[')
	for i := from; i < to; i++ {
		if i > from {
			dst = append(dst, ", "...)
		}
		dst = elems.appendElem(dst, i)
	}
	return append(dst, ']')
}

func (v *Vector) appendElem(dst []byte, row int) []byte {
	if v.IsNull(row) {
		return append(dst, "NULL"...)
	}
	return v.AppendText(dst, row)
}

// Text is AppendText as a string.
func (v *Vector) Text(row int) string { return string(v.AppendText(nil, row)) }
