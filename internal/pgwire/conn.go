package pgwire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
)

// flushAt is how many bytes of output are gathered before they are written.
const flushAt = 64 << 10

// maxNamed is how many prepared statements, and how many portals, a session may hold.
const maxNamed = 10_000

// A conn is one client's connection: its buffers, its prepared statements and portals.
type conn struct {
	server *Server
	nc     net.Conn
	pump   *pump
	in     *pgproto3.Backend
	out    []byte
	pid    uint32
	key    []byte

	session    Session
	statements map[string]*prepared
	portals    map[string]*portal
	skipping   bool // an error came: messages are dropped until Sync
	failed     bool // a statement of this group failed

	floatDigits int  // extra_float_digits
	redshift    bool // the client is one of Redshift's own drivers

	mu        sync.Mutex
	cancelRun context.CancelCauseFunc // the running statement's, or nil
	canceled  bool
}

type prepared struct {
	st    Statement // nil for an empty query
	empty bool
	told  []Column // what the client was told when it asked for the statement's columns
}

type portal struct {
	p       Portal
	st      *prepared
	cols    []Column
	formats []int16
	tag     string // set once it is done
	done    bool
}

// newConn makes a connection's state; gone is called when the client has left.
func newConn(s *Server, nc net.Conn, gone func()) *conn {
	p := newPump(nc, gone)
	c := &conn{server: s, nc: nc, pump: p, in: pgproto3.NewBackend(p, nc), statements: map[string]*prepared{}, portals: map[string]*portal{}}
	c.in.SetMaxBodyLen(s.opts.MaxMessage)
	return c
}

// send appends a message to the output.
func (c *conn) send(m pgproto3.BackendMessage) {
	out, err := m.Encode(c.out)
	if err != nil { // only a message above 1 GiB
		out = encodeError(c.out, &Error{Code: "54000", Message: "message too long", Err: err})
	}
	c.out = out
}

// flush writes the output. A client that does not read blocks only this goroutine, for at most the Stall time.
func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	if err := c.nc.SetWriteDeadline(c.server.opts.Now().Add(c.server.opts.Stall)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	_, err := c.nc.Write(c.out)
	if cap(c.out) > 4*flushAt {
		c.out = nil // one huge row does not keep its memory
	}
	c.out = c.out[:0]
	if err != nil {
		return fmt.Errorf("write to client: %w", err)
	}
	return nil
}

// begin starts a statement that a cancel request can interrupt.
func (c *conn) begin(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	c.mu.Lock()
	c.cancelRun, c.canceled = cancel, false
	c.mu.Unlock()
	return ctx, func() {
		c.mu.Lock()
		c.cancelRun = nil
		c.mu.Unlock()
		cancel(nil)
	}
}

func (c *conn) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancelRun != nil {
		c.canceled = true
		c.cancelRun(nil)
	}
}

// end ends the running statement for a reason that the client is told.
func (c *conn) end(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancelRun != nil {
		c.cancelRun(why)
	}
}

func (c *conn) wasCanceled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.canceled
}

// run serves an authenticated client until it leaves.
func (c *conn) run(ctx context.Context, start Startup) error {
	sess, err := c.server.backend.Open(ctx, start, &Client{c})
	if err != nil {
		c.server.opts.Log.ErrorContext(ctx, "open a session", "pid", c.pid, "error", err)
		return c.fatal(asError(err, "08004"))
	}
	c.session = sess
	defer c.closeAll()
	c.greet(start)
	for {
		if err := c.flush(); err != nil {
			return err
		}
		msg, err := c.in.Receive()
		if err != nil {
			return c.receiveError(err)
		}
		if _, ok := msg.(*pgproto3.Terminate); ok {
			return nil
		}
		if err := c.handle(ctx, msg); err != nil {
			return err
		}
	}
}

// receiveError tells the client why its message ends the connection, when it is still there to be told.
func (c *conn) receiveError(err error) error {
	var long *pgproto3.ExceededMaxBodyLenErr
	var ne net.Error
	switch {
	case errors.As(err, &long):
		return c.fatal(&Error{Code: "54000",
			Message: fmt.Sprintf("message of %d bytes is longer than the limit of %d", long.ActualBodyLen, long.MaxExpectedBodyLen)})
	case errors.As(err, &ne), isEOF(err):
		return err
	}
	return c.fatal(&Error{Code: "08P01", Message: "invalid message", Err: err})
}

