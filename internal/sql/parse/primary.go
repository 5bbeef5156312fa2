package parse

import (
	"strconv"
	"strings"

	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

func (p *parser) primary() syntax.Expr {
	t := p.tok()
	n := p.node()
	switch t.Kind {
	case lex.Number:
		return p.number()
	case lex.String, lex.Dollar:
		p.next()
		text := t.Text
		for last := t; p.tok().Kind == lex.String && (p.has.JoinStrings || p.pos().Line > last.Pos.Line); {
			last = p.next()
			text += last.Text
		}
		return &syntax.Literal{Node: n, Kind: syntax.String, Text: text}
	case lex.Hex:
		p.next()
		return &syntax.Literal{Node: n, Kind: syntax.Binary, Text: t.Text}
	case lex.Param:
		p.next()
		if i, err := strconv.Atoi(t.Text); err == nil {
			if i >= 1 && i <= len(p.given) {
				return p.given[i-1]
			}
			return &syntax.Param{Node: n, Index: i}
		}
		return &syntax.Param{Node: n, Name: t.Text}
	case lex.Quoted:
		if p.has.NestedTypes && p.aheadOp(1, "->") {
			return p.lambda()
		}
		return p.reference()
	case lex.Word:
		if p.has.NestedTypes && p.aheadOp(1, "->") {
			return p.lambda()
		}
		return p.word()
	case lex.Op:
		switch t.Text {
		case "(":
			return p.parenthesis()
		case "*":
			p.next()
			return p.starTail(&syntax.Star{Node: n})
		}
	}
	p.unexpected("an expression")
	return &syntax.Literal{Node: n}
}

func (p *parser) number() *syntax.Literal {
	t := p.next()
	lit := &syntax.Literal{Node: syntax.Node{At: t.Pos}, Kind: syntax.Int, Text: t.Text}
	digits := strings.TrimRight(t.Text, "lsydfb")
	if digits != t.Text && p.dialect.Lexis.NumberSuffixes {
		lit.Type = t.Text[len(digits):]
		lit.Text = digits
	}
	switch {
	case lit.Type == "bd":
		lit.Kind = syntax.Decimal
	case lit.Type == "d" || lit.Type == "f":
		lit.Kind = syntax.Double
	case strings.ContainsAny(digits, "e"):
		lit.Kind = syntax.Double
	case strings.Contains(digits, "."):
		lit.Kind = syntax.Decimal
	}
	return lit
}

// parenthesis reads (query), (expr) or (a, b).
func (p *parser) parenthesis() syntax.Expr {
	n := p.node()
	if p.has.NestedTypes && p.aheadOp(p.match(p.i)-p.i+1, "->") {
		return p.lambda()
	}
	p.expectOp("(")
	if p.isQueryAt(0) {
		q := p.query()
		p.expectOp(")")
		return &syntax.Subquery{Node: n, Query: q}
	}
	items := p.exprs()
	p.expectOp(")")
	if len(items) == 1 {
		return items[0]
	}
	return &syntax.Tuple{Node: n, Items: items}
}

// lambda reads x -> body or (x, y) -> body.
func (p *parser) lambda() syntax.Expr {
	l := &syntax.Lambda{Node: p.node()}
	if p.isOp("(") {
		l.Params = p.idents("a name")
	} else {
		l.Params = []syntax.Ident{p.ident("a name")}
	}
	p.expectOp("->")
	l.Body = p.expr()
	return l
}

// isQueryAt reports whether a query begins at the n-th token from here, behind opening parentheses perhaps: ((SELECT 1) UNION ...) is one,
// ((SELECT 1) + 2) is not.
func (p *parser) isQueryAt(n int) bool {
	i := p.i + n
	for i < len(p.toks) && p.toks[i].Kind == lex.Op && p.toks[i].Text == "(" {
		if !p.queryMayFollow(p.match(i) + 1) {
			return false
		}
		i++
	}
	if i >= len(p.toks) || p.toks[i].Kind != lex.Word {
		return false
	}
	switch p.toks[i].Text {
	case "select", "with":
		return true
	case "values":
		return p.toks[i+1].Kind == lex.Op && p.toks[i+1].Text == "("
	case "from":
		return p.has.FromFirst
	}
	return false
}

// queryMayFollow reports whether the token is one that can stand behind a query in parentheses inside of a larger query.
func (p *parser) queryMayFollow(i int) bool {
	if i >= len(p.toks) {
		return true
	}
	t := p.toks[i]
	switch t.Kind {
	case lex.EOF:
		return true
	case lex.Op:
		return t.Text == ")" || t.Text == ";"
	case lex.Word:
		switch t.Text {
		case "union", "intersect", "except", "minus", "order", "limit", "offset":
			return true
		}
	}
	return false
}

// match is the index of the parenthesis that closes the one at i; the last token when none does.
func (p *parser) match(i int) int {
	if p.closing == nil {
		p.closing = make([]int, len(p.toks))
		var open []int
		for j, t := range p.toks {
			p.closing[j] = len(p.toks) - 1
			switch {
			case t.Kind != lex.Op:
			case t.Text == "(":
				open = append(open, j)
			case t.Text == ")" && len(open) > 0:
				p.closing[open[len(open)-1]] = j
				open = open[:len(open)-1]
			}
		}
	}
	return p.closing[i]
}

var typedLiterals = map[string]bool{"date": true, "time": true, "timetz": true, "timestamp": true, "timestamptz": true,
	"timestamp_ntz": true, "timestamp_ltz": true}

// word reads what begins with a word: a literal, CASE, CAST, a call or a reference.
func (p *parser) word() syntax.Expr {
	t := p.tok()
	n := p.node()
	following := p.ahead(1)
	switch {
	case t.Text == "null":
		p.next()
		return &syntax.Literal{Node: n, Kind: syntax.Null}
	case t.Text == "true" || t.Text == "false":
		p.next()
		return &syntax.Literal{Node: n, Kind: syntax.Bool, Text: t.Text}
	case t.Text == "case":
		return p.caseExpr()
	case t.Text == "default" && !p.aheadOp(1, "("):
		p.next()
		return &syntax.Default{Node: n}
	case t.Text == "exists" && p.aheadOp(1, "(") && (p.isQueryAt(2) || !p.has.NestedTypes):
		p.next()
		p.expectOp("(")
		q := p.query()
		p.expectOp(")")
		return &syntax.Exists{Node: n, Query: q}
	case p.has.Approximate && t.Text == "approximate" && following.Kind == lex.Word && p.aheadOp(2, "("):
		p.next()
		f, _ := p.reference().(*syntax.Func)
		if f != nil {
			f.Name[len(f.Name)-1].Name = "approximate_" + f.Name.Last().Name
			return f
		}
		return &syntax.Literal{Node: n}
	case p.has.AnyArray && t.Text == "array" && p.aheadOp(1, "["):
		p.next()
		p.expectOp("[")
		f := fn(n, "array")
		if !p.isOp("]") {
			f.Args = p.exprs()
		}
		p.expectOp("]")
		return f
	case t.Text == "interval" && p.intervalFollows():
		return p.interval()
	case typedLiterals[t.Text] && following.Kind == lex.String:
		p.next()
		return &syntax.Literal{Node: n, Kind: syntax.Typed, Type: t.Text, Text: p.next().Text}
	case (t.Text == "time" || t.Text == "timestamp") && (p.is(t.Text, "with", "time", "zone") || p.is(t.Text, "without", "time", "zone")):
		typ := p.typeName()
		return &syntax.Literal{Node: n, Kind: syntax.Typed, Type: typ.Name, Text: p.str("a literal of that type")}
	}
	if following.Kind == lex.Op && following.Text == "(" {
		if x := p.specialCall(); x != nil {
			return x
		}
		if reserved[t.Text] && !callable[t.Text] {
			p.unexpected("an expression")
			return &syntax.Literal{Node: n}
		}
	}
	if reserved[t.Text] && !callable[t.Text] {
		p.unexpected("an expression")
		return &syntax.Literal{Node: n}
	}
	return p.reference()
}

// reference reads a name, t.*, or a call of a qualified function.
func (p *parser) reference() syntax.Expr {
	n := p.node()
	name := syntax.Name{p.ident("a name")}
	for p.isOp(".") {
		if p.aheadOp(1, "*") {
			p.i += 2
			return p.starTail(&syntax.Star{Node: n, Qualifier: name})
		}
		if k := p.ahead(1).Kind; k != lex.Word && k != lex.Quoted {
			break
		}
		p.next()
		name = append(name, p.ident("a name"))
	}
	if p.isOp("(") && p.aheadOp(1, "+") && p.aheadOp(2, ")") {
		p.failAs(syntax.Unsupported, p.pos(), "the outer join operator (+) is not supported: write LEFT JOIN or RIGHT JOIN")
	}
	if p.isOp("(") {
		return p.call(name, n)
	}
	return &syntax.Column{Node: n, Name: name}
}

// starTail reads Spark's EXCEPT (a, b) and Redshift's EXCLUDE behind a star.
func (p *parser) starTail(s *syntax.Star) syntax.Expr {
	if p.has.StarExcept && p.is("except") && p.aheadOp(1, "(") && !p.isQueryAt(2) {
		p.next()
		s.Except = p.idents("a column")
	}
	if p.has.Exclude && p.is("exclude") {
		p.next()
		if p.isOp("(") {
			s.Except = p.idents("a column")
		} else {
			s.Except = []syntax.Ident{p.ident("a column")}
		}
	}
	return s
}

func (p *parser) caseExpr() syntax.Expr {
	c := &syntax.Case{Node: p.node()}
	p.expect("case")
	if !p.is("when") {
		c.Operand = p.expr()
	}
	for p.accept("when") {
		w := syntax.When{Cond: p.expr()}
		p.expect("then")
		w.Then = p.expr()
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		p.unexpected("WHEN")
	}
	if p.accept("else") {
		c.Else = p.expr()
	}
	p.expect("end")
	return c
}

// intervalFollows reports whether INTERVAL begins a literal here and is no column's name.
func (p *parser) intervalFollows() bool {
	t := p.ahead(1)
	switch t.Kind {
	case lex.String, lex.Number, lex.Param:
		return true
	case lex.Op:
		return p.has.IntervalOfExpr && (t.Text == "-" || t.Text == "(")
	case lex.Word:
		return p.has.IntervalOfExpr && p.ahead(2).Kind == lex.Word && units[p.ahead(2).Text]
	}
	return false
}

// interval reads INTERVAL '1 day', INTERVAL '1' DAY, INTERVAL 1 DAY 2 HOURS (Spark) and INTERVAL '1-2' YEAR TO MONTH.
func (p *parser) interval() syntax.Expr {
	iv := &syntax.Interval{Node: p.node()}
	p.expect("interval")
	if t := p.tok(); t.Kind == lex.String {
		p.next()
		iv.Value = &syntax.Literal{Node: syntax.Node{At: t.Pos}, Kind: syntax.String, Text: t.Text}
	} else {
		iv.Value = p.unary()
	}
	iv.Unit = p.unit()
	if iv.Unit != "" && p.accept("to") {
		iv.To = p.unit()
	}
	var x syntax.Expr = iv
	for iv.Unit != "" && iv.To == "" && p.has.IntervalOfExpr && p.tok().Kind == lex.Number &&
		p.ahead(1).Kind == lex.Word && units[p.ahead(1).Text] {
		more := &syntax.Interval{Node: p.node(), Value: p.number()}
		more.Unit = p.unit()
		x = &syntax.BinaryOp{Node: more.Node, Op: "+", L: x, R: more}
	}
	return x
}

var units = map[string]bool{"year": true, "years": true, "quarter": true, "quarters": true, "month": true, "months": true, "week": true,
	"weeks": true, "day": true, "days": true, "hour": true, "hours": true, "minute": true, "minutes": true, "second": true, "seconds": true,
	"millisecond": true, "milliseconds": true, "microsecond": true, "microseconds": true}

func (p *parser) unit() string {
	if t := p.tok(); t.Kind == lex.Word && units[t.Text] {
		p.next()
		if p.isOp("(") && p.ahead(1).Kind == lex.Number {
			p.i += 2
			p.expectOp(")")
		}
		return strings.TrimSuffix(t.Text, "s")
	}
	return ""
}

// typeName reads a type: one or more words and arguments.
func (p *parser) typeName() syntax.TypeName {
	t := syntax.TypeName{Pos: p.pos()}
	t.Name = p.ident("a type").Name
	if t.Name == "pg_catalog" && p.has.AnyArray && p.op(".") {
		t.Name = p.ident("a type").Name
	}
	switch t.Name {
	case "double":
		if p.accept("precision") {
			t.Name = "double precision"
		}
	case "character", "binary":
		if p.accept("varying") {
			t.Name += " varying"
		}
	case "interval":
		if p.unit() != "" && p.accept("to") {
			p.unit()
		}
	}
	if p.isOp("(") && (p.ahead(1).Kind == lex.Number || p.ahead(1).Text == "max") {
		p.typeArgs(&t)
	}
	if t.Name == "time" || t.Name == "timestamp" {
		switch {
		case p.accept("with", "time", "zone"):
			t.Name += " with time zone"
		case p.accept("without", "time", "zone"):
			t.Name += " without time zone"
		}
	}
	if t.Name == "array" || t.Name == "map" || t.Name == "struct" {
		p.typeParts(&t)
	}
	return t
}

// typeParts takes the text of <...> behind array, map and struct; package typed reads it.
func (p *parser) typeParts(t *syntax.TypeName) {
	if !strings.HasPrefix(p.tok().Text, "<") || p.tok().Kind != lex.Op {
		return
	}
	if !p.has.NestedTypes {
		p.failAs(syntax.Unsupported, t.Pos, "type %s<...> is not supported", t.Name)
		return
	}
	for depth := 0; ; {
		if p.end() {
			p.unexpected("\">\"")
			return
		}
		if x := p.next(); x.Kind == lex.Op {
			depth += strings.Count(x.Text, "<") - strings.Count(x.Text, ">")
		}
		if depth <= 0 {
			break
		}
	}
	t.Text = p.raw(t.Pos)
}

func (p *parser) typeArgs(t *syntax.TypeName) {
	p.expectOp("(")
	for {
		if p.accept("max") {
			t.Args = append(t.Args, -1)
		} else {
			t.Args = append(t.Args, int(p.integer("a number")))
		}
		if !p.op(",") {
			break
		}
	}
	p.expectOp(")")
}
