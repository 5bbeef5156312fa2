// Package usual reads texts as values the way nearly all of them look, without looking at what else they could be: each function reads
// a part of what Spark's rules in package convert do, as the same value, which that package's tests hold it to. It words no errors and
// decides nothing about texts that it does not know.
package usual

// Time reads yyyy-mm-ddThh:mm:ss as microseconds since 1970, with a blank or T, up to six places of the second, and Z or nothing; ok is
// false for all else.
func Time(s []byte) (micros int64, ok bool) {
	if len(s) < 19 || s[10] != 'T' && s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	day, ok := Day(s[:10])
	h, m, sec := pair(s[11:]), pair(s[14:]), pair(s[17:])
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

// pair is a number of two digits; anything else is 255.
func pair(s []byte) uint8 {
	a, b := s[0]-'0', s[1]-'0'
	if a > 9 || b > 9 {
		return 255
	}
	return a*10 + b
}

// Day reads yyyy-mm-dd as days since 1970.
func Day(s []byte) (int64, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	c, y, m, d := pair(s), pair(s[2:]), pair(s[5:]), pair(s[8:])
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

// Float reads a number of few digits, with or without a point, as the nearest of 64 bits.
func Float(s []byte) (float64, bool) {
	neg := len(s) > 0 && s[0] == '-'
	if neg {
		s = s[1:]
	}
	var v uint64
	point := -1
	for i, c := range s {
		switch {
		case c-'0' <= 9:
			v = v*10 + uint64(c-'0')
		case c == '.' && point < 0 && i > 0:
			point = i
		default:
			return 0, false
		}
	}
	// up to 15 digits and a power of ten up to 22 are exact, and so their quotient is rounded once
	if len(s) == 0 || len(s) > 16 || point < 0 && len(s) > 15 || point == len(s)-1 {
		return 0, false
	}
	f := float64(v)
	if point > 0 {
		f /= tens[len(s)-1-point]
	}
	if neg {
		f = -f
	}
	return f, true
}

// tens are the powers of ten that Float divides by, each exact.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}
