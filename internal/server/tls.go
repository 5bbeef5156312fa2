package server

import (
	"cmp"
	"net"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"penstock/internal/api/door"
	"penstock/internal/certs"
	"penstock/internal/vfs"
)

// openCerts finds the data directory's own certificate for both ports, or makes it. bundle is a file for clients that know only one file
// of what they trust.
func openCerts(o Options, files vfs.FS) (source *certs.Source, bundle string, err error) {
	dir := filepath.Join(o.Data, certs.Folder)
	if source, err = certs.Local(files, dir, hosts(o.HTTP, o.Warehouse), o.Clock.Now); err != nil {
		return nil, "", err
	}
	bundle, err = certs.Bundle(files, dir)
	return source, bundle, err
}

// hosts are the names under which clients know the addresses: for one that is every interface of this machine, its own name and addresses.
func hosts(addresses ...string) (out []string) {
	for _, a := range addresses {
		host, _, err := net.SplitHostPort(a)
		if err != nil {
			continue // listen has refused it
		}
		if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
			out = append(out, host)
			continue
		}
		if name, err := os.Hostname(); err == nil && name != "" &&
			!strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
			out = append(out, name)
		}
		addrs, err := net.InterfaceAddrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
				out = append(out, n.IP.String())
			}
		}
	}
	return out
}

// reachable is where a client of this machine finds a listener: one on every interface is on the loopback too.
func reachable(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return a.String()
	}
	at := *t
	at.IP = net.IPv4(127, 0, 0, 1)
	return at.String()
}

// programTrust is the file by which the AWS clients of a program that the server starts know the endpoint; "" where it speaks no TLS.
func (s *Server) programTrust() string {
	if !s.opts.TLS {
		return ""
	}
	return s.certs.Trust()
}

// javaTrust is the file of all that a Java program is to trust, which knows one file only; "" where its own will do.
func (s *Server) javaTrust() string {
	if s.programTrust() == "" {
		return ""
	}
	return cmp.Or(s.bundle, s.certs.Trust())
}

// serveHTTP serves AWS clients until the server is shut down.
func (s *Server) serveHTTP() error {
	l := door.WholeAnswers(s.listener, s.lean)
	if !s.opts.TLS {
		return s.http.Serve(l)
	}
	return s.http.ServeTLS(l, "", "") // net/http answers 400 to clients that speak plain HTTP
}
