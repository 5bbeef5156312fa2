package convert

import (
	"strings"
)

// A DatePicture is a compiled format of TO_CHAR, TO_DATE and TO_TIMESTAMP: the elements of the Redshift guide, with PostgreSQL's rules.
type DatePicture struct{ nodes []dateNode }

type dateNode struct {
	key    string // as in dateKeys, "" is a literal
	text   string // of a literal; else the element as it was written, whose case counts
	bare   bool   // FM: without padding
	suffix byte   // 'T' of TH, 't' of th
}

// dateKeys are the elements, longest first where one begins another.
var dateKeys = []string{"SSSSS", "Y,YYY", "A.M.", "P.M.", "A.D.", "B.C.", "MONTH", "HH24", "HH12", "YYYY", "IYYY", "IDDD", "SSSS", "YYY",
	"IYY", "MON", "DAY", "DDD", "HH", "MI", "MM", "MS", "US", "SS", "AM", "PM", "AD", "BC", "CC", "YY", "IY", "DY", "DD", "ID", "IW", "WW",
	"RM", "TZ", "OF", "Y", "I", "D", "W", "Q", "J"}

// CompileDate reads a format. Letters that are no element are refused, but for the T and Z of ISO 8601.
func CompileDate(format string) (*DatePicture, error) {
	p := &DatePicture{}
	if err := formatLength(format); err != nil {
		return nil, err
	}
	bare := false
	for i := 0; i < len(format); {
		rest := format[i:]
		switch {
		case rest[0] == '"':
			body, _, closed := strings.Cut(rest[1:], `"`)
			p.literal(body)
			i += 1 + len(body)
			if closed {
				i++
			}
			continue
		case len(rest) > 1 && strings.EqualFold(rest[:2], "FM"):
			bare = true
			i += 2
			continue
		}
		key := dateKey(rest)
		if key == "" {
			if isLetter(rest[0]) && rest[0] != 'T' && rest[0] != 'Z' {
				return nil, fail(CodeArgument, "datetime format %q: %q is no element, write it in double quotes", format, letters(rest))
			}
			p.literal(rest[:1])
			i++
			continue
		}
		node := dateNode{key: key, text: rest[:len(key)], bare: bare}
		bare = false
		i += len(key)
		if rest = format[i:]; len(rest) > 1 && strings.EqualFold(rest[:2], "TH") && !(len(rest) > 2 && rest[2]|0x20 == 'h') {
			node.suffix = rest[0]
			i += 2
		}
		p.nodes = append(p.nodes, node)
	}
	return p, nil
}

// maxFormat bounds a format: one is compiled for each value where it is no constant.
const maxFormat = 1024

func formatLength(format string) error {
	if len(format) > maxFormat {
		return fail(CodeArgument, "a format of %d bytes is too long, %d are allowed", len(format), maxFormat)
	}
	return nil
}

func letters(s string) string { return s[:run([]byte(s), isLetter)] }

func dateKey(s string) string {
	for _, k := range dateKeys {
		if len(s) >= len(k) && strings.EqualFold(s[:len(k)], k) {
			return k
		}
	}
	return ""
}

func (p *DatePicture) literal(text string) {
	if n := len(p.nodes); n > 0 && p.nodes[n-1].key == "" {
		p.nodes[n-1].text += text
		return
	}
	p.nodes = append(p.nodes, dateNode{text: text})
}

// An instant is a timestamp in its parts.
type instant struct {
	day, y, m, d int
	clock        int // micros
}

func partsOf(micros int64) instant {
	day := floorDiv(int(micros), Day)
	y, m, d := civil(day)
	return instant{day, y, m, d, int(micros) - day*Day}
}

func (t instant) hour() int { return t.clock / Hour }

// Append writes a timestamp by the picture.
func (p *DatePicture) Append(dst []byte, micros int64) []byte {
	t := partsOf(micros)
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.key == "" {
			dst = append(dst, n.text...)
			continue
		}
		from := len(dst)
		var number bool
		if dst, number = n.append(dst, t); number && n.suffix != 0 {
			dst = appendOrdinal(dst, dst[from:len(dst):len(dst)], n.suffix == 'T')
		}
	}
	return dst
}

