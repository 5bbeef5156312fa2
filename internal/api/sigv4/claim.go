package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	algorithm   = "AWS4-HMAC-SHA256"
	stampLayout = "20060102T150405Z"
)

// A form is where a request carries its signature, and of which version it is.
type form int

const (
	unsigned form = iota
	inHeader      // version 4, Authorization
	inQuery       // version 4, a presigned URL
	inQuery2      // version 2, a presigned URL
)

// A Claim is what a request says about its signature, read once and not yet verified.
type Claim struct {
	// Service and Region are those of the credential's scope, "" when it cannot be read. A signature of version 2 names neither: it is
	// always for S3.
	Service, Region string

	form       form
	fault      *Fault // that the request cannot be read as signed in one way
	credential string // as sent
	accessKey  string
	scope      string // date/region/service/terminal
	date       string
	terminal   string
	signed     string // names of headers, joined by ";"
	signature  string
	stamp      string // the full date as sent, or the last second of a version 2 signature
	expires    string // of a presigned URL, as sent
	token      string // of the session, from the query
	hash       string // x-amz-content-sha256, from the query
	query      []pair
	auth       string // the Authorization header
	missing    string // parts that were not sent, joined by ","
	misplaced  string // the part that was missed where the header has another one in its place
	badPart    string // a part of the header that has no value
	at         time.Time
	life       time.Duration
}

// Read reads what a request says about its signature. What is wrong with it is told by Verify.
func Read(r *http.Request) *Claim {
	c := &Claim{}
	if r.URL.RawQuery != "" {
		if err := c.readQuery(r.URL.RawQuery); err != nil {
			return c.fail(&Fault{Kind: BadURI, Err: err})
		}
	}
	if c.fault != nil {
		return c
	}
	header, has := r.Header["Authorization"]
	switch {
	case has && c.form != unsigned:
		return c.fail(&Fault{Kind: TwoForms, Text: header[0]})
	case has && header[0] != "":
		return c.readHeader(r, header[0])
	case c.form == inQuery:
		c.split()
	case c.form == inQuery2:
		c.Service = "s3"
	}
	return c
}

func (c *Claim) fail(f *Fault) *Claim {
	c.fault = f
	return c
}

func (c *Claim) readHeader(r *http.Request, auth string) *Claim {
	scheme, rest, ok := strings.Cut(auth, " ")
	switch {
	case !ok:
		return c.fail(&Fault{Kind: NoSpace, Text: auth})
	case strings.EqualFold(scheme, "AWS"), strings.HasPrefix(scheme, "AWS3"):
		return c.fail(&Fault{Kind: OldVersion})
	case !strings.EqualFold(scheme, algorithm):
		return c.fail(&Fault{Kind: NoScheme, Text: scheme})
	}
	c.form, c.auth = inHeader, auth
	parts := 0
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, ",")
		c.readPart(strings.TrimSpace(part))
		parts++
	}
	for _, p := range [...]struct{ name, value string }{{"Credential", c.credential}, {"SignedHeaders", c.signed},
		{"Signature", c.signature}} {
		c.require(p.name, p.value != "")
		if p.value == "" && c.misplaced == "" && parts == 3 {
			c.misplaced = p.name
		}
	}
	if parts != 3 {
		c.badPart = ""
	}
	c.stamp = first(r.Header["X-Amz-Date"])
	if c.stamp == "" {
		c.stamp = first(r.Header["Date"])
	}
	c.split()
	return c
}

// readPart reads a part of the Authorization header.
func (c *Claim) readPart(part string) {
	k, v, ok := strings.Cut(part, "=")
	switch k {
	case "Credential":
		c.credential = v
	case "SignedHeaders":
		c.signed = v
	case "Signature":
		c.signature = v
	}
	if !ok && c.badPart == "" {
		c.badPart = part
	}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func (c *Claim) require(name string, there bool) {
	switch {
	case there:
	case c.missing == "":
		c.missing = name
	default:
		c.missing += "," + name
	}
}

// split reads AKID/20261124/us-east-1/s3/aws4_request as far as it has that form.
func (c *Claim) split() {
	if strings.Count(c.credential, "/") != 4 {
		return
	}
	c.accessKey, c.scope, _ = strings.Cut(c.credential, "/")
	rest := c.scope
	c.date, rest, _ = strings.Cut(rest, "/")
	c.Region, rest, _ = strings.Cut(rest, "/")
	c.Service, c.terminal, _ = strings.Cut(rest, "/")
}

type pair struct{ k, v string }

// readQuery decodes a query in order and takes what belongs to a signature; unlike url.ParseQuery it keeps semicolons.
func (c *Claim) readQuery(raw string) error {
	c.query = make([]pair, 0, strings.Count(raw, "&")+1)
	for raw != "" {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if part == "" {
			continue
		}
		k, v, _ := strings.Cut(part, "=")
		var p pair
		var err error
		if p.k, err = url.QueryUnescape(k); err != nil {
			return err
		}
		if p.v, err = url.QueryUnescape(v); err != nil {
			return err
		}
		c.query = append(c.query, p)
	}
	c.readPresigned()
	return nil
}

func (c *Claim) readPresigned() {
	_, v4 := c.param("X-Amz-Algorithm")
	sig, v2 := c.param("Signature")
	if _, other := c.param("SignatureVersion"); other && v2 {
		c.fault = &Fault{Kind: OldVersion} // of services other than S3
		return
	}
	switch {
	case v4 && v2:
		c.form, c.fault = inQuery, &Fault{Kind: TwoForms}
	case v4:
		c.form = inQuery
		for _, p := range [...]struct {
			name string
			to   *string
		}{{"X-Amz-Credential", &c.credential}, {"X-Amz-Signature", &c.signature}, {"X-Amz-Date", &c.stamp},
			{"X-Amz-SignedHeaders", &c.signed}, {"X-Amz-Expires", &c.expires}} {
			value, has := c.param(p.name)
			*p.to = value
			c.require(p.name, has)
		}
		c.token, _ = c.param("X-Amz-Security-Token")
	case v2:
		c.form, c.signature = inQuery2, sig
		var has bool
		c.accessKey, has = c.param("AWSAccessKeyId")
		c.require("AWSAccessKeyId", has)
		c.expires, has = c.param("Expires")
		c.require("Expires", has)
		c.token = c.folded("x-amz-security-token")
	default:
		return
	}
	c.hash = c.folded("x-amz-content-sha256")
}

// param returns the value of a key of the query.
func (c *Claim) param(key string) (value string, ok bool) {
	for _, p := range c.query {
		if p.k == key {
			return p.v, true
		}
	}
	return "", false
}

// folded returns the value of a key in any case, or "".
func (c *Claim) folded(key string) string {
	for _, p := range c.query {
		if strings.EqualFold(p.k, key) {
			return p.v
		}
	}
	return ""
}
