package warehouse

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"penstock/internal/clock"
	"penstock/internal/pgwire"
)

// A vacancy answers clients at the first workgroup's listener while there is no such workgroup: without it they would wait, queued,
// for a warehouse that nobody has made. It must have ended before a child accepts from the same socket.
type vacancy struct {
	ln   *net.TCPListener
	tls  *tls.Config // nil: none
	done chan struct{}
}

// maxVacant bounds the clients that are being told at one time.
const maxVacant = 16

// attend begins to answer when no workgroup listens at the server's port.
func (w *Warehouses) attend() {
	w.mu.Lock()
	held := false
	for _, g := range w.running {
		held = held || g.def.First
	}
	w.mu.Unlock()
	if !held {
		w.vacate()
	}
}

func (w *Warehouses) vacate() {
	w.vacantMu.Lock()
	defer w.vacantMu.Unlock()
	if w.o.First == nil || w.vacant != nil {
		return
	}
	v := &vacancy{ln: w.o.First, done: make(chan struct{})}
	if w.o.Certificate != nil {
		shown := func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return w.o.Certificate() }
		v.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: shown}
	}
	if err := errors.Join(unblock(v.ln), v.ln.SetDeadline(time.Time{})); err != nil {
		return // the server is stopping
	}
	w.vacant = v
	go v.answer(w.o.Clock)
}

// unblock makes sure that a deadline ends an Accept. To pass a socket on makes it a blocking one, for all who share it; a child that
// was ended before it took the socket up has left it so.
func unblock(ln *net.TCPListener) error {
	raw, err := ln.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = syscall.SetNonblock(int(fd), true) })
	return errors.Join(err, failed)
}

// occupy ends the answering and waits until nobody accepts any more.
func (w *Warehouses) occupy() {
	w.vacantMu.Lock()
	defer w.vacantMu.Unlock()
	if w.vacant == nil {
		return
	}
	if err := w.vacant.ln.SetDeadline(w.o.Clock.Now().Add(-time.Second)); err == nil || errors.Is(err, net.ErrClosed) {
		<-w.vacant.done
	}
	w.vacant = nil
}

func (v *vacancy) answer(c clock.Clock) {
	defer close(v.done)
	places := make(chan struct{}, maxVacant)
	for {
		conn, err := v.ln.AcceptTCP()
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		places <- struct{}{}
		go func() {
			if err := conn.SetDeadline(c.Now().Add(10 * time.Second)); err == nil {
				v.tell(conn)
			}
			conn.Close()
			<-places
		}()
	}
}

// tell reads what a client begins with and says that there is nothing behind the port.
func (v *vacancy) tell(plain *net.TCPConn) {
	conn, err := pgwire.Secure(plain, v.tls)
	if err != nil {
		return
	}
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.ErrorResponse{
		Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "57P03",
		Message: "no workgroup listens here: \"penstock run\" makes a pipeline's, CreateWorkgroup any other",
	})
	if b.Flush() != nil {
		return
	}
	if secure, ok := conn.(*tls.Conn); ok {
		secure.CloseWrite()
	}
	plain.CloseWrite()
}
