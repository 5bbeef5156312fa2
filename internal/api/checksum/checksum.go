// Package checksum verifies the checksums of S3 that a request claims while its body is read. The hashes are package blob's; it stores
// nothing.
package checksum

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"hash"
	"io"
	"net/http"
	"slices"
	"sort"
	"strings"

	"penstock/internal/api"
	"penstock/internal/blob"
)

const prefix = "x-amz-checksum-"

// other headers with the prefix, which name no checksum.
func isValue(name string) (algorithm string, ok bool) {
	a, ok := strings.CutPrefix(strings.ToLower(name), prefix)
	if !ok || a == "algorithm" || a == "mode" || a == "type" {
		return "", false
	}
	return strings.ToUpper(a), true
}

// A Reader verifies a body against the checksums that a request claims.
type Reader struct {
	r       io.Reader
	trailer func() http.Header
	claims  claims
	done    map[string]string
	err     error
}

type claim struct {
	name    string // CRC32, ..., or Content-MD5
	want    []byte // nil: in the trailer
	h       hash.Hash
	trailer bool
}

type claims []*claim

// name reports whether the claims are of the algorithm that the request names, if it names one and claims anything.
func (c claims) name(algorithm string) bool {
	if algorithm == "" || len(c) == 0 {
		return true
	}
	return slices.ContainsFunc(c, func(c *claim) bool { return strings.EqualFold(c.name, algorithm) })
}

// NewReader wraps a body. header holds the claims; trailer, called after the end of r, what followed the body. A claim of an unknown
// algorithm or with text that is no such checksum is an error.
func NewReader(r io.Reader, header http.Header, trailer func() http.Header) (*Reader, error) {
	v := &Reader{r: r, trailer: trailer}
	if several(header) > 1 {
		return nil, &api.Error{Code: "InvalidRequest", Status: 400,
			Message: "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."}
	}
	for name := range header {
		if err := v.claim(name, header.Get(name)); err != nil {
			return nil, err
		}
	}
	for _, list := range header.Values("X-Amz-Trailer") {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			alg, _ := isValue(name)
			h := blob.Algorithm(alg).Hash()
			if h == nil { // S3 has nothing else behind a body
				return nil, &api.Error{Code: "InvalidRequest", Status: 400,
					Message: "The value specified in the x-amz-trailer header is not supported"}
			}
			v.claims = append(v.claims, &claim{name: alg, h: h, trailer: true})
		}
	}
	if !v.claims.name(header.Get("X-Amz-Sdk-Checksum-Algorithm")) {
		return nil, invalid("x-amz-sdk-checksum-algorithm")
	}
	if md := header["Content-Md5"]; len(md) > 0 {
		want, err := base64.StdEncoding.DecodeString(md[0])
		if err != nil || len(want) != md5.Size {
			return nil, &api.Error{Code: "InvalidDigest", Message: "The Content-MD5 you specified was invalid.", Status: 400,
				Fields: map[string]string{"Content-MD5": md[0]}}
		}
		v.claims = append(v.claims, &claim{name: "Content-MD5", want: want, h: md5.New()})
	}
	sort.Slice(v.claims, func(i, j int) bool { return v.claims[i].name < v.claims[j].name })
	return v, nil
}

// several counts the checksums that a request claims, in its header and behind its body.
func several(header http.Header) (n int) {
	for name := range header {
		if _, ok := isValue(name); ok {
			n++
		}
	}
	for _, list := range header["X-Amz-Trailer"] {
		for name := range strings.SplitSeq(list, ",") {
			if _, ok := isValue(strings.TrimSpace(name)); ok {
				n++
			}
		}
	}
	return n
}

func (v *Reader) claim(name, value string) error {
	alg, ok := isValue(name)
	if !ok {
		return nil
	}
	h := blob.Algorithm(alg).Hash()
	if h == nil {
		return unknown()
	}
	want, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(want) != h.Size() {
		return invalid(name)
	}
	v.claims = append(v.claims, &claim{name: alg, want: want, h: h})
	return nil
}

func unknown() error {
	return &api.Error{Code: "InvalidRequest", Message: "The algorithm type you specified in x-amz-checksum- header is invalid.", Status: 400}
}

func invalid(name string) error {
	return &api.Error{Code: "InvalidRequest", Message: "Value for " + strings.ToLower(name) + " header is invalid.", Status: 400}
}

// Read implements io.Reader. The end of the body is an error when a claim does not hold.
func (v *Reader) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n, err := v.r.Read(p)
	for _, c := range v.claims {
		c.h.Write(p[:n])
	}
	if err == io.EOF {
		err = v.verify()
	}
	v.err = err
	return n, err
}

func (v *Reader) verify() error {
	v.done = map[string]string{}
	for _, c := range v.claims {
		if c.trailer {
			text := ""
			if v.trailer != nil {
				text = v.trailer().Get(prefix + c.name)
			}
			want, err := base64.StdEncoding.DecodeString(text)
			if err != nil || len(want) != c.h.Size() {
				return &api.Error{Code: "InvalidRequest", Status: 400,
					Message: "Value for " + strings.ToLower(prefix+c.name) + " trailing header is invalid."}
			}
			c.want = want
		}
		got := c.h.Sum(nil)
		if !bytes.Equal(got, c.want) {
			return &api.Error{Code: "BadDigest", Status: 400, Message: "The " + c.name + " you specified did not match the calculated checksum."}
		}
		if c.name != "Content-MD5" {
			v.done[c.name] = base64.StdEncoding.EncodeToString(got)
		}
	}
	return io.EOF
}

// Checksums implements api.Checksummed.
func (v *Reader) Checksums() map[string]string { return v.done }
