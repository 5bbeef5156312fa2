package session

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"penstock/internal/child/warehouse/shown"
	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// planDDL defers everything to the execution: a definition may depend on one that the same text makes before.
func (st *Statement) planDDL() error {
	s := st.s
	switch t := st.tree.(type) {
	case *syntax.CreateTable:
		st.run = func(ctx context.Context) (*answer, error) { return s.createTable(ctx, st, t) }
	case *syntax.CreateView:
		if t.Materialized {
			return unsupported("CREATE MATERIALIZED VIEW")
		}
		st.run = func(ctx context.Context) (*answer, error) { return s.createView(ctx, st, t) }
	case *syntax.CreateSchema:
		if t.External {
			return unsupported("CREATE EXTERNAL SCHEMA")
		}
		st.run = func(ctx context.Context) (*answer, error) { return s.createSchema(ctx, t) }
	case *syntax.Drop:
		st.run = func(ctx context.Context) (*answer, error) { return s.drop(ctx, t) }
	case *syntax.AlterTable:
		st.run = func(ctx context.Context) (*answer, error) { return s.alter(ctx, st, t) }
	case *syntax.Truncate:
		st.run = func(ctx context.Context) (*answer, error) { return s.truncate(ctx, t) }
	case *syntax.Comment:
		st.run = func(ctx context.Context) (*answer, error) { return s.comment(ctx, t) }
	case *syntax.Grant:
		return unsupported("GRANT and REVOKE (every user may do everything): a right of its own")
	default:
		name := strings.TrimPrefix(fmt.Sprintf("%T", st.tree), "*syntax.")
		return unsupported("the statement %s", strings.ToUpper(name))
	}
	return nil
}

// mustFind is find, for statements that need the table.
func (s *Session) mustFind(ctx context.Context, name []string) (*store.Table, error) {
	t, err := s.find(ctx, name)
	if err == nil && t == nil {
		err = missing(name)
	}
	return t, err
}

// place decides in which schema a new object goes.
func (s *Session) newPlace(ctx context.Context, name []string, temp bool) (schema, table string, err error) {
	schema, table, err = s.parts(name)
	if err != nil {
		return "", "", err
	}
	if temp || len(name) == 1 && strings.HasPrefix(name[0], "#") {
		return "temp", table, nil
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return "", "", err
	}
	if schema == "" {
		for _, sc := range s.searchPath() {
			if _, ok := cat.Schemas[sc]; ok {
				schema = sc
				break
			}
		}
	}
	if _, ok := cat.Schemas[schema]; !ok || schema == "pg_catalog" {
		return "", "", failure("3F000", "schema \"%s\" does not exist", schema)
	}
	if schema == store.Internal && strings.HasPrefix(table, "_") {
		return "", "", failure("42501", "permission denied: names that begin with an underscore in schema penstock are Penstock's own")
	}
	return schema, table, nil
}

// claim finds the place of a new object, takes the write lock of its name and begins the transaction.
func (s *Session) claim(ctx context.Context, name []string, temp bool) (schema, table string, err error) {
	if schema, table, err = s.newPlace(ctx, name, temp); err != nil {
		return "", "", err
	}
	if err := s.lock(ctx, s.tx(), schema, table, schema == "temp"); err != nil {
		return "", "", err
	}
	return schema, table, s.tx().Start(ctx)
}

