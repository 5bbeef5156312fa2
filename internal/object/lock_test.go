package object

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"penstock/internal/blob"
	"penstock/internal/meta"
)

// newLocked is a lake with object lock.
func newLocked(t testing.TB, d DefaultRetention) *lake {
	t.Helper()
	l := newLake(t, Enabled)
	if err := l.SetBucketLock(ctx, "lake", d); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lake) retain(v Version, mode RetentionMode, lasts time.Duration) {
	l.t.Helper()
	if err := l.SetRetention(ctx, "lake", v.Key, v.VersionID, mode, l.clock.Now().Add(lasts), false); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lake) hold(v Version, on bool) {
	l.t.Helper()
	if err := l.SetHold(ctx, "lake", v.Key, v.VersionID, on); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lake) lockOf(v Version) Lock {
	l.t.Helper()
	i, err := l.Head(ctx, "lake", v.Key, v.VersionID, Conditions{})
	if err != nil {
		l.t.Fatal(err)
	}
	return i.Lock
}

// TestLockedVersionsStay deletes a version under each kind of lock, with and without bypass, before and after its time.
func TestLockedVersionsStay(t *testing.T) {
	for _, c := range []struct {
		name   string
		lock   func(l *lake, v Version)
		later  time.Duration
		bypass bool
		gone   bool
	}{
		{"nothing", func(*lake, Version) {}, 0, false, true},
		{"governance", func(l *lake, v Version) { l.retain(v, Governance, time.Hour) }, 0, false, false},
		{"governance with bypass", func(l *lake, v Version) { l.retain(v, Governance, time.Hour) }, 0, true, true},
		{"governance at its end", func(l *lake, v Version) { l.retain(v, Governance, time.Hour) }, time.Hour - time.Millisecond, false, false},
		{"governance when it is over", func(l *lake, v Version) { l.retain(v, Governance, time.Hour) }, time.Hour, false, true},
		{"compliance", func(l *lake, v Version) { l.retain(v, Compliance, time.Hour) }, 0, true, false},
		{"compliance when it is over", func(l *lake, v Version) { l.retain(v, Compliance, time.Hour) }, time.Hour, false, true},
		{"hold", func(l *lake, v Version) { l.hold(v, true) }, 1000 * time.Hour, true, false},
		{"hold taken off", func(l *lake, v Version) { l.hold(v, true); l.hold(v, false) }, 0, false, true},
		{"hold beyond a retention", func(l *lake, v Version) { l.retain(v, Compliance, time.Hour); l.hold(v, true) }, 2 * time.Hour, true, false},
		{"retention beyond a hold", func(l *lake, v Version) {
			l.retain(v, Compliance, time.Hour)
			l.hold(v, true)
			l.hold(v, false)
		}, 0, true, false},
	} {
		for _, place := range []string{"current", "old", "below a marker"} {
			t.Run(c.name+" "+place, func(t *testing.T) {
				l := newLocked(t, DefaultRetention{})
				v := l.put("k", "kept")
				switch place {
				case "old":
					l.put("k", "newer")
				case "below a marker":
					if d := l.del("k", ""); !d.Made {
						t.Fatalf("a delete without a version made no marker: %+v", d)
					}
				}
				c.lock(l, v)
				l.clock.Advance(c.later)
				_, err := l.Delete(ctx, "lake", Deletion{Key: "k", VersionID: v.VersionID, Bypass: c.bypass})
				if c.gone != (err == nil) || err != nil && !errors.Is(err, ErrLocked) {
					t.Errorf("deleted with %v", err)
				}
				if strings.Contains(l.history(), "k=kept") == c.gone {
					t.Errorf("history %s", l.history())
				}
				if place == "below a marker" {
					l.wantGet("k", "", "error")
				}
			})
		}
	}
}

