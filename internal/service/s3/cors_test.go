package s3

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/vfs"
)

// TestCrossOrigin asks as browsers do: preflights without a signature, and a request whose answer is an error.
func TestCrossOrigin(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	c := client(srv)
	for _, b := range []string{"open", "shut"} {
		must(c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String(b)}))(t)
	}
	rule := types.CORSRule{AllowedMethods: []string{"GET"}, AllowedOrigins: []string{"https://*.org"}, AllowedHeaders: []string{"X-Amz-*"}}
	must(c.PutBucketCors(t.Context(), &awss3.PutBucketCorsInput{Bucket: aws.String("open"),
		CORSConfiguration: &types.CORSConfiguration{CORSRules: []types.CORSRule{rule}}}))(t)
	for _, k := range []struct{ verb, path, origin, method, headers, want string }{
		{"OPTIONS", "/open/k", "https://a.org", "GET", "x-amz-date", "200 https://a.org"},
		{"OPTIONS", "/open/k", "https://a.org", "PUT", "", "403 This CORS request is not allowed"},
		{"OPTIONS", "/open/k", "https://a.org", "GET", "content-type", "403 This CORS request is not allowed"},
		{"OPTIONS", "/open/k", "https://a.com", "GET", "", "403 This CORS request is not allowed"},
		{"OPTIONS", "/open/k", "", "GET", "", "400 Origin request header needed"},
		{"OPTIONS", "/open/k", "https://a.org", "PATCH", "", "400 Invalid Access-Control-Request-Method: PATCH"},
		{"OPTIONS", "/shut/k", "https://a.org", "GET", "", "403 CORS is not enabled for this bucket"},
		{"OPTIONS", "/none/k", "https://a.org", "GET", "", "403 Bucket not found"},
		{"GET", "/open/k", "https://a.org", "", "", "403 https://a.org"},
		{"GET", "/open/k", "https://a.com", "", "", "403 AccessDenied"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), k.verb, srv.URL+k.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string]string{"Origin": k.origin, "Access-Control-Request-Method": k.method,
			"Access-Control-Request-Headers": k.headers} {
			if v != "" {
				r.Header.Set(name, v)
			}
		}
		a := must(srv.Client().Do(r))(t)
		var b strings.Builder
		if err := a.Write(&b); err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		status, text, _ := strings.Cut(k.want, " ")
		if !strings.HasPrefix(a.Status, status) || !strings.Contains(b.String(), text) {
			t.Errorf("%s %s from %s for %s: %s", k.verb, k.path, k.origin, k.method, b.String())
		}
	}
}
