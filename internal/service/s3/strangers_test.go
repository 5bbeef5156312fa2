package s3

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/vfs"
)

// TestStrangers asks over HTTP without a signature, as curl and browsers do.
func TestStrangers(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	c := client(srv)
	for _, b := range []string{"open", "shut"} {
		must(c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String(b)}))(t)
		must(c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String(b), Key: aws.String("k"), Body: strings.NewReader("text")}))(t)
	}
	must(c.DeletePublicAccessBlock(t.Context(), &awss3.DeletePublicAccessBlockInput{Bucket: aws.String("open")}))(t)
	must(c.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: aws.String("open"), Policy: aws.String(policyOf(t, "open",
		`{"Action":["s3:GetObject","s3:PutObject","s3:ListBucket"],"Resource":["arn:aws:s3:::open","arn:aws:s3:::open/*"]}`))}))(t)
	const form = "Content-Type: application/x-www-form-urlencoded"
	const chunked = "4\r\nbody\r\n0\r\nx-amz-checksum-crc32:u6vDBA==\r\n\r\n"
	for _, a := range []struct{ method, path, header, body, want string }{
		{"GET", "/open/k", "", "", "200 text"},
		{"HEAD", "/open/k", "", "", "200 "},
		{"GET", "/open/k?response-content-type=text/html", "", "", "400 InvalidRequest"},
		{"GET", "/open/none", "", "", "404 NoSuchKey"},
		{"GET", "/open?list-type=2", "", "", "200 <Key>k</Key>"},
		{"GET", "/open/k?acl", "", "", "403 AccessDenied"},
		{"PUT", "/open/new", "", "body", "200 "},
		{"GET", "/open/new", "", "", "200 body"},
		{"PUT", "/open/new", "X-Amz-Content-Sha256: 230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5", "body", "200 "},
		{"PUT", "/open/new", "X-Amz-Content-Sha256: nonsense", "body", "400 XAmzContentSHA256Mismatch"},
		{"PUT", "/open/new", "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "body", "400 InvalidRequest"},
		{"PUT", "/open/new", "X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\nX-Amz-Decoded-Content-Length: 4\n" +
			"X-Amz-Trailer: x-amz-checksum-crc32", chunked, "400 BadDigest"},
		{"DELETE", "/open/new", "", "", "403 AccessDenied"},
		{"POST", "/open/new?restore", "", "", "403 AccessDenied"},
		{"POST", "/open/new?uploads", "", "", "403 Anonymous users cannot initiate multipart uploads. Please authenticate."},
		{"POST", "/open", "Content-Type: multipart/form-data; boundary=B",
			"--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nposted\r\n" +
				"--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nform\r\n--B--\r\n", "204 "},
		{"GET", "/open/posted", "", "", "200 form"},
		{"POST", "/shut", "Content-Type: multipart/form-data; boundary=B",
			"--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nposted\r\n" +
				"--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nform\r\n--B--\r\n", "403 AccessDenied"},
		{"GET", "/shut/k", "", "", "403 AccessDenied"},
		{"GET", "/shut/none", "", "", "403 AccessDenied"},
		{"PUT", "/shut?tagging", "", "<not xml", "403 AccessDenied"}, // which nobody reads
		{"PUT", "/open?tagging", "", "<not xml", "400 MalformedXML"},
		{"PUT", "/open/typed", form, "a=b", "200 "}, // no call of the Query protocol, which is posted to "/"
		{"GET", "/open/typed", form, "", "200 a=b"},
		{"GET", "/shut/k", form, "", "403 <Error><Code>AccessDenied"},
		{"POST", "/open/typed", form, "a=b", "405 <Error><Code>MethodNotAllowed"},
		{"PUT", "/open/typed", "Content-Type: application/cbor\nSmithy-Protocol: rpc-v2-cbor", "a=b", "200 "},
		{"PUT", "/open/typed", "X-Amz-Target: a.b", "a=b", "501 NotImplemented"},
		{"GET", "/open/k?Action=x", "", "", "501 NotImplemented"},
		{"POST", "/", form, "Action=GetCallerIdentity", "403 MissingAuthenticationToken"},
		{"GET", "/?Action=GetCallerIdentity", "", "", "403 MissingAuthenticationToken"},
		{"GET", "/open/" + strings.Repeat("k", 1025), "", "", "400 KeyTooLongError"},
		{"GET", "/open/" + strings.Repeat("k", 1024), "", "", "404 NoSuchKey"},
		{"GET", "/shut/" + strings.Repeat("k", 1025), "", "", "403 AccessDenied"},
		{"HEAD", "/open/" + strings.Repeat("k", 1025), "", "", "400 "},
		{"GET", "/absent/k", "", "", "404 NoSuchBucket"},
		{"GET", "/Not_A_Bucket/k", "", "", "404 NoSuchBucket"},
		{"PUT", "/fresh", "", "", "403 Anonymous users cannot invoke this API. Please authenticate."},
		{"GET", "/", "", "", "403 AccessDenied"},
		{"GET", "/open/k", "Authorization: Basic YTpi", "", "400 Unsupported Authorization Type"},
		{"GET", "/open/k?X-Amz-Signature=x&X-Amz-Algorithm=AWS4-HMAC-SHA256", "", "", "400 AuthorizationQueryParametersError"},
	} {
		if status, body := unsigned(t, srv.URL, a.method, a.path, a.header, a.body); status != a.want[:3] || !strings.Contains(body, a.want[4:]) {
			t.Errorf("%s %s: %s %s, want %s", a.method, a.path, status, body, a.want)
		}
	}
}

