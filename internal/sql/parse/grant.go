package parse

import (
	"strings"

	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

// grant reads GRANT and REVOKE on tables, schemas, databases, functions and roles. Forms beyond these are Other.
func (p *parser) grant() syntax.Statement {
	start := p.i
	s := &syntax.Grant{Node: p.node(), Revoke: p.next().Text == "revoke"}
	if s.Revoke && p.accept("grant", "option", "for") {
		s.GrantOption = true
	}
	if !p.privileges(s) || !p.grantObjects(s) {
		return p.grantOther(start, s)
	}
	to := "to"
	if s.Revoke {
		to = "from"
	}
	if !p.accept(to) {
		return p.grantOther(start, s)
	}
	p.grantees(s)
	if p.accept("with", "grant", "option") || p.accept("with", "admin", "option") {
		s.GrantOption = true
	}
	s.Cascade = p.acceptAny("cascade", "restrict") == "cascade"
	if p.err != nil || !p.end() && !p.isOp(";") {
		return p.grantOther(start, s)
	}
	return s
}

// grantOther takes a form that is known to exist and is not read in detail.
func (p *parser) grantOther(start int, s *syntax.Grant) syntax.Statement {
	if p.err != nil {
		return s
	}
	p.i = start
	what := upper(p.next().Text)
	return p.known(s.Node, what+" of this form")
}

// privileges reads SELECT, INSERT or ALL [PRIVILEGES], or role names when ON does not follow.
func (p *parser) privileges(s *syntax.Grant) bool {
	for {
		var words []string
		for p.tok().Kind == lex.Word && !p.isAny("on", "to", "from") || p.tok().Kind == lex.Quoted {
			words = append(words, p.next().Text)
		}
		if len(words) == 0 {
			return false
		}
		s.Privileges = append(s.Privileges, strings.Join(words, " "))
		if p.isOp("(") {
			return false
		}
		if !p.op(",") {
			return true
		}
	}
}

func (p *parser) grantObjects(s *syntax.Grant) bool {
	if !p.accept("on") {
		return true
	}
	if p.accept("all", "tables", "in", "schema") {
		s.ObjectKind, s.AllInSchema = "schema", true
	} else {
		s.ObjectKind = p.acceptAny("table", "schema", "database", "language")
	}
	if s.ObjectKind == "" {
		if p.isAny("function", "procedure", "all", "datashare", "model", "external", "column", "copy", "template") {
			return false
		}
		s.ObjectKind = "table"
	}
	for {
		if p.tok().Kind != lex.Word && p.tok().Kind != lex.Quoted {
			return false
		}
		s.Objects = append(s.Objects, p.name("a name"))
		if !p.op(",") {
			return true
		}
	}
}

func (p *parser) grantees(s *syntax.Grant) {
	for {
		g := syntax.Grantee{Kind: "user"}
		if (p.is("group") || p.is("role")) && p.ahead(1).Kind != lex.EOF && !p.aheadOp(1, ",") && !p.aheadOp(1, ";") {
			g.Kind = p.next().Text
		}
		g.Name = p.ident("a user, GROUP or ROLE").Name
		if g.Name == "public" && g.Kind == "user" {
			g.Kind = "public"
		}
		if p.isOp(":") { // a user of an identity provider
			p.next()
			g.Name += ":" + p.ident("a name").Name
		} else if p.tok().Kind == lex.Param {
			g.Name += ":" + p.next().Text
		}
		s.To = append(s.To, g)
		if !p.op(",") {
			return
		}
		if p.accept("with", "grant", "option") {
			s.GrantOption = true
		}
	}
}
