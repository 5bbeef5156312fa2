package vfs

import (
	"errors"
	"testing"
)

// TestLater: names are durable after Flush, or SyncNow for one folder, and at once from then on; what a file holds is durable before its
// name.
func TestLater(t *testing.T) {
	m := NewMem()
	l := NewLater(m)
	for _, dir := range []string{"/a", "/b"} {
		if err := errors.Join(MkdirAll(l, dir), WriteFile(l, dir+"/f", []byte(dir))); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(when string, c Crash, want ...string) {
		t.Helper()
		for _, name := range []string{"/a/f", "/b/f", "/a/g"} {
			b, err := ReadFile(m.CrashClone(c), name)
			wanted := false
			for _, w := range want {
				wanted = wanted || w == name
			}
			if (err == nil) != wanted || err == nil && string(b) != name[:2] {
				t.Errorf("%s: %s holds %q, %v", when, name, b, err)
			}
		}
	}
	holds("before", Crash{})
	holds("before, with all names", Crash{Entry: func(string) bool { return true }}, "/a/f", "/b/f")
	if err := errors.Join(SyncNow(l, "/"), SyncNow(l, "/b"), SyncNow(m, "/a")); err != nil {
		t.Fatal(err)
	}
	holds("after SyncNow of one", Crash{}, "/b/f")
	syncs := map[string]int{}
	m.Observe(func(o Op) { // Flush is given this in several goroutines
		if o.Name == "syncdir" {
			m.mu.Lock()
			syncs[o.Path]++
			m.mu.Unlock()
		}
	})
	if err := errors.Join(l.Flush(), l.Flush(), SyncNow(l, "/a")); err != nil {
		t.Fatal(err)
	}
	holds("after Flush", Crash{}, "/a/f", "/b/f")
	if len(syncs) != 1 || syncs["/a"] != 1 {
		t.Errorf("Flush synced %v", syncs)
	}
	if err := WriteFile(l, "/a/g", []byte("/a")); err != nil {
		t.Fatal(err)
	}
	holds("later", Crash{}, "/a/f", "/b/f", "/a/g")
	if l.OnDisk() || !NewLater(OS{}).OnDisk() {
		t.Error("OnDisk is not that of the file system below")
	}
	f := NewFaulty(NewMem())
	bad := errors.New("no")
	l = NewLater(f)
	if err := MkdirAll(l, "/a"); err != nil {
		t.Fatal(err)
	}
	f.FailWhen(func(o Op) error {
		if o.Name == "syncdir" {
			return bad
		}
		return nil
	})
	if err := l.Flush(); !errors.Is(err, bad) {
		t.Errorf("a folder that cannot be synced: %v", err)
	}
}
