package parse

import (
	"strings"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

// Statements reads all statements of a text. The error is a *syntax.Error.
func Statements(text string, d *dialect.Dialect) ([]syntax.Statement, error) {
	p, err := newParser(text, d)
	if err != nil {
		return nil, err
	}
	var out []syntax.Statement
	for {
		for p.op(";") {
		}
		if p.end() {
			break
		}
		s := p.statement()
		if p.err == nil && !p.end() && !p.isOp(";") {
			p.unexpected("the end of the statement")
		}
		if p.err != nil {
			return nil, p.err
		}
		out = append(out, s)
	}
	if p.err != nil {
		return nil, p.err
	}
	return out, nil
}

// Expression reads one expression, in which args stand for $1, $2, ... It is taken for something written at one place of another text.
func Expression(at syntax.Pos, text string, d *dialect.Dialect, args ...syntax.Expr) (syntax.Expr, error) {
	p, err := newParser(text, d)
	if err != nil {
		return nil, err
	}
	for i := range p.toks {
		p.toks[i].Pos = at
	}
	p.given = args
	x := p.expr()
	if !p.end() {
		p.unexpected("the end of the expression")
	}
	if p.err != nil {
		return nil, p.err
	}
	return x, nil
}

// Piece is one statement of a text, with where it begins.
type Piece struct {
	Text string
	Pos  syntax.Pos
}

// Split cuts a text at the semicolons outside of quotes, dollar quotes and comments. Empty pieces are left out.
func Split(text string, d *dialect.Dialect) ([]Piece, error) {
	toks, err := lex.Tokens(text, d)
	if err != nil {
		return nil, err
	}
	var out []Piece
	start, last := -1, 0
	flush := func() {
		if start >= 0 {
			out = append(out, Piece{Text: text[toks[start].Pos.Offset:last], Pos: toks[start].Pos})
		}
		start = -1
	}
	for i, t := range toks {
		switch {
		case t.Kind == lex.EOF || t.Kind == lex.Op && t.Text == ";":
			flush()
		default:
			if start < 0 {
				start = i
			}
			last = t.End
		}
	}
	return out, nil
}

func (p *parser) statement() syntax.Statement {
	if !p.enter() {
		return &syntax.Other{Node: p.node()}
	}
	defer p.leave()
	if p.isQueryAt(0) && !p.is("with") {
		return into(p.query())
	}
	t := p.tok()
	if t.Kind != lex.Word {
		p.unexpected("a statement")
		return &syntax.Other{Node: p.node()}
	}
	switch t.Text {
	case "with":
		return p.withStatement()
	case "insert":
		return p.insert()
	case "create":
		return p.create()
	case "drop":
		return p.drop()
	}
	if p.has.Transform {
		return p.refuseStatement()
	}
	if s := p.warehouseStatement(t.Text); s != nil {
		return s
	}
	p.fail(t.Pos, "%s begins no statement of %s%s", show(t), p.dialect, suggest(t.Text, statementWords))
	return &syntax.Other{Node: p.node()}
}

// refuseStatement answers the statements that a transform cannot be.
func (p *parser) refuseStatement() syntax.Statement {
	n := p.node()
	p.failAs(syntax.Unsupported, n.At,
		"a statement that begins with %s is not supported: write SELECT, WITH, VALUES, INSERT INTO or CREATE TABLE ... AS", upper(p.tok().Text))
	return &syntax.Other{Node: n}
}

func (p *parser) warehouseStatement(word string) syntax.Statement {
	switch word {
	case "update":
		return p.update(nil)
	case "delete":
		return p.delete(nil)
	case "merge":
		return p.merge()
	case "alter":
		return p.alter()
	case "truncate":
		return p.truncate()
	case "copy":
		return p.copy()
	case "unload":
		return p.unload()
	case "desc", "describe":
		p.next()
		return p.known(syntax.Node{At: p.pos()}, upper(word))
	case "comment":
		return p.comment()
	case "grant", "revoke":
		return p.grant()
	case "vacuum", "analyze", "analyse", "explain", "lock", "cancel", "refresh":
		return p.maintenance(word)
	}
	return p.session(word)
}

// withStatement reads WITH in front of a query, UPDATE, DELETE or INSERT.
func (p *parser) withStatement() syntax.Statement {
	save := p.i
	ctes, _ := p.with()
	switch {
	case p.is("update") && !p.has.Transform:
		return p.update(ctes)
	case p.is("delete") && !p.has.Transform:
		return p.delete(ctes)
	case p.is("insert"):
		p.failAs(syntax.Unsupported, p.pos(), "WITH in front of INSERT is not supported: write INSERT INTO t WITH ... SELECT")
	case p.err != nil:
		return &syntax.Other{Node: p.node()}
	}
	p.i = save
	return into(p.query())
}

// into makes a CREATE TABLE ... AS of a SELECT ... INTO: they are one statement in two spellings.
func into(q *syntax.Query) syntax.Statement {
	s, ok := q.Body.(*syntax.Select)
	if !ok || s.Into == nil {
		return q
	}
	out := &syntax.CreateTable{Node: q.Node, Name: s.Into, Temp: s.IntoTemp || strings.HasPrefix(s.Into.Last().Name, "#"), Query: q,
		Options: map[string]string{}}
	s.Into = nil
	return out
}

// known takes the rest of a statement that is known and not run.
func (p *parser) known(n syntax.Node, what string) syntax.Statement {
	depth := 0
	for !p.end() && (depth > 0 || !p.isOp(";")) {
		switch {
		case p.isOp("("):
			depth++
		case p.isOp(")"):
			depth--
			if depth < 0 {
				p.unexpected("the end of the statement")
			}
		}
		p.next()
	}
	if depth > 0 && p.err == nil {
		p.unexpected(`")"`)
	}
	return &syntax.Other{Node: n, What: what, Text: p.raw(n.At)}
}

var statementWords = strings.Fields(
	"select with insert update delete merge create drop alter truncate copy unload comment grant revoke vacuum analyze explain " +
		"lock cancel refresh begin start commit end rollback abort set reset show declare fetch close prepare execute " +
		"deallocate discard call use")
