package sigv4

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"penstock/internal/api"
	"penstock/internal/clock"
)

// The requests are the worked examples of AWS's own documentation ("Signature Calculations for the Authorization Header", "...:
// Transferring Payload in Multiple Chunks", "Authenticating Requests: Using Query Parameters"), whose signatures AWS published.
const (
	exampleKey    = "AKIAIOSFODNN7EXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	exampleScope  = exampleKey + "/20130524/us-east-1/s3/aws4_request"
)

func exampleKeys(id string) (string, api.Principal, bool) {
	return exampleSecret, api.Principal{Account: "000000000000", AccessKeyID: id}, id == exampleKey
}

var exampleTime = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)

const getExample = "GET /test.txt HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nRange: bytes=0-9\r\n" +
	"x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\nx-amz-date: 20130524T000000Z\r\n" +
	"Authorization: AWS4-HMAC-SHA256 Credential=" + exampleScope + ",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date," +
	"Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\r\n\r\n"

const putExample = "PUT /test%24file.text HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nDate: Fri, 24 May 2013 00:00:00 GMT\r\n" +
	"x-amz-date: 20130524T000000Z\r\nx-amz-storage-class: REDUCED_REDUNDANCY\r\nContent-Length: 21\r\n" +
	"x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\r\n" +
	"Authorization: AWS4-HMAC-SHA256 Credential=" + exampleScope +
	",SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class," +
	"Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd\r\n\r\nWelcome to Amazon S3."

const listExample = "GET /?max-keys=2&prefix=J HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\n" +
	"x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\nx-amz-date: 20130524T000000Z\r\n" +
	"Authorization: AWS4-HMAC-SHA256 Credential=" + exampleScope + ",SignedHeaders=host;x-amz-content-sha256;x-amz-date," +
	"Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7\r\n\r\n"

const presignedExample = "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
	"&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
	"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
	"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\r\n" +
	"Host: examplebucket.s3.amazonaws.com\r\n\r\n"

func chunkedExample() string {
	return "PUT /examplebucket/chunkObject.txt HTTP/1.1\r\nHost: s3.amazonaws.com\r\nx-amz-date: 20130524T000000Z\r\nx-amz-storage-class: " +
		"REDUCED_REDUNDANCY\r\n" +
		"Authorization: AWS4-HMAC-SHA256 Credential=" + exampleScope +
		",SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class," +
		"Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9\r\n" +
		"x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\nContent-Encoding: aws-chunked\r\nx-amz-decoded-content-length: " +
		"66560\r\nContent-Length: 66824\r\n\r\n" +
		"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + strings.Repeat("a", 65536) + "\r\n" +
		"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + strings.Repeat("a", 1024) + "\r\n" +
		"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
}

func testVerifier(now time.Time) *Verifier {
	return New(Config{Keys: exampleKeys, Clock: clock.NewManual(now), Regions: func(string) []string {
		return []string{"us-east-1", "eu-west-1"}
	},
		Wanted: func(*http.Request, string) string { return "" }, Bucket: func(host string) string {
			bucket, _, _ := strings.Cut(host, ".s3.")
			if bucket == host {
				return ""
			}
			return bucket
		}})
}

// verify runs a request given as text through a verifier whose clock stands at now, and reads the body.
func verify(t *testing.T, text string, now time.Time) (string, *Result, error) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := testVerifier(now).Verify(r, Read(r), 1<<20)
	if err != nil {
		return "", nil, err
	}
	body, err := io.ReadAll(res.Body)
	return string(body), res, err
}

func TestPublishedExamples(t *testing.T) {
	for name, c := range map[string]struct{ text, body string }{
		"get":       {getExample, ""},
		"put":       {putExample, "Welcome to Amazon S3."},
		"list":      {listExample, ""},
		"presigned": {presignedExample, ""},
		"chunked":   {chunkedExample(), strings.Repeat("a", 66560)},
	} {
		body, res, err := verify(t, c.text, exampleTime)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if body != c.body || res.Principal.AccessKeyID != exampleKey || res.Service != "s3" {
			t.Errorf("%s: body of %d bytes, %+v", name, len(body), res)
		}
	}
}

