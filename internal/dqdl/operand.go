package dqdl

import (
	"math/big"
	"slices"
	"strings"
)

// operand reads a value of a condition.
func (p *parser) operand() Operand {
	t := p.peek()
	switch {
	case t.kind == tokenString:
		return Operand{String, p.take().text}
	case t.kind == tokenSymbol && t.text == "$":
		return p.dereference()
	case t.kind == tokenWord && isKeyword(t.text):
		return Operand{Keyword, strings.ToUpper(p.take().text)}
	case p.dateAhead():
		return p.date()
	}
	value, dynamic := p.sum()
	if p.err != nil {
		return Operand{}
	}
	if u := p.peek(); !dynamic && u.kind == tokenWord && value.IsInt() {
		switch {
		case slices.Contains([]string{"days", "hours", "minutes"}, u.text):
			p.take()
			return Operand{Duration, p.since(t.at)}
		case slices.Contains([]string{"B", "KB", "MB", "GB", "TB"}, u.text):
			p.take()
			return Operand{Size, p.since(t.at)}
		}
	}
	if dynamic {
		return Operand{Dynamic, p.since(t.at)}
	}
	if text := p.since(t.at); !strings.ContainsAny(text, "*/+( \t\n") {
		return Operand{Number, text} // as it was written
	}
	return Operand{Number, decimal(value)}
}

// isKeyword knows the words that stand for values; they are written large or small, not mixed.
func isKeyword(s string) bool {
	return slices.Contains([]string{"NULL", "null", "EMPTY", "empty", "WHITESPACES_ONLY", "whitespaces_only"}, s)
}

// dereference reads $name, a variable that holds a text.
func (p *parser) dereference() Operand {
	p.take()
	name := p.take()
	o, ok := p.variables[name.text]
	if _, list := p.lists[name.text]; list && !ok {
		p.failAt(name, "the variable $%s holds a list, a single text is wanted", name.text)
		return o
	}
	if !ok {
		p.failAt(name, "there is no variable $%s", name.text)
	}
	return o
}

// dateAhead reports whether now() or (now() ...) follows.
func (p *parser) dateAhead() bool {
	at := p.pos
	if p.tokens[at].kind == tokenSymbol && p.tokens[at].text == "(" && at+1 < len(p.tokens) {
		at++
	}
	return p.tokens[at].kind == tokenWord && p.tokens[at].text == "now"
}

// date reads now(), or (now() - 3 days).
func (p *parser) date() Operand {
	t := p.peek()
	open := p.symbol("(")
	p.take()
	p.want("(")
	p.want(")")
	if !open {
		return Operand{Dynamic, p.since(t.at)}
	}
	if n := p.peek(); n.kind == tokenNumber && strings.HasPrefix(n.text, "-") { // "now() -3 days"
		p.tokens[p.pos].text = n.text[1:]
	} else if !p.symbol("-") {
		p.want("+")
	}
	if n := p.peek(); n.kind != tokenNumber || strings.Contains(n.text, ".") {
		p.fail("a number of days, hours or minutes is wanted here, not %s", n.shown())
	}
	p.take()
	if u := p.take(); p.err == nil && !slices.Contains([]string{"days", "hours", "minutes"}, u.text) {
		p.failAt(u, "days, hours or minutes are wanted here, not %s", u.shown())
	}
	p.want(")")
	return Operand{Dynamic, p.since(t.at)}
}

// sum reads a numeric expression. dynamic is true when it calls a function of earlier runs, and then there is no value yet.
func (p *parser) sum() (value *big.Rat, dynamic bool) {
	value, dynamic = p.product()
	for p.err == nil {
		var op string
		switch n := p.peek(); {
		case p.symbol("+"):
			op = "+"
		case p.symbol("-"):
			op = "-"
		case n.kind == tokenNumber && strings.HasPrefix(n.text, "-"): // "3 -1"
			op = "+"
		default:
			return value, dynamic
		}
		right, d := p.product()
		value, dynamic = p.calculate(op, value, right), dynamic || d
	}
	return value, dynamic
}

func (p *parser) product() (value *big.Rat, dynamic bool) {
	value, dynamic = p.atom()
	for p.err == nil {
		op := ""
		switch {
		case p.symbol("*"):
			op = "*"
		case p.symbol("/"):
			op = "/"
		default:
			return value, dynamic
		}
		by := p.peek()
		right, d := p.atom()
		if op == "/" && !d && right.Sign() == 0 {
			p.failAt(by, "this divides by zero")
		}
		value, dynamic = p.calculate(op, value, right), dynamic || d
	}
	return value, dynamic
}

func (p *parser) calculate(op string, a, b *big.Rat) *big.Rat {
	out := new(big.Rat)
	switch {
	case op == "+":
		return out.Add(a, b)
	case op == "-":
		return out.Sub(a, b)
	case op == "*":
		return out.Mul(a, b)
	case b.Sign() == 0:
		return out // what a function gives is not known yet; a constant zero has been refused
	}
	return out.Quo(a, b)
}

// atom reads a number, a call such as avg(last(10)), or an expression in parentheses.
func (p *parser) atom() (value *big.Rat, dynamic bool) {
	t := p.peek()
	switch {
	case t.kind == tokenNumber:
		p.take()
		v, ok := new(big.Rat).SetString(t.text)
		if !ok {
			p.failAt(t, "%q is not a number", t.text)
			return new(big.Rat), false
		}
		return v, false
	case t.kind == tokenWord && p.tokens[p.pos+1].text == "(" && !keyword(t.text):
		p.take()
		p.take()
		for first := true; p.err == nil && !p.symbol(")"); first = false {
			if !first {
				p.want(",")
			}
			p.nested(func() { p.sum() })
		}
		return new(big.Rat), true
	case p.symbol("("):
		p.nested(func() { value, dynamic = p.sum() })
		p.want(")")
		return value, dynamic
	case p.symbol("-"):
		p.nested(func() { value, dynamic = p.atom() })
		return p.calculate("-", new(big.Rat), value), dynamic
	}
	p.fail("a value is wanted here, not %s", t.shown())
	return new(big.Rat), false
}

// nested bounds how deep an expression goes.
func (p *parser) nested(read func()) {
	if p.depth++; p.depth > maxDepth {
		p.fail("expressions are nested more than %d deep", maxDepth)
		return
	}
	read()
	p.depth--
}
