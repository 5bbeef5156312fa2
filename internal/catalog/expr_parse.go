package catalog

import (
	"strings"

	"penstock/internal/schema"
)

// exprParser reads the WHERE language of GetPartitions: comparisons of a partition key with literals, IN, BETWEEN, LIKE, IS NULL,
// joined by AND, OR, NOT and parentheses. Literals are read as the key's declared type.
type exprParser struct {
	text string
	toks []token
	pos  int
	keys []Column
}

func (p *exprParser) peek() token { return p.toks[p.pos] }

func (p *exprParser) fail(format string, args ...any) *Error {
	return exprError(p.text, p.peek().pos, format, args...)
}

// symbol consumes a symbol if it is next.
func (p *exprParser) symbol(s string) bool {
	if t := p.peek(); t.kind == tokSymbol && t.text == s {
		p.pos++
		return true
	}
	return false
}

// keyword consumes a keyword if it is next.
func (p *exprParser) keyword(w string) bool {
	if t := p.peek(); t.kind == tokWord && strings.EqualFold(t.text, w) {
		p.pos++
		return true
	}
	return false
}

func (p *exprParser) found() string {
	if t := p.peek(); t.kind != tokEnd {
		return "'" + t.text + "'"
	}
	return "the end"
}

func (p *exprParser) or() (node, error) {
	left, err := p.and()
	for err == nil && p.keyword("or") {
		var right node
		right, err = p.and()
		left = logic{or: true, left: left, right: right}
	}
	return left, err
}

func (p *exprParser) and() (node, error) {
	left, err := p.not()
	for err == nil && p.keyword("and") {
		var right node
		right, err = p.not()
		left = logic{left: left, right: right}
	}
	return left, err
}

func (p *exprParser) not() (node, error) {
	if p.keyword("not") {
		n, err := p.not()
		return negation{n}, err
	}
	if p.peek().text == "(" && p.peek().kind == tokSymbol && !p.parenthesizedOperand() {
		p.pos++
		n, err := p.or()
		if err == nil && !p.symbol(")") {
			err = p.fail("expected ), found %s", p.found())
		}
		return n, err
	}
	return p.condition()
}

// parenthesizedOperand reports whether the parentheses that begin here hold nothing but a name: "((year)) = '2024'".
func (p *exprParser) parenthesizedOperand() bool {
	i := p.pos
	for p.toks[i].kind == tokSymbol && p.toks[i].text == "(" {
		i++
	}
	if k := p.toks[i].kind; k != tokWord && k != tokName {
		return false
	}
	return p.toks[i+1].kind == tokSymbol && p.toks[i+1].text == ")"
}

func (p *exprParser) condition() (node, error) {
	if k := p.peek().kind; k == tokText || k == tokNumber {
		return p.flipped()
	}
	c, err := p.key()
	if err != nil {
		return nil, err
	}
	if p.keyword("is") {
		negate := p.keyword("not")
		if !p.keyword("null") {
			return nil, p.fail("expected NULL, found %s", p.found())
		}
		return negateIf(negate, isNull{c.index}), nil
	}
	negate := p.keyword("not")
	switch {
	case p.keyword("in"):
		c.op = opIn
		err = p.list(&c)
	case p.keyword("between"):
		c.op = opBetween
		err = p.bounds(&c)
	case p.keyword("like"):
		c.op = opLike
		err = p.pattern(&c)
	case negate:
		return nil, p.fail("expected IN, BETWEEN or LIKE, found %s", p.found())
	default:
		err = p.comparison(&c)
	}
	if err != nil {
		return nil, err
	}
	return negateIf(negate, c), nil
}

// flipped reads "literal op key".
func (p *exprParser) flipped() (node, error) {
	at := p.pos
	p.pos++
	op, ok := p.operator()
	if !ok {
		return nil, p.fail("expected a comparison, found %s", p.found())
	}
	c, err := p.key()
	if err != nil {
		return nil, err
	}
	after := p.pos
	p.pos = at
	c.op = op.flip()
	v, err := p.literal(c.kind)
	c.values = []value{v}
	p.pos = after
	return c, err
}

