// Package grok takes lines of text apart by grok patterns, as Glue's grok classifiers and its GrokSerDe do: %{PATTERN:field:type} names a
// regular expression and the column that it fills. It has the patterns that the Glue guide lists and the log formats that Glue's built-in
// classifiers know.
//
// It knows no tables and opens no files. A pattern is a Java regular expression to AWS; it is compiled by the standard library where that
// can, and by a machine with look-around and atomic groups where it cannot, which gives up on a line after a time.
package grok

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"penstock/internal/schema"
)

// matchTime is how long one line may take on the machine that goes back and tries again.
const matchTime = time.Second

// A Pattern is a compiled grok expression. It is not for use by several goroutines at once.
type Pattern struct {
	fields []schema.Field
	groups [][]string // for each column, the groups that fill it; the first one that took part in the match does
	source string

	linear *regexp.Regexp
	back   *regexp2.Regexp
	at     [][]int // groups by number

	runes   []rune
	offsets []int // where each rune begins, and the end; empty when all are one byte
}

// Compile compiles an expression, such as "%{IP:client} %{NUMBER:bytes:long}", with the user's own patterns: a line each, the name,
// blanks, and the regular expression. A custom pattern hides a built-in one of its name.
//
// wanted are the names that shall be captured: fields, and patterns without a field, without regard to case. nil captures each field that
// is named; the names are then the columns that a crawler gives the table.
func Compile(expression, custom string, wanted []string) (*Pattern, error) {
	e, err := expand(expression, custom, wanted)
	if err != nil {
		return nil, fmt.Errorf("grok pattern %q: %w", clip(expression), err)
	}
	p := &Pattern{source: e.out.String()}
	for _, f := range e.fields {
		p.fields = append(p.fields, schema.Field{Name: f.name, Type: schema.Of(f.kind)})
		p.groups = append(p.groups, f.groups)
	}
	if p.linear, err = regexp.Compile(p.source); err != nil {
		p.linear = nil
		if p.back, err = regexp2.Compile(p.source, options(p.source)); err != nil {
			return nil, fmt.Errorf("grok pattern %q: its regular expression is not understood: %s", clip(expression), short(err))
		}
		p.back.MatchTimeout = matchTime
	}
	p.number()
	return p, nil
}

// options leave groups without a name uncaptured, of which the pattern of an IPv6 address alone has 90, unless one may be referred to.
func options(source string) regexp2.RegexOptions {
	for i := 0; i+1 < len(source); i++ {
		if source[i] != '\\' {
			continue
		}
		if i++; source[i] >= '1' && source[i] <= '9' {
			return regexp2.RE2
		}
	}
	return regexp2.RE2 | regexp2.ExplicitCapture
}

// short leaves the whole expanded expression, which may be thousands of characters, out of an error of a compiler.
func short(err error) string { return clip(err.Error()) }

func clip(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	end := most
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}

func (p *Pattern) number() {
	for _, names := range p.groups {
		var at []int
		for _, n := range names {
			if p.linear != nil {
				at = append(at, p.linear.SubexpIndex(n))
			} else {
				at = append(at, p.back.GroupNumberFromName(n))
			}
		}
		p.at = append(p.at, at)
	}
}

// Columns are the fields of the expression in their order, in lower case, with the types that it gives them.
func (p *Pattern) Columns() []schema.Field { return p.fields }

// Linear reports whether a match takes time in proportion to the line, whatever stands in it.
func (p *Pattern) Linear() bool { return p.linear != nil }

// A TimeError says that a line was given up.
type TimeError struct{}

// Error implements error.
func (TimeError) Error() string { return "the pattern takes too long on it" }

// Match finds the first place of the line that the expression matches and puts what each column's groups took into values, nil where none
// took part. The bytes are line's own. An error is a TimeError.
func (p *Pattern) Match(line []byte, values [][]byte) (bool, error) {
	if p.linear != nil {
		loc := p.linear.FindSubmatchIndex(line)
		if loc == nil {
			return false, nil
		}
		for c, at := range p.at {
			values[c] = nil
			for _, g := range at {
				if from := loc[2*g]; from >= 0 {
					values[c] = line[from:loc[2*g+1]:loc[2*g+1]]
					break
				}
			}
		}
		return true, nil
	}
	p.decode(line)
	m, err := p.back.FindRunesMatch(p.runes)
	if err != nil {
		return false, TimeError{}
	}
	if m == nil {
		return false, nil
	}
	for c, at := range p.at {
		values[c] = nil
		for _, g := range at {
			if group := m.GroupByNumber(g); group != nil && len(group.Captures) > 0 {
				from, to := p.offset(group.Index), p.offset(group.Index+group.Length)
				values[c] = line[from:to:to]
				break
			}
		}
	}
	return true, nil
}

// decode makes the line's characters of its bytes; a byte that is no UTF-8 is the character U+FFFD.
func (p *Pattern) decode(line []byte) {
	p.runes, p.offsets = p.runes[:0], p.offsets[:0]
	for i, c := range line {
		if c >= utf8.RuneSelf {
			p.decodeFrom(line, i)
			return
		}
		p.runes = append(p.runes, rune(c))
	}
}

func (p *Pattern) decodeFrom(line []byte, i int) {
	for n := range i {
		p.offsets = append(p.offsets, n)
	}
	for i < len(line) {
		r, size := utf8.DecodeRune(line[i:])
		p.runes = append(p.runes, r)
		p.offsets = append(p.offsets, i)
		i += size
	}
	p.offsets = append(p.offsets, len(line))
}

func (p *Pattern) offset(n int) int {
	if len(p.offsets) == 0 {
		return n
	}
	return p.offsets[n]
}

// CheckCustom reports what is wrong with a text of custom patterns, or nil.
func CheckCustom(custom string) error {
	_, err := parseCustom(custom)
	return err
}

// lower is how a field's name is written as a column.
func lower(name string) string { return strings.ToLower(name) }
