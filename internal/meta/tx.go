package meta

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
)

// A Tx is what a closure of View or Update works on. It belongs to that closure and its goroutine.
type Tx struct {
	q        querier
	readOnly bool
	epoch    int64
	batch    int64
	calls    *calls
	changes  []Change
	after    []func()
	notify   []string
}

// querier is a transaction of either kind.
type querier interface {
	exec(query string, args []any) (sql.Result, error)
	query(query string, args []any) (*sql.Rows, error)
	queryRow(query string, args []any) *sql.Row
}

// Exec runs a statement. Its text is prepared once and kept, so values belong in args and never in the text.
func (t *Tx) Exec(query string, args ...any) (sql.Result, error) { return t.q.exec(query, args) }

// Query runs a query; the caller closes the rows before the closure returns.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) { return t.q.query(query, args) }

// QueryRow runs a query for one row.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row { return t.q.queryRow(query, args) }

// Epoch is Store.Epoch.
func (t *Tx) Epoch() int64 { return t.epoch }

// Batch numbers the writer's transactions since the store was opened: closures that share a commit have the same number. It is 0 in a View.
func (t *Tx) Batch() int64 { return t.batch }

// AfterCommit runs fn once the closure's effects are durable and before Update returns; never if they are not. fn must be short and
// must not use the store.
func (t *Tx) AfterCommit(fn func()) { t.after = append(t.after, fn) }

// A Change is what a transaction does to something that is kept in memory beside the database (see package hot). The writer calls Hold
// when the closures of its batch have run, before COMMIT, and Done after it and before any caller of the batch is answered. Neither may
// use the store. What is undone is not called.
type Change struct {
	Hold func()
	Done func(committed bool)
}

// Change announces a change.
func (t *Tx) Change(c Change) { t.changes = append(t.changes, c) }

// Notify wakes the watchers of a topic once the closure's effects are durable.
func (t *Tx) Notify(topic string) { t.notify = append(t.notify, topic) }

var errReadOnly = errors.New("Exec inside a View")

type readTx struct{ r *reader }

func (r readTx) exec(string, []any) (sql.Result, error)            { return nil, errReadOnly }
func (r readTx) query(query string, args []any) (*sql.Rows, error) { return r.r.query(query, args) }
func (r readTx) queryRow(query string, args []any) *sql.Row        { return r.r.queryRow(query, args) }

// writeTx runs on the writer's connection.
type writeTx struct{ w *link }

// errEnded is answered to every statement of a transaction that SQLite has rolled back by itself: it would be one of its own, and be
// committed although its closure fails.
var errEnded = errors.New("the transaction was rolled back by an earlier error")

func (t writeTx) exec(query string, args []any) (sql.Result, error) {
	if t.w.ended {
		return nil, errEnded
	}
	st, err := t.w.prepared(query)
	if err != nil {
		return nil, err
	}
	return st.Exec(args...)
}

func (t writeTx) query(query string, args []any) (*sql.Rows, error) {
	if t.w.ended {
		return nil, errEnded
	}
	return t.w.query(query, args)
}

func (t writeTx) queryRow(query string, args []any) *sql.Row {
	if t.w.ended {
		return failedRow(errEnded)
	}
	return t.w.queryRow(query, args)
}

// failedRow is a row whose Scan returns err.
func failedRow(err error) *sql.Row {
	db := sql.OpenDB(noDatabase{err})
	defer db.Close()
	return db.QueryRow("")
}

// noDatabase is a driver.Connector that never connects.
type noDatabase struct{ err error }

func (n noDatabase) Connect(context.Context) (driver.Conn, error) { return nil, n.err }
func (n noDatabase) Driver() driver.Driver                        { return nil }

func noTransaction(err error) bool { return strings.Contains(err.Error(), "no transaction is active") }
