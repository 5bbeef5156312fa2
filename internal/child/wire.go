package child

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"

	"penstock/internal/api"
)

// tokenHeader carries api.TokenOf of a call.
const tokenHeader = "Penstock-Token"

// A Client calls the other end of one socketpair.
type Client struct {
	conn *http.ClientConn // nil of a Program
}

// newClient makes a client over one connection, which is the only one it will ever have: when it breaks, every call fails. It writes a few
// bytes, which the socket holds until the other end reads, and waits for nothing.
func newClient(ctx context.Context, conn net.Conn) (*Client, error) {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	tr := &http.Transport{
		Protocols:          p,
		DisableCompression: true,
		DialContext:        func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}
	c, err := tr.NewClientConn(ctx, "http", "peer:80")
	if err != nil {
		return nil, fmt.Errorf("greet the process at the other end: %w", err)
	}
	return &Client{conn: c}, nil
}

// ErrGone says that the process at the other end has ended.
var ErrGone = errors.New("the process at the other end has ended")

// A Fault is an error of the other end that is not an AWS error.
type Fault struct{ Message string }

// Error implements error.
func (f *Fault) Error() string { return f.Message }

// fault is an error on the wire.
type fault struct {
	Code    string            `json:"code,omitempty"`
	Message string            `json:"message"`
	Status  int               `json:"status,omitempty"`
	Op      string            `json:"op,omitempty"`
	Fields  map[string]string `json:"fields,omitempty"`
}

// Call posts in as JSON to path and decodes the answer into out; either may be nil. An api.Error of the other end arrives as one.
func (c *Client) Call(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("call %s: %w", path, err)
	}
	resp, err := c.Post(ctx, path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, resp.Body)
	} else {
		err = json.NewDecoder(resp.Body).Decode(out)
	}
	if err != nil {
		return fmt.Errorf("answer of %s: %w", path, ended(ctx, err))
	}
	return nil
}

// Post sends a body of any form and gives the answer as a stream, which the caller closes.
func (c *Client) Post(ctx context.Context, path string, body io.Reader) (*http.Response, error) {
	if c.conn == nil {
		return nil, fmt.Errorf("call %s: a program of its own takes no calls", path)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://peer"+path, body)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", path, err)
	}
	if t := api.TokenOf(ctx); t != "" {
		req.Header.Set(tokenHeader, t)
	}
	resp, err := c.conn.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", path, ended(ctx, err))
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var f fault
	if err := json.NewDecoder(resp.Body).Decode(&f); err != nil {
		return nil, fmt.Errorf("call %s: status %d: %w", path, resp.StatusCode, err)
	}
	return nil, f.asError()
}

// ended turns a broken connection into ErrGone.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w (%w)", ErrGone, err)
}

func (f fault) asError() error {
	if f.Code == "" {
		return &Fault{Message: f.Message}
	}
	return &api.Error{Code: f.Code, Message: f.Message, Status: f.Status, Op: f.Op, Fields: f.Fields}
}

// Handle makes an http.Handler of a function from one JSON value to another, the other side of Client.Call.
func Handle[I, O any](fn func(context.Context, *I) (*O, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := new(I)
		if err := json.NewDecoder(r.Body).Decode(in); err != nil {
			WriteError(w, fmt.Errorf("decode %s: %w", r.URL.Path, err))
			return
		}
		out, err := fn(callContext(r), in)
		if err != nil {
			WriteError(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(out)
	})
}

func callContext(r *http.Request) context.Context {
	ctx := r.Context()
	if t := r.Header.Get(tokenHeader); t != "" {
		ctx = api.WithToken(ctx, t)
	}
	return ctx
}

// WriteError answers with an error in the form that Client reads.
func WriteError(w http.ResponseWriter, err error) {
	f := fault{Message: err.Error(), Code: api.Code(err)}
	var e *api.Error
	if errors.As(err, &e) {
		f = fault{Code: e.Code, Message: e.Message, Status: e.Status, Op: e.Op, Fields: e.Fields}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	json.NewEncoder(w).Encode(f)
}

// serveConn answers calls on one connection until it ends. There is no limit to how long the peer stays silent: a warehouse may do without
// its parent for hours before its first call.
func serveConn(conn net.Conn, h http.Handler) error {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	l := &oneConn{conn: &watchedConn{Conn: conn, gone: make(chan struct{})}, closed: make(chan struct{})}
	srv := &http.Server{Handler: h, Protocols: p}
	go func() {
		<-l.conn.gone
		srv.Close()
	}()
	return srv.Serve(l)
}

// oneConn is a listener that accepts one connection.
type oneConn struct {
	conn     *watchedConn
	accepted bool
	closed   chan struct{}
	once     sync.Once
}

func (l *oneConn) Accept() (net.Conn, error) {
	if !l.accepted {
		l.accepted = true
		return l.conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return l.conn.LocalAddr() }

// watchedConn closes gone when the peer has.
type watchedConn struct {
	net.Conn
	gone chan struct{}
	once sync.Once
}

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.once.Do(func() { close(c.gone) })
	}
	return n, err
}
