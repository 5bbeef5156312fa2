package door

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"penstock/internal/clock"
)

// A Lean answers the requests that have a short way while net/http waits for them, straight from the bytes that arrived. net/http spends
// more on a request than such an answer costs: a goroutine that watches the connection, five deadlines, a context, buffers. Whatever is
// not exactly of the form that plainRequest reads, and every refusal, is left to net/http as it came.
type Lean struct {
	// Plain answers a request, or leaves it as it came and reports false.
	Plain func(http.ResponseWriter, *http.Request) bool
	// Idle is how long a connection waits for its next request: the server's IdleTimeout.
	Idle time.Duration

	dates dates
}

// Plain is the short way of a handler that New made.
func Plain(h http.Handler) func(http.ResponseWriter, *http.Request) bool {
	if d, ok := h.(*door); ok {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				return d.keptCall(w, r)
			}
			return d.plain(w, r)
		}
	}
	return func(http.ResponseWriter, *http.Request) bool { return false }
}

// A stage is how far net/http is between two requests.
type stage int

const (
	within    stage = iota // it has a request, or is at a point that is not known
	ended                  // it has sent an answer
	expecting              // and has set the deadline until which the next request may begin
)

// A leanConn is what a connection has for its short way. But for busy and closed only the goroutine that serves the connection uses it.
type leanConn struct {
	*Lean
	stage   stage
	room    int       // of net/http's buffer, which is offered whole when it holds nothing of the next request
	renewed time.Time // when the deadline was set
	tried   bool      // what net/http is given has no short way
	in      plainRequest
	out     plainAnswer
	busy    sync.Mutex // an answer is being made
	closed  atomic.Bool
}

func newLeanConn(ctx context.Context, l *Lean) *leanConn {
	c := &leanConn{Lean: l}
	r := http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody}
	c.in.Request = *r.WithContext(ctx)
	return c
}

// now is the time of sockets, whatever time the services go by.
func now() time.Time { return clock.Real{}.Now() }

// ConnState is for http.Server: it tells connections when an answer is complete.
func ConnState(c net.Conn, s http.ConnState) {
	if w, ok := c.(*wholeConn); ok && w.lean != nil {
		w.lean.stage = within
		if s == http.StateIdle {
			w.lean.stage = ended
		}
	}
}

// SetReadDeadline implements net.Conn. The one that follows an answer is that of the wait for the next request; where some of that has
// come already, net/http does not wait and sets another before it reads.
func (c *wholeConn) SetReadDeadline(t time.Time) error {
	if l := c.lean; l != nil && l.stage == ended {
		l.stage, l.renewed = expecting, now()
	} else if l != nil {
		l.stage = within
	}
	return c.TCPConn.SetReadDeadline(t)
}

// Read implements net.Conn. It returns the bytes that are for net/http, and answers the requests before them that have a short way.
func (c *wholeConn) Read(p []byte) (int, error) {
	l := c.lean
	if l == nil || len(p) == 1 { // with one byte net/http watches for the client's end, in a goroutine of its own
		return c.TCPConn.Read(p)
	}
	if l.room == 0 { // a connection's first read is that of the buffer; later ones may go around it, into a larger one of a body's reader
		l.room = len(p)
	}
	between := l.stage == expecting && len(p) == l.room
	l.stage, l.tried = within, false
	if !between {
		return c.TCPConn.Read(p)
	}
	for {
		n, err := c.TCPConn.Read(p)
		if err != nil || !l.in.read(p[:n]) {
			return n, err
		}
		if answered, err := c.answer(); err != nil {
			return 0, errors.Join(err, c.TCPConn.Close())
		} else if !answered {
			l.tried = true
			return n, nil
		}
		if err := c.renew(); err != nil {
			return 0, err
		}
	}
}

// answer answers the request that was read, if it has a short way.
func (c *wholeConn) answer() (answered bool, err error) {
	l := c.lean
	l.busy.Lock()
	defer l.busy.Unlock()
	if l.closed.Load() {
		return false, net.ErrClosed
	}
	b := c.buffer()
	defer c.giveBack(b)
	l.out.begin(c.TCPConn, *b, &l.dates)
	if !l.Plain(&l.out, &l.in.Request) {
		return false, nil
	}
	l.out.send()
	*b = l.out.text
	return true, l.out.err
}

// renew gives the client time for its next request. A deadline is dear: it is set once a second.
func (c *wholeConn) renew() error {
	l := c.lean
	if l.closed.Load() { // while the answer was made
		return errors.Join(net.ErrClosed, c.TCPConn.Close())
	}
	at := now()
	if at.Sub(l.renewed) < time.Second {
		return nil
	}
	l.renewed = at
	return c.TCPConn.SetReadDeadline(at.Add(l.Idle))
}

// closeWait is how long an answer on its way has when the server stops.
const closeWait = time.Second

// Close implements net.Conn. When it stops, net/http closes connections that wait for a request, and does not know of one that has a short
// way: its answer is sent first, and the goroutine that sends it closes the connection.
func (c *wholeConn) Close() error {
	l := c.lean
	if l == nil {
		return c.TCPConn.Close()
	}
	l.closed.Store(true)
	if l.busy.TryLock() {
		l.busy.Unlock()
		return c.TCPConn.Close()
	}
	return c.TCPConn.SetWriteDeadline(now().Add(closeWait))
}

// triedLean reports whether a request of net/http's has been found to have no short way.
func triedLean(r *http.Request) bool {
	c, ok := r.Context().Value(wholeKey{}).(*wholeConn)
	return ok && c.lean != nil && c.lean.tried
}
