package jsontext

import (
	"encoding/json"
	"testing"
)

func TestJSON(t *testing.T) {
	doc := []byte(` {"b":12345678901234567890.10, "c" : {"d": [1.10, "x\n\u00e9\ud83d\ude00", null, 1e3]}, "":true} `)
	if !Valid(doc) {
		t.Fatal("the document is valid")
	}
	d := Field(Field(doc, "c"), "d")
	for i, want := range []string{"1.10", "x\né😀", "", "1e3"} {
		got, ok := AppendText(nil, Element(d, int64(i)))
		if string(got) != want || ok != (want != "") {
			t.Errorf("element %d: %q %v", i, got, ok)
		}
	}
	if got := string(AppendCompact(nil, Field(doc, "c"))); got != `{"d":[1.10,"x\n\u00e9\ud83d\ude00",null,1e3]}` {
		t.Error(got)
	}
	if got := string(AppendFlat(nil, []byte(`[1,[2,[3, 4]],"a"]`))); got != `[1,2,3,4,"a"]` {
		t.Error(got)
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,"\u00e9"]}`, `[1,]`, `{"a":01}`, `"\x"`, `-`, `nul`, "\"\t\"",
		`{"a" 1}`, `[[[]]]`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		if got, want := Valid(s), json.Valid(s); got != want && len(s) < maxDepth {
			t.Errorf("%q: %v, encoding/json says %v", s, got, want)
		}
		if Valid(s) {
			AppendText(nil, s)
			Field(s, "a")
			Element(s, 1)
			if !Valid(AppendCompact(nil, s)) {
				t.Errorf("%q is not valid when it is compact", s)
			}
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{`{"a":[1,{"b":"x"}]}`, `{'a':1.50}`, `[[1],[2,"q"]]`, `{"a":`, "01", `"\u00e9\n"`} {
		for _, p := range []string{"$", "$.a[*].b", "$[0][*]", "$[*][*]", "$['a']", "$.a[1]", "$.*", "$["} {
			f.Add(s, p)
		}
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		p, ok := ParsePath(path)
		if !ok {
			return
		}
		out, found := AppendPath(nil, []byte(text), p)
		if v := First([]byte(text)); found && v == nil {
			t.Errorf("%q of %q gives %q, and it is no JSON", path, text, out)
		}
		if found && len(p) == 0 && !Is(First([]byte(text)), '"') && !Valid(out) {
			t.Errorf("%q of %q gives %q", path, text, out)
		}
	})
}
