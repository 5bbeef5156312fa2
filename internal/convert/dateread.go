package convert

import "time"

// read holds what a text said, part by part.
type reading struct {
	set                         uint32 // which parts, by their bit
	y, m, d, h, mi, s, us       int
	doy, week, isoYear, isoWeek int
	isoDay, julian, sod         int
	half                        byte // 'a' or 'p'
	hour12, bc                  bool
	offset                      int // seconds ahead of UTC
}

const (
	setYear = 1 << iota
	setMonth
	setDay
	setDoy
	setWeek
	setIsoYear
	setIsoWeek
	setIsoDay
	setJulian
	setSeconds
	setOffset
)

// Read reads a text by the picture. Values that overflow, like June 31, run over into what follows them, unless strict says that they
// are an error.
func (p *DatePicture) Read(s []byte, strict bool) (int64, error) {
	r := reading{y: 1, m: 1, d: 1}
	at := 0
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.key == "" {
			at = skipLiteral(s, at, len(n.text))
			continue
		}
		next := byte(0)
		if i+1 < len(p.nodes) && p.nodes[i+1].key != "" {
			next = 1
		}
		size, err := n.read(&r, s[at:], next != 0)
		if err != nil {
			return 0, err
		}
		at += size
		if n.suffix != 0 {
			at = min(at+2, len(s))
		}
		if at == len(s) {
			break
		}
	}
	return r.instant(s, strict)
}

// skipLiteral passes one character of the text for each of the format, and blanks behind.
func skipLiteral(s []byte, at, n int) int {
	at = min(at+n, len(s))
	for at < len(s) && isSpace(s[at]) {
		at++
	}
	return at
}

// read reads an element; adjacent says that another follows without anything between them, so that only its own width may be read.
func (n *dateNode) read(r *reading, s []byte, adjacent bool) (int, error) {
	blank := run(s, isSpace)
	rest := s[blank:]
	size, err := n.readWord(r, rest)
	if err != nil || size > 0 {
		return blank + size, err
	}
	width, ok := dateWidths[n.key]
	if !ok {
		return 0, fail(CodeArgument, "datetime format element %s cannot be read", n.key)
	}
	digits := run(rest, isDigit)
	if adjacent && !n.bare {
		digits = min(digits, width)
		if digits < width && n.key != "MS" && n.key != "US" && n.key != "YYYY" {
			return 0, fail(CodeDate, "invalid value %q for %q: the field requires %d digits", clip(rest, width), n.text, width)
		}
	}
	if digits == 0 {
		return 0, fail(CodeDate, "invalid value %q for %q: the value must be an integer", clip(rest, width), n.text)
	}
	if digits > 9 {
		return 0, fail(CodeDate, "value for %q in source string is out of range", n.text)
	}
	if n.key == "Y,YYY" {
		return n.readComma(r, rest, digits, blank)
	}
	return blank + digits, n.store(r, atoi(rest[:digits]), digits)
}

func clip(s []byte, n int) string { return string(s[:min(len(s), max(n, 4))]) }

func (n *dateNode) readComma(r *reading, s []byte, digits, blank int) (int, error) {
	if digits+4 > len(s) || s[digits] != ',' || !allDigits(s[digits+1:digits+4]) {
		return 0, fail(CodeDate, "invalid value %q for %q", clip(s, 5), n.text)
	}
	return blank + digits + 4, n.store(r, atoi(s[:digits])*1000+atoi(s[digits+1:digits+4]), 4)
}

var dateWidths = map[string]int{"HH": 2, "HH12": 2, "HH24": 2, "MI": 2, "SS": 2, "MS": 3, "US": 6, "SSSS": 5, "SSSSS": 5, "YYYY": 4,
	"YYY": 3, "YY": 2, "Y": 1, "Y,YYY": 5, "IYYY": 4, "IYY": 3, "IY": 2, "I": 1, "MM": 2, "DD": 2, "DDD": 3, "IDDD": 3, "D": 1, "ID": 1,
	"IW": 2, "WW": 2, "W": 1, "Q": 1, "J": 7, "CC": 2}

// readWord reads the elements that are words; 0 when this one is a number.
func (n *dateNode) readWord(r *reading, s []byte) (int, error) {
	word := s[:run(s, func(c byte) bool { return isLetter(c) || c == '.' })]
	bad := func() (int, error) { return 0, fail(CodeDate, "invalid value %q for %q", clip(s, 9), n.text) }
	switch n.key {
	case "MONTH", "MON":
		i, size := prefixName(word, monthNames[1:], n.key == "MON")
		if i < 0 {
			return bad()
		}
		r.m, r.set = i+1, r.set|setMonth
		return size, nil
	case "DAY", "DY":
		i, size := prefixName(word, dayNames[:], n.key == "DY")
		if i < 0 {
			return bad()
		}
		return size, nil
	case "RM":
		for m := 12; m >= 1; m-- {
			if name := Roman(m); len(word) >= len(name) && equalFold(word[:len(name)], lowerASCII(name)) {
				r.m, r.set = m, r.set|setMonth
				return len(name), nil
			}
		}
		return bad()
	case "AM", "PM", "A.M.", "P.M.":
		size := len(n.key)
		if len(s) < size || s[0]|0x20 != 'a' && s[0]|0x20 != 'p' {
			return bad()
		}
		r.half, r.hour12 = s[0]|0x20, true
		return size, nil
	case "AD", "BC", "A.D.", "B.C.":
		size := len(n.key)
		if len(s) < size || s[0]|0x20 != 'a' && s[0]|0x20 != 'b' {
			return bad()
		}
		r.bc = s[0]|0x20 == 'b'
		return size, nil
	case "TZ", "OF":
		size := run(s, func(c byte) bool {
			return c == '+' || c == '-' || c == ':' || isDigit(c) || isLetter(c) || c == '/' || c == '_'
		})
		loc, ok := Redshift.Zone(string(s[:size]))
		if !ok {
			return bad()
		}
		_, r.offset = time.Unix(0, 0).In(loc).Zone()
		r.set |= setOffset
		return size, nil
	}
	return 0, nil
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] |= 0x20
	}
	return string(b)
}

