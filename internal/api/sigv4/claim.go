package sigv4

import (
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm       = "AWS4-HMAC-SHA256"
	stampLayout     = "20060102T150405Z"
	maxExpires      = 7 * 24 * time.Hour
	maxSignedHeader = 200
)

// readClaim reads what a request says about its signature, from the Authorization header or from the query.
func readClaim(r *http.Request) (*claim, error) {
	auth := r.Header.Get("Authorization")
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &Fault{Kind: Malformed, Text: err.Error()}
	}
	alg := get(query, "X-Amz-Algorithm")
	switch {
	case auth != "" && alg != "":
		return nil, &Fault{Kind: Malformed, Text: "only one auth mechanism allowed"}
	case auth != "":
		return headerClaim(r, auth)
	case alg != "":
		return queryClaim(query)
	case get(query, "Signature") != "" && get(query, "AWSAccessKeyId") != "":
		return nil, &Fault{Kind: OldVersion}
	}
	return nil, &Fault{Kind: Anonymous}
}

func headerClaim(r *http.Request, auth string) (*claim, error) {
	alg, rest, _ := strings.Cut(strings.TrimSpace(auth), " ")
	if alg == "AWS" || strings.HasPrefix(alg, "AWS3") {
		return nil, &Fault{Kind: OldVersion}
	}
	if alg != algorithm {
		return nil, &Fault{Kind: Malformed, Text: "the authorization mechanism " + strconv.Quote(alg) + " is not supported, use " + algorithm}
	}
	c := &claim{}
	for _, part := range strings.Split(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch k {
		case "Credential":
			if err := c.credential(v); err != nil {
				return nil, err
			}
		case "SignedHeaders":
			c.signed = strings.Split(v, ";")
		case "Signature":
			c.signature = v
		}
	}
	c.stamp = r.Header.Get("X-Amz-Date")
	if c.stamp == "" {
		if t, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			c.stamp = t.UTC().Format(stampLayout)
		}
	}
	return c, c.complete()
}

func queryClaim(query []pair) (*claim, error) {
	c := &claim{presigned: true, stamp: get(query, "X-Amz-Date"), signature: get(query, "X-Amz-Signature")}
	if alg := get(query, "X-Amz-Algorithm"); alg != algorithm {
		return nil, &Fault{Kind: BadQuery, Text: `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"`}
	}
	if err := c.credential(get(query, "X-Amz-Credential")); err != nil {
		return nil, err
	}
	c.signed = strings.Split(get(query, "X-Amz-SignedHeaders"), ";")
	n, err := strconv.Atoi(get(query, "X-Amz-Expires"))
	if err != nil || n < 0 {
		return nil, &Fault{Kind: BadQuery, Text: "X-Amz-Expires should be a number"}
	}
	c.expires = time.Duration(n) * time.Second
	if c.expires > maxExpires {
		return nil, &Fault{Kind: BadQuery, Text: "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"}
	}
	return c, c.complete()
}

// credential reads AKID/20261124/us-east-1/s3/aws4_request. The access key id may itself hold slashes.
func (c *claim) credential(s string) error {
	parts := strings.Split(s, "/")
	if len(parts) < 5 || parts[len(parts)-1] != "aws4_request" {
		return &Fault{Kind: Malformed, Text: "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\""}
	}
	n := len(parts)
	c.accessKey, c.date, c.region, c.service = strings.Join(parts[:n-4], "/"), parts[n-4], parts[n-3], parts[n-2]
	return nil
}

func (c *claim) complete() error {
	t, err := time.Parse(stampLayout, c.stamp)
	switch {
	case err != nil:
		return &Fault{Kind: Malformed, Text: "a date in the form " + stampLayout + " is needed in X-Amz-Date"}
	case c.service == "" || c.region == "" || c.accessKey == "":
		return &Fault{Kind: Malformed, Text: "Credential is missing"}
	case c.signature == "" || len(c.signed) == 0 || len(c.signed) > maxSignedHeader:
		return &Fault{Kind: Malformed, Text: "SignedHeaders and Signature are needed"}
	case c.date != c.stamp[:8]:
		return &Fault{Kind: Malformed, Text: "the credential's date " + c.date + " is not that of X-Amz-Date " + c.stamp}
	case !sort.StringsAreSorted(c.signed):
		return &Fault{Kind: Malformed, Text: "SignedHeaders are not sorted"}
	}
	c.at = t
	return nil
}

type pair struct{ k, v string }

// parseQuery decodes a query in order; unlike url.ParseQuery it keeps semicolons.
func parseQuery(raw string) ([]pair, error) {
	var out []pair
	for _, part := range strings.Split(raw, "&") {
		if part == "" {
			continue
		}
		k, v, _ := strings.Cut(part, "=")
		dk, err := url.QueryUnescape(k)
		if err != nil {
			return nil, err
		}
		dv, err := url.QueryUnescape(v)
		if err != nil {
			return nil, err
		}
		out = append(out, pair{dk, dv})
	}
	return out, nil
}

func get(q []pair, k string) string {
	for _, p := range q {
		if p.k == k {
			return p.v
		}
	}
	return ""
}

// canonicalRequest writes the request as its signer saw it.
func canonicalRequest(r *http.Request, c *claim, payloadHash string) (string, error) {
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return "", &Fault{Kind: Malformed, Text: err.Error()}
	}
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r, c.service) + "\n" + canonicalQuery(query, c.presigned) + "\n")
	for _, name := range c.signed {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(c.signed, ";") + "\n" + payloadHash)
	return b.String(), nil
}

// canonicalPath encodes the path once for S3 and, of the path as it was sent, once more for every other service.
func canonicalPath(r *http.Request, service string) string {
	path := r.URL.Path
	if service != "s3" {
		path = r.URL.EscapedPath()
	}
	if path == "" {
		return "/"
	}
	return escape(path, true)
}

func canonicalQuery(query []pair, presigned bool) string {
	var out []string
	for _, p := range query {
		if presigned && p.k == "X-Amz-Signature" {
			continue
		}
		out = append(out, escape(p.k, false)+"="+escape(p.v, false))
	}
	sort.Strings(out)
	return strings.Join(out, "&")
}

// headerValue joins a header's values as the signer did: trimmed, runs of spaces made one.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	case "transfer-encoding":
		return strings.Join(r.TransferEncoding, ",")
	}
	var out []string
	for _, v := range r.Header[http.CanonicalHeaderKey(name)] {
		out = append(out, strings.Join(strings.Fields(v), " "))
	}
	return strings.Join(out, ",")
}

const upperHex = "0123456789ABCDEF"

// escape is AWS's URI encoding: all but letters, digits, "-._~" and, in a path, "/".
func escape(s string, path bool) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~', path && c == '/':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String()
}
