package shapes

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

const sampleModel = `{"metadata":{"protocol":"json"},"operations":{},"shapes":{
 "In":{"type":"structure","required":["Name"],"members":{"Name":{"shape":"Name"},"Kind":{"shape":"Kind"},"Size":{"shape":"Size"},"Tags":{"shape":"Tags"},
   "Labels":{"shape":"Labels"},"Self":{"shape":"In"},"Token":{"shape":"Name","idempotencyToken":true}}},
 "Name":{"type":"string","min":2,"max":4,"pattern":"^[a-z]+$"},
 "Kind":{"type":"string","enum":["A","B"]},
 "Size":{"type":"integer","min":1,"max":9},
 "Tags":{"type":"list","max":2,"member":{"shape":"Name"}},
 "Labels":{"type":"map","key":{"shape":"Name"},"value":{"shape":"Name"}}}}`

type in struct {
	Name   *string
	Kind   string
	Size   int32
	Tags   []string
	Labels map[string]string
	Self   *in
	Token  *string
}

func text(s string) *string { return &s }

func TestTextsOfConstraints(t *testing.T) {
	svc, err := Parse("test", []byte(sampleModel))
	if err != nil {
		t.Fatal(err)
	}
	bt := NewBinder(svc, nil).Bind(reflect.TypeFor[in](), svc.Shapes["In"])
	const one = "1 validation error detected: Value "
	for want, v := range map[string]in{
		"": {Name: text("abc"), Kind: "A", Size: 3, Tags: []string{"ab"}, Labels: map[string]string{"ab": "cd"}},
		one + "null at 'name' failed to satisfy constraint: Member must not be null":                                   {},
		one + "'a' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2":         {Name: text("a")},
		one + "'abcde' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4":        {Name: text("abcde")},
		one + "'ab1' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z]+$": {Name: text("ab1")},
		one + "'C' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]": {Name: text("ab"),
			Kind: "C"},
		one + "'10' at 'size' failed to satisfy constraint: Member must have value less than or equal to 9": {Name: text("ab"),
			Size: 10},
		one + "'-1' at 'size' failed to satisfy constraint: Member must have value greater than or equal to 1": {Name: text("ab"),
			Size: -1},
		one + "'[ab, ab, ab]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 2": {Name: text("ab"),
			Tags: []string{"ab", "ab", "ab"}},
		one + "'x' at 'tags.2.member' failed to satisfy constraint: Member must have length greater than or equal to 2": {Name: text("ab"),
			Tags: []string{"ab", "x"}},
		one + "'x' at 'labels.ab.member' failed to satisfy constraint: Member must have length greater than or equal to 2": {Name: text("ab"),
			Labels: map[string]string{"ab": "x"}},
		one + "null at 'self.name' failed to satisfy constraint: Member must not be null": {Name: text("ab"),
			Self: &in{}},
		"2 validation errors detected: Value 'C' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]; " +
			"Value null at 'name' failed to satisfy constraint: Member must not be null": {Kind: "C"},
	} {
		got := Validate(bt, reflect.ValueOf(v))
		if got == want {
			continue
		}
		a, b, _ := strings.Cut(want, "; ")
		if b == "" || !strings.Contains(got, b) || !strings.Contains(got, strings.TrimPrefix(a, "2 validation errors detected: ")) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestEveryTableLoads reads each table, and finds its operations, exceptions and protocols.
func TestEveryTableLoads(t *testing.T) {
	set := NewSet()
	ops := 0
	for _, name := range []string{"s3", "glue", "states", "cloudformation", "iam", "sts", "redshift-serverless", "redshift-data",
		"monitoring", "logs", "sns"} {
		svc, err := set.Service(name)
		if err != nil {
			t.Fatal(err)
		}
		ops += len(svc.Ops)
		if svc.Protocol == "" || len(svc.Shapes) < 50 {
			t.Errorf("%s: protocol %q, %d shapes", name, svc.Protocol, len(svc.Shapes))
		}
	}
	if ops < 900 {
		t.Errorf("%d operations", ops)
	}
	if _, err := set.Service("kinesis"); err == nil {
		t.Error("a service without a table was loaded")
	}
	iam, _ := set.Service("iam")
	if x := iam.Exception("NoSuchEntity"); x == nil || x.Name != "NoSuchEntityException" || x.Status != 404 ||
		iam.Exception("NoSuchEntityException") != x {
		t.Errorf("got %+v", x)
	}
}

func TestTimes(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 1, 500_000_000, time.UTC)
	for format, want := range map[string]string{ISO8601: "2026-11-24T12:00:01.500Z", RFC822: "Tue, 24 Nov 2026 12:00:01 GMT",
		Unix: "1795521601.5"} {
		got := FormatTime(at, format)
		if got != want {
			t.Errorf("%s: got %s, want %s", format, got, want)
		}
		back, err := ParseTime(got, format)
		if err != nil || back.Truncate(time.Second) != at.Truncate(time.Second) {
			t.Errorf("%s: read back as %s, %v", got, back, err)
		}
	}
	if got := FormatUnix(time.Unix(-2, 500_000_000)); got != "-1.5" {
		t.Errorf("before 1970: %s", got)
	}
	if back, err := ParseUnix("-1.5"); err != nil || !back.Equal(time.Unix(-2, 500_000_000)) {
		t.Errorf("before 1970: %s, %v", back, err)
	}
	for _, bad := range []string{"", "x", "1e99", "99999999999999999999", "2026-13-01T00:00:00Z", "1.5x"} {
		if _, err := ParseTime(bad, Unix); err == nil {
			t.Errorf("%q was read as a time", bad)
		}
	}
}