// TestAlteredRequestsAreRefused changes one thing at a time, header, body, date, query, path, method, signature, and a byte of each
// chunk, and expects the code that S3 gives.
func TestAlteredRequestsAreRefused(t *testing.T) {
	day := exampleTime
	for name, c := range map[string]struct {
		text, from, to string
		now            time.Time
		code           string
	}{
		"header":        {putExample, "REDUCED_REDUNDANCY", "STANDARD", day, "SignatureDoesNotMatch"},
		"header added":  {putExample, "x-amz-date:", "x-amz-acl: public-read\r\nx-amz-date:", day, "AccessDenied"},
		"body":          {putExample, "Welcome to Amazon S3.", "Welcome to amazon S3.", day, "XAmzContentSHA256Mismatch"},
		"body and hash": {putExample, "44ce7dd6", "44ce7dd7", day, "SignatureDoesNotMatch"},
		"body cut":      {putExample, "Welcome to Amazon S3.", "Welcome", day, "IncompleteBody"},
		"hash missing": {putExample, "x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\r\n",
			"", day, "InvalidRequest"},
		"date":              {putExample, "x-amz-date: 20130524T000000Z", "x-amz-date: 20130524T000001Z", day, "SignatureDoesNotMatch"},
		"other day":         {putExample, "x-amz-date: 20130524T000000Z", "x-amz-date: 20130523T235959Z", day, "AuthorizationHeaderMalformed"},
		"too old":           {putExample, "", "", day.Add(15*time.Minute + time.Second), "RequestTimeTooSkewed"},
		"too new":           {putExample, "", "", day.Add(-15*time.Minute - time.Second), "RequestTimeTooSkewed"},
		"query":             {listExample, "max-keys=2", "max-keys=3", day, "SignatureDoesNotMatch"},
		"query added":       {listExample, "&prefix=J", "&prefix=J&acl", day, "SignatureDoesNotMatch"},
		"path":              {getExample, "/test.txt", "/best.txt", day, "SignatureDoesNotMatch"},
		"method":            {getExample, "GET", "DELETE", day, "SignatureDoesNotMatch"},
		"host":              {getExample, "examplebucket", "otherbucket", day, "SignatureDoesNotMatch"},
		"signature":         {getExample, "Signature=f0e8", "Signature=f0e9", day, "SignatureDoesNotMatch"},
		"signature no hex":  {getExample, "Signature=f0e8", "Signature=zzzz", day, "SignatureDoesNotMatch"},
		"unknown key":       {getExample, exampleKey, "AKIAOTHER", day, "InvalidAccessKeyId"},
		"host unsigned":     {getExample, "SignedHeaders=host;", "SignedHeaders=", day, "AccessDenied"},
		"version 2":         {getExample, "AWS4-HMAC-SHA256 Credential", "AWS AKID:sig Credential", day, "InvalidRequest"},
		"anonymous":         {getExample, "Authorization", "X-Other", day, "AccessDenied"},
		"presigned query":   {presignedExample, "X-Amz-Expires=86400", "X-Amz-Expires=86401", day, "SignatureDoesNotMatch"},
		"presigned expired": {presignedExample, "", "", day.Add(24*time.Hour + time.Second), "AccessDenied"},
		"presigned early":   {presignedExample, "", "", day.Add(-16 * time.Minute), "AccessDenied"},
		"presigned header":  {presignedExample, "\r\n\r\n", "\r\nx-amz-copy-source: /b/secret\r\n\r\n", day, "AccessDenied"},
		"presigned long":    {presignedExample, "86400", "604801", day, "AuthorizationQueryParametersError"},
		"chunk 1":           {chunkedExample(), "a288648\r\naa", "a288648\r\nab", day, "SignatureDoesNotMatch"},
		"chunk 2":           {chunkedExample(), "3ef5497\r\naa", "3ef5497\r\nab", day, "SignatureDoesNotMatch"},
		"chunk 3":           {chunkedExample(), "449df9", "449df8", day, "SignatureDoesNotMatch"},
		"chunk cut": {chunkedExample(), "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
			"", day, "IncompleteBody"},
		"chunk size": {chunkedExample(), "\r\n400;", "\r\nxyz;", day, "IncompleteBody"},
		"chunk unsigned": {chunkedExample(), "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
			"\r\n400", day, "IncompleteBody"},
	} {
		text := c.text
		if c.from != "" {
			if !strings.Contains(text, c.from) {
				t.Fatalf("%s: nothing to alter", name)
			}
			text = strings.Replace(text, c.from, c.to, 1)
		}
		_, _, err := verify(t, text, c.now)
		var f *Fault
		if !errors.As(err, &f) {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
			continue
		}
		if got := f.For(api.ObjectWords); got.Code != c.code {
			t.Errorf("%s: got %s: %s, want %s", name, got.Code, got.Message, c.code)
		}
	}
}

