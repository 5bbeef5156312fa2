package value_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"penstock/internal/asl/value"
)

func TestTextKeepsOrderAndNumbers(t *testing.T) {
	for in, want := range map[string]string{
		`{"b": 1.50, "a": [1e3, -0, 12345678901234567890.10]}`: `{"b":1.50,"a":[1e3,-0,12345678901234567890.10]}`,
		"{\"a\": 1, \"b\": 2, \"a\": 3}":                       `{"a":3,"b":2}`,
		`"\u0041\ud83d\ude00\n<&>\/"`:                          `"A😀\n<&>/"`,
		`"\u0001\ud800x"`:                                      "\"\\u0001\uFFFDx\"",
		" [ ] ":                                                "[]",
	} {
		v, err := value.Parse(in)
		if err != nil || value.Text(v) != want {
			t.Errorf("%s: %s, %v, want %s", in, value.Text(v), err, want)
		}
	}
	for _, bad := range []string{"", "{", "[1,]", `{"a" 1}`, `{a: 1}`, "01", "1.", "-", "1e", `"a`, "\"\n\"", `"\x"`,
		`"\u12"`, "nul", "1 2", `{"a": 1,}`} {
		if v, err := value.Parse(bad); err == nil {
			t.Errorf("%q was read as %s", bad, value.Text(v))
		}
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b value.Number
		want int
	}{
		{"1", "1.0", 0}, {"9007199254740993", "9007199254740992", 1}, {"0.1", "0.10000000000000000001", -1}, {"1e400", "1e999999", 0},
		{"-1e999999999", "0", -1}, {"1e-999999999", "0", 0}, {"1E2", "100", 0}, {"0e999999999", "0", 0},
	} {
		if got := value.Compare(c.a, c.b); got != c.want {
			t.Errorf("%s against %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestLargeObjects(t *testing.T) {
	o := value.NewObject()
	for i := range 100 {
		o.Set(string(value.Int(int64(i))), value.Int(int64(i)))
	}
	c := o.With("50", "x")
	if v, _ := c.Get("50"); v != "x" || c.Len() != 100 {
		t.Errorf("With: %v of %d", v, c.Len())
	}
	if v, ok := o.Get("50"); !ok || v != value.Int(50) {
		t.Errorf("With changed its receiver: %v", v)
	}
	if !value.Equal(o, value.SortKeys(o)) || value.Equal(o, c) {
		t.Error("Equal")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a": [1, 2.5e-3, "x\u00e9\\"], "b": {"c": null}}`, "[[[[]]]]", `"\ud83d\ude00"`, "-0.0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := value.Parse(s)
		if (err == nil) != json.Valid([]byte(s)) {
			t.Fatalf("Parse: %v, encoding/json says valid: %v", err, json.Valid([]byte(s)))
		}
		if err != nil {
			return
		}
		text := value.Append(nil, v)
		again, err := value.Parse(string(text))
		if err != nil || !bytes.Equal(value.Append(nil, again), text) || !value.Equal(v, again) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}
