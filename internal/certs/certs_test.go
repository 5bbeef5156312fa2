package certs

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/vfs"
)

var began = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

func local(t *testing.T, fsys vfs.FS, dir string, clk clock.Clock, hosts ...string) *Source {
	t.Helper()
	s, err := Local(fsys, dir, hosts, clk.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func leaf(t *testing.T, s *Source) *x509.Certificate {
	t.Helper()
	c, err := s.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	return c.Leaf
}

// verify checks a certificate as a client does that trusts the authority's file.
func verify(s *Source, c *x509.Certificate, host string, now time.Time) error {
	text, err := os.ReadFile(s.Trust())
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	_, err = c.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: now})
	return err
}

func TestLocalIsTrustedByItsNames(t *testing.T) {
	dir, clk := filepath.Join(t.TempDir(), "tls"), clock.NewManual(began)
	s := local(t, vfs.OS{}, dir, clk, "10.1.2.3", "pipes.example")
	for host, good := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "lake.localhost": true,
		"lake.s3.localhost": true, "10.1.2.3": true, "pipes.example": true, "other.example": false, "10.1.2.4": false} {
		if err := verify(s, leaf(t, s), host, began); (err == nil) != good {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, name := range []string{AuthorityName, authorityKey, serverName} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if name, err := s.Name(); name != "127.0.0.1" || err != nil {
		t.Errorf("a name is %q, %v", name, err)
	}
}

// TestRenewal: the authority stays, the server's certificate is another one in time, and when a host is new; until then it is the same one.
func TestRenewal(t *testing.T) {
	dir, clk := t.TempDir(), clock.NewManual(began)
	s := local(t, vfs.OS{}, dir, clk)
	first, ca := leaf(t, s), string(read(t, s.Trust()))
	if again := leaf(t, local(t, vfs.OS{}, dir, clk)); !again.Equal(first) {
		t.Error("a second start makes another certificate")
	}
	clk.Advance(serverLife - renewBefore - time.Hour)
	if !leaf(t, s).Equal(first) {
		t.Error("renewed too early")
	}
	clk.Advance(2 * time.Hour)
	second := leaf(t, s)
	if second.Equal(first) || verify(s, second, "localhost", clk.Now()) != nil {
		t.Error("not renewed while the server runs")
	}
	other := local(t, vfs.OS{}, dir, clk, "new.example")
	if err := verify(other, leaf(t, other), "new.example", clk.Now()); err != nil {
		t.Errorf("a new host: %v", err)
	}
	if string(read(t, s.Trust())) != ca {
		t.Error("the authority is another one")
	}
}

// TestFullDiskKeepsTheOldCertificate has a renewal that cannot be written.
func TestFullDiskKeepsTheOldCertificate(t *testing.T) {
	mem := vfs.NewFaulty(vfs.NewMem())
	clk := clock.NewManual(began)
	s := local(t, mem, "/tls", clk)
	first := leaf(t, s)
	clk.Advance(serverLife - time.Hour)
	full := errors.New("no space")
	mem.FailWhen(func(o vfs.Op) error {
		if o.Name == "create" {
			return full
		}
		return nil
	})
	if !leaf(t, s).Equal(first) {
		t.Error("another certificate, which is not on disk")
	}
	mem.FailWhen(nil)
	if leaf(t, s).Equal(first) {
		t.Error("not renewed when there is room again")
	}
}

// TestOwn takes a user's certificate, and another one when its files change.
func TestOwn(t *testing.T) {
	dir, clk := t.TempDir(), clock.NewManual(began)
	cert, key := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	put := func(s *Source, at time.Time, mode os.FileMode) {
		c, err := s.Certificate()
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		os.Remove(key)
		for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: c.Certificate[0]},
			key: {Type: "PRIVATE KEY", Bytes: der}} {
			if err := errors.Join(os.WriteFile(name, pem.EncodeToMemory(block), mode), os.Chmod(name, mode), os.Chtimes(name, at, at)); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, b := local(t, vfs.OS{}, t.TempDir(), clk), local(t, vfs.OS{}, t.TempDir(), clk)
	put(a, began, 0o644)
	if _, err := Own(cert, key, clk.Now); err == nil || !strings.Contains(err.Error(), "chmod 600 "+key) {
		t.Errorf("an open key: %v", err)
	}
	put(a, began, 0o600)
	s, err := Own(cert, key, clk.Now)
	if err != nil || s.Trust() != "" || !leaf(t, s).Equal(leaf(t, a)) {
		t.Fatalf("trust %q, %v", s.Trust(), err)
	}
	put(b, began.Add(time.Minute), 0o600)
	if !leaf(t, s).Equal(leaf(t, b)) {
		t.Error("a changed file is not read")
	}
	os.Remove(cert)
	if !leaf(t, s).Equal(leaf(t, b)) {
		t.Error("nothing is shown when the file is gone")
	}
	if _, err := Own(cert, key, clk.Now); err == nil {
		t.Error("no file, no error")
	}
	put(a, began, 0o600)
	clk.Advance(2 * serverLife)
	if _, err := Own(cert, key, clk.Now); err == nil || !strings.Contains(err.Error(), "and not now") {
		t.Errorf("an old certificate: %v", err)
	}
}

func TestAuthorityWithoutItsKey(t *testing.T) {
	dir, clk := t.TempDir(), clock.NewManual(began)
	local(t, vfs.OS{}, dir, clk)
	key := filepath.Join(dir, authorityKey)
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Local(vfs.OS{}, dir, nil, clk.Now); err == nil || !strings.Contains(err.Error(), "chmod 600 "+key) {
		t.Errorf("an open key: %v", err)
	}
	os.Remove(key)
	if _, err := Local(vfs.OS{}, dir, nil, clk.Now); err == nil {
		t.Error("an authority without its key is taken")
	}
}

// TestFirstStartSurvivesEveryCrash cuts the power after each step of the first start: the next one ends with a pair that fits.
func TestFirstStartSurvivesEveryCrash(t *testing.T) {
	clk := clock.NewManual(began)
	count := 0
	mem := vfs.NewMem()
	mem.Observe(func(vfs.Op) { count++ })
	local(t, mem, "/d/tls", clk)
	for stop := 1; stop <= count; stop++ {
		m, n := vfs.NewMem(), 0
		var after *vfs.Mem
		m.Observe(func(vfs.Op) {
			if n++; n == stop {
				after = m.CrashClone(vfs.Crash{})
			}
		})
		local(t, m, "/d/tls", clk)
		if after == nil {
			continue
		}
		s := local(t, after, "/d/tls", clk)
		cert, err := s.Certificate()
		if err != nil {
			t.Fatal(err)
		}
		ca, err := vfs.ReadFile(after, "/d/tls/"+AuthorityName)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(ca)
		if _, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: "localhost", Roots: roots, CurrentTime: began}); err != nil {
			t.Errorf("cut after step %d: %v", stop, err)
		}
	}
}

func TestBundleHoldsTheAuthority(t *testing.T) {
	dir, clk := t.TempDir(), clock.NewManual(began)
	s := local(t, vfs.OS{}, dir, clk)
	name, err := Bundle(vfs.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	if name == "" {
		t.Skip("this system keeps its certificates in no file")
	}
	if !strings.HasSuffix(string(read(t, name)), string(read(t, s.Trust()))) || len(read(t, name)) < 10*len(read(t, s.Trust())) {
		t.Error("the bundle is not the system's certificates and the authority")
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Each address of this machine has a certificate that holds for it, and keeps it.
func TestOtherLoopbackAddresses(t *testing.T) {
	for _, host := range []string{"127.0.0.2", "127.0.1.1", "::1"} {
		s, err := Local(vfs.OS{}, t.TempDir(), []string{host}, clock.NewManual(began).Now)
		if err != nil {
			t.Fatal(host, err)
		}
		a, b := leaf(t, s), leaf(t, s)
		if err := verify(s, a, host, began); err != nil || !a.Equal(b) {
			t.Errorf("%s: %v, the same twice: %v", host, err, a.Equal(b))
		}
	}
}
