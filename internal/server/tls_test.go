package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"penstock/internal/clock"
)

// TestHTTPS serves AWS clients by TLS: a client that trusts the holder's file gets an answer, one that speaks plain HTTP a clear refusal.
func TestHTTPS(t *testing.T) {
	o := options(t.TempDir())
	o.TLS = true
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	h, held, err := Held(o.Data, clock.Real{})
	if err != nil || !held || !strings.HasPrefix(h.Endpoint, "https://127.0.0.1:") {
		t.Fatalf("held %v by %+v, %v", held, h, err)
	}
	text, err := os.ReadFile(h.TLS.File)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for url, want := range map[string]string{
		h.Endpoint + "/b/k": "404 HTTP/1.1 <Code>NoSuchBucket</Code>",
		"http" + strings.TrimPrefix(h.Endpoint, "https") + "/b/k": "400 HTTP/1.0 Client sent an HTTP request to an HTTPS server.",
	} {
		res, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		status, rest, _ := strings.Cut(want, " ")
		proto, text, _ := strings.Cut(rest, " ")
		if res.Status[:3] != status || res.Proto != proto || !strings.Contains(string(b), text) {
			t.Errorf("%s: %s %s %s", url, res.Proto, res.Status, b)
		}
	}
}

// TestOwnCertificateNeedsItsKey: half a pair is refused.
func TestOwnCertificateNeedsItsKey(t *testing.T) {
	o := options(t.TempDir())
	o.TLSCert = "/some/cert.pem"
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "belong together") {
		t.Errorf("got %v", err)
	}
}

func TestHostsOfAddresses(t *testing.T) {
	if got := strings.Join(hosts("127.0.0.1:4580", "pipes.example:5439"), " "); got != "127.0.0.1 pipes.example" {
		t.Errorf("got %s", got)
	}
	if got := hosts("0.0.0.0:0"); len(got) == 0 || strings.Contains(strings.Join(got, " "), "0.0.0.0") {
		t.Errorf("every interface: %v", got)
	}
}
