package door

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/sigv4"
	"penstock/internal/id"
)

// plain is the short way for whole objects. It answers only what it knows in every detail; for the rest it leaves the request as it came
// and reports false, so that every refusal has one wording. A fuzz test of package s3 holds both ways to the same answers.
func (d *door) plain(w http.ResponseWriter, r *http.Request) bool {
	if d.table.Authorize != nil { // the table asks it, and this way does not pass the table
		return false
	}
	if len(d.plains) == 0 || r.URL.RawPath != "" || r.URL.ForceQuery || !plainHost(r.Host) {
		return false
	}
	if asksByQuery(r.URL.RawQuery) {
		return false
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	put, list := r.Method == http.MethodPut, r.Method == http.MethodGet && key == "" && strings.Contains(r.URL.RawQuery, "list-type=2")
	if bucket == "" || !list && (key == "" || r.URL.RawQuery != "") {
		return false
	}
	if !put && r.Method != http.MethodGet && r.Method != http.MethodHead || !plainLength(r, put) || !plainHeaders(r.Header, put) {
		return false
	}
	claim := sigv4.Read(r)
	p := d.plains[place{claim.Region, claim.Service}]
	if p == nil {
		return false
	}
	res, err := d.verifier.Verify(r, claim, api.MaxPlain)
	if err != nil || res.Presigned {
		return false
	}
	c := plainCall{w: w, r: r, p: p, bucket: bucket, key: key, service: claim.Service}
	switch {
	case list:
		return d.plainList(&c)
	case put:
		return d.plainPut(&c)
	}
	return d.plainGet(&c)
}

// asksByQuery reports whether a query may hold a parameter that stands for a header, which verifying it would put among the headers: the
// general way must find the request as it came.
func asksByQuery(query string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if strings.ContainsAny(name, "%+;") || len(name) >= 6 && strings.EqualFold(name[:6], "x-amz-") {
			return true
		}
	}
	return false
}

// A plainCall is a request on the short way.
type plainCall struct {
	w                    http.ResponseWriter
	r                    *http.Request
	p                    *api.Plain
	service, bucket, key string
}

func (d *door) plainGet(c *plainCall) bool {
	h := c.w.Header()
	sums := c.r.Header["X-Amz-Checksum-Mode"]
	body, ok := c.p.Get(c.r.Context(), c.bucket, c.key, len(sums) > 0, h)
	if !ok {
		return false
	}
	op := "HeadObject"
	if c.r.Method == http.MethodGet {
		op = "GetObject"
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	d.plainEnd(c, op)
	if c.r.Method == http.MethodGet {
		writeBody(c.w, c.r, body)
	}
	return true
}

func (d *door) plainList(c *plainCall) bool {
	return c.p.List(c.r.Context(), c.bucket, c.r.URL.RawQuery, func(body []byte) {
		h := c.w.Header()
		h["Content-Type"], h["Content-Length"] = []string{"application/xml"}, []string{strconv.Itoa(len(body))}
		d.plainEnd(c, "ListObjectsV2")
		writeBody(c.w, c.r, body)
	})
}

func (d *door) plainPut(c *plainCall) bool {
	body := make([]byte, c.r.ContentLength)
	n, err := io.ReadFull(c.r.Body, body)
	if err == nil && plainHash(c.r.Header, body) {
		if c.p.Put(c.r.Context(), c.bucket, c.key, first(c.r.Header["Content-Type"]), body, c.w.Header()) {
			c.w.Header()["Content-Length"] = []string{"0"}
			d.plainEnd(c, "PutObject")
			return true
		}
	}
	c.r.Body = replay{io.MultiReader(bytes.NewReader(body[:n]), broken{err}, c.r.Body), c.r.Body}
	return false
}

// plainEnd writes the head of an answer.
func (d *door) plainEnd(c *plainCall, op string) {
	h, requestID := c.w.Header(), id.UUID()
	h["X-Amz-Request-Id"] = []string{requestID}
	h["X-Amz-Id-2"] = []string{hostID(requestID)}
	c.w.WriteHeader(http.StatusOK)
	if d.log != nil && d.log.Enabled(c.r.Context(), slog.LevelDebug) {
		d.log.DebugContext(c.r.Context(), "request", "service", c.service, "op", op, "code", "", "id", requestID)
	}
}

// plainHost reports whether a host is an address or a name without a dot: others may hold a bucket.
func plainHost(host string) bool {
	dot, letter := false, false
	for i := range len(host) {
		switch b := host[i]; {
		case b == '.':
			dot = true
		case b == ':':
			return !dot || !letter
		case b < '0' || b > '9':
			letter = true
		}
	}
	return !dot || !letter
}

func plainLength(r *http.Request, put bool) bool {
	if !put {
		return r.ContentLength == 0
	}
	return r.ContentLength >= 0 && r.ContentLength <= api.MaxPlain && len(r.TransferEncoding) == 0
}

// plainHeaders reports whether all headers are known to change nothing, or are dealt with here.
func plainHeaders(h http.Header, put bool) bool {
	for name, values := range h {
		if len(values) != 1 {
			return false
		}
		switch name {
		case "Authorization", "X-Amz-Date", "User-Agent", "Accept", "Accept-Encoding", "Connection", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request":
		case "X-Amz-Content-Sha256":
			if len(values[0]) != 2*sha256.Size && values[0] != unsignedPayload {
				return false
			}
		case "X-Amz-Checksum-Mode":
			if put || values[0] != "ENABLED" {
				return false
			}
		case "Content-Length":
		case "Content-Type":
			if !put {
				return false
			}
		default:
			return false
		}
	}
	return true
}

const unsignedPayload = "UNSIGNED-PAYLOAD"

// plainHash reports whether a body is what was signed.
func plainHash(h http.Header, body []byte) bool {
	claimed := first(h["X-Amz-Content-Sha256"])
	if claimed == unsignedPayload {
		return true
	}
	sum := sha256.Sum256(body)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:]) == claimed
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// replay gives a body again from its beginning.
type replay struct {
	io.Reader
	io.Closer
}

// broken gives the error that ended a body, or goes on.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err == nil {
		return 0, io.EOF
	}
	return 0, b.err
}

// A place is a service in a region.
type place struct{ region, service string }

// plains finds the services that have a short way.
func plains(tables api.Regions) map[place]*api.Plain {
	out := map[place]*api.Plain{}
	for _, t := range tables {
		for _, s := range t.Services() {
			if s.Plain != nil {
				out[place{t.Region, s.Name}] = s.Plain
			}
		}
	}
	return out
}