// append writes an element; number says that it is one.
func (n *dateNode) append(dst []byte, t instant) (out []byte, number bool) {
	if v, width, ok := n.number(t); ok {
		if n.bare {
			width = 0
		}
		return appendPadded(dst, v, width), true
	}
	switch n.key {
	case "MONTH":
		return n.name(dst, monthNames[t.m], 9), false
	case "MON":
		return n.name(dst, monthNames[t.m][:3], 0), false
	case "DAY":
		return n.name(dst, dayNames[weekday(t.day)], 9), false
	case "DY":
		return n.name(dst, dayNames[weekday(t.day)][:3], 0), false
	case "RM":
		return n.name(dst, Roman(t.m), 4), false
	case "AM", "PM":
		return n.name(dst, pick(t.hour() < 12, "am", "pm"), 0), false
	case "A.M.", "P.M.":
		return n.name(dst, pick(t.hour() < 12, "a.m.", "p.m."), 0), false
	case "AD", "BC":
		return n.name(dst, pick(t.y > 0, "ad", "bc"), 0), false
	case "A.D.", "B.C.":
		return n.name(dst, pick(t.y > 0, "a.d.", "b.c."), 0), false
	case "Y,YYY":
		y := yearOf(t.y)
		return appendPadded(append(appendPadded(dst, y/1000, 1), ','), y%1000, 3), true
	case "TZ":
		return n.name(dst, "utc", 0), false
	}
	return append(dst, "+00"...), false // OF
}

func pick(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// yearOf is the year as it is written: 1 BC is 1.
func yearOf(y int) int {
	if y <= 0 {
		return 1 - y
	}
	return y
}

// number gives the value and width of a numeric element.
func (n *dateNode) number(t instant) (v, width int, ok bool) {
	switch n.key {
	case "HH", "HH12":
		return (t.hour()+11)%12 + 1, 2, true
	case "HH24":
		return t.hour(), 2, true
	case "MI":
		return t.clock / Minute % 60, 2, true
	case "SS":
		return t.clock / Second % 60, 2, true
	case "MS":
		return t.clock % Second / 1000, 3, true
	case "US":
		return t.clock % Second, 6, true
	case "SSSS", "SSSSS":
		return t.clock / Second, 1, true
	case "MM":
		return t.m, 2, true
	case "DD":
		return t.d, 2, true
	case "DDD":
		return dayOfYear(t.day), 3, true
	case "D":
		return weekday(t.day) + 1, 1, true
	case "Q":
		return (t.m + 2) / 3, 1, true
	case "WW":
		return (dayOfYear(t.day)-1)/7 + 1, 2, true
	case "W":
		return (t.d-1)/7 + 1, 1, true
	case "J":
		return t.day + 2440588, 1, true
	case "CC":
		return century(t.y), 2, true
	}
	return n.yearNumber(t)
}

func century(y int) int {
	if y > 0 {
		return (y-1)/100 + 1
	}
	return -((-y)/100 + 1)
}

func (n *dateNode) yearNumber(t instant) (v, width int, ok bool) {
	isoYear, isoWeek := isoWeek(t.day)
	isoDay := floorMod(t.day+3, 7) + 1
	y := yearOf(t.y)
	switch n.key {
	case "YYYY":
		return y, 4, true
	case "YYY":
		return y % 1000, 3, true
	case "YY":
		return y % 100, 2, true
	case "Y":
		return y % 10, 1, true
	case "IYYY":
		return yearOf(isoYear), 4, true
	case "IYY":
		return yearOf(isoYear) % 1000, 3, true
	case "IY":
		return yearOf(isoYear) % 100, 2, true
	case "I":
		return yearOf(isoYear) % 10, 1, true
	case "IW":
		return isoWeek, 2, true
	case "ID":
		return isoDay, 1, true
	case "IDDD":
		return (isoWeek-1)*7 + isoDay, 3, true
	}
	return 0, 0, false
}

// name writes a word in the case of the element: all capitals, a capital in front, or none; padded on its right.
func (n *dateNode) name(dst []byte, word string, width int) []byte {
	from := len(dst)
	upper := n.text[0] < 'a'
	all := upper && (len(n.text) < 2 || n.text[1] < 'a')
	for i := range len(word) {
		c := word[i]
		switch {
		case isLetter(c) && (all || upper && i == 0):
			c &^= 0x20
		case isLetter(c):
			c |= 0x20
		}
		dst = append(dst, c)
	}
	for !n.bare && len(dst) < from+width {
		dst = append(dst, ' ')
	}
	return dst
}
