package convert

import "strings"

// A SparkPicture is a compiled datetime pattern of Spark: the letters of Java's DateTimeFormatter that Spark 3 takes.
type SparkPicture struct{ nodes []sparkNode }

type sparkNode struct {
	letter byte // 0 is a literal
	count  int
	text   string
}

// sparkCounts are the letters and how often each may stand in a row.
var sparkCounts = map[byte]int{'G': 3, 'y': 6, 'D': 3, 'M': 4, 'L': 4, 'd': 2, 'Q': 4, 'q': 4, 'E': 4, 'F': 1, 'a': 1, 'h': 2, 'K': 2,
	'k': 2, 'H': 2, 'm': 2, 's': 2, 'S': 9, 'V': 2, 'z': 4, 'O': 4, 'X': 5, 'x': 5, 'Z': 5}

// CompileSpark reads a pattern.
func CompileSpark(pattern string) (*SparkPicture, error) {
	p := &SparkPicture{}
	if err := formatLength(pattern); err != nil {
		return nil, err
	}
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			text, size := quoted(pattern[i:])
			if size == 0 {
				return nil, fail(CodeArgument, "pattern %q of a date format: a quote is not closed", pattern)
			}
			p.nodes = append(p.nodes, sparkNode{text: text})
			i += size
		case isLetter(c):
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			if n > sparkCounts[c] || c == 'V' && n != 2 || c == 'D' && n == 2 || c == 'O' && n != 1 && n != 4 ||
				(c == 'Z') && n == 4 || c == 'z' && n == 4 {
				return nil, fail(CodeArgument, "pattern %q of a date format is not supported", pattern[i:i+n])
			}
			p.nodes = append(p.nodes, sparkNode{letter: c, count: n})
			i += n
		case strings.IndexByte("[]{}#", c) >= 0:
			return nil, fail(CodeArgument, "pattern %q of a date format is not supported", string(c))
		default:
			p.nodes = append(p.nodes, sparkNode{text: string(c)})
			i++
		}
	}
	return p, nil
}

// quoted reads 'text', in which ” is a quote; alone it is one too.
func quoted(s string) (text string, size int) {
	if strings.HasPrefix(s, "''") {
		return "'", 2
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1
	}
	return "", 0
}

// Append writes a timestamp of UTC by the pattern.
func (p *SparkPicture) Append(dst []byte, micros int64) []byte {
	t := partsOf(micros)
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.letter == 0 {
			dst = append(dst, n.text...)
			continue
		}
		dst = n.append(dst, t)
	}
	return dst
}

func (n *sparkNode) append(dst []byte, t instant) []byte {
	switch n.letter {
	case 'y':
		y := yearOf(t.y)
		if n.count == 2 {
			return append2(dst, y%100)
		}
		return appendPadded(dst, y, n.count)
	case 'M', 'L':
		if n.count > 2 {
			return appendName(dst, monthNames[t.m], n.count)
		}
		return appendPadded(dst, t.m, n.count)
	case 'E':
		return appendName(dst, dayNames[weekday(t.day)], n.count)
	case 'Q', 'q':
		return appendQuarter(dst, (t.m+2)/3, n.count)
	case 'G':
		return append(dst, pick(t.y > 0, "AD", "BC")...)
	case 'a':
		return append(dst, pick(t.hour() < 12, "AM", "PM")...)
	case 'S':
		var buf [9]byte
		return append(dst, appendPadded(buf[:0], t.clock%Second*1000, 9)[:n.count]...)
	case 'V', 'z':
		return append(dst, "UTC"...)
	case 'O':
		return append(dst, "GMT"...)
	case 'X':
		return append(dst, 'Z')
	case 'x':
		return append(dst, [...]string{"+00", "+0000", "+00:00", "+0000", "+00:00"}[n.count-1]...)
	case 'Z':
		return append(dst, pick(n.count == 5, "Z", "+0000")...)
	}
	return appendPadded(dst, n.number(t), n.count)
}

func (n *sparkNode) number(t instant) int {
	switch n.letter {
	case 'd':
		return t.d
	case 'D':
		return dayOfYear(t.day)
	case 'F':
		return (t.d-1)%7 + 1
	case 'H':
		return t.hour()
	case 'k':
		return (t.hour()+23)%24 + 1
	case 'K':
		return t.hour() % 12
	case 'h':
		return (t.hour()+11)%12 + 1
	case 'm':
		return t.clock / Minute % 60
	}
	return t.clock / Second % 60
}

// appendName writes a name with a capital, its first three letters when fewer than four are asked for.
func appendName(dst []byte, name string, count int) []byte {
	if count < 4 {
		name = name[:3]
	}
	return append(append(dst, name[0]&^0x20), name[1:]...)
}

func appendQuarter(dst []byte, q, count int) []byte {
	switch count {
	case 3:
		return append(append(dst, 'Q'), byte('0'+q))
	case 4:
		return append(append(dst, byte('0'+q)), [...]string{"st", "nd", "rd", "th"}[q-1]+" quarter"...)
	}
	return appendPadded(dst, q, count)
}

