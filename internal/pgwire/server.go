package pgwire

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Options are the settings of a Server. Zero values give the defaults.
type Options struct {
	// Random returns n random bytes; salts and cancel keys come from it. Required.
	Random func(n int) []byte
	Log    *slog.Logger
	// Parameters are sent (and override) as ParameterStatus at the start of each session.
	Parameters map[string]string
	// MaxMessage is the longest message body accepted, in bytes. Default 64 MiB (a statement may be 16 MB on Redshift).
	MaxMessage int
	// MaxSessions is how many connections may be open. Default 500, as on a Redshift cluster.
	MaxSessions int
	// Handshake is the time that a client has until it is authenticated. Default 30 s.
	Handshake time.Duration
	// Stall is how long a client may leave the server unable to write before its connection ends. Default 10 min.
	Stall time.Duration
	// TLS is offered to clients that ask for it; nil offers none. Clients that do not ask are served in the clear.
	TLS *tls.Config
	// Now gives the time from which deadlines count. Required.
	Now func() time.Time
}

// A Server runs sessions of one Backend.
type Server struct {
	backend Backend
	opts    Options

	mu       sync.Mutex
	sessions map[uint32]*conn
	lastPID  uint32
	wg       sync.WaitGroup
}

// New returns a server. It starts nothing.
func New(b Backend, opts Options) *Server {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.MaxMessage == 0 {
		opts.MaxMessage = 64 << 20
	}
	if opts.MaxSessions == 0 {
		opts.MaxSessions = 500
	}
	if opts.Handshake == 0 {
		opts.Handshake = 30 * time.Second
	}
	if opts.Stall == 0 {
		opts.Stall = 10 * time.Minute
	}
	return &Server{backend: b, opts: opts, sessions: map[uint32]*conn{}, lastPID: 1000}
}

// Serve accepts connections until ctx ends or the listener fails; then it ends every session and waits for them.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer s.wg.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	for {
		c, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return ctx.Err()
			}
			return err
		}
		s.wg.Go(func() { s.serveConn(ctx, c) })
	}
}

// serveConn runs one connection from its first byte to its last.
func (s *Server) serveConn(ctx context.Context, nc net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer nc.Close()
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	defer stop()
	running, leave := context.WithCancel(ctx)
	defer leave()
	if err := nc.SetDeadline(s.opts.Now().Add(s.opts.Handshake)); err != nil {
		return
	}
	secure, err := Secure(nc, s.opts.TLS)
	if err != nil {
		s.opts.Log.DebugContext(ctx, "no connection", "remote", nc.RemoteAddr(), "error", err)
		return
	}
	defer secure.Close()
	c := newConn(s, secure, leave)
	defer c.pump.close()
	start, err := c.startup(ctx)
	if err != nil {
		if !errors.Is(err, errDone) {
			s.opts.Log.DebugContext(ctx, "connection refused", "remote", nc.RemoteAddr(), "error", err)
		}
		return
	}
	defer s.forget(c.pid)
	if err := c.run(running, start); err != nil {
		s.opts.Log.DebugContext(ctx, "session ended", "pid", c.pid, "error", err)
	}
}

// register gives the connection its process id and cancel key; false when there are too many sessions.
func (s *Server) register(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sessions) >= s.opts.MaxSessions {
		return false
	}
	for {
		s.lastPID = s.lastPID%(1<<30) + 1
		if s.sessions[s.lastPID] == nil {
			break
		}
	}
	c.pid, c.key = s.lastPID, s.opts.Random(4)
	s.sessions[c.pid] = c
	return true
}

func (s *Server) forget(pid uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, pid)
}

// cancel interrupts what the session is doing, if the key is right. The protocol gives no answer either way.
func (s *Server) cancel(pid uint32, key []byte) {
	s.mu.Lock()
	c := s.sessions[pid]
	s.mu.Unlock()
	if c != nil && equal(c.key, key) {
		c.interrupt()
	}
}

// EndAll ends the statements that run, each with the error why.
func (s *Server) EndAll(why *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.sessions {
		c.end(why)
	}
}

// Cancel interrupts the running statement of the session with this process id; false when there is no such session.
func (s *Server) Cancel(pid uint32) bool {
	s.mu.Lock()
	c := s.sessions[pid]
	s.mu.Unlock()
	if c == nil {
		return false
	}
	c.interrupt()
	return true
}
