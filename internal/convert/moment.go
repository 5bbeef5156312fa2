package convert

import "time"

// A moment is what the text of a date and time said.
type moment struct {
	y, m, d   int
	clock     int64 // micros of the day
	hasDate   bool
	hasClock  bool
	zone      *time.Location // nil: none was written
	hour12    byte           // 'a' or 'p'
	bc        bool
	twoDigits bool
	textMonth bool
	have      byte // of y, m, d
	doy       int
}

const (
	haveYear  = 1
	haveMonth = 2
	haveDay   = 4
)

// isoMoment reads the common form yyyy-mm-dd[( |T)hh:mm[:ss[.f]]] and nothing else.
func isoMoment(s []byte) (w moment, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' || !allDigits(s[:4]) || !allDigits(s[5:7]) || !allDigits(s[8:10]) {
		return w, false
	}
	w.y, w.m, w.d = int(s[0]-'0')*1000+int(s[1]-'0')*100+two(s[2:]), two(s[5:]), two(s[8:])
	w.hasDate = true
	if w.y == 0 || !validDay(w.y, w.m, w.d) {
		return w, false
	}
	if len(s) == 10 {
		return w, true
	}
	if s[10] != ' ' && s[10] != 'T' || !w.isoClock(s[11:]) {
		return w, false
	}
	return w, true
}

func (w *moment) isoClock(s []byte) bool {
	if len(s) < 5 || s[2] != ':' || !allDigits(s[:2]) || !allDigits(s[3:5]) ||
		len(s) > 5 && (len(s) < 8 || s[5] != ':' || !allDigits(s[6:8])) {
		return false
	}
	h, m, sec := two(s), two(s[3:]), 0
	frac := 0
	if len(s) > 5 {
		sec = two(s[6:])
	}
	if len(s) > 8 {
		if s[8] != '.' || len(s) > 15 || len(s) == 9 || !allDigits(s[9:]) {
			return false
		}
		for i := 9; i < 15; i++ {
			frac *= 10
			if i < len(s) {
				frac += int(s[i] - '0')
			}
		}
	}
	w.clock, w.hasClock = int64(h)*Hour+int64(m)*Minute+int64(sec)*Second+int64(frac), true
	return h < 24 && m < 60 && sec < 60
}

func two(s []byte) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

func allDigits(s []byte) bool {
	for _, c := range s {
		if !isDigit(c) {
			return false
		}
	}
	return len(s) > 0
}

// readMoment reads a date, time or both as Redshift does: PostgreSQL 8.0's forms with month before day.
func readMoment(s []byte) (moment, Fault) {
	s = Redshift.trim(s)
	if w, ok := isoMoment(s); ok {
		return w, None
	}
	var w moment
	for n := 0; len(s) > 0; n++ {
		if n > 24 || len(s) > 256 {
			return w, Syntax
		}
		size, fault := w.field(s)
		if fault != None {
			return w, fault
		}
		s = s[size:]
	}
	return w, w.finish()
}

// field reads one field of the text and gives its length.
func (w *moment) field(s []byte) (int, Fault) {
	switch c := s[0]; {
	case isSpace(c) || c == ',':
		return 1, None
	case isDigit(c):
		return w.digitField(s)
	case isLetter(c):
		return w.wordField(s)
	case c == '+' || c == '-':
		n := 1
		for n < len(s) && (isDigit(s[n]) || s[n] == ':') {
			n++
		}
		seconds, ok := offsetText(s[:n])
		if !ok || w.zone != nil || !w.hasClock {
			return 0, Syntax
		}
		w.zone = time.FixedZone("", seconds)
		return n, None
	}
	return 0, Syntax
}

func (w *moment) digitField(s []byte) (int, Fault) {
	n := run(s, isDigit)
	if n == len(s) {
		return n, w.numberField(s[:n], nil)
	}
	switch c := s[n]; {
	case c == ':':
		end := n + run(s[n:], func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })
		return end, w.timeField(s[:end])
	case (c == '-' || c == '/' || c == '.') && n+1 < len(s) && isDigit(s[n+1]):
		end := n + 1 + run(s[n+1:], isDigit)
		if end < len(s) && s[end] == c && end+1 < len(s) && isDigit(s[end+1]) {
			end += 1 + run(s[end+1:], isDigit)
		} else if c == '.' && n > 4 || c == '.' && w.have != 0 {
			return end, w.numberField(s[:n], s[n+1:end])
		} else if c == '-' && w.have == haveYear|haveMonth|haveDay { // hhmmss-tz
			return n, w.numberField(s[:n], nil)
		}
		return end, w.dateField(s[:end])
	case (c == '-' || c == '/' || c == '.') && n+1 < len(s) && isLetter(s[n+1]):
		end := n + run(s[n:], func(b byte) bool { return isDigit(b) || isLetter(b) || b == c })
		return end, w.dateField(s[:end])
	}
	return n, w.numberField(s[:n], nil)
}

func run(s []byte, in func(byte) bool) int {
	for i, c := range s {
		if !in(c) {
			return i
		}
	}
	return len(s)
}

