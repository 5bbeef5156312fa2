package meta

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"penstock/internal/clock"
)

// idleReader is how long a reader is kept unused while others are used: it holds memory, and opening one takes a millisecond.
const idleReader = 10 * time.Second

// readers are the connections of Views. They keep their prepared statements, BEGIN and ROLLBACK too: compiling a text costs more than
// most of them take to run.
type readers struct {
	db      *sql.DB
	connect func() (*sql.Conn, *link, error)
	clock   clock.Clock
	slots   chan struct{} // holds a value for each View that runs

	mu     sync.Mutex
	idle   []*reader // the last used one last
	closed bool
}

type reader struct {
	*link
	conn *sql.Conn
	used time.Time
}

func openReaders(ctx context.Context, path string, n int, c clock.Clock) (*readers, error) {
	db, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(-1) // they are kept here
	connect := func() (*sql.Conn, *link, error) {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, nil, err
		}
		return conn, newLink(ctx, conn), nil
	}
	return &readers{db: db, connect: connect, clock: c, slots: make(chan struct{}, n)}, nil
}

// begin takes a reader and begins a transaction on it.
func (p *readers) begin(ctx context.Context) (*reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r, err := p.take()
	if err == nil {
		if err = r.control("BEGIN"); err != nil {
			err = errors.Join(err, r.close())
		}
	}
	if err != nil {
		<-p.slots
		return nil, err
	}
	return r, nil
}

func (p *readers) take() (*reader, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		r := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return r, nil
	}
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	conn, l, err := p.connect()
	if err != nil {
		return nil, err
	}
	return &reader{link: l, conn: conn}, nil
}

// end ends the snapshot and gives the reader back. What cannot be rolled back is not used again.
func (p *readers) end(r *reader) {
	defer func() { <-p.slots }()
	if r.rollback() != nil {
		r.close()
		return
	}
	r.used = p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, r)
	if first := p.idle[0]; p.closed || r.used.Sub(first.used) > idleReader {
		p.idle = p.idle[1:]
		first.close()
	}
}

func (r *reader) close() error {
	r.link.close()
	return r.conn.Close()
}

// close closes what is idle; a View that runs closes its own at its end.
func (p *readers) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for _, r := range p.idle {
		errs = append(errs, r.close())
	}
	p.idle = nil
	return errors.Join(append(errs, p.db.Close())...)
}
