package warehouse

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync"

	"penstock/internal/child/warehouse/calls"
)

// tlsConfig lets clients have TLS with the control process's certificate, which is asked for at each handshake: it may have been renewed.
func tlsConfig(parent caller) *tls.Config {
	var mu sync.Mutex
	var last calls.Certificate
	var made *tls.Certificate
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			var now calls.Certificate
			if err := parent.Call(hello.Context(), calls.PathCertificate, calls.None{}, &now); err != nil {
				return nil, fmt.Errorf("ask for the certificate: %w", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if made != nil && bytes.Equal(now.Key, last.Key) && bytes.Equal(bytes.Join(now.Chain, nil), bytes.Join(last.Chain, nil)) {
				return made, nil
			}
			key, err := x509.ParsePKCS8PrivateKey(now.Key)
			if err != nil {
				return nil, fmt.Errorf("read the certificate's key: %w", err)
			}
			last, made = now, &tls.Certificate{Certificate: now.Chain, PrivateKey: key.(crypto.PrivateKey)}
			return made, nil
		},
	}
}
