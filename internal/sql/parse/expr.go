package parse

import (
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

// Expr reads one expression alone.
func Expr(text string, d *dialect.Dialect) (syntax.Expr, error) {
	p, err := newParser(text, d)
	if err != nil {
		return nil, err
	}
	x := p.expr()
	if !p.end() {
		p.unexpected("the end of the expression")
	}
	if p.err != nil {
		return nil, p.err
	}
	return x, nil
}

func (p *parser) expr() syntax.Expr {
	if !p.enter() {
		return &syntax.Literal{Node: p.node()}
	}
	defer p.leave()
	x, links := p.and(), 0
	for p.is("or") {
		p.link(&links)
		n := syntax.Node{At: p.next().Pos}
		x = &syntax.BinaryOp{Node: n, Op: "or", L: x, R: p.and()}
	}
	return x
}

func (p *parser) and() syntax.Expr {
	x, links := p.not(), 0
	for p.is("and") {
		p.link(&links)
		n := syntax.Node{At: p.next().Pos}
		x = &syntax.BinaryOp{Node: n, Op: "and", L: x, R: p.not()}
	}
	return x
}

func (p *parser) not() syntax.Expr {
	if p.is("not") || p.isOp("!") && p.has.BangNot {
		n := syntax.Node{At: p.next().Pos}
		if !p.enter() {
			return &syntax.Literal{Node: n}
		}
		defer p.leave()
		return &syntax.Unary{Node: n, Op: "not", X: p.not()}
	}
	return p.predicate()
}

var comparisons = map[string]string{"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "<=>": "<=>"}

func (p *parser) predicate() syntax.Expr {
	x, links := p.other(), 0
	for {
		p.link(&links)
		t := p.tok()
		if op, ok := comparisons[t.Text]; ok && t.Kind == lex.Op {
			p.next()
			x = p.comparison(x, op, t.Pos)
			continue
		}
		y := p.wordPredicate(x)
		if y == nil {
			return x
		}
		x = y
	}
}

func (p *parser) comparison(l syntax.Expr, op string, at syntax.Pos) syntax.Expr {
	n := syntax.Node{At: at}
	if p.isAny("any", "some", "all") && p.aheadOp(1, "(") && (p.has.AnyArray || p.isQueryAt(2)) {
		out := &syntax.Quantified{Node: n, X: l, Op: op, All: p.next().Text == "all"}
		p.expectOp("(")
		if p.isQueryAt(0) {
			out.Query = p.query()
		} else {
			out.Array = p.expr()
		}
		p.expectOp(")")
		return out
	}
	return &syntax.BinaryOp{Node: n, Op: op, L: l, R: p.other()}
}

// wordPredicate reads IS, IN, BETWEEN, LIKE and their relatives after x; nil when none follows.
func (p *parser) wordPredicate(x syntax.Expr) syntax.Expr {
	n := p.node()
	not := false
	switch {
	case p.accept("is"):
		return p.isPredicate(x, n)
	case p.has.IsNullPostfix && p.accept("isnull"):
		return &syntax.Is{Node: n, X: x, What: "null"}
	case p.has.IsNullPostfix && p.accept("notnull"):
		return &syntax.Is{Node: n, X: x, What: "null", Not: true}
	case p.is("not") && p.ahead(1).Kind == lex.Word:
		switch p.ahead(1).Text {
		case "in", "between", "like", "ilike", "similar", "rlike", "regexp":
			p.next()
			not = true
		default:
			return nil
		}
	}
	switch {
	case p.accept("in"):
		return p.in(x, not, n)
	case p.accept("between"):
		p.accept("symmetric")
		lo := p.other()
		p.expect("and")
		return &syntax.Between{Node: n, X: x, Lo: lo, Hi: p.other(), Not: not}
	case p.accept("like"):
		return p.like(x, "like", not, n)
	case p.accept("ilike"):
		return p.like(x, "ilike", not, n)
	case p.accept("similar", "to"):
		return p.like(x, "similar", not, n)
	case p.has.RLike && p.isAny("rlike", "regexp"):
		p.next()
		return p.like(x, "rlike", not, n)
	}
	return nil
}

func (p *parser) isPredicate(x syntax.Expr, n syntax.Node) syntax.Expr {
	is := &syntax.Is{Node: n, X: x, Not: p.accept("not")}
	if p.accept("distinct", "from") {
		is.What, is.Y = "distinct", p.other()
		return is
	}
	is.What = p.acceptAny("null", "true", "false", "unknown")
	if is.What == "" {
		p.unexpected("NULL, TRUE, FALSE or UNKNOWN")
	}
	return p.casts(is) // x IS NOT NULL::boolean
}

// casts reads ::type behind x and nothing else.
func (p *parser) casts(x syntax.Expr) syntax.Expr {
	for links := 0; p.isOp("::"); {
		p.link(&links)
		n := p.node()
		p.next()
		x = &syntax.Cast{Node: n, X: x, Type: p.typeName()}
	}
	return x
}

func (p *parser) in(x syntax.Expr, not bool, n syntax.Node) syntax.Expr {
	in := &syntax.In{Node: n, X: x, Not: not}
	p.expectOp("(")
	if p.isQueryAt(0) {
		in.Query = p.query()
	} else {
		in.List = p.exprs()
	}
	p.expectOp(")")
	return in
}

func (p *parser) like(x syntax.Expr, kind string, not bool, n syntax.Node) syntax.Expr {
	l := &syntax.Like{Node: n, X: x, Kind: kind, Not: not, Pattern: p.other()}
	if p.accept("escape") {
		l.Escape = p.other()
	}
	return l
}

// exprs reads a list of at least one.
func (p *parser) exprs() []syntax.Expr {
	out := []syntax.Expr{p.expr()}
	for p.op(",") {
		out = append(out, p.expr())
	}
	return out
}

// other reads the operators between comparison and addition.
func (p *parser) other() syntax.Expr {
	x, links := p.additive(), 0
	for {
		p.link(&links)
		t := p.tok()
		if p.has.AnyArray && p.is("operator") && p.aheadOp(1, "(") {
			x = &syntax.BinaryOp{Node: syntax.Node{At: t.Pos}, Op: p.qualifiedOperator(), L: x, R: p.additive()}
			continue
		}
		if t.Kind != lex.Op || !p.has.Infix[t.Text] {
			return x
		}
		p.next()
		x = &syntax.BinaryOp{Node: syntax.Node{At: t.Pos}, Op: t.Text, L: x, R: p.additive()}
	}
}

// qualifiedOperator reads OPERATOR(pg_catalog.~).
func (p *parser) qualifiedOperator() string {
	p.next()
	p.expectOp("(")
	if p.accept("pg_catalog") {
		p.expectOp(".")
	}
	t := p.next()
	if t.Kind != lex.Op || !p.has.Infix[t.Text] {
		p.failAs(syntax.NoFunction, t.Pos, "operator does not exist: %s", show(t))
	}
	p.expectOp(")")
	return t.Text
}

func (p *parser) additive() syntax.Expr {
	x, links := p.multiplicative(), 0
	for p.isOp("+") || p.isOp("-") || p.has.ConcatAdds && p.isOp("||") {
		p.link(&links)
		t := p.next()
		x = &syntax.BinaryOp{Node: syntax.Node{At: t.Pos}, Op: t.Text, L: x, R: p.multiplicative()}
	}
	return x
}

func (p *parser) multiplicative() syntax.Expr {
	x, links := p.power(), 0
	for {
		p.link(&links)
		t := p.tok()
		div := t.Kind == lex.Word && t.Text == "div" && p.has.DivWord
		if !div && !(t.Kind == lex.Op && (t.Text == "*" || t.Text == "/" || t.Text == "%")) {
			return x
		}
		p.next()
		x = &syntax.BinaryOp{Node: syntax.Node{At: t.Pos}, Op: t.Text, L: x, R: p.power()}
	}
}

func (p *parser) power() syntax.Expr {
	x, links := p.unary(), 0
	for p.has.CaretPower && p.isOp("^") {
		p.link(&links)
		t := p.next()
		x = &syntax.BinaryOp{Node: syntax.Node{At: t.Pos}, Op: "^", L: x, R: p.unary()}
	}
	return x
}

func (p *parser) unary() syntax.Expr {
	t := p.tok()
	if t.Kind != lex.Op {
		return p.postfix(p.primary())
	}
	switch t.Text {
	case "-", "+", "~", "|/", "||/", "@":
		p.next()
		if !p.enter() {
			return &syntax.Literal{Node: syntax.Node{At: t.Pos}}
		}
		defer p.leave()
		if t.Text == "-" && p.tok().Kind == lex.Number {
			return p.negative(t.Pos)
		}
		return &syntax.Unary{Node: syntax.Node{At: t.Pos}, Op: t.Text, X: p.unary()}
	}
	return p.postfix(p.primary())
}

// negative makes -1 one literal, so that the smallest integer can be written; a cast after it binds tighter, as in PostgreSQL.
func (p *parser) negative(at syntax.Pos) syntax.Expr {
	lit := p.number()
	if p.isOp("::") || p.isOp("^") {
		return &syntax.Unary{Node: syntax.Node{At: at}, Op: "-", X: p.postfix(lit)}
	}
	lit.At = at
	lit.Text = "-" + lit.Text
	return p.postfix(lit)
}

// postfix reads ::type, [i], .name, AT TIME ZONE and COLLATE behind x.
func (p *parser) postfix(x syntax.Expr) syntax.Expr {
	for links := 0; ; {
		p.link(&links)
		n := p.node()
		switch {
		case p.op("::"):
			x = &syntax.Cast{Node: n, X: x, Type: p.typeName()}
		case p.op("["):
			x = &syntax.Index{Node: n, X: x, I: p.expr()}
			p.expectOp("]")
		case p.isOp(".") && (p.ahead(1).Kind == lex.Word || p.ahead(1).Kind == lex.Quoted):
			p.next()
			x = &syntax.Field{Node: n, X: x, Name: p.ident("a field")}
		case p.is("at", "time", "zone"):
			p.i += 3
			x = &syntax.AtTimeZone{Node: n, X: x, Zone: p.casts(p.primary())}
		case p.has.Collate && p.is("collate"):
			p.next()
			name := p.name("a collation")
			x = &syntax.Func{Node: n, Name: syntax.Name{{Name: "collate", Pos: n.At}},
				Args: []syntax.Expr{x, &syntax.Word{Node: n, Text: name.String()}}}
		default:
			return x
		}
	}
}