func unsigned(t testing.TB, base, method, path, header, body string) (status, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(header, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode), string(b)
}

// TestPoliciesOverHTTP has what the wire tells of the operations: 204, and the text as JSON without white space.
func TestPoliciesOverHTTP(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	c := client(srv)
	must(c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String("bkt")}))(t)
	text := "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\",\n" +
		"    \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::bkt/ü*\"}]\n}\n"
	must(c.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: aws.String("bkt"), Policy: &text}))(t)
	got := must(c.GetBucketPolicy(t.Context(), &awss3.GetBucketPolicyInput{Bucket: aws.String("bkt")}))(t)
	const want = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",` +
		`"Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/ü*"}]}`
	if *got.Policy != want {
		t.Errorf("got %s", *got.Policy)
	}
	status := must(c.GetBucketPolicyStatus(t.Context(), &awss3.GetBucketPolicyStatusInput{Bucket: aws.String("bkt")}))(t)
	if *status.PolicyStatus.IsPublic {
		t.Error("a Deny is public")
	}
	large := policyOf(t, "bkt", `{"Effect":"Deny","Action":"s3:GetObject","Sid":"`+strings.Repeat("x", 20<<10)+`"}`)
	_, err := c.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: aws.String("bkt"), Policy: &large})
	if err == nil || !strings.Contains(err.Error(), "exceeds the maximum allowed size of 20480 bytes") {
		t.Errorf("a large one: %v", err)
	}
	must(c.DeleteBucketPolicy(t.Context(), &awss3.DeleteBucketPolicyInput{Bucket: aws.String("bkt")}))(t)
	must(c.DeleteBucketPolicy(t.Context(), &awss3.DeleteBucketPolicyInput{Bucket: aws.String("bkt")}))(t)
	_, err = c.GetBucketPolicy(t.Context(), &awss3.GetBucketPolicyInput{Bucket: aws.String("bkt")})
	if code(err) != "NoSuchBucketPolicy" {
		t.Errorf("after its removal: %v", err)
	}
}

// TestNoAnswerIsOlderThanThePolicy reads as fast as it can, signed and not, while a policy denies and allows in turn: what is asked after
// the change was acknowledged goes by it.
func TestNoAnswerIsOlderThanThePolicy(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	c := client(srv)
	must(c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String("bkt")}))(t)
	must(c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("bkt"), Key: aws.String("k"), Body: strings.NewReader("x")}))(t)
	must(c.DeletePublicAccessBlock(t.Context(), &awss3.DeletePublicAccessBlockInput{Bucket: aws.String("bkt")}))(t)
	policies := [2]*string{}
	for i, effect := range []string{"Allow", "Deny"} {
		policies[i] = aws.String(policyOf(t, "bkt", `{"Effect":"`+effect+`","Action":"s3:GetObject"}`))
	}
	var epoch atomic.Int64 // even: allowed; odd: denied; changed after the answer. A change in progress is a negative number.
	epoch.Store(-1)
	var readers sync.WaitGroup
	stop := make(chan struct{})
	read := func(ok func() bool) {
		defer readers.Done()
		for {
			select {
			case <-stop:
				return
			default:
			}
			before := epoch.Load()
			got := ok()
			if before >= 0 && epoch.Load() == before && got != (before%2 == 0) {
				t.Errorf("in epoch %d the object was read: %v", before, got)
			}
		}
	}
	readers.Add(2)
	go read(func() bool {
		status, _ := unsigned(t, srv.URL, "GET", "/bkt/k", "", "")
		return status == "200"
	})
	go read(func() bool {
		out, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("bkt"), Key: aws.String("k")})
		if err == nil {
			err = out.Body.Close()
		}
		return err == nil
	})
	for n := range int64(60) {
		epoch.Store(-1)
		must(c.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: aws.String("bkt"), Policy: policies[n%2]}))(t)
		epoch.Store(n)
		for range 5 {
			if status, _ := unsigned(t, srv.URL, "GET", "/bkt/k", "", ""); (status == "200") != (n%2 == 0) {
				t.Errorf("after change %d: %s", n, status)
			}
		}
	}
	close(stop)
	readers.Wait()
}
