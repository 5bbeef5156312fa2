package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// maxBatch is how many closures may share one commit.
const maxBatch = 512

// An update is one closure on its way through the writer.
type update struct {
	expired func() error // the caller's ctx.Err
	fn      func(*Tx) error
	done    chan result

	err      error
	panics   any
	tx       *Tx
	answered bool // only in a build with brokenAck
}

type result struct {
	err    error
	panics any
}

func (r result) result() error {
	if r.panics != nil {
		panic(r.panics)
	}
	return r.err
}

// Update runs fn in the writer's transaction and returns once the effects are durable, or fn's error with no effect. fn may run after
// ctx has ended only if it had begun before; then the caller still gets its result. Inside a call of Once the effects are durable with the call's.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	if c := s.callOf(ctx); c != nil {
		return c.update(ctx, fn)
	}
	if err := s.usable(goroutine(), "Update"); err != nil {
		return err
	}
	u := newUpdate(ctx, fn)
	if err := s.enqueue(ctx, u); err != nil {
		return err
	}
	return s.await(u)
}

func newUpdate(ctx context.Context, fn func(*Tx) error) *update {
	return &update{expired: ctx.Err, fn: fn, done: make(chan result, 1)}
}

// enqueue hands an update to the writer.
func (s *Store) enqueue(ctx context.Context, u *update) error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	select {
	case s.queue <- u:
		return nil
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits for the end of an update that was enqueued.
func (s *Store) await(u *update) error {
	select {
	case r := <-u.done:
		return r.result()
	case <-s.stopped:
		return lastWord(u)
	}
}

// lastWord is the answer to an update that the writer may have missed when it stopped.
func lastWord(u *update) error {
	select {
	case r := <-u.done:
		return r.result()
	default:
		return ErrClosed
	}
}

// writeLoop is the one goroutine that writes.
func (s *Store) writeLoop(ctx context.Context, conn *sql.Conn) {
	defer close(s.stopped)
	defer conn.Close()
	w := newWriteConn(ctx, conn)
	defer w.close()
	for {
		select {
		case u := <-s.queue:
			s.commit(w, s.gather(u))
		case <-s.closing:
			for batch := s.gather(); len(batch) > 0; batch = s.gather() {
				s.commit(w, batch)
			}
			return
		}
	}
}

// gather adds to first whatever waits already.
func (s *Store) gather(first ...*update) []*update {
	batch := first
	for len(batch) < maxBatch {
		select {
		case u := <-s.queue:
			batch = append(batch, u)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch in one transaction and answers each update.
func (s *Store) commit(w *writeConn, batch []*update) {
	err := s.fatal.get()
	if err == nil {
		err = s.transact(w, batch)
	}
	for _, u := range batch {
		if u.answered {
			continue
		}
		if u.err == nil && u.panics == nil {
			u.err = err
		}
		if u.err == nil && u.panics == nil {
			s.after(u.tx)
		}
		u.done <- result{u.err, u.panics}
	}
}

// transact returns an error if nothing of the batch is durable. A failed COMMIT ends the store's life: what the disk holds is unknown
// until the log is read anew.
func (s *Store) transact(w *writeConn, batch []*update) error {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin update: %w", err)
	}
	leave := s.inside.enter(goroutine())
	worked, err := s.runAll(w, batch)
	leave()
	if err != nil || !worked {
		return errors.Join(err, w.rollback())
	}
	if brokenAck {
		s.answerEarly(batch)
	}
	if err := s.end(w); err != nil {
		err = errors.Join(fmt.Errorf("commit: %w", err), w.rollback())
		s.fatal.set(err)
		s.log.Error("the metadata store has failed and answers errors until it is reopened", "err", err)
		return err
	}
	return nil
}

// end commits.
func (s *Store) end(w *writeConn) error {
	if s.beforeCommit != nil {
		if err := s.beforeCommit(); err != nil {
			return err
		}
	}
	return w.exec("COMMIT")
}

// answerEarly is what a build with brokenAck does wrong.
func (s *Store) answerEarly(batch []*update) {
	for _, u := range batch {
		u.answered = true
		u.done <- result{u.err, u.panics}
	}
	<-s.clock.After(5 * time.Millisecond)
}

// runAll runs each closure in its savepoint; worked says whether any succeeded. An error means that SQLite gave up the whole
// transaction (as it does when the disk is full).
func (s *Store) runAll(w *writeConn, batch []*update) (worked bool, err error) {
	for _, u := range batch {
		if u.err = u.expired(); u.err != nil {
			continue
		}
		if err := w.exec("SAVEPOINT closure"); err != nil {
			return false, fmt.Errorf("savepoint: %w", err)
		}
		u.tx = &Tx{q: writeTx{w}, epoch: s.epoch, calls: &s.calls}
		u.run()
		end := "RELEASE closure"
		if u.err != nil || u.panics != nil {
			end = "ROLLBACK TO closure; RELEASE closure"
		} else {
			worked = true
		}
		if err := w.exec(end); err != nil {
			return false, fmt.Errorf("update rolled back with its batch: %w", errors.Join(u.err, err))
		}
	}
	return worked, nil
}

func (u *update) run() {
	defer func() {
		if p := recover(); p != nil {
			u.panics = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
	}()
	u.err = u.fn(u.tx)
}

// after delivers what waits for the commit of a closure.
func (s *Store) after(tx *Tx) {
	for _, fn := range tx.after {
		fn()
	}
	s.topics.fire(tx.notify)
}

// writeConn is the writer's connection with its prepared statements. What it does has no deadline: a statement cut off in the middle of
// a batch would harm the neighbours.
type writeConn struct {
	stmts   map[string]*sql.Stmt
	run     func(query string, args []any) (sql.Result, error)
	query   func(query string, args []any) (*sql.Rows, error)
	row     func(query string, args []any) *sql.Row
	prepare func(query string) (*sql.Stmt, error)
}

func newWriteConn(ctx context.Context, conn *sql.Conn) *writeConn {
	return &writeConn{
		stmts:   map[string]*sql.Stmt{},
		run:     func(q string, args []any) (sql.Result, error) { return conn.ExecContext(ctx, q, args...) },
		query:   func(q string, args []any) (*sql.Rows, error) { return conn.QueryContext(ctx, q, args...) },
		row:     func(q string, args []any) *sql.Row { return conn.QueryRowContext(ctx, q, args...) },
		prepare: func(q string) (*sql.Stmt, error) { return conn.PrepareContext(ctx, q) },
	}
}

// maxStatements bounds the prepared statements; texts are constants of the program, so it is never reached but by a mistake.
const maxStatements = 500

func (w *writeConn) exec(query string) error {
	_, err := w.run(query, nil)
	return err
}

// rollback ends a transaction that may have ended already.
func (w *writeConn) rollback() error {
	if err := w.exec("ROLLBACK"); err != nil && !noTransaction(err) {
		return fmt.Errorf("rollback: %w", err)
	}
	return nil
}

// prepared returns the statement for a text, made on first use.
func (w *writeConn) prepared(query string) (*sql.Stmt, error) {
	if st := w.stmts[query]; st != nil {
		return st, nil
	}
	st, err := w.prepare(query)
	if err != nil {
		return nil, err
	}
	if len(w.stmts) >= maxStatements {
		w.close()
	}
	w.stmts[query] = st
	return st, nil
}

func (w *writeConn) close() {
	for _, st := range w.stmts {
		st.Close()
	}
	clear(w.stmts)
}
