package blob

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"penstock/internal/vfs"
)

func open(t testing.TB, fsys vfs.FS, dir string) *Store {
	t.Helper()
	s, err := Open(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(s *Store, id string) (string, error) {
	f, err := s.Open(id)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	return string(b), err
}

func walk(t testing.TB, s *Store) (ids []string) {
	t.Helper()
	again := open(t, s.fs, s.dir) // Walk shows what was there at Open
	if err := again.Walk(func(some []string) error { ids = append(ids, some...); return nil }); err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestAcknowledgedBlobsSurviveEveryCrash takes the disk after each operation, keeps every possible number of unsynced bytes and none or all
// unsynced names, and asks for each blob that Write had acknowledged before.
func TestAcknowledgedBlobsSurviveEveryCrash(t *testing.T) {
	crashes, err := crashEverywhere(t)
	if brokenBlobSync || brokenFolderSync {
		if err == nil {
			t.Fatal("this build loses acknowledged blobs and the test did not notice")
		}
		t.Logf("caught: %v", err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if crashes < 500 {
		t.Fatalf("only %d crashes", crashes)
	}
}

func crashEverywhere(t *testing.T) (crashes int, failed error) {
	m := vfs.NewMem()
	s := open(t, m, "/blobs")
	acked := map[string]string{}
	check := func(when string) {
		for keep := range 30 {
			for _, entries := range []bool{false, true} {
				crashes++
				c := m.CrashClone(vfs.Crash{
					Bytes: func(_ string, n int) int { return keep },
					Entry: func(string) bool { return entries },
				})
				again, err := Open(c, "/blobs")
				if err != nil {
					failed = errors.Join(failed, fmt.Errorf("%s, %d bytes kept: %w", when, keep, err))
					return
				}
				for id, want := range acked {
					if got, err := read(again, id); got != want {
						failed = errors.Join(failed, fmt.Errorf("%s, %d bytes kept: %s is %q, want %q (%v)", when, keep, id, got, want, err))
						return
					}
				}
			}
		}
	}
	m.Observe(func(op vfs.Op) {
		if failed == nil {
			check("crash after " + op.Name + " " + op.Path)
		}
	})
	for i := range 6 {
		body := fmt.Sprintf("body %d %s", i, strings.Repeat("x", i))
		b, err := s.Write(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		acked[b.ID] = body
		if failed == nil {
			check(fmt.Sprintf("crash after blob %d was acknowledged", i))
		}
	}
	return crashes, failed
}

func TestChecksums(t *testing.T) {
	s := open(t, vfs.NewMem(), "/b")
	b, err := s.Write(strings.NewReader("123456789"), Algorithms()...)
	if err != nil {
		t.Fatal(err)
	}
	want := map[Algorithm]string{ // the check values of each algorithm's catalogue entry, in base64
		CRC32: "y/Q5Jg==", CRC32C: "4waSgw==", CRC64NVME: "rosUhgp5mIg=",
		SHA1: "98O8HYCOBHMq32eZZczDTKeuNEE=", SHA256: "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
	}
	for a, w := range want {
		if got := b.Sums[a]; got != w {
			t.Errorf("%s: %s, want %s", a, got, w)
		}
	}
	if b.MD5 != "25f9e794323b453885f5181f1b624d0b" || b.Size != 9 {
		t.Errorf("MD5 %s, size %d", b.MD5, b.Size)
	}
}

func TestBodiesOfAllSizes(t *testing.T) {
	s := open(t, vfs.NewMem(), "/b")
	for _, n := range []int{0, 1, bufferSize - 1, bufferSize, bufferSize + 1, 3 * bufferSize} {
		body := strings.Repeat("a", n)
		b, err := s.Write(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(s, b.ID); got != body || err != nil || b.Size != int64(n) {
			t.Errorf("%d bytes came back as %d (%v)", n, len(got), err)
		}
	}
}

func TestCutBodyLeavesNothing(t *testing.T) {
	s := open(t, vfs.NewMem(), "/b")
	cut := io.MultiReader(strings.NewReader("half"), iotestErr{io.ErrUnexpectedEOF})
	if _, err := s.Write(cut); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("a cut body: %v", err)
	}
	if ids := walk(t, s); len(ids) != 0 {
		t.Errorf("left behind: %v", ids)
	}
}

type iotestErr struct{ err error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.err }

func TestFullDisk(t *testing.T) {
	for _, op := range []string{"create", "write", "sync", "syncdir", "mkdir"} {
		f := vfs.NewFaulty(vfs.NewMem())
		s := open(t, f, "/b")
		if op != "mkdir" {
			if _, err := s.Write(strings.NewReader("before")); err != nil {
				t.Fatal(err)
			}
		}
		before := walk(t, s)
		f.FailWhen(func(o vfs.Op) error {
			if o.Name == op {
				return syscall.ENOSPC
			}
			return nil
		})
		_, err := s.Write(strings.NewReader("body"))
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s fails: %v", op, err)
		}
		f.FailWhen(nil)
		if after := walk(t, s); !slices.Equal(before, after) {
			t.Errorf("%s fails: %v, then %v", op, before, after)
		}
		b, err := s.Write(strings.NewReader("after"))
		if err != nil {
			t.Errorf("%s works again: %v", op, err)
		}
		if got, _ := read(s, b.ID); got != "after" {
			t.Errorf("%s works again: %q", op, got)
		}
	}
}

func TestFolderAfterFailedSyncIsLeft(t *testing.T) {
	f := vfs.NewFaulty(vfs.NewMem())
	s := open(t, f, "/b")
	first, _ := s.Write(strings.NewReader("1"))
	f.FailWhen(func(o vfs.Op) error {
		if o.Name == "syncdir" {
			return syscall.EIO
		}
		return nil
	})
	s.Write(strings.NewReader("2"))
	f.FailWhen(nil)
	next, err := s.Write(strings.NewReader("3"))
	if err != nil || next.ID[:6] == first.ID[:6] {
		t.Errorf("after a failed sync of %s a blob went to %s (%v)", first.ID, next.ID, err)
	}
}

func TestFoldersFillAndReopen(t *testing.T) {
	m := vfs.NewMem()
	s := open(t, m, "/b")
	s.Write(strings.NewReader("1"))
	s.left = 0
	b, err := s.Write(strings.NewReader("2"))
	if err != nil || !strings.HasPrefix(b.ID, "000002/") {
		t.Fatalf("%s, %v", b.ID, err)
	}
	s = open(t, m, "/b")
	if b, _ = s.Write(strings.NewReader("3")); !strings.HasPrefix(b.ID, "000003/") {
		t.Errorf("after reopening: %s", b.ID)
	}
	if n := len(walk(t, s)); n != 3 {
		t.Errorf("%d blobs", n)
	}
	if err := s.Walk(func(ids []string) error {
		if strings.HasPrefix(ids[0], "000003/") {
			t.Error("Walk shows a folder that was begun after Open")
		}
		return s.Remove(ids[0])
	}); err != nil {
		t.Fatal(err)
	}
	s.Walk(func([]string) error { return nil })
	if _, err := m.Stat("/b/000001"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the empty folder stayed: %v", err)
	}
}

func TestWritersShareFolderSyncs(t *testing.T) {
	m := vfs.NewMem()
	s := open(t, m, "/b")
	s.Write(strings.NewReader("first"))
	var syncs, written atomic.Int32
	all := make(chan struct{})
	m.Observe(func(op vfs.Op) {
		switch op.Name {
		case "sync":
			if written.Add(1) == 50 {
				close(all)
			}
		case "syncdir":
			syncs.Add(1)
			<-all // the first sync takes until every writer waits for one
		}
	})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := s.Write(strings.NewReader("x")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if syncs := syncs.Load(); syncs > 25 {
		t.Errorf("%d folder syncs for 50 writers", syncs)
	}
}

func TestJoin(t *testing.T) {
	s := open(t, vfs.NewMem(), "/b")
	var ids []string
	var want bytes.Buffer
	for i := range 4 {
		part := strings.Repeat(fmt.Sprint(i), i*70_000) // the first part is empty
		want.WriteString(part)
		b, _ := s.Write(strings.NewReader(part))
		ids = append(ids, b.ID)
	}
	b, err := s.Join(ids, CRC32)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := read(s, b.ID); got != want.String() {
		t.Errorf("%d bytes, want %d", len(got), want.Len())
	}
	if _, err := s.Join([]string{ids[0], "000001/" + strings.Repeat("0", 32)}); err == nil {
		t.Error("joined a blob that is not there")
	}
}

func TestIDsCannotLeaveTheFolder(t *testing.T) {
	s := open(t, vfs.NewMem(), "/b")
	for _, id := range []string{"", "..", "../x", "000001/../../x", "000001/", "FORMAT", "000001/xyz"} {
		if _, err := s.Open(id); !errors.Is(err, ErrID) {
			t.Errorf("Open(%q): %v", id, err)
		}
		if err := s.Remove(id); !errors.Is(err, ErrID) {
			t.Errorf("Remove(%q): %v", id, err)
		}
	}
}

func TestAdopt(t *testing.T) {
	staging := t.TempDir()
	root, err := os.OpenRoot(staging)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, fsys := range map[string]vfs.FS{"moved": vfs.OS{}, "copied": vfs.NewMem()} {
		s := open(t, fsys, filepath.Join(t.TempDir(), "blobs"))
		os.WriteFile(filepath.Join(staging, name), []byte("123456789"), 0o600)
		b, err := s.Adopt(root, name, CRC32)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(s, b.ID); got != "123456789" || b.Sums[CRC32] != "y/Q5Jg==" {
			t.Errorf("%s: %q %v %v", name, got, b.Sums, err)
		}
		if _, err := os.Stat(filepath.Join(staging, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the staged file is still there: %v", name, err)
		}
	}
}

func TestAdoptTrustsNoName(t *testing.T) {
	staging, outside := t.TempDir(), t.TempDir()
	root, _ := os.OpenRoot(staging)
	defer root.Close()
	s := open(t, vfs.OS{}, filepath.Join(t.TempDir(), "blobs"))
	secret := filepath.Join(outside, "secret")
	os.WriteFile(secret, []byte("s"), 0o600)
	os.Symlink(secret, filepath.Join(staging, "link"))
	os.Symlink(outside, filepath.Join(staging, "folderlink"))
	os.Link(secret, filepath.Join(staging, "hard"))
	os.Mkdir(filepath.Join(staging, "folder"), 0o700)
	syscall.Mkfifo(filepath.Join(staging, "fifo"), 0o600)
	for _, name := range []string{"link", "folderlink/secret", "hard", "folder", "fifo", "../" + filepath.Base(outside) + "/secret",
		secret, "absent", ""} {
		if b, err := s.Adopt(root, name); err == nil {
			t.Errorf("adopted %q as %s", name, b.ID)
		}
	}
	if ids := walk(t, s); len(ids) != 0 {
		t.Errorf("left behind: %v", ids)
	}
	if _, err := os.Stat(secret); err != nil {
		t.Error(err)
	}
}

func BenchmarkWrite4KiB(b *testing.B) {
	s := open(b, vfs.OS{}, filepath.Join(b.TempDir(), "blobs"))
	body := bytes.Repeat([]byte("x"), 4096)
	b.SetParallelism(8)
	b.SetBytes(int64(len(body)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Write(bytes.NewReader(body), CRC64NVME); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkWrite16MiB(b *testing.B) {
	s := open(b, vfs.OS{}, filepath.Join(b.TempDir(), "blobs"))
	body := bytes.Repeat([]byte("x"), 16<<20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := s.Write(bytes.NewReader(body), CRC64NVME); err != nil {
			b.Fatal(err)
		}
	}
}