// sign signs a request with a chunked body in n chunks, and a trailer when there is one.
func sign(mode string, chunks []string, trailer string) string {
	total := 0
	for _, c := range chunks {
		total += len(c)
	}
	c := &Claim{credential: exampleScope, stamp: "20130524T000000Z",
		signed: "host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-trailer"}
	c.split()
	key := testVerifier(exampleTime).signer(c, exampleSecret).key
	head := "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nx-amz-content-sha256: " + mode + "\r\nx-amz-date: " + c.stamp + "\r\n" +
		"x-amz-decoded-content-length: " + itoa(total) + "\r\nx-amz-trailer: x-amz-checksum-crc32c\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head + "\r\n")))
	if err != nil {
		panic(err)
	}
	canonical := string(new(scratch).canonical(r, c, mode))
	prev := hexMac(key, "AWS4-HMAC-SHA256\n"+c.stamp+"\n"+c.scope+"\n"+hexSum(canonical))
	auth := "Authorization: AWS4-HMAC-SHA256 Credential=" + exampleScope + ", SignedHeaders=" + c.signed + ", Signature=" + prev + "\r\n"
	var body bytes.Buffer
	for _, chunk := range append(chunks, "") {
		body.WriteString(hexInt(len(chunk)))
		if mode != unsignedTrailer {
			prev = hexMac(key, "AWS4-HMAC-SHA256-PAYLOAD\n"+c.stamp+"\n"+c.scope+"\n"+prev+"\n"+emptyHash+"\n"+hexSum(chunk))
			body.WriteString(";chunk-signature=" + prev)
		}
		body.WriteString("\r\n" + chunk)
		if chunk != "" {
			body.WriteString("\r\n")
		}
	}
	body.WriteString(trailer + "\r\n")
	if mode == signedTrailer {
		body.WriteString("x-amz-trailer-signature:" +
			hexMac(key, "AWS4-HMAC-SHA256-TRAILER\n"+c.stamp+"\n"+c.scope+"\n"+prev+"\n"+hexSum(trailer+"\n")) + "\r\n")
	}
	body.WriteString("\r\n")
	return head + auth + "Content-Length: " + itoa(body.Len()) + "\r\n\r\n" + body.String()
}

func TestChunksWithTrailers(t *testing.T) {
	chunks := []string{"first " + strings.Repeat("chunk", leastChunk), "second" + strings.Repeat("chunk", leastChunk), "third chunk"}
	length := "decoded-content-length: " + itoa(len(strings.Join(chunks, "")))
	trailer := "x-amz-checksum-crc32c:sOO8/Q=="
	for _, mode := range []string{signedTrailer, unsignedTrailer} {
		text := sign(mode, chunks, trailer)
		body, res, err := verify(t, text, exampleTime)
		if err != nil || body != strings.Join(chunks, "") || res.Trailer().Get("x-amz-checksum-crc32c") != "sOO8/Q==" ||
			res.Length != int64(len(body)) {
			t.Errorf("%s: body %q, %v", mode, body, err)
		}
		if _, _, err := verify(t, strings.Replace(text, length, length+"0", 1), exampleTime); err == nil {
			t.Errorf("%s: a wrong decoded length passed", mode)
		}
	}
	text := sign(signedTrailer, chunks, trailer)
	for _, alter := range [][2]string{{"third chunk", "third chunc"}, {"sOO8/Q==", "sOO8/R=="}, {"first", "fjrst"}} {
		_, _, err := verify(t, strings.Replace(text, alter[0], alter[1], 1), exampleTime)
		var f *Fault
		if !errors.As(err, &f) || f.Kind != Mismatch {
			t.Errorf("%s -> %s: got %v", alter[0], alter[1], err)
		}
	}
}

