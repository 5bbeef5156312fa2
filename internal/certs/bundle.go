package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"penstock/internal/vfs"
)

// Folder is the name of a data directory's folder of certificates.
const Folder = "tls"

// BundleName is the file in a data directory's folder of certificates that holds what the system trusts and the authority besides.
const BundleName = "bundle.crt"

// systemFiles are where systems keep the certificates that all programs trust, as Go's crypto/x509 knows them.
var systemFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch
	"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL
	"/etc/ssl/ca-bundle.pem",                            // SUSE
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS
	"/etc/ssl/cert.pem",                                 // Alpine, macOS
}

// Bundle writes the file for clients that know only one file of trusted certificates: naming it to them takes nothing away that they
// trusted before. It returns "" where the system keeps no such file.
func Bundle(fsys vfs.FS, dir string) (string, error) {
	ours, err := vfs.ReadFile(fsys, filepath.Join(dir, AuthorityName))
	if err != nil {
		return "", fmt.Errorf("read the certificate authority: %w", err)
	}
	for _, name := range systemFiles {
		system, err := vfs.ReadFile(vfs.OS{}, name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("read the system's certificates: %w", err)
		}
		file := filepath.Join(dir, BundleName)
		text := append(append(bytes.TrimRight(system, "\n"), '\n'), ours...)
		if old, err := vfs.ReadFile(fsys, file); err == nil && bytes.Equal(old, text) {
			return file, nil
		}
		return file, vfs.WriteFile(fsys, file, text)
	}
	return "", nil
}

// OfSystem reports whether a file is one of the system's, which Bundle holds the content of.
func OfSystem(name string) bool { return slices.Contains(systemFiles, name) }

// OfAuthority reports whether a file is one that the runtime made for clients in a data directory, any one: it has such a file's name, and
// holds or ends with the authority's certificate, or is gone as its data directory is. A file of the user's own to which he added that
// certificate is none.
func OfAuthority(name string) bool {
	base := filepath.Base(name)
	if filepath.Base(filepath.Dir(name)) != Folder || base != BundleName && base != AuthorityName {
		return false
	}
	text, err := vfs.ReadFile(vfs.OS{}, name)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	at := bytes.LastIndex(text, []byte("-----BEGIN CERTIFICATE-----"))
	if at < 0 {
		return false
	}
	block, _ := pem.Decode(text[at:])
	if block == nil {
		return false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	return err == nil && c.IsCA && slices.Contains(c.Subject.Organization, organization)
}