// dateField reads numbers and perhaps a month's name, divided by one of - / . : names first, they settle what the numbers are.
func (w *moment) dateField(s []byte) Fault {
	var parts [3][]byte
	count := 0
	for len(s) > 0 {
		n := run(s, isDigit)
		if n == 0 {
			n = run(s, isLetter)
		}
		if n == 0 || count == 3 {
			return Syntax
		}
		parts[count] = s[:n]
		count++
		if s = s[n:]; len(s) > 1 && !isLetter(s[0]) && !isDigit(s[0]) {
			s = s[1:]
		}
	}
	for _, p := range parts[:count] {
		if isLetter(p[0]) {
			if m := monthName(p); m == 0 || !w.setMonth(m) {
				return Syntax
			}
			w.textMonth = true
		}
	}
	for _, p := range parts[:count] {
		if isDigit(p[0]) {
			if f := w.number(p); f != None {
				return f
			}
		}
	}
	return None
}

func (w *moment) setMonth(m int) bool {
	if w.have&haveMonth != 0 {
		return false
	}
	w.m, w.have = m, w.have|haveMonth
	return true
}

// number decides what a number is by what is known already.
func (w *moment) number(s []byte) Fault {
	if len(s) > 6 {
		return Syntax
	}
	v := 0
	for _, c := range s {
		v = v*10 + int(c-'0')
	}
	if len(s) == 3 && w.have == haveYear && v >= 1 && v <= 366 {
		w.doy, w.have = v, haveYear|haveMonth|haveDay
		return None
	}
	long := len(s) >= 3
	switch w.have {
	case 0:
		if long {
			return w.year(v, len(s))
		}
		w.setMonth(v)
	case haveYear, haveDay:
		w.setMonth(v)
	case haveMonth:
		if w.textMonth && long {
			return w.year(v, len(s))
		}
		w.d, w.have = v, w.have|haveDay
	case haveYear | haveMonth:
		w.d, w.have = v, w.have|haveDay
	case haveMonth | haveDay:
		return w.year(v, len(s))
	default:
		return Syntax
	}
	return None
}

func (w *moment) year(v, digits int) Fault {
	w.y, w.twoDigits, w.have = v, digits <= 2, w.have|haveYear
	return None
}

// numberField reads digits that stand alone, perhaps with a fraction: yyyymmdd, yymmdd, hhmmss, hhmm, or a part of a date.
func (w *moment) numberField(s, frac []byte) Fault {
	dated := w.have == haveYear|haveMonth|haveDay
	switch {
	case !dated && w.have == 0 && frac == nil && (len(s) == 8 || len(s) == 6 || len(s) == 14):
		n := len(s) - 4
		rest := []byte(nil)
		if len(s) == 14 {
			n, rest = 4, s[8:]
		}
		w.y, w.twoDigits = atoi(s[:n]), n == 2
		w.m, w.d, w.have = two(s[n:]), two(s[n+2:]), haveYear|haveMonth|haveDay
		if rest != nil {
			return w.clockDigits(rest, nil)
		}
		return None
	case dated && !w.hasClock && (len(s) == 6 || len(s) == 4):
		return w.clockDigits(s, frac)
	case dated || frac != nil:
		return Syntax
	}
	return w.number(s)
}

func atoi(s []byte) (v int) {
	for _, c := range s {
		v = v*10 + int(c-'0')
	}
	return v
}

func (w *moment) clockDigits(s, frac []byte) Fault {
	sec := 0
	if len(s) == 6 {
		sec = two(s[4:])
	}
	return w.setClock(two(s), two(s[2:]), sec, fraction(frac))
}

func (w *moment) setClock(h, m, s int, frac int64) Fault {
	if w.hasClock {
		return Syntax
	}
	w.clock, w.hasClock = int64(h)*Hour+int64(m)*Minute+int64(s)*Second+frac, true
	if m > 59 || s > 59 || w.clock > Day { // 24:00 is the end of the day
		return Range
	}
	return None
}

// fraction reads the digits behind a point as micros, rounded.
func fraction(s []byte) (micros int64) {
	for i := range 6 {
		micros *= 10
		if i < len(s) {
			micros += int64(s[i] - '0')
		}
	}
	if len(s) > 6 && s[6] >= '5' {
		micros++
	}
	return micros
}

// timeField reads h[h]:m[m][:s[s][.f]].
func (w *moment) timeField(s []byte) Fault {
	var part [3]int
	i := 0
	for k := range part {
		n := run(s[i:], isDigit)
		if n == 0 || n > 2 {
			return Syntax
		}
		part[k] = atoi(s[i : i+n])
		if i += n; i == len(s) {
			if k == 0 {
				return Syntax
			}
			return w.setClock(part[0], part[1], part[2], 0)
		}
		if k == len(part)-1 || s[i] != ':' {
			break
		}
		i++
	}
	if s[i] != '.' || run(s[i+1:], isDigit) != len(s)-i-1 {
		return Syntax
	}
	return w.setClock(part[0], part[1], part[2], fraction(s[i+1:]))
}
