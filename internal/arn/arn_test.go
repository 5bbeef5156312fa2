package arn

import "testing"

func TestParse(t *testing.T) {
	const text = "arn:aws:states:us-east-1:000000000000:execution:retail:a:b"
	a, err := Parse(text)
	if err != nil || a.Resource != "execution:retail:a:b" || a.String() != text {
		t.Errorf("%+v, %v", a, err)
	}
	if name, ok := a.ResourceAfter("execution:"); !ok || name != "retail:a:b" {
		t.Errorf("%q, %v", name, ok)
	}
	for _, bad := range []string{"", "arn:aws:s3", "urn:aws:s3:::b", "arn::s3:::b", "arn:aws:s3:::"} {
		if a, err := Parse(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, a)
		}
	}
}