// exists finds what already has the place's name.
func (s *Session) exists(ctx context.Context, schema, table string) (*store.Table, error) {
	if schema == "temp" {
		t, _ := s.h.Temp(table)
		return t, nil
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	t, _ := cat.Table(schema, table)
	return t, nil
}

// createTable runs CREATE TABLE, CREATE TABLE AS and SELECT INTO.
func (s *Session) createTable(ctx context.Context, st *Statement, t *syntax.CreateTable) (*answer, error) {
	schema, name, err := s.claim(ctx, t.Name.Strings(), t.Temp)
	if err != nil {
		return nil, err
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	b, _, err := s.bind(ctx, cat, st.tree, st.text, nil)
	if err != nil {
		return nil, err
	}
	d, err := describeTable(b)
	if err != nil {
		return nil, err
	}
	for _, def := range t.Columns {
		if c := d.table.Column(def.Name.Name); c != nil {
			c.Shown = shown.Default(def, c.Type)
		}
	}
	if err := s.inherit(ctx, d, t); err != nil {
		return nil, err
	}
	tag := &answer{tag: "CREATE TABLE"}
	if d.query {
		tag.tag = "SELECT"
	}
	old, err := s.exists(ctx, schema, name)
	if err != nil {
		return nil, err
	}
	if old != nil && d.ifNotExists {
		s.client.Notice("INFO", "42P07", fmt.Sprintf("Relation \"%s\" already exists and will be skipped", name))
		return tag, nil
	}
	if old != nil {
		return nil, failure("42P07", "Relation \"%s\" already exists", name)
	}
	return tag, s.makeTable(ctx, b, d, schema, name)
}

// makeTable creates the table in the engine and writes its description.
func (s *Session) makeTable(ctx context.Context, b *bind.Bound, d *description, schema, name string) error {
	*d.name, *d.temp = []string{schema, name}, schema == "temp"
	sql, err := print.DuckDB(b.Statement, relationSQL)
	if err != nil {
		return err
	}
	t := d.table
	if err := s.makeSequences(ctx, *d.name, t); err != nil {
		return err
	}
	if err := s.exec(ctx, sql); err != nil {
		return err
	}
	t.OID, t.Schema, t.Name, t.Temp, t.Owner = s.db.NextOID(), schema, name, schema == "temp", s.user
	for _, c := range d.defaults {
		if err := s.exec(ctx, "ALTER TABLE "+physical(t)+" ALTER COLUMN "+engine.Ident(c.Name)+" SET DEFAULT "+c.Default); err != nil {
			return err
		}
	}
	for i, c := range t.Columns {
		if c.Default != "" {
			if t.Columns[i].Default, err = s.defaultText(ctx, t, c.Name); err != nil {
				return err
			}
		}
	}
	return s.tx().Put(ctx, t)
}

// makeSequences makes what numbers the identity columns. Their names stay with the columns, whatever the table is called later.
func (s *Session) makeSequences(ctx context.Context, name []string, t *store.Table) error {
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Identity == nil {
			continue
		}
		made := *c.Identity
		made.Sequence = sequence(name, c.Name)
		temp := ""
		if name[0] == "temp" {
			temp = "TEMP "
		}
		err := s.exec(ctx, fmt.Sprintf("CREATE %sSEQUENCE %s START %d INCREMENT %d MINVALUE %d MAXVALUE %d", temp, made.Sequence,
			made.Seed, made.Step, math.MinInt64, math.MaxInt64))
		if err != nil {
			return err
		}
		c.Identity = &made
	}
	return nil
}

// sequence is the quoted name of an identity column's sequence.
func sequence(table []string, column string) string {
	var parts []string
	for _, p := range print.SequenceFor(table, column) {
		parts = append(parts, engine.Ident(p))
	}
	return strings.Join(parts, ".")
}

// A description is what a bound CREATE TABLE says, with pointers to what must be settled before it is printed.
type description struct {
	table       *store.Table
	name        *[]string
	temp        *bool
	ifNotExists bool
	query       bool
	defaults    []store.Column // of the table that it is made LIKE; their Default is the engine's text
}

func describeTable(b *bind.Bound) (*description, error) {
	switch t := b.Statement.(type) {
	case *typed.CreateTable:
		d := &description{table: &store.Table{Kind: store.KindTable}, name: &t.Name, temp: &t.Temp, ifNotExists: t.IfNotExists}
		for _, c := range t.Columns {
			col := store.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull, Encode: c.Encode}
			col.Trimmed = c.Default == nil || bind.Trimmed(c.Default)
			if c.Default != nil {
				col.Default = "default"
			}
			if c.Identity != nil {
				col.Identity = &store.Identity{ByDefault: c.Identity.ByDefault, Seed: c.Identity.Seed, Step: c.Identity.Step}
			}
			d.table.Columns = append(d.table.Columns, col)
		}
		attributes(d.table, t.Attrs)
		return d, nil
	case *typed.CreateTableAs:
		d := &description{table: &store.Table{Kind: store.KindTable}, name: &t.Name, temp: &t.Temp, ifNotExists: t.IfNotExists, query: true}
		for _, c := range t.Query.Columns {
			d.table.Columns = append(d.table.Columns, store.Column{Name: c.Name, Type: stored(c.Type), Trimmed: c.Trimmed})
		}
		attributes(d.table, t.Attrs)
		return d, nil
	}
	return nil, fmt.Errorf("CREATE TABLE was bound as %T", b.Statement)
}

