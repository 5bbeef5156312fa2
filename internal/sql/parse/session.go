package parse

import (
	"strings"

	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

// session reads the statements of transactions, settings, cursors and prepared statements; nil when the word begins none.
func (p *parser) session(word string) syntax.Statement {
	n := p.node()
	switch word {
	case "begin", "start", "commit", "end", "rollback", "abort":
		return p.transaction(n)
	case "set":
		return p.set(n)
	case "reset":
		p.next()
		return &syntax.Reset{Node: n, Name: p.settingName()}
	case "show":
		return p.show(n)
	case "declare":
		p.next()
		s := &syntax.Declare{Node: n, Name: p.ident("a cursor")}
		p.expect("cursor")
		if p.accept("with") || p.accept("without") {
			p.expect("hold")
		}
		p.expect("for")
		s.Query = p.query()
		return s
	case "fetch":
		return p.fetch(n)
	case "close":
		p.next()
		return &syntax.Close{Node: n, Name: p.nameOrAll("a cursor")}
	case "discard":
		p.next()
		s := &syntax.Discard{Node: n, What: p.acceptAny("all", "plans", "temp", "temporary")}
		if s.What == "" {
			p.unexpected("ALL, PLANS or TEMP")
		}
		return s
	case "prepare", "execute", "deallocate":
		return p.prepared(n)
	case "call", "use", "attach", "detach", "savepoint", "release", "move", "listen", "unlisten", "load", "notify":
		p.next()
		return p.known(n, upper(word))
	}
	return nil
}

func (p *parser) transaction(n syntax.Node) syntax.Statement {
	word := p.next().Text
	if word == "start" {
		p.expect("transaction")
	} else {
		p.acceptAny("work", "transaction")
	}
	switch word {
	case "commit", "end":
		return &syntax.Commit{Node: n}
	case "rollback", "abort":
		if p.is("to") {
			return p.known(n, "ROLLBACK TO")
		}
		return &syntax.Rollback{Node: n}
	}
	at := p.pos()
	for p.acceptAny("isolation", "level", "serializable", "snapshot", "read", "write", "only", "committed", "uncommitted",
		"repeatable") != "" || p.op(",") {
	}
	return &syntax.Begin{Node: n, Modes: strings.ToLower(p.raw(at))}
}

// settingName reads a setting: a.b, TIME ZONE, SESSION AUTHORIZATION.
func (p *parser) settingName() string {
	switch {
	case p.accept("time", "zone"):
		return "timezone"
	case p.accept("session", "authorization"):
		return "session_authorization"
	}
	return p.name("a setting").String()
}

func (p *parser) set(n syntax.Node) syntax.Statement {
	p.next()
	s := &syntax.Set{Node: n}
	switch {
	case p.accept("session", "characteristics", "as"):
		s.Name = "transaction_characteristics"
		p.rest(s)
		return s
	case p.is("transaction"):
		s.Name = "transaction_characteristics"
		p.rest(s)
		return s
	case p.is("session", "authorization"):
	case p.is("session") && p.ahead(1).Kind == lex.Word && p.ahead(1).Text != "to":
		p.next()
	case p.is("local") && p.ahead(1).Kind == lex.Word:
		p.next()
		s.Local = true
	}
	s.Name = p.settingName()
	if !p.op("=") {
		p.accept("to")
	}
	for {
		t := p.tok()
		if p.end() || p.isOp(";") {
			p.unexpected("a value")
			return s
		}
		neg := p.op("-")
		t = p.next()
		value := t.Text
		if neg {
			value = "-" + value
		}
		for p.isOp(".") || p.isOp("/") { // a bare path or zone
			value += p.next().Text + p.next().Text
		}
		s.Values = append(s.Values, value)
		if !p.op(",") {
			return s
		}
	}
}

// rest takes the remaining words as values.
func (p *parser) rest(s *syntax.Set) {
	for !p.end() && !p.isOp(";") {
		s.Values = append(s.Values, p.next().Text)
	}
}

func (p *parser) show(n syntax.Node) syntax.Statement {
	p.next()
	s := &syntax.Show{Node: n}
	open := false
	for !p.end() && !p.isOp(";") {
		if p.accept("like") {
			s.Like = p.str("a pattern")
			continue
		}
		if p.is("time", "zone") {
			p.i += 2
			s.Words = append(s.Words, "timezone")
			continue
		}
		t := p.tok()
		if t.Kind == lex.Op && t.Text != "(" && t.Text != ")" || t.Kind == lex.Op && t.Text == ")" && !open {
			p.unexpected("a word")
			return s
		}
		open = t.Kind == lex.Op && t.Text == "(" || open && t.Text != ")"
		p.next()
		word := t.Text
		for p.isOp(".") && t.End == p.pos().Offset {
			p.next()
			t = p.next()
			word += "." + t.Text
		}
		s.Words = append(s.Words, word)
	}
	if len(s.Words) == 0 {
		p.unexpected("what to show")
	}
	return s
}

func (p *parser) fetch(n syntax.Node) syntax.Statement {
	p.next()
	s := &syntax.Fetch{Node: n, Count: 1}
	switch {
	case p.accept("next"), p.accept("first"):
	case p.accept("all"):
		s.Count = -1
	case p.accept("forward"):
		if p.accept("all") {
			s.Count = -1
		} else if p.tok().Kind == lex.Number {
			s.Count = p.integer("a number")
		}
	case p.tok().Kind == lex.Number:
		s.Count = p.integer("a number")
	}
	if !p.accept("from") {
		p.accept("in")
	}
	s.Name = p.ident("a cursor")
	return s
}

func (p *parser) prepared(n syntax.Node) syntax.Statement {
	switch p.next().Text {
	case "prepare":
		s := &syntax.Prepare{Node: n, Name: p.ident("a statement's name")}
		if p.op("(") {
			s.Types = append(s.Types, p.typeName())
			for p.op(",") {
				s.Types = append(s.Types, p.typeName())
			}
			p.expectOp(")")
		}
		p.expect("as")
		s.Statement = p.statement()
		return s
	case "execute":
		s := &syntax.Execute{Node: n, Name: p.ident("a statement's name")}
		if p.op("(") {
			if !p.isOp(")") {
				s.Args = p.exprs()
			}
			p.expectOp(")")
		}
		return s
	}
	p.accept("prepare")
	return &syntax.Deallocate{Node: n, Name: p.nameOrAll("a statement's name")}
}

// nameOrAll reads a name; ALL is "".
func (p *parser) nameOrAll(what string) string {
	if p.accept("all") {
		return ""
	}
	return p.ident(what).Name
}

// maintenance reads VACUUM, ANALYZE, EXPLAIN, LOCK, CANCEL and REFRESH.
func (p *parser) maintenance(word string) syntax.Statement {
	n := p.node()
	p.next()
	switch word {
	case "vacuum":
		return p.vacuum(n)
	case "analyze", "analyse":
		return p.analyze(n)
	case "explain":
		s := &syntax.Explain{Node: n, Verbose: p.accept("verbose")}
		s.Statement = p.statement()
		return s
	case "lock":
		p.accept("table")
		s := &syntax.Lock{Node: n, Tables: []syntax.Name{p.name("a table")}}
		for p.op(",") {
			s.Tables = append(s.Tables, p.name("a table"))
		}
		return s
	case "cancel":
		s := &syntax.Cancel{Node: n, PID: p.integer("a process id")}
		if p.tok().Kind == lex.String {
			p.next()
		}
		return s
	}
	p.expect("materialized")
	p.expect("view")
	s := &syntax.RefreshView{Node: n, Name: p.name("a view")}
	p.acceptAny("restrict", "cascade")
	return s
}

func (p *parser) vacuum(n syntax.Node) syntax.Statement {
	s := &syntax.Vacuum{Node: n}
	var kind []string
	for p.isAny("full", "sort", "delete", "only", "reindex", "recluster") {
		kind = append(kind, p.next().Text)
	}
	s.Kind = strings.Join(kind, " ")
	if p.tok().Kind == lex.Word || p.tok().Kind == lex.Quoted {
		s.Table = p.name("a table")
	}
	if p.accept("to") {
		p.integer("a percentage")
		p.expect("percent")
	}
	p.accept("boost")
	return s
}

func (p *parser) analyze(n syntax.Node) syntax.Statement {
	s := &syntax.Analyze{Node: n}
	p.accept("verbose")
	if p.accept("compression") {
		return p.known(n, "ANALYZE COMPRESSION")
	}
	if t := p.tok(); t.Kind == lex.Word && !p.isAny("predicate", "all") || t.Kind == lex.Quoted {
		s.Table = p.name("a table")
		if p.isOp("(") {
			s.Columns = p.idents("a column")
		}
	}
	if p.acceptAny("predicate", "all") != "" {
		p.expect("columns")
	}
	return s
}

func (p *parser) comment() syntax.Statement {
	s := &syntax.Comment{Node: p.node()}
	p.expect("comment")
	p.expect("on")
	s.Kind = p.acceptAny("table", "column", "view", "schema", "database", "constraint", "function", "procedure")
	if s.Kind == "" {
		p.unexpected("TABLE, COLUMN, VIEW, SCHEMA or another kind of object")
		return s
	}
	s.Name = p.name("a name")
	if s.Kind == "constraint" {
		p.expect("on")
		p.name("a table")
	}
	if s.Kind == "function" || s.Kind == "procedure" {
		return p.known(s.Node, "COMMENT ON "+upper(s.Kind))
	}
	p.expect("is")
	if !p.accept("null") {
		text := p.str("a string or NULL")
		s.Text = &text
	}
	return s
}
