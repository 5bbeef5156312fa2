package sqltest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/engine"
	"penstock/internal/engine/functions"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// session runs statements as the warehouse does, on a small catalog of its own.
type session struct {
	dialect *dialect.Dialect
	conn    *engine.Conn
	tables  map[string]typed.Relation

	quoted, attributes bool // see dialect.Cased
}

func newEngine(t testing.TB, dirs ...string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(context.Background(), engine.Options{Unlocked: true, AllowedDirs: dirs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	c, err := e.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := functions.Register(c, functions.Limits{}); err != nil {
		t.Fatal(err)
	}
	for _, s := range print.Prelude() {
		if _, err := c.Exec(context.Background(), s); err != nil {
			t.Errorf("prelude: %v\n%s", err, s)
		}
	}
	return e
}

func (s *session) lookup(name []string) (typed.Relation, error) {
	if r, ok := s.tables[strings.ToLower(name[len(name)-1])]; ok {
		return r, nil
	}
	return typed.Relation{}, fmt.Errorf("relation %q does not exist", strings.Join(name, "."))
}

func relationText(r typed.Relation) string { return print.Ident(r.Name[len(r.Name)-1]) }

// translate gives the DuckDB text of a statement and its output columns.
func (s *session) translate(st syntax.Statement, text string) (*bind.Bound, string, error) {
	b, err := bind.Statement(st, bind.Options{Dialect: s.dialect.Cased(s.quoted, s.attributes), Lookup: s.lookup, Text: text,
		Session: bind.Session{User: "admin", Database: "dev"}})
	if err != nil {
		return nil, "", err
	}
	sql, err := print.DuckDB(b.Statement, relationText)
	return b, sql, err
}

func (s *session) parse(text string) ([]syntax.Statement, error) {
	return parse.Statements(text, s.dialect.Cased(s.quoted, s.attributes))
}

type result struct {
	columns []typed.Column
	rows    [][]string
	nulls   [][]bool
}

// run executes all statements of a text; the last one's rows are the result.
func (s *session) run(text string) (*result, error) {
	stmts, err := s.parse(text)
	if err != nil {
		return nil, err
	}
	var res *result
	for _, st := range stmts {
		if res, err = s.one(st, text); err != nil {
			return nil, err
		}
	}
	return res, nil
}

func (s *session) one(st syntax.Statement, text string) (*result, error) {
	switch st := st.(type) {
	case *syntax.Set:
		s.set(st.Name, len(st.Values) == 1 && (strings.EqualFold(st.Values[0], "true") || strings.EqualFold(st.Values[0], "on")))
		return nil, nil
	case *syntax.Reset:
		s.set(st.Name, false)
		return nil, nil
	case *syntax.Begin:
		return nil, s.exec("BEGIN")
	case *syntax.Rollback:
		return nil, s.exec("ROLLBACK")
	case *syntax.Commit:
		return nil, s.exec("COMMIT")
	}
	b, sql, err := s.translate(st, text)
	if err != nil {
		return nil, err
	}
	if b.Columns != nil {
		return s.query(b, sql)
	}
	if c, ok := b.Statement.(*typed.CreateTable); ok {
		for _, seq := range print.Sequences(c) {
			if err := s.exec(seq); err != nil {
				return nil, err
			}
		}
	}
	if err := s.exec(sql); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, sql)
	}
	s.remember(b.Statement)
	return nil, nil
}

// set changes what a session may wish of its dialect.
func (s *session) set(name string, on bool) {
	switch strings.ToLower(name) {
	case "enable_case_sensitive_identifier":
		s.quoted = on
	case "enable_case_sensitive_super_attribute":
		s.attributes = on
	}
}

// remember keeps the columns of new tables.
func (s *session) remember(st typed.Statement) {
	rel := typed.Relation{}
	switch st := st.(type) {
	case *typed.CreateTable:
		rel.Name = st.Name
		for _, c := range st.Columns {
			rel.Columns = append(rel.Columns,
				typed.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull, Generated: c.Identity != nil && !c.Identity.ByDefault})
		}
	case *typed.CreateTableAs:
		rel.Name, rel.Columns = st.Name, st.Query.Columns
	case *typed.CreateView:
		rel.Name, rel.Columns = st.Name, st.Query.Columns
	default:
		return
	}
	s.tables[strings.ToLower(rel.Name[len(rel.Name)-1])] = rel
}

func (s *session) exec(sql string) error {
	_, err := s.conn.Exec(context.Background(), sql)
	return err
}

func (s *session) query(b *bind.Bound, sql string) (*result, error) {
	ctx := context.Background()
	rows, err := s.conn.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, sql)
	}
	defer rows.Close()
	res := &result{columns: b.Columns}
	for i, c := range rows.Columns() {
		if want := print.Type(b.Columns[i].Type); !sameType(c.Type.String(), want) {
			return nil, fmt.Errorf("column %s: the typed tree says %s, the engine gives %s\n%s", c.Name, want, c.Type, sql)
		}
	}
	for {
		chunk, err := rows.Next(ctx)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, sql)
		}
		if chunk == nil {
			return res, nil
		}
		for r := 0; r < chunk.Size(); r++ {
			row, null := make([]string, len(b.Columns)), make([]bool, len(b.Columns))
			for i := range row {
				v := chunk.Column(i)
				null[i] = v.IsNull(r)
				row[i] = string(v.AppendText(nil, r))
				if b.Columns[i].Type.Kind == typed.Varbyte {
					row[i] = fmt.Sprintf("%x", v.AppendText(nil, r))
				}
			}
			res.rows, res.nulls = append(res.rows, row), append(res.nulls, null)
		}
	}
}

// sameType compares the engine's name of a type with the one that was printed for it.
func sameType(have, want string) bool {
	names := map[string]string{"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ", "TIME WITH TIME ZONE": "TIMETZ", "FLOAT": "REAL", "JSON": "VARCHAR"}
	norm := func(s string) string {
		s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
		for k, v := range names {
			if s == strings.ReplaceAll(k, " ", "") {
				return v
			}
		}
		return strings.ReplaceAll(s, "FLOAT", "REAL") // inside of nested types
	}
	return norm(have) == norm(want)
}
