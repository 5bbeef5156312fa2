package dqdl

import (
	"fmt"
	"slices"
	"strings"
)

// maxText is the size up to which AWS takes a ruleset, in bytes.
const maxText = 65536

// maxDepth bounds how deep rules may be composed.
const maxDepth = 50

// Parse reads a ruleset. The error is an *Error.
func Parse(text string) (*Ruleset, error) {
	if len(text) > maxText {
		return nil, &Error{1, 1, fmt.Sprintf("the ruleset has %d bytes, %d are allowed", len(text), maxText)}
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens, variables: map[string]Operand{}, lists: map[string][]Operand{}, declared: map[string]bool{}}
	set := &Ruleset{Sections: map[string]string{}}
	for p.err == nil && p.peek().kind != tokenEnd {
		p.section(set)
	}
	if p.err == nil && len(set.Rules)+len(set.Analyzers) == 0 {
		p.fail("a ruleset has a section Rules = [ ... ] or Analyzers = [ ... ]")
	}
	if p.err != nil {
		return nil, p.err
	}
	return set, nil
}

type parser struct {
	text      string
	tokens    []token
	pos       int
	depth     int
	err       error
	variables map[string]Operand
	lists     map[string][]Operand
	declared  map[string]bool
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) take() token {
	t := p.tokens[p.pos]
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

// fail notes the first mistake, at the next token.
func (p *parser) fail(format string, args ...any) { p.failAt(p.peek(), format, args...) }

// failAt notes the first mistake, at a token.
func (p *parser) failAt(t token, format string, args ...any) {
	if p.err == nil {
		p.err = &Error{t.line, t.col, fmt.Sprintf(format, args...)}
	}
}

func (t token) shown() string {
	switch t.kind {
	case tokenEnd:
		return "the end of the text"
	case tokenString:
		return fmt.Sprintf("the string %q", t.text)
	}
	return fmt.Sprintf("%q", t.text)
}

func (p *parser) symbol(s string) bool {
	if t := p.peek(); p.err == nil && t.kind == tokenSymbol && t.text == s {
		p.pos++
		return true
	}
	return false
}

func (p *parser) want(s string) {
	if !p.symbol(s) {
		p.fail("%q is wanted here, not %s", s, p.peek().shown())
	}
}

// word takes a keyword, without regard to case.
func (p *parser) word(s string) bool {
	if t := p.peek(); p.err == nil && t.kind == tokenWord && strings.EqualFold(t.text, s) {
		p.pos++
		return true
	}
	return false
}

// section reads Rules, Analyzers, another section, or a variable.
func (p *parser) section(set *Ruleset) {
	t := p.peek()
	if t.kind != tokenWord {
		p.fail("a section is wanted here (Rules = [ ... ]), not %s", t.shown())
		return
	}
	p.take()
	p.want("=")
	switch t.text {
	case "Rules":
		set.Rules = append(set.Rules, p.rules()...)
	case "Analyzers":
		set.Analyzers = append(set.Analyzers, p.analyzers()...)
	case "Metadata", "DataSources", "DefaultLabels":
		set.Sections[t.text] = p.balanced()
	default:
		p.variable(t.text)
	}
}

// balanced skips a bracketed section and returns its text.
func (p *parser) balanced() string {
	from, depth := p.peek().at, 0
	for p.err == nil {
		t := p.take()
		switch {
		case t.kind == tokenEnd:
			p.fail("this section is never closed")
		case t.kind == tokenSymbol && strings.Contains("[{(", t.text):
			depth++
		case t.kind == tokenSymbol && strings.Contains("]})", t.text):
			depth--
		}
		if depth <= 0 {
			return p.text[from:t.end]
		}
	}
	return ""
}

// variable reads a declaration: a text, or a list of texts.
func (p *parser) variable(name string) {
	if p.declared[name] {
		p.fail("the variable %s is declared twice", name)
	}
	p.declared[name] = true
	if p.symbol("[") {
		p.lists[name] = p.operands("]")
		for _, o := range p.lists[name] {
			p.textOnly(name, o)
		}
		return
	}
	o := p.operand()
	p.textOnly(name, o)
	p.variables[name] = o
}

func (p *parser) textOnly(name string, o Operand) {
	if o.Kind != String && o.Kind != Keyword {
		p.fail("the variable %s holds a text in quotes or a list of them, not %s", name, o.Text)
	}
}

func (p *parser) rules() (rules []Rule) {
	p.want("[")
	for p.err == nil && !p.symbol("]") {
		if len(rules) > 0 {
			p.want(",")
			if p.symbol("]") {
				break
			}
		}
		rules = append(rules, p.rule())
	}
	if p.err == nil && len(rules) == 0 {
		p.pos--
		p.fail("the list of rules is empty")
	}
	return rules
}

func (p *parser) analyzers() (rules []Rule) {
	p.want("[")
	for p.err == nil && !p.symbol("]") {
		if len(rules) > 0 {
			p.want(",")
		}
		t := p.peek()
		r := Rule{Line: t.line, Col: t.col}
		if s, ok := p.head(&r); ok && !s.number {
			p.fail("%s gives no number and cannot be an analyzer", r.Type)
		}
		r.Text = p.since(t.at)
		rules = append(rules, r)
	}
	return rules
}

// since is the text from a byte to the end of the last token.
func (p *parser) since(at int) string {
	if p.pos == 0 || p.tokens[p.pos-1].end < at {
		return ""
	}
	return p.text[at:p.tokens[p.pos-1].end]
}

// rule reads a rule or a composition. "and" binds stronger than "or", as the evaluation at row level demands parentheses anyway.
func (p *parser) rule() Rule {
	t := p.peek()
	r := p.chain("or", func() Rule { return p.chain("and", p.single) })
	r.Text = p.since(t.at)
	return r
}

func (p *parser) chain(op string, part func() Rule) Rule {
	t := p.peek()
	first := part()
	parts := []Rule{first}
	for p.word(op) {
		parts = append(parts, part())
	}
	if len(parts) == 1 {
		return first
	}
	return Rule{Op: op, Parts: parts, Line: t.line, Col: t.col, Text: p.since(t.at)}
}

func (p *parser) single() Rule {
	t := p.peek()
	if p.symbol("(") {
		if p.depth++; p.depth > maxDepth {
			p.fail("rules are composed more than %d deep", maxDepth)
		}
		r := p.rule()
		p.want(")")
		p.depth--
		if p.word("labels") {
			p.want("=")
			r.Labels = p.balanced()
		}
		return r
	}
	r := Rule{Line: t.line, Col: t.col}
	s, ok := p.head(&r)
	if !ok {
		return r
	}
	if p.condition(&r, s); p.err == nil {
		p.clauses(&r, s)
	}
	r.Text = p.since(t.at)
	return r
}

// head reads the rule's type and parameters.
func (p *parser) head(r *Rule) (spec, bool) {
	t := p.peek()
	s, ok := specs[t.text]
	if t.kind != tokenWord || !ok {
		p.fail("%s is not a rule type%s", t.shown(), nearest(t.text))
		return s, false
	}
	p.take()
	r.Type = t.text
	for p.err == nil && p.parameter(r, s) {
	}
	if n := len(r.Params); n < s.min || s.max >= 0 && n > s.max {
		p.fail("%s takes %s, not %d", r.Type, plural(s.min, s.max), n)
	}
	return s, p.err == nil
}

// parameter reads one more parameter, in quotes or as a plain word, with "of" or "and" before it or not; false when none follows.
func (p *parser) parameter(r *Rule, s spec) bool {
	at := p.pos
	connected := p.word("of") || len(r.Params) > 0 && len(r.Params) != s.max && p.word("and")
	switch q := p.peek(); {
	case q.kind == tokenString:
		r.Params = append(r.Params, p.take().text)
		return true
	case q.kind == tokenSymbol && q.text == "$":
		r.Params = append(r.Params, p.operand().Text)
		return true
	case q.kind == tokenWord && !keyword(q.text) && (s.max < 0 || len(r.Params) < s.max) &&
		(r.Type == "DetectAnomalies" || !connected || specs[q.text] == spec{}):
		r.Params = append(r.Params, p.take().text)
		return true
	}
	p.pos = at // what stood there joins rules
	return false
}

// keyword reports whether a word has a meaning of its own after a rule's parameters.
func keyword(s string) bool {
	return slices.Contains([]string{"between", "in", "not", "matches", "with", "where", "labels", "and", "or", "of"}, strings.ToLower(s))
}

func plural(low, high int) string {
	switch {
	case high < 0:
		return fmt.Sprintf("at least %d parameter in quotes", low)
	case low == 0 && high == 0:
		return "no parameter"
	case low == 1 && high == 1:
		return "1 parameter in quotes"
	case low == high:
		return fmt.Sprintf("%d parameters in quotes", low)
	}
	return fmt.Sprintf("%d to %d parameters in quotes", low, high)
}

// nearest names the rule type that differs least in its letters.
func nearest(word string) string {
	best, score := "", 0
	for name := range specs {
		n := 0
		for i := 0; i < len(name) && i < len(word) && strings.EqualFold(name[i:i+1], word[i:i+1]); i++ {
			n++
		}
		if strings.EqualFold(name, word) {
			n = 1000
		}
		if n > score || n == score && name < best {
			best, score = name, n
		}
	}
	if score < 3 {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

var comparisons = []string{"=", "!=", ">", ">=", "<", "<="}

// condition reads the comparison of a rule that has one.
func (p *parser) condition(r *Rule, s spec) {
	t := p.peek()
	c := p.comparison()
	needed := s.class != noValue && !s.optional || r.Type == "FileMatch" && len(r.Params) < 2
	switch {
	case p.err != nil:
	case r.Type == "AllStatistics":
		p.failAt(t, "AllStatistics is an analyzer and no rule")
	case c == nil && needed:
		p.fail("%s is compared with something (= 1, between 1 and 5, in [...]); found %s", r.Type, p.peek().shown())
	case c != nil && s.class == noValue:
		p.failAt(t, "%s has no condition", r.Type)
	case c != nil:
		p.fits(t, r.Type, s.class, c)
	}
	r.Condition = c
}

// fits checks that a condition compares with values of the kind that the rule gives, and a list with values of one kind.
func (p *parser) fits(t token, rule string, want class, c *Condition) {
	kinds := map[class][]OperandKind{
		numbers: {Number, Dynamic}, texts: {String, Keyword}, durations: {Duration}, sizes: {Size, Number}, dates: {String, Dynamic},
		anyValue: {String, Keyword, Number, Dynamic},
	}[want]
	seen := -1
	for _, o := range c.Operands {
		isNull := o.Kind == Keyword && strings.EqualFold(o.Text, "NULL")
		if !slices.Contains(kinds, o.Kind) && !isNull {
			p.failAt(t, "%s is not compared with %q", rule, o.Text)
		}
		k := int(o.Kind)
		if k == int(Keyword) || k == int(Dynamic) {
			continue
		}
		if seen >= 0 && seen != k {
			p.failAt(t, "the values of one list are of one kind")
		}
		seen = k
	}
	if c.Op == "matches" && want != texts && want != anyValue {
		p.failAt(t, "%s gives no text that could match a pattern", rule)
	}
}

// comparison reads a condition, or returns nil when none begins here.
func (p *parser) comparison() *Condition {
	not := p.word("not")
	switch t := p.peek(); {
	case p.word("between"):
		a := p.operand()
		if !p.word("and") {
			p.fail("between takes two values joined by \"and\"")
		}
		return &Condition{Op: "between", Not: not, Operands: []Operand{a, p.operand()}}
	case p.word("in"):
		return &Condition{Op: "in", Not: not, Operands: p.list()}
	case p.word("matches"):
		return &Condition{Op: "matches", Not: not, Operands: []Operand{p.operand()}}
	case !not && t.kind == tokenSymbol && t.text == "!":
		p.take()
		p.want("=")
		return &Condition{Op: "!=", Operands: []Operand{p.operand()}}
	case !not && t.kind == tokenSymbol && slices.Contains(comparisons, t.text):
		p.take()
		return &Condition{Op: t.text, Operands: []Operand{p.operand()}}
	}
	if not {
		p.fail("\"not\" is followed by between, in or matches")
	}
	return nil
}

func (p *parser) list() []Operand {
	if p.symbol("$") {
		name := p.take()
		all, ok := p.lists[name.text]
		if !ok {
			p.failAt(name, "there is no list variable $%s", name.text)
		}
		return all
	}
	p.want("[")
	return p.operands("]")
}

func (p *parser) operands(closing string) (all []Operand) {
	for p.err == nil {
		all = append(all, p.operand())
		if p.symbol(closing) {
			break
		}
		p.want(",")
	}
	return all
}

// clauses reads what follows the condition: where, with threshold, with failed, labels.
func (p *parser) clauses(r *Rule, s spec) {
	for p.err == nil {
		switch {
		case p.word("where"):
			if t := p.peek(); t.kind != tokenString || !s.where {
				p.fail("%s takes no such \"where\"; where it is allowed it is followed by SQL in quotes", r.Type)
			}
			r.Where = p.take().text
		case p.word("with"):
			p.with(r, s)
		case p.word("labels"):
			p.want("=")
			r.Labels = p.balanced()
		default:
			return
		}
	}
}

func (p *parser) with(r *Rule, s spec) {
	if !p.word("threshold") {
		tag := p.take()
		if tag.kind != tokenWord && tag.kind != tokenString {
			p.failAt(tag, "\"with\" is followed by threshold or a tag, not %s", tag.shown())
			return
		}
		r.tags = append(r.tags, tag.text)
		if c := p.comparison(); p.err == nil && (c == nil || c.Op != "=") {
			p.failAt(tag, "a tag is given a value: with %s = \"...\"", tag.text)
		}
		return
	}
	if !s.threshold {
		p.fail("%s takes no threshold", r.Type)
	}
	if r.Threshold != nil {
		p.fail("a rule has one threshold")
	}
	if r.Threshold = p.comparison(); r.Threshold == nil {
		p.fail("a threshold is a comparison with a fraction: with threshold > 0.9")
	}
}
