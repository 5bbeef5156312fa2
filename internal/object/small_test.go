package object

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/vfs"
)

// smallLake is a lake that keeps small bodies in rows, on the machine's disk.
func smallLake(t testing.TB, dir string, versioning Versioning) *lake {
	l := openLake(t, dir, vfs.OS{}, filepath.Join(dir, "blobs"), versioning)
	l.opts.SmallBody = MaxSmallBody
	return l
}

// bodies is how many rows of bodies there are.
func (l *lake) bodies() (n int) {
	l.t.Helper()
	err := l.meta.View(ctx, func(tx *meta.Tx) error { return tx.QueryRow("SELECT count(*) FROM object_body").Scan(&n) })
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

func TestSmallBodiesLieInRows(t *testing.T) {
	for _, v := range []Versioning{Unversioned, Enabled, Suspended} {
		l := smallLake(t, t.TempDir(), v)
		big := strings.Repeat("b", MaxSmallBody+1)
		first := l.put("k", "one")
		l.put("empty", "")
		l.put("edge", big[1:])
		l.put("big", big)
		second := l.put("k", "two")
		for key, want := range map[string]string{"k": "two", "empty": "", "edge": big[1:], "big": big} {
			l.wantGet(key, "", want)
		}
		want := 3
		if v == Enabled {
			l.wantGet("k", first.VersionID, "one")
			want = 4
		}
		if n := l.bodies(); n != want {
			t.Errorf("%s: %d bodies in rows, want %d", v, n, want)
		}
		if n := l.countBlobs(); n != 1 {
			t.Errorf("%s: %d files, want that of the big body", v, n)
		}
		for _, key := range []string{"edge", "empty", "big"} {
			l.del(key, "")
		}
		l.del("k", second.VersionID)
		if v == Enabled {
			l.wantGet("k", "", "one")
			l.del("k", first.VersionID)
		}
		l.wantGet("k", "", "error")
		if n := l.bodies(); (v != Enabled && n != 0) || v == Enabled && n != 2 { // edge and empty are below markers
			t.Errorf("%s: %d bodies in rows after all", v, n)
		}
	}
}

// TestSmallBodiesAreVerified announces sums that a small body does not have, and cuts a body short.
func TestSmallBodiesAreVerified(t *testing.T) {
	l := smallLake(t, t.TempDir(), Unversioned)
	var bad *ChecksumError
	_, err := l.Put(ctx, "lake", "k", strings.NewReader("x"), PutOptions{Want: map[blob.Algorithm]string{blob.CRC32: "AAAAAA=="}})
	if !errors.As(err, &bad) {
		t.Errorf("wrong CRC32: %v", err)
	}
	if _, err := l.Put(ctx, "lake", "k", strings.NewReader("x"), PutOptions{MD5: "AAAA"}); !errors.Is(err, ErrDigest) {
		t.Errorf("wrong MD5: %v", err)
	}
	if _, err := l.Put(ctx, "lake", "k", io.MultiReader(strings.NewReader("x"), cut{}), PutOptions{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %v", err)
	}
	l.wantGet("k", "", "error")
	if n := l.bodies(); n != 0 {
		t.Errorf("%d bodies stay", n)
	}
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestResolveGivesSmallBodiesFiles: the files stay while the row is there, and then for the garbage delay and the leases.
func TestResolveGivesSmallBodiesFiles(t *testing.T) {
	dir := t.TempDir()
	l := smallLake(t, dir, Unversioned)
	l.put("a", "1")
	l.put("b", "2")
	l.put("c", "")
	l.put("d", strings.Repeat("d", MaxSmallBody+1))
	files, err := l.Resolve(ctx, "lake", "")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	again, err := l.ResolveKeys(ctx, "lake", []KeyVersion{{Key: "a"}, {Key: "b"}})
	if err != nil || again[0].Path != files[0].Path || again[1].Path != files[1].Path {
		t.Fatal(again, err)
	}
	read := func(r Resolved) string {
		b, err := os.ReadFile(r.Path)
		if err != nil {
			return "gone"
		}
		return string(b)
	}
	want := func(texts ...string) {
		t.Helper()
		for i, w := range texts {
			if got := read(files[i]); got != w {
				t.Errorf("file of %s: %.10q, want %.10q", files[i].Key, got, w)
			}
		}
	}
	collect := func() {
		t.Helper()
		l.clock.Advance(DefaultGarbageDelay)
		if _, err := l.Collect(ctx); err != nil {
			t.Fatal(err)
		}
	}
	collect()
	collect()
	want("1", "2", "", strings.Repeat("d", MaxSmallBody+1))
	l.LeaseResolved("child", files[:1])
	l.put("a", "new")
	l.del("b", "")
	if _, err := l.Collect(ctx); err != nil {
		t.Fatal(err)
	}
	want("1", "2")
	collect()
	want("1", "gone")
	l.Release("child")
	collect()
	want("gone", "gone")
	if files, err = l.Resolve(ctx, "lake", "a"); err != nil {
		t.Fatal(err)
	}
	want("new")
	l.meta.Close()
	l = smallLake(t, dir, Unversioned)
	want("gone")
	if files, err = l.Resolve(ctx, "lake", "a"); err != nil {
		t.Fatal(err)
	}
	want("new")
}

// TestSmallBodiesWithAClockThatWentBack opens a store whose clock is behind the numbers of its bodies.
func TestSmallBodiesWithAClockThatWentBack(t *testing.T) {
	dir := t.TempDir()
	l := smallLake(t, dir, Unversioned)
	l.clock.Advance(1e9 * 3600)
	for n := range 10 {
		l.put(fmt.Sprint("early", n), fmt.Sprint("early", n))
	}
	l.meta.Close()
	l = smallLake(t, dir, Unversioned) // an hour earlier
	for n := range 10 {
		l.put(fmt.Sprint("late", n), fmt.Sprint("late", n))
	}
	for n := range 10 {
		l.wantGet(fmt.Sprint("early", n), "", fmt.Sprint("early", n))
		l.wantGet(fmt.Sprint("late", n), "", fmt.Sprint("late", n))
	}
}

// TestUpgradeFromFilesOnly opens a store that a program without small bodies has written.
func TestUpgradeFromFilesOnly(t *testing.T) {
	dir := t.TempDir()
	first := Schema
	first.Migrations = first.Migrations[:1]
	m := metatest.Open(t, dir, clock.NewManual(start), first)
	b, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	old, err := b.Write(strings.NewReader("old"), blob.CRC64NVME)
	if err != nil {
		t.Fatal(err)
	}
	orphan, err := b.Write(strings.NewReader("orphan"))
	if err != nil {
		t.Fatal(err)
	}
	err = m.Update(ctx, func(tx *meta.Tx) error {
		if _, err := tx.Exec("INSERT INTO object_bucket (id, name, region, created) VALUES (1, 'lake', 'us-east-1', 0)"); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO object_current VALUES (1, 'k', 5, 'null', 0, 3, ?, 0, ?, '')", old.MD5, old.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	l := smallLake(t, dir, Unversioned)
	l.wantGet("k", "", "old")
	if n, err := l.Sweep(ctx); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if l.exists(Info{Blob: orphan.ID}) || !l.exists(Info{Blob: old.ID}) {
		t.Error("the wrong file was swept")
	}
	l.put("k", "new")
	l.wantGet("k", "", "new")
	l.clock.Advance(2 * DefaultGarbageDelay)
	if n, err := l.Collect(ctx); n != 1 || err != nil {
		t.Errorf("collected %d, %v", n, err)
	}
}

// TestCopiesOfSmallBodies: a copy has a body of its own, and a part made of one has a file.
func TestCopiesOfSmallBodies(t *testing.T) {
	l := smallLake(t, t.TempDir(), Unversioned)
	l.put("a", "text")
	same := CopyOptions{Attrs: sameAttrs}
	for _, to := range []string{"b", "a"} {
		if _, _, err := l.Copy(ctx, "lake", to, Source{Bucket: "lake", Key: "a"}, same); err != nil {
			t.Fatal(err)
		}
	}
	u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "c"})
	if err != nil {
		t.Fatal(err)
	}
	whole := func(size int64) (int64, int64, error) { return 0, size, nil }
	p, _, err := l.CopyPart(ctx, "lake", "c", u.ID, 1, Source{Bucket: "lake", Key: "b"}, whole)
	if err != nil {
		t.Fatal(err)
	}
	parts := []CompletedPart{{Number: 1, ETag: p.ETag}}
	if _, err := l.Complete(ctx, "lake", "c", u.ID, parts, CompleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if n, files := l.bodies(), l.countBlobs(); n != 2 || files != 1 {
		t.Errorf("%d bodies and %d files", n, files)
	}
	l.del("a", "")
	l.wantGet("b", "", "text")
	l.wantGet("c", "", "text")
	l.del("b", "")
	if n := l.bodies(); n != 0 {
		t.Errorf("%d bodies stay", n)
	}
}
