package door

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/clock"
)

// A thinLine is a body of which a byte comes every so often, on a connection with a deadline.
type thinLine struct {
	*httptest.ResponseRecorder
	clock    *clock.Manual
	every    time.Duration
	left     int
	deadline time.Time
}

func (l *thinLine) SetReadDeadline(t time.Time) error { l.deadline = t; return nil }
func (l *thinLine) Close() error                      { return nil }

func (l *thinLine) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	if rest := l.deadline.Sub(l.clock.Now()); rest < l.every {
		l.clock.Advance(rest)
		return 0, os.ErrDeadlineExceeded
	}
	l.clock.Advance(l.every)
	l.left--
	p[0] = 'x'
	return 1, nil
}

// TestPace reads bodies at several rates: what keeps to the pace gets through however long it takes, also to a server that takes its time.
func TestPace(t *testing.T) {
	pace := Pace{Window: 20 * time.Second, Bytes: 10} // a byte in two seconds
	for _, c := range []struct {
		name  string
		every time.Duration // between bytes
		works time.Duration // of the server for each
		gets  int
		slow  bool
	}{
		{"fast", time.Millisecond, 0, 1000, false},
		{"just fast enough", 2 * time.Second, 0, 1000, false},
		{"too slow", 2100 * time.Millisecond, 0, 9, true},
		{"stands still", time.Minute, 0, 0, true},
		{"a slow server", time.Second, time.Minute, 1000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			clk := clock.NewManual(time.Unix(1, 0))
			line := &thinLine{ResponseRecorder: httptest.NewRecorder(), clock: clk, every: c.every, left: 1000}
			var got int
			var err error
			Paced(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for buf := make([]byte, 8); err == nil; clk.Advance(c.works) {
					var n int
					n, err = r.Body.Read(buf)
					got += n
				}
				_, again := r.Body.Read(make([]byte, 1))
				if !errors.Is(again, err) {
					t.Errorf("read again: %v after %v", again, err)
				}
			}), pace, clk.Now).ServeHTTP(line, httptest.NewRequest("PUT", "/b/k", line))
			if slow := api.Code(err) == "RequestTimeout"; got != c.gets || slow != c.slow || !slow && err != io.EOF {
				t.Errorf("%d bytes, %v", got, err)
			}
			if c.slow != (line.Header().Get("Connection") == "close") || !c.slow && !line.deadline.IsZero() {
				t.Errorf("header %v, deadline %v", line.Header(), line.deadline)
			}
		})
	}
}
