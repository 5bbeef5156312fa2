package sigv4

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
)

// TestVersion2Example verifies the presigned URL of S3's guide ("Signing and authenticating REST requests"), whose signature AWS published.
func TestVersion2Example(t *testing.T) {
	text := "GET /photos/puppy.jpg?AWSAccessKeyId=" + exampleKey +
		"&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620 HTTP/1.1\r\n" +
		"Host: johnsmith.s3.amazonaws.com\r\n\r\n"
	_, res, err := verify(t, text, time.Unix(1175139620, 0))
	if err != nil || res.Principal.AccessKeyID != exampleKey || res.Service != "s3" || res.Region != "" || !res.Presigned {
		t.Fatalf("%+v, %v", res, err)
	}
	if _, _, err := verify(t, text, time.Unix(1175139621, 0)); err == nil || err.Error() != "AccessDenied: Request has expired" {
		t.Fatalf("late: %v", err)
	}
}

// request2 is a presigned request of version 2 over what text says is signed: method, MD5, type, headers, resource.
func request2(signed, target, headers string) string {
	h := hmac.New(sha1.New, []byte(exampleSecret))
	h.Write([]byte(signed))
	join := "?"
	if strings.Contains(target, "?") {
		join = "&"
	}
	method, _, _ := strings.Cut(signed, "\n")
	return method + " " + target + join + "AWSAccessKeyId=" + exampleKey + "&Expires=1369353600&Signature=" +
		url.QueryEscape(base64.StdEncoding.EncodeToString(h.Sum(nil))) + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n"
}

