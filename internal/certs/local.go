package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"path/filepath"
	"time"

	"penstock/internal/id"
	"penstock/internal/vfs"
)

// Names of the files in a data directory's folder of certificates, all of mode 0600.
const (
	AuthorityName = "ca.crt"     // for clients
	authorityKey  = "ca.key"     // never leaves this machine
	serverName    = "server.pem" // certificate and key, in one file so that both are renewed at once
)

// The authority outlives what its clients are; the server's certificate lives as long as the strictest clients allow and is renewed
// before it ends.
const (
	authorityLife = 20 * 365 * 24 * time.Hour
	serverLife    = 397 * 24 * time.Hour
	renewBefore   = 60 * 24 * time.Hour
	backdate      = time.Hour // for clients whose clock is behind
)

// organization is what the certificates made here have as theirs.
const organization = "Penstock"

// names are those by which any server here is called. Buckets come as hosts below.
var names = []string{"localhost", "*.localhost", "s3.localhost", "*.s3.localhost"}

// An authority signs.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Local is the source of a certificate that an authority in dir signs for this machine's names and the hosts; both are made when they are
// not there. The server's is made again when it ends soon or a host is new; the authority stays.
func Local(fsys vfs.FS, dir string, hosts []string, now func() time.Time) (*Source, error) {
	if err := vfs.MkdirAll(fsys, dir); err != nil {
		return nil, fmt.Errorf("make the TLS certificate: %w", err)
	}
	ca, err := openAuthority(fsys, dir, now())
	if err != nil {
		return nil, err
	}
	s := &Source{now: now, trust: filepath.Join(dir, AuthorityName)}
	file := filepath.Join(dir, serverName)
	s.reload = func(old *tls.Certificate) (*tls.Certificate, error) {
		if old == nil {
			old = readServer(fsys, file)
		}
		if old != nil && ca.good(old.Leaf, hosts, now()) {
			return old, nil
		}
		return ca.issue(fsys, file, hosts, now())
	}
	_, err = s.Certificate()
	return s, err
}

// openAuthority reads the authority, or makes it. The certificate is written last: a key without one was never used.
func openAuthority(fsys vfs.FS, dir string, now time.Time) (*authority, error) {
	certFile, keyFile := filepath.Join(dir, AuthorityName), filepath.Join(dir, authorityKey)
	text, err := vfs.ReadFile(fsys, certFile)
	if errors.Is(err, fs.ErrNotExist) {
		return makeAuthority(fsys, certFile, keyFile, now)
	}
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority: %w", err)
	}
	if info, err := fsys.Stat(keyFile); err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the key %s is open to other users (mode %04o); to mend that, type: chmod 600 %[1]s", keyFile, info.Mode().Perm())
	}
	key, err := vfs.ReadFile(fsys, keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority: %w", err)
	}
	pair, err := tls.X509KeyPair(text, key)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority %s, which was made by Penstock and must not be changed: %w", certFile, err)
	}
	private, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the key %s is not the kind that Penstock makes", keyFile)
	}
	return &authority{pair.Leaf, private}, nil
}

func makeAuthority(fsys vfs.FS, certFile, keyFile string, now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random{})
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Penstock local authority " + id.Hex(4), Organization: []string{organization}},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(authorityLife), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	der, err := x509.CreateCertificate(random{}, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	secret, err := keyPEM(key)
	if err == nil {
		err = vfs.WriteFile(fsys, keyFile, secret)
	}
	if err == nil {
		err = vfs.SyncNow(fsys, filepath.Dir(keyFile))
	}
	if err == nil {
		err = vfs.WriteFile(fsys, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	if err != nil {
		return nil, fmt.Errorf("write the certificate authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert, key}, err
}

// readServer reads the server's certificate; nil when there is none that can be used.
func readServer(fsys vfs.FS, file string) *tls.Certificate {
	text, err := vfs.ReadFile(fsys, file)
	if err != nil {
		return nil
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil
	}
	return &pair
}

// good reports whether a certificate is this authority's, not near its end, and for all hosts.
func (a *authority) good(c *x509.Certificate, hosts []string, now time.Time) bool {
	if c.CheckSignatureFrom(a.cert) != nil || now.Add(renewBefore).After(c.NotAfter) || now.Before(c.NotBefore) {
		return false
	}
	for _, h := range hosts {
		if c.VerifyHostname(h) != nil {
			return false
		}
	}
	return true
}

// issue makes a certificate and keeps it.
func (a *authority) issue(fsys vfs.FS, file string, hosts []string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random{})
	if err != nil {
		return nil, fmt.Errorf("make a TLS certificate: %w", err)
	}
	end := now.Add(serverLife)
	if end.After(a.cert.NotAfter) {
		end = a.cert.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "localhost", Organization: []string{organization}}, NotBefore: now.Add(-backdate),
		NotAfter: end, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, DNSNames: append([]string{}, names...), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); h == "127.0.0.1" || h == "::1" || h == "localhost" {
			continue
		} else if ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(random{}, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("make a TLS certificate: %w", err)
	}
	text, err := keyPEM(key)
	if err != nil {
		return nil, err
	}
	text = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), text...)
	if err := vfs.WriteFile(fsys, file, text); err != nil {
		return nil, fmt.Errorf("write the TLS certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(text, text)
	return &pair, err
}

func keyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make a TLS key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// serial is a certificate's number: 127 random bits, so that it is positive.
func serial() *big.Int {
	b := id.Bytes(16)
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b)
}

// random is package id as a reader.
type random struct{}

func (random) Read(p []byte) (int, error) { return copy(p, id.Bytes(len(p))), nil }
