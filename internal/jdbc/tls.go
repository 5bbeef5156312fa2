package jdbc

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

var errNoTLS = errors.New("the server offers no TLS") //nolint:gochecknoglobals // a sentinel

// config is how TLS is spoken; nil for not at all.
func (a address) config() (*tls.Config, error) {
	if a.tls == tlsDisable {
		return nil, nil
	}
	c := &tls.Config{ServerName: a.host, MinVersion: tls.VersionTLS12}
	if a.roots != "" {
		text, err := os.ReadFile(a.roots)
		if err != nil {
			return nil, err
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("the file %s has no certificate", a.roots)
		}
	}
	switch a.tls {
	case tlsPrefer, tlsRequire:
		c.InsecureSkipVerify = true //nolint:gosec // as the drivers do when they are asked for no more
	case tlsTrusted:
		c.InsecureSkipVerify = true //nolint:gosec // the chain is verified below, the name is not asked for
		c.VerifyConnection = func(s tls.ConnectionState) error {
			between := x509.NewCertPool()
			for _, cert := range s.PeerCertificates[1:] {
				between.AddCert(cert)
			}
			_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: c.RootCAs, Intermediates: between})
			return err
		}
	}
	return c, nil
}
