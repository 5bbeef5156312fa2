package parse

import (
	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

func (p *parser) fromList() []syntax.TableRef {
	out, links := []syntax.TableRef{p.joined()}, 0
	for p.op(",") {
		p.link(&links)
		out = append(out, p.joined())
	}
	for p.has.LateralView && p.is("lateral", "view") {
		p.link(&links)
		out = append(out, p.lateralView())
	}
	return out
}

// joined reads an element and the joins behind it.
func (p *parser) joined() syntax.TableRef {
	x, links := p.tableRef(), 0
	for {
		p.link(&links)
		n := p.node()
		j := &syntax.Join{Node: n, L: x}
		kind, ok := p.joinKind(j)
		if !ok {
			return x
		}
		j.Kind = kind
		j.R = p.tableRef()
		p.joinCondition(j)
		x = j
	}
}

func (p *parser) joinKind(j *syntax.Join) (string, bool) {
	start := p.i
	j.Natural = p.accept("natural")
	kind := "inner"
	switch {
	case p.accept("inner"):
	case p.accept("cross"):
		kind = "cross"
	case p.is("left") && !p.aheadOp(1, "("):
		p.next()
		kind = "left"
		if s := p.acceptAny("semi", "anti"); s != "" {
			kind = s
		} else {
			p.accept("outer")
		}
	case p.is("right") && !p.aheadOp(1, "("):
		p.next()
		p.accept("outer")
		kind = "right"
	case p.accept("full"):
		p.accept("outer")
		kind = "full"
	case p.isAny("semi", "anti") && p.ahead(1).Text == "join":
		kind = p.next().Text
	}
	if !p.accept("join") {
		if p.i != start && p.err == nil {
			p.unexpected("JOIN")
		}
		return "", false
	}
	return kind, true
}

func (p *parser) joinCondition(j *syntax.Join) {
	switch {
	case p.accept("on"):
		j.On = p.expr()
	case p.is("using") && p.aheadOp(1, "("):
		p.next()
		j.Using = p.idents("a column")
	case j.Natural || j.Kind == "cross":
	case !p.has.FreeJoins:
		p.unexpected("ON or USING")
	}
}

// tableRef reads one element with its alias, and PIVOT or UNPIVOT behind it.
func (p *parser) tableRef() syntax.TableRef {
	if !p.enter() {
		return &syntax.Table{Node: p.node()}
	}
	defer p.leave()
	x, links := p.tableTerm(), 0
	for {
		p.link(&links)
		switch {
		case p.is("pivot") && p.aheadOp(1, "("):
			x = p.pivot(x)
		case p.is("unpivot") && (p.aheadOp(1, "(") || p.ahead(1).Text == "include" || p.ahead(1).Text == "exclude"):
			x = p.unpivot(x)
		case p.is("tablesample"):
			p.failAs(syntax.Unsupported, p.pos(), "TABLESAMPLE is not supported")
			return x
		default:
			return x
		}
	}
}

func (p *parser) tableTerm() syntax.TableRef {
	n := p.node()
	lateral := false
	if p.is("lateral") && !p.is("lateral", "view") {
		p.next()
		lateral = true
	}
	switch {
	case p.isOp("("):
		return p.parenthesised(n, lateral)
	case p.has.BareValues && p.is("values"):
		d := &syntax.Derived{Node: n, Query: &syntax.Query{Node: n, Body: p.values()}}
		d.Alias, d.Columns = p.alias()
		return d
	case p.has.AtAlias && p.is("unpivot"):
		return p.objectUnpivot(n)
	}
	stream := false
	if p.has.Stream && p.is("stream") && p.streamFollows() {
		p.next()
		stream = true
	}
	wrapped := stream && p.op("(")
	if p.has.Only && p.is("only") {
		p.next()
	}
	name := p.name("a table")
	if wrapped {
		p.expectOp(")")
	}
	if p.isOp("(") && !stream {
		f, _ := p.call(name, n).(*syntax.Func)
		t := &syntax.TableFunc{Node: n, Call: f}
		t.Alias, t.Columns, t.Typed = p.aliasTyped(p.has.AnyArray)
		return t
	}
	t := &syntax.Table{Node: n, Name: name, Stream: stream}
	if p.has.AtAlias && p.isOp("[") {
		t.Value = p.postfix(&syntax.Column{Node: n, Name: name})
	}
	t.Alias, t.Columns = p.alias()
	if p.has.AtAlias && p.is("at") && p.ahead(1).Kind == lex.Word {
		p.next()
		t.AtAlias = p.ident("an alias")
	}
	return t
}

// streamFollows reports whether STREAM is the keyword: a name or a parenthesis follows that is no alias.
func (p *parser) streamFollows() bool {
	t := p.ahead(1)
	if t.Kind == lex.Quoted {
		return true
	}
	if t.Kind == lex.Op {
		return t.Text == "(" && p.ahead(2).Kind != lex.Op
	}
	half := (t.Text == "semi" || t.Text == "anti") && p.ahead(2).Text != "join" // a table of that name
	return t.Kind == lex.Word && !reserved[t.Text] && (half || !notAlias[t.Text])
}

// parenthesised reads (query) alias, or a join in parentheses.
func (p *parser) parenthesised(n syntax.Node, lateral bool) syntax.TableRef {
	if p.isQueryAt(1) {
		p.expectOp("(")
		d := &syntax.Derived{Node: n, Lateral: lateral, Query: p.query()}
		p.expectOp(")")
		d.Alias, d.Columns = p.alias()
		return d
	}
	p.expectOp("(")
	x := p.joined()
	p.expectOp(")")
	if t, ok := x.(*syntax.Table); ok && t.Alias.Name == "" {
		t.Alias, t.Columns = p.alias()
	}
	return x
}

func (p *parser) alias() (syntax.Ident, []syntax.Ident) {
	id, columns, _ := p.aliasTyped(false)
	return id, columns
}

// aliasTyped reads an alias with names for the columns; typed says that a type stood behind one, which only functions may have.
func (p *parser) aliasTyped(types bool) (id syntax.Ident, columns []syntax.Ident, typed bool) {
	switch {
	case p.accept("as"):
		if !p.isOp("(") {
			id = p.ident("an alias")
		}
	case p.aliasFollows():
		id = p.ident("an alias")
	default:
		return id, nil, false
	}
	if p.isOp("(") {
		columns, typed = p.columnAliases(types)
	}
	return id, columns, typed
}

func (p *parser) columnAliases(types bool) (out []syntax.Ident, typed bool) {
	p.expectOp("(")
	for {
		out = append(out, p.ident("a column alias"))
		if t := p.tok(); t.Kind == lex.Word && types {
			p.typeName()
			typed = true
		} else if t.Kind == lex.Word {
			p.failAs(syntax.Unsupported, t.Pos, "a column definition list is not supported")
		}
		if !p.op(",") {
			break
		}
	}
	p.expectOp(")")
	return out, typed
}

func (p *parser) lateralView() syntax.TableRef {
	v := &syntax.LateralView{Node: p.node()}
	p.expect("lateral", "view")
	v.Outer = p.accept("outer")
	n := p.node()
	v.Call, _ = p.call(p.name("a function"), n).(*syntax.Func)
	if p.aliasFollows() {
		v.Alias = p.ident("an alias")
	}
	if p.accept("as") || v.Alias.Name != "" && p.aliasFollows() {
		v.Columns = append(v.Columns, p.ident("a column"))
		for p.op(",") {
			v.Columns = append(v.Columns, p.ident("a column"))
		}
	}
	return v
}

func (p *parser) aliasFollows() bool {
	t := p.tok()
	return t.Kind == lex.Quoted || t.Kind == lex.Word && !reserved[t.Text] && !notAlias[t.Text]
}

func (p *parser) pivot(in syntax.TableRef) syntax.TableRef {
	v := &syntax.Pivot{Node: p.node(), Input: in}
	p.expect("pivot")
	p.expectOp("(")
	for {
		v.Aggs = append(v.Aggs, p.selectItem())
		if !p.op(",") {
			break
		}
	}
	p.expect("for")
	if p.isOp("(") {
		v.For = p.idents("a column")
	} else {
		v.For = []syntax.Ident{p.ident("a column")}
	}
	p.expect("in")
	p.expectOp("(")
	for {
		v.In = append(v.In, p.selectItem())
		if !p.op(",") {
			break
		}
	}
	p.expectOp(")")
	p.expectOp(")")
	v.Alias, v.Columns = p.alias()
	return v
}

func (p *parser) unpivot(in syntax.TableRef) syntax.TableRef {
	u := &syntax.Unpivot{Node: p.node(), Input: in}
	p.expect("unpivot")
	if p.accept("include", "nulls") {
		u.IncludeNulls = true
	} else {
		p.accept("exclude", "nulls")
	}
	p.expectOp("(")
	u.Value = p.ident("a column")
	p.expect("for")
	u.Name = p.ident("a column")
	p.expect("in")
	p.expectOp("(")
	for {
		u.In = append(u.In, p.selectItem())
		if !p.op(",") {
			break
		}
	}
	p.expectOp(")")
	p.expectOp(")")
	u.Alias, _ = p.alias()
	return u
}

// objectUnpivot reads Redshift's UNPIVOT expr AS value AT attribute.
func (p *parser) objectUnpivot(n syntax.Node) syntax.TableRef {
	u := &syntax.Unpivot{Node: n}
	p.expect("unpivot")
	u.Object = p.postfix(p.primary())
	if p.accept("as") {
		u.Value = p.ident("an alias")
	}
	if p.accept("at") {
		u.Name = p.ident("an alias")
	}
	return u
}
