package parse

import (
	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

// query reads [WITH ...] body [ORDER BY] [LIMIT] [OFFSET].
func (p *parser) query() *syntax.Query {
	q := &syntax.Query{Node: p.node()}
	if !p.enter() {
		return q
	}
	defer p.leave()
	if p.is("with") {
		q.With, q.Recursive = p.with()
	}
	q.Body = p.body(0)
	p.tail(q)
	return q
}

func (p *parser) with() ([]syntax.CTE, bool) {
	p.expect("with")
	recursive := p.is("recursive") && p.ahead(1).Kind != lex.Op && !(p.ahead(1).Kind == lex.Word && p.ahead(1).Text == "as")
	if recursive {
		p.next()
	}
	var out []syntax.CTE
	for {
		c := syntax.CTE{Name: p.ident("the name of a common table expression")}
		if p.isOp("(") {
			c.Columns = p.idents("a column")
		}
		if p.has.WithNeedsAs {
			p.expect("as")
		} else {
			p.accept("as")
		}
		p.expectOp("(")
		c.Query = p.query()
		p.expectOp(")")
		out = append(out, c)
		if !p.op(",") {
			return out, recursive
		}
	}
}

// tail reads what follows the body of a query.
func (p *parser) tail(q *syntax.Query) {
	if p.accept("order", "by") {
		q.Order = p.orderItems()
	}
	for {
		switch {
		case p.is("sort", "by"), p.is("cluster", "by"), p.is("distribute", "by"):
			p.failAs(syntax.Unsupported, p.pos(), "%s BY is not supported", upper(p.tok().Text))
		case p.accept("limit"):
			if !p.accept("all") {
				q.Limit = p.expr()
			}
		case p.accept("offset"):
			q.Offset = p.expr()
			if p.acceptAny("row", "rows") != "" {
				continue
			}
		case p.has.FetchFirst && p.is("fetch") && p.ahead(1).Kind == lex.Word && (p.ahead(1).Text == "first" || p.ahead(1).Text == "next"):
			p.fetchFirst(q)
		default:
			return
		}
	}
}

func (p *parser) fetchFirst(q *syntax.Query) {
	n := p.node()
	p.i += 2
	q.Limit = &syntax.Literal{Node: n, Kind: syntax.Int, Text: "1"}
	if !p.isAny("row", "rows") {
		q.Limit = p.primary()
	}
	if p.acceptAny("row", "rows") == "" {
		p.unexpected("ROWS")
	}
	p.expect("only")
}

// body reads set operations; INTERSECT binds tighter than UNION and EXCEPT.
func (p *parser) body(level int) syntax.Body {
	var x syntax.Body
	if level == 0 {
		x = p.body(1)
	} else {
		x = p.bodyTerm()
	}
	for links := 0; ; {
		p.link(&links)
		n := p.node()
		op := ""
		switch {
		case level == 0 && p.accept("union"):
			op = "union"
		case level == 0 && (p.is("except") || p.is("minus")):
			p.next()
			op = "except"
		case level == 1 && p.accept("intersect"):
			op = "intersect"
		default:
			return x
		}
		s := &syntax.SetOp{Node: n, Op: op, L: x}
		s.All = p.accept("all")
		if !s.All {
			p.accept("distinct")
		}
		if level == 0 {
			s.R = p.body(1)
		} else {
			s.R = p.bodyTerm()
		}
		x = s
	}
}

func (p *parser) bodyTerm() syntax.Body {
	switch {
	case p.isOp("("):
		if !p.enter() {
			return &syntax.Select{Node: p.node()}
		}
		defer p.leave()
		p.next()
		q := p.query()
		p.expectOp(")")
		return q
	case p.is("values"):
		return p.values()
	case p.has.FromFirst && p.is("table"):
		n := p.node()
		p.next()
		return &syntax.Select{Node: n, Items: []syntax.SelectItem{{X: &syntax.Star{Node: n}}},
			From: []syntax.TableRef{&syntax.Table{Node: n, Name: p.name("a table")}}}
	case p.has.FromFirst && p.is("from"):
		p.failAs(syntax.Unsupported, p.pos(), "FROM before SELECT is not supported")
	}
	return p.selectBody()
}

func (p *parser) values() *syntax.Values {
	v := &syntax.Values{Node: p.node()}
	p.expect("values")
	for {
		if p.isOp("(") && !p.isQueryAt(1) {
			p.next()
			v.Rows = append(v.Rows, p.exprs())
			p.expectOp(")")
		} else if p.has.BareValues {
			v.Rows = append(v.Rows, []syntax.Expr{p.expr()})
		} else {
			p.expectOp("(")
			v.Rows = append(v.Rows, []syntax.Expr{p.expr()})
			p.expectOp(")")
		}
		if !p.op(",") {
			return v
		}
	}
}

func (p *parser) selectBody() *syntax.Select {
	s := &syntax.Select{Node: p.node()}
	p.expect("select")
	p.selectHead(s)
	if p.accept("into") {
		s.IntoTemp = p.acceptAny("temp", "temporary") != ""
		p.accept("table")
		s.Into = p.name("a table")
	}
	if p.accept("from") {
		s.From = p.fromList()
	}
	if p.accept("where") {
		s.Where = p.expr()
	}
	p.connectBy(s)
	if p.accept("group", "by") {
		s.Group = p.group()
	}
	if p.accept("having") {
		s.Having = p.expr()
	}
	if p.accept("qualify") {
		s.Qualify = p.expr()
	}
	if p.has.NamedWindows && p.is("window") && p.ahead(1).Kind == lex.Word {
		p.next()
		s.Windows = p.namedWindows()
		if s.Qualify == nil && p.accept("qualify") {
			s.Qualify = p.expr()
		}
	}
	return s
}

func (p *parser) connectBy(s *syntax.Select) {
	if !p.has.ConnectBy || !p.isAny("start", "connect") {
		return
	}
	at := p.pos()
	c := &syntax.ConnectBy{Pos: at}
	for {
		switch {
		case p.accept("start", "with"):
			c.Start = p.expr()
		case p.accept("connect", "by"):
			p.accept("prior")
			c.Connect = p.expr()
		default:
			s.ConnectBy = c
			return
		}
	}
}

func (p *parser) selectHead(s *syntax.Select) {
	if p.has.Top && p.is("top") && (p.ahead(1).Kind == lex.Number || p.aheadOp(1, "(") || p.ahead(1).Kind == lex.Param) {
		p.next()
		s.Top = p.primary()
	}
	switch {
	case p.accept("distinct"):
		s.Distinct = true
		if p.is("on") && !p.has.DistinctOn {
			p.failAs(syntax.Unsupported, p.pos(), "SELECT DISTINCT ON is not part of Redshift SQL")
		}
	case p.is("all") && !p.aheadOp(1, "("):
		p.next()
	}
	if s.Top == nil && p.has.Top && p.is("top") && p.ahead(1).Kind == lex.Number {
		p.next()
		s.Top = p.primary()
	}
	if p.is("from") || p.end() {
		p.unexpected("a column")
	}
	for {
		s.Items = append(s.Items, p.selectItem())
		if p.has.Exclude && p.is("exclude") {
			p.next()
			if p.isOp("(") {
				s.Exclude = p.idents("a column")
			} else {
				s.Exclude = []syntax.Ident{p.ident("a column")}
			}
		}
		if !p.op(",") {
			return
		}
	}
}

func (p *parser) selectItem() syntax.SelectItem {
	at := p.pos()
	it := syntax.SelectItem{X: p.expr()}
	it.Text = p.raw(at)
	if p.accept("as") {
		if p.isOp("(") {
			it.Names = p.idents("a column")
			return it
		}
		if p.has.StringAlias && p.tok().Kind == lex.String {
			t := p.next()
			it.Alias = syntax.Ident{Name: t.Text, Quoted: true, Pos: t.Pos}
			return it
		}
		it.Alias = p.ident("an alias")
		return it
	}
	t := p.tok()
	if t.Kind == lex.Quoted || t.Kind == lex.Word && !reserved[t.Text] && t.Text != "exclude" {
		it.Alias = p.ident("an alias")
	}
	return it
}

func (p *parser) namedWindows() []syntax.NamedWindow {
	var out []syntax.NamedWindow
	for {
		w := syntax.NamedWindow{Name: p.ident("a window")}
		p.expect("as")
		w.Window = p.window()
		out = append(out, w)
		if !p.op(",") {
			return out
		}
	}
}

func (p *parser) group() *syntax.Group {
	g := &syntax.Group{}
	if p.is("all") && !p.aheadOp(1, "(") {
		p.next()
		g.All = true
		return g
	}
	for {
		g.Items = append(g.Items, p.groupItem())
		if !p.op(",") {
			break
		}
	}
	switch {
	case p.is("with", "rollup"), p.is("with", "cube"):
		at := p.pos()
		p.next()
		it := syntax.GroupItem{Kind: p.next().Text, Pos: at}
		for _, k := range g.Items {
			it.Sets = append(it.Sets, []syntax.Expr{k.X})
		}
		g.Items = []syntax.GroupItem{it}
	case p.has.GroupingBehind && p.is("grouping", "sets"):
		g.Items = []syntax.GroupItem{p.groupItem()}
	}
	return g
}

func (p *parser) groupItem() syntax.GroupItem {
	it := syntax.GroupItem{Pos: p.pos()}
	switch {
	case p.isAny("rollup", "cube") && p.aheadOp(1, "("):
		it.Kind = p.next().Text
	case p.accept("grouping", "sets"):
		it.Kind = "sets"
	default:
		it.X = p.expr()
		return it
	}
	p.expectOp("(")
	for {
		if it.Kind == "sets" && (p.isAny("rollup", "cube") && p.aheadOp(1, "(") || p.is("grouping", "sets")) {
			inner := p.groupItem()
			it.Sets = append(it.Sets, syntax.Expand(inner.Kind, inner.Sets)...)
		} else {
			it.Sets = append(it.Sets, p.groupSet())
		}
		if !p.op(",") {
			break
		}
	}
	p.expectOp(")")
	return it
}

// groupSet reads (a, b), () or a alone.
func (p *parser) groupSet() []syntax.Expr {
	if p.isOp("(") && p.aheadOp(1, ")") {
		p.i += 2
		return []syntax.Expr{}
	}
	x := p.expr()
	if t, ok := x.(*syntax.Tuple); ok {
		return t.Items
	}
	return []syntax.Expr{x}
}
