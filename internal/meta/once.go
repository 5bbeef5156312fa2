package meta

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// callSchema is the answers of calls that carry a token; docs/design/0003-tokens.md says why it is here.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var callSchema = Schema{Name: "call", Migrations: []string{`
CREATE TABLE call_answer (token TEXT NOT NULL, service TEXT NOT NULL, op TEXT NOT NULL, request BLOB NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY (token, service, op)) WITHOUT ROWID;
`, `
CREATE TABLE call_answer_2 (token TEXT NOT NULL, region TEXT NOT NULL DEFAULT 'us-east-1', service TEXT NOT NULL, op TEXT NOT NULL, request BLOB NOT NULL,
	answer TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (token, region, service, op)) WITHOUT ROWID;
INSERT INTO call_answer_2 (token, service, op, request, answer, at) SELECT token, service, op, request, answer, at FROM call_answer;
-- the default is the only region that there was; steps of other schemas, which may come after this one, add answers without a region
DROP TABLE call_answer;
ALTER TABLE call_answer_2 RENAME TO call_answer;
`}}

// A Call names a call for ever. Who makes it chooses the token, "OWNER#NUMBER", and forgets it once the answer is in its own record.
type Call struct {
	Token, Region, Service, Op string
	Request                    []byte // what is asked for, compared with what a repeat asks for; nil is not compared
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
	c := &call{s: s, goroutine: goroutine(), granted: make(chan *Tx), returned: make(chan error)}
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
	if !s.calls.known(k.Token) {
		return nil, nil
	}
	var request []byte
	err = s.View(ctx, func(tx *Tx) error {
		return tx.QueryRow("SELECT request, answer FROM call_answer WHERE token = ? AND region = ? AND service = ? AND op = ?",
			k.Token, k.Region, k.Service, k.Op).Scan(&request, &answer)
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
	_, err := t.Exec("INSERT INTO call_answer (token, region, service, op, request, answer, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		k.Token, k.Region, k.Service, k.Op, sum, string(answer), now.UnixMilli())
	t.AfterCommit(func() { t.calls.learn(k.Token) })
	return err
}

// ForgetCall drops the answers of a token: its owner has recorded what came of the call and will not repeat it.
func (t *Tx) ForgetCall(token string) error {
	if !t.calls.known(token) {
		return nil
	}
	t.AfterCommit(func() { t.calls.forget(token) })
	_, err := t.Exec("DELETE FROM call_answer WHERE token = ?", token)
	return err
}

// ForgetCalls drops the answers of all tokens of an owner.
func (t *Tx) ForgetCalls(owner string) error {
	t.AfterCommit(func() { t.calls.forgetOwner(owner + "#") })
	_, err := t.Exec("DELETE FROM call_answer WHERE token > ? AND token < ?", owner+"#", owner+"$") // $ follows #
	return err
}

// KeepCalls drops the answers of those owners that begin with kind and are not among the ones
// that a query gives, a constant of the program.
func (t *Tx) KeepCalls(kind, owners string) error {
	rows, err := t.Query("DELETE FROM call_answer WHERE substr(token, 1, length(?1)) = ?1 AND substr(token, 1, "+
		"instr(token, '#') - 1) NOT IN ("+owners+") RETURNING token", kind)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var token string
		if err := rows.Scan(&token); err != nil {
			return err
		}
		t.AfterCommit(func() { t.calls.forget(token) })
	}
	return rows.Err()
}

// After runs fn once the changes made under ctx are durable: at once, or inside a call of Once when its transaction has been committed.
// There fn may wait and use the store, which the rest of an operation must not do after its first Update.
func After(ctx context.Context, fn func(context.Context) error) error {
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil || !c.open() {
		return fn(ctx)
	}
	c.after = append(c.after, fn)
	return nil
}

// OnUndo runs fn if a change that an Update under ctx has made is taken back after all, because the call's transaction failed.
func OnUndo(ctx context.Context, fn func()) {
	if c, _ := ctx.Value(callKey{}).(*call); c != nil && c.open() {
		c.undo = append(c.undo, fn)
	}
}

// A call is an operation under Once. At its first Update it borrows the writer's transaction, and gives it back at its end.
type call struct {
	s         *Store
	goroutine string // that runs the operation
	granted   chan *Tx
	returned  chan error
	over      atomic.Bool

	mu     sync.Mutex
	u      *update     // the loan, on its way through the writer
	tx     *Tx         // while the loan lasts
	lost   bool        // the loan lasted too long
	inside atomic.Bool // a closure runs

	// These only the operation's own goroutine touches.
	after []func(context.Context) error
	undo  []func()
}

// open says whether the operation has not ended. What it starts beside itself must not use its context: that would be part of the call
// if it came early enough, and believed to be durable (tests panic on it).
func (c *call) open() bool {
	if c.over.Load() {
		return false
	}
	if testing.Testing() && c.goroutine != goroutine() {
		panic("meta: an operation uses the context of its call on another goroutine before it has ended: After is for that")
	}
	return true
}

// callOf is the call that a View or Update belongs to, or nil.
func (s *Store) callOf(ctx context.Context) *call {
	if c, _ := ctx.Value(callKey{}).(*call); c != nil && c.s == s && c.open() {
		return c
	}
	return nil
}

// update runs fn in the borrowed transaction, in a savepoint of its own.
func (c *call) update(ctx context.Context, fn func(*Tx) error) error {
	if err := c.enter("Update"); err != nil {
		return err
	}
	defer c.mu.Unlock()
	if err := c.borrow(ctx); err != nil {
		return err
	}
	step := &Tx{q: c.tx.q, epoch: c.tx.epoch, batch: c.tx.batch, calls: c.tx.calls}
	if _, err := c.tx.Exec("SAVEPOINT step"); err != nil {
		return err
	}
	if err := c.run(fn, step); err != nil {
		_, undone := c.tx.Exec("ROLLBACK TO step")
		return errors.Join(err, undone, c.release())
	}
	c.tx.changes = append(c.tx.changes, step.changes...)
	c.tx.after, c.tx.notify = append(c.tx.after, step.after...), append(c.tx.notify, step.notify...)
	return c.release()
}

func (c *call) release() error {
	_, err := c.tx.Exec("RELEASE step")
	return err
}

func (c *call) run(fn func(*Tx) error, tx *Tx) error {
	c.inside.Store(true)
	defer c.inside.Store(false)
	defer c.s.inside.enter(c.goroutine)()
	return fn(tx)
}

// view runs fn on the borrowed transaction, which shows what the call has changed; ok is false when nothing is borrowed.
func (c *call) view(fn func(*Tx) error) (ok bool, err error) {
	if err := c.enter("View"); err != nil {
		return true, err
	}
	defer c.mu.Unlock()
	if c.tx == nil {
		return false, nil
	}
	return true, c.run(fn, &Tx{q: lentRead{c.tx.q}, readOnly: true, epoch: c.tx.epoch})
}

// enter locks the call, unless it is inside a closure already.
func (c *call) enter(what string) error {
	if c.mu.TryLock() {
		return nil
	}
	if c.inside.Load() {
		return nested(what)
	}
	c.mu.Lock() // the loan is being taken back
	return nil
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
	c.u = newUpdate(ctx, c.lend)
	if err := c.s.enqueue(ctx, c.u); err != nil {
		return err
	}
	select {
	case c.tx = <-c.granted:
		return nil
	case r := <-c.u.done: // it has not come to its turn
		return r.result()
	case <-c.s.stopped:
		return lastWord(c.u)
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
	if !c.over.CompareAndSwap(false, true) {
		return err
	}
	c.mu.Lock()
	lent := c.tx != nil
	if c.lost {
		err = errors.Join(err, errLoan)
	}
	c.mu.Unlock()
	if lent {
		select {
		case c.returned <- err:
			err = c.s.await(c.u)
		case r := <-c.u.done: // it was taken back just now
			err = errors.Join(err, r.result())
		}
	}
	if err != nil {
		for _, fn := range c.undo {
			fn()
		}
	}
	return err
}

// calls lets one of several equal calls in at a time, and knows the tokens that may have an answer: a new one need not be looked for.
type calls struct {
	mu     sync.Mutex
	m      map[string]chan struct{}
	tokens map[string]bool
}

// load reads the tokens that the last process has left.
func (c *calls) load(q querier) error {
	c.tokens = map[string]bool{}
	tokens, err := callTokens(q)
	for _, t := range tokens {
		c.tokens[t] = true
	}
	return err
}

func callTokens(q querier) (tokens []string, err error) {
	rows, err := q.query("SELECT DISTINCT token FROM call_answer", nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var token string
		if err := rows.Scan(&token); err != nil {
			return nil, err
		}
		tokens = append(tokens, token)
	}
	return tokens, rows.Err()
}

func (c *calls) known(token string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tokens[token]
}

func (c *calls) learn(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens[token] = true
}

func (c *calls) forget(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tokens, token)
}

func (c *calls) forgetOwner(prefix string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.tokens, func(token string, _ bool) bool { return strings.HasPrefix(token, prefix) })
}

func (c *calls) enter(ctx context.Context, k Call) (leave func(), err error) {
	name := k.Token + "\x00" + k.Region + "\x00" + k.Service + "\x00" + k.Op
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