// TestRetentionOnlyGrows changes a retention in every way.
func TestRetentionOnlyGrows(t *testing.T) {
	const none = RetentionMode("")
	h := time.Hour
	for _, c := range []struct {
		was    RetentionMode
		later  time.Duration // a retention of two hours was set before that
		mode   RetentionMode
		lasts  time.Duration // from the first instant
		bypass bool
		want   string
	}{
		{none, 0, Governance, h, false, ""},
		{none, 0, Compliance, h, false, ""},
		{none, 0, none, 0, false, ""},
		{none, 0, Governance, 0, false, "past"},
		{none, 0, Governance, -h, true, "past"},
		{Governance, 0, Governance, 3 * h, false, ""},
		{Governance, 0, Governance, 2 * h, false, ""},
		{Governance, 0, Governance, h, false, "locked"},
		{Governance, 0, Governance, h, true, ""},
		{Governance, 0, Governance, -h, false, "past"},
		{Governance, 0, none, 0, false, "locked"},
		{Governance, 0, none, 0, true, ""},
		{Governance, 0, Compliance, 3 * h, false, "locked"},
		{Governance, 0, Compliance, 3 * h, true, ""},
		{Governance, 2 * h, none, 0, false, ""},
		{Governance, 2 * h, Compliance, 3 * h, false, ""},
		{Compliance, 0, Compliance, 3 * h, false, ""},
		{Compliance, 0, Compliance, 2 * h, false, ""},
		{Compliance, 0, Compliance, 2*h - time.Millisecond, true, "locked"},
		{Compliance, 0, Governance, 3 * h, true, "locked"},
		{Compliance, 0, none, 0, true, "locked"},
		{Compliance, 2 * h, none, 0, false, ""},
		{Compliance, 2 * h, Governance, 3 * h, false, ""},
		{Compliance, 2 * h, Compliance, h, true, "past"},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			l := newLocked(t, DefaultRetention{})
			v := l.put("k", "body")
			first := l.clock.Now()
			if c.was != none {
				l.retain(v, c.was, 2*h)
			}
			l.clock.Advance(c.later)
			before := l.lockOf(v)
			err := l.SetRetention(ctx, "lake", "k", "", c.mode, first.Add(c.lasts), c.bypass)
			var past *PastError
			got := ""
			switch {
			case errors.Is(err, ErrLocked):
				got = "locked"
			case errors.As(err, &past):
				got = "past"
			case err != nil:
				got = err.Error()
			}
			want := Lock{}
			if c.mode != none {
				want = Lock{Mode: c.mode, Until: first.Add(c.lasts).UnixMilli()}
			}
			if c.want != "" {
				want = before
			}
			if lock := l.lockOf(v); got != c.want || lock != want {
				t.Errorf("answered %q, want %q; the lock is %+v, want %+v", got, c.want, lock, want)
			}
		})
	}
}

