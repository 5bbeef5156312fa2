package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/module/moduletest"
	"penstock/internal/object"
	"penstock/internal/object/lock"
	"penstock/internal/service/s3/setting"
	"penstock/internal/vfs"
)

// A way is a store behind a door, with the short way or without it.
type way struct {
	t       testing.TB
	meta    *meta.Store
	objects *object.Store
	door    http.Handler
	short   map[string]int // how often the short way answered
}

// buckets are those of a way: without and with versioning, with object lock, with a default retention, and with a policy.
func buckets() []string { return []string{"plain", "kept", "lock", "lock-days", "ruled"} }

// ruled denies much in the bucket of that name.
const ruled = `{"Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::ruled/denied*"},
	{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::ruled",
	"Condition":{"StringLike":{"s3:prefix":"denied*"}}}]}`

func newWay(t testing.TB, short bool) *way {
	c := clock.NewManual(t0)
	m := metatest.Open(t, t.TempDir(), c, object.Schema)
	b, err := blob.Open(vfs.NewMem(), "/blobs")
	if err != nil {
		t.Fatal(err)
	}
	w := &way{t: t, meta: m, objects: object.Open(m, b, object.Options{Clock: c}), short: map[string]int{}}
	svc := New(moduletest.On(m, c), w.objects).API()
	if plain := svc.Plain; short {
		svc.Plain = &api.Plain{
			Get: func(ctx context.Context, bucket, key string, sums bool, h http.Header) ([]byte, bool) {
				body, ok := plain.Get(ctx, bucket, key, sums, h)
				w.count("get", ok)
				return body, ok
			},
			Put: func(ctx context.Context, bucket, key, contentType string, body []byte, h http.Header) bool {
				ok := plain.Put(ctx, bucket, key, contentType, body, h)
				w.count("put", ok)
				return ok
			},
			List: func(ctx context.Context, bucket, query string, send func([]byte)) bool {
				ok := plain.List(ctx, bucket, query, send)
				w.count("list", ok)
				return ok
			},
		}
	} else {
		svc.Plain = nil
	}
	quiet := slog.New(slog.DiscardHandler)
	keys := func(id string) (string, api.Principal, bool) {
		return testSecret, api.Principal{ARN: "arn:aws:iam::000000000000:root", Account: "000000000000", AccessKeyID: id}, id == testKey
	}
	w.door = door.New(api.Only("us-east-1", api.NewTable([]api.Service{svc}, quiet)), keys, c, quiet)
	for _, name := range buckets() {
		if _, err := w.objects.CreateBucketWith(t.Context(), object.NewBucket{Name: name, Lock: strings.HasPrefix(name, "lock")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.objects.SetVersioning(t.Context(), "kept", object.Enabled); err != nil {
		t.Fatal(err)
	}
	if err := w.objects.SetBucketLock(t.Context(), "lock-days", lock.Default{Mode: lock.Compliance, Days: 3}); err != nil {
		t.Fatal(err)
	}
	if err := w.objects.SetSetting(t.Context(), "ruled", setting.Policy, ruled, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

// putAs stores an object with attributes that no request sets all together.
func (w *way) putAs(key string, a object.Attrs) {
	_, err := w.objects.Put(w.t.Context(), "plain", key, strings.NewReader(key), object.PutOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.meta.Update(w.t.Context(), func(tx *meta.Tx) error {
		_, err := tx.Exec("UPDATE object_current SET attrs = ? WHERE key = ?", string(text), key)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *way) count(what string, ok bool) {
	if ok {
		w.short[what]++
	}
}

// An ask is a request.
type ask struct {
	method, path, header, body string // header is "Name: value" lines
	hash                       string // "", "unsigned", "wrong", "text"
	tamper                     bool   // the signature does not hold
	cut                        int    // bytes that are missing from the body
}

// send gives status, headers but those that differ anyway, and body as text.
func (w *way) send(a ask) string {
	u, err := url.Parse("http://127.0.0.1:4566" + a.path)
	if err != nil {
		return "no request"
	}
	r := httptest.NewRequest("GET", "http://127.0.0.1:4566/", strings.NewReader(a.body))
	r.Method, r.URL, r.Host = a.method, u, "127.0.0.1:4566"
	for _, line := range strings.Split(a.header, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok && name != "" {
			r.Header.Add(name, value)
		}
	}
	sum := sha256.Sum256([]byte(a.body))
	hash := hex.EncodeToString(sum[:])
	switch a.hash {
	case "unsigned":
		hash = "UNSIGNED-PAYLOAD"
	case "wrong":
		hash = strings.Repeat("0", 64)
	case "text":
		hash = "text"
	}
	r.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	keys := aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret}
	if err := signer.SignHTTP(w.t.Context(), keys, r, hash, "s3", "us-east-1", t0); err != nil {
		return "no request"
	}
	if a.tamper {
		r.Header.Set("Authorization", r.Header.Get("Authorization")[:len(r.Header.Get("Authorization"))-1]+"x")
	}
	if a.cut > 0 && a.cut <= len(a.body) {
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(a.body[:len(a.body)-a.cut]), cutReader{}))
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	return told(rec)
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func told(rec *httptest.ResponseRecorder) string {
	h := rec.Result().Header
	id := h.Get("X-Amz-Request-Id")
	var b strings.Builder
	fmt.Fprintln(&b, rec.Code)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		value := strings.Join(h[name], "|")
		switch {
		case name == "X-Amz-Request-Id" && len(value) == 36, name == "X-Amz-Id-2" && value != "", name == "X-Amz-Version-Id" && len(value) == 32:
			value = "an id"
		case name == "Content-Length" && rec.Code >= 300: // with an id of any length
			value = fmt.Sprint(rec.Body.Len() - len(h.Get("X-Amz-Id-2")))
		}
		fmt.Fprintf(&b, "%s: %s\n", name, value)
	}
	body := rec.Body.String()
	if id != "" {
		body = strings.ReplaceAll(body, id, "ID")
		body = strings.ReplaceAll(body, h.Get("X-Amz-Id-2"), "ID2")
	}
	return b.String() + "\n" + body
}

// stored is all that the store holds.
func (w *way) stored() string {
	var b strings.Builder
	for _, bucket := range buckets() {
		p, err := w.objects.ListVersions(w.t.Context(), object.VersionQuery{Bucket: bucket})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, i := range p.Objects {
			if i.DeleteMarker {
				fmt.Fprintf(&b, "%s/%s a marker %v %v\n", bucket, i.Key, i.LastModified, i.Latest)
				continue
			}
			_, f, err := w.objects.Get(w.t.Context(), bucket, i.Key, i.VersionID, object.Conditions{})
			if err != nil {
				w.t.Fatal(err)
			}
			body, err := io.ReadAll(f)
			f.Close()
			if err != nil {
				w.t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s/%s %d %s %v %v %+v %q\n", bucket, i.Key, i.Size, i.ETag, i.LastModified, i.Latest, i.Attrs, body)
		}
	}
	return b.String()
}

// clear deletes what is stored, whatever locks it.
func (w *way) clear() {
	err := w.meta.Update(context.Background(), func(tx *meta.Tx) error {
		_, err := tx.Exec("UPDATE object_current SET attrs = ''")
		if err == nil {
			_, err = tx.Exec("UPDATE object_old SET attrs = ''")
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, bucket := range buckets() {
		p, err := w.objects.ListVersions(context.Background(), object.VersionQuery{Bucket: bucket})
		for _, i := range p.Objects {
			if err == nil {
				_, err = w.objects.Delete(context.Background(), bucket, object.Deletion{Key: i.Key, VersionID: i.VersionID})
			}
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// both sends a request to both and compares.
func both(t testing.TB, short, long *way, a ask) {
	t.Helper()
	got, want := short.send(a), long.send(a)
	if got != want {
		t.Errorf("%+v\nshort way: %s\ngeneral: %s", a, got, want)
	}
	if a.method == "GET" || a.method == "HEAD" {
		return
	}
	if got, want := short.stored(), long.stored(); got != want {
		t.Errorf("%+v\nshort way stores %s\ngeneral %s", a, got, want)
	}
}

// asks are what both ways must answer alike.
func asks() []ask {
	big := strings.Repeat("b", api.MaxPlain)
	out := []ask{
		{method: "PUT", path: "/plain/k", body: "one"},
		{method: "PUT", path: "/plain/k", body: "two", hash: "unsigned"},
		{method: "PUT", path: "/plain/typed", body: "<a/>", header: "Content-Type: text/xml"},
		{method: "PUT", path: "/plain/guess", body: "<html>", header: "Content-Type: "},
		{method: "PUT", path: "/plain/empty"},
		{method: "PUT", path: "/plain/edge", body: big},
		{method: "PUT", path: "/plain/over", body: big + "b"},
		{method: "PUT", path: "/kept/k", body: "one"},
		{method: "PUT", path: "/kept/k", body: "two"},
		{method: "PUT", path: "/plain/k", body: "x", hash: "wrong"},
		{method: "PUT", path: "/plain/k", body: "x", hash: "text"},
		{method: "PUT", path: "/plain/k", body: "x", tamper: true},
		{method: "PUT", path: "/plain/k", body: "cut short", cut: 3},
		{method: "PUT", path: "/plain/k", body: "cut short", cut: 9, hash: "unsigned"},
		{method: "PUT", path: "/none/k", body: "x"},
		{method: "PUT", path: "/Upper_Case/k", body: "x"},
		{method: "PUT", path: "/plain/" + strings.Repeat("k", 1025), body: "x"},
		{method: "PUT", path: "/plain/%ff", body: "x"},
		{method: "PUT", path: "/plain/a%20b", body: "space"},
		{method: "PUT", path: "/plain/a%2Fb", body: "slash"},
		{method: "PUT", path: "/plain/a//b/", body: "slashes"},
		{method: "PUT", path: "/plain/\u00fc", body: "umlaut"},
		{method: "PUT", path: "/plain/", body: "x"},
		{method: "PUT", path: "/plain", body: "x"},
		{method: "POST", path: "/plain/k"},
		{method: "DELETE", path: "/plain/empty"},
		{method: "GET", path: "/plain/empty"},
	}
	const sum = "X-Amz-Checksum-Crc32: 6tLIkQ==" // of "locked"
	const until = "X-Amz-Object-Lock-Mode: GOVERNANCE\nX-Amz-Object-Lock-Retain-Until-Date: 2026-03-02T00:00:00Z"
	out = append(out,
		ask{method: "PUT", path: "/ruled/k", body: "one"},
		ask{method: "GET", path: "/ruled/k"},
		ask{method: "PUT", path: "/ruled/denied", body: "one"},
		ask{method: "GET", path: "/ruled/denied"},
		ask{method: "HEAD", path: "/ruled/denied"},
		ask{method: "GET", path: "/ruled?list-type=2"},
		ask{method: "GET", path: "/ruled?list-type=2&prefix=denied"},
		ask{method: "PUT", path: "/lock/k", body: "one"},
		ask{method: "PUT", path: "/lock/k", body: "locked", header: sum + "\n" + until},
		ask{method: "PUT", path: "/lock/held", body: "locked", header: sum + "\nX-Amz-Object-Lock-Legal-Hold: ON"},
		ask{method: "PUT", path: "/lock/freed", body: "locked", header: sum + "\nX-Amz-Object-Lock-Legal-Hold: OFF"},
		ask{method: "PUT", path: "/lock/bare", body: "locked", header: until},
		ask{method: "PUT", path: "/plain/locked", body: "locked", header: sum + "\n" + until},
		ask{method: "PUT", path: "/lock-days/k", body: "one"},
		ask{method: "PUT", path: "/lock-days/k", body: "one", hash: "unsigned"},
		ask{method: "PUT", path: "/lock-days/k", body: "locked", header: sum},
		ask{method: "PUT", path: "/lock-days/k2", body: "locked", header: sum},
		ask{method: "DELETE", path: "/lock-days/k2"},
		ask{method: "GET", path: "/lock?list-type=2"}, ask{method: "GET", path: "/lock-days?list-type=2"},
	)
	for _, path := range []string{"/lock/k", "/lock/held", "/lock/freed", "/lock/bare", "/lock-days/k", "/lock-days/k2"} {
		out = append(out, ask{method: "GET", path: path}, ask{method: "HEAD", path: path},
			ask{method: "GET", path: path, header: "X-Amz-Checksum-Mode: ENABLED"})
	}
	for _, header := range []string{
		"X-Amz-Meta-A: b", "X-Amz-Acl: private", "X-Amz-Acl: public-read", "Content-Md5: AAAA", "If-None-Match: *", "If-Match: x",
		"X-Amz-Tagging: a=b", "X-Amz-Storage-Class: GLACIER", "X-Amz-Nonsense: 1", "Cache-Control: no-store", "Content-Encoding: gzip",
		"X-Amz-Server-Side-Encryption: AES256", "X-Amz-Checksum-Crc32: AAAAAA==", "X-Amz-Sdk-Checksum-Algorithm: CRC32", "Expect: 100-continue",
		"Origin: http://x", "Range: bytes=0-1", "If-Range: x", "Range: bytes=0-1\nIf-Range: x",
		"Range: bytes=0-1\nIf-Range: \"a\"", "Expires: 0", "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT",
		"If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT", "X-Amz-Checksum-Mode: ENABLED", "X-Amz-Checksum-Mode: enabled",
		"X-Amz-Expected-Bucket-Owner: 111111111111", "X-Amz-Request-Payer: requester", "Content-Type: a\nContent-Type: b", "Accept: */*",
		"Amz-Sdk-Request: attempt=1", "User-Agent: x", "X-Amz-Copy-Source: /plain/typed", "X-Amz-Website-Redirect-Location: /x",
	} {
		out = append(out, ask{method: "PUT", path: "/plain/h", body: "with a header", header: header})
		for _, method := range []string{"GET", "HEAD"} {
			out = append(out, ask{method: method, path: "/plain/h", header: header}, ask{method: method, path: "/plain/typed", header: header})
		}
	}
	for _, path := range []string{
		"/plain/k", "/kept/k", "/plain/typed", "/plain/guess", "/plain/edge", "/plain/over", "/plain/a%20b", "/plain/a%2Fb", "/plain/a//b/",
		"/plain/\u00fc", "/plain/missing", "/none/k", "/plain/k?", "/plain/k?versionId=null", "/plain/k?acl", "/plain/k?x=1",
		"/plain/k?partNumber=1", "/plain", "/", "//k", "/plain/k?response-content-type=a",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			out = append(out, ask{method: method, path: path}, ask{method: method, path: path, hash: "unsigned"},
				ask{method: method, path: path, tamper: true},
				ask{method: method, path: path, hash: "text"}, ask{method: method, path: path, body: "a body"})
		}
	}
	for _, q := range []string{
		"", "&prefix=", "&prefix=k", "&prefix=%C3%BC", "&prefix=a+b", "&prefix=a%20b&encoding-type=url", "&encoding-type=url", "&encoding-type=x",
		"&max-keys=2", "&max-keys=0", "&max-keys=-1", "&max-keys=%2B2", "&max-keys=5000", "&max-keys=x", "&max-keys=", "&start-after=k",
		"&start-after=", "&continuation-token=", "&continuation-token=x", "&start-after=a&encoding-type=url", "&delimiter=/", "&delimiter=",
		"&fetch-owner=true", "&prefix=a&prefix=b", "&prefix", "&acl", "&prefix=%zz", "&x=1", "&", "&max-keys=00003&prefix=%3C",
		"&optional-object-attributes=a", "&uploads", "&LIST-TYPE=2",
	} {
		for _, path := range []string{"/plain", "/plain/", "/kept", "/none"} {
			out = append(out, ask{method: "GET", path: path + "?list-type=2" + q}, ask{method: "GET", path: path + "?list-type=1" + q})
		}
		out = append(out, ask{method: "HEAD", path: "/plain?list-type=2" + q}, ask{method: "GET", path: "/plain?list-type=2" + q, tamper: true})
	}
	return append(out, ask{method: "GET", path: "/plain?prefix=&list-type=2"},
		ask{method: "GET", path: "/plain?list-type=2&x-amz-request-payer=requester"},
		ask{method: "GET", path: "/plain?list-type=2&X-Amz-request-payer=requester"},
		ask{method: "GET", path: "/plain?list-type=2", header: "Origin: http://x"})
}

// TestBothWaysOfListings has objects with every attribute that a listing shows, and those that may be taken for one, page by page.
func TestBothWaysOfListings(t *testing.T) {
	short, long := newWay(t, true), newWay(t, false)
	names := []string{"", "class", "sums", "meta", "tags", "composite"}
	for n := range 200 {
		sums := map[blob.Algorithm]string{}
		for i, a := range blob.Algorithms() {
			if n%7 > 2 && n>>(i%7)&1 == 1 {
				sums[a] = "AA/+a=="
			}
		}
		a := object.Attrs{ContentType: `a"class":"X"`, StorageClass: []string{"", "STANDARD_IA", "GLACIER_IR"}[n%3], Sums: sums,
			Composite: n%5 == 0 && len(sums) > 0}
		if name := names[n%len(names)]; name != "" {
			a.Metadata = map[string]string{name: `{"class":"Y","sums":{"SHA1":"x"},"composite":true`, "class": "Z"}
			a.Tags = map[string]string{name: "\\\"sums\":{", "meta": "{"}
		}
		for _, w := range []*way{short, long} {
			w.putAs(fmt.Sprintf("key %03d <&>", n), a)
		}
	}
	token := ""
	for page := 0; page < 100; page++ {
		path := "/plain?list-type=2&max-keys=17"
		if token != "" {
			path += "&continuation-token=" + url.QueryEscape(token)
		}
		a := ask{method: "GET", path: path}
		both(t, short, long, a)
		_, rest, more := strings.Cut(long.send(a), "<NextContinuationToken>")
		if token, _, _ = strings.Cut(rest, "<"); !more {
			break
		}
	}
	if short.short["list"] < 12 {
		t.Errorf("the short way answered %v", short.short)
	}
}

func TestBothWays(t *testing.T) {
	short, long := newWay(t, true), newWay(t, false)
	for _, a := range asks() {
		both(t, short, long, a)
	}
	if short.short["get"] < 40 || short.short["put"] < 10 || short.short["list"] < 20 || len(long.short) > 0 {
		t.Errorf("the short way answered %v, the general one's %v", short.short, long.short)
	}
}

// FuzzBothWays sends what the fuzzer makes of the asks, on top of what earlier ones have stored.
func FuzzBothWays(f *testing.F) {
	for _, a := range asks() {
		f.Add(a.method, a.path, a.header, []byte(a.body), a.hash, a.tamper, a.cut)
	}
	short, long := newWay(f, true), newWay(f, false)
	n := 0
	f.Fuzz(func(t *testing.T, method, path, header string, body []byte, hash string, tamper bool, cut int) {
		if n++; n%500 == 0 { // else it grows with every key
			short.clear()
			long.clear()
		}
		if len(body) > 2*api.MaxPlain || !strings.HasPrefix(path, "/") || bytes.ContainsAny([]byte(header), "\r\x00") {
			t.Skip()
		}
		short.t, long.t = t, t
		both(t, short, long, ask{method, path, header, string(body), hash, tamper, cut})
	})
}

// BenchmarkPlain is what the door and the service cost without the network, beside the general way.
func BenchmarkPlain(b *testing.B) {
	body := strings.Repeat("x", 4096)
	for _, name := range []string{"short", "general"} {
		w := newWay(b, name == "short")
		w.send(ask{method: "PUT", path: "/plain/k", body: body})
		for _, a := range []ask{{method: "GET", path: "/plain/k"}, {method: "PUT", path: "/plain/k", body: body},
			{method: "GET", path: "/plain?list-type=2"}} {
			b.Run(name+a.method+a.path, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					w.send(a)
				}
			})
		}
	}
}