// TestVersion2 signs what version 2 covers, and alters it.
func TestVersion2(t *testing.T) {
	const at = "1369353600\n"
	for name, c := range map[string]struct{ signed, target, headers, want string }{
		"get":                 {"GET\n\n\n" + at + "/b/k", "/b/k", "", ""},
		"key with escapes":    {"GET\n\n\n" + at + "/b/a%20b%2Bc", "/b/a%20b%2Bc", "", ""},
		"sub-resource":        {"GET\n\n\n" + at + "/b/k?acl", "/b/k?acl", "", ""},
		"sub-resource with =": {"GET\n\n\n" + at + "/b/k?acl", "/b/k?acl=", "", ""},
		"sub-resource added":  {"GET\n\n\n" + at + "/b/k", "/b/k?acl", "", "SignatureDoesNotMatch"},
		"newer sub-resource":  {"GET\n\n\n" + at + "/b", "/b?encryption", "", "SignatureDoesNotMatch"},
		"sorted":              {"PUT\n\n\n" + at + "/b/k?partNumber=2&uploadId=u", "/b/k?uploadId=u&x-id=UploadPart&partNumber=2", "", ""},
		"version added":       {"GET\n\n\n" + at + "/b/k", "/b/k?versionId=v", "", "SignatureDoesNotMatch"},
		"plain parameter":     {"GET\n\n\n" + at + "/b", "/b?prefix=a&list-type=2", "", ""},
		"override": {"GET\n\n\n" + at + "/b/k?response-content-type=text/plain; a",
			"/b/k?response-content-type=text%2Fplain%3B+a", "", ""},
		"override altered":   {"GET\n\n\n" + at + "/b/k?response-content-type=a", "/b/k?response-content-type=b", "", "SignatureDoesNotMatch"},
		"bucket of botocore": {"GET\n\n\n" + at + "/b/", "/b", "", ""},
		"not for a key":      {"GET\n\n\n" + at + "/b/k/", "/b/k", "", "SignatureDoesNotMatch"},
		"type":               {"PUT\n\ntext/plain\n" + at + "/b/k", "/b/k", "Content-Type: text/plain\r\n", ""},
		"type added":         {"PUT\n\n\n" + at + "/b/k", "/b/k", "Content-Type: text/plain\r\n", "SignatureDoesNotMatch"},
		"MD5":                {"PUT\nabc=\n\n" + at + "/b/k", "/b/k", "Content-MD5: abc=\r\n", ""},
		"header": {"PUT\n\n\n" + at + "x-amz-acl:private\nx-amz-meta-a:b\n/b/k", "/b/k",
			"x-amz-meta-a:  b\r\nx-amz-acl: private\r\n", ""},
		"header added":        {"PUT\n\n\n" + at + "/b/k", "/b/k", "x-amz-copy-source: /b/secret\r\n", "SignatureDoesNotMatch"},
		"parameter as header": {"PUT\n\n\n" + at + "x-amz-acl:private\n/b/k", "/b/k?x-amz-acl=private", "", ""},
		"parameter added":     {"PUT\n\n\n" + at + "/b/k", "/b/k?X-Amz-Acl=public-read", "", "SignatureDoesNotMatch"},
		"header wins":         {"PUT\n\n\n" + at + "x-amz-acl:private\n/b/k", "/b/k?x-amz-acl=public-read", "x-amz-acl: private\r\n", ""},
		"another method":      {"GET\n\n\n" + at + "/b/k", "/b/k", "Authorization: AWS a:b\r\n", "InvalidArgument"},
		"token of none":       {"GET\n\n\n" + at + "x-amz-security-token:t\n/b/k", "/b/k?x-amz-security-token=t", "", "InvalidToken"},
	} {
		_, _, err := verify(t, request2(c.signed, c.target, c.headers), exampleTime)
		if got := codeOf(err); got != c.want {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	whole := request2("GET\n\n\n"+at+"/b/k", "/b/k", "")
	for _, c := range [][3]string{
		{"Expires=1369353600", "Expires=1369353601", "SignatureDoesNotMatch"},
		{"Expires=1369353600", "Expires=soon", "AccessDenied"},
		{"Expires=1369353600", "Expires=2147483648", "AccessDenied"},
		{"&Expires=1369353600", "", "AccessDenied"},
		{"Expires=1369353600", "Expires=1369353599", "AccessDenied"},
		{exampleKey, "AKIAOTHER", "InvalidAccessKeyId"},
		{"AWSAccessKeyId=" + exampleKey + "&", "", "AccessDenied"},
		{"GET /b/k", "PUT /b/k", "SignatureDoesNotMatch"},
		{"Signature=", "Signature=x", "SignatureDoesNotMatch"},
		{"AWSAccessKeyId=", "X-Amz-Algorithm=AWS4-HMAC-SHA256&AWSAccessKeyId=", "InvalidArgument"},
	} {
		if _, _, err := verify(t, strings.Replace(whole, c[0], c[1], 1), exampleTime); codeOf(err) != c[2] {
			t.Errorf("%s -> %s: got %v, want %s", c[0], c[1], err, c[2])
		}
	}
}

func codeOf(err error) string {
	var f *Fault
	if !errors.As(err, &f) {
		return ""
	}
	return f.For(api.ObjectWords).Code
}

// TestVersion2SessionToken signs with a temporary key, whose token stands in the query as botocore writes it.
func TestVersion2SessionToken(t *testing.T) {
	v := testVerifier(exampleTime)
	v.Keys = func(id string) (string, api.Principal, bool) {
		return exampleSecret, api.Principal{AccessKeyID: id, SessionToken: "the token"}, true
	}
	for token, want := range map[string]string{"the token": "", "another": "InvalidToken"} {
		text := request2("GET\n\n\n1369353600\nx-amz-security-token:"+token+"\n/b/k", "/b/k?x-amz-security-token="+url.QueryEscape(token), "")
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(r, Read(r), 0); codeOf(err) != want {
			t.Errorf("%s: got %v", token, err)
		}
		if r.Header.Get("X-Amz-Security-Token") != "" {
			t.Error("the token became a header of the request")
		}
	}
}

// What a signature of version 2 covers is what the request then does: a parameter given twice, or with a line of its own, changes nothing
// that was signed.
func TestVersion2CoversTheParametersThatCount(t *testing.T) {
	const signed = "PUT\n\n\n1369353600\nx-amz-acl:private\nx-amz-copy-source:/b/public\n/b/k"
	for query, ok := range map[string]bool{
		"x-amz-acl=private&x-amz-copy-source=/b/public":                             true,
		"x-amz-acl=private&x-amz-copy-source=/b/secret&x-amz-copy-source=/b/public": false,
		"x-amz-acl=private&x-amz-copy-source=/b/public&x-amz-copy-source=/b/secret": true,
		"x-amz-acl=private%0Ax-amz-copy-source:/b/public":                           false,
	} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request2(signed, "/b/k?"+query, ""))))
		if err != nil {
			t.Fatal(err)
		}
		_, err = testVerifier(time.Unix(1369353000, 0)).Verify(r, Read(r), 1<<20)
		if (err == nil) != ok || ok && r.Header.Get("X-Amz-Copy-Source") != "/b/public" {
			t.Errorf("%s: %v, the source is %q", query, err, r.Header.Get("X-Amz-Copy-Source"))
		}
	}
}