// TestDefaultRetention makes versions in every way; each has the bucket's retention unless it asked for its own, and a copy none of its
// source's.
func TestDefaultRetention(t *testing.T) {
	l := newLocked(t, DefaultRetention{Mode: Governance, Days: 10})
	byDefault := Lock{Mode: Governance, Until: start.AddDate(0, 0, 10).UnixMilli()}
	held := Lock{byDefault.Mode, byDefault.Until, HoldOn}
	own := Lock{Mode: Compliance, Until: start.Add(time.Hour).UnixMilli(), Hold: HoldOn}
	with := func(lock Lock) PutOptions { return PutOptions{Attrs: Attrs{Lock: lock}} }
	upload := func(lock Lock) Version {
		u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "m", Attrs: Attrs{Lock: lock}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.PutPart(ctx, "lake", "m", u.ID, 1, strings.NewReader("part"), PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := l.Complete(ctx, "lake", "m", u.ID, []CompletedPart{{Number: 1, ETag: p.ETag}}, CompleteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	made := func(v Version, err error) Version {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	copied := func(lock Lock) Version {
		v, _, err := l.Copy(ctx, "lake", "c", Source{Bucket: "lake", Key: "own"}, CopyOptions{
			Attrs: func(from Info) (Attrs, error) { from.Attrs.Lock = lock; return from.Attrs, nil }})
		return made(v, err)
	}
	staged := func() Version {
		st, err := l.StageBytes(ctx, []byte("staged"))
		if err != nil {
			t.Fatal(err)
		}
		var v Version
		err = l.meta.Update(ctx, func(tx *meta.Tx) (err error) {
			v, err = l.PutStaged(tx, "lake", "s", st, PutOptions{})
			return err
		})
		return made(v, err)
	}
	for name, c := range map[string]struct {
		v    Version
		want Lock
	}{
		"put":             {l.put("k", "body"), byDefault},
		"own":             {made(l.Put(ctx, "lake", "own", strings.NewReader("x"), with(own))), own},
		"hold":            {made(l.Put(ctx, "lake", "k", strings.NewReader("x"), with(Lock{Hold: HoldOn}))), held},
		"small":           {made(l.PutSmall(ctx, "lake", "k", []byte("x"), PutOptions{})), byDefault},
		"upload":          {upload(Lock{}), byDefault},
		"upload with own": {upload(own), own},
		"copy":            {copied(Lock{}), byDefault},
		"copy with own":   {copied(own), own},
		"staged":          {staged(), byDefault},
	} {
		if got := l.lockOf(c.v); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if err := l.SetBucketLock(ctx, "lake", DefaultRetention{Mode: Compliance, Years: 2}); err != nil {
		t.Fatal(err)
	}
	if got, want := l.lockOf(l.put("k", "y")), (Lock{Mode: Compliance, Until: start.AddDate(2, 0, 0).UnixMilli()}); got != want {
		t.Errorf("years: %+v, want %+v", got, want)
	}
	if err := l.SetBucketLock(ctx, "lake", DefaultRetention{}); err != nil {
		t.Fatal(err)
	}
	if got := l.lockOf(l.put("k", "z")); got != (Lock{}) {
		t.Errorf("without a default: %+v", got)
	}
}

// TestUploadBegunBeforeTheDefault has its version locked by what holds when it is made.
func TestUploadBegunBeforeTheDefault(t *testing.T) {
	l := newLocked(t, DefaultRetention{})
	u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "m"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.PutPart(ctx, "lake", "m", u.ID, 1, strings.NewReader("part"), PutOptions{})
	if err == nil {
		err = l.SetBucketLock(ctx, "lake", DefaultRetention{Mode: Compliance, Days: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	l.clock.Advance(time.Hour)
	v, err := l.Complete(ctx, "lake", "m", u.ID, []CompletedPart{{Number: 1, ETag: p.ETag}}, CompleteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.lockOf(v), (Lock{Mode: Compliance, Until: start.Add(25 * time.Hour).UnixMilli()}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestBucketsWithoutLock(t *testing.T) {
	l := newLake(t, Enabled)
	v := l.put("k", "body")
	asked := PutOptions{Attrs: Attrs{Lock: Lock{Hold: HoldOff}}}
	_, put := l.Put(ctx, "lake", "k", strings.NewReader("x"), asked)
	_, small := l.PutSmall(ctx, "lake", "k", []byte("x"), asked)
	_, upload := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "m", Attrs: asked.Attrs})
	same := CopyOptions{Attrs: func(Info) (Attrs, error) { return asked.Attrs, nil }}
	_, _, copied := l.Copy(ctx, "lake", "c", Source{Bucket: "lake", Key: "k"}, same)
	for name, err := range map[string]error{
		"put": put, "small": small, "upload": upload, "copy": copied, "hold": l.SetHold(ctx, "lake", "k", v.VersionID, true),
		"retention": l.SetRetention(ctx, "lake", "k", "", Governance, start.Add(time.Hour), true),
	} {
		if !errors.Is(err, ErrNoLock) {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.wantHistory("k=body*")
	if _, err := l.Delete(ctx, "lake", Deletion{Key: "k", VersionID: v.VersionID, Bypass: true}); err != nil {
		t.Error(err)
	}
}

// TestLockNeedsVersioning: it cannot be had without, and versioning cannot be suspended under it.
func TestLockNeedsVersioning(t *testing.T) {
	l := newLake(t, Unversioned)
	for _, v := range []Versioning{Unversioned, Suspended} {
		if v != Unversioned {
			if err := l.SetVersioning(ctx, "lake", v); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.SetBucketLock(ctx, "lake", DefaultRetention{}); !errors.Is(err, ErrLockUnversioned) {
			t.Errorf("%q: %v", v, err)
		}
	}
	b, err := l.CreateBucketWith(ctx, NewBucket{Name: "locked", Lock: true})
	if err != nil || b.Versioning != Enabled || !b.Lock.Enabled {
		t.Fatalf("%+v, %v", b, err)
	}
	if err := l.SetVersioning(ctx, "locked", Suspended); !errors.Is(err, ErrLockVersioning) {
		t.Errorf("suspended: %v", err)
	}
	if err := l.SetVersioning(ctx, "locked", Enabled); err != nil {
		t.Error(err)
	}
	if b, err := l.HeadBucket(ctx, "locked"); err != nil || b.Versioning != Enabled || !b.Lock.Enabled {
		t.Errorf("%+v, %v", b, err)
	}
}

// TestNullVersionUnderLock was made before versioning: a lock keeps it too, from every way that would end it.
func TestNullVersionUnderLock(t *testing.T) {
	l := newLake(t, Unversioned)
	v := l.put("k", "null")
	if err := l.SetVersioning(ctx, "lake", Enabled); err != nil {
		t.Fatal(err)
	}
	if err := l.SetBucketLock(ctx, "lake", DefaultRetention{}); err != nil {
		t.Fatal(err)
	}
	l.hold(v, true)
	l.put("k", "newer")
	l.del("k", "")
	if _, err := l.Delete(ctx, "lake", Deletion{Key: "k", VersionID: NullVersion}); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	l.wantHistory("k=†* k=newer k=null(null)")
}

// TestSuspendedOverwriteKeepsTheLocked holds the write itself to it: were a bucket suspended after all, an overwrite and a marker would
// take the place of the null version.
func TestSuspendedOverwriteKeepsTheLocked(t *testing.T) {
	for _, old := range []bool{false, true} {
		l := newLake(t, Unversioned)
		v := l.put("k", "null")
		err := errors.Join(l.SetVersioning(ctx, "lake", Enabled), l.SetBucketLock(ctx, "lake", DefaultRetention{}))
		if err != nil {
			t.Fatal(err)
		}
		l.hold(v, true)
		want := "k=null(null)*"
		if old {
			l.put("k", "newer")
			want = "k=newer* k=null(null)"
		}
		err = l.meta.Update(ctx, func(tx *meta.Tx) error {
			l.buckets.Drop(tx, "lake")
			_, err := tx.Exec("UPDATE object_bucket SET versioning = 'Suspended'")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Put(ctx, "lake", "k", strings.NewReader("x"), PutOptions{}); !errors.Is(err, ErrLocked) {
			t.Errorf("put: %v", err)
		}
		if _, err := l.Delete(ctx, "lake", Deletion{Key: "k"}); !errors.Is(err, ErrLocked) {
			t.Errorf("marker: %v", err)
		}
		l.wantHistory(want)
	}
}

// TestDeleteManyKeepsTheLocked deletes the others of a batch.
func TestDeleteManyKeepsTheLocked(t *testing.T) {
	l := newLocked(t, DefaultRetention{})
	a, b := l.put("a", "held"), l.put("b", "free")
	l.hold(a, true)
	_, errs, err := l.DeleteMany(ctx, "lake", []Deletion{{Key: "a", VersionID: a.VersionID, Bypass: true}, {Key: "b", VersionID: b.VersionID}})
	if err != nil || !errors.Is(errs[0], ErrLocked) || errs[1] != nil {
		t.Errorf("%v, %v", errs, err)
	}
	l.wantHistory("a=held*")
}

// TestNothingElseEndsLockedVersions: neither the garbage collection, nor a sweep, nor the end of the bucket, nor a publication's
// transaction.
func TestNothingElseEndsLockedVersions(t *testing.T) {
	l := newLocked(t, DefaultRetention{Mode: Compliance, Days: 1})
	v := l.put("t/part-0", "first run")
	err := l.meta.Update(ctx, func(tx *meta.Tx) error {
		_, err := l.DeleteTx(tx, "lake", Deletion{Key: "t/part-0"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.put("t/part-0", "second run")
	l.clock.Advance(2 * DefaultGarbageDelay)
	if _, err := l.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Collect(ctx); err != nil || n != 0 {
		t.Errorf("collected %d, %v", n, err)
	}
	if err := l.DeleteBucket(ctx, "lake"); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("delete the bucket: %v", err)
	}
	err = l.meta.Update(ctx, func(tx *meta.Tx) error {
		_, err := l.DeleteTx(tx, "lake", Deletion{Key: "t/part-0", VersionID: v.VersionID, Bypass: true})
		return err
	})
	if !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	l.wantHistory("t/part-0=second run* t/part-0=† t/part-0=first run")
}

// TestLocksOutliveTheStore opens it again.
func TestLocksOutliveTheStore(t *testing.T) {
	l := newLocked(t, DefaultRetention{Mode: Governance, Years: 1})
	v := l.put("k", "body")
	l.hold(v, true)
	want := l.lockOf(v)
	if err := l.meta.Close(); err != nil {
		t.Fatal(err)
	}
	again := openLake(t, l.dir, l.fs, "/blobs", Enabled)
	if got := again.lockOf(v); got != want || got.Hold != HoldOn {
		t.Errorf("%+v, want %+v", got, want)
	}
	b, err := again.HeadBucket(ctx, "lake")
	if err != nil || b.Lock != (BucketLock{true, DefaultRetention{Mode: Governance, Years: 1}}) {
		t.Errorf("%+v, %v", b, err)
	}
}

// TestLockedComesWithAChecksum over the wire only.
func TestLockedComesWithAChecksum(t *testing.T) {
	none := func() map[blob.Algorithm]string { return nil }
	one := func() map[blob.Algorithm]string { return map[blob.Algorithm]string{blob.CRC32: "AAAAAA=="} }
	for _, c := range []struct {
		name string
		d    DefaultRetention
		opts PutOptions
		want error
	}{
		{"nothing is locked", DefaultRetention{}, PutOptions{Verified: none}, nil},
		{"by default", DefaultRetention{Mode: Governance, Days: 1}, PutOptions{Verified: none}, ErrUnproven},
		{"by default, with a checksum", DefaultRetention{Mode: Governance, Days: 1}, PutOptions{Verified: one}, nil},
		{"by default, with an MD5", DefaultRetention{Mode: Governance, Days: 1},
			PutOptions{Verified: none, MD5: "1B2M2Y8AsgTpgAmY7PhCfg=="}, nil},
		{"by default, from inside", DefaultRetention{Mode: Governance, Days: 1}, PutOptions{}, nil},
		{"held", DefaultRetention{}, PutOptions{Verified: none, Attrs: Attrs{Lock: Lock{Hold: HoldOn}}}, ErrUnproven},
	} {
		l := newLocked(t, c.d)
		if _, err := l.Put(ctx, "lake", "k", strings.NewReader(""), c.opts); !errors.Is(err, c.want) {
			t.Errorf("put %s: %v", c.name, err)
		}
		u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "m", Attrs: c.opts.Attrs})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.PutPart(ctx, "lake", "m", u.ID, 1, strings.NewReader(""), c.opts); !errors.Is(err, c.want) {
			t.Errorf("part %s: %v", c.name, err)
		}
	}
}

// TestOnePlaceEndsVersions reads this package: rows of versions are deleted by remove, and moved by retire and promote; no other function
// does it, so that none can forget the lock.
func TestOnePlaceEndsVersions(t *testing.T) {
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	ends := regexp.MustCompile(`"DELETE( FROM object_(current|old)|"\+)`)
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), ".go") || strings.HasSuffix(n.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(n.Name())
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		if n.Name() == "row.go" {
			want = 4 // two of remove, one of retire, one of promote
		}
		if got := len(ends.FindAllString(string(text), -1)); got != want {
			t.Errorf("%s deletes rows of versions at %d places, want %d", n.Name(), got, want)
		}
	}
}
