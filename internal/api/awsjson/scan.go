package awsjson

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"penstock/internal/api/shapes"
)

// maxDepth bounds nesting: deeper documents are refused before the stack is at risk.
const maxDepth = 200

// A scanner reads JSON values from bytes, one token at a time.
type scanner struct {
	b     []byte
	i     int
	depth int
}

func (s *scanner) fail(what string) error {
	return shapes.Malformedf("%s at byte %d", what, s.i)
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) expect(c byte) error {
	if s.peek() != c {
		return s.fail("expected '" + string(c) + "'")
	}
	s.i++
	return nil
}

// null skips a null and says whether one stood there.
func (s *scanner) null() bool {
	if s.peek() == 'n' && s.word("null") {
		return true
	}
	return false
}

func (s *scanner) word(w string) bool {
	if len(s.b)-s.i >= len(w) && string(s.b[s.i:s.i+len(w)]) == w {
		s.i += len(w)
		return true
	}
	return false
}

// object calls member for each member of an object, which must read its value.
func (s *scanner) object(member func(name []byte) error) error {
	if err := s.open('{'); err != nil {
		return err
	}
	defer func() { s.depth-- }()
	for first := true; ; first = false {
		c := s.peek()
		if c == '}' {
			s.i++
			return nil
		}
		if !first {
			if c != ',' {
				return s.fail("expected ',' or '}'")
			}
			s.i++
			s.peek()
		}
		name, err := s.str()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
	}
}

// array calls element for each element of an array, which must read it.
func (s *scanner) array(element func() error) error {
	if err := s.open('['); err != nil {
		return err
	}
	defer func() { s.depth-- }()
	for first := true; ; first = false {
		c := s.peek()
		if c == ']' {
			s.i++
			return nil
		}
		if !first {
			if c != ',' {
				return s.fail("expected ',' or ']'")
			}
			s.i++
		}
		if err := element(); err != nil {
			return err
		}
	}
}

func (s *scanner) open(c byte) error {
	if err := s.expect(c); err != nil {
		return err
	}
	s.depth++
	if s.depth > maxDepth {
		return s.fail("nested too deeply")
	}
	return nil
}

// str reads a string. The result may share the input's bytes and is valid until they change.
func (s *scanner) str() ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.fail("expected a string")
	}
	s.i++
	start := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			out := s.b[start:s.i]
			s.i++
			if !utf8.Valid(out) {
				return nil, s.fail("text is not UTF-8")
			}
			return out, nil
		case c == '\\':
			return s.escaped(start)
		case c < ' ':
			return nil, s.fail("control character in a string")
		}
		s.i++
	}
	return nil, s.fail("unfinished string")
}

// escaped reads the rest of a string that has escapes.
func (s *scanner) escaped(start int) ([]byte, error) {
	out := append([]byte(nil), s.b[start:s.i]...)
	for s.i < len(s.b) {
		c := s.b[s.i]
		switch {
		case c == '"':
			s.i++
			if !utf8.Valid(out) {
				return nil, s.fail("text is not UTF-8")
			}
			return out, nil
		case c < ' ':
			return nil, s.fail("control character in a string")
		case c != '\\':
			out = append(out, c)
			s.i++
			continue
		}
		s.i++
		if s.i >= len(s.b) {
			break
		}
		r, err := s.escape()
		if err != nil {
			return nil, err
		}
		out = utf8.AppendRune(out, r)
	}
	return nil, s.fail("unfinished string")
}

func (s *scanner) escape() (rune, error) {
	c := s.b[s.i]
	s.i++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := s.hex4()
		if err != nil {
			return 0, err
		}
		if utf16.IsSurrogate(r) && s.word(`\u`) {
			low, err := s.hex4()
			if err != nil {
				return 0, err
			}
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, nil
			}
			s.i -= 6
		}
		return r, nil
	}
	return 0, s.fail("bad escape")
}

func (s *scanner) hex4() (rune, error) {
	if s.i+4 > len(s.b) {
		return 0, s.fail("bad escape")
	}
	n, err := strconv.ParseUint(string(s.b[s.i:s.i+4]), 16, 32)
	if err != nil {
		return 0, s.fail("bad escape")
	}
	s.i += 4
	return rune(n), nil
}

// number reads a number's text.
func (s *scanner) number() (string, error) {
	s.peek()
	start := s.i
	if s.at('-') {
		s.i++
	}
	if s.at('0') {
		s.i++
	} else if !s.digits() {
		return "", s.fail("expected a number")
	}
	if s.at('.') {
		s.i++
		if !s.digits() {
			return "", s.fail("expected a digit")
		}
	}
	if s.at('e') || s.at('E') {
		s.i++
		if s.at('+') || s.at('-') {
			s.i++
		}
		if !s.digits() {
			return "", s.fail("expected a digit")
		}
	}
	return string(s.b[start:s.i]), nil
}

func (s *scanner) at(c byte) bool { return s.i < len(s.b) && s.b[s.i] == c }

func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > start
}

// skip reads any value and returns its bytes.
func (s *scanner) skip() ([]byte, error) {
	c := s.peek()
	start := s.i
	var err error
	switch {
	case c == '{':
		err = s.object(func([]byte) error { _, err := s.skip(); return err })
	case c == '[':
		err = s.array(func() error { _, err := s.skip(); return err })
	case c == '"':
		_, err = s.str()
	case c == 't' && s.word("true"), c == 'f' && s.word("false"), c == 'n' && s.word("null"):
	default:
		_, err = s.number()
	}
	return s.b[start:s.i], err
}
