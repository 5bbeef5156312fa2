package door

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// wholeFrom and wholeTo bound the bodies whose answer is gathered: a smaller one goes out in one write anyway, a larger one is not worth
// its copy.
const (
	wholeFrom = 2 << 10
	wholeTo   = 64 << 10
)

// WholeAnswers makes a listener whose connections can send an answer in one write. net/http's buffer holds 4 KiB of an answer: one with a
// body of that size goes out in two writes, and each takes the whole way through the kernel and wakes the client. The server needs
// WithWhole as its ConnContext. lean, which may be nil, answers on connections without TLS, and needs ConnState as the server's.
func WholeAnswers(l *net.TCPListener, lean *Lean) net.Listener {
	return &wholeListener{TCPListener: l, lean: lean}
}

// WithWhole is the context of a connection's requests.
func WithWhole(ctx context.Context, c net.Conn) context.Context {
	if w, direct := c.(*wholeConn); direct && w.from.lean != nil {
		w.lean = newLeanConn(ctx, w.from.lean)
	}
	if under, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = under.NetConn()
	}
	return context.WithValue(ctx, wholeKey{}, c)
}

type wholeKey struct{}

type wholeListener struct {
	*net.TCPListener
	lean    *Lean
	buffers sync.Pool // of *[]byte
}

// Accept implements net.Listener.
func (l *wholeListener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return &wholeConn{TCPConn: c, from: l}, nil
}

// A wholeConn gathers what is written between gather and send. Only the goroutine that serves its requests writes to it.
type wholeConn struct {
	*net.TCPConn
	from *wholeListener
	held *[]byte   // nil: nothing is gathered
	lean *leanConn // nil: there is no short way
}

func (c *wholeConn) buffer() *[]byte {
	if b, ok := c.from.buffers.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

func (c *wholeConn) giveBack(b *[]byte) {
	*b = (*b)[:0]
	c.from.buffers.Put(b)
}

// Write implements io.Writer.
func (c *wholeConn) Write(p []byte) (int, error) {
	if c.held == nil {
		return c.TCPConn.Write(p)
	}
	*c.held = append(*c.held, p...)
	return len(p), nil
}

func (c *wholeConn) gather() { c.held = c.buffer() }

// send writes what was gathered. Where that fails the connection is of no use any more; net/http finds it closed.
func (c *wholeConn) send() {
	b := c.held
	c.held = nil
	if _, err := c.TCPConn.Write(*b); err != nil {
		c.Close()
	}
	c.giveBack(b)
}

// writeBody writes the body of an answer whose head is written, and with it the head.
func writeBody(w http.ResponseWriter, r *http.Request, body []byte) {
	if len(body) > wholeFrom && len(body) <= wholeTo {
		c, whole := r.Context().Value(wholeKey{}).(*wholeConn)
		f, flushes := w.(http.Flusher)
		if whole && flushes {
			c.gather()
			defer c.send()
			defer f.Flush()
		}
	}
	w.Write(body) //nolint:errcheck // the client is gone: nobody to tell
}
