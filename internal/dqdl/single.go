package dqdl

import (
	"fmt"
	"slices"
	"strings"
)

// ParseRule reads one rule, or a composition, that stands by itself. The error is an *Error, placed in text.
func ParseRule(text string) (Rule, error) {
	if len(text) > maxText {
		return Rule{}, &Error{1, 1, fmt.Sprintf("the rule has %d bytes, %d are allowed", len(text), maxText)}
	}
	tokens, err := lex(text)
	if err != nil {
		return Rule{}, err
	}
	p := &parser{text: text, tokens: tokens, variables: map[string]Operand{}, lists: map[string][]Operand{}, declared: map[string]bool{}}
	r := p.rule()
	if t := p.peek(); t.kind != tokenEnd {
		p.fail("the rule ends before %s; a further rule is an item of its own", t.shown())
	}
	return r, p.err
}

// Columns are the columns that a rule names outside of SQL, each once.
func (r Rule) Columns() (all []string) {
	if r.Op == "" && r.Type != "CustomSql" && specs[r.Type].evaluable {
		all = slices.Clone(r.Params)
	}
	for _, part := range r.Parts {
		all = append(all, part.Columns()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Hint returns what people get wrong about a rule that does not hold, or "".
func (r Rule) Hint() string {
	var hints []string
	for _, part := range r.Parts {
		if h := part.Hint(); h != "" {
			hints = append(hints, h)
		}
	}
	if c := r.Condition; c != nil && c.Op == "between" && !c.Not && len(c.Operands) == 2 {
		hints = append(hints, fmt.Sprintf("between leaves its bounds out: %s and %s themselves do not fit",
			c.Operands[0].Text, c.Operands[1].Text))
	}
	return strings.Join(hints, "; ")
}
