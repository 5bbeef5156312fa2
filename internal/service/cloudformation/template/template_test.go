package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestCases runs testdata/cases.test: blocks divided by lines of "=====", each a template, a line "-----", and what is expected: the
// evaluated properties of the resource R as JSON, or "error " and a part of the error's text. A first line "# k=v" gives parameters.
func TestCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.test")
	if err != nil {
		t.Fatal(err)
	}
	for i, block := range strings.Split(string(text), "=====\n") {
		body, want, ok := strings.Cut(block, "-----\n")
		if !ok {
			t.Fatalf("block %d has no -----", i)
		}
		want = strings.TrimSpace(want)
		got, err := evaluate(body)
		switch part, isError := strings.CutPrefix(want, "error "); {
		case isError && (err == nil || !strings.Contains(err.Error(), part)):
			t.Errorf("block %d: %v, want %q in\n%s", i, err, part, body)
		case isError:
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("block %d: %T is no *Error: %v", i, err, err)
			}
		case err != nil || got != want:
			t.Errorf("block %d: got %s (%v)\nwant %s in\n%s", i, got, err, want, body)
		}
	}
}

// stored is what Parameter Store holds for the cases.
func stored(selector string) (Stored, bool, error) {
	p, ok := map[string]Stored{"/a": {"String", "A"}, "/a:1": {"String", "old"}, "b.c-d_e": {"String", "<b>"}, "/n": {"String", "60"},
		"/l": {"StringList", "x, y ,z"}}[selector]
	return p, ok, nil
}

func evaluate(body string) (string, error) {
	given := map[string]string{}
	if line, rest, _ := strings.Cut(body, "\n"); strings.HasPrefix(line, "# ") {
		for _, pair := range strings.Split(line[2:], "; ") {
			k, v, _ := strings.Cut(pair, "=")
			given[k] = v
		}
		body = rest
	}
	t, err := Parse(body)
	if err != nil {
		return "", err
	}
	values, err := t.Values(given, stored)
	if err != nil {
		return "", err
	}
	env := &Env{Template: t, Parameters: values, Pseudo: map[string]string{"AWS::Region": "us-east-1", "AWS::AccountId": "000000000000",
		"AWS::StackName": "st"},
		Ref: func(name string) (any, error) {
			if name == "New" {
				return Unknown{}, nil
			}
			return "id-" + name, nil
		},
		Att:    func(name, attr string) (any, error) { return name + "/" + attr, nil },
		Import: func(name string) (string, error) { return "imported " + name, nil }, Lookup: stored,
	}
	if err := env.Find([]any{t.Resources["R"].Properties}); err != nil {
		return "", err
	}
	v, err := env.Eval(t.Resources["R"].Properties)
	if err != nil {
		return "", err
	}
	out, err := json.Marshal(v)
	return string(out), err
}

func TestOrder(t *testing.T) {
	tpl, err := Parse("Resources:\n  A: {Type: T, Properties: {X: !Ref B}}\n  B: {Type: T, DependsOn: [C]}\n  C: {Type: T, Properties: {X: " +
		"!Sub '${D.Arn}'}}\n  D: {Type: T}\n")
	if err != nil {
		t.Fatal(err)
	}
	order, err := tpl.Order()
	if err != nil || fmt.Sprint(order) != "[D C B A]" {
		t.Errorf("order %v %v", order, err)
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/cases.test")
	if err != nil {
		f.Fatal(err)
	}
	for block := range strings.SplitSeq(string(text), "=====\n") {
		body, _, _ := strings.Cut(block, "-----\n")
		f.Add(body)
	}
	f.Add(`{"Resources": {"R": {"Type": "T", "Properties": {"A": {"Fn::Sub": ["${x}", {"x": {"Ref": "R"}}]}}}}}`)
	f.Add("Resources: &a {R: *a}")
	f.Fuzz(func(t *testing.T, body string) { evaluate(body) })
}
