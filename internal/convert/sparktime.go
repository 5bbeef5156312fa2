package convert

// AppendSparkTime writes a date or timestamp as Spark does: years have a sign where they have more than four digits or are not positive.
func AppendSparkTime(dst []byte, micros int64, dateOnly bool) []byte {
	t := partsOf(micros)
	if t.y > 9999 {
		dst = append(dst, '+')
	}
	dst = append(appendPadded(dst, t.y, 4), '-')
	dst = append2(append(append2(dst, t.m), '-'), t.d)
	if dateOnly {
		return dst
	}
	return AppendTime(append(dst, ' '), int64(t.clock))
}

// sparkDate reads [+-]y{4,7}[-m[m][-d[d]]], behind which a blank or a T and anything may stand (DateTimeUtils.stringToDate).
func sparkDate(s []byte) (int32, Fault) {
	s = Spark.trim(s)
	y, m, d, n, ok := sparkDay(s)
	if !ok || n < len(s) && s[n] != ' ' && s[n] != 'T' {
		return 0, Syntax
	}
	if n < len(s) && !(countDashes(s[:n]) == 2) {
		return 0, Syntax
	}
	if !validDay(y, m, d) {
		return 0, Range
	}
	day := dayNumber(y, m, d)
	if day != int(int32(day)) {
		return 0, Range
	}
	return int32(day), None
}

func countDashes(s []byte) (n int) {
	for i, c := range s {
		if c == '-' && i > 0 {
			n++
		}
	}
	return n
}

// sparkDay reads the day at the start of s and gives the length of its text.
func sparkDay(s []byte) (y, m, d, n int, ok bool) {
	sign := 1
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		n = 1
	}
	part := [3]int{1, 1, 1}
	for i := range part {
		start := n
		v := 0
		for n < len(s) && isDigit(s[n]) && n-start < 8 {
			v = v*10 + int(s[n]-'0')
			n++
		}
		digits := n - start
		if i == 0 && (digits < 4 || digits > 7) || i > 0 && (digits < 1 || digits > 2) {
			return 0, 0, 0, n, false
		}
		part[i] = v
		if n == len(s) || s[n] != '-' || i == 2 {
			break
		}
		n++
	}
	return sign * part[0], part[1], part[2], n, true
}

// sparkTimestamp reads a date and [ T]h[h][:m[m][:s[s][.f*][zone]]], in UTC when no zone is given (DateTimeUtils.parseTimestampString).
func sparkTimestamp(s []byte) (int64, Fault) {
	s = Spark.trim(s)
	y, m, d, n, ok := sparkDay(s)
	if !ok || y > 999_999 || y < -999_999 {
		return 0, Syntax
	}
	var clock int64
	zone := []byte(nil)
	if n < len(s) {
		if s[n] != ' ' && s[n] != 'T' || countDashes(s[:n]) != 2 {
			return 0, Syntax
		}
		var good bool
		if clock, zone, good = sparkClock(s[n+1:]); !good {
			return 0, Syntax
		}
	}
	if !validDay(y, m, d) || clock >= Day {
		return 0, Range
	}
	day := dayNumber(y, m, d)
	if day < minDay || day > maxDay {
		return 0, Range
	}
	at := int64(day)*Day + clock
	if len(zone) == 0 {
		return at, None
	}
	for len(zone) > 0 && zone[0] == ' ' {
		zone = zone[1:]
	}
	loc, known := Spark.Zone(string(zone))
	if !known {
		return 0, Syntax
	}
	return Spark.ToUTC(at, loc), None
}

// sparkClock reads a time of day; a zone stands only behind seconds.
func sparkClock(s []byte) (micros int64, zone []byte, ok bool) {
	var part [3]int
	n := 0
	for i := range part {
		start := n
		for n < len(s) && isDigit(s[n]) && n-start < 2 {
			part[i] = part[i]*10 + int(s[n]-'0')
			n++
		}
		if n == start {
			return 0, nil, false
		}
		if n == len(s) || i == 2 {
			break
		}
		if s[n] != ':' {
			return 0, nil, false
		}
		n++
	}
	frac, digits := 0, 0
	if n < len(s) && s[n] == '.' {
		for n++; n < len(s) && isDigit(s[n]); n++ {
			if digits < 6 {
				frac = frac*10 + int(s[n]-'0')
			}
			digits++
		}
		for i := digits; i < 6; i++ {
			frac *= 10
		}
	}
	if part[0] > 23 || part[1] > 59 || part[2] > 59 {
		return 0, nil, false
	}
	return int64(part[0])*Hour + int64(part[1])*Minute + int64(part[2])*Second + int64(frac), s[n:], true
}
