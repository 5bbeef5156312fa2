package meta

import (
	"context"
	"database/sql"
	"fmt"

	"modernc.org/sqlite"
)

// A link is a connection with the statements that were prepared on it. What it does has no deadline: a statement cut off in the middle of
// a batch would harm the neighbours, and for a context that can end database/sql starts a goroutine with each statement.
type link struct {
	stmts   map[string]*sql.Stmt
	ended   bool // the writer's: its transaction has been rolled back, and nothing may be asked until the next one begins
	run     func(query string, args []any) (sql.Result, error)
	query   func(query string, args []any) (*sql.Rows, error) // not prepared: its rows may be open while the same text is asked again
	row     func(query string, args []any) *sql.Row
	prepare func(query string) (*sql.Stmt, error)
}

func newLink(ctx context.Context, conn *sql.Conn) *link {
	return &link{
		stmts:   map[string]*sql.Stmt{},
		run:     func(q string, args []any) (sql.Result, error) { return conn.ExecContext(ctx, q, args...) },
		query:   func(q string, args []any) (*sql.Rows, error) { return conn.QueryContext(ctx, q, args...) },
		row:     func(q string, args []any) *sql.Row { return conn.QueryRowContext(ctx, q, args...) },
		prepare: func(q string) (*sql.Stmt, error) { return conn.PrepareContext(ctx, q) },
	}
}

// maxStatements bounds the prepared statements; texts are constants of the program, so it is never reached but by a mistake.
const maxStatements = 500

func (l *link) exec(query string) error {
	_, err := l.run(query, nil)
	return err
}

// control runs a statement without values and rows, one that is prepared.
func (l *link) control(query string) error {
	st, err := l.prepared(query)
	if err == nil {
		_, err = st.Exec()
	}
	return err
}

// savepoint does what it says unless a closure is alone in its transaction.
func (l *link) savepoint(alone bool, statement string) error {
	if alone {
		return nil
	}
	return l.control(statement)
}

// queryRow reuses the statement: a Row is scanned before anything else happens.
func (l *link) queryRow(query string, args []any) *sql.Row {
	st, err := l.prepared(query)
	if err != nil {
		return l.row(query, args) // which carries the error to Scan
	}
	return st.QueryRow(args...)
}

// watchEnds lets the writer's link know that a transaction has been rolled back, by whatever. SQLite does that by itself when a statement
// finds the disk full or broken, or has a conflict with the clause ROLLBACK; nothing but its hook tells.
func (l *link) watchEnds(conn *sql.Conn) error {
	return conn.Raw(func(c any) error {
		hooks, ok := c.(sqlite.HookRegisterer)
		if !ok {
			return fmt.Errorf("%T has no hooks", c)
		}
		hooks.RegisterRollbackHook(func() { l.ended = true })
		return nil
	})
}

// rollback ends a transaction that may have ended already.
func (l *link) rollback() error {
	if err := l.control("ROLLBACK"); err != nil && !noTransaction(err) {
		return fmt.Errorf("rollback: %w", err)
	}
	return nil
}

// prepared returns the statement for a text, made on first use.
func (l *link) prepared(query string) (*sql.Stmt, error) {
	if st := l.stmts[query]; st != nil {
		return st, nil
	}
	st, err := l.prepare(query)
	if err != nil {
		return nil, err
	}
	if len(l.stmts) >= maxStatements {
		l.close()
	}
	l.stmts[query] = st
	return st, nil
}

func (l *link) close() {
	for _, st := range l.stmts {
		st.Close()
	}
	clear(l.stmts)
}
