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
	"penstock/internal/object/lock"
)

// newLocked is a lake with object lock.
func newLocked(t testing.TB, d lock.Default) *lake {
	t.Helper()
	l := newLake(t, Enabled)
	if err := l.SetBucketLock(ctx, "lake", d); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lake) retain(v Version, mode lock.Mode, lasts time.Duration) {
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

func (l *lake) lockOf(v Version) lock.Lock {
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
		keep   func(l *lake, v Version)
		later  time.Duration
		bypass bool
		gone   bool
	}{
		{"nothing", func(*lake, Version) {}, 0, false, true},
		{"governance", func(l *lake, v Version) { l.retain(v, lock.Governance, time.Hour) }, 0, false, false},
		{"governance with bypass", func(l *lake, v Version) { l.retain(v, lock.Governance, time.Hour) }, 0, true, true},
		{"governance at its last instant", func(l *lake, v Version) { l.retain(v, lock.Governance, time.Hour) },
			time.Hour - time.Millisecond, false, false},
		{"governance when it is over", func(l *lake, v Version) { l.retain(v, lock.Governance, time.Hour) }, time.Hour, false, true},
		{"compliance", func(l *lake, v Version) { l.retain(v, lock.Compliance, time.Hour) }, 0, true, false},
		{"compliance when it is over", func(l *lake, v Version) { l.retain(v, lock.Compliance, time.Hour) }, time.Hour, false, true},
		{"hold", func(l *lake, v Version) { l.hold(v, true) }, 1000 * time.Hour, true, false},
		{"hold taken off", func(l *lake, v Version) { l.hold(v, true); l.hold(v, false) }, 0, false, true},
		{"hold beyond a retention", func(l *lake, v Version) {
			l.retain(v, lock.Compliance, time.Hour)
			l.hold(v, true)
		}, 2 * time.Hour, true, false},
		{"retention beyond a hold", func(l *lake, v Version) {
			l.retain(v, lock.Compliance, time.Hour)
			l.hold(v, true)
			l.hold(v, false)
		}, 0, true, false},
	} {
		for _, place := range []string{"current", "old", "below a marker"} {
			t.Run(c.name+" "+place, func(t *testing.T) {
				l := newLocked(t, lock.Default{})
				v := l.put("k", "kept")
				switch place {
				case "old":
					l.put("k", "newer")
				case "below a marker":
					if d := l.del("k", ""); !d.Made {
						t.Fatalf("a delete without a version made no marker: %+v", d)
					}
				}
				c.keep(l, v)
				l.clock.Advance(c.later)
				_, err := l.Delete(ctx, "lake", Deletion{Key: "k", VersionID: v.VersionID, Bypass: c.bypass})
				if c.gone != (err == nil) || err != nil && !errors.Is(err, lock.ErrLocked) {
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
	const none = lock.Mode("")
	h := time.Hour
	for _, c := range []struct {
		was    lock.Mode
		later  time.Duration // a retention of two hours was set before that
		mode   lock.Mode
		lasts  time.Duration // from the first instant
		bypass bool
		want   string
	}{
		{none, 0, lock.Governance, h, false, ""},
		{none, 0, lock.Compliance, h, false, ""},
		{none, 0, none, 0, false, ""},
		{none, 0, lock.Governance, 0, false, "past"},
		{none, 0, lock.Governance, -h, true, "past"},
		{lock.Governance, 0, lock.Governance, 3 * h, false, ""},
		{lock.Governance, 0, lock.Governance, 2 * h, false, ""},
		{lock.Governance, 0, lock.Governance, h, false, "locked"},
		{lock.Governance, 0, lock.Governance, h, true, ""},
		{lock.Governance, 0, lock.Governance, -h, false, "past"},
		{lock.Governance, 0, none, 0, false, "locked"},
		{lock.Governance, 0, none, 0, true, ""},
		{lock.Governance, 0, lock.Compliance, 3 * h, false, "locked"},
		{lock.Governance, 0, lock.Compliance, 3 * h, true, ""},
		{lock.Governance, 2 * h, none, 0, false, ""},
		{lock.Governance, 2 * h, lock.Compliance, 3 * h, false, ""},
		{lock.Compliance, 0, lock.Compliance, 3 * h, false, ""},
		{lock.Compliance, 0, lock.Compliance, 2 * h, false, ""},
		{lock.Compliance, 0, lock.Compliance, 2*h - time.Millisecond, true, "locked"},
		{lock.Compliance, 0, lock.Governance, 3 * h, true, "locked"},
		{lock.Compliance, 0, none, 0, true, "locked"},
		{lock.Compliance, 2 * h, none, 0, false, ""},
		{lock.Compliance, 2 * h, lock.Governance, 3 * h, false, ""},
		{lock.Compliance, 2 * h, lock.Compliance, h, true, "past"},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			l := newLocked(t, lock.Default{})
			v := l.put("k", "body")
			first := l.clock.Now()
			if c.was != none {
				l.retain(v, c.was, 2*h)
			}
			l.clock.Advance(c.later)
			before := l.lockOf(v)
			err := l.SetRetention(ctx, "lake", "k", "", c.mode, first.Add(c.lasts), c.bypass)
			var past *lock.PastError
			got := ""
			switch {
			case errors.Is(err, lock.ErrLocked):
				got = "locked"
			case errors.As(err, &past):
				got = "past"
			case err != nil:
				got = err.Error()
			}
			want := lock.Lock{}
			if c.mode != none {
				want = lock.Lock{Mode: c.mode, Until: first.Add(c.lasts).UnixMilli()}
			}
			if c.want != "" {
				want = before
			}
			if now := l.lockOf(v); got != c.want || now != want {
				t.Errorf("answered %q, want %q; the lock is %+v, want %+v", got, c.want, now, want)
			}
		})
	}
}

// TestDefaultRetention makes versions in every way; each has the bucket's retention unless it asked for its own, and a copy none of its
// source's.
func TestDefaultRetention(t *testing.T) {
	l := newLocked(t, lock.Default{Mode: lock.Governance, Days: 10})
	byDefault := lock.Lock{Mode: lock.Governance, Until: start.AddDate(0, 0, 10).UnixMilli()}
	held := lock.Lock{Mode: byDefault.Mode, Until: byDefault.Until, Hold: lock.HoldOn}
	own := lock.Lock{Mode: lock.Compliance, Until: start.Add(time.Hour).UnixMilli(), Hold: lock.HoldOn}
	with := func(lk lock.Lock) PutOptions { return PutOptions{Attrs: Attrs{Lock: lk}} }
	upload := func(lk lock.Lock) Version {
		u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "m", Attrs: Attrs{Lock: lk}})
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
	copied := func(lk lock.Lock) Version {
		v, _, err := l.Copy(ctx, "lake", "c", Source{Bucket: "lake", Key: "own"}, CopyOptions{
			Attrs: func(from Info) (Attrs, error) { from.Attrs.Lock = lk; return from.Attrs, nil }})
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
		want lock.Lock
	}{
		"put":             {l.put("k", "body"), byDefault},
		"own":             {made(l.Put(ctx, "lake", "own", strings.NewReader("x"), with(own))), own},
		"hold":            {made(l.Put(ctx, "lake", "k", strings.NewReader("x"), with(lock.Lock{Hold: lock.HoldOn}))), held},
		"small":           {made(l.PutSmall(ctx, "lake", "k", []byte("x"), PutOptions{})), byDefault},
		"upload":          {upload(lock.Lock{}), byDefault},
		"upload with own": {upload(own), own},
		"copy":            {copied(lock.Lock{}), byDefault},
		"copy with own":   {copied(own), own},
		"staged":          {staged(), byDefault},
	} {
		if got := l.lockOf(c.v); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if err := l.SetBucketLock(ctx, "lake", lock.Default{Mode: lock.Compliance, Years: 2}); err != nil {
		t.Fatal(err)
	}
	if got, want := l.lockOf(l.put("k", "y")), (lock.Lock{Mode: lock.Compliance, Until: start.AddDate(2, 0, 0).UnixMilli()}); got != want {
		t.Errorf("years: %+v, want %+v", got, want)
	}
	if err := l.SetBucketLock(ctx, "lake", lock.Default{}); err != nil {
		t.Fatal(err)
	}
	if got := l.lockOf(l.put("k", "z")); got != (lock.Lock{}) {
		t.Errorf("without a default: %+v", got)
	}
}

// TestUploadBegunBeforeTheDefault has its version locked by what holds when it is made.
func TestUploadBegunBeforeTheDefault(t *testing.T) {
	l := newLocked(t, lock.Default{})
	u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "m"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.PutPart(ctx, "lake", "m", u.ID, 1, strings.NewReader("part"), PutOptions{})
	if err == nil {
		err = l.SetBucketLock(ctx, "lake", lock.Default{Mode: lock.Compliance, Days: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	l.clock.Advance(time.Hour)
	v, err := l.Complete(ctx, "lake", "m", u.ID, []CompletedPart{{Number: 1, ETag: p.ETag}}, CompleteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.lockOf(v), (lock.Lock{Mode: lock.Compliance, Until: start.Add(25 * time.Hour).UnixMilli()}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestBucketsWithoutLock(t *testing.T) {
	l := newLake(t, Enabled)
	v := l.put("k", "body")
	asked := PutOptions{Attrs: Attrs{Lock: lock.Lock{Hold: lock.HoldOff}}}
	_, put := l.Put(ctx, "lake", "k", strings.NewReader("x"), asked)
	_, small := l.PutSmall(ctx, "lake", "k", []byte("x"), asked)
	_, upload := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "m", Attrs: asked.Attrs})
	same := CopyOptions{Attrs: func(Info) (Attrs, error) { return asked.Attrs, nil }}
	_, _, copied := l.Copy(ctx, "lake", "c", Source{Bucket: "lake", Key: "k"}, same)
	for name, err := range map[string]error{
		"put": put, "small": small, "upload": upload, "copy": copied, "hold": l.SetHold(ctx, "lake", "k", v.VersionID, true),
		"retention": l.SetRetention(ctx, "lake", "k", "", lock.Governance, start.Add(time.Hour), true),
	} {
		if !errors.Is(err, lock.ErrNone) {
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
		if err := l.SetBucketLock(ctx, "lake", lock.Default{}); !errors.Is(err, ErrLockUnversioned) {
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
	if err := l.SetBucketLock(ctx, "lake", lock.Default{}); err != nil {
		t.Fatal(err)
	}
	l.hold(v, true)
	l.put("k", "newer")
	l.del("k", "")
	if _, err := l.Delete(ctx, "lake", Deletion{Key: "k", VersionID: NullVersion}); !errors.Is(err, lock.ErrLocked) {
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
		err := errors.Join(l.SetVersioning(ctx, "lake", Enabled), l.SetBucketLock(ctx, "lake", lock.Default{}))
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
		if _, err := l.Put(ctx, "lake", "k", strings.NewReader("x"), PutOptions{}); !errors.Is(err, lock.ErrLocked) {
			t.Errorf("put: %v", err)
		}
		if _, err := l.Delete(ctx, "lake", Deletion{Key: "k"}); !errors.Is(err, lock.ErrLocked) {
			t.Errorf("marker: %v", err)
		}
		l.wantHistory(want)
	}
}

// TestDeleteManyKeepsTheLocked deletes the others of a batch.
func TestDeleteManyKeepsTheLocked(t *testing.T) {
	l := newLocked(t, lock.Default{})
	a, b := l.put("a", "held"), l.put("b", "free")
	l.hold(a, true)
	_, errs, err := l.DeleteMany(ctx, "lake", []Deletion{{Key: "a", VersionID: a.VersionID, Bypass: true}, {Key: "b", VersionID: b.VersionID}})
	if err != nil || !errors.Is(errs[0], lock.ErrLocked) || errs[1] != nil {
		t.Errorf("%v, %v", errs, err)
	}
	l.wantHistory("a=held*")
}

// TestNothingElseEndsLockedVersions: neither the garbage collection, nor a sweep, nor the end of the bucket, nor a publication's
// transaction.
func TestNothingElseEndsLockedVersions(t *testing.T) {
	l := newLocked(t, lock.Default{Mode: lock.Compliance, Days: 1})
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
	if !errors.Is(err, lock.ErrLocked) {
		t.Error(err)
	}
	l.wantHistory("t/part-0=second run* t/part-0=† t/part-0=first run")
}

// TestLocksOutliveTheStore opens it again.
func TestLocksOutliveTheStore(t *testing.T) {
	l := newLocked(t, lock.Default{Mode: lock.Governance, Years: 1})
	v := l.put("k", "body")
	l.hold(v, true)
	want := l.lockOf(v)
	if err := l.meta.Close(); err != nil {
		t.Fatal(err)
	}
	again := openLake(t, l.dir, l.fs, "/blobs", Enabled)
	if got := again.lockOf(v); got != want || got.Hold != lock.HoldOn {
		t.Errorf("%+v, want %+v", got, want)
	}
	b, err := again.HeadBucket(ctx, "lake")
	if err != nil || b.Lock != (lock.Bucket{Enabled: true, Default: lock.Default{Mode: lock.Governance, Years: 1}}) {
		t.Errorf("%+v, %v", b, err)
	}
}

// TestLockedComesWithAChecksum over the wire only.
func TestLockedComesWithAChecksum(t *testing.T) {
	none := func() map[blob.Algorithm]string { return nil }
	one := func() map[blob.Algorithm]string { return map[blob.Algorithm]string{blob.CRC32: "AAAAAA=="} }
	for _, c := range []struct {
		name string
		d    lock.Default
		opts PutOptions
		want error
	}{
		{"nothing is locked", lock.Default{}, PutOptions{Verified: none}, nil},
		{"by default", lock.Default{Mode: lock.Governance, Days: 1}, PutOptions{Verified: none}, ErrUnproven},
		{"by default, with a checksum", lock.Default{Mode: lock.Governance, Days: 1}, PutOptions{Verified: one}, nil},
		{"by default, with an MD5", lock.Default{Mode: lock.Governance, Days: 1},
			PutOptions{Verified: none, MD5: "1B2M2Y8AsgTpgAmY7PhCfg=="}, nil},
		{"by default, from inside", lock.Default{Mode: lock.Governance, Days: 1}, PutOptions{}, nil},
		{"held", lock.Default{}, PutOptions{Verified: none, Attrs: Attrs{Lock: lock.Lock{Hold: lock.HoldOn}}}, ErrUnproven},
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
