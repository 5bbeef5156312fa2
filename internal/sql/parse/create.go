package parse

import (
	"strings"

	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

func (p *parser) create() syntax.Statement {
	n := p.node()
	p.expect("create")
	replace := p.accept("or", "replace")
	temp := p.acceptAny("temp", "temporary") != ""
	if !temp && p.is("local") && (p.ahead(1).Text == "temp" || p.ahead(1).Text == "temporary") {
		p.i += 2
		temp = true
	}
	switch {
	case p.accept("table"):
		if replace {
			p.failAs(syntax.Unsupported, n.At, "CREATE OR REPLACE TABLE is not supported")
		}
		return p.createTable(n, temp)
	case p.accept("view"):
		return p.createView(&syntax.CreateView{Node: n, Replace: replace, Temp: temp})
	case p.accept("materialized", "view"):
		return p.createView(&syntax.CreateView{Node: n, Replace: replace, Materialized: true})
	case p.has.Transform:
		p.failAs(syntax.Unsupported, p.pos(), "CREATE %s is not supported: a transform is a query, INSERT INTO or CREATE TABLE ... AS",
			upper(p.tok().Text))
		return &syntax.Other{Node: n}
	case p.accept("schema"):
		return p.createSchema(n, false)
	case p.accept("external", "schema"):
		return p.createSchema(n, true)
	}
	return p.createOther(n)
}

// createOther takes the CREATE statements that are known and not run.
func (p *parser) createOther(n syntax.Node) syntax.Statement {
	for _, what := range []string{"external table", "external function", "external view", "external model", "masking policy", "rls policy",
		"identity provider", "database", "user", "group", "role", "function", "procedure", "library", "model", "datashare", "index",
		"integration", "template"} {
		if p.accept(strings.Fields(what)...) {
			return p.known(n, "CREATE "+upper(what))
		}
	}
	if p.accept("external", "protected", "view") {
		return p.known(n, "CREATE EXTERNAL PROTECTED VIEW")
	}
	p.unexpected("TABLE, VIEW, SCHEMA or another kind of object")
	return &syntax.Other{Node: n}
}

func (p *parser) ifNotExists() bool { return p.accept("if", "not", "exists") }

func (p *parser) createTable(n syntax.Node, temp bool) syntax.Statement {
	s := &syntax.CreateTable{Node: n, Temp: temp, IfNotExists: p.ifNotExists(), Options: map[string]string{}}
	s.Name = p.name("a table")
	if strings.HasPrefix(s.Name.Last().Name, "#") {
		s.Temp = true
	}
	if p.isOp("(") && !p.isQueryAt(1) {
		p.tableElements(s)
	}
	if p.has.Transform {
		p.lakeTableOptions(s)
	} else {
		p.tableAttrs(&s.Attrs)
	}
	if p.accept("as") {
		p.tableQuery(s)
	}
	if s.Query == nil && len(s.Columns) == 0 && s.Like == nil {
		p.unexpected("a column list or AS")
	}
	return s
}

// tableQuery reads the query of a CTAS. Columns read as definitions without a type were a list of names.
func (p *parser) tableQuery(s *syntax.CreateTable) {
	for _, c := range s.Columns {
		if c.Type.Name != "" {
			p.fail(c.Pos, "a table made from a query takes column names without types")
		}
		s.QueryColumns = append(s.QueryColumns, c.Name)
	}
	s.Columns = nil
	s.Query = p.query()
	switch {
	case p.accept("with", "no", "data"):
		s.NoData = true
	case p.accept("with", "data"):
	}
}

// tableElements reads the columns, constraints and LIKE in parentheses.
func (p *parser) tableElements(s *syntax.CreateTable) {
	p.expectOp("(")
	for {
		switch {
		case p.isAny("constraint", "foreign") || p.is("primary", "key") || p.is("unique") && p.aheadOp(1, "("):
			s.Constraints = append(s.Constraints, p.constraint())
		case p.is("like") && p.ahead(1).Kind != lex.Op:
			p.next()
			s.Like = p.name("a table")
			if p.acceptAny("including", "excluding") == "including" {
				s.LikeDefaults = true
			}
			p.accept("defaults")
		default:
			s.Columns = append(s.Columns, p.columnDef())
		}
		if !p.op(",") {
			break
		}
	}
	p.expectOp(")")
	for _, c := range s.Columns {
		if c.Type.Name == "" && !p.is("as") && p.err == nil && !p.attrsFollow() {
			p.fail(c.Pos, "column %q has no type", c.Name.Name)
		}
	}
}

// attrsFollow reports whether table attributes come next; a CTAS with names may have them before AS.
func (p *parser) attrsFollow() bool {
	return p.isAny("diststyle", "distkey", "sortkey", "compound", "interleaved", "backup", "encode")
}

func (p *parser) constraint() syntax.Constraint {
	var c syntax.Constraint
	if p.accept("constraint") {
		c.Name = p.ident("a constraint").Name
	}
	switch {
	case p.accept("primary", "key"):
		c.Kind = "primary"
		c.Columns = p.idents("a column")
	case p.accept("unique"):
		c.Kind = "unique"
		c.Columns = p.idents("a column")
	case p.accept("foreign", "key"):
		c.Kind = "foreign"
		c.Columns = p.idents("a column")
		p.expect("references")
		c.References = p.name("a table")
		if p.isOp("(") {
			c.RefColumns = p.idents("a column")
		}
	default:
		p.unexpected("PRIMARY KEY, UNIQUE or FOREIGN KEY")
	}
	return c
}

func (p *parser) columnDef() syntax.ColumnDef {
	c := syntax.ColumnDef{Pos: p.pos(), Name: p.ident("a column")}
	if p.isOp(",") || p.isOp(")") {
		return c
	}
	c.Type = p.typeName()
	for p.columnAttr(&c) {
	}
	return c
}

// columnAttr reads one attribute; false when none follows.
func (p *parser) columnAttr(c *syntax.ColumnDef) bool {
	switch {
	case p.accept("default"):
		from := p.tok().Pos.Offset
		c.Default = p.other()
		if p.i > 0 {
			c.Written = p.text[from:max(from, p.toks[p.i-1].End)]
		}
	case p.is("identity"):
		p.next()
		c.Identity = p.identity()
	case p.accept("generated", "by", "default", "as", "identity"):
		c.Identity = p.identity()
		c.Identity.ByDefault = true
	case p.accept("generated", "always", "as", "identity"):
		c.Identity = p.identity()
	case p.accept("encode"):
		c.Encode = p.ident("an encoding").Name
	case p.accept("distkey"):
		c.DistKey = true
	case p.accept("sortkey"):
		c.SortKey = true
	case p.accept("not", "null"):
		c.NotNull = true
	case p.accept("null"):
		c.Null = true
	case p.accept("primary", "key"):
		c.PrimaryKey = true
	case p.accept("unique"):
		c.Unique = true
	case p.accept("references"):
		c.References = p.name("a table")
		if p.isOp("(") {
			p.idents("a column")
		}
	case p.accept("collate"):
		c.Collate = p.acceptAny("case_sensitive", "cs", "case_insensitive", "ci")
		if c.Collate == "" {
			p.unexpected("CASE_SENSITIVE or CASE_INSENSITIVE")
		}
	case p.has.Transform && p.is("comment") && p.ahead(1).Kind == lex.String:
		p.next()
		c.Comment = p.next().Text
	default:
		return false
	}
	return true
}

// identity reads (seed, step).
func (p *parser) identity() *syntax.Identity {
	id := &syntax.Identity{Seed: 1, Step: 1}
	if p.op("(") {
		id.Seed = p.integer("a seed")
		p.expectOp(",")
		id.Step = p.integer("a step")
		p.expectOp(")")
	}
	return id
}

// tableAttrs reads Redshift's attributes in any order.
func (p *parser) tableAttrs(a *syntax.TableAttrs) {
	for {
		switch {
		case p.accept("diststyle"):
			a.DistStyle = p.acceptAny("auto", "even", "key", "all")
			if a.DistStyle == "" {
				p.unexpected("AUTO, EVEN, KEY or ALL")
			}
		case p.accept("distkey"):
			paren := p.op("(")
			a.DistKey = p.ident("a column").Name
			if paren {
				p.expectOp(")")
			}
		case p.isAny("compound", "interleaved", "sortkey"):
			p.sortKey(a)
		case p.accept("backup"):
			a.Backup = p.acceptAny("yes", "no")
			if a.Backup == "" {
				p.unexpected("YES or NO")
			}
		case p.accept("encode"):
			a.Encode = p.ident("AUTO").Name
		default:
			return
		}
	}
}

func (p *parser) sortKey(a *syntax.TableAttrs) {
	if s := p.acceptAny("compound", "interleaved"); s != "" {
		a.SortStyle = s
	}
	p.expect("sortkey")
	switch {
	case p.accept("auto"), p.accept("none"):
		a.SortStyle = "auto"
	case p.isOp("("):
		for _, c := range p.idents("a column") {
			a.SortKeys = append(a.SortKeys, c.Name)
		}
	default:
		a.SortKeys = []string{p.ident("a column").Name}
	}
}

// lakeTableOptions reads USING, PARTITIONED BY, LOCATION, COMMENT and TBLPROPERTIES.
func (p *parser) lakeTableOptions(s *syntax.CreateTable) {
	for {
		switch {
		case p.accept("using"):
			s.Using = p.ident("a format").Name
		case p.accept("stored", "as"):
			s.Using = p.ident("a format").Name
		case p.accept("partitioned", "by"):
			s.PartitionBy = p.idents("a column")
		case p.is("location") || p.is("comment"):
			key := p.next().Text
			s.Options[key] = p.str("a string")
		case p.isAny("tblproperties", "options", "clustered", "row"):
			p.failAs(syntax.Unsupported, p.pos(), "%s is not supported", upper(p.tok().Text))
			return
		default:
			return
		}
	}
}

func (p *parser) createView(s *syntax.CreateView) syntax.Statement {
	s.IfNotExists = p.ifNotExists()
	s.Name = p.name("a view")
	if p.isOp("(") {
		s.Columns = p.idents("a column")
	}
	if s.Materialized {
		p.viewAttrs(s)
	}
	p.expect("as")
	at := p.pos()
	s.Query = p.query()
	s.Text = p.raw(at)
	if p.accept("with", "no", "schema", "binding") {
		s.LateBinding = true
	}
	return s
}

func (p *parser) viewAttrs(s *syntax.CreateView) {
	for {
		var a syntax.TableAttrs
		before := p.i
		p.tableAttrs(&a)
		if p.accept("auto", "refresh") {
			s.AutoRefresh = p.acceptAny("yes", "no") == "yes"
		}
		if p.i == before {
			return
		}
	}
}

func (p *parser) createSchema(n syntax.Node, external bool) syntax.Statement {
	s := &syntax.CreateSchema{Node: n, External: external, IfNotExists: p.ifNotExists(), Options: map[string]string{}}
	if !p.is("authorization") {
		s.Name = p.name("a schema")
	}
	if p.accept("authorization") {
		s.Authorization = p.ident("a user").Name
		if s.Name == nil {
			s.Name = syntax.Name{{Name: s.Authorization, Pos: n.At}}
		}
	}
	if external {
		o, _ := p.known(p.node(), "CREATE EXTERNAL SCHEMA").(*syntax.Other)
		s.Text = o.Text
		return s
	}
	if p.accept("quota") {
		s.Options["quota"] = p.next().Text
		if p.tok().Kind == lex.Word {
			s.Options["quota"] += " " + upper(p.next().Text)
		}
	}
	return s
}
