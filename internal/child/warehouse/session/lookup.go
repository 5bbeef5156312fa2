package session

import (
	"context"
	"errors"
	"slices"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/child/warehouse/sysview"
	"penstock/internal/engine"
	"penstock/internal/pgwire"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// A place is what a relation's Handle says: the text that stands for it and, unless it is a system view, the table.
type place struct {
	sql       string
	table     *store.Table
	under     []*store.Table // what a late-binding view reads
	momentary bool           // the text holds users, databases, temporary tables or values of the moment when it was bound
}

// relationSQL is the printer's way from a relation to its text.
func relationSQL(r typed.Relation) string {
	if p, ok := r.Handle.(*place); ok {
		return p.sql
	}
	return engine.Ident(strings.Join(r.Name, "."))
}

// physical is a table's name in the engine.
func physical(t *store.Table) string {
	if t.Temp {
		return "temp." + engine.Ident(t.Name)
	}
	return engine.Ident(t.Schema) + "." + engine.Ident(t.Name)
}

// find resolves a table's name: temporary tables first, then the search path, as the session sees the catalog now.
func (s *Session) find(ctx context.Context, name []string) (*store.Table, error) {
	schema, table, err := s.parts(name)
	if err != nil {
		return nil, err
	}
	if schema == "" {
		if t, ok := s.h.Temp(table); ok {
			return t, nil
		}
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	path := []string{schema}
	if schema == "" {
		path = s.searchPath()
	}
	for _, sc := range path {
		if t, ok := cat.Table(sc, table); ok {
			return t, nil
		}
	}
	return nil, nil
}

// hold takes the write lock of the table that a name means, and begins the transaction: whoever waited for the lock sees what the others
// made of the table. It gives nil when there is none.
func (s *Session) hold(ctx context.Context, name []string) (*store.Table, error) {
	t, err := s.find(ctx, name)
	for err == nil && t != nil {
		tx := s.tx()
		if err := s.lock(ctx, tx, t.Schema, t.Name, t.Temp); err != nil {
			return nil, err
		}
		if err := tx.Start(ctx); err != nil {
			return nil, err
		}
		was := physical(t)
		if t, err = s.find(ctx, name); err == nil && t != nil && physical(t) == was {
			return t, nil
		}
	}
	return nil, err
}

// mustHold is hold, for statements that need the table.
func (s *Session) mustHold(ctx context.Context, name []string) (*store.Table, error) {
	t, err := s.hold(ctx, name)
	if err == nil && t == nil {
		err = missing(name)
	}
	return t, err
}

// parts takes a name apart. A temporary table may be written #name.
func (s *Session) parts(name []string) (schema, table string, err error) {
	switch len(name) {
	case 1:
		return "", strings.TrimPrefix(name[0], "#"), nil
	case 2:
		return name[0], name[1], nil
	case 3:
		if name[0] != s.db.Name {
			return "", "", unsupported("a query across databases (%s from %s)", strings.Join(name, "."), s.db.Name)
		}
		return name[1], name[2], nil
	}
	return "", "", failure("42601", "improper qualified name: %s", strings.Join(name, "."))
}

func missing(name []string) error {
	return failure("42P01", "relation \"%s\" does not exist", strings.Join(name, "."))
}

// lookup gives the binder a relation.
func (s *Session) lookup(ctx context.Context) func([]string) (typed.Relation, error) {
	return func(name []string) (typed.Relation, error) {
		t, err := s.find(ctx, name)
		if err != nil {
			return typed.Relation{}, err
		}
		if t == nil {
			return s.systemView(ctx, name)
		}
		if t.LateBinding {
			return s.lateView(ctx, t)
		}
		return relation(t), nil
	}
}

func relation(t *store.Table) typed.Relation {
	r := typed.Relation{Name: []string{t.Schema, t.Name}, Handle: &place{sql: physical(t), table: t}}
	if t.Temp {
		r.Name = []string{t.Name}
	}
	for _, c := range t.Columns {
		r.Columns = append(r.Columns, typed.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull, HasDefault: c.Default != "",
			Trimmed: c.Trimmed, Generated: c.Identity != nil && !c.Identity.ByDefault})
	}
	return r
}

func (s *Session) systemView(ctx context.Context, name []string) (typed.Relation, error) {
	v, ok := sysview.Find(name)
	if !ok {
		return typed.Relation{}, missing(name)
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return typed.Relation{}, err
	}
	c := sysview.Context{Database: s.db.Name, User: s.user, Databases: s.env.Databases.Names(), Temps: s.h.Temps(), TempSchema: s.tempSchema(),
		Path: s.visible(cat, true)}
	if v.Users() {
		if c.Users, err = s.env.Users(ctx); err != nil {
			return typed.Relation{}, err
		}
	}
	return typed.Relation{Name: name, Columns: v.Columns, Handle: &place{sql: "(" + v.SQL(c) + ")", momentary: true}}, nil
}

// lateView binds a late-binding view's text now.
func (s *Session) lateView(ctx context.Context, t *store.Table) (typed.Relation, error) {
	b, sql, momentary, err := s.bindLate(ctx, t)
	if err != nil {
		var e *pgwire.Error
		errors.As(asError(err, t.Text), &e)
		return typed.Relation{}, failure(e.Code, "%s (in the late-binding view %s)", e.Message, t.Name)
	}
	return typed.Relation{Name: []string{t.Schema, t.Name}, Columns: b.Columns,
		Handle: &place{sql: "(" + sql + ")", table: t, under: reads(b), momentary: momentary}}, nil
}

// bindLate binds a late-binding view, which may have come to read itself.
func (s *Session) bindLate(ctx context.Context, t *store.Table) (_ *bind.Bound, sql string, momentary bool, _ error) {
	if slices.Contains(s.views, t.OID) {
		return nil, "", false, failure("42P17", "infinite recursion detected in rules for relation \"%s\"", t.Name)
	}
	s.views = append(s.views, t.OID)
	defer func() { s.views = s.views[:len(s.views)-1] }()
	return s.bindText(ctx, t.Text)
}

// bindText binds one statement that runs now and prints it.
func (s *Session) bindText(ctx context.Context, text string) (_ *bind.Bound, sql string, momentary bool, _ error) {
	trees, err := parse.Statements(text, s.dialect())
	if err != nil {
		return nil, "", false, err
	}
	if len(trees) != 1 {
		return nil, "", false, failure("42601", "expected one statement, found %d", len(trees))
	}
	cat, err := s.h.Catalog(ctx)
	if err != nil {
		return nil, "", false, err
	}
	b, momentary, err := s.bind(ctx, cat, trees[0], text, nil)
	if err != nil {
		return nil, "", false, err
	}
	sql, err = print.DuckDB(b.Statement, relationSQL)
	return b, sql, momentary, err
}

// bind binds a statement that runs now: it may ask for what the session knows. A momentary one is good for one execution.
func (s *Session) bind(ctx context.Context, cat *store.Catalog, tree syntax.Statement, text string,
	params []typed.Type) (_ *bind.Bound, momentary bool, _ error) {
	m := &meaning{s: s, catalog: cat}
	o := s.options(text, m.options(ctx), s.lookup(ctx))
	o.Params = params
	b, err := bind.Statement(tree, o)
	return b, m.used || err == nil && momentaryIn(b), err
}

// momentaryIn reports whether a relation's text holds what may be otherwise a moment later.
func momentaryIn(b *bind.Bound) bool {
	return slices.ContainsFunc(b.Relations, func(r typed.Relation) bool {
		p, ok := r.Handle.(*place)
		return ok && p.momentary
	})
}

// bindKept binds a statement of which a text is kept. The text asks again whenever it runs, so it holds nothing of the moment.
func (s *Session) bindKept(tree syntax.Statement, text string, lookup func([]string) (typed.Relation, error)) (*bind.Bound, error) {
	return bind.Statement(tree, s.options(text, s.identity(), lookup))
}

func (s *Session) options(text string, known bind.Session, lookup func([]string) (typed.Relation, error)) bind.Options {
	return bind.Options{Dialect: s.dialect(), Lookup: lookup, Text: text, AllowUnknown: true, Session: known}
}

// reads are the tables and what late-binding views among them read.
func reads(b *bind.Bound) []*store.Table {
	out := tables(b)
	for _, r := range b.Relations {
		if p, ok := r.Handle.(*place); ok {
			out = append(out, p.under...)
		}
	}
	return out
}

// tables are the stored tables among a statement's relations.
func tables(b *bind.Bound) []*store.Table {
	var out []*store.Table
	for _, r := range b.Relations {
		if p, ok := r.Handle.(*place); ok && p.table != nil && !slices.Contains(out, p.table) {
			out = append(out, p.table)
		}
	}
	return out
}
