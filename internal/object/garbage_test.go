package object

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"penstock/internal/blob"
	"penstock/internal/meta"
	"penstock/internal/vfs"
)

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func (l *lake) plan(uploadID string, parts ...CompletedPart) (c completion, err error) {
	err = l.view(ctx, "lake", func(tx *meta.Tx, b Bucket) (err error) {
		c, err = planCompletion(tx, b, "big", uploadID, parts)
		return err
	})
	return c, err
}

func (l *lake) finish(c completion) error {
	content, _, err := l.join(c)
	if err != nil {
		return err
	}
	return l.update(ctx, "lake", func(tx *meta.Tx, b Bucket) error {
		_, err := l.completeTx(tx, b, c, content, CompleteOptions{})
		return err
	})
}

func (l *lake) exists(i Info) bool {
	f, err := l.OpenBlob(i)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

func TestGarbageWaitsForDelayAndLease(t *testing.T) {
	l := newLake(t, Unversioned)
	l.put("a", "1")
	l.put("b", "2")
	files, err := l.Resolve(ctx, "lake", "")
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	l.LeaseResolved("child 1", files[:1])
	l.LeaseResolved("child 2", files[:1])
	l.put("a", "new")
	l.del("b", "")
	collect := func(want int) {
		t.Helper()
		if n, err := l.Collect(ctx); n != want || err != nil {
			t.Errorf("collected %d, want %d (%v)", n, want, err)
		}
	}
	l.clock.Advance(DefaultGarbageDelay - 1e6)
	collect(0)
	l.clock.Advance(2e6)
	collect(1) // b; a is leased
	if !l.exists(files[0].Info) || l.exists(files[1].Info) {
		t.Error("the wrong file was removed")
	}
	l.Release("child 1")
	collect(0)
	l.Release("child 2")
	collect(1)
	collect(0)
	if l.exists(files[0].Info) {
		t.Error("released bytes stay")
	}
	l.wantGet("a", "", "new")
	if len(l.Leases()) != 0 {
		t.Errorf("leases %v", l.Leases())
	}
}

// TestReaderOfDeletedInputsIsRight is the case of a job whose inputs are deleted while it reads them.
func TestReaderOfDeletedInputsIsRight(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, vfs.OS{}, filepath.Join(dir, "blobs"), Enabled)
	v := l.put("in/1.csv", "rows")
	files, err := l.ResolveKeys(ctx, "lake", []KeyVersion{{"in/1.csv", v.VersionID}})
	if err != nil {
		t.Fatal(err)
	}
	l.LeaseResolved("job", files)
	l.del("in/1.csv", v.VersionID)
	l.clock.Advance(10 * DefaultGarbageDelay)
	l.Collect(ctx)
	if b, err := os.ReadFile(files[0].Path); string(b) != "rows" {
		t.Errorf("%q, %v", b, err)
	}
	l.Release("job")
	l.Collect(ctx)
	if _, err := os.Stat(files[0].Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file was not swept later: %v", err)
	}
	if _, err := l.ResolveKeys(ctx, "lake", []KeyVersion{{"in/1.csv", v.VersionID}}); !errors.Is(err, ErrNoVersion) ||
		!strings.Contains(err.Error(), "s3://lake/in/1.csv") {
		t.Errorf("resolve of what is gone: %v", err)
	}
}

func TestSweepRemovesOrphansOnly(t *testing.T) {
	dir, disk := t.TempDir(), vfs.NewMem()
	l := openLake(t, dir, disk, "/blobs", Enabled)
	l.put("a", "1")
	l.put("a", "2")
	l.put("b", "gone")
	l.del("b", "")
	id := l.upload(Upload{})
	part := l.part(id, 1, []byte("part"))
	orphan, err := l.blobs.Write(strings.NewReader("no row names me"))
	if err != nil {
		t.Fatal(err)
	}
	l.meta.Close()
	l = openLake(t, dir, disk, "/blobs", Enabled)
	late := l.put("late", "written while the sweep is still to come")
	if n, err := l.Sweep(ctx); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if l.exists(Info{Blob: orphan.ID}) {
		t.Error("the orphan stayed")
	}
	if got, want := strings.Count(l.history(), "="), 5; got != want {
		t.Errorf("history %s", l.history())
	}
	if !l.exists(late) {
		t.Error("a new object was swept")
	}
	if _, err := l.Complete(ctx, "lake", "big", id, []CompletedPart{part}, CompleteOptions{}); err != nil {
		t.Errorf("an upload over a restart: %v", err)
	}
}

// TestUnknownCommitRemovesNothing fails a COMMIT: the row may be on the disk or not, so the bytes must stay.
func TestUnknownCommitRemovesNothing(t *testing.T) {
	var fail error
	m, err := meta.Open(ctx, t.TempDir(), []meta.Schema{Schema}, meta.Options{BeforeCommit: func() error { return fail }})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	disk := vfs.NewMem()
	b, err := blob.Open(disk, "/blobs")
	if err != nil {
		t.Fatal(err)
	}
	l := &lake{Store: Open(m, b, Options{SmallBody: -1}), t: t, fs: disk}
	if _, err := l.CreateBucket(ctx, "lake", "", nil); err != nil {
		t.Fatal(err)
	}
	fail = errors.New("the drive has gone")
	if _, err := l.Put(ctx, "lake", "k", strings.NewReader("x"), PutOptions{}); !errors.Is(err, fail) {
		t.Errorf("put: %v", err)
	}
	if _, err := l.HeadBucket(ctx, "lake"); err == nil || !strings.Contains(err.Error(), "must be reopened") {
		t.Errorf("after a failed commit: %v", err)
	}
	if n := l.countBlobs(); n != 1 {
		t.Errorf("%d blobs; the one whose row may be durable must stay", n)
	}
}

