package door

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A plainAnswer writes the answer to a plain request as net/http would. It is an http.ResponseWriter for handlers that tell the length of
// what they write, and that answer GET and HEAD alike but for the body.
type plainAnswer struct {
	to     io.Writer
	dates  *dates
	header http.Header
	names  []string // of the header, in order
	text   []byte   // not yet sent
	sent   bool     // WriteHeader was called
	err    error
}

// begin makes an answer to be written to w; buffer is used for it.
func (a *plainAnswer) begin(w io.Writer, buffer []byte, d *dates) {
	if a.header == nil {
		a.header = http.Header{}
	}
	clear(a.header)
	a.to, a.dates, a.text, a.sent, a.err = w, d, buffer[:0], false, nil
}

// Header implements http.ResponseWriter.
func (a *plainAnswer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *plainAnswer) WriteHeader(status int) {
	if a.sent {
		return
	}
	a.sent, a.names = true, a.names[:0]
	for name := range a.header {
		a.names = append(a.names, name)
	}
	slices.Sort(a.names)
	b := strconv.AppendInt(append(a.text, "HTTP/1.1 "...), int64(status), 10)
	b = append(append(append(b, ' '), http.StatusText(status)...), "\r\n"...)
	for _, name := range a.names {
		for _, value := range a.header[name] {
			b = appendValue(append(append(b, name...), ": "...), value)
			b = append(b, "\r\n"...)
		}
	}
	a.text = append(append(append(b, "Date: "...), a.dates.at(now())...), "\r\n\r\n"...)
}

// appendValue appends the value of a header, of one line.
func appendValue(b []byte, value string) []byte {
	from := len(b)
	b = append(b, strings.TrimSpace(value)...)
	for i, c := range b[from:] {
		if c == '\r' || c == '\n' {
			b[from+i] = ' '
		}
	}
	return b
}

// Write implements http.ResponseWriter. A body of usual size is sent with the header.
func (a *plainAnswer) Write(body []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if len(body) <= wholeTo {
		a.text = append(a.text, body...)
		return len(body), nil
	}
	if a.send(); a.err != nil {
		return 0, a.err
	}
	n, err := a.to.Write(body)
	a.err = err
	return n, err
}

// send sends what is gathered.
func (a *plainAnswer) send() {
	if a.err == nil && len(a.text) > 0 {
		_, a.err = a.to.Write(a.text)
	}
	a.text = a.text[:0]
}

// dates makes the text of the Date header once a second.
type dates struct{ last atomic.Pointer[dateText] }

type dateText struct {
	second int64
	text   string
}

func (d *dates) at(t time.Time) string {
	last := d.last.Load()
	if last == nil || last.second != t.Unix() {
		last = &dateText{t.Unix(), t.UTC().Format(http.TimeFormat)}
		d.last.Store(last)
	}
	return last.text
}
