package jsonrows

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// maxDepth bounds how deep values may nest: they are read by functions that call themselves.
const maxDepth = 512

// An outcome says how the reading of a value ended.
type outcome uint8

const (
	whole outcome = iota
	short         // the text ends within the value
	wrong         // the text is no JSON; scanner.why says what is wrong at scanner.i
)

// A scanner reads tokens of JSON (RFC 8259) from a text that may go on beyond its end.
type scanner struct {
	buf   []byte
	i     int    // the next byte
	last  bool   // nothing follows the text
	lines bool   // an LF between two tokens ends the text
	odd   bool   // takes what SerDes' parsers take too: 'text', NaN, Infinity, control characters in strings
	why   string // what is wrong
	depth int
	str   span // the last string
	plain []byte
}

// span is where the characters of a string lie, without their quotes.
type span struct {
	from, to int
	escaped  bool // there are escapes
	high     bool // there are bytes beyond ASCII
	control  bool // there are control characters
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func (s *scanner) fail(why string) outcome {
	s.why = why
	return wrong
}

// blank passes over white space and reports whether something follows.
func (s *scanner) blank() bool {
	for ; s.i < len(s.buf); s.i++ {
		switch s.buf[s.i] {
		case ' ', '\t', '\r':
		case '\n':
			if s.lines {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// string passes over a string, whose opening quote is the next byte.
func (s *scanner) string() outcome {
	b := s.buf
	quote := b[s.i]
	i := s.i + 1
	s.str = span{from: i}
	var high uint64
	quotes := ones * uint64(quote)
	for {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			q, e := w^quotes, w^(ones*'\\')
			m := ((q-ones)&^q | (e-ones)&^e | (w-ones*0x20)&^w) & highs // in the lowest byte that is set, this is exact
			if m == 0 {
				high |= w & highs
				i += 8
				continue
			}
			high |= w & highs & (m&-m - 1)
			i += bits.TrailingZeros64(m) >> 3
			break
		}
		for i < len(b) && b[i] != quote && b[i] != '\\' && b[i] >= 0x20 {
			high |= uint64(b[i]) & 0x80
			i++
		}
		if i >= len(b) {
			return s.endless()
		}
		if b[i] == quote {
			s.str.to, s.str.high, s.i = i, high != 0, i+1
			return whole
		}
		n, out := s.special(i)
		if out != whole {
			return out
		}
		i += n
	}
}

func (s *scanner) endless() outcome {
	if s.last {
		s.why = "a string is not closed"
	}
	return short
}

// special is what ends the fast reading of a string and is not its end: an escape or a control character.
func (s *scanner) special(i int) (n int, out outcome) {
	b := s.buf
	if b[i] != '\\' {
		if b[i] == '\n' {
			s.i = i
			return 0, s.fail("a string is not closed on its line")
		}
		if !s.odd {
			s.i = i
			return 0, s.fail("a control character stands in a string")
		}
		s.str.control = true
		return 1, whole
	}
	s.str.escaped = true
	if i+1 >= len(b) {
		return 0, s.endless()
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, whole
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if k >= len(b) {
				return 0, s.endless()
			}
			if c := b[k]; c-'0' > 9 && c|0x20-'a' > 5 {
				s.i = i
				return 0, s.fail("an escape \\u has not four hexadecimal digits")
			}
		}
		return 6, whole
	case '\'':
		if s.odd {
			return 2, whole
		}
	}
	s.i = i
	return 0, s.fail("an unknown escape stands in a string")
}

// number passes over a number, which the next byte begins.
func (s *scanner) number() outcome {
	b, i := s.buf, s.i
	digits := func() bool {
		from := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		return i > from
	}
	bad := func() outcome {
		if i >= len(b) {
			return s.endOf("a number")
		}
		s.i = i
		return s.fail("a number is written wrongly")
	}
	if b[i] == '-' {
		i++
	}
	from := i
	if !digits() {
		return bad()
	}
	if b[from] == '0' && i > from+1 {
		i = from
		return bad()
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return bad()
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return bad()
		}
	}
	if i >= len(b) && !s.last {
		return short
	}
	s.i = i
	return whole
}

// endOf is the end of the text where it must not end.
func (s *scanner) endOf(what string) outcome {
	if s.last {
		s.why = what + " is cut off"
	}
	return short
}

// word passes over a word that the next bytes must be.
func (s *scanner) word(w string) outcome {
	b := s.buf[s.i:]
	if len(b) >= len(w) && string(b[:len(w)]) == w {
		s.i += len(w)
		return whole
	}
	if len(b) < len(w) && string(b) == w[:len(b)] {
		return s.endOf("a value")
	}
	return s.fail("this is no value of JSON")
}

// literal passes over true, false, null and, where they are taken, numbers that JSON has not.
func (s *scanner) literal() outcome {
	switch c := s.buf[s.i]; {
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	case c == 'N' && s.odd:
		return s.word("NaN")
	case c == 'I' && s.odd:
		return s.word("Infinity")
	}
	return s.fail("this is no value of JSON")
}

// scalar passes over a value that is no object and no array.
func (s *scanner) scalar() outcome {
	switch c := s.buf[s.i]; {
	case c == '"' || c == '\'' && s.odd:
		return s.string()
	case c == '-' && s.odd && s.i+1 < len(s.buf) && s.buf[s.i+1] == 'I':
		return s.word("-Infinity")
	case c == '-' || c-'0' <= 9:
		return s.number()
	}
	return s.literal()
}

// value passes over any value, whose first byte is the next.
func (s *scanner) value() outcome {
	switch s.buf[s.i] {
	case '{':
		return s.members(nil)
	case '[':
		return s.elements(nil)
	}
	return s.scalar()
}

// enter goes one level down.
func (s *scanner) enter() outcome {
	if s.depth++; s.depth > maxDepth {
		return s.fail("values nest more than 512 deep")
	}
	s.i++
	return whole
}

// elements reads an array, whose bracket is the next byte: f (nil: value) is called where each element begins.
func (s *scanner) elements(f func() outcome) outcome {
	if out := s.enter(); out != whole {
		return out
	}
	if !s.blank() {
		return s.endOf("an array")
	}
	if s.buf[s.i] == ']' {
		s.i++
		s.depth--
		return whole
	}
	for {
		out := wrong
		if f == nil {
			out = s.value()
		} else {
			out = f()
		}
		if out != whole {
			return out
		}
		end, out := s.comma(']', "an array")
		if out != whole || end {
			return out
		}
	}
}

// members reads an object, whose brace is the next byte: f (nil: value) is called where each value begins, when s.str is its key.
func (s *scanner) members(f func() outcome) outcome {
	if out := s.enter(); out != whole {
		return out
	}
	if !s.blank() {
		return s.endOf("an object")
	}
	if s.buf[s.i] == '}' {
		s.i++
		s.depth--
		return whole
	}
	for {
		if out := s.key(); out != whole {
			return out
		}
		out := wrong
		if f == nil {
			out = s.value()
		} else {
			out = f()
		}
		if out != whole {
			return out
		}
		end, out := s.comma('}', "an object")
		if out != whole || end {
			return out
		}
	}
}

// key passes over a key and its colon up to the value.
func (s *scanner) key() outcome {
	if c := s.buf[s.i]; c != '"' && !(c == '\'' && s.odd) {
		return s.fail("a key in quotes is missing")
	}
	from := s.i
	if out := s.string(); out != whole {
		return out
	}
	if s.str.control || s.str.high && !utf8.Valid(s.buf[from:s.i]) { // no one names a column so
		s.i = from
		return s.fail("a key has a control character or bytes that are no UTF-8")
	}
	if !s.blank() {
		return s.endOf("an object")
	}
	if s.buf[s.i] != ':' {
		return s.fail("a colon is missing after a key")
	}
	s.i++
	if !s.blank() {
		return s.endOf("an object")
	}
	return whole
}

// comma passes over what stands behind a member: the comma and the blanks up to the next one, or the end of what.
func (s *scanner) comma(last byte, what string) (end bool, out outcome) {
	if !s.blank() {
		return false, s.endOf(what)
	}
	switch s.buf[s.i] {
	case ',':
		s.i++
		if !s.blank() {
			return false, s.endOf(what)
		}
		return false, whole
	case last:
		s.i++
		s.depth--
		return true, whole
	}
	return false, s.fail(map[byte]string{'}': "a comma or } is missing", ']': "a comma or ] is missing"}[last])
}