// inherit gives a table that is made LIKE another the encodings and keys of that one, and its defaults INCLUDING DEFAULTS.
func (s *Session) inherit(ctx context.Context, d *description, t *syntax.CreateTable) error {
	if t.Like == nil {
		return nil
	}
	source, err := s.find(ctx, t.Like.Strings())
	if err != nil || source == nil || source.Kind != store.KindTable {
		return err
	}
	keys := d.table.DistStyle == "auto" && d.table.SortStyle == "auto"
	if keys {
		d.table.DistStyle, d.table.SortStyle = source.DistStyle, source.SortStyle
	}
	for i := range d.table.Columns {
		c := &d.table.Columns[i]
		from := source.Column(c.Name)
		if from == nil {
			continue
		}
		c.Encode = from.Encode
		if keys {
			c.DistKey, c.SortKey = from.DistKey, from.SortKey
		}
		if t.LikeDefaults && from.Default != "" {
			c.Default, c.Shown, c.Trimmed = from.Default, from.Shown, from.Trimmed
			d.defaults = append(d.defaults, *from)
		}
	}
	return nil
}

// stored is the type of a column made from an expression.
func stored(t typed.Type) typed.Type {
	if !t.Known() || t.Kind == typed.String {
		return typed.VarcharOf(256)
	}
	return t
}

// attributes keeps DISTSTYLE, DISTKEY, SORTKEY and ENCODE.
func attributes(t *store.Table, a typed.Attrs) {
	t.DistStyle, t.SortStyle, t.PrimaryKey = a.DistStyle, a.SortStyle, a.PrimaryKey
	if t.DistStyle == "" {
		t.DistStyle = "auto"
		if a.DistKey != "" {
			t.DistStyle = "key"
		}
	}
	if t.SortStyle == "" {
		t.SortStyle = "auto"
		if len(a.SortKeys) > 0 {
			t.SortStyle = "compound"
		}
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		c.DistKey = c.Name == a.DistKey
		c.SortKey = slices.Index(a.SortKeys, c.Name) + 1
		if e := a.Encodes[c.Name]; e != "" {
			c.Encode = e
		}
		if c.Encode == "" {
			c.Encode = defaultEncoding(c)
		}
	}
}

// defaultEncoding is what Redshift assigns: RAW to sort keys, booleans and floats, AZ64 to numbers and times, LZO to text.
func defaultEncoding(c *store.Column) string {
	switch t := c.Type; {
	case c.SortKey > 0, t.Kind == typed.Bool, t.IsFloat(), t.Kind == typed.Super:
		return "none"
	case t.IsText(), t.Kind == typed.Varbyte:
		return "lzo"
	}
	return "az64"
}

// createView makes a view. A late-binding one is only text.
func (s *Session) createView(ctx context.Context, st *Statement, t *syntax.CreateView) (*answer, error) {
	schema, name, err := s.claim(ctx, t.Name.Strings(), false)
	if err != nil {
		return nil, err
	}
	old, err := s.exists(ctx, schema, name)
	if err != nil {
		return nil, err
	}
	if old != nil && (!t.Replace || old.Kind != store.KindView) {
		return nil, failure("42P07", "Relation \"%s\" already exists", name)
	}
	v := &store.Table{OID: s.db.NextOID(), Schema: schema, Name: name, Kind: store.KindView, Text: t.Text,
		LateBinding: t.LateBinding, Owner: s.user}
	if old != nil {
		v.OID = old.OID
	}
	if !t.LateBinding {
		if err := s.makeView(ctx, st, v); err != nil {
			return nil, err
		}
	}
	return &answer{tag: "CREATE VIEW"}, s.tx().Put(ctx, v)
}

