package s3

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/vfs"
)

// openToAll makes a bucket that strangers may read and write.
func openToAll(t *testing.T, c *awss3.Client, bucket string) {
	t.Helper()
	must(c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: &bucket}))(t)
	must(c.DeletePublicAccessBlock(t.Context(), &awss3.DeletePublicAccessBlockInput{Bucket: &bucket}))(t)
	must(c.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(policyOf(t, bucket,
		`{"Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::`+bucket+`/*"]}`))}))(t)
}

// TestIfRange asks for the rest of an object that may be another by now.
func TestIfRange(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	c := client(srv)
	openToAll(t, c, "open")
	put := must(c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("open"), Key: aws.String("k"),
		Body: strings.NewReader("0123456789")}))(t)
	at := *must(c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("open"), Key: aws.String("k")}))(t).LastModified
	const rest, whole = "206 56789", "200 0123456789"
	for _, a := range []struct{ had, asked, want string }{
		{"", "bytes=5-", rest},
		{*put.ETag, "bytes=5-", rest},
		{at.Format(http.TimeFormat), "bytes=5-", rest},
		{at.Format("Monday, 02-Jan-06 15:04:05 GMT"), "bytes=5-", rest},
		{`"stale"`, "bytes=5-", whole},
		{"W/" + *put.ETag, "bytes=5-", whole}, // compared strongly
		{`"stale", ` + *put.ETag, "bytes=5-", whole},
		{"*", "bytes=5-", whole},
		{"nonsense", "bytes=5-", whole},
		{at.AddDate(0, 0, 1).Format(http.TimeFormat), "bytes=5-", whole}, // which If-Unmodified-Since would take
		{at.AddDate(0, 0, -1).Format(http.TimeFormat), "bytes=5-", whole},
		{`"stale"`, "bytes=50-", whole},
		{*put.ETag, "bytes=50-", "416 "},
		{`"stale"`, "", whole},
	} {
		header := "Range: " + a.asked + "\nIf-Range: " + a.had
		if a.had == "" {
			header = "Range: " + a.asked
		}
		status, body := unsigned(t, srv.URL, "GET", "/open/k", header, "")
		if status != a.want[:3] || !strings.HasPrefix(body, a.want[4:]) {
			t.Errorf("%q: %s %s, want %s", header, status, body, a.want)
		}
		if got, _ := unsigned(t, srv.URL, "HEAD", "/open/k", header, ""); got != a.want[:3] {
			t.Errorf("HEAD %q: %s, want %s", header, got, a.want)
		}
	}
}

// TestExpires: S3 keeps the header whatever it says.
func TestExpires(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	c := client(srv)
	openToAll(t, c, "open")
	for _, text := range []string{"0", "3600", "foo", "2026-01-01", "Sunday, 06-Nov-94 08:49:37 GMT", "Wed, 02 Jan 2030 03:04:05 GMT"} {
		if status, body := unsigned(t, srv.URL, "PUT", "/open/k", "Expires: "+text, "x"); status != "200" {
			t.Fatalf("%s: %s %s", text, status, body)
		}
		must(c.CopyObject(t.Context(), &awss3.CopyObjectInput{Bucket: aws.String("open"), Key: aws.String("copy"),
			CopySource: aws.String("open/k")}))(t)
		for _, key := range []string{"k", "copy"} {
			got := must(c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("open"), Key: &key}))(t)
			got.Body.Close()
			head := must(c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("open"), Key: &key}))(t)
			if aws.ToString(got.ExpiresString) != text || aws.ToString(head.ExpiresString) != text {
				t.Errorf("%s of %s: got %v, head %v", text, key, aws.ToString(got.ExpiresString), aws.ToString(head.ExpiresString))
			}
		}
	}
	form := "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nposted\r\n" +
		"--B\r\nContent-Disposition: form-data; name=\"Expires\"\r\n\r\nsoon\r\n" +
		"--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nform\r\n--B--\r\n"
	if status, body := unsigned(t, srv.URL, "POST", "/open", "Content-Type: multipart/form-data; boundary=B", form); status != "204" {
		t.Fatal(status, body)
	}
	head := must(c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("open"), Key: aws.String("posted")}))(t)
	if aws.ToString(head.ExpiresString) != "soon" {
		t.Errorf("of a form: %v", aws.ToString(head.ExpiresString))
	}
}
