package bookmark

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

var mine = Job{"us-east-1", "j"}

func open(t testing.TB) *meta.Store { return metatest.Open(t, t.TempDir(), clock.Real{}, Schema) }

// do runs something in a transaction of its own.
func do(t testing.TB, m *meta.Store, f func(tx *meta.Tx) (Entry, error)) (e Entry, err error) {
	t.Helper()
	outer := m.Update(t.Context(), func(tx *meta.Tx) error { e, err = f(tx); return nil })
	if outer != nil {
		t.Fatal(outer)
	}
	return e, err
}

func run(n int) Run { return Run{ID: fmt.Sprint("run", n), Seq: int64(n)} }

func latest(tx *meta.Tx) (Entry, error) { return Latest(tx, mine) }

// words writes an entry or an error shortly: version, run, how many have saved, the run before, the state.
func words(e Entry, err error) string {
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(fmt.Sprintf("v%d %s %d %s %s", e.Version, e.RunID, e.Run, e.Previous, e.State))
}

// TestHistory goes through what happens to a bookmark: commits, several of one run, resets, rewinds.
func TestHistory(t *testing.T) {
	m := open(t)
	save := func(n int, began int32, state string) func(*meta.Tx) (Entry, error) {
		return func(tx *meta.Tx) (Entry, error) { return Commit(tx, mine, run(n), began, state) }
	}
	after := func(n int64) func(*meta.Tx) (Entry, error) {
		return func(tx *meta.Tx) (Entry, error) { return After(tx, mine, n) }
	}
	reset := func(tx *meta.Tx) (Entry, error) { return Reset(tx, mine) }
	rewind := func(n int64) func(*meta.Tx) (Entry, error) {
		return func(tx *meta.Tx) (Entry, error) { return Rewind(tx, mine, n) }
	}
	for i, c := range []struct {
		what func(*meta.Tx) (Entry, error)
		want string
	}{
		{latest, "no bookmark is saved"},
		{reset, "no bookmark is saved"},
		{after(9), "no bookmark is saved"},
		{rewind(9), "no bookmark is saved"},
		{save(2, 0, "a"), "v1 run2 1  a"},
		{save(2, 0, "a"), "v1 run2 1  a"}, // again
		{save(2, 0, "b"), "the run began with version 0 of the bookmark, the newest is 1"},
		{save(2, 1, "b"), "v2 run2 1  b"}, // a second commit of the run
		{save(3, 1, "c"), "the run began with version 1 of the bookmark, the newest is 2"},
		{save(3, 2, "c"), "v3 run3 2 run2 c"},
		{save(3, 3, "d"), "v4 run3 2 run2 d"},
		{save(3, 4, "d"), "v5 run3 2 run2 d"}, // nothing new was read
		{save(5, 5, "e"), "v6 run5 3 run3 e"},
		{after(1), "no bookmark is saved"},
		{after(2), "v2 run2 1  b"},
		{after(4), "v5 run3 2 run2 d"},
		{after(9), "v6 run5 3 run3 e"},
		{rewind(1), "no bookmark is saved"},
		{rewind(5), "v6 run5 3 run3 e"}, // it stands there
		{rewind(4), "v7 run3 2 run2 d"},
		{latest, "v7 run3 2 run2 d"},
		{after(5), "v6 run5 3 run3 e"}, // the history stays
		{save(6, 6, "f"), "the run began with version 6 of the bookmark, the newest is 7"},
		{save(6, 7, "f"), "v8 run6 3 run3 f"},
		{reset, "v9  0"},
		{reset, "v9  0"},
		{latest, "v9  0"},
		{after(6), "v8 run6 3 run3 f"},
		{save(7, 8, "g"), "the run began with version 8 of the bookmark, the newest is 9"},
		{save(7, 9, "g"), "v10 run7 1  g"},
		{reset, "v11  0"},
		{rewind(6), "v12 run6 3 run3 f"},
		{func(tx *meta.Tx) (Entry, error) { return Latest(tx, Job{"eu-west-1", "j"}) }, "no bookmark is saved"},
		{func(tx *meta.Tx) (Entry, error) { return Entry{}, Delete(tx, Job{"eu-west-1", "j"}) }, "v0  0"},
		{latest, "v12 run6 3 run3 f"},
		{func(tx *meta.Tx) (Entry, error) { return Entry{}, Delete(tx, mine) }, "v0  0"},
		{latest, "no bookmark is saved"},
		{after(9), "no bookmark is saved"},
	} {
		if got := words(do(t, m, c.what)); got != c.want {
			t.Errorf("step %d: %s, want %s", i, got, c.want)
		}
	}
}

// TestOldStatesAreForgotten: a run whose state is dropped is not given an older run's, and the bookmark itself stays whatever its size.
func TestOldStatesAreForgotten(t *testing.T) {
	m := open(t)
	for n := 1; n <= 6; n++ {
		if _, err := do(t, m, func(tx *meta.Tx) (Entry, error) {
			return Commit(tx, mine, run(n), int32(n-1), strings.Repeat("x", 10))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := do(t, m, func(tx *meta.Tx) (Entry, error) { return Rewind(tx, mine, 1) }); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		states int
		bytes  int64
		kept   string // runs
	}{{6, 60, "123456"}, {5, 1000, "13456"}, {1000, 35, "156"}, {1000, 20, "16"}, {1000, 1, "1"}} {
		if err := m.Update(t.Context(), func(tx *meta.Tx) error { return forget(tx, mine, c.states, c.bytes) }); err != nil {
			t.Fatal(err)
		}
		kept := ""
		for n := 1; n <= 6; n++ {
			e, err := do(t, m, func(tx *meta.Tx) (Entry, error) { return After(tx, mine, int64(n)) })
			switch {
			case err == nil && e.RunID == run(n).ID:
				kept += fmt.Sprint(n)
			case !errors.Is(err, ErrForgotten):
				t.Errorf("after run %d: %+v, %v", n, e, err)
			}
		}
		if kept != c.kept {
			t.Errorf("%d states, %d bytes: %s are kept, want %s", c.states, c.bytes, kept, c.kept)
		}
	}
	if got := words(do(t, m, latest)); got != "v7 run1 1  xxxxxxxxxx" {
		t.Error(got)
	}
}

// BenchmarkCommit saves a state of 100 KB, that of a thousand files, on a full history.
func BenchmarkCommit(b *testing.B) {
	m := open(b)
	state := strings.Repeat("x", 100_000)
	n := 0
	for b.Loop() {
		n++
		if _, err := do(b, m, func(tx *meta.Tx) (Entry, error) { return Commit(tx, mine, run(n), int32(n-1), state) }); err != nil {
			b.Fatal(err)
		}
	}
}
