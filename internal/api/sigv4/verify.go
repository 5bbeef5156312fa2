package sigv4

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
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

// A Config is what a verifier is made of.
type Config struct {
	Keys  Keys
	Clock clock.Clock
	// Regions returns the regions that a service's signatures may name, the likely one first.
	Regions func(service string) []string
	// Wanted returns the service that a request is for where that is another than its signature names; "" is none.
	Wanted func(r *http.Request, signed string) string
	// Bucket returns the bucket that a host names (bucket.localhost), or "": a signature of version 2 is over a path that begins with it.
	Bucket func(host string) string
}

// A Verifier verifies requests. It is safe for concurrent use.
type Verifier struct {
	Config
	mu      sync.Mutex
	cache   map[cacheKey]*signer
	scratch pool
}

type cacheKey struct{ id, secret, scope string }

// A signer is the key of one scope, with hashes that are keyed with it.
type signer struct {
	key []byte
	mac sync.Pool
}

// New makes a verifier.
func New(c Config) *Verifier {
	return &Verifier{Config: c, cache: map[cacheKey]*signer{}}
}

// A Result is what a verified request proves.
type Result struct {
	Principal api.Principal
	Service   string // of the credential's scope
	Region    string // of the credential's scope; "" in version 2
	Presigned bool
	Params    []string           // keys of the query that belong to a signature of version 2: they are no parameters of an operation
	Body      io.Reader          // the payload; Read fails when it is not what was signed
	Trailer   func() http.Header // what followed the payload, after its end
	Length    int64              // of the payload, -1 when unknown
	Chunked   bool               // the payload came in aws-chunked framing

	form form
	at   time.Time // of the signature; zero in version 2
}

// Verify verifies a request's signature, which Read has read. The body is verified while Result.Body is read, except that for services
// other than S3, which send no hash of it, limit bytes of it are read and hashed here. Parameters of S3's that stand for x-amz- headers
// are put among the headers. An error is a *Fault.
func (v *Verifier) Verify(r *http.Request, c *Claim, limit int64) (*Result, error) {
	if f := v.check(r, c); f != nil {
		f.Presigned = c.form != inHeader
		return nil, f
	}
	secret, principal, ok := v.Keys(c.accessKey)
	if !ok {
		return nil, &Fault{Kind: UnknownKey, Text: c.accessKey}
	}
	if err := checkToken(r, c, &principal); err != nil {
		return nil, err
	}
	res := &Result{Principal: principal, Service: c.Service, Region: c.Region, Presigned: c.form != inHeader, Trailer: noTrailer,
		form: c.form, at: c.at}
	hash, err := v.payload(r, c, res, limit)
	if err != nil {
		return nil, err
	}
	var key []byte
	if c.form == inQuery2 {
		res.Params = params2()
		err = v.verify2(r, c, secret)
	} else {
		key, err = v.verify4(r, c, secret, hash)
	}
	if err != nil {
		return nil, err
	}
	if c.Service == "s3" {
		hoisted(r, c)
	}
	return res, startBody(r, c, key, hash, res)
}

// Stranger is the result of a request without any signature, when c is one (else ok is false). Its body is held against the hash that it
// names, which may be any text.
func (v *Verifier) Stranger(r *http.Request, c *Claim) (res *Result, ok bool, err error) {
	if c.form != unsigned || c.fault != nil {
		return nil, false, nil
	}
	res = &Result{Principal: api.Principal{Anonymous: true}, Service: "s3", Trailer: noTrailer, Length: r.ContentLength}
	hash := first(r.Header["X-Amz-Content-Sha256"])
	switch hash {
	case "":
		hash = unsignedPayload
	case signedChunks, signedTrailer:
		return nil, true, &Fault{Kind: StrangeChunks}
	}
	return res, true, startBody(r, c, nil, hash, res)
}

// Wire is what a request, which r is the result of, tells of itself to policies.
func (r *Result) Wire(req *http.Request) *api.Wire {
	w := &api.Wire{Request: req, Input: req.Header, Signed: r.at}
	switch r.form {
	case unsigned:
		return w
	case inHeader:
		w.Form = "REST-HEADER"
	default:
		w.Form = "REST-QUERY-STRING"
	}
	if w.Scheme = algorithm; r.form == inQuery2 {
		w.Scheme = "AWS"
	}
	return w
}

// Word words a fault that an operation has found in what the request proves, as it was signed.
func (r *Result) Word(err error) error {
	var f *Fault
	if !r.Presigned || !errors.As(err, &f) {
		return err
	}
	presigned := *f
	presigned.Presigned = true
	e := presigned.For(api.ObjectWords)
	if told := (*api.Error)(nil); errors.As(err, &told) {
		e.Op, e.Header = told.Op, told.Header
	}
	return e
}

