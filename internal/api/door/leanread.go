package door

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// A plainRequest is a request that was read from the bytes of a connection; its memory is used again by the next.
type plainRequest struct {
	http.Request
	url    url.URL
	values [16]string // of the headers
	body   plainBody
}

// A plainBody is a body whose bytes have all come.
type plainBody struct{ bytes.Reader }

// Close implements io.Closer.
func (*plainBody) Close() error { return nil }

// read reads a request that is b, all of it: GET or HEAD of a path without escapes, or POST to "/" with a body, by HTTP/1.1, with headers
// that plainName knows, each once. It reports false for every other, of which it judges nothing. The body is valid as long as b.
func (r *plainRequest) read(b []byte) bool {
	if len(b) < len("GET / ") || b[0] != 'G' && b[0] != 'H' && b[0] != 'P' {
		return false
	}
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return false
	}
	head, body := string(b[:end]), b[end+4:]
	line, rest, more := strings.Cut(head, "\r\n")
	if !r.readLine(line) {
		return false
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	clear(r.Header)
	r.Host = ""
	for n := 0; more; n++ {
		line, rest, more = strings.Cut(rest, "\r\n")
		if n == len(r.values) || !r.readHeader(line, r.values[n:n+1:n+1]) {
			return false
		}
	}
	return r.Host != "" && r.readBody(body)
}

// readBody takes what follows the header, which must be all that the header tells of. More is another request.
func (r *plainRequest) readBody(b []byte) bool {
	told := r.Header["Content-Length"]
	if r.Method != http.MethodPost {
		r.Body, r.ContentLength = http.NoBody, 0
		return told == nil && len(b) == 0
	}
	if len(told) != 1 || len(b) == 0 || told[0] != strconv.Itoa(len(b)) {
		return false
	}
	r.body.Reset(b)
	r.Body, r.ContentLength = &r.body, int64(len(b))
	return true
}

// readLine reads the first line.
func (r *plainRequest) readLine(line string) bool {
	method, rest, _ := strings.Cut(line, " ")
	target, proto, _ := strings.Cut(rest, " ")
	path, query, asks := strings.Cut(target, "?")
	switch method {
	case http.MethodGet, http.MethodHead:
		if len(path) < 2 || path[0] != '/' || path[1] == '/' || !allIn(path, &pathBytes) || asks && (query == "" || !allIn(query, &queryBytes)) {
			return false
		}
	case http.MethodPost:
		if target != "/" {
			return false
		}
	default:
		return false
	}
	if proto != "HTTP/1.1" {
		return false
	}
	r.url = url.URL{Path: path, RawQuery: query}
	r.Method, r.URL, r.RequestURI = method, &r.url, target
	return true
}

// readHeader reads a line of the header into value.
func (r *plainRequest) readHeader(line string, value []string) bool {
	name, text, ok := strings.Cut(line, ":")
	name = plainName(name)
	text = strings.Trim(text, " \t")
	if !ok || name == "" || !allIn(text, &valueBytes) {
		return false
	}
	switch name {
	case "Host":
		ok = r.Host == "" && text != "" && allIn(text, &hostBytes)
		r.Host = text
		return ok
	case "Connection":
		if !strings.EqualFold(text, "keep-alive") {
			return false
		}
	}
	if r.Header[name] != nil {
		return false
	}
	value[0] = text
	r.Header[name] = value
	return true
}

// plainName is the canonical form of a header's name, "" when a plain request has no such header.
func plainName(name string) string {
	var canonical string
	switch len(name) {
	case 4:
		canonical = "Host"
	case 6:
		canonical = "Accept"
	case 10:
		switch name[0] {
		case 'C', 'c':
			canonical = "Connection"
		case 'U', 'u':
			canonical = "User-Agent"
		default:
			canonical = "X-Amz-Date"
		}
	case 12:
		if canonical = "Content-Type"; name[0] == 'x' || name[0] == 'X' {
			canonical = "X-Amz-Target"
		}
	case 14:
		canonical = "Content-Length"
	case 13:
		canonical = "Authorization"
	case 15:
		if canonical = "Accept-Encoding"; name[1] == 'm' || name[1] == 'M' {
			canonical = "Amz-Sdk-Request"
		}
	case 19:
		canonical = "X-Amz-Checksum-Mode"
	case 20:
		canonical = "X-Amz-Content-Sha256"
	case 21:
		canonical = "Amz-Sdk-Invocation-Id"
	}
	if name == canonical || strings.EqualFold(name, canonical) {
		return canonical
	}
	return ""
}

// A byteSet says which bytes a text may have.
type byteSet [256]bool

func allIn(s string, set *byteSet) bool {
	for i := range len(s) {
		if !set[s[i]] {
			return false
		}
	}
	return true
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// The bytes of paths stand for themselves in net/url, and it writes them so too.
var (
	pathBytes  = bytesOf(unreserved + "/=+@:$&")
	queryBytes = bytesOf(unreserved + "/=+@:$&%,")
	hostBytes  = bytesOf(unreserved + ":")
	valueBytes = printable()
)

func bytesOf(s string) (set byteSet) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

func printable() (set byteSet) {
	for c := ' '; c <= '~'; c++ {
		set[c] = true
	}
	return set
}
