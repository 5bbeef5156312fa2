package door

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"penstock/internal/api"
)

// A Pace is how slowly a client may send the body of a request: in every Window that is spent waiting for it, at least Bytes must come.
// There is no limit for the whole body, so that a large one over a thin line gets through.
type Pace struct {
	Window time.Duration
	Bytes  int64
}

// SlowestPace is the one of real use: 500 bytes in a second on average over 20 seconds, which is how long S3 waits for a body that stands
// still. The time that the server itself takes does not count.
func SlowestPace() Pace { return Pace{Window: 20 * time.Second, Bytes: 500 * 20} }

// Paced cuts off bodies that come more slowly than p allows; now gives the time. net/http finds its own body in its request: it sees by it
// that a client still waits for "100 Continue" when the answer is a refusal, and would else wait for the body before it sends that.
func Paced(h http.Handler, p Pace, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			r = r.WithContext(r.Context())
			b := &pacedBody{ReadCloser: r.Body, pace: p, now: now, w: w, conn: http.NewResponseController(w)}
			r.Body = b
			defer b.leave()
		}
		h.ServeHTTP(w, r)
	})
}

// A pacedBody is a body whose connection has a deadline while it is read.
type pacedBody struct {
	io.ReadCloser
	pace   Pace
	now    func() time.Time
	w      http.ResponseWriter
	conn   *http.ResponseController
	waited time.Duration // in this window
	came   int64         // in this window
	failed error
	ended  bool
}

// leave gives what was not read of a body one window: net/http reads a part of it before it goes on or closes the connection.
func (b *pacedBody) leave() {
	if !b.ended {
		b.conn.SetReadDeadline(b.now().Add(b.pace.Window)) //nolint:errcheck // no connection of net/http's: a test's
	}
}

// Read implements io.Reader. A body that is too slow ends in S3's RequestTimeout, and the connection with it.
func (b *pacedBody) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	began := b.now()
	if err := b.conn.SetReadDeadline(began.Add(b.pace.Window - b.waited)); err != nil {
		return b.ReadCloser.Read(p) // no connection of net/http's: a test's
	}
	n, err := b.ReadCloser.Read(p)
	b.waited += b.now().Sub(began)
	b.came += int64(n)
	if b.came >= b.pace.Bytes {
		b.came, b.waited = 0, 0
	}
	b.ended = err != nil
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), err == nil && b.waited >= b.pace.Window:
		err = b.tooSlow()
	case err != nil:
		// net/http goes on reading behind the body, to see whether the client leaves: that has no deadline.
		err = errors.Join(err, b.conn.SetReadDeadline(time.Time{}))
		if errors.Is(err, io.EOF) {
			err = io.EOF
		}
	}
	return n, err
}

func (b *pacedBody) tooSlow() error {
	b.w.Header().Set("Connection", "close")
	b.failed = &api.Error{Code: "RequestTimeout", Status: http.StatusBadRequest,
		Message: "Your socket connection to the server was not read from or written to within " +
			"the timeout period. Idle connections will be closed."}
	return b.failed
}
