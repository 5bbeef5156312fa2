package doc

import (
	"strings"
	"testing"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

type note struct{ Text string }

// TestTable walks documents by prefix and from a key on; kinds and regions do not see each other; a store that is opened again has them.
func TestTable(t *testing.T) {
	dir := t.TempDir()
	s := metatest.Open(t, dir, clock.Real{}, Schema)
	notes := Table[note]{Kind: "note", Region: "r1"}
	must(t, s.Update(t.Context(), func(tx *meta.Tx) error {
		for _, k := range []string{"/a", "/a/b", "/a/c", "/az", "/b", "ÿ"} {
			must(t, notes.Put(tx, k, note{"old"}))
			must(t, notes.Put(tx, k, note{k}))
		}
		must(t, Table[note]{Kind: "note", Region: "r2"}.Put(tx, "/a/b", note{"elsewhere"}))
		return Table[note]{Kind: "other", Region: "r1"}.Put(tx, "/a/b", note{"other"})
	}))
	must(t, s.Close())
	s = metatest.Open(t, dir, clock.Real{}, Schema)
	must(t, s.View(t.Context(), func(tx *meta.Tx) error {
		for _, c := range []struct{ prefix, after, want string }{
			{"", "", "/a /a/b /a/c /az /b ÿ"}, {"/a/", "", "/a/b /a/c"}, {"/a/", "/a/b", "/a/c"}, {"/a/", "/b", ""},
			{"ÿ", "", "ÿ"}, {"", "/az", "/b ÿ"},
		} {
			var got []string
			must(t, notes.Walk(tx, c.prefix, c.after, func(k string, v note) (bool, error) {
				got = append(got, v.Text)
				return k == v.Text, nil
			}))
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q after %q: %q, want %q", c.prefix, c.after, got, c.want)
			}
		}
		_, found, err := notes.Get(tx, "/none")
		n, countErr := notes.Count(tx)
		if found || err != nil || countErr != nil || n != 6 {
			t.Errorf("found %v, %v; %d, %v", found, err, n, countErr)
		}
		return nil
	}))
	must(t, s.Update(t.Context(), func(tx *meta.Tx) error {
		for _, want := range []bool{true, false} {
			if found, err := notes.Delete(tx, "/a/b"); found != want || err != nil {
				t.Errorf("deleted %v, %v", found, err)
			}
		}
		v, found, err := Table[note]{Kind: "note", Region: "r2"}.Get(tx, "/a/b")
		if !found || v.Text != "elsewhere" {
			t.Errorf("the other region has %v, %v", v, err)
		}
		return err
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
