package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"penstock/internal/clock"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// A Conn is a session of an Engine. It runs one statement at a time; Interrupt and Progress may be called from elsewhere meanwhile.
type Conn struct {
	c      duck.Connection
	mu     sync.Mutex // guards c against Close while Interrupt or Progress uses it
	closed bool
}

// Conn opens a session.
func (e *Engine) Conn(ctx context.Context) (*Conn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e.db.Ptr == nil {
		return nil, fmt.Errorf("connect: the engine is closed")
	}
	c := new(Conn)
	if duck.Connect(e.db, &c.c) == duck.StateError {
		return nil, fmt.Errorf("connect: DuckDB gives no connection")
	}
	return c, nil
}

// Close ends the session; its open transaction is rolled back.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		duck.Disconnect(&c.c)
	}
	return nil
}

// Interrupt stops the statement that runs now, if any; it then fails with kind "INTERRUPT".
func (c *Conn) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		duck.Interrupt(c.c)
	}
}

// Progress is how far the running statement is.
type Progress struct {
	Percent     float64 // -1 when unknown
	Rows, Total uint64
}

// Progress reports on the running statement. It needs SET enable_progress_bar=true, enable_progress_bar_print=false in the session
// (of an Unlocked engine), and stands still in sort phases.
func (c *Conn) Progress() Progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return Progress{Percent: -1}
	}
	q := duck.QueryProgress(c.c)
	pct, rows, total := duck.QueryProgressTypeMembers(&q)
	return Progress{Percent: pct, Rows: rows, Total: total}
}

const interruptEvery = 5 * time.Millisecond

// watch interrupts the connection from the moment ctx ends until the returned function is called. One Interrupt is not enough:
// DuckDB forgets one that comes before the statement has begun.
func (c *Conn) watch(ctx context.Context) (done func()) {
	var over atomic.Bool
	finished := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(finished)
		for !over.Load() {
			c.Interrupt()
			<-clock.Real{}.After(interruptEvery)
		}
	})
	return func() {
		over.Store(true)
		if !stop() {
			<-finished
		}
	}
}

// Exec runs one or more statements and gives the number of rows that the last one changed (a DuckDB COPY counts its rows). With
// args there must be one statement.
func (c *Conn) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if len(args) > 0 {
		s, err := c.Prepare(ctx, sql)
		if err != nil {
			return 0, err
		}
		defer s.Close()
		return s.Exec(ctx, args...)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	done := c.watch(ctx)
	var res duck.Result
	state := duck.Query(c.c, sql, &res)
	done()
	defer duck.DestroyResult(&res)
	if state == duck.StateError {
		return 0, failed(ctx, duck.ResultError(&res))
	}
	return int64(duck.RowsChanged(&res)), nil
}

// Query runs one statement and streams its result.
func (c *Conn) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	s, err := c.Prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	r, err := s.Query(ctx, args...)
	if err != nil {
		s.Close()
		return nil, err
	}
	r.owned = s
	return r, nil
}
