package logstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// A condition is a parsed { } selector, applied to a decoded JSON message.
type condition func(doc any) bool

func matchJSON(c condition, message string) bool {
	d := json.NewDecoder(strings.NewReader(message))
	d.UseNumber()
	var doc any
	if d.Decode(&doc) != nil {
		return false
	}
	return c(doc)
}

// selectorParser reads { $.a.b[0] = "x" && ($.n >= 3 || $.c IS NULL) }.
type selectorParser struct {
	s     string
	depth int
}

const maxSelectorDepth = 50

func parseSelector(text string) (condition, error) {
	if !strings.HasSuffix(text, "}") {
		return nil, fmt.Errorf("} is missing")
	}
	p := &selectorParser{s: text[1 : len(text)-1]}
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.space(); p.s != "" {
		return nil, fmt.Errorf("unexpected %q", p.s)
	}
	return c, nil
}

func (p *selectorParser) space() { p.s = strings.TrimLeft(p.s, " \t\r\n") }

func (p *selectorParser) eat(prefix string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.s, prefix)
	if ok {
		p.s = rest
	}
	return ok
}

func (p *selectorParser) or() (condition, error) {
	left, err := p.and()
	for err == nil && p.eat("||") {
		l := left
		var r condition
		if r, err = p.and(); err == nil {
			left = func(d any) bool { return l(d) || r(d) }
		}
	}
	return left, err
}

func (p *selectorParser) and() (condition, error) {
	left, err := p.one()
	for err == nil && p.eat("&&") {
		l := left
		var r condition
		if r, err = p.one(); err == nil {
			left = func(d any) bool { return l(d) && r(d) }
		}
	}
	return left, err
}

func (p *selectorParser) one() (condition, error) {
	if p.eat("(") {
		if p.depth++; p.depth > maxSelectorDepth {
			return nil, fmt.Errorf("more than %d brackets", maxSelectorDepth)
		}
		c, err := p.or()
		if err == nil && !p.eat(")") {
			err = fmt.Errorf(") is missing")
		}
		p.depth--
		return c, err
	}
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	return p.test(path)
}

// path reads $.name.name[index] into its steps: a string or an int each.
func (p *selectorParser) path() ([]any, error) {
	if !p.eat("$") {
		return nil, fmt.Errorf("expected a selector that begins with $ at %q", p.s)
	}
	var steps []any
	for {
		switch {
		case strings.HasPrefix(p.s, "."):
			end := strings.IndexAny(p.s[1:], ".[ \t=!<>)&|")
			if end < 0 {
				end = len(p.s) - 1
			}
			if end == 0 {
				return nil, fmt.Errorf("a name is missing after . at %q", p.s)
			}
			steps, p.s = append(steps, p.s[1:1+end]), p.s[1+end:]
		case strings.HasPrefix(p.s, "["):
			end := strings.IndexByte(p.s, ']')
			n, err := strconv.Atoi(p.s[1:max(end, 1)])
			if end < 0 || err != nil || n < 0 {
				return nil, fmt.Errorf("expected an index in [ ] at %q", p.s)
			}
			steps, p.s = append(steps, n), p.s[end+1:]
		default:
			return steps, nil
		}
	}
}

func (p *selectorParser) test(path []any) (condition, error) {
	for _, w := range []string{"IS TRUE", "IS FALSE", "IS NULL", "NOT EXISTS"} {
		if p.eat(w) {
			return func(d any) bool {
				v, ok := walkPath(d, path)
				switch w {
				case "IS TRUE":
					return v == true
				case "IS FALSE":
					return v == false
				case "IS NULL":
					return ok && v == nil
				}
				return !ok
			}, nil
		}
	}
	for _, op := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if p.eat(op) {
			return p.compare(path, op)
		}
	}
	return nil, fmt.Errorf("expected a comparison at %q", p.s)
}

func (p *selectorParser) compare(path []any, op string) (condition, error) {
	p.space()
	var word string
	quoted := strings.HasPrefix(p.s, `"`)
	if quoted {
		end := strings.IndexByte(p.s[1:], '"')
		if end < 0 {
			return nil, fmt.Errorf("a quote is not closed")
		}
		word, p.s = p.s[1:1+end], p.s[2+end:]
	} else {
		end := strings.IndexAny(p.s, " \t)&|")
		if end < 0 {
			end = len(p.s)
		}
		word, p.s = p.s[:end], p.s[end:]
	}
	if strings.HasPrefix(word, "%") {
		return nil, fmt.Errorf("regular expressions (%%...%%) are not supported by Penstock yet")
	}
	if n, ok := number(word); ok && !quoted {
		return func(d any) bool { return compareNumber(d, path, op, n) }, nil
	}
	if word == "" && !quoted || op != "=" && op != "!=" {
		return nil, fmt.Errorf("%s needs a number, not %q", op, word)
	}
	return func(d any) bool {
		v, ok := walkPath(d, path)
		s, isText := v.(string)
		return ok && isText && glob(word, s) == (op == "=")
	}, nil
}

func number(s string) (*big.Rat, bool) {
	if len(s) > 64 || strings.ContainsAny(s, "/pPxX_") {
		return nil, false
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 5 { // an exponent could ask for a number of any size
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func compareNumber(d any, path []any, op string, n *big.Rat) bool {
	v, _ := walkPath(d, path)
	j, ok := v.(json.Number)
	if !ok {
		return false
	}
	m, ok := number(j.String())
	if !ok {
		return false
	}
	switch c := m.Cmp(n); op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}

func walkPath(d any, path []any) (any, bool) {
	for _, step := range path {
		switch k := step.(type) {
		case string:
			m, _ := d.(map[string]any)
			v, ok := m[k]
			if !ok {
				return nil, false
			}
			d = v
		case int:
			a, _ := d.([]any)
			if k >= len(a) {
				return nil, false
			}
			d = a[k]
		}
	}
	return d, true
}

// glob matches a text against a pattern in which * stands for any run of characters.
func glob(pattern, s string) bool {
	parts := bytes.Split([]byte(pattern), []byte("*"))
	text := []byte(s)
	if len(parts) == 1 {
		return pattern == s
	}
	if !bytes.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, mid := range parts[1 : len(parts)-1] {
		i := bytes.Index(text, mid)
		if i < 0 {
			return false
		}
		text = text[i+len(mid):]
	}
	return bytes.HasSuffix(text, parts[len(parts)-1])
}
