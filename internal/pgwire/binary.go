package pgwire

import (
	"bytes"
	"encoding/binary"
	"math"
)

// Days and microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL's binary dates begin.
const (
	epochDays   = 10957
	epochMicros = epochDays * int64(dayMicros)
)

// hasBinary tells which types can be sent in binary form.
func hasBinary(oid uint32) bool {
	switch oid {
	case Bool, Bytea, Char, Name, Int8, Int2, Int4, Text, OID, Float4, Float8, Unknown, BPChar, Varchar, Date, Time, Timestamp,
		TimestampTZ, Numeric, Varbyte, TimeTZ, Interval:
		return true
	}
	return false
}

func dateBinary(days int32) int32 {
	switch days {
	case infinityDays:
		return math.MaxInt32
	case -infinityDays:
		return math.MinInt32
	}
	return days - epochDays
}

func timestampBinary(micros int64) int64 {
	switch micros {
	case infinityMicros:
		return math.MaxInt64
	case -infinityMicros:
		return math.MinInt64
	}
	return micros - epochMicros
}

func appendFloatBinary(dst []byte, v float64, oid uint32) []byte {
	if oid == Float4 {
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v)))
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(v))
}

const (
	numericPos = 0x0000
	numericNeg = 0x4000
	numericNaN = 0xC000
)

// appendNumeric encodes decimal text as PostgreSQL's numeric: base-10000 digits, the weight of the first, a sign, the display scale.
func appendNumeric(dst, text []byte) []byte {
	sign := uint16(numericPos)
	if len(text) > 0 && text[0] == '-' {
		sign, text = numericNeg, text[1:]
	}
	whole, frac, _ := bytes.Cut(text, []byte{'.'})
	whole = bytes.TrimLeft(whole, "0")
	groups := (len(whole) + 3) / 4
	var digits []uint16
	for i := range groups {
		digits = append(digits, group(whole, i*4-(groups*4-len(whole))))
	}
	for i := 0; i < len(frac); i += 4 {
		digits = append(digits, group(frac, i))
	}
	weight := groups - 1
	for len(digits) > 0 && digits[0] == 0 {
		digits, weight = digits[1:], weight-1
	}
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	if len(digits) == 0 {
		weight, sign = 0, numericPos
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(digits)))
	dst = binary.BigEndian.AppendUint16(dst, uint16(int16(weight)))
	dst = binary.BigEndian.AppendUint16(dst, sign)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(frac)))
	for _, d := range digits {
		dst = binary.BigEndian.AppendUint16(dst, d)
	}
	return dst
}

// group reads the four decimal digits at position at; what lies outside the text is 0.
func group(text []byte, at int) uint16 {
	var v uint16
	for i := at; i < at+4; i++ {
		v *= 10
		if i >= 0 && i < len(text) {
			v += uint16(text[i] - '0')
		}
	}
	return v
}

// numericText decodes a binary numeric; ok is false when it is malformed.
func numericText(b []byte) (text string, ok bool) {
	if len(b) < 8 {
		return "", false
	}
	n, weight := int(int16(binary.BigEndian.Uint16(b))), int(int16(binary.BigEndian.Uint16(b[2:])))
	sign, scale := binary.BigEndian.Uint16(b[4:]), int(binary.BigEndian.Uint16(b[6:])&0x3fff)
	if n < 0 || len(b) != 8+2*n || weight > 1<<12 || weight < -(1<<12) {
		return "", false
	}
	if sign == numericNaN {
		return "NaN", true
	}
	digit := func(i int) (uint16, bool) {
		if i < 0 || i >= n {
			return 0, true
		}
		d := binary.BigEndian.Uint16(b[8+2*i:])
		return d, d < 10000
	}
	out := []byte{}
	if sign == numericNeg {
		out = append(out, '-')
	} else if sign != numericPos {
		return "", false
	}
	whole := []byte{}
	for i := 0; i <= weight; i++ {
		d, ok := digit(i)
		if !ok {
			return "", false
		}
		whole = appendPadded(whole, int64(d), 4)
	}
	whole = bytes.TrimLeft(whole, "0")
	if len(whole) == 0 {
		whole = []byte{'0'}
	}
	out = append(out, whole...)
	frac := []byte{}
	for i := weight + 1; len(frac) < scale; i++ {
		d, ok := digit(i)
		if !ok {
			return "", false
		}
		frac = appendPadded(frac, int64(d), 4)
	}
	if scale > 0 {
		out = append(append(out, '.'), frac[:scale]...)
	}
	return string(out), true
}
