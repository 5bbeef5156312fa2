package pgwire

import (
	"math"
	"strconv"
)

// Infinite dates and timestamps, as DuckDB holds them.
const (
	infinityDays   = math.MaxInt32
	infinityMicros = math.MaxInt64
)

const (
	secondMicros = 1_000_000
	dayMicros    = 86_400 * secondMicros
)

func appendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

// appendFloat prints a floating point number as PostgreSQL does under extra_float_digits: above 0 the shortest text that reads back the
// same, else so many significant digits more or fewer than 15 (6 for float4). Exponents have at least two digits; NaN, Infinity and
// -Infinity are spelled out.
func appendFloat(dst []byte, v float64, single bool, extra int) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	}
	bits, digits := 64, 15
	if single {
		bits, digits = 32, 6
	}
	if extra <= 0 {
		return strconv.AppendFloat(dst, v, 'g', max(digits+extra, 1), bits)
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= math.Pow10(digits)) {
		return strconv.AppendFloat(dst, v, 'e', -1, bits)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, bits)
}

// civil turns days since 1970-01-01 into a date of the proleptic Gregorian calendar (Hinnant's algorithm). Year 0 is 1 BC.
func civil(days int64) (year int64, month, day int) {
	z := days + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year = yoe + era*400
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

func appendPadded(dst []byte, v int64, width int) []byte {
	var b [20]byte
	i := len(b)
	for v > 0 || width > 0 {
		i--
		b[i] = byte('0' + v%10)
		v /= 10
		width--
	}
	return append(dst, b[i:]...)
}

// appendCivil prints a date without its era and says whether the era is BC.
func appendCivil(dst []byte, days int64) (_ []byte, bc bool) {
	y, m, d := civil(days)
	if y <= 0 {
		y, bc = 1-y, true
	}
	dst = appendPadded(dst, y, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, int64(m), 2)
	dst = append(dst, '-')
	return appendPadded(dst, int64(d), 2), bc
}

func appendEra(dst []byte, bc bool) []byte {
	if bc {
		return append(dst, " BC"...)
	}
	return dst
}

func appendDateOnly(dst []byte, days int32) []byte {
	switch days {
	case infinityDays:
		return append(dst, "infinity"...)
	case -infinityDays:
		return append(dst, "-infinity"...)
	}
	dst, bc := appendCivil(dst, int64(days))
	return appendEra(dst, bc)
}

func appendTime(dst []byte, micros int64) []byte { return appendClock(dst, uint64(micros)) }

// appendClock prints hours, which may be more than a day's, minutes and seconds.
func appendClock(dst []byte, micros uint64) []byte {
	s := int64(micros / secondMicros)
	dst = appendPadded(dst, s/3600, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, s/60%60, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, s%60, 2)
	frac := int64(micros % secondMicros)
	if frac == 0 {
		return dst
	}
	dst = append(dst, '.')
	dst = appendPadded(dst, frac, 6)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

func appendTimestamp(dst []byte, micros int64, zone bool) []byte {
	switch micros {
	case infinityMicros:
		return append(dst, "infinity"...)
	case -infinityMicros:
		return append(dst, "-infinity"...)
	}
	days, rest := micros/dayMicros, micros%dayMicros
	if rest < 0 {
		days, rest = days-1, rest+dayMicros
	}
	dst, bc := appendCivil(dst, days)
	dst = append(dst, ' ')
	dst = appendTime(dst, rest)
	if zone {
		dst = append(dst, "+00"...)
	}
	return appendEra(dst, bc)
}

func appendHex(dst, v []byte) []byte {
	const digits = "0123456789abcdef"
	for _, b := range v {
		dst = append(dst, digits[b>>4], digits[b&15])
	}
	return dst
}