func TestCollectAfterCrashBetweenFileAndRow(t *testing.T) {
	l := newLake(t, Unversioned)
	v := l.put("a", "1")
	l.del("a", "")
	l.blobs.Remove(v.Blob) // a crash: the file went, the row did not
	l.clock.Advance(DefaultGarbageDelay)
	if n, err := l.Collect(ctx); n != 1 || err != nil {
		t.Errorf("collected %d, %v", n, err)
	}
}

func TestFullDiskLosesNothing(t *testing.T) {
	dir := t.TempDir()
	disk := vfs.NewFaulty(vfs.NewMem())
	l := openLake(t, dir, disk, "/blobs", Unversioned)
	l.put("k", "old")
	for _, op := range []string{"create", "write", "sync", "syncdir"} {
		disk.FailWhen(func(o vfs.Op) error {
			if o.Name == op {
				return syscall.ENOSPC
			}
			return nil
		})
		_, err := l.Put(ctx, "lake", "k", strings.NewReader("new"), PutOptions{})
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: %v", op, err)
		}
		l.wantGet("k", "", "old")
		disk.FailWhen(nil)
	}
	l.put("k", "new")
	l.wantGet("k", "", "new")
}

// TestAcknowledgedObjectsSurviveEveryCrash crashes the disk at each operation of the blob store, with none, some and all of what was not
// synced, and opens the rows that were committed at that moment beside it. A SQLite commit is taken as durable.
func TestAcknowledgedObjectsSurviveEveryCrash(t *testing.T) {
	dir, disk := t.TempDir(), vfs.NewMem()
	l := openLake(t, dir, disk, "/blobs", Enabled)
	acked := map[string]string{} // version -> body
	crashes := 0
	check := func() {
		for keep := range 4 {
			for _, entries := range []bool{false, true} {
				crashes++
				found, err := blob.Open(disk.CrashClone(vfs.Crash{Bytes: func(_ string, n int) int { return n * keep / 3 },
					Entry: func(string) bool { return entries }}), "/blobs")
				if err != nil {
					t.Fatal(err)
				}
				after := Open(l.meta, found, l.opts)
				p, err := after.ListVersions(ctx, VersionQuery{Bucket: "lake"})
				if err != nil {
					t.Fatal(err)
				}
				seen := map[string]bool{}
				for _, i := range p.Objects {
					if i.DeleteMarker {
						continue
					}
					got := (&lake{Store: after, t: t}).get(i.Key, i.VersionID)
					if want, ok := acked[i.VersionID]; ok && got != want || strings.HasPrefix(got, "error") || int64(len(got)) != i.Size {
						t.Fatalf("after a crash %s is %q (acknowledged: %q)", i.Key, got, want)
					}
					seen[i.VersionID] = true
				}
				for v := range acked {
					if !seen[v] {
						t.Fatalf("acknowledged version %s is gone", v)
					}
				}
			}
		}
	}
	disk.Observe(func(vfs.Op) { check() })
	for i := range 5 {
		body := fmt.Sprintf("body %d", i)
		acked[l.put(fmt.Sprint("k", i%2), body).VersionID] = body
		check()
	}
	id := l.upload(Upload{})
	v, err := l.Complete(ctx, "lake", "big", id, []CompletedPart{l.part(id, 1, []byte("whole"))}, CompleteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	acked[v.VersionID] = "whole"
	check()
	if crashes < 100 {
		t.Errorf("only %d crashes", crashes)
	}
}

func TestStageAllIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, vfs.OS{}, filepath.Join(dir, "blobs"), Unversioned)
	staging := filepath.Join(dir, "staging")
	os.Mkdir(staging, 0o700)
	for _, n := range []string{"a", "b"} {
		os.WriteFile(filepath.Join(staging, n), []byte(n), 0o600)
	}
	os.Symlink("/etc/hostname", filepath.Join(staging, "evil"))
	root, _ := os.OpenRoot(staging)
	defer root.Close()
	if _, err := l.StageAll(ctx, root, []string{"a", "evil", "b"}); err == nil {
		t.Fatal("a link was staged")
	}
	if n := l.countBlobs(); n != 0 {
		t.Errorf("%d blobs stay of a refused publish", n)
	}
	os.WriteFile(filepath.Join(staging, "a"), []byte("a"), 0o600)
	os.WriteFile(filepath.Join(staging, "b"), []byte("b"), 0o600)
	staged, err := l.StageAll(ctx, root, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("ledger says no")
	publish := func(fail error) error {
		return l.meta.Update(ctx, func(tx *meta.Tx) error {
			for i, st := range staged {
				if _, err := l.PutStaged(tx, "lake", fmt.Sprintf("out/%d", i), st, PutOptions{}); err != nil {
					return err
				}
			}
			return fail
		})
	}
	if err := publish(boom); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	l.wantHistory("")
	if err := publish(nil); err != nil {
		t.Fatal(err)
	}
	l.wantHistory("out/0=a(null)* out/1=b(null)*")
	err = l.meta.Update(ctx, func(tx *meta.Tx) error {
		found, err := l.ListTx(tx, "lake", "out/", "", 10)
		if err != nil || len(found) != 2 {
			return fmt.Errorf("ListTx: %d, %w", len(found), err)
		}
		_, err = l.DeleteTx(tx, "lake", Deletion{Key: found[0].Key})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.wantHistory("out/1=b(null)*")
}
