package grok

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/dlclark/regexp2"

	"penstock/internal/schema"
)

// CheckRegex reports what is wrong with the regular expression of a RegexSerDe, or nil.
func CheckRegex(expression string) error {
	_, err := compileRegex(expression)
	return err
}

// compileRegex makes a Pattern of a Java regular expression that has to match whole lines: field i is its group i+1.
func compileRegex(expression string) (*Pattern, error) {
	p := &Pattern{source: `\A(?:` + expression + `)\z`}
	groups := 0
	var err error
	if p.linear, err = regexp.Compile(p.source); err == nil {
		groups = p.linear.NumSubexp()
	} else {
		p.linear = nil
		if p.back, err = regexp2.Compile(p.source, regexp2.RE2); err != nil {
			return nil, fmt.Errorf("the regular expression %q is not understood: %s", clip(expression), short(err))
		}
		p.back.MatchTimeout = matchTime
		groups = len(p.back.GetGroupNumbers()) - 1
		for i, name := range p.back.GetGroupNames() {
			if name != strconv.Itoa(i) { // this machine counts groups with names last, and Java does not
				return nil, fmt.Errorf("the regular expression %q has a group with a name, %s, which Penstock does not support beside look-around",
					clip(expression), name)
			}
		}
	}
	for i := range groups {
		p.fields = append(p.fields, schema.Field{Name: strconv.Itoa(i + 1), Type: schema.Of(schema.String)})
		p.at = append(p.at, []int{i + 1})
	}
	return p, nil
}

// NewRegexReader reads src as Hive's RegexSerDe does: a line that the expression matches from its first to its last character is a row, in
// which a column has what the group took that stands at its place (at, counted from 0); a column beyond the groups is null. Any other line
// is a row of nulls.
func NewRegexReader(src io.Reader, expression string, columns []schema.Field, at []int, opts Options) (*Reader, error) {
	p, err := compileRegex(expression)
	if err != nil {
		return nil, err
	}
	if opts.Rows == 0 {
		opts.Rows = 8192
	}
	r := &Reader{src: bufio.NewReaderSize(src, 64<<10), pattern: p, opts: opts, values: make([][]byte, len(p.fields))}
	for i := range columns {
		group := at[i]
		if group >= len(p.fields) {
			group = -1
		}
		r.from = append(r.from, group)
	}
	return r, nil
}
