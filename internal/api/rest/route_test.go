package rest

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"penstock/internal/api/shapes"
	"penstock/internal/api/xmlbody"
)

func TestRoutesOfS3(t *testing.T) {
	svc, err := shapes.NewSet().Service("s3")
	if err != nil {
		t.Fatal(err)
	}
	r := NewRouter(svc)
	for _, c := range []struct {
		method, url, header string
		op, bucket, key     string
	}{
		{"GET", "/b", "", "ListObjects", "b", ""},
		{"GET", "/b/", "", "ListObjects", "b", ""},
		{"GET", "/b?list-type=2&prefix=x", "", "ListObjectsV2", "b", ""},
		{"GET", "/b?versions", "", "ListObjectVersions", "b", ""},
		{"GET", "/b?uploads", "", "ListMultipartUploads", "b", ""},
		{"PUT", "/b", "", "CreateBucket", "b", ""},
		{"PUT", "/b?versioning", "", "PutBucketVersioning", "b", ""},
		{"DELETE", "/b", "", "DeleteBucket", "b", ""},
		{"HEAD", "/b", "", "HeadBucket", "b", ""},
		{"POST", "/b?delete", "", "DeleteObjects", "b", ""},
		{"GET", "/b/a//c/./d", "", "GetObject", "b", "a//c/./d"},
		{"GET", "/b/a%2Fc%20%2B%C3%BC", "", "GetObject", "b", "a/c +ü"},
		{"GET", "/b/dir/", "", "GetObject", "b", "dir/"},
		{"GET", "/b/k?uploadId=1", "", "ListParts", "b", "k"},
		{"GET", "/b/k?tagging", "", "GetObjectTagging", "b", "k"},
		{"PUT", "/b/k", "", "PutObject", "b", "k"},
		{"PUT", "/b/k", "X-Amz-Copy-Source", "CopyObject", "b", "k"},
		{"PUT", "/b/k?partNumber=1&uploadId=2", "", "UploadPart", "b", "k"},
		{"PUT", "/b/k?partNumber=1&uploadId=2", "X-Amz-Copy-Source", "UploadPartCopy", "b", "k"},
		{"POST", "/b/k?uploads", "", "CreateMultipartUpload", "b", "k"},
		{"POST", "/b/k?uploadId=1", "", "CompleteMultipartUpload", "b", "k"},
		{"DELETE", "/b/k?uploadId=1", "", "AbortMultipartUpload", "b", "k"},
		{"DELETE", "/b/k?versionId=1", "", "DeleteObject", "b", "k"},
		{"HEAD", "/b/k", "", "HeadObject", "b", "k"},
		{"PATCH", "/b/k", "", "", "", ""},
		{"PUT", "/", "", "", "", ""},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{}
		if c.header != "" {
			h.Set(c.header, "x")
		}
		m := r.Match(c.method, u.EscapedPath(), u.Query(), h)
		switch {
		case len(m) == 0 && c.op == "":
		case len(m) == 0:
			t.Errorf("%s %s: nothing fits, want %s", c.method, c.url, c.op)
		case m[0].Op.Name != c.op || m[0].Labels["Bucket"] != c.bucket || m[0].Labels["Key"] != c.key || m[0].Stray != "":
			t.Errorf("%s %s: got %s %v stray %q, want %s", c.method, c.url, m[0].Op.Name, m[0].Labels, m[0].Stray, c.op)
		}
	}
	u, _ := url.Parse("/b/k?lifecycle")
	if m := r.Match("GET", "/b/k", u.Query(), http.Header{}); len(m) == 0 || m[0].Stray != "lifecycle" {
		t.Errorf("a sub-resource that objects have not: %+v", m)
	}
}

// FuzzMatch routes any request: no panic, and a label is never empty.
func FuzzMatch(f *testing.F) {
	svc, err := shapes.NewSet().Service("s3")
	if err != nil {
		f.Fatal(err)
	}
	r := NewRouter(svc)
	f.Add("GET", "/b/k", "uploadId=1")
	f.Add("PUT", "//%2F", "")
	f.Add("GET", "/b/%zz", "list-type=2")
	f.Fuzz(func(t *testing.T, method, path, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, m := range r.Match(method, path, q, http.Header{}) {
			for k, v := range m.Labels {
				if v == "" {
					t.Fatalf("%s %q: label %s of %s is empty", method, path, k, m.Op.Name)
				}
			}
		}
	})
}

// FuzzDecode reads any headers, query and body into a real input: no panic.
func FuzzDecode(f *testing.F) {
	svc, err := shapes.NewSet().Service("s3")
	if err != nil {
		f.Fatal(err)
	}
	type input struct {
		Bucket, Key, Prefix, ContentType *string
		MaxKeys                          *int32
		LastModified                     *time.Time
		ObjectAttributes                 []string
		Metadata                         map[string]string
		Delete                           *struct{ Quiet *bool }
	}
	bt := shapes.NewBinder(svc, nil).Bind(reflect.TypeFor[input](), svc.Shapes["DeleteObjectsRequest"])
	other := shapes.NewBinder(svc, nil).Bind(reflect.TypeFor[input](), svc.Shapes["GetObjectAttributesRequest"])
	f.Add("x-amz-object-attributes", `a, "b,c", "d\"e"`, "max-keys=3", "<Delete><Quiet>true</Quiet></Delete>")
	f.Add("X-Amz-Meta-Who", "me", "x-id=1", "")
	f.Fuzz(func(t *testing.T, name, value, query, body string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, b := range []*shapes.Type{bt, other} {
			r := &Request{Labels: map[string]string{"Bucket": "b"}, Query: q, Header: http.Header{}, Body: strings.NewReader(body), Limit: 1000}
			r.Header.Set(name, value)
			v := reflect.New(b.Go).Elem()
			_ = Decode(r, b, v, xmlbody.Decode)
		}
	})
}
