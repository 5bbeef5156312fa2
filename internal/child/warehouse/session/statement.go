package session

import (
	"context"
	"slices"
	"strings"
	"time"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/pgwire"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// A Statement is a prepared statement.
type Statement struct {
	s    *Session
	text string
	tree syntax.Statement
	run  func(ctx context.Context) (*answer, error) // of what is not the engine's
	cols []pgwire.Column

	// Of queries and of INSERT, UPDATE, DELETE, MERGE: the plan, and what it rests on.
	params []typed.Type
	bound  *bind.Bound
	fast   *engine.Stmt // of a query with a text that is tried before the whole one; nil when there is none
	whole  string       // the text that always answers, and
	stmt   *engine.Stmt // what is prepared of it; nil until it is needed
	basis  basis
	closed bool

	inner        *Statement // of EXECUTE: what it runs, with what
	given        []pgwire.Arg
	mark, writes int64 // what the plans were made after
}

// A basis is what the meaning of a statement depends on beside its text. A plan is good as long as it is the same.
type basis struct {
	catalog *store.Catalog
	path    string
	temps   int64
	moment  int64 // of a plan that holds values of the moment: never the same again
}

// basis is the session's now.
func (s *Session) basis(ctx context.Context) (basis, error) {
	cat, err := s.h.Catalog(ctx)
	return basis{catalog: cat, path: s.setting("search_path"), temps: s.h.TempChanges()}, err
}

// An answer is what a statement that is not the engine's gives: a tag, perhaps rows of text.
type answer struct {
	tag  string
	rows [][]string
}

// Prepare parses and binds one statement. In a failed transaction only its end is accepted.
func (s *Session) Prepare(ctx context.Context, text string, oids []uint32) (*Statement, error) {
	trees, err := parse.Statements(text, s.dialect())
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
		return st.planEngine(ctx, oids)
	}
	return st.planOwn(ctx)
}

func (st *Statement) planEngine(ctx context.Context, oids []uint32) error {
	for _, o := range oids {
		st.params = append(st.params, typeOf(o))
	}
	return st.bindPlan(ctx)
}

// fresh binds the statement again if its plan rests on what is no longer so. The parameters keep their types.
func (st *Statement) fresh(ctx context.Context) error {
	if st.run != nil {
		return nil
	}
	if st.closed {
		return failure("26000", "the prepared statement does not exist any more")
	}
	now, err := st.s.basis(ctx)
	if err != nil {
		return err
	}
	if now == st.basis {
		if !st.outdated() {
			return nil
		}
		st.s.interruptActive()
		return st.prepare(ctx, st.bound, st.whole)
	}
	if err := st.reparse(); err != nil {
		return err
	}
	st.params = st.bound.Params
	return st.bindPlan(ctx)
}

// bindPlan makes the plan. Where it fails while the catalog changes, it is made again when nothing changes.
func (st *Statement) bindPlan(ctx context.Context) error {
	st.s.interruptActive()
	mark := st.s.db.Mark()
	err := st.replan(ctx)
	if tx := st.s.h.Tx(); err == nil || tx != nil && tx.Begun() {
		return err
	}
	if more, _ := st.s.db.Since(mark, nil); !more {
		return err
	}
	return st.s.db.Steady(func() error { return st.replan(ctx) })
}

// reparse reads the text as the session's settings have it now.
func (st *Statement) reparse() error {
	trees, err := parse.Statements(st.text, st.s.dialect())
	if err != nil {
		return err
	}
	st.tree = trees[0]
	return nil
}

func (st *Statement) replan(ctx context.Context) error {
	rests, err := st.s.basis(ctx)
	if err != nil {
		return err
	}
	b, momentary, err := st.s.bind(ctx, rests.catalog, st.tree, st.text, st.params)
	if err != nil {
		return err
	}
	if err := writable(b); err != nil {
		return err
	}
	sql, err := print.DuckDB(b.Statement, relationSQL)
	if err != nil {
		return err
	}
	if momentary {
		rests.moment = 1
	}
	if err := st.prepare(ctx, b, sql); err != nil {
		return err
	}
	st.bound, st.basis = b, rests
	if _, ok := st.tree.(*syntax.Query); ok {
		st.cols = columnsOf(b.Columns)
	}
	return nil
}

// prepare plans the text that will run first. Inside of a transaction that is the whole one: see Portal.rowsOf. The engine plans by what it
// knows at that moment of the values in the tables (of no NULL, of none longer than a letter, of how many), and does not look again when
// the plan runs.
func (st *Statement) prepare(ctx context.Context, b *bind.Bound, whole string) (err error) {
	var fast, stmt *engine.Stmt
	mark, writes := st.s.db.Mark(), st.s.h.Writes()
	if text, ok := print.Narrow(b.Statement, relationSQL); ok && st.s.h.Tx() == nil && !st.s.explicit {
		fast, err = st.s.h.Conn.Prepare(ctx, text)
	}
	if fast == nil {
		stmt, err = st.s.h.Conn.Prepare(ctx, whole)
	}
	if err != nil {
		return err
	}
	st.closePlans()
	st.fast, st.whole, st.stmt, st.mark, st.writes = fast, whole, stmt, mark, writes
	return nil
}

// complete gives the plan of the whole text. If it is made only now, it is younger than the mark.
func (st *Statement) complete(ctx context.Context) (_ *engine.Stmt, err error) {
	if st.stmt == nil {
		st.stmt, err = st.s.h.Conn.Prepare(ctx, st.whole)
	}
	return st.stmt, err
}

func (st *Statement) closePlans() {
	for _, s := range []*engine.Stmt{st.fast, st.stmt} {
		if s != nil {
			s.Close()
		}
	}
	st.fast, st.stmt = nil, nil
}

// outdated reports whether rows may have been written, by this session or another, that the engine's plan does not know.
func (st *Statement) outdated() bool {
	if _, insert := st.tree.(*syntax.Insert); insert && !strings.Contains(st.whole, "SELECT") {
		return false // it reads nothing
	}
	return st.writes != st.s.h.Writes() || st.changedSince(st.mark)
}

// changedSince reports whether a commit after the mark may have changed what the statement reads. What lies under a view is not looked up.
func (st *Statement) changedSince(mark int64) bool {
	all := reads(st.bound)
	more, ours := st.s.db.Since(mark, all)
	view := slices.ContainsFunc(all, func(t *store.Table) bool { return t.Kind != store.KindTable })
	return ours || more && (view || momentaryIn(st.bound))
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
func writable(b *bind.Bound) error {
	r := target(b.Statement)
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
	if st.bound != nil {
		st.s.interruptActive()
		st.closePlans()
	}
	st.closed = true
}

// Bind returns an execution of the statement with these parameters. Columns may be others afterwards:
// the plan is made again where it is out of date.
func (st *Statement) Bind(ctx context.Context, args []pgwire.Arg) (*Portal, error) {
	if st.inner != nil {
		p, err := st.inner.Bind(ctx, st.given)
		st.cols = st.inner.cols
		return p, err
	}
	if !st.s.failed {
		if err := st.fresh(ctx); err != nil {
			return nil, st.s.prepareFailed(err, st.text)
		}
	}
	values := make([]any, len(args))
	for i, a := range args {
		v, err := argValue(a, st.bound.Params[i])
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return &Portal{st: st, args: values, cols: st.cols}, nil
}

// timeout is the session's statement_timeout.
func (s *Session) timeout() time.Duration {
	d, err := time.ParseDuration(s.settings["statement_timeout"] + "ms")
	if err != nil || d < 0 {
		return 0
	}
	return d
}
