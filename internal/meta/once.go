package meta

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// callSchema is the answers of calls that carry a token; docs/design/0003-tokens.md says why it is here.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var callSchema = Schema{Name: "call", Migrations: []string{`
CREATE TABLE call_answer (token TEXT NOT NULL, service TEXT NOT NULL, op TEXT NOT NULL, request BLOB NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY (token, service, op)) WITHOUT ROWID;
`}}

// A Call names a call for ever. Who makes it chooses the token, "OWNER#NUMBER", and forgets it once the answer is in its own record.
type Call struct {
	Token, Service, Op string
	Request            []byte // what is asked for, compared with what a repeat asks for; nil is not compared
}

// ErrOtherRequest is answered when a token comes again with another request.
var ErrOtherRequest = errors.New("the token was used for another request")

var errLoan = errors.New("the operation held the metadata store's writer for too long; nothing of it was kept")

// maxLoan bounds how long all other writers wait for one operation. What an operation does after its first Update is microseconds of
// work; longer means that it waits for somebody who waits for the writer.
const maxLoan = 10 * time.Second

type callKey struct{}

// Once runs do, whose Updates all become one transaction together with its answer: they and the answer are durable when Once returns,
// or nothing is. A call whose answer is there already is answered with that, and do does not run. What do asks of the store comes
// through the context it is given, and from its own goroutine; see After for what must wait until the changes are durable.
func (s *Store) Once(ctx context.Context, k Call, do func(context.Context) ([]byte, error)) (answer []byte, repeated bool, err error) {
	leave, err := s.calls.enter(ctx, k)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	sum := k.sum()
	if answer, err = s.answered(ctx, k, sum); answer != nil || err != nil {
		return answer, true, err
	}
	c := &call{s: s, goroutine: goroutine(), granted: make(chan *Tx), returned: make(chan error), ended: make(chan error, 1)}
	defer c.giveBack(errors.New("the operation has panicked")) // unless it has ended in order
	inner := context.WithValue(ctx, callKey{}, c)
	if answer, err = do(inner); err == nil {
		err = c.update(inner, func(tx *Tx) error { return tx.keepAnswer(k, sum, answer, s.clock.Now()) })
	}
	if err = c.giveBack(err); err != nil {
		return nil, false, err
	}
	for _, fn := range c.after {
		err = errors.Join(err, fn(ctx))
	}
	return answer, false, err
}

func (k Call) sum() []byte {
	if k.Request == nil {
		return []byte{}
	}
	sum := sha256.Sum256(k.Request)
	return sum[:]
}

// answered looks for the answer of an earlier call.
func (s *Store) answered(ctx context.Context, k Call, sum []byte) (answer []byte, err error) {
	var request []byte
	err = s.View(ctx, func(tx *Tx) error {
		return tx.QueryRow("SELECT request, answer FROM call_answer WHERE token = ? AND service = ? AND op = ?", k.Token, k.Service, k.Op).Scan(&request, &answer)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err == nil && len(request) > 0 && len(sum) > 0 && !bytes.Equal(request, sum):
		err = fmt.Errorf("%s.%s: %w", k.Service, k.Op, ErrOtherRequest)
	}
	return answer, err
}

func (t *Tx) keepAnswer(k Call, sum, answer []byte, now time.Time) error {
	_, err := t.Exec("INSERT INTO call_answer (token, service, op, request, answer, at) VALUES (?, ?, ?, ?, ?, ?)", k.Token, k.Service, k.Op, sum, string(answer), now.UnixMilli())
	return err
}

// ForgetCall drops the answers of a token: its owner has recorded what came of the call and will not repeat it.
func (t *Tx) ForgetCall(token string) error {
	_, err := t.Exec("DELETE FROM call_answer WHERE token = ?", token)
	return err
}

// ForgetCalls drops the answers of all tokens of an owner.
func (t *Tx) ForgetCalls(owner string) error {
	_, err := t.Exec("DELETE FROM call_answer WHERE token > ? AND token < ?", owner+"#", owner+"$") // $ follows #
	return err
}

// KeepCalls drops the answers of those owners that begin with kind and are not among the ones that a query gives, a constant of the program.
func (t *Tx) KeepCalls(kind, owners string) error {
	_, err := t.Exec("DELETE FROM call_answer WHERE substr(token, 1, length(?1)) = ?1 AND substr(token, 1, instr(token, '#') - 1) NOT IN ("+owners+")", kind)
	return err
}

// After runs fn once the changes made under ctx are durable: at once, or inside a call of Once when its transaction has been committed.
// There fn may wait and use the store, which the rest of an operation must not do after its first Update.
func After(ctx context.Context, fn func(context.Context) error) error {
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil || !c.mine() {
		return fn(ctx)
	}
	c.after = append(c.after, fn)
	return nil
}

// OnUndo runs fn if a change that an Update under ctx has made is taken back after all, because the call's transaction failed.
func OnUndo(ctx context.Context, fn func()) {
	if c, _ := ctx.Value(callKey{}).(*call); c != nil && c.mine() {
		c.undo = append(c.undo, fn)
	}
}

// A call is an operation under Once. At its first Update it borrows the writer's transaction, and gives it back at its end.
type call struct {
	s         *Store
	goroutine string
	granted   chan *Tx
	returned  chan error
	ended     chan error

	mu   sync.Mutex
	tx   *Tx  // while the loan lasts
	lost bool // the loan lasted too long

	// These only the operation's own goroutine touches.
	over  bool
	after []func(context.Context) error
	undo  []func()
}

// mine says whether the goroutine that runs the operation asks, and the operation has not ended. What the operation has started beside
// itself uses the store as everybody does, and so waits until the call's changes are durable.
func (c *call) mine() bool { return goroutine() == c.goroutine && !c.over }

// callOf is the call that a View or Update belongs to, or nil.
func (s *Store) callOf(ctx context.Context) *call {
	if c, _ := ctx.Value(callKey{}).(*call); c != nil && c.s == s && c.mine() {
		return c
	}
	return nil
}

// update runs fn in the borrowed transaction, in a savepoint of its own.
func (c *call) update(ctx context.Context, fn func(*Tx) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.borrow(ctx); err != nil {
		return err
	}
	step := &Tx{q: c.tx.q, epoch: c.tx.epoch}
	if _, err := c.tx.Exec("SAVEPOINT step"); err != nil {
		return err
	}
	if err := c.inside(fn, step); err != nil {
		_, undone := c.tx.Exec("ROLLBACK TO step")
		_, released := c.tx.Exec("RELEASE step")
		return errors.Join(err, undone, released)
	}
	c.tx.after, c.tx.notify = append(c.tx.after, step.after...), append(c.tx.notify, step.notify...)
	_, err := c.tx.Exec("RELEASE step")
	return err
}

func (c *call) inside(fn func(*Tx) error, tx *Tx) error {
	defer c.s.inside.enter()()
	return fn(tx)
}

// view runs fn on the borrowed transaction, which shows what the call has changed; ok is false when nothing is borrowed.
func (c *call) view(fn func(*Tx) error) (ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tx == nil {
		return false, nil
	}
	return true, c.inside(fn, &Tx{q: lentRead{c.tx.q}, readOnly: true, epoch: c.tx.epoch})
}

type lentRead struct{ querier }

func (lentRead) exec(string, []any) (sql.Result, error) { return nil, errReadOnly }

// borrow waits for the writer, which then waits for the call's end.
func (c *call) borrow(ctx context.Context) error {
	switch {
	case c.lost:
		return errLoan
	case c.tx != nil:
		return nil
	}
	go func() { c.ended <- c.s.queued(ctx, c.lend) }()
	select {
	case c.tx = <-c.granted:
		return nil
	case err := <-c.ended:
		return err
	}
}

// lend is the closure that the writer runs: it hands its transaction to the operation and waits.
func (c *call) lend(tx *Tx) error {
	c.granted <- tx
	select {
	case err := <-c.returned:
		return err
	case <-c.s.clock.After(maxLoan):
	}
	c.mu.Lock() // after the statement that runs
	defer c.mu.Unlock()
	c.tx, c.lost = nil, true
	return errLoan
}

// giveBack ends the call: with err what it changed is undone. It returns what became of the transaction; a second one does nothing.
func (c *call) giveBack(err error) error {
	if c.over {
		return err
	}
	c.over = true
	c.mu.Lock()
	lent := c.tx != nil
	if c.lost {
		err = errors.Join(err, errLoan)
	}
	c.mu.Unlock()
	if lent {
		select {
		case c.returned <- err:
			err = <-c.ended
		case took := <-c.ended:
			err = errors.Join(err, took)
		}
	}
	if err != nil {
		for _, fn := range c.undo {
			fn()
		}
	}
	return err
}

// calls lets one of several equal calls in at a time.
type calls struct {
	mu sync.Mutex
	m  map[string]chan struct{}
}

func (c *calls) enter(ctx context.Context, k Call) (leave func(), err error) {
	name := k.Token + "\x00" + k.Service + "\x00" + k.Op
	for {
		c.mu.Lock()
		busy := c.m[name]
		if busy == nil {
			if c.m == nil {
				c.m = map[string]chan struct{}{}
			}
			mine := make(chan struct{})
			c.m[name] = mine
			c.mu.Unlock()
			return func() { c.mu.Lock(); delete(c.m, name); c.mu.Unlock(); close(mine) }, nil
		}
		c.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
