package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
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
// ctx has ended only if it had begun before; then the caller still gets its result. Inside a call of Once the effects are durable with
// the call's.
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
	w := newLink(ctx, conn)
	defer w.close()
	if err := w.watchEnds(conn); err != nil {
		s.fatal.set(fmt.Errorf("watch the writer's transactions: %w", err))
	}
	for {
		select {
		case u := <-s.queue:
			runtime.Gosched() // what could run now may enqueue too: one commit then serves it, and nobody waits for a clock
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
func (s *Store) commit(w *link, batch []*update) {
	err := s.fatal.get()
	if err == nil {
		err = s.transact(w, batch)
	}
	for _, u := range batch {
		if u.answered {
			continue
		}
		if u.worked() {
			u.err = err
		}
		if u.worked() {
			s.after(u.tx)
		}
		u.done <- result{u.err, u.panics}
	}
}

// transact returns an error if nothing of the batch is durable. A failed COMMIT ends the store's life: what the disk holds is unknown
// until the log is read anew.
func (s *Store) transact(w *link, batch []*update) error {
	s.batch++
	if err := w.control("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin update: %w", err)
	}
	w.ended = false
	leave := s.inside.enter(goroutine())
	worked, err := s.runAll(w, batch)
	leave()
	if err != nil || !worked {
		return errors.Join(err, w.rollback())
	}
	changes := changesOf(batch)
	for _, c := range changes {
		c.Hold()
	}
	if brokenAck {
		s.answerEarly(batch)
	}
	if err = s.end(w); err != nil {
		err = s.failed(w, err)
	}
	for _, c := range changes {
		c.Done(err == nil)
	}
	return err
}

// failed says what a failed COMMIT means, and ends the store's life unless it is known that nothing was kept.
func (s *Store) failed(w *link, err error) error {
	if errors.Is(err, errEnded) { // SQLite gave it up in a closure that ran alone and took the error for its own
		return fmt.Errorf("update rolled back with its batch: %w", err)
	}
	// A COMMIT that fails may roll back too, but what of it has reached the log nobody knows.
	err = errors.Join(fmt.Errorf("commit: %w", err), w.rollback())
	s.fatal.set(err)
	s.log.Error("the metadata store has failed and answers errors until it is reopened", "err", err)
	return err
}

// changesOf are the changes of the closures that worked, in their order.
func changesOf(batch []*update) (out []Change) {
	for _, u := range batch {
		if u.worked() {
			out = append(out, u.tx.changes...)
		}
	}
	return out
}

// worked reports whether the update has effects so far.
func (u *update) worked() bool { return u.err == nil && u.panics == nil }

// end commits.
func (s *Store) end(w *link) error {
	if w.ended {
		return errEnded
	}
	if s.beforeCommit != nil {
		if err := s.beforeCommit(); err != nil {
			return err
		}
	}
	return w.control("COMMIT")
}

// answerEarly is what a build with brokenAck does wrong.
func (s *Store) answerEarly(batch []*update) {
	for _, u := range batch {
		u.answered = true
		u.done <- result{u.err, u.panics}
	}
	<-s.clock.After(5 * time.Millisecond)
}

// runAll runs each closure in a savepoint of its own, or alone in the transaction; worked says whether any succeeded. An error means that
// SQLite gave up the whole transaction (as it does when the disk is full).
func (s *Store) runAll(w *link, batch []*update) (worked bool, err error) {
	alone := len(batch) == 1
	for _, u := range batch {
		if u.err = u.expired(); u.err != nil {
			continue
		}
		if err := w.savepoint(alone, "SAVEPOINT closure"); err != nil {
			return false, fmt.Errorf("savepoint: %w", err)
		}
		u.tx = &Tx{q: writeTx{w}, epoch: s.epoch, batch: s.batch, calls: &s.calls}
		u.run()
		if u.err != nil || u.panics != nil {
			err = w.savepoint(alone, "ROLLBACK TO closure")
		} else {
			worked = true
		}
		if err = errors.Join(err, w.savepoint(alone, "RELEASE closure")); err != nil {
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
