package jsonrows

import (
	"bytes"
	"math"

	"penstock/internal/convert"
	"penstock/internal/format"
)

// date adds a date: of a text, or by the OpenX SerDe of a number of days too.
func (r *Reader) date(n *node, text []byte, quoted bool) outcome {
	if !quoted && r.options.SerDe != OpenX {
		return r.bad(n, r.i, text, "a number, not a date", true)
	}
	if r.options.SerDe == OpenX {
		if days, fault := javaInteger(text); fault == convert.None && days >= math.MinInt32 && days <= math.MaxInt32 {
			n.vec.AppendInt(days)
			return whole
		}
	}
	if day, ok := usualDay(text); ok {
		n.vec.AppendInt(day)
		return whole
	}
	day, fault := convert.Spark.Date(text)
	if fault != convert.None {
		return r.bad(n, r.i, text, format.Problem(n.typ, convert.Syntax), true)
	}
	n.vec.AppendInt(int64(day))
	return whole
}

// timestamp adds a point in time: by the patterns of the options first, then as the SerDe has it.
func (r *Reader) timestamp(n *node, text []byte, quoted bool) outcome {
	for _, picture := range r.formats {
		if picture == nil {
			if millis, fault := javaInteger(text); fault == convert.None && abs(millis) <= math.MaxInt64/1000 {
				n.vec.AppendInt(millis * 1000)
				return whole
			}
		} else if micros, ok := picture.Read(text); ok {
			n.vec.AppendInt(micros)
			return whole
		}
	}
	micros, fault := int64(0), convert.Syntax
	if usual, ok := usualTime(text); ok && quoted {
		n.vec.AppendInt(usual)
		return whole
	}
	switch {
	case r.options.SerDe == OpenX && bytes.IndexByte(text, ':') <= 0:
		micros, fault = epoch(text)
	case quoted:
		micros, fault = convert.Spark.Timestamp(text)
	case r.options.SerDe == Spark:
		var seconds int64
		if seconds, fault = javaInteger(text); fault == convert.None {
			if abs(seconds) > math.MaxInt64/1_000_000 {
				fault = convert.Range
			}
			micros = seconds * 1_000_000
		}
	}
	if fault != convert.None {
		return r.bad(n, r.i, text, format.Problem(n.typ, convert.Syntax), true)
	}
	n.vec.AppendInt(micros)
	return whole
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// epoch reads seconds since 1970 as the OpenX SerDe does: with a point down to the millisecond, with 13 characters or more as milliseconds.
func epoch(text []byte) (int64, convert.Fault) {
	for _, c := range text {
		if bytes.IndexByte([]byte("-+.0123456789"), c) < 0 {
			return 0, convert.Syntax
		}
	}
	var d convert.Int128
	var fault convert.Fault
	unit := int64(1000)
	switch {
	case bytes.IndexByte(text, '.') >= 0:
		d, fault = convert.Spark.DecimalCut(text, 18, 3)
	case len(text) >= 13:
		d, fault = convert.Spark.DecimalCut(text, 18, 0)
	default:
		d, fault = convert.Spark.DecimalCut(text, 18, 0)
		unit = 1_000_000
	}
	n := int64(d.Lo)
	if fault == convert.None && abs(n) > math.MaxInt64/unit {
		fault = convert.Range
	}
	return n * unit, fault
}

// usualTime reads yyyy-mm-ddThh:mm:ss with a blank or T, up to six places of the second, and Z or nothing; ok is false for all else.
func usualTime(s []byte) (micros int64, ok bool) {
	if len(s) < 19 || s[10] != 'T' && s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	day, ok := usualDay(s[:10])
	h, m, sec := two(s[11:]), two(s[14:]), two(s[17:])
	if !ok || h > 23 || m > 59 || sec > 59 {
		return 0, false
	}
	s = s[19:]
	if len(s) > 0 && s[len(s)-1] == 'Z' {
		s = s[:len(s)-1]
	}
	part := int64(0)
	if len(s) > 0 {
		if s[0] != '.' || len(s) < 2 || len(s) > 7 {
			return 0, false
		}
		for i := 1; i <= 6; i++ {
			part *= 10
			if i < len(s) {
				if s[i]-'0' > 9 {
					return 0, false
				}
				part += int64(s[i] - '0')
			}
		}
	}
	return ((day*24+int64(h))*60+int64(m))*60_000_000 + int64(sec)*1_000_000 + part, true
}

// two is a number of two digits; anything else is 255.
func two(s []byte) uint8 {
	a, b := s[0]-'0', s[1]-'0'
	if a > 9 || b > 9 {
		return 255
	}
	return a*10 + b
}

// usualDay reads yyyy-mm-dd as days since 1970.
func usualDay(s []byte) (int64, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	c, y, m, d := two(s), two(s[2:]), two(s[5:]), two(s[8:])
	if c > 99 || y > 99 || c|y == 0 || m-1 > 11 || d-1 > 30 {
		return 0, false
	}
	year, month, day := int64(c)*100+int64(y), int64(m), int64(d)
	if day > 28 && day > monthDays(year, month) {
		return 0, false
	}
	// years begin in March here, so that the leap day is the last
	if month <= 2 {
		year--
		month += 12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 719469, true
}

func monthDays(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
