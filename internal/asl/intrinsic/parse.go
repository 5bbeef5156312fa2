// Package intrinsic reads and evaluates the intrinsic functions of the States Language (States.Format and its family). It is pure:
// random numbers and UUIDs come from the Env, and so do the values of paths.
package intrinsic

import (
	"fmt"
	"strings"

	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

// A Call is a parsed function call.
type Call struct {
	Text string
	Name string // without "States."
	args []node
}

// A node is one argument: exactly one of its parts is set, or lit holds a literal.
type node struct {
	call *Call
	path *jsonpath.Path
	lit  value.Value
}

// maxNesting is how deep calls may stand in calls; AWS allows ten.
const maxNesting = 10

// Parse reads a call such as States.Format('{}', $.a).
func Parse(text string) (*Call, error) {
	p := parser{s: text}
	c, err := p.call(1)
	if err != nil {
		return nil, err
	}
	if p.space(); p.i < len(p.s) {
		return nil, p.fail("unexpected text after the call")
	}
	return c, nil
}

// Paths lists the paths among the arguments, at every depth.
func (c *Call) Paths() []*jsonpath.Path {
	var out []*jsonpath.Path
	for _, a := range c.args {
		switch {
		case a.path != nil:
			out = append(out, a.path)
		case a.call != nil:
			out = append(out, a.call.Paths()...)
		}
	}
	return out
}

type parser struct {
	s string
	i int
}

func (p *parser) fail(format string, a ...any) error {
	return fmt.Errorf("intrinsic function %q: %s at character %d", p.s, fmt.Sprintf(format, a...), p.i+1)
}

func (p *parser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *parser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *parser) call(depth int) (*Call, error) {
	if depth > maxNesting {
		return nil, p.fail("more than %d calls inside one another", maxNesting)
	}
	start := p.i
	open := strings.IndexByte(p.s[p.i:], '(')
	if open < 0 {
		return nil, p.fail("'(' is missing")
	}
	full := strings.TrimSpace(p.s[p.i : p.i+open])
	name, ok := strings.CutPrefix(full, "States.")
	if _, known := functions[name]; !ok || !known {
		return nil, p.fail("%q is not an intrinsic function", full)
	}
	p.i += open + 1
	c := &Call{Name: name}
	for {
		p.space()
		if p.peek() == ')' && len(c.args) == 0 {
			break
		}
		a, err := p.arg(depth)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, a)
		p.space()
		if p.peek() == ')' {
			break
		}
		if p.peek() != ',' {
			return nil, p.fail("',' or ')' was expected")
		}
		p.i++
	}
	p.i++
	c.Text = strings.TrimSpace(p.s[start:p.i])
	if f := functions[name]; len(c.args) < f.min || f.max >= 0 && len(c.args) > f.max {
		return nil, p.fail("States.%s was given %d arguments", name, len(c.args))
	}
	return c, nil
}

func (p *parser) arg(depth int) (node, error) {
	switch c := p.peek(); {
	case c == '\'':
		s, err := p.str()
		return node{lit: s}, err
	case c == '$':
		start := p.i
		p.skipPath()
		path, err := jsonpath.Parse(strings.TrimSpace(p.s[start:p.i]))
		if err != nil {
			return node{}, fmt.Errorf("intrinsic function %q: %w", p.s, err)
		}
		return node{path: path}, nil
	case strings.HasPrefix(p.s[p.i:], "States."):
		c, err := p.call(depth + 1)
		return node{call: c}, err
	}
	start := p.i
	for p.i < len(p.s) && strings.IndexByte(",) \t\r\n", p.s[p.i]) < 0 {
		p.i++
	}
	v, err := value.Parse(p.s[start:p.i])
	if err != nil {
		p.i = start
		return node{}, p.fail("an argument was expected")
	}
	switch v.(type) {
	case nil, bool, value.Number:
		return node{lit: v}, nil
	}
	p.i = start
	return node{}, p.fail("an argument must be text in single quotes, a number, true, false, null, a path or a call")
}

// skipPath moves behind a path: to the comma or bracket that ends the argument.
func (p *parser) skipPath() {
	depth := 0
	for quoteBy := byte(0); p.i < len(p.s); p.i++ {
		c := p.s[p.i]
		switch {
		case quoteBy != 0 && c == '\\':
			p.i++
		case quoteBy != 0:
			if c == quoteBy {
				quoteBy = 0
			}
		case depth > 0 && (c == '\'' || c == '"'):
			quoteBy = c
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')' && depth > 0:
			depth--
		case depth == 0 && (c == ',' || c == ')'):
			return
		}
	}
	p.i = min(p.i, len(p.s))
}

// str reads text in single quotes. \' and \\ lose their backslash here; \{ and \} keep theirs for States.Format, which reads templates.
func (p *parser) str() (string, error) {
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; c {
		case '\'':
			p.i++
			return b.String(), nil
		case '\\':
			if p.i++; p.i >= len(p.s) {
				return "", p.fail("text is not closed")
			}
			switch e := p.s[p.i]; e {
			case '{', '}', '\\':
				b.WriteByte('\\')
				b.WriteByte(e)
			case '\'':
				b.WriteByte(e)
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case 'r':
				b.WriteByte('\r')
			default:
				b.WriteByte('\\')
				b.WriteByte(e)
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fail("text is not closed")
}

// unescape takes the backslashes away that str kept for templates.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\{`, `{`, `\}`, `}`, `\\`, `\`).Replace(s)
}