// key reads a partition key's name, in any number of parentheses.
func (p *exprParser) key() (condition, error) {
	depth := 0
	for p.symbol("(") {
		depth++
	}
	t := p.peek()
	if t.kind != tokWord && t.kind != tokName {
		return condition{}, p.fail("expected the name of a partition key, found %s", p.found())
	}
	index, kind, err := p.lookup(t)
	if err != nil {
		return condition{}, err
	}
	p.pos++
	for ; depth > 0; depth-- {
		if !p.symbol(")") {
			return condition{}, p.fail("expected ), found %s", p.found())
		}
	}
	return condition{index: index, kind: kind}, nil
}

func (p *exprParser) lookup(t token) (int, schema.Kind, error) {
	var names []string
	for i, k := range p.keys {
		if !strings.EqualFold(k.Name, t.text) {
			names = append(names, k.Name)
			continue
		}
		ty, err := schema.Parse(k.Type)
		if err != nil || !comparableKind(ty.Kind) {
			return 0, 0, errorf(Invalid, "Unknown type : '%s'", k.Type)
		}
		return i, ty.Kind, nil
	}
	return 0, 0, errorf(Invalid, "Invalid partition expression! '%s' is not a partition key (keys: %s)", t.text, strings.Join(names, ", "))
}

func (p *exprParser) operator() (operator, bool) {
	t := p.peek()
	if t.kind != tokSymbol {
		return 0, false
	}
	op, ok := operatorOf(t.text)
	if ok {
		p.pos++
	}
	return op, ok
}

func (p *exprParser) comparison(c *condition) error {
	op, ok := p.operator()
	if !ok {
		return p.fail("expected a comparison, IN, BETWEEN, LIKE or IS, found %s", p.found())
	}
	c.op = op
	return p.add(c)
}

// add reads one more literal of c.
func (p *exprParser) add(c *condition) error {
	v, err := p.literal(c.kind)
	c.values = append(c.values, v)
	return err
}

func (p *exprParser) list(c *condition) error {
	if !p.symbol("(") {
		return p.fail("expected (, found %s", p.found())
	}
	for {
		if err := p.add(c); err != nil {
			return err
		}
		if !p.symbol(",") {
			break
		}
	}
	if !p.symbol(")") {
		return p.fail("expected , or ), found %s", p.found())
	}
	return nil
}

func (p *exprParser) bounds(c *condition) error {
	if err := p.add(c); err != nil {
		return err
	}
	if !p.keyword("and") {
		return p.fail("expected AND, found %s", p.found())
	}
	return p.add(c)
}

func (p *exprParser) pattern(c *condition) error {
	if !c.kind.Text() {
		return errorf(Invalid, "%s data type doesn't support operation 'LIKE'", kindTitle(c.kind))
	}
	return p.add(c)
}

func kindTitle(k schema.Kind) string {
	if k.Integer() {
		return "Integral"
	}
	return strings.ToUpper(k.String()[:1]) + k.String()[1:]
}

// literal reads a literal as kind: 'text', a number, or date '...' and timestamp '...', in any number of parentheses.
func (p *exprParser) literal(kind schema.Kind) (value, error) {
	if p.symbol("(") {
		v, err := p.literal(kind)
		if err == nil && !p.symbol(")") {
			err = p.fail("expected ), found %s", p.found())
		}
		return v, err
	}
	if next := p.toks[min(p.pos+1, len(p.toks)-1)]; next.kind == tokText {
		if !p.keyword("date") {
			p.keyword("timestamp")
		}
	}
	t := p.peek()
	if t.kind != tokText && t.kind != tokNumber {
		return value{}, p.fail("expected a literal, found %s", p.found())
	}
	p.pos++
	v, err := readValue(kind, t.text)
	if err != nil {
		return value{}, errorf(Invalid, "%v", err)
	}
	return v, nil
}
