package script

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// storePassword is Java's usual one of a store that has nothing secret.
const storePassword = "changeit"

// trustStore is where Java finds the certificates that the run trusts.
func (s *Submit) trustStore() string { return filepath.Join(s.Dir, "trust.jks") }

// writeTrust writes the certificates of a PEM file as a store that Java reads: the format JKS of sun.security.provider.JavaKeyStore, with
// entries of trusted certificates only. Its digest with the usual password tells damage, not forgery: who can write here needs no key.
func writeTrust(name, from string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var certs [][]byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			continue // a system's list may have one that Go does not read
		}
		certs = append(certs, block.Bytes)
	}
	if len(certs) == 0 {
		return errors.New(from + " has no certificates")
	}
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.BigEndian, v) } // to memory
	utf := func(s string) { put(uint16(len(s))); b.WriteString(s) }
	put(uint32(0xfeedfeed))
	put([]uint32{2, uint32(len(certs))}) // version, entries
	for i, der := range certs {
		put(uint32(2)) // a trusted certificate
		utf(fmt.Sprintf("c%d", i))
		put(int64(0)) // when it was added
		utf("X.509")
		put(uint32(len(der)))
		b.Write(der)
	}
	h := sha1.New()
	for _, c := range storePassword {
		h.Write([]byte{0, byte(c)})
	}
	h.Write([]byte("Mighty Aphrodite")) // the format's own salt
	h.Write(b.Bytes())
	return os.WriteFile(name, h.Sum(b.Bytes()), 0o600)
}
