package object

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"penstock/internal/meta"
)

// together runs puts of one key in one commit and returns what they gave, in no order; those that are refused count.
func (l *lake) together(n int, name string, c PutConditions) (done []Version, refused int) {
	l.t.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	go l.meta.Update(ctx, func(*meta.Tx) error { close(held); <-free; return nil })
	<-held
	var wg sync.WaitGroup
	var mu sync.Mutex
	for k := range n {
		wg.Go(func() {
			v, err := l.PutSmall(ctx, "lake", "k", fmt.Appendf(nil, "%s%d", name, k), PutOptions{Conditions: c})
			mu.Lock()
			defer mu.Unlock()
			var no *PreconditionError
			switch {
			case err == nil:
				done = append(done, v)
			case errors.As(err, &no):
				refused++
			default:
				l.t.Error(err)
			}
		})
	}
	close(free)
	wg.Wait()
	return done, refused
}

// TestPutsOfOneKeyTogether puts a key that is new, one that is in memory, and one that is not, several times at once each: the last one is
// current, and of the others nothing is left that the bucket does not keep.
func TestPutsOfOneKeyTogether(t *testing.T) {
	for _, v := range []Versioning{Unversioned, Enabled, Suspended} {
		dir := t.TempDir()
		l := smallLake(t, dir, v)
		var all []Version
		for _, round := range []string{"new", "again", "cold"} {
			if round == "cold" { // another store over the same tables knows nothing yet
				l.Store = Open(l.meta, l.blobs, l.opts)
			}
			if round == "again" && v == Enabled {
				all = append(all, Version{VersionID: l.del("k", "").VersionID, DeleteMarker: true})
			}
			done, refused := l.together(8, round, PutConditions{})
			if len(done) != 8 || refused > 0 {
				t.Fatalf("%q %s: %d done, %d refused", v, round, len(done), refused)
			}
			last := done[0]
			for _, d := range done {
				if d.seq > last.seq {
					last = d
				}
			}
			all = append(all, done...)
			l.wantGet("k", "", string(last.body))
			p, err := l.ListVersions(ctx, VersionQuery{Bucket: "lake"})
			if err != nil {
				t.Fatal(err)
			}
			versions, rows := 1, 1
			if v == Enabled {
				versions, rows = len(all), len(all)
				if round != "new" {
					rows-- // the marker
				}
			}
			if len(p.Objects) != versions || l.bodies() != rows || p.Objects[0].VersionID != last.VersionID {
				t.Errorf("%q %s: %d versions, %d bodies; want %d, %d", v, round, len(p.Objects), l.bodies(), versions, rows)
			}
		}
		if v == Enabled {
			for _, old := range all {
				if !old.DeleteMarker {
					l.wantGet("k", old.VersionID, string(old.body))
				}
			}
		}
	}
}

// TestOneOfManyMakesTheKey puts a new key several times at once, each only if it is not there.
func TestOneOfManyMakesTheKey(t *testing.T) {
	l := smallLake(t, t.TempDir(), Unversioned)
	for range 3 {
		done, refused := l.together(8, "x", PutConditions{IfNoneMatch: "*"})
		if len(done) != 1 || refused != 7 {
			t.Errorf("%d done, %d refused", len(done), refused)
		} else {
			l.wantGet("k", "", string(done[0].body))
		}
		if _, refused := l.together(2, "y", PutConditions{IfNoneMatch: "*"}); refused != 2 {
			t.Errorf("%d refused while the key is there", refused)
		}
		if done, _ := l.together(2, "z", PutConditions{IfMatch: done[0].ETag}); len(done) != 1 {
			t.Errorf("%d replaced the version that was named", len(done))
		}
		l.del("k", "")
	}
}
