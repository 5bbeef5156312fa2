package sigv4

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/api"
)

func itoa(n int) string   { return strconv.Itoa(n) }
func hexInt(n int) string { return strconv.FormatInt(int64(n), 16) }
func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
func hexMac(key []byte, s string) string { return hex.EncodeToString(mac(key, s)) }

// FuzzChunks reads any bytes as a chunked body: it must end, and never give more than was announced.
func FuzzChunks(f *testing.F) {
	_, body, _ := strings.Cut(sign(unsignedTrailer, []string{"abc", "defg"}, "x-amz-checksum-crc32:AAAAAA=="), "\r\n\r\n")
	f.Add([]byte(body), int64(7))
	f.Add([]byte("3\r\nabc\r\n0\r\n\r\n"), int64(3))
	f.Add([]byte("ffffffffffffffff\r\n"), int64(1))
	f.Fuzz(func(t *testing.T, body []byte, want int64) {
		c := &chunkReader{r: bufio.NewReaderSize(bytes.NewReader(body), 4096), want: want, trailers: true}
		got, err := io.ReadAll(c)
		if err == nil && int64(len(got)) != want {
			t.Fatalf("%d bytes read, %d announced, no error", len(got), want)
		}
		if len(got) > len(body) {
			t.Fatalf("%d bytes out of %d", len(got), len(body))
		}
	})
}

// FuzzAuthorization reads any text as an Authorization header and a query: none of it verifies, whose secret nobody knows, and every fault
// has words in all dialects.
func FuzzAuthorization(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential="+exampleScope+",SignedHeaders=host,Signature=00", "", "20130524T000000Z")
	f.Add("",
		"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/20130524/us-east-1/d/aws4_request&X-Amz-Expires=-1&X-Amz-Date=20130524T000000Z", "")
	f.Add("", "AWSAccessKeyId="+exampleKey+"&Expires=1369353600&Signature=AAAA&acl&x-amz-acl=private", "")
	f.Fuzz(func(t *testing.T, auth, query, date string) {
		r := &http.Request{Method: "GET", Host: "localhost", URL: &url.URL{Path: "/b/k", RawQuery: query},
			Header: http.Header{}, Body: http.NoBody}
		for name, value := range map[string]string{"Authorization": auth, "X-Amz-Date": date, "X-Amz-Content-Sha256": unsignedPayload} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		res, err := testVerifier(exampleTime).Verify(r, Read(r), 1<<10)
		var fault *Fault
		if err == nil || !errors.As(err, &fault) {
			t.Fatalf("got %+v, %v", res, err)
		}
		for _, e := range []*api.Error{fault.For(api.ObjectWords), fault.For(api.JSONWords), fault.For(api.QueryWords)} {
			if e.Code == "" || e.Message == "" || e.Status < 400 {
				t.Fatalf("%d has no words: %+v", fault.Kind, e)
			}
		}
	})
}