// TestSignedFieldsThatWereNotAnnounced: what the client signed behind the body is refused where its header has not named it, before and
// behind what it has named, once and again.
func TestSignedFieldsThatWereNotAnnounced(t *testing.T) {
	const field = "x-amz-checksum-crc32c:sOO8/Q=="
	for trailer, want := range map[string]Kind{
		field: -1, field + "\nx-amz-meta-a:b": BadTrailer, "x-amz-meta-a:b\n" + field: BadTrailer,
		"x-amz-checksum-sha1:AAAA\n" + field: BadTrailer,
		field + "\n" + field:                 BadTrailer, "x-amz-meta-a:b": BadTrailer, field + "\nx-amz-decoded-content-length:5": BadTrailer,
	} {
		for _, mode := range []string{signedTrailer, unsignedTrailer} {
			_, _, err := verify(t, sign(mode, []string{"hello"}, trailer), exampleTime)
			var f *Fault
			if want < 0 && err != nil || want >= 0 && (!errors.As(err, &f) || f.Kind != want) {
				t.Errorf("%s %q: %v", mode, trailer, err)
			}
		}
	}
}

// TestSessionTokens signs with a temporary key: the request must carry the key's token, and no other.
func TestSessionTokens(t *testing.T) {
	keys := func(id string) (string, api.Principal, bool) {
		return exampleSecret, api.Principal{AccessKeyID: id, SessionToken: "the token"}, true
	}
	for token, want := range map[string]Kind{"the token": -1, "another": BadToken, "": BadToken} {
		r, err := http.ReadRequest(
			bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\nHost: localhost\r\nx-amz-content-sha256: " + emptyHash + "\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		creds := aws.Credentials{AccessKeyID: "ASIATEST", SecretAccessKey: exampleSecret, SessionToken: token}
		if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, emptyHash, "s3", "us-east-1", exampleTime); err != nil {
			t.Fatal(err)
		}
		v := testVerifier(exampleTime)
		v.Keys = keys
		res, err := v.Verify(r, Read(r), 1<<20)
		var f *Fault
		switch {
		case want < 0 && (err != nil || res.Principal.SessionToken != ""):
			t.Errorf("%q: %v, %+v", token, err, res)
		case want >= 0 && (!errors.As(err, &f) || f.Kind != want):
			t.Errorf("%q: got %v", token, err)
		}
	}
}

