package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds the nesting of a type, so that hostile text cannot exhaust the stack.
const maxDepth = 64

// words maps Hive's and Spark's spellings to kinds.
func word(s string) (Kind, bool) {
	switch s {
	case "integer":
		return Int, true
	case "long":
		return BigInt, true
	case "short":
		return SmallInt, true
	case "byte":
		return TinyInt, true
	case "real":
		return Float, true
	case "dec", "numeric":
		return Decimal, true
	}
	for k := Boolean; k <= Struct; k++ {
		if kindNames[k] == s {
			return k, true
		}
	}
	return Unknown, false
}

// Parse reads a type in Hive's language, without regard to case. decimal alone is decimal(10,0), as in Hive.
func Parse(s string) (Type, error) {
	p := parser{text: s}
	t, err := p.parse(0)
	if err == nil {
		if p.space(); p.pos < len(s) {
			err = p.errorf("expected the end, found %q", s[p.pos:])
		}
	}
	if err != nil {
		return Type{}, fmt.Errorf("column type %q: %w", s, err)
	}
	return t, nil
}

type parser struct {
	text string
	pos  int
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("at character %d: "+format, append([]any{p.pos + 1}, args...)...)
}

func (p *parser) space() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t' || p.text[p.pos] == '\n' || p.text[p.pos] == '\r') {
		p.pos++
	}
}

// take consumes the byte c after spaces, if it is next.
func (p *parser) take(c byte) bool {
	p.space()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(c byte) error {
	if !p.take(c) {
		if p.pos == len(p.text) {
			return p.errorf("expected %q, found the end", string(c))
		}
		return p.errorf("expected %q, found %q", string(c), p.text[p.pos:p.pos+1])
	}
	return nil
}

// until consumes text up to one of the stop bytes and trims it.
func (p *parser) until(stops string) string {
	p.space()
	start := p.pos
	for p.pos < len(p.text) && !strings.ContainsRune(stops, rune(p.text[p.pos])) {
		p.pos++
	}
	return strings.TrimSpace(p.text[start:p.pos])
}

func (p *parser) parse(depth int) (Type, error) {
	if depth > maxDepth {
		return Type{}, p.errorf("nested more than %d deep", maxDepth)
	}
	w := p.until("<>(),:")
	k, ok := word(strings.ToLower(w))
	if !ok {
		if w == "" {
			return Type{}, p.errorf("expected a type")
		}
		return Type{}, fmt.Errorf("unknown type %q", w)
	}
	switch k {
	case Decimal:
		return p.decimal()
	case Char, Varchar:
		n, err := p.numbers(1, 1, 65535)
		if err != nil {
			return Type{}, err
		}
		return Type{Kind: k, Length: n[0]}, nil
	case Array, Map, Struct:
		return p.nested(k, depth)
	}
	return Of(k), nil
}

func (p *parser) decimal() (Type, error) {
	t := DecimalOf(10, 0)
	if p.space(); p.pos == len(p.text) || p.text[p.pos] != '(' {
		return t, nil
	}
	n, err := p.numbers(2, 0, 38)
	if err != nil {
		return Type{}, err
	}
	t.Precision = n[0]
	if len(n) == 2 {
		t.Scale = n[1]
	}
	if t.Precision < 1 || t.Scale > t.Precision {
		return Type{}, p.errorf("decimal(%d,%d): the precision is 1 to 38, the scale 0 to the precision", t.Precision, t.Scale)
	}
	return t, nil
}

// numbers reads "(n)" or "(n,m)": at most limit numbers from low to high.
func (p *parser) numbers(limit, low, high int) ([]int, error) {
	if err := p.expect('('); err != nil {
		return nil, err
	}
	var out []int
	for {
		w := p.until(",)<>(: ")
		n, err := strconv.Atoi(w)
		if err != nil || n < low || n > high {
			return nil, p.errorf("%q is not a number from %d to %d", w, low, high)
		}
		out = append(out, n)
		if len(out) < limit && p.take(',') {
			continue
		}
		return out, p.expect(')')
	}
}

func (p *parser) nested(k Kind, depth int) (Type, error) {
	if err := p.expect('<'); err != nil {
		return Type{}, err
	}
	t := Type{Kind: k}
	var err error
	switch k {
	case Array:
		err = p.into(&t.Elem, depth)
	case Map:
		if err = p.into(&t.Key, depth); err == nil {
			if err = p.expect(','); err == nil {
				err = p.into(&t.Elem, depth)
			}
		}
	case Struct:
		t.Fields, err = p.fields(depth)
	}
	if err != nil {
		return Type{}, err
	}
	return t, p.expect('>')
}

func (p *parser) into(dst **Type, depth int) error {
	t, err := p.parse(depth + 1)
	*dst = &t
	return err
}

// name reads a field's name, which may stand in backticks; a doubled one is one of its characters.
func (p *parser) name() string {
	if !p.take('`') {
		return strings.Trim(p.until(":,<>()"), "`")
	}
	var name strings.Builder
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		p.pos++
		if c == '`' {
			if p.pos == len(p.text) || p.text[p.pos] != '`' {
				break
			}
			p.pos++
		}
		name.WriteByte(c)
	}
	return name.String()
}

func (p *parser) fields(depth int) ([]Field, error) {
	var out []Field
	for {
		name := p.name()
		if name == "" {
			return nil, p.errorf("expected a field name")
		}
		if err := p.expect(':'); err != nil {
			return nil, err
		}
		t, err := p.parse(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, Field{name, t})
		if !p.take(',') {
			return out, nil
		}
	}
}