func noTrailer() http.Header { return nil }

// verify4 compares the signature in constant time with the one that the secret makes of the request; it returns the signing key.
func (v *Verifier) verify4(r *http.Request, c *Claim, secret, payloadHash string) ([]byte, error) {
	s := v.scratch.get()
	defer v.scratch.put(s)
	sum := sha256.Sum256(s.canonical(r, c, payloadHash))
	from := len(s.buf)
	b := append(s.buf, algorithm...)
	b = append(append(b, '\n'), c.stamp...)
	b = append(append(b, '\n'), c.scope...)
	b = hex.AppendEncode(append(b, '\n'), sum[:])
	text := b[from:]
	sg := v.signer(c, secret)
	b = sg.sum(b, text)
	b = hex.AppendEncode(b, b[len(b)-sha256.Size:])
	want := b[len(b)-2*sha256.Size:]
	b = append(b, c.signature...)
	got := b[len(b)-len(c.signature):]
	s.buf = b
	if subtle.ConstantTimeCompare(got, want) != 1 {
		return nil, mismatch(c, string(text), string(b[:from]))
	}
	return sg.key, nil
}

func mismatch(c *Claim, text, canonical string) *Fault {
	fields := map[string]string{"AWSAccessKeyId": c.accessKey, "StringToSign": text, "SignatureProvided": c.signature,
		"StringToSignBytes": fmt.Sprintf("% x", text)}
	if canonical != "" {
		fields["CanonicalRequest"], fields["CanonicalRequestBytes"] = canonical, fmt.Sprintf("% x", canonical)
	}
	return &Fault{Kind: Mismatch, Fields: fields}
}

// sum appends the keyed hash of text.
func (s *signer) sum(b, text []byte) []byte {
	h, ok := s.mac.Get().(hash.Hash)
	if !ok {
		h = hmac.New(sha256.New, s.key)
	}
	h.Write(text)
	b = h.Sum(b)
	h.Reset()
	s.mac.Put(h)
	return b
}

// checkToken compares the session token of temporary keys. Permanent keys have none, and one that is sent with them is wrong.
func checkToken(r *http.Request, c *Claim, p *api.Principal) error {
	got := first(r.Header["X-Amz-Security-Token"])
	if got == "" {
		got = c.token
	}
	want := p.SessionToken
	p.SessionToken = ""
	if subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
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

func (v *Verifier) signer(c *Claim, secret string) *signer {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.cache[cacheKey{c.accessKey, secret, c.scope}]; ok {
		return s
	}
	k := mac([]byte("AWS4"+secret), c.date)
	k = mac(k, c.Region)
	k = mac(k, c.Service)
	k = mac(k, c.terminal)
	if len(v.cache) >= maxCached {
		clear(v.cache)
	}
	s := &signer{key: k}
	v.cache[cacheKey{strings.Clone(c.accessKey), secret, strings.Clone(c.scope)}] = s
	return s
}

// payload returns the hash of the body that the canonical request carries. For services that send none it reads the body.
func (v *Verifier) payload(r *http.Request, c *Claim, res *Result, limit int64) (string, error) {
	res.Length = r.ContentLength
	claimed := first(r.Header["X-Amz-Content-Sha256"])
	if c.Service == "s3" {
		if claimed == "" {
			claimed = c.hash
		}
		if claimed == "" { // of a presigned URL: check has refused it in others
			claimed = unsignedPayload
		}
		return claimed, nil
	}
	body, err := readBounded(r, limit)
	if err != nil {
		return "", err
	}
	res.Length = int64(len(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if claimed != "" && claimed != hash {
		return "", &Fault{Kind: Mismatch}
	}
	return hash, nil
}

// firstRead is how much of a body is made room for before any of it came, in bytes.
const firstRead = 64 << 10

func readBounded(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, &Fault{Kind: TooLarge, Text: fmt.Sprint(limit)}
	}
	if n := r.ContentLength; n >= 0 && n <= firstRead {
		body := make([]byte, n)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return nil, &Fault{Kind: Incomplete, Err: err}
		}
		return body, nil
	}
	body := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), firstRead)+bytes.MinRead))
	if _, err := body.ReadFrom(io.LimitReader(r.Body, limit+1)); err != nil {
		return nil, &Fault{Kind: Incomplete, Err: err}
	}
	if int64(body.Len()) > limit {
		return nil, &Fault{Kind: TooLarge, Text: fmt.Sprint(limit)}
	}
	return body.Bytes(), nil
}
