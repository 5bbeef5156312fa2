package checksum

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/blob"
)

// TestKnownAnswers uses the check values that the algorithms' own definitions publish for "123456789".
func TestKnownAnswers(t *testing.T) {
	for alg, want := range map[string]string{
		"CRC32": "cbf43926", "CRC32C": "e3069283", "CRC64NVME": "ae8b14860a799888", "SHA1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
		"SHA256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225", "MD5": "25f9e794323b453885f5181f1b624d0b",
		"SHA512": "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a" +
			"d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
		"XXHASH64": "8cb841db40e6ae83", "XXHASH3": "72dcb18b67a17dff", "XXHASH128": "33119477ede5dcd5e9716427681d5860",
	} {
		h := blob.Algorithm(alg).Hash()
		io.WriteString(h, "123456789")
		if got := hexOf(h.Sum(nil)); got != want {
			t.Errorf("%s: got %s, want %s", alg, got, want)
		}
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

func sumOf(alg, text string) string {
	h := blob.Algorithm(alg).Hash()
	io.WriteString(h, text)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func TestHeadersAndTrailersAreVerified(t *testing.T) {
	const text = "some bytes"
	for _, a := range blob.Algorithms() {
		alg := string(a)
		good, bad := sumOf(alg, text), sumOf(alg, "other bytes")
		name := "X-Amz-Checksum-" + alg
		for _, c := range []struct {
			header  http.Header
			trailer http.Header
			code    string
		}{
			{http.Header{http.CanonicalHeaderKey(name): {good}}, nil, ""},
			{http.Header{http.CanonicalHeaderKey(name): {bad}}, nil, "BadDigest"},
			{http.Header{http.CanonicalHeaderKey(name): {"AAAA"}}, nil, "InvalidRequest"},
			{http.Header{"X-Amz-Trailer": {name}}, http.Header{http.CanonicalHeaderKey(name): {good}}, ""},
			{http.Header{"X-Amz-Trailer": {name}}, http.Header{http.CanonicalHeaderKey(name): {bad}}, "BadDigest"},
			{http.Header{"X-Amz-Trailer": {name}}, nil, "InvalidRequest"},
		} {
			r, err := NewReader(strings.NewReader(text), c.header, func() http.Header { return c.trailer })
			if err == nil {
				_, err = io.ReadAll(r)
			}
			if api.Code(err) != c.code {
				t.Errorf("%s %v %v: got %v, want %q", alg, c.header, c.trailer, err, c.code)
			}
			if c.code == "" && r.Checksums()[alg] != good {
				t.Errorf("%s: checksums are %v", alg, r.Checksums())
			}
		}
	}
}

func TestUnknownAlgorithmIsRefused(t *testing.T) {
	if _, err := NewReader(strings.NewReader(""), http.Header{"X-Amz-Checksum-Crc16": {"AA=="}}, nil); api.Code(err) != "InvalidRequest" {
		t.Errorf("got %v", err)
	}
	if _, err := NewReader(strings.NewReader(""), http.Header{"Content-Md5": {"nope"}}, nil); api.Code(err) != "InvalidDigest" {
		t.Errorf("got %v", err)
	}
}

// TestClaims are requests that claim their checksum in two places, name another algorithm, or hold what is no checksum.
func TestClaims(t *testing.T) {
	const text = "some bytes"
	good := sumOf("CRC32", text)
	trailer := func() http.Header { return http.Header{"X-Amz-Checksum-Crc32": {good}} }
	for _, c := range []struct {
		header http.Header
		want   string
	}{
		{http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}}, ""},
		{http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}, "X-Amz-Sdk-Checksum-Algorithm": {"CRC32"}}, ""},
		{http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}, "X-Amz-Sdk-Checksum-Algorithm": {"sha1"}},
			"InvalidRequest: Value for x-amz-sdk-checksum-algorithm header is invalid."},
		{http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}, "X-Amz-Checksum-Crc32": {good}},
			"InvalidRequest: Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."},
		{http.Header{"X-Amz-Trailer": {"x-amz-checksum-sha1"}}, "InvalidRequest: Value for x-amz-checksum-sha1 trailing header is invalid."},
		{http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32, x-amz-meta-a"}},
			"InvalidRequest: The value specified in the x-amz-trailer header is not supported"},
		{http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32", "x-amz-checksum-crc16"}},
			"InvalidRequest: Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."},
		{http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc16"}},
			"InvalidRequest: The value specified in the x-amz-trailer header is not supported"},
		{http.Header{"X-Amz-Checksum-Crc32": {"none"}}, "InvalidRequest: Value for x-amz-checksum-crc32 header is invalid."},
		{http.Header{"Content-Md5": {""}}, "InvalidDigest: The Content-MD5 you specified was invalid."},
		{http.Header{"Content-Md5": {"AAAA"}}, "InvalidDigest: The Content-MD5 you specified was invalid."},
	} {
		r, err := NewReader(strings.NewReader(text), c.header, trailer)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v:\n got %s\nwant %s", c.header, got, c.want)
		}
	}
}
