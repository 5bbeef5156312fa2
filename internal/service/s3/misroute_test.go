package s3

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/vfs"
)

// TestMisrouted asks, without a signature, what is no operation's request: S3 says so before it asks who it is.
func TestMisrouted(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	const absent = "404 NoSuchBucket: The specified bucket does not exist"
	const method = "405 MethodNotAllowed: The specified method is not allowed against this resource."
	const source = "400 InvalidArgument: You can only specify a copy source header for copy requests."
	for _, c := range []struct{ method, target, source, want string }{
		{"GET", "/b/k?uploads", "", "400 InvalidRequest: Key is not expected for the GET method ?uploads subresource"},
		{"GET", "/b/k?versions", "", "400 InvalidRequest: There is no such thing as the ?versions sub-resource for a key"},
		{"GET", "/b?versions", "", absent},
		{"PUT", "/b/k?partNumber=1", "", "400 InvalidArgument: This operation does not accept partNumber without uploadId"},
		{"PUT", "/b/k?uploadId=1", "", method},
		{"PUT", "/b/k?uploadId=1&partNumber=1", "", absent},
		{"POST", "/", "", method},
		{"PATCH", "/b/k", "", method},
		{"TRACE", "/b/k", "", method},
		{"PATCH", "/b", "", method},
		{"POST", "/b/k", "", method},
		{"POST", "/b/k?uploads", "", "403 AccessDenied: Anonymous users cannot initiate multipart uploads. Please authenticate."},
		{"GET", "/b/k", "b/k", source},
		{"DELETE", "/b", "b/k", source},
		{"POST", "/b/k?uploadId=1", "b/k", source},
		{"PUT", "/b/k", "b/k", "403 AccessDenied: Anonymous users cannot copy objects. Please authenticate."},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, srv.URL+c.target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if c.source != "" {
			r.Header.Set("X-Amz-Copy-Source", c.source)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		_, code, _ := strings.Cut(string(body), "<Code>")
		code, text, _ := strings.Cut(code, "</Code><Message>")
		text, _, _ = strings.Cut(text, "</Message>")
		if got := fmt.Sprintf("%d %s: %s", res.StatusCode, code, text); err != nil || got != c.want {
			t.Errorf("%s %s %s: got %s, want %s", c.method, c.target, c.source, got, c.want)
		}
	}
}

// TestDocumentsAreSentWhole puts a document of tags whole, which answers 204, and in chunks, which S3 takes of an object's bytes only.
func TestDocumentsAreSentWhole(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	must(client(srv).CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	const doc = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
	for hash, want := range map[string]int{"UNSIGNED-PAYLOAD": http.StatusNoContent,
		"STREAMING-UNSIGNED-PAYLOAD-TRAILER": http.StatusBadRequest} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, srv.URL+"/lake?tagging=", strings.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Content-Sha256", hash)
		r.Header.Set("X-Amz-Decoded-Content-Length", "5")
		keys := aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret}
		if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hash, "s3", "us-east-1", time.Now()); err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != want || want == 400 && !strings.Contains(string(body), "The value of x-amz-content-sha256 header is invalid.") {
			t.Errorf("%s: %d %s", hash, res.StatusCode, body)
		}
	}
}
