package door_test

import (
	"strings"
	"testing"
)

// TestWhatAsksForNothing sends what SDKs send of their own accord, and members and headers that no operation knows, once so that they ask
// for nothing and once so that they do.
func TestWhatAsksForNothing(t *testing.T) {
	w := newWorld(t)
	const target, js = "X-Amz-Target", "Content-Type"
	put := func(h ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(h); i += 2 {
			m[h[i]] = h[i+1]
		}
		return m
	}
	glue := put(target, "AWSGlue.GetDatabase", js, "application/x-amz-json-1.1")
	form := put(js, "application/x-www-form-urlencoded")
	for _, c := range []struct {
		service, method, path string
		header                map[string]string
		body, want            string // want: what the answer holds; "" is a success
	}{
		{"s3", "PUT", "/b/k", put("x-amz-checksum-mode", "enabled", "amz-sdk-invocation-id", "1", "x-amz-api-version", "2006-03-01"), "x", ""},
		{"s3", "PUT", "/b/k", put("X-AMZ-SDK-CHECKSUM-ALGORITHM", "Crc32", "x-amz-te", "append-md5", "x-amz-user-agent", "x"), "x", ""},
		{"s3", "PUT", "/b/k", put("x-amz-bucket-object-lock-enabled", "False", "x-amz-server-side-encryption-bucket-key-enabled", "false"),
			"x", ""},
		{"s3", "PUT", "/b/k", put("x-amz-bucket-object-lock-enabled", "true"), "x", "x-amz-bucket-object-lock-enabled"},
		{"s3", "PUT", "/b/k", put("x-amz-server-side-encryption-bucket-key-enabled", "true"), "x", "BucketKeyEnabled"},
		{"s3", "GET", "/b/k", put("x-amz-checksum-mode", "enabled"), "", ""},
		{"s3", "GET", "/b/k", put("x-amz-checksum-mode", "maybe"), "", "enum"},
		{"glue", "POST", "/", glue, `{"Name":"t","New":false,"Nil":null,"None":[],"Empty":"","Zero":0}`, "EntityNotFoundException"},
		{"glue", "POST", "/", glue, `{"Name":"t","New":true}`, "GetDatabase.New"},
		{"glue", "POST", "/", glue, `{"Name":"t","New":{}}`, "GetDatabase.New"},
		{"monitoring", "POST", "/", form, "Action=GetDashboard&Version=2010-08-01&DashboardName=d&New=&Other=false", "ResourceNotFound"},
		{"monitoring", "POST", "/", form, "Action=GetDashboard&Version=2010-08-01&DashboardName=d&New=x", "GetDashboard.New"},
	} {
		status, _, body := w.send(t, c.service, c.method, c.path, c.header, c.body)
		if c.want == "" && status != 200 || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %v %s: %d %s, want %q", c.service, c.method, c.header, c.body, status, body, c.want)
		}
	}
}
