package session

import (
	"context"
	"strings"
	"time"

	"penstock/internal/engine"
	"penstock/internal/pgwire"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// A Statement is a prepared statement.
type Statement struct {
	s     *Session
	text  string
	tree  syntax.Statement
	bound *bind.Bound
	stmt  *engine.Stmt // of queries and of INSERT, UPDATE, DELETE, MERGE
	fast  string       // the text of a query that is tried before stmt; "" when there is none
	cols  []pgwire.Column
	run   func(ctx context.Context) (*answer, error) // of everything else
}

// An answer is what a statement that is not the engine's gives: a tag, perhaps rows of text.
type answer struct {
	tag  string
	rows [][]string
}

// Prepare parses and binds one statement. In a failed transaction only its end is accepted.
func (s *Session) Prepare(ctx context.Context, text string, oids []uint32) (*Statement, error) {
	trees, err := parse.Statements(text, dialect.Redshift)
	if err != nil {
		return nil, s.prepareFailed(err, text)
	}
	if len(trees) != 1 {
		return nil, failure("42601", "expected one statement, found %d", len(trees))
	}
	st := &Statement{s: s, text: text, tree: trees[0]}
	if err := s.allowed(st.tree); err != nil {
		return nil, err
	}
	if err := st.plan(ctx, oids); err != nil {
		return nil, s.prepareFailed(err, text)
	}
	return st, nil
}

func (s *Session) prepareFailed(err error, text string) error {
	s.lost()
	return s.fault(err, text)
}

// allowed refuses everything but the end of a failed transaction.
func (s *Session) allowed(tree syntax.Statement) error {
	if !s.failed {
		return nil
	}
	switch tree.(type) {
	case *syntax.Commit, *syntax.Rollback:
		return nil
	}
	return failure("25P02", "current transaction is aborted, commands ignored until end of transaction block")
}

// plan finds out how the statement runs.
func (st *Statement) plan(ctx context.Context, oids []uint32) error {
	switch st.tree.(type) {
	case *syntax.Query, *syntax.Insert, *syntax.Update, *syntax.Delete, *syntax.Merge:
		if q, ok := st.tree.(*syntax.Query); ok && into(q) {
			break
		}
		return st.planEngine(ctx, oids)
	}
	return st.planOwn(ctx)
}

// into says whether a query is SELECT ... INTO.
func into(q *syntax.Query) bool {
	sel, ok := q.Body.(*syntax.Select)
	return ok && len(sel.Into) > 0
}

func (st *Statement) planEngine(ctx context.Context, oids []uint32) error {
	st.s.fillFunctions(st.text, st.tree)
	var params []typed.Type
	for _, o := range oids {
		params = append(params, typeOf(o))
	}
	var err error
	if st.bound, err = st.s.bind(ctx, st.tree, st.text, params); err != nil {
		return err
	}
	if err := st.writable(); err != nil {
		return err
	}
	sql, err := print.DuckDB(st.bound.Statement, relationSQL)
	if err != nil {
		return err
	}
	if fast, ok := print.Narrow(st.bound.Statement, relationSQL); ok {
		st.fast = fast
	}
	st.s.interruptActive()
	if st.stmt, err = st.s.h.Conn.Prepare(ctx, sql); err != nil {
		return err
	}
	if _, ok := st.tree.(*syntax.Query); ok {
		st.cols = columnsOf(st.bound.Columns)
	}
	return nil
}

// target is the relation that a statement writes; nil for a query.
func target(s typed.Statement) *typed.Relation {
	switch s := s.(type) {
	case *typed.Insert:
		return &s.Target
	case *typed.Update:
		return &s.Target
	case *typed.Delete:
		return &s.Target
	case *typed.Merge:
		return &s.Target
	}
	return nil
}

// writable refuses to write a view or a system table.
func (st *Statement) writable() error {
	r := target(st.bound.Statement)
	if r == nil {
		return nil
	}
	p, ok := r.Handle.(*place)
	if !ok || p.table == nil {
		return failure("42501", "permission denied: \"%s\" is a system view", strings.Join(r.Name, "."))
	}
	if p.table.Kind != "r" {
		return failure("42809", "cannot change view \"%s\"", p.table.Name)
	}
	return nil
}

// Parameters are the types of the parameters.
func (st *Statement) Parameters() []uint32 {
	if st.bound == nil {
		return nil
	}
	out := make([]uint32, len(st.bound.Params))
	for i, t := range st.bound.Params {
		out[i] = paramOID(t)
	}
	return out
}

// ParamNames are the names of :name parameters.
func (st *Statement) ParamNames() []string {
	if st.bound == nil {
		return nil
	}
	return st.bound.ParamNames
}

// Columns describes the rows; nil when there are none.
func (st *Statement) Columns() []pgwire.Column { return st.cols }

// Types are the column types as Redshift has them, where a query was bound.
func (st *Statement) Types() []typed.Column {
	if st.bound == nil {
		return nil
	}
	return st.bound.Columns
}

// Tree is the statement as parsed.
func (st *Statement) Tree() syntax.Statement { return st.tree }

// Close frees the statement.
func (st *Statement) Close() {
	if st.stmt != nil {
		st.s.interruptActive()
		st.stmt.Close()
		st.stmt = nil
	}
}

// Bind gives the statement its parameters.
func (st *Statement) Bind(_ context.Context, args []pgwire.Arg) (*Portal, error) {
	values := make([]any, len(args))
	for i, a := range args {
		v, err := argValue(a, st.bound.Params[i])
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return &Portal{st: st, args: values}, nil
}

// timeout is the session's statement_timeout.
func (s *Session) timeout() time.Duration {
	d, err := time.ParseDuration(s.settings["statement_timeout"] + "ms")
	if err != nil || d < 0 {
		return 0
	}
	return d
}
