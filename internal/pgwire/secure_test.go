package pgwire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// secured starts a server with a certificate, and returns its address and how a client verifies it.
func secured(t *testing.T, f *fake) (addr string, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return serve(t, f, Options{TLS: &tls.Config{Certificates: s.TLS.Certificates}}), &tls.Config{RootCAs: roots, ServerName: "example.com"}
}

// ask sends a request for encryption and returns the answer.
func ask(t *testing.T, nc net.Conn, code uint32) byte {
	t.Helper()
	var b [8]byte
	binary.BigEndian.PutUint32(b[:], 8)
	binary.BigEndian.PutUint32(b[4:], code)
	if _, err := nc.Write(b[:]); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(nc, b[:1]); err != nil {
		t.Fatal(err)
	}
	return b[0]
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(2 * time.Minute))
	return nc
}

// TestEncryptionIsOffered asks in every order that clients have; without a certificate the answer is no, and both are good for a session.
func TestEncryptionIsOffered(t *testing.T) {
	addr, verify := secured(t, newFake())
	plain := serve(t, newFake(), Options{})
	for _, c := range []struct {
		name, addr string
		codes      []uint32
		answers    string
	}{
		{"TLS", addr, []uint32{sslRequest}, "S"},
		{"GSS, then TLS", addr, []uint32{gssRequest, sslRequest}, "NS"},
		{"GSS, then plain", addr, []uint32{gssRequest}, "N"},
		{"plain", addr, nil, ""},
		{"TLS without a certificate", plain, []uint32{sslRequest}, "N"},
		{"TLS, then GSS without a certificate", plain, []uint32{sslRequest, gssRequest}, "NN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			nc, got := dial(t, c.addr), ""
			for _, code := range c.codes {
				got += string(ask(t, nc, code))
			}
			if got != c.answers {
				t.Fatalf("answers %q, want %q", got, c.answers)
			}
			if got != "" && got[len(got)-1] == 'S' {
				nc = tls.Client(nc, verify)
			}
			login(t, nc)
		})
	}
}

// TestNothingIsTakenFromBeforeTLS sends a start-up message in the clear behind the request for TLS: it must not count as one under TLS.
func TestNothingIsTakenFromBeforeTLS(t *testing.T) {
	addr, verify := secured(t, newFake())
	nc := dial(t, addr)
	if _, err := nc.Write([]byte("\x00\x00\x00\x08\x04\xd2\x16\x2f\x00\x00\x00\x14\x00\x03\x00\x00user\x00admin\x00\x00")); err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	if _, err := io.ReadFull(nc, b[:]); err != nil || b[0] != 'S' {
		t.Fatalf("%q, %v", b, err)
	}
	if err := tls.Client(nc, verify).Handshake(); err == nil {
		t.Error("the handshake goes through")
	}
}

func TestTooManyRequests(t *testing.T) {
	nc := dial(t, serve(t, newFake(), Options{}))
	ask(t, nc, gssRequest)
	ask(t, nc, sslRequest)
	if got := ask(t, nc, sslRequest); got != 'E' {
		t.Errorf("answered %q", got)
	}
}

// TestCancelUnderTLS cancels a statement of a TLS session, by a request under TLS as newer clients send it.
func TestCancelUnderTLS(t *testing.T) {
	addr, verify := secured(t, newFake())
	cfg, err := pgx.ParseConfig("postgres://admin:pw@" + addr + "/dev?sslmode=require")
	if err != nil {
		t.Fatal(err)
	}
	cfg.TLSConfig = verify
	c, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	ended := make(chan struct{})
	go func() {
		for {
			raw, err := net.Dial("tcp", addr)
			if err != nil {
				return
			}
			nc, b := tls.Client(raw, verify), []byte("\x00\x00\x00\x08\x04\xd2\x16\x2f")
			raw.Write(b)
			io.ReadFull(raw, b[:1])
			m := binary.BigEndian.AppendUint32([]byte("\x00\x00\x00\x10\x04\xd2\x16\x2e"), c.PgConn().PID())
			nc.Write(append(m, c.PgConn().SecretKey()...))
			io.Copy(io.Discard, nc) // until the server ends it
			raw.Close()
			select {
			case <-ended:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	_, err = c.Exec(t.Context(), "wait", pgx.QueryExecModeSimpleProtocol)
	ended <- struct{}{}
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "57014" {
		t.Errorf("wait: %v", err)
	}
}
