package jsonpath_test

import (
	"testing"

	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

const doc = `{"z": 1, "a": {"b-c": [10, {"d": "x"}, [1, 2]], "e e": null}, ` +
	`"items": [{"n": 3, "ok": true}, {"n": 1}, {"n": 2, "ok": false}], "q'": "quote"}`

func TestGet(t *testing.T) {
	root, err := value.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{"$.z", "1"}, {"$['z']", "1"}, {`$["z"]`, "1"}, {"$.a.b-c[1].d", `"x"`}, {"$.a['b-c'][0]", "10"}, {"$.a.b-c[-1]", "[1,2]"},
		{"$.a.e e", "null"}, {`$['q\'']`, `"quote"`}, {"$.a.b-c[7]", "-"}, {"$.nothing", "-"}, {"$.z.z", "-"}, {"$[0]", "-"}, {"$.items.n", "-"},
		{"$.items[*].n", "[3,1,2]"}, {"$.items[1:].n", "[1,2]"}, {"$.items[::-1].n", "[2,1,3]"}, {"$.items[0,2].n", "[3,2]"},
		{"$.items[?(@.n > 1)].n", "[3,2]"}, {"$.items[?(@.ok == true)].n", "[3]"}, {"$..n", "[3,1,2]"}, {"$.nothing[*]", "[]"},
		{"$.nothing[1:5].x", "[]"}, {"$.*", `[1,{"b-c":[10,{"d":"x"},[1,2]],"e e":null},[{"n":3,"ok":true},{"n":1},{"n":2,"ok":false}],"quote"]`},
		{"$..*['d']", `["x"]`},
	} {
		p, err := jsonpath.Parse(c.path)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		for range 20 { // the order must not follow Go's maps
			v, ok := p.Get(root)
			got := value.Text(v)
			if !ok {
				got = "-"
			}
			if got != c.want {
				t.Errorf("%s: %s, want %s", c.path, got, c.want)
				break
			}
		}
	}
}

func TestRootsAndErrors(t *testing.T) {
	p, err := jsonpath.Parse("$$.Map.Item.Value[0]")
	if err != nil || p.Root != jsonpath.Context {
		t.Errorf("context: %v %v", p, err)
	}
	p, err = jsonpath.Parse("$my_var.x")
	if err != nil || p.Root != jsonpath.Variable || p.Var != "my_var" {
		t.Errorf("variable: %v %v", p, err)
	}
	for _, bad := range []string{"", "a", "$.", "$..", "$[", "$['a", "$.a[", "$.a.length()", "$a b", "$.a]", "$[?(]", "$.a[b]"} {
		if p, err := jsonpath.Parse(bad); err == nil {
			t.Errorf("%q was read as %s", bad, p.Normalized())
		}
	}
	for _, bad := range []string{"$.a[*]", "$..a", "$.a[0:1]"} {
		if _, err := jsonpath.ParseReference(bad); err == nil {
			t.Errorf("%q is no reference path", bad)
		}
	}
}

func TestPut(t *testing.T) {
	for _, c := range []struct{ root, path, want string }{
		{`{"a": 1}`, "$.b", `{"a":1,"b":"v"}`}, {`{"a": 1, "b": 2}`, "$.a", `{"a":"v","b":2}`}, {`{}`, "$.x.y.z", `{"x":{"y":{"z":"v"}}}`},
		{`{"l": [1, 2]}`, "$.l[1]", `{"l":[1,"v"]}`}, {`{"l": [1]}`, "$.l[1]", "-"}, {`{"a": 1}`, "$.a.b", "-"}, {`[1]`, "$.a", "-"},
		{`1`, "$", `"v"`},
	} {
		root, err := value.Parse(c.root)
		if err != nil {
			t.Fatal(err)
		}
		p, err := jsonpath.ParseReference(c.path)
		if err != nil {
			t.Fatal(err)
		}
		before := value.Text(root)
		v, ok := p.Put(root, "v")
		got := value.Text(v)
		if !ok {
			got = "-"
		}
		if got != c.want || value.Text(root) != before {
			t.Errorf("%s at %s: %s, want %s (the root is %s now)", c.root, c.path, got, c.want, value.Text(root))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"$.a['b'][0]", "$$.x", "$v..y[*]", "$.a[?(@.b == 'c')]", `$["a\"b"]`, "$[1:2:3]"} {
		f.Add(s)
	}
	root, err := value.Parse(doc)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := jsonpath.Parse(s)
		if err != nil {
			return
		}
		p.Get(root)
		p.Put(root, "v")
		if p.Text != s {
			t.Errorf("text %q", p.Text)
		}
	})
}