// prefixName finds the name with which a word begins: whole, or its first three letters.
func prefixName(word []byte, names []string, short bool) (i, size int) {
	for i, name := range names {
		if !short && len(word) >= len(name) && equalFold(word[:len(name)], name) {
			return i, len(name)
		}
	}
	for i, name := range names {
		if short && len(word) >= 3 && equalFold(word[:3], name[:3]) {
			return i, 3
		}
	}
	return -1, 0
}

// store keeps the number of an element.
func (n *dateNode) store(r *reading, v, digits int) error {
	switch n.key {
	case "HH", "HH12":
		if r.h, r.hour12 = v, true; v < 1 || v > 12 {
			return fail(CodeDate, "hour \"%d\" is invalid for the 12-hour clock", v)
		}
	case "HH24":
		r.h = v
	case "MI":
		r.mi = v
	case "SS":
		r.s = v
	case "MS", "US":
		for ; digits < 6; digits++ {
			v *= 10
		}
		r.us = v
	case "SSSS", "SSSSS":
		r.sod, r.set = v, r.set|setSeconds
	case "MM":
		r.m, r.set = v, r.set|setMonth
	case "DD":
		r.d, r.set = v, r.set|setDay
	case "DDD":
		r.doy, r.set = v, r.set|setDoy
	case "WW":
		r.week, r.set = v, r.set|setWeek
	case "IW":
		r.isoWeek, r.set = v, r.set|setIsoWeek
	case "ID":
		r.isoDay, r.set = v, r.set|setIsoDay
	case "IDDD":
		r.isoWeek, r.isoDay, r.set = (v-1)/7+1, (v-1)%7+1, r.set|setIsoWeek|setIsoDay
	case "J":
		r.julian, r.set = v, r.set|setJulian
	case "YYYY", "Y,YYY":
		r.y, r.set = v, r.set|setYear
	case "YYY", "YY", "Y":
		r.y, r.set = nearYear(v, digits), r.set|setYear
	case "IYYY":
		r.isoYear, r.set = v, r.set|setIsoYear
	case "IYY", "IY", "I":
		r.isoYear, r.set = nearYear(v, digits), r.set|setIsoYear
	}
	return nil
}

// nearYear completes a year of fewer than four digits to the one that is nearest to 2020.
func nearYear(v, digits int) int {
	switch {
	case digits > 3:
		return v
	case v < 70:
		return v + 2000
	case v < 100:
		return v + 1900
	case v < 520:
		return v + 2000
	case v < 1000:
		return v + 1000
	}
	return v
}

func (r *reading) instant(s []byte, strict bool) (int64, error) {
	outside := func() error { return fail(CodeDate, "date/time field value out of range: %q", clip(s, 60)) }
	if r.hour12 {
		if r.h == 12 {
			r.h = 0
		}
		if r.half == 'p' {
			r.h += 12
		}
	}
	if r.bc {
		r.y = 1 - r.y
	}
	if r.set&setSeconds != 0 {
		r.h, r.mi, r.s = r.sod/3600, r.sod/60%60, r.sod%60
	}
	if strict && (r.h > 23 || r.mi > 59 || r.s > 59) || r.set&setYear != 0 && r.y == 0 && !r.bc {
		return 0, outside()
	}
	day, ok := r.day(strict)
	if !ok || day < minDay || day > maxDay {
		return 0, outside()
	}
	return int64(day)*Day + int64(r.h)*Hour + int64(r.mi)*Minute + int64(r.s-r.offset)*Second + int64(r.us), nil
}

// day is the date; ok is false when strict finds it to overflow.
func (r *reading) day(strict bool) (day int, ok bool) {
	switch {
	case r.set&setJulian != 0:
		return r.julian - 2440588, true
	case r.set&(setIsoYear|setIsoWeek) == setIsoYear|setIsoWeek:
		first := dayNumber(r.isoYear, 1, 4)
		return first - floorMod(first+3, 7) + (r.isoWeek-1)*7 + max(r.isoDay-1, 0), !strict || r.isoWeek >= 1 && r.isoWeek <= 53
	case r.set&setDoy != 0:
		return dayNumber(r.y, 1, 1) + r.doy - 1, !strict || r.doy >= 1 && (r.doy <= 365 || r.doy == 366 && leap(r.y))
	case r.set&setWeek != 0:
		return dayNumber(r.y, 1, 1) + (r.week-1)*7, !strict || r.week >= 1 && r.week <= 53
	}
	if r.m < 1 || r.m > 12 && strict {
		return 0, false
	}
	return dayNumber(r.y, r.m, r.d), !strict || validDay(r.y, r.m, r.d)
}
