package parse

import (
	"strings"

	"penstock/internal/sql/syntax"
)

func (p *parser) drop() syntax.Statement {
	n := p.node()
	p.expect("drop")
	if p.has.Transform {
		p.failAs(syntax.Unsupported, n.At, "DROP is not supported in a transform")
		return &syntax.Other{Node: n}
	}
	kind := ""
	for _, k := range []string{"table", "view", "materialized view", "schema"} {
		if p.accept(strings.Fields(k)...) {
			kind = k
		}
	}
	if kind == "" {
		return p.dropOther(n)
	}
	s := &syntax.Drop{Node: n, Kind: kind, IfExists: p.accept("if", "exists")}
	for {
		s.Names = append(s.Names, p.name("a name"))
		if !p.op(",") {
			break
		}
	}
	if kind == "schema" && p.is("drop", "external", "database") {
		return p.known(n, "DROP SCHEMA ... DROP EXTERNAL DATABASE")
	}
	if p.acceptAny("cascade", "restrict") == "cascade" {
		s.Cascade = true
	}
	return s
}

func (p *parser) dropOther(n syntax.Node) syntax.Statement {
	for _, what := range []string{"masking policy", "rls policy", "identity provider", "external view", "database", "user", "group", "role",
		"function", "procedure", "library", "model", "datashare", "integration", "index"} {
		if p.accept(strings.Fields(what)...) {
			return p.known(n, "DROP "+upper(what))
		}
	}
	p.unexpected("TABLE, VIEW, SCHEMA or another kind of object")
	return &syntax.Other{Node: n}
}

func (p *parser) alter() syntax.Statement {
	n := p.node()
	p.expect("alter")
	if p.accept("table") {
		return p.alterTable(&syntax.AlterTable{Node: n})
	}
	for _, what := range []string{"materialized view", "masking policy", "rls policy", "default privileges", "identity provider",
		"external schema", "external view", "view", "schema", "database", "user", "group", "role", "function", "procedure", "datashare", "system",
		"model", "integration", "library"} {
		if p.accept(strings.Fields(what)...) {
			return p.known(n, "ALTER "+upper(what))
		}
	}
	p.unexpected("TABLE or another kind of object")
	return &syntax.Other{Node: n}
}

func (p *parser) alterTable(s *syntax.AlterTable) syntax.Statement {
	p.accept("if", "exists")
	s.Table = p.name("a table")
	at := p.pos()
	switch {
	case p.accept("add"):
		p.alterAdd(s)
	case p.accept("drop"):
		p.alterDrop(s)
	case p.accept("rename"):
		p.alterRename(s)
	case p.accept("owner", "to"):
		s.Action, s.New = "owner", p.ident("a user")
	case p.accept("alter"):
		p.alterAlter(s)
	case p.is("append", "from"), p.is("set"), p.is("row"), p.is("partition"), p.is("rowgroupsize"):
		return p.known(s.Node, "ALTER TABLE "+upper(p.tok().Text))
	default:
		p.unexpected("ADD, DROP, RENAME, ALTER, OWNER TO, APPEND or SET")
	}
	s.Text = p.raw(at)
	return s
}

func (p *parser) alterAdd(s *syntax.AlterTable) {
	switch {
	case p.isAny("constraint", "foreign", "unique") || p.is("primary", "key"):
		s.Action, s.Constraint = "add constraint", p.constraint()
	case p.is("partition") || p.is("if", "not", "exists"):
		s.Action = "add partition"
		p.known(s.Node, "")
	default:
		p.accept("column")
		s.Action, s.Column = "add column", p.columnDef()
		if s.Column.Type.Name == "" {
			p.unexpected("a type")
		}
	}
}

func (p *parser) alterDrop(s *syntax.AlterTable) {
	switch {
	case p.accept("constraint"):
		s.Action, s.Old = "drop constraint", p.ident("a constraint")
	case p.is("partition"):
		s.Action = "drop partition"
		p.known(s.Node, "")
		return
	default:
		p.accept("column")
		s.Action, s.Old = "drop column", p.ident("a column")
	}
	s.Cascade = p.acceptAny("cascade", "restrict") == "cascade"
}

func (p *parser) alterRename(s *syntax.AlterTable) {
	if p.accept("to") {
		s.Action, s.New = "rename", p.ident("a name")
		return
	}
	p.accept("column")
	s.Action, s.Old = "rename column", p.ident("a column")
	p.expect("to")
	s.New = p.ident("a name")
}

func (p *parser) alterAlter(s *syntax.AlterTable) {
	switch {
	case p.accept("diststyle"), p.is("distkey"):
		s.Action = "diststyle"
		if p.accept("distkey") {
			s.Attrs.DistStyle, s.Attrs.DistKey = "key", p.ident("a column").Name
			return
		}
		s.Attrs.DistStyle = p.acceptAny("auto", "even", "all", "key")
		if s.Attrs.DistStyle == "key" || p.is("distkey") {
			p.expect("distkey")
			s.Attrs.DistKey = p.ident("a column").Name
		}
	case p.isAny("sortkey", "compound", "interleaved"):
		s.Action = "sortkey"
		p.sortKey(&s.Attrs)
	case p.accept("encode"):
		s.Action, s.Attrs.Encode = "encode", p.ident("AUTO").Name
	default:
		p.accept("column")
		p.alterColumn(s)
	}
}

func (p *parser) alterColumn(s *syntax.AlterTable) {
	s.Old = p.ident("a column")
	s.Column.Name = s.Old
	switch {
	case p.accept("type"):
		s.Action, s.Column.Type = "alter type", p.typeName()
	case p.accept("encode"):
		s.Action, s.Column.Encode = "alter encode", p.ident("an encoding").Name
		for p.op(",") { // ALTER COLUMN a ENCODE x, ALTER COLUMN b ENCODE y
			p.accept("alter")
			p.accept("column")
			p.ident("a column")
			p.expect("encode")
			p.ident("an encoding")
		}
	default:
		p.unexpected("TYPE or ENCODE")
	}
}