func (s *Session) makeView(ctx context.Context, st *Statement, v *store.Table) error {
	b, err := s.bindView(ctx, st)
	if err != nil {
		return err
	}
	cv, ok := b.Statement.(*typed.CreateView)
	if !ok {
		return fmt.Errorf("CREATE VIEW was bound as %T", b.Statement)
	}
	cv.Name = []string{v.Schema, v.Name}
	for _, c := range cv.Query.Columns {
		v.Columns = append(v.Columns, store.Column{Name: c.Name, Type: stored(c.Type)})
	}
	for _, t := range tables(b) {
		if t.Temp {
			return failure("42P16", "cannot create a view on the temporary table \"%s\"", t.Name)
		}
		v.Depends = append(v.Depends, t.OID)
	}
	sql, err := print.DuckDB(cv, relationSQL)
	if err != nil {
		return err
	}
	return s.exec(ctx, sql)
}

func (s *Session) createSchema(ctx context.Context, t *syntax.CreateSchema) (*answer, error) {
	name := t.Name.Last().Name
	if err := s.holdSchema(ctx, name); err != nil {
		return nil, err
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	a := &answer{tag: "CREATE SCHEMA"}
	if _, ok := cat.Schemas[name]; ok {
		if t.IfNotExists {
			s.client.Notice("INFO", "42P06", fmt.Sprintf("Schema \"%s\" already exists and will be skipped", name))
			return a, nil
		}
		return nil, failure("42P06", "Schema \"%s\" already exists", name)
	}
	if reserved(name) {
		return nil, failure("42939", "unacceptable schema name \"%s\"", name)
	}
	if err := s.exec(ctx, "CREATE SCHEMA "+engine.Ident(name)); err != nil {
		return nil, err
	}
	owner := s.user
	if t.Authorization != "" {
		owner = t.Authorization
	}
	return a, s.tx().PutSchema(ctx, store.Schema{OID: s.db.NextOID(), Name: name, Owner: owner})
}

// holdSchema takes the write lock of a schema's name and begins the transaction.
func (s *Session) holdSchema(ctx context.Context, name string) error {
	if err := s.lock(ctx, s.tx(), "", name, false); err != nil {
		return err
	}
	return s.tx().Start(ctx)
}

// reserved names schemas that the engine or PostgreSQL keeps for itself.
func reserved(name string) bool {
	return strings.HasPrefix(name, "pg_") || slices.Contains([]string{"main", "temp", "information_schema", "system", "penstock_fn"}, name)
}

// truncate empties a table and, as in Redshift, commits the transaction it runs in.
func (s *Session) truncate(ctx context.Context, t *syntax.Truncate) (*answer, error) {
	table, err := s.mustHold(ctx, t.Table.Strings())
	if err != nil {
		return nil, err
	}
	if table.Kind != store.KindTable {
		return nil, failure("42809", "\"%s\" is not a table", table.Name)
	}
	if err := s.exec(ctx, "DELETE FROM "+physical(table)); err != nil {
		return nil, err
	}
	return &answer{tag: "TRUNCATE TABLE"}, s.finish(ctx)
}

func (s *Session) comment(ctx context.Context, t *syntax.Comment) (*answer, error) {
	text := ""
	if t.Text != nil {
		text = *t.Text
	}
	name, column := t.Name.Strings(), ""
	switch t.Kind {
	case "table", "view":
	case "column":
		name, column = name[:len(name)-1], name[len(name)-1]
	default:
		return nil, unsupported("COMMENT ON %s", strings.ToUpper(t.Kind))
	}
	table, err := s.change(ctx, name)
	if err != nil {
		return nil, err
	}
	if column == "" {
		table.Comment = text
	} else if c := table.Column(column); c != nil {
		c.Comment = text
	} else {
		return nil, failure("42703", "column \"%s\" of relation \"%s\" does not exist", column, table.Name)
	}
	return &answer{tag: "COMMENT"}, s.tx().Put(ctx, table)
}

// change locks a table and gives a copy of its description that may be changed and put back.
func (s *Session) change(ctx context.Context, name []string) (*store.Table, error) {
	t, err := s.mustHold(ctx, name)
	if err != nil {
		return nil, err
	}
	return t.Clone(), nil
}
