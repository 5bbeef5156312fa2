package sigv4

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A scratch is memory that one verification uses and the next uses again.
type scratch struct {
	buf   []byte
	spans []span
}

// A span is a parameter of the query in a buffer, its name and value escaped.
type span struct{ name, value []byte }

// A pool gives each verification its scratch.
type pool struct{ p sync.Pool }

func (p *pool) get() *scratch {
	if s, ok := p.p.Get().(*scratch); ok {
		return s
	}
	return &scratch{buf: make([]byte, 0, 2048)}
}

// maxKept is the largest buffer that is kept, in bytes.
const maxKept = 64 << 10

func (p *pool) put(s *scratch) {
	if cap(s.buf) > maxKept {
		return
	}
	clear(s.spans)
	s.buf, s.spans = s.buf[:0], s.spans[:0]
	p.p.Put(s)
}

// canonical returns the request as its signer saw it, in the scratch's buffer.
func (s *scratch) canonical(r *http.Request, c *Claim, payloadHash string) []byte {
	query := s.query(c)
	b := append(s.buf[:0], r.Method...)
	b = append(b, '\n')
	b = appendPath(b, r, c.Service)
	b = append(b, '\n')
	b = append(b, query...)
	b = append(b, '\n')
	for rest := c.signed; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, ";")
		b = append(append(b, name...), ':')
		b = append(appendHeader(b, r, name), '\n')
	}
	b = append(append(b, '\n'), c.signed...)
	s.buf = append(append(b, '\n'), payloadHash...)
	return s.buf
}

// appendPath encodes the path once for S3 and, of the path as it was sent, once more for every other service.
func appendPath(b []byte, r *http.Request, service string) []byte {
	path := r.URL.Path
	if service != "s3" {
		path = r.URL.EscapedPath()
	}
	if path == "" {
		path = "/"
	}
	return appendEscaped(b, path, true)
}

// query returns the canonical query: sorted by name and then by value, both escaped.
func (s *scratch) query(c *Claim) []byte {
	if len(c.query) == 0 {
		return nil
	}
	size := 0
	for _, p := range c.query {
		size += 3*(len(p.k)+len(p.v)) + 2
	}
	b := make([]byte, 0, 2*size) // of one piece: spans point into it
	for _, p := range c.query {
		if c.form == inQuery && p.k == "X-Amz-Signature" {
			continue
		}
		from := len(b)
		b = appendEscaped(b, p.k, false)
		mid := len(b)
		b = appendEscaped(b, p.v, false)
		s.spans = append(s.spans, span{b[from:mid:mid], b[mid:len(b):len(b)]})
	}
	slices.SortFunc(s.spans, func(a, b span) int {
		return cmp.Or(bytes.Compare(a.name, b.name), bytes.Compare(a.value, b.value))
	})
	from := len(b)
	for i, p := range s.spans {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(append(append(b, p.name...), '='), p.value...)
	}
	return b[from:]
}

// appendHeader appends a header's values as the signer joined them: trimmed, runs of spaces made one.
func appendHeader(b []byte, r *http.Request, name string) []byte {
	switch name {
	case "host":
		return append(b, r.Host...)
	case "content-length":
		return strconv.AppendInt(b, r.ContentLength, 10)
	case "transfer-encoding":
		return append(b, strings.Join(r.TransferEncoding, ",")...)
	}
	for i, v := range header(r.Header, name) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTrimmed(b, v)
	}
	return b
}

// header returns a header's values by its name in small letters, without making the canonical form of the name a string.
func header(h http.Header, name string) []string {
	var buf [64]byte
	if len(name) > len(buf) {
		return h[http.CanonicalHeaderKey(name)]
	}
	upper := true
	for i := range len(name) {
		c := name[i]
		if upper && c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		} else if !upper && c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i], upper = c, c == '-'
	}
	return h[string(buf[:len(name)])]
}

func appendTrimmed(b []byte, v string) []byte {
	plain := true
	for i := range len(v) {
		plain = plain && v[i] < 0x80 && v[i] != '\t' && (v[i] != ' ' || i > 0 && i < len(v)-1 && v[i-1] != ' ')
	}
	if plain {
		return append(b, v...)
	}
	return append(b, strings.Join(strings.Fields(v), " ")...)
}

const upperHex = "0123456789ABCDEF"

// appendEscaped appends AWS's URI encoding: all but letters, digits, "-._~" and, in a path, "/".
func appendEscaped(b []byte, s string, path bool) []byte {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~', path && c == '/':
			b = append(b, c)
		default:
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return b
}
