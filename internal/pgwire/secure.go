package pgwire

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
)

// Codes of the requests that may come before the start-up message, each a message of 8 bytes.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
const (
	sslRequest = 80877103
	gssRequest = 80877104
)

// Secure answers what a client asks about encryption before it starts, and returns the connection on which it does: a TLS one if it asked
// for TLS and there is a certificate, otherwise the plain one. Not a byte is read ahead, so that nothing that came before the encryption is
// taken for what came under it. The connection's deadline bounds it.
func Secure(nc net.Conn, config *tls.Config) (net.Conn, error) {
	var head [8]byte
	for range 2 { // a client may ask for TLS and GSS encryption once each
		if _, err := io.ReadFull(nc, head[:]); err != nil {
			return nil, err
		}
		code := binary.BigEndian.Uint32(head[4:])
		if binary.BigEndian.Uint32(head[:4]) != 8 || code != sslRequest && code != gssRequest {
			return &resumed{Conn: nc, head: bytes.NewReader(head[:])}, nil
		}
		if code == sslRequest && config != nil {
			return encrypt(nc, config)
		}
		if _, err := nc.Write([]byte{'N'}); err != nil {
			return nil, fmt.Errorf("refuse encryption: %w", err)
		}
	}
	return nc, nil
}

func encrypt(nc net.Conn, config *tls.Config) (net.Conn, error) {
	if _, err := nc.Write([]byte{'S'}); err != nil {
		return nil, fmt.Errorf("accept encryption: %w", err)
	}
	secure := tls.Server(nc, config)
	if err := secure.Handshake(); err != nil {
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secure, nil
}

// A resumed connection gives first what was read of it already.
type resumed struct {
	net.Conn
	head *bytes.Reader
}

func (r *resumed) Read(p []byte) (int, error) {
	if r.head.Len() > 0 {
		return r.head.Read(p)
	}
	return r.Conn.Read(p)
}
