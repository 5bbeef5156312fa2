package vfs

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWriteFileIsWholeAfterAnyCrash(t *testing.T) {
	m := NewMem()
	if err := MkdirAll(m, "/d"); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(m, "/d/f", []byte("old value")); err != nil {
		t.Fatal(err)
	}
	clones := 0
	m.Observe(func(op Op) {
		for keep := range 12 {
			for _, entry := range []bool{false, true} {
				c := m.CrashClone(Crash{
					Bytes: func(string, int) int { return keep },
					Entry: func(string) bool { return entry },
				})
				clones++
				data, err := ReadFile(c, "/d/f")
				if got := string(data); err != nil || got != "old value" && got != "new" {
					t.Fatalf("after %s %s (keep %d, %v): %q, %v", op.Name, op.Path, keep, entry, got, err)
				}
			}
		}
	})
	if err := WriteFile(m, "/d/f", []byte("new")); err != nil {
		t.Fatal(err)
	}
	m.Observe(nil)
	if data, err := ReadFile(m.CrashClone(Crash{}), "/d/f"); err != nil || string(data) != "new" {
		t.Fatalf("acknowledged value after a crash: %q, %v", data, err)
	}
	if clones < 100 {
		t.Fatalf("only %d crash clones", clones)
	}
}

func TestCrashLosesWhatWasNotSynced(t *testing.T) {
	m := NewMem()
	f, err := m.Create("/a")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("abc"))
	f.Sync()
	f.Write([]byte("def"))
	if _, err := m.CrashClone(Crash{}).Stat("/a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a name that no SyncDir covered survived: %v", err)
	}
	if err := m.SyncDir("/"); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		c := m.CrashClone(Crash{Bytes: func(_ string, tail int) int { return n }})
		if data, _ := ReadFile(c, "/a"); string(data) != "abcdef"[:3+n] {
			t.Errorf("%d bytes kept: %q", n, data)
		}
	}
	m.Remove("/a")
	if _, err := m.CrashClone(Crash{}).Stat("/a"); err != nil {
		t.Errorf("an unsynced removal happened: %v", err)
	}
	if _, err := m.CrashClone(Crash{Entry: func(string) bool { return true }}).Stat("/a"); err == nil {
		t.Error("a removal that reached the disk did not happen")
	}
}

func TestFaultyFailsOnDemand(t *testing.T) {
	f := NewFaulty(NewMem())
	f.FailWhen(func(op Op) error {
		if op.Name == "write" {
			return syscall.ENOSPC
		}
		return nil
	})
	err := WriteFile(f, "/x", []byte("1"))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "/x.tmp") {
		t.Fatalf("full disk: %v", err)
	}
	if _, err := f.Stat("/x.tmp"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the temporary file stayed: %v", err)
	}
	f.FailWhen(nil)
	if err := WriteFile(f, "/x", []byte("1")); err != nil {
		t.Fatal(err)
	}
}

func TestFileSystemsAgree(t *testing.T) {
	for name, fsys := range map[string]FS{"os": OS{}, "mem": NewMem(), "faulty": NewFaulty(NewMem())} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := MkdirAll(fsys, filepath.Join(dir, "a/b")); err != nil {
				t.Fatal(err)
			}
			p := filepath.Join(dir, "a/b/f")
			if err := WriteFile(fsys, p, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if _, err := fsys.Create(p); !errors.Is(err, fs.ErrExist) {
				t.Errorf("create over a file: %v", err)
			}
			if _, err := fsys.Open(p + "x"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("open of nothing: %v", err)
			}
			if err := fsys.Remove(filepath.Join(dir, "a/b")); err == nil {
				t.Error("a folder with a file was removed")
			}
			names, err := fsys.ReadDir(filepath.Join(dir, "a/b"))
			if err != nil || len(names) != 1 || names[0].Name() != "f" {
				t.Errorf("ReadDir: %v, %v", names, err)
			}
			if err := MkdirAll(fsys, p); err == nil {
				t.Error("MkdirAll over a file did not fail")
			}
		})
	}
}

func TestCheckFormat(t *testing.T) {
	m := NewMem()
	if v, err := CheckFormat(m, "/", "blobs", 2); v != 2 || err != nil {
		t.Fatal(v, err)
	}
	if v, err := CheckFormat(m, "/", "blobs", 3); v != 2 || err != nil {
		t.Fatal(v, err)
	}
	if _, err := CheckFormat(m, "/", "blobs", 1); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Fatalf("a newer format was accepted: %v", err)
	}
	if _, err := CheckFormat(m, "/", "meta", 2); err == nil {
		t.Fatal("another store's folder was accepted")
	}
}
