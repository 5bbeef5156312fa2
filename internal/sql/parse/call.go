package parse

import (
	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

// specialCall reads the calls whose arguments have a grammar of their own; nil when this is not one.
func (p *parser) specialCall() syntax.Expr {
	switch p.tok().Text {
	case "cast", "try_cast":
		return p.cast()
	case "convert":
		if p.has.Convert {
			return p.convert()
		}
	case "extract":
		return p.extract()
	case "trim":
		return p.trim()
	case "substring", "substr", "overlay", "position":
		return p.wordArgs()
	}
	return nil
}

func fn(n syntax.Node, name string, args ...syntax.Expr) *syntax.Func {
	return &syntax.Func{Node: n, Name: syntax.Name{{Name: name, Pos: n.At}}, Args: args}
}

func (p *parser) cast() syntax.Expr {
	c := &syntax.Cast{Node: p.node(), Try: p.next().Text == "try_cast"}
	p.expectOp("(")
	c.X = p.expr()
	p.expect("as")
	c.Type = p.typeName()
	p.expectOp(")")
	return c
}

// convert reads CONVERT(type, x).
func (p *parser) convert() syntax.Expr {
	c := &syntax.Cast{Node: p.node()}
	p.next()
	p.expectOp("(")
	c.Type = p.typeName()
	p.expectOp(",")
	c.X = p.expr()
	p.expectOp(")")
	return c
}

// extract reads EXTRACT(part FROM x).
func (p *parser) extract() syntax.Expr {
	n := p.node()
	p.next()
	p.expectOp("(")
	part := p.tok()
	if part.Kind != lex.Word && part.Kind != lex.String && part.Kind != lex.Quoted {
		p.unexpected("a date part")
	}
	p.next()
	p.expect("from")
	x := p.expr()
	p.expectOp(")")
	return fn(n, "extract", &syntax.Word{Node: syntax.Node{At: part.Pos}, Text: part.Text}, x)
}

// trim reads TRIM([BOTH|LEADING|TRAILING] [chars] FROM x) and the plain call.
func (p *parser) trim() syntax.Expr {
	n := p.node()
	p.next()
	p.expectOp("(")
	name := "btrim"
	switch p.acceptAny("both", "leading", "trailing") {
	case "leading":
		name = "ltrim"
	case "trailing":
		name = "rtrim"
	}
	var first syntax.Expr
	if !p.is("from") {
		first = p.expr()
	}
	if p.accept("from") {
		x := p.expr()
		p.expectOp(")")
		if first == nil {
			return fn(n, name, x)
		}
		if p.has.TrimCharsFirst && name != "btrim" {
			return fn(n, name, first, x)
		}
		return fn(n, name, x, first)
	}
	args := []syntax.Expr{first}
	for p.op(",") {
		args = append(args, p.expr())
	}
	p.expectOp(")")
	if name == "btrim" {
		name = "trim"
	}
	return fn(n, name, args...)
}

// wordArgs reads calls whose arguments may be divided by FROM, FOR, IN or PLACING.
func (p *parser) wordArgs() syntax.Expr {
	n := p.node()
	name := p.next().Text
	p.expectOp("(")
	var args []syntax.Expr
	if name == "position" {
		args = append(args, p.additive())
	} else {
		args = append(args, p.expr())
	}
	for p.op(",") || p.acceptAny("from", "for", "in", "placing") != "" {
		args = append(args, p.expr())
	}
	p.expectOp(")")
	return fn(n, name, args...)
}

// call reads the arguments of a function and what may follow them.
func (p *parser) call(name syntax.Name, n syntax.Node) syntax.Expr {
	f := &syntax.Func{Node: n, Name: name}
	p.expectOp("(")
	if p.isOp("*") && p.aheadOp(1, ")") {
		p.next()
		f.Star = true
	} else if !p.isOp(")") {
		p.args(f)
	}
	if p.accept("order", "by") {
		f.OrderBy = p.orderItems()
	}
	p.nulls(f)
	p.expectOp(")")
	p.afterCall(f)
	return f
}

func (p *parser) args(f *syntax.Func) {
	if p.accept("distinct") {
		f.Distinct = true
	} else {
		p.accept("all")
	}
	if p.isQueryAt(0) && !p.isOp("(") {
		q := p.node()
		f.Args = append(f.Args, &syntax.Subquery{Node: q, Query: p.query()})
		return
	}
	for {
		argName := ""
		if p.tok().Kind == lex.Word && p.aheadOp(1, "=>") {
			argName = p.next().Text
			p.next()
		}
		f.ArgNames = append(f.ArgNames, argName)
		x := p.expr()
		if n := p.node(); p.has.NestedTypes && f.Name.Last().Name == "struct" && p.accept("as") {
			x = &syntax.Named{Node: n, X: x, Name: p.ident("a field")}
		}
		f.Args = append(f.Args, x)
		if !p.op(",") {
			return
		}
	}
}

func (p *parser) nulls(f *syntax.Func) {
	switch {
	case p.accept("ignore", "nulls"):
		f.IgnoreNulls = true
	case p.accept("respect", "nulls"):
		f.Respect = true
	}
}

// afterCall reads WITHIN GROUP, FILTER, IGNORE NULLS and OVER.
func (p *parser) afterCall(f *syntax.Func) {
	if p.accept("within", "group") {
		p.expectOp("(")
		p.expect("order", "by")
		f.WithinGroup = p.orderItems()
		p.expectOp(")")
	}
	if p.is("filter") && p.aheadOp(1, "(") {
		p.next()
		p.expectOp("(")
		p.expect("where")
		f.Filter = p.expr()
		p.expectOp(")")
	}
	p.nulls(f)
	if !p.is("over") {
		return
	}
	if p.aheadOp(1, "(") {
		p.next()
		f.Over = p.window()
	} else if p.ahead(1).Kind == lex.Word {
		p.next()
		f.OverName = p.ident("a window").Name
	}
}

// window reads (base PARTITION BY ... ORDER BY ... frame).
func (p *parser) window() *syntax.Window {
	w := &syntax.Window{Node: p.node()}
	p.expectOp("(")
	if t := p.tok(); t.Kind == lex.Word && !p.isAny("partition", "order", "rows", "range", "groups", "distribute", "sort", "cluster") {
		w.Base = p.next().Text
	}
	if p.accept("partition", "by") || p.accept("distribute", "by") {
		w.Partition = p.exprs()
	}
	if p.accept("order", "by") || p.accept("sort", "by") {
		w.Order = p.orderItems()
	}
	if unit := p.acceptAny("rows", "range", "groups"); unit != "" {
		w.Frame = p.frame(unit)
	}
	p.expectOp(")")
	return w
}

func (p *parser) frame(unit string) *syntax.Frame {
	f := &syntax.Frame{Unit: unit, End: syntax.Bound{Kind: "current row"}}
	if p.accept("between") {
		f.Start = p.bound()
		p.expect("and")
		f.End = p.bound()
		return f
	}
	f.Start = p.bound()
	return f
}

func (p *parser) bound() syntax.Bound {
	switch {
	case p.accept("unbounded", "preceding"):
		return syntax.Bound{Kind: "unbounded preceding"}
	case p.accept("unbounded", "following"):
		return syntax.Bound{Kind: "unbounded following"}
	case p.accept("current", "row"):
		return syntax.Bound{Kind: "current row"}
	}
	b := syntax.Bound{N: p.additive()}
	b.Kind = p.acceptAny("preceding", "following")
	if b.Kind == "" {
		p.unexpected("PRECEDING or FOLLOWING")
	}
	return b
}

func (p *parser) orderItems() []syntax.OrderItem {
	var out []syntax.OrderItem
	for {
		o := syntax.OrderItem{X: p.expr()}
		if !p.accept("asc") {
			o.Desc = p.accept("desc")
		}
		if p.accept("nulls") {
			o.Nulls = p.acceptAny("first", "last")
			if o.Nulls == "" {
				p.unexpected("FIRST or LAST")
			}
		}
		out = append(out, o)
		if !p.op(",") {
			return out
		}
	}
}
