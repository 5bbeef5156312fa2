package s3uri_test

import (
	"testing"

	"penstock/internal/s3uri"
)

func TestCutAndParse(t *testing.T) {
	for _, c := range []struct {
		text, bucket, key string
		cut, parsed       bool
	}{
		{"s3://b/k", "b", "k", true, true},
		{"s3://b/k/l//m ", "b", "k/l//m ", true, true},
		{"s3://b//k", "b", "/k", true, true},
		{"s3://b/", "b", "", true, true},
		{"s3://b", "b", "", true, true},
		{"s3:///k", "", "k", true, false},
		{"s3://", "", "", true, false},
		{"S3://b/k", "", "", false, false},
		{"s3a://b/k", "", "", false, false},
		{"b/k", "", "", false, false},
		{"", "", "", false, false},
	} {
		if b, k, ok := s3uri.Cut(c.text); b != c.bucket || k != c.key || ok != c.cut {
			t.Errorf("Cut(%q) is %q, %q, %v", c.text, b, k, ok)
		}
		b, k, err := s3uri.Parse(c.text)
		if (err == nil) != c.parsed || c.parsed && (b != c.bucket || k != c.key) || !c.parsed && b+k != "" {
			t.Errorf("Parse(%q) is %q, %q, %v", c.text, b, k, err)
		}
	}
}
