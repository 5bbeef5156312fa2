package parse

import (
	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

func (p *parser) insert() syntax.Statement {
	s := &syntax.Insert{Node: p.node()}
	p.expect("insert")
	switch {
	case p.accept("into"):
		if p.has.InsertIntoTable {
			p.accept("table")
		}
	case p.has.InsertIntoTable && p.is("overwrite"):
		p.next()
		p.accept("table")
		s.Overwrite = true
	default:
		p.unexpected("INTO")
	}
	s.Target = p.name("a table")
	if p.has.InsertIntoTable && p.is("partition") {
		p.failAs(syntax.Unsupported, p.pos(), "INSERT ... PARTITION is not supported: the table says its partition columns")
	}
	if p.isOp("(") && !p.isQueryAt(1) {
		s.Columns = p.idents("a column")
	}
	if p.accept("default", "values") {
		return s
	}
	if !p.isQueryAt(0) {
		p.unexpected("VALUES or SELECT")
		return s
	}
	s.Query = p.query()
	return s
}

func (p *parser) assignments() []syntax.Assignment {
	var out []syntax.Assignment
	for {
		col := p.ident("a column")
		for p.op(".") { // t.c = x: the table is known
			col = p.ident("a column")
		}
		p.expectOp("=")
		out = append(out, syntax.Assignment{Column: col, Value: p.expr()})
		if !p.op(",") {
			return out
		}
	}
}

// targetAlias reads [AS] alias behind the target of UPDATE, DELETE or MERGE.
func (p *parser) targetAlias() syntax.Ident {
	if p.accept("as") {
		return p.ident("an alias")
	}
	if t := p.tok(); t.Kind == lex.Quoted || t.Kind == lex.Word && !reserved[t.Text] {
		return p.ident("an alias")
	}
	return syntax.Ident{}
}

func (p *parser) update(with []syntax.CTE) syntax.Statement {
	s := &syntax.Update{Node: p.node(), With: with}
	p.expect("update")
	s.Target = p.name("a table")
	s.Alias = p.targetAlias()
	p.expect("set")
	s.Set = p.assignments()
	if p.accept("from") {
		s.From = p.fromList()
	}
	if p.accept("where") {
		s.Where = p.expr()
	}
	return s
}

func (p *parser) delete(with []syntax.CTE) syntax.Statement {
	s := &syntax.Delete{Node: p.node(), With: with}
	p.expect("delete")
	p.accept("from")
	s.Target = p.name("a table")
	s.Alias = p.targetAlias()
	if p.accept("using") {
		s.Using = p.fromList()
	}
	if p.accept("where") {
		s.Where = p.expr()
	}
	return s
}

func (p *parser) merge() syntax.Statement {
	s := &syntax.Merge{Node: p.node()}
	p.expect("merge")
	p.expect("into")
	s.Target = p.name("a table")
	s.Alias = p.targetAlias()
	p.expect("using")
	s.Source = p.tableRef()
	p.expect("on")
	s.On = p.expr()
	if p.accept("remove", "duplicates") {
		s.RemoveDuplicates = true
		return s
	}
	for p.is("when") {
		s.Clauses = append(s.Clauses, p.mergeClause())
	}
	if len(s.Clauses) == 0 {
		p.unexpected("WHEN or REMOVE DUPLICATES")
	}
	return s
}

func (p *parser) mergeClause() syntax.MergeClause {
	c := syntax.MergeClause{Pos: p.pos()}
	p.expect("when")
	c.Matched = !p.accept("not")
	p.expect("matched")
	if p.accept("and") {
		c.Cond = p.expr()
	}
	p.expect("then")
	switch {
	case p.accept("update"):
		c.Action = "update"
		p.expect("set")
		c.Set = p.assignments()
	case p.accept("delete"):
		c.Action = "delete"
	case p.accept("insert"):
		c.Action = "insert"
		if p.isOp("(") {
			c.Columns = p.idents("a column")
		}
		p.expect("values")
		p.expectOp("(")
		c.Values = p.exprs()
		p.expectOp(")")
	default:
		p.unexpected("UPDATE, DELETE or INSERT")
	}
	return c
}

func (p *parser) truncate() syntax.Statement {
	s := &syntax.Truncate{Node: p.node()}
	p.expect("truncate")
	p.accept("table")
	s.Table = p.name("a table")
	return s
}
