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
	for text, want := range map[string]string{"arn:aws:glue:us-east-1::job/j": "arn:aws:glue:us-east-1:000000000000:job/j",
		"arn:aws:glue:::job/j":                      "arn:aws:glue:eu-west-1:000000000000:job/j",
		"arn:aws:glue:us-east-1:111111111111:job/j": "arn:aws:glue:us-east-1:111111111111:job/j"} {
		a, err := Parse(text)
		if got := a.In("eu-west-1", "000000000000").String(); err != nil || got != want {
			t.Errorf("%s means %s, want %s", text, got, want)
		}
	}
}
