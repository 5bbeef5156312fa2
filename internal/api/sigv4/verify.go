package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"penstock/internal/api"
	"penstock/internal/clock"
)

// Keys finds a key pair: the secret of an access key id and the identity that it proves.
type Keys func(accessKeyID string) (secret string, principal api.Principal, ok bool)

// Skew is how far a request's date may be from the server's.
const Skew = 15 * time.Minute

// A Verifier verifies requests. It is safe for concurrent use.
type Verifier struct {
	keys  Keys
	clock clock.Clock
	mu    sync.Mutex
	cache map[cacheKey][]byte
}

type cacheKey struct{ id, secret, date, region, service string }

// New makes a verifier.
func New(keys Keys, c clock.Clock) *Verifier {
	return &Verifier{keys: keys, clock: c, cache: map[cacheKey][]byte{}}
}

// A Result is what a verified request proves.
type Result struct {
	Principal api.Principal
	Service   string // of the credential's scope
	Region    string
	Presigned bool
	Body      io.Reader          // the payload; Read fails when it is not what was signed
	Trailer   func() http.Header // what followed the payload, after its end
	Length    int64              // of the payload, -1 when unknown
}

// A claim is what a request says about its signature.
type claim struct {
	accessKey, date, region, service string // of the credential
	signed                           []string
	signature                        string
	stamp                            string // the full date, 20060102T150405Z
	at                               time.Time
	expires                          time.Duration // of a presigned URL
	presigned                        bool
}

func (c *claim) scope() string { return c.date + "/" + c.region + "/" + c.service + "/aws4_request" }

// Scope returns the service that a request's signature is for, without verifying it; "" when it has none.
func Scope(r *http.Request) string {
	c, err := readClaim(r)
	if err != nil {
		return ""
	}
	return c.service
}

// Verify verifies a request's signature. The body is verified while Result.Body is read, except that for services other than S3,
// which send no hash of it, limit bytes of it are read and hashed here. An error is a *Fault.
func (v *Verifier) Verify(r *http.Request, limit int64) (*Result, error) {
	c, err := readClaim(r)
	if err != nil {
		return nil, err
	}
	if err := v.checkTime(c); err != nil {
		return nil, err
	}
	if err := checkSigned(r, c); err != nil {
		return nil, err
	}
	secret, principal, ok := v.keys(c.accessKey)
	if !ok {
		return nil, &Fault{Kind: UnknownKey, Text: c.accessKey}
	}
	if err := checkToken(r, c, &principal); err != nil {
		return nil, err
	}
	res := &Result{Principal: principal, Service: c.service, Region: c.region, Presigned: c.presigned, Trailer: func() http.Header { return nil }}
	hash, err := v.payload(r, c, res, limit)
	if err != nil {
		return nil, err
	}
	canonical, err := canonicalRequest(r, c, hash)
	if err != nil {
		return nil, err
	}
	key := v.signingKey(c, secret)
	sum := sha256.Sum256([]byte(canonical))
	text := "AWS4-HMAC-SHA256\n" + c.stamp + "\n" + c.scope() + "\n" + hex.EncodeToString(sum[:])
	if !equalHex(c.signature, mac(key, text)) {
		return nil, &Fault{Kind: Mismatch}
	}
	return res, startBody(r, c, key, hash, res)
}

// checkToken compares the session token of temporary keys. Permanent keys have none, and one that is sent with them is wrong.
func checkToken(r *http.Request, c *claim, p *api.Principal) error {
	got := r.Header.Get("X-Amz-Security-Token")
	if c.presigned && got == "" {
		query, err := parseQuery(r.URL.RawQuery)
		if err != nil {
			return &Fault{Kind: Malformed, Text: err.Error()}
		}
		got = get(query, "X-Amz-Security-Token")
	}
	want := p.SessionToken
	p.SessionToken = ""
	if !hmac.Equal([]byte(got), []byte(want)) {
		return &Fault{Kind: BadToken}
	}
	return nil
}

// equalHex compares a signature in constant time.
func equalHex(got string, want []byte) bool {
	b, err := hex.DecodeString(got)
	return err == nil && hmac.Equal(b, want)
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// maxCached bounds the cache of signing keys.
const maxCached = 1000

func (v *Verifier) signingKey(c *claim, secret string) []byte {
	id := cacheKey{c.accessKey, secret, c.date, c.region, c.service}
	v.mu.Lock()
	defer v.mu.Unlock()
	if k, ok := v.cache[id]; ok {
		return k
	}
	k := mac([]byte("AWS4"+secret), c.date)
	k = mac(k, c.region)
	k = mac(k, c.service)
	k = mac(k, "aws4_request")
	if len(v.cache) >= maxCached {
		clear(v.cache)
	}
	v.cache[id] = k
	return k
}

func (v *Verifier) checkTime(c *claim) error {
	now := v.clock.Now()
	if c.presigned {
		if now.Before(c.at.Add(-Skew)) {
			return &Fault{Kind: NotYet, At: c.at, Now: now}
		}
		if now.After(c.at.Add(c.expires)) {
			return &Fault{Kind: Expired, At: c.at.Add(c.expires), Now: now}
		}
		return nil
	}
	if d := now.Sub(c.at); d > Skew || d < -Skew {
		return &Fault{Kind: Skewed, At: c.at, Now: now}
	}
	return nil
}

// checkSigned wants host and every x-amz- header among the signed ones: otherwise a header could be added to a signed request, and
// a presigned upload be turned into a copy.
func checkSigned(r *http.Request, c *claim) error {
	signed := map[string]bool{}
	for _, h := range c.signed {
		signed[h] = true
	}
	if !signed["host"] {
		return &Fault{Kind: Malformed, Text: "the host header is not signed"}
	}
	for name := range r.Header {
		n := strings.ToLower(name)
		if !strings.HasPrefix(n, "x-amz-") || signed[n] {
			continue
		}
		if c.presigned && n == "x-amz-content-sha256" && r.Header.Get(name) == unsignedPayload {
			continue
		}
		return &Fault{Kind: Unsigned, Text: n}
	}
	return nil
}

// payload returns the hash of the body that the canonical request carries. For services that send none it reads the body.
func (v *Verifier) payload(r *http.Request, c *claim, res *Result, limit int64) (string, error) {
	res.Length = r.ContentLength
	claimed := r.Header.Get("X-Amz-Content-Sha256")
	if c.service == "s3" {
		switch {
		case c.presigned && claimed == "":
			return unsignedPayload, nil
		case claimed == "":
			return "", &Fault{Kind: MissingHash}
		}
		return claimed, nil
	}
	body, err := readBounded(r, limit)
	if err != nil {
		return "", err
	}
	res.Length = int64(len(body))
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if claimed != "" && claimed != hash {
		return "", &Fault{Kind: Mismatch}
	}
	return hash, nil
}

func readBounded(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, &Fault{Kind: TooLarge, Text: fmt.Sprint(limit)}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, &Fault{Kind: Incomplete, Err: err}
	}
	if int64(len(body)) > limit {
		return nil, &Fault{Kind: TooLarge, Text: fmt.Sprint(limit)}
	}
	return body, nil
}
