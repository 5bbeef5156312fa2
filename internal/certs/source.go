package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A Source gives the certificate of the moment. Its methods may be called from any goroutine.
type Source struct {
	now    func() time.Time
	trust  string
	reload func(old *tls.Certificate) (*tls.Certificate, error) // gives the old one back while it is good

	mu   sync.Mutex
	cert *tls.Certificate
}

// Trust is the file with the certificates that a client must trust, in PEM; "" when clients must know that by themselves, since the user
// has brought a certificate of an authority.
func (s *Source) Trust() string { return s.trust }

// Certificate returns the certificate to show now. One that can no longer be renewed is shown as long as it is there.
func (s *Source) Certificate() (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cert, err := s.reload(s.cert)
	if err != nil && s.cert == nil {
		return nil, err
	}
	if err == nil {
		s.cert = cert
	}
	return s.cert, nil
}

// Config is a server's configuration.
func (s *Source) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"}, // what S3 offers
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return s.Certificate()
		},
	}
}

// Name is a name that the certificate is good for, for a client that knows the server by its data directory; an address of this machine
// before others.
func (s *Source) Name() (string, error) {
	cert, err := s.Certificate()
	if err != nil {
		return "", err
	}
	leaf := cert.Leaf
	switch {
	case slices.ContainsFunc(leaf.IPAddresses, net.IP.IsLoopback):
		return "127.0.0.1", nil
	case len(leaf.DNSNames) > 0:
		return strings.Replace(leaf.DNSNames[0], "*", "penstock", 1), nil
	case len(leaf.IPAddresses) > 0:
		return leaf.IPAddresses[0].String(), nil
	}
	return "", errors.New("the certificate names no host: a client could not verify it")
}

// Own is the source of a certificate that the user has: PEM files, read again when they change, as a renewal changes them.
func Own(certFile, keyFile string, now func() time.Time) (*Source, error) {
	s := &Source{now: now}
	var read time.Time
	s.reload = func(old *tls.Certificate) (*tls.Certificate, error) {
		changed, err := newest(certFile, keyFile)
		if err != nil || old != nil && changed.Equal(read) {
			return old, err
		}
		if err := secret(keyFile); err != nil {
			return nil, err
		}
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("read the TLS certificate: %w", err)
		}
		read = changed
		return &pair, nil
	}
	cert, err := s.Certificate()
	if err != nil {
		return nil, err
	}
	if t := now(); t.After(cert.Leaf.NotAfter) || t.Before(cert.Leaf.NotBefore) {
		return nil, fmt.Errorf("the certificate %s is good from %s to %s, and not now", certFile, cert.Leaf.NotBefore.Format(time.RFC3339),
			cert.Leaf.NotAfter.Format(time.RFC3339))
	}
	if selfIssued(cert.Leaf) {
		s.trust = certFile
	}
	_, err = s.Name()
	return s, err
}

// selfIssued reports whether a certificate is signed by its own key, of an authority or not.
func selfIssued(c *x509.Certificate) bool {
	return string(c.RawIssuer) == string(c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// newest is when the later changed of two files changed.
func newest(a, b string) (time.Time, error) {
	var t time.Time
	for _, name := range []string{a, b} {
		info, err := os.Stat(name)
		if err != nil {
			return t, fmt.Errorf("read the TLS certificate: %w", err)
		}
		if info.ModTime().After(t) {
			t = info.ModTime()
		}
	}
	return t, nil
}

// secret refuses a key that others may read. One of root's may be a group's, as system keys are.
func secret(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("read the TLS key: %w", err)
	}
	var open fs.FileMode = 0o077
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid == 0 && os.Getuid() != 0 {
		open = 0o037
	}
	if mode := info.Mode().Perm(); mode&open != 0 {
		return fmt.Errorf("the TLS key %s is open to other users (mode %04o); to mend that, type: chmod 600 %[1]s", name, mode)
	}
	return nil
}
