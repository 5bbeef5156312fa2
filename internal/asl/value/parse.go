package value

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting, so that a hostile text cannot exhaust the stack.
const maxDepth = 1000

// A SyntaxError says where a JSON text is wrong.
type SyntaxError struct {
	Offset int // bytes before the mistake
	Msg    string
}

// Error implements error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Msg, e.Offset) }

// Parse reads one JSON text (RFC 8259) and nothing behind it. Of two members with one name the last counts.
func Parse(text string) (Value, error) {
	p := parser{s: text}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.i < len(p.s) {
		return nil, p.fail("unexpected text after the JSON value")
	}
	return v, nil
}

type parser struct {
	s string
	i int
}

func (p *parser) fail(msg string) error { return &SyntaxError{p.i, msg} }

func (p *parser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *parser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return nil, p.fail("JSON nested too deeply")
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.str()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, w := range []struct {
		word string
		v    Value
	}{{"true", true}, {"false", false}, {"null", nil}} {
		if len(p.s)-p.i >= len(w.word) && p.s[p.i:p.i+len(w.word)] == w.word {
			p.i += len(w.word)
			return w.v, nil
		}
	}
	if p.i >= len(p.s) {
		return nil, p.fail("unexpected end of JSON")
	}
	return nil, p.fail(fmt.Sprintf("unexpected character %q", p.s[p.i]))
}

func (p *parser) object(depth int) (Value, error) {
	o := &Object{}
	p.i++
	for p.space(); ; p.space() {
		if p.peek() == '}' && o.Len() == 0 {
			p.i++
			return o, nil
		}
		if p.peek() != '"' {
			return nil, p.fail("a member name in quotes was expected")
		}
		k, err := p.str()
		if err != nil {
			return nil, err
		}
		if p.space(); p.peek() != ':' {
			return nil, p.fail("':' was expected after a member name")
		}
		p.i++
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o.Set(k, v)
		done, err := p.next('}')
		if done || err != nil {
			return o, err
		}
	}
}

func (p *parser) array(depth int) (Value, error) {
	a := []Value{}
	p.i++
	if p.space(); p.peek() == ']' {
		p.i++
		return a, nil
	}
	for {
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
		done, err := p.next(']')
		if done || err != nil {
			return a, err
		}
	}
}

// next reads what follows an element: a comma, or the closing bracket.
func (p *parser) next(closing byte) (bool, error) {
	p.space()
	switch p.peek() {
	case ',':
		p.i++
		return false, nil
	case closing:
		p.i++
		return true, nil
	}
	return false, p.fail(fmt.Sprintf("',' or %q was expected", closing))
}

func (p *parser) number() (Value, error) {
	start := p.i
	if p.peek() == '-' {
		p.i++
	}
	if p.peek() == '0' {
		p.i++
	} else if !p.digits() {
		return nil, p.fail("a digit was expected")
	}
	if p.peek() == '.' {
		p.i++
		if !p.digits() {
			return nil, p.fail("a digit was expected after '.'")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.i++
		if c := p.peek(); c == '+' || c == '-' {
			p.i++
		}
		if !p.digits() {
			return nil, p.fail("a digit was expected in the exponent")
		}
	}
	return Number(p.s[start:p.i]), nil
}

func (p *parser) digits() bool {
	start := p.i
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	return p.i > start
}

func (p *parser) str() (string, error) {
	p.i++
	start := p.i
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			p.i++
			return valid(p.s[start : p.i-1]), nil
		case c == '\\':
			return p.escaped([]byte(p.s[start:p.i]))
		case c < 0x20:
			return "", p.fail("a control character must be escaped in a string")
		}
		p.i++
	}
	return "", p.fail("a string is not closed")
}

// escaped reads the rest of a string whose first part is done.
func (p *parser) escaped(b []byte) (string, error) {
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch {
		case c == '"':
			p.i++
			return valid(string(b)), nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
			continue
		case c < 0x20:
			return "", p.fail("a control character must be escaped in a string")
		}
		b = append(b, c)
		p.i++
	}
	return "", p.fail("a string is not closed")
}

func (p *parser) escape() (rune, error) {
	if p.i+1 >= len(p.s) {
		return 0, p.fail("a string is not closed")
	}
	c := p.s[p.i+1]
	if c == 'u' {
		return p.unicode()
	}
	p.i += 2
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
	}
	return 0, p.fail(fmt.Sprintf("unknown escape \\%c", c))
}

func (p *parser) unicode() (rune, error) {
	r, err := p.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if p.i+1 < len(p.s) && p.s[p.i] == '\\' && p.s[p.i+1] == 'u' {
		at := p.i
		low, err := p.hex4()
		if err != nil {
			return 0, err
		}
		if d := utf16.DecodeRune(r, low); d != utf8.RuneError {
			return d, nil
		}
		p.i = at
	}
	return utf8.RuneError, nil
}

func (p *parser) hex4() (rune, error) {
	if p.i+6 > len(p.s) {
		return 0, p.fail("four hexadecimal digits were expected")
	}
	u, err := strconv.ParseUint(p.s[p.i+2:p.i+6], 16, 16)
	if err != nil {
		return 0, p.fail("four hexadecimal digits were expected")
	}
	p.i += 6
	return rune(u), nil
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out := make([]rune, 0, len(s))
	for _, r := range s {
		out = append(out, r)
	}
	return string(out)
}
