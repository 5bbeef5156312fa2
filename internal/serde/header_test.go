package serde

import (
	"strings"
	"testing"

	"penstock/internal/schema"
)

// FuzzHeader holds checkHeader to its promise: no error exactly when the names are the catalog's, in order.
func FuzzHeader(f *testing.F) {
	f.Add("a,b,c", "a,b,c")
	f.Add("b,a", "a,b")
	f.Add("A, b", "a,b")
	f.Add("", "a")
	f.Fuzz(func(t *testing.T, header, catalog string) {
		var have [][]byte
		var want []schema.Field
		same := true
		hs, cs := strings.Split(header, ","), strings.Split(catalog, ",")
		for _, h := range hs {
			have = append(have, []byte(h))
		}
		for i, c := range cs {
			want = append(want, schema.Field{Name: c})
			same = same && i < len(hs) && Canonical(hs[i]) == Canonical(c)
		}
		same = same && len(hs) == len(cs)
		if err := checkHeader(have, want); (err == nil) != same {
			t.Errorf("%q against %q: %v", header, catalog, err)
		}
	})
}

// FuzzPlaces holds places to its promise: every name of the header has a place of its own in the catalog, and is found there.
func FuzzPlaces(f *testing.F) {
	f.Add("a,c", "a,b,c")
	f.Add("B, a", "a,b")
	f.Add("a,a", "a,b")
	f.Add("new", "a")
	f.Fuzz(func(t *testing.T, header, catalog string) {
		var have [][]byte
		var want []schema.Field
		names := map[string]int{}
		for i, h := range strings.Split(header, ",") {
			have = append(have, []byte(h))
			names[Canonical(h)] = i
		}
		found := map[string]bool{}
		for _, c := range strings.Split(catalog, ",") {
			if !found[Canonical(c)] { // a catalog has a column once
				want = append(want, schema.Field{Name: c})
				found[Canonical(c)] = true
			}
		}
		good := len(names) == len(have)
		for name := range names {
			good = good && found[name]
		}
		at, err := places(have, want)
		if (err == nil) != good {
			t.Fatalf("%q against %q: %v", header, catalog, err)
		}
		for k, i := range at {
			if n, ok := names[Canonical(want[k].Name)]; ok && i != n || !ok && i != -1 {
				t.Errorf("%q against %q: column %d is at %d", header, catalog, k, i)
			}
		}
	})
}
