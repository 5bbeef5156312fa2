package sigv4

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"testing"
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

// FuzzAuthorization reads any text as an Authorization header and a query.
func FuzzAuthorization(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential="+exampleScope+",SignedHeaders=host,Signature=00", "X-Amz-Algorithm=AWS4-HMAC-SHA256")
	f.Add("", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b/c/d/aws4_request&X-Amz-Expires=-1")
	f.Fuzz(func(t *testing.T, auth, query string) {
		c := &claim{}
		_ = c.credential(auth)
		if q, err := parseQuery(query); err == nil {
			if c, err := queryClaim(q); err == nil && c.expires < 0 {
				t.Fatal("a negative lifetime")
			}
		}
	})
}