// fatal sends the error that ends the connection.
func (c *conn) fatal(e *Error) error {
	f := *e
	f.Severity = "FATAL"
	c.out = encodeError(c.out, &f)
	return errors.Join(&f, c.flush())
}

// handle answers one message. A returned error ends the connection; a statement's error does not.
func (c *conn) handle(ctx context.Context, msg pgproto3.FrontendMessage) error {
	if c.skipping {
		if _, ok := msg.(*pgproto3.Sync); !ok {
			return nil
		}
	}
	var err error
	switch m := msg.(type) {
	case *pgproto3.Query:
		return c.simpleQuery(ctx, m.String)
	case *pgproto3.Parse:
		err = c.parse(ctx, m)
	case *pgproto3.Bind:
		err = c.bind(ctx, m)
	case *pgproto3.Describe:
		err = c.describe(m)
	case *pgproto3.Execute:
		err = c.execute(ctx, m)
	case *pgproto3.Close:
		c.close(m)
	case *pgproto3.Flush:
		return c.flush()
	case *pgproto3.Sync:
		return c.sync(ctx)
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		// Left over from a COPY FROM STDIN that failed at once: the protocol says to drop them.
	case *pgproto3.FunctionCall:
		err = &Error{Code: "0A000", Message: "function call messages are not supported"}
	default:
		return c.fatal(&Error{Code: "08P01", Message: fmt.Sprintf("unexpected message %T", msg)})
	}
	if isConnError(err) {
		return err
	}
	if err != nil {
		c.report(err)
		c.skipping, c.failed = true, true
	}
	return nil
}

// report sends a statement's error.
func (c *conn) report(err error) {
	e := asError(err, "XX000")
	if e.Err != nil && e.Code == "XX000" {
		c.server.opts.Log.Error("a statement failed", "pid", c.pid, "error", e.Err)
	}
	if c.wasCanceled() {
		e = &Error{Code: "57014", Message: fmt.Sprintf("Query (%d) cancelled on user's request", c.pid), Err: err}
	}
	c.out = encodeError(c.out, e)
}

func (c *conn) ready() {
	c.send(&pgproto3.ReadyForQuery{TxStatus: c.session.Status()})
}

// closeAll ends everything that the client left open.
func (c *conn) closeAll() {
	c.closePortals()
	for _, s := range c.statements {
		if s.st != nil {
			s.st.Close()
		}
	}
	c.session.Close()
}

func (c *conn) closePortals() {
	for name, p := range c.portals {
		c.dropPortal(name, p)
	}
}

func (c *conn) dropPortal(name string, p *portal) {
	if p.p != nil {
		p.p.Close()
	}
	delete(c.portals, name)
}

// A Client is a session's way to its client outside of results.
type Client struct{ c *conn }

// Notice sends a notice with the next output. Severity is INFO, NOTICE, WARNING, LOG or DEBUG. It may be called only while the
// session runs a statement.
func (cl *Client) Notice(severity, code, message string) {
	cl.c.send(&pgproto3.NoticeResponse{Severity: severity, SeverityUnlocalized: severity, Code: code, Message: plain(message)})
}

// Parameter tells the client that a setting it was told of has a new value.
func (cl *Client) Parameter(name, value string) {
	cl.c.send(&pgproto3.ParameterStatus{Name: name, Value: plain(value)})
}

// FloatDigits sets how floating point numbers are printed from now on: the setting extra_float_digits. Default 0.
func (cl *Client) FloatDigits(extra int) { cl.c.floatDigits = extra }

// Prepared reports whether the client has prepared a statement of that name by a message.
func (cl *Client) Prepared(name string) bool { return name != "" && cl.c.statements[name] != nil }

// Deallocate drops such a statement; false when there is none.
func (cl *Client) Deallocate(name string) bool {
	there := cl.Prepared(name)
	if there {
		cl.c.dropStatement(name)
	}
	return there
}

// DeallocateAll drops all of them. The unnamed one, which may be running, stays.
func (cl *Client) DeallocateAll() {
	for name := range cl.c.statements {
		cl.Deallocate(name)
	}
}

// CloseCursor closes a portal that the client has named; false when there is none.
func (cl *Client) CloseCursor(name string) bool {
	p := cl.c.portals[name]
	if name == "" || p == nil {
		return false
	}
	cl.c.dropPortal(name, p)
	return true
}

// CloseAll closes all of them.
func (cl *Client) CloseAll() {
	for name := range cl.c.portals {
		cl.CloseCursor(name)
	}
}