// TestFaultsSpeakTheServicesWords checks the codes of the other protocols.
func TestFaultsSpeakTheServicesWords(t *testing.T) {
	for kind, want := range map[Kind][2]string{
		Anonymous:  {"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
		UnknownKey: {"UnrecognizedClientException", "InvalidClientTokenId"},
		Mismatch:   {"InvalidSignatureException", "SignatureDoesNotMatch"},
		Skewed:     {"InvalidSignatureException", "SignatureDoesNotMatch"},
		Unsigned:   {"InvalidSignatureException", "SignatureDoesNotMatch"},
		TooLarge:   {"RequestEntityTooLarge", "RequestEntityTooLarge"},
	} {
		f := &Fault{Kind: kind}
		if j, q := f.For(api.JSONWords).Code, f.For(api.QueryWords).Code; j != want[0] || q != want[1] {
			t.Errorf("%d: got %s and %s, want %v", kind, j, q, want)
		}
	}
}

// TestBrokenFraming breaks the framing of a chunked body at one place at a time. The codes and texts are those that S3 answers to the
// authors of versitygw (its suite and its issues 1660, 1665, 1666 and 1683).
func TestBrokenFraming(t *testing.T) {
	const cut = "IncompleteBody: The request body terminated unexpectedly"
	const trailing = "MalformedTrailerError: " +
		"The request contained trailing data that was not well-formed or did not conform to our published schema."
	const small = "InvalidChunkSizeError: Only the last chunk is allowed to have a size less than 8192 bytes"
	const length = "IncompleteBody: You did not provide the number of bytes specified by the Content-Length HTTP header"
	const field = "x-amz-checksum-crc32c:sOO8/Q=="
	big := strings.Repeat("a", leastChunk)
	for _, c := range []struct{ mode, chunks, from, to, want string }{
		{unsignedTrailer, "hello", "5\r\nhello", "5\nhello", cut},
		{unsignedTrailer, "hello", "hello\r\n0", "hello0", cut},
		{unsignedTrailer, "hello", "5\r\nhello", "6\r\nhello", cut},
		{unsignedTrailer, "hello", "5\r\nhello", "x\r\nhello", cut},
		{unsignedTrailer, "hello", field + "\r\n\r\n", field + "\r\n", cut},
		{unsignedTrailer, "hello", field + "\r\n\r\n", "", cut},
		{unsignedTrailer, "hello", field + "\r\n\r\n", field + "\r\n\r\nx", cut},
		{unsignedTrailer, "hello", field, ":sOO8/Q==", trailing},
		{unsignedTrailer, "hello", field, "x-amz-checksum-sha1:sOO8/Q==", trailing},
		{unsignedTrailer, "hello", field + "\r\n\r\n", "\r\n", trailing},
		{unsignedTrailer, "hello", field, field + "\r\n" + field, trailing},
		{unsignedTrailer, "hello", "content-length: 5", "content-length: 6", length},
		{unsignedTrailer, "hello", "content-length: 5", "content-length: 4", length},
		{unsignedTrailer, "hello", "content-length: 5", "content-length: 5x",
			"MissingContentLength: You must provide the Content-Length HTTP header."},
		{unsignedTrailer, "hello there", "", "", small},
		{unsignedTrailer, big + " last", "", "", ""},
		{signedTrailer, "hello there", "", "", small},
		{signedTrailer, "hello", ";chunk-signature", ":chunk-signature", cut},
		{signedTrailer, "hello", "0;chunk-signature=", "0;chunk-signature=0", cut},
		{signedTrailer, "hello", "x-amz-trailer-signature", "x-amz-trailer-signed", cut},
		{signedTrailer, "hello", "x-amz-trailer-signature:", "x-amz-trailer-signature:0", cut},
		{signedTrailer, "hello", field + "\r\n", field + "\n\r\n", ""}, // as minio-go writes it
		{signedTrailer, "hello", field + "\r\n", "\r\n", trailing},
		{signedChunks, "hello", "", "", cut}, // a trailer where none is said to follow
	} {
		text := sign(c.mode, strings.Fields(c.chunks), field)
		if c.mode == unsignedTrailer { // its signature is over the header alone, which is signed again
			text = strings.Replace(text, c.from, c.to, 1)
		}
		head, body, _ := strings.Cut(text, "\r\n\r\n")
		if c.mode != unsignedTrailer {
			body = strings.Replace(body, c.from, c.to, 1)
		}
		err := readChunks(t, c.mode, head, body)
		if got := errorOf(err); got != c.want {
			t.Errorf("%s %.20q: %q -> %q:\n got %s\nwant %s", c.mode, c.chunks, c.from, c.to, got, c.want)
		}
	}
}

func errorOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// readChunks reads a chunked body behind a header whose signature is not looked at.
func readChunks(t *testing.T, mode, head, body string) error {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head + "\r\n\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	c := Read(r)
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), -1
	res := &Result{}
	if err := startBody(r, c, testVerifier(exampleTime).signer(c, exampleSecret).key, mode, res); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// A body that is not the signed one is told with both hashes, an unknown scheme by its name.
func TestFaultsNameWhatWasSent(t *testing.T) {
	sum := hexSum("Welcome to amazon S3.")
	for _, c := range []struct{ text, from, to, field, want string }{
		{putExample, "to Amazon", "to amazon", "S3ComputedContentSHA256", sum},
		{putExample, "to Amazon", "to amazon", "ClientComputedContentSHA256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
		{getExample, "AWS4-HMAC-SHA256 Cred", "Bearer Cred", "ArgumentValue", "Bearer"},
	} {
		_, _, err := verify(t, strings.Replace(c.text, c.from, c.to, 1), exampleTime)
		var f *Fault
		if !errors.As(err, &f) || f.For(api.ObjectWords).Fields[c.field] != c.want {
			t.Errorf("%s -> %s: %v, want %s %s", c.from, c.to, err, c.field, c.want)
		}
	}
}

// A small chunk before the last is told with its size and the number of the one behind it.
func TestSmallChunkIsNamed(t *testing.T) {
	head, body, _ := strings.Cut(sign(unsignedTrailer, []string{"hello", "there"}, "x-amz-checksum-crc32c:sOO8/Q=="), "\r\n\r\n")
	var f *Fault
	if err := readChunks(t, unsignedTrailer, head, body); !errors.As(err, &f) {
		t.Fatal(err)
	}
	if e := f.For(api.ObjectWords); e.Fields["Chunk"] != "2" || e.Fields["BadChunkSize"] != "5" {
		t.Errorf("%v", e.Fields)
	}
}
