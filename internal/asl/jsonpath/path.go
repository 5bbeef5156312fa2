// Package jsonpath reads and evaluates the paths of the States Language: "$" into a state's input, "$$" into the context object,
// "$name" into a variable. Reference paths (names and indexes only) are evaluated here, on ordered values and with AWS's dialect of
// member names; everything that selects many nodes (wildcards, slices, filters, descendants) is given to the RFC 9535
// implementation github.com/theory/jsonpath and put back into document order. It reports what is missing; which error that is, the
// caller decides.
package jsonpath

import (
	"fmt"
	"strconv"
	"strings"

	rfc "github.com/theory/jsonpath"
)

// A Root says what a path starts from.
type Root int

// The roots of a path.
const (
	Input    Root = iota // $
	Context              // $$
	Variable             // $name
)

// A Path is a parsed path.
type Path struct {
	Text string
	Root Root
	Var  string // the variable's name, when Root is Variable

	steps []step
	query *rfc.Path // set when the path can select many nodes
	order bool      // results are put into document order
}

// A step is a member name or, when name is empty and index is set, an array index.
type step struct {
	name    string
	index   int
	isIndex bool
}

// Definite reports whether the path selects one node at most.
func (p *Path) Definite() bool { return p.query == nil }

// WholeRoot reports whether the path is "$", "$$" or "$name" alone.
func (p *Path) WholeRoot() bool { return p.query == nil && len(p.steps) == 0 }

// Parse reads a path.
func Parse(text string) (*Path, error) {
	p := &Path{Text: text}
	rest, err := p.root(text)
	if err != nil {
		return nil, err
	}
	s := scanner{s: rest, off: len(text) - len(rest)}
	var q strings.Builder
	q.WriteByte('$')
	many := false
	for s.i < len(s.s) {
		seg, err := s.segment()
		if err != nil {
			return nil, err
		}
		q.WriteString(seg.text)
		many = many || seg.many
		p.order = p.order || seg.objects
		if !seg.many {
			p.steps = append(p.steps, seg.step)
		}
	}
	if many {
		p.query, err = rfc.Parse(q.String())
		if err != nil {
			return nil, fmt.Errorf("path %q: %w", text, err)
		}
		p.steps = nil
	}
	return p, nil
}

// ParseReference reads a path that must select exactly one place, as ResultPath and the like ask.
func ParseReference(text string) (*Path, error) {
	p, err := Parse(text)
	if err != nil {
		return nil, err
	}
	if !p.Definite() {
		return nil, fmt.Errorf("path %q: a reference path may have member names and indexes only", text)
	}
	return p, nil
}

func (p *Path) root(text string) (string, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return "", fmt.Errorf("path %q does not start with '$'", text)
	}
	if r, ok := strings.CutPrefix(rest, "$"); ok {
		p.Root = Context
		return r, nil
	}
	n := 0
	for n < len(rest) && rest[n] != '.' && rest[n] != '[' {
		if c := rest[n]; !nameChar(c) {
			return "", fmt.Errorf("path %q: unexpected character %q", text, c)
		}
		n++
	}
	if n > 0 {
		p.Root, p.Var = Variable, rest[:n]
	}
	return rest[n:], nil
}

func nameChar(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// A segment is one part of a path in RFC 9535's form, and what it selects.
type segment struct {
	text    string
	step    step
	many    bool
	objects bool // it can run over the members of an object
}

type scanner struct {
	s   string
	i   int
	off int
}

func (s *scanner) fail(format string, a ...any) error {
	return fmt.Errorf("path: %s at character %d", fmt.Sprintf(format, a...), s.off+s.i+1)
}

func (s *scanner) segment() (segment, error) {
	if s.s[s.i] == '[' {
		return s.bracket("")
	}
	if s.s[s.i] != '.' {
		return segment{}, s.fail("'.' or '[' was expected, not %q", s.s[s.i])
	}
	s.i++
	prefix := ""
	if s.i < len(s.s) && s.s[s.i] == '.' {
		s.i++
		prefix = ".."
		if s.i < len(s.s) && s.s[s.i] == '[' {
			return s.bracket(prefix)
		}
	}
	start := s.i
	for s.i < len(s.s) && !strings.ContainsRune(".[]()?'\"\n", rune(s.s[s.i])) {
		s.i++
	}
	name := s.s[start:s.i]
	switch {
	case name == "":
		return segment{}, s.fail("a member name was expected")
	case name == "*":
		return segment{text: prefix + "[*]", many: true, objects: true}, nil
	case s.i < len(s.s) && s.s[s.i] == '(':
		return segment{}, s.fail("function %q is not part of the language", name)
	}
	return segment{text: prefix + "[" + quote(name) + "]", step: step{name: name}, many: prefix != "", objects: prefix != ""}, nil
}

// bracket reads "[...]".
func (s *scanner) bracket(prefix string) (segment, error) {
	inner, err := s.inside()
	if err != nil {
		return segment{}, err
	}
	trimmed := strings.TrimSpace(inner)
	seg := segment{many: prefix != "", objects: prefix != ""}
	if name, ok := unquote(trimmed); ok {
		seg.step, seg.text = step{name: name}, prefix+"["+quote(name)+"]"
		return seg, nil
	}
	if n, err := strconv.Atoi(trimmed); err == nil {
		seg.step, seg.text = step{index: n, isIndex: true}, prefix+"["+strconv.Itoa(n)+"]"
		return seg, nil
	}
	seg.text, seg.many = prefix+"["+trimmed+"]", true
	seg.objects = seg.objects || strings.HasPrefix(trimmed, "*") || strings.HasPrefix(trimmed, "?")
	return seg, nil
}

// inside returns what stands between the brackets, which may hold quoted text and further brackets.
func (s *scanner) inside() (string, error) {
	start, depth := s.i+1, 0
	for quoteBy := byte(0); s.i < len(s.s); s.i++ {
		c := s.s[s.i]
		switch {
		case quoteBy != 0 && c == '\\':
			s.i++
		case quoteBy != 0:
			if c == quoteBy {
				quoteBy = 0
			}
		case c == '\'' || c == '"':
			quoteBy = c
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				s.i++
				return s.s[start : s.i-1], nil
			}
		}
	}
	return "", s.fail("']' is missing")
}

// unquote reads 'name' or "name"; a backslash is taken away before the quote in use and before
// a backslash only (recorded: $['Test\""Name"'] finds the member Test\""Name").
func unquote(t string) (string, bool) {
	if len(t) < 2 || (t[0] != '\'' && t[0] != '"') {
		return "", false
	}
	var b strings.Builder
	for i := 1; i < len(t); i++ {
		switch c := t[i]; c {
		case '\\':
			if i+1 < len(t) && (t[i+1] == t[0] || t[i+1] == '\\') {
				i++
			}
			b.WriteByte(t[i])
		case t[0]:
			return b.String(), i == len(t)-1
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

func quote(name string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(name) + "'"
}

// Normalized is the path in the form in which AWS reports that it found nothing: $['a'][0].
func (p *Path) Normalized() string {
	if p.query != nil {
		return p.query.String()
	}
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range p.steps {
		if s.isIndex {
			fmt.Fprintf(&b, "[%d]", s.index)
		} else {
			b.WriteString("['" + s.name + "']")
		}
	}
	return b.String()
}