// Read reads a text by the pattern; ok is false when it does not fit, which is NULL in Spark.
func (p *SparkPicture) Read(s []byte) (micros int64, ok bool) {
	r := sparkRead{reading: reading{y: 1970, m: 1, d: 1}, hour: -1}
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.letter == 0 {
			if len(s) < len(n.text) || string(s[:len(n.text)]) != n.text {
				return 0, false
			}
			s = s[len(n.text):]
			continue
		}
		size := n.read(&r, s, p.reserved(i))
		if size < 0 {
			return 0, false
		}
		s = s[size:]
	}
	if len(s) > 0 {
		return 0, false
	}
	return r.instant()
}

// reserved counts the digits that the numbers of fixed width directly behind node i take.
func (p *SparkPicture) reserved(i int) (n int) {
	for _, next := range p.nodes[i+1:] {
		if next.letter == 0 || !next.numeric() || next.count < 2 {
			break
		}
		n += next.count
	}
	return n
}

func (n *sparkNode) numeric() bool {
	return strings.IndexByte("yMLdDHhkKmsQq", n.letter) >= 0 && (strings.IndexByte("MLQq", n.letter) < 0 || n.count < 3)
}

type sparkRead struct {
	reading
	hour int // of 24, -1: none
}

// read reads a field and gives its length, -1 when the text does not fit.
func (n *sparkNode) read(r *sparkRead, s []byte, reserved int) int {
	switch n.letter {
	case 'M', 'L', 'E', 'a', 'G', 'V', 'z', 'O', 'X', 'x', 'Z':
		if !n.numeric() {
			return n.readWord(r, s)
		}
	case 'S':
		digits := min(run(s, isDigit), n.count)
		if digits == 0 {
			return -1
		}
		r.us = int(fraction(s[:digits]))
		if digits > 6 {
			r.us = atoi(s[:6])
		}
		return digits
	case 'Q', 'q', 'F':
		return -1
	}
	digits := run(s, isDigit)
	switch {
	case n.letter == 'y' && n.count != 2:
		if digits < n.count && n.count > 1 || digits > n.count && n.count > 3 && reserved == 0 { // more digits than asked for need a sign
			return -1
		}
		digits = min(digits-reserved, 6)
	case n.count > 1:
		if digits < n.count {
			return -1
		}
		digits = n.count
	default:
		digits = min(digits-reserved, 9)
	}
	if digits < 1 || !n.store(r, atoi(s[:digits])) {
		return -1
	}
	return digits
}

func (n *sparkNode) store(r *sparkRead, v int) bool {
	lo, hi := 0, 59
	switch n.letter {
	case 'y':
		if r.y = v; n.count == 2 {
			r.y += 2000
		}
		return true
	case 'M', 'L':
		r.m, lo, hi = v, 1, 12
	case 'd':
		r.d, lo, hi = v, 1, 31
	case 'D':
		r.doy, r.set, lo, hi = v, r.set|setDoy, 1, 366
	case 'H':
		r.hour, hi = v, 23
	case 'k':
		r.hour, lo, hi = v%24, 1, 24
	case 'K':
		r.h, r.hour12, hi = v, true, 11
	case 'h':
		r.h, r.hour12, lo, hi = v%12, true, 1, 12
	case 'm':
		r.mi = v
	default:
		r.s = v
	}
	return v >= lo && v <= hi
}

func (n *sparkNode) readWord(r *sparkRead, s []byte) int {
	switch n.letter {
	case 'M', 'L', 'E':
		names := monthNames[1:]
		if n.letter == 'E' {
			names = dayNames[:]
		}
		i, size := prefixName(s, names, n.count < 4)
		if i < 0 {
			return -1
		}
		if n.letter != 'E' {
			r.m = i + 1
		}
		return size
	case 'a', 'G':
		if len(s) < 2 || s[1]|0x20 != pick(n.letter == 'a', "m", "d")[0] && (n.letter == 'a' || !equalFold(s[:2], "bc")) {
			return -1
		}
		if n.letter == 'a' {
			r.half = s[0] | 0x20
		} else {
			r.bc = s[0]|0x20 == 'b'
		}
		return 2
	}
	size := run(s, func(c byte) bool {
		return c == '+' || c == '-' || c == ':' || isDigit(c) || isLetter(c) || c == '/' || c == '_'
	})
	if strings.IndexByte("XxZ", n.letter) >= 0 && size > 0 && isLetter(s[0]) && s[0] != 'Z' {
		return -1
	}
	loc, ok := Spark.Zone(string(s[:size]))
	if !ok {
		return -1
	}
	r.offset = int(offsetAt(int64(dayNumber(r.y, r.m, r.d))*Day, loc) / Second)
	return size
}

func (r *sparkRead) instant() (int64, bool) {
	if r.hour12 && r.hour < 0 {
		if r.hour = r.h; r.half == 'p' {
			r.hour += 12
		}
	}
	if r.bc {
		r.y = 1 - r.y
	}
	day := dayNumber(r.y, 1, 1) + r.doy - 1
	if r.set&setDoy == 0 {
		if !validDay(r.y, r.m, r.d) {
			return 0, false
		}
		day = dayNumber(r.y, r.m, r.d)
	} else if r.doy == 366 && !leap(r.y) {
		return 0, false
	}
	if day < minDay || day > maxDay {
		return 0, false
	}
	return int64(day)*Day + int64(max(r.hour, 0))*Hour + int64(r.mi)*Minute + int64(r.s-r.offset)*Second + int64(r.us), true
}
