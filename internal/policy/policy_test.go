package policy

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

const limit = 20480

// document is a case's policy: whole, or after ~ what differs from a statement that lets everyone read the objects of bucket b, where "-"
// leaves a field out.
func document(t testing.TB, text string) string {
	t.Helper()
	part, ok := strings.CutPrefix(text, "~")
	if !ok {
		return text
	}
	s := map[string]json.RawMessage{}
	base := `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
	for _, layer := range []string{base, part} {
		if err := json.Unmarshal([]byte(layer), &s); err != nil {
			t.Fatalf("%s: %v", layer, err)
		}
	}
	for name, value := range s {
		if string(value) == `"-"` {
			delete(s, name)
		}
	}
	out, _ := json.Marshal(map[string]any{"Version": Version2012, "Statement": s})
	return string(out)
}

// cases calls run with each line of a file in testdata that is not empty and no comment, cut at its last " => ".
func cases(t *testing.T, file string, run func(at, left, right string)) {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	n := 0
	for line := 1; in.Scan(); line++ {
		text := in.Text()
		if text == "" || text[0] == '#' {
			continue
		}
		left, right := text, ""
		if i := strings.LastIndex(text, " => "); i >= 0 {
			left, right = text[:i], text[i+4:]
		}
		run(fmt.Sprintf("%s:%d", file, line), left, right)
		n++
	}
	if in.Err() != nil || n < 10 {
		t.Fatalf("%s: %d cases, %v", file, n, in.Err())
	}
}

// TestBucket runs testdata/bucket.test: a document, and ok or the text that S3 answers for bucket b.
func TestBucket(t *testing.T) {
	cases(t, "bucket.test", func(at, left, right string) {
		d, err := Parse([]byte(document(t, left)), limit)
		if err == nil {
			err = d.CheckBucket("b")
		}
		if err == nil {
			err = Malformed("ok")
		}
		if _, ok := err.(Malformed); !ok || err.Error() != right {
			t.Errorf("%s: %T %v, want %s", at, err, err, right)
		}
	})
}

// who are the principals of testdata/evaluate.test.
var who = map[string]Principal{
	"stranger": {},
	"root":     {Account: "111122223333", ARN: "arn:aws:iam::111122223333:root", CanonicalID: strings.Repeat("a", 64)},
	"ann":      {Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/ann", CanonicalID: strings.Repeat("a", 64)},
	"bob":      {Account: "444455556666", ARN: "arn:aws:iam::444455556666:user/x/bob", CanonicalID: strings.Repeat("b", 64)},
	"session": {Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/etl/run1",
		Role: "arn:aws:iam::111122223333:role/jobs/etl"},
	"web": {Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/web/u", Role: "arn:aws:iam::111122223333:role/web",
		Federated: "cognito-identity.amazonaws.com"},
	"sns": {Service: "sns.amazonaws.com"},
}

// TestEvaluate runs testdata/evaluate.test: a line with a document, then lines "who action resource key=value ... => decision".
func TestEvaluate(t *testing.T) {
	var d *Document
	cases(t, "evaluate.test", func(at, left, right string) {
		if right == "" {
			var err error
			if d, err = Parse([]byte(document(t, left)), limit); err != nil {
				t.Fatalf("%s: %v", at, err)
			}
			return
		}
		f := strings.Fields(left)
		principal, ok := who[f[0]]
		if !ok {
			t.Fatalf("%s: %s is nobody", at, f[0])
		}
		r := Request{Principal: principal, Action: f[1], Resource: f[2], Keys: keysOf(f[3:])}
		if !strings.HasPrefix(r.Resource, "arn:") {
			r.Resource = "arn:aws:s3:::" + r.Resource
		}
		if got := d.Evaluate(r).String(); got != right {
			t.Errorf("%s: %s, want %s", at, got, right)
		}
	})
}

func keysOf(pairs []string) map[string][]string {
	keys := map[string][]string{}
	for _, pair := range pairs {
		k, v, _ := strings.Cut(pair, "=")
		keys[k] = append(keys[k], v)
	}
	return keys
}

// TestConditions runs testdata/conditions.test: "Condition | key=value ... => true or false".
func TestConditions(t *testing.T) {
	cases(t, "conditions.test", func(at, left, right string) {
		cond, given, _ := strings.Cut(left, " |")
		d, err := Parse([]byte(document(t, `~{"Condition":`+cond+`}`)), limit)
		if err != nil {
			t.Errorf("%s: %v", at, err)
			return
		}
		r := Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Keys: keysOf(strings.Fields(given))}
		if got := fmt.Sprint(d.Evaluate(r) == Allow); got != right {
			t.Errorf("%s: %s, want %s", at, got, right)
		}
	})
}

// TestPublic runs testdata/public.test: a document, and public or not.
func TestPublic(t *testing.T) {
	cases(t, "public.test", func(at, left, right string) {
		d, err := Parse([]byte(document(t, left)), limit)
		if err != nil {
			t.Errorf("%s: %v", at, err)
			return
		}
		if got := map[bool]string{true: "public", false: "not"}[d.Public()]; got != right {
			t.Errorf("%s: %s, want %s", at, got, right)
		}
	})
}
