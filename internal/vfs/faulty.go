package vfs

import (
	"io/fs"
	"sync"
)

// Faulty passes calls to another FS unless Fail answers an error for them. It is for tests of full disks and broken drives.
type Faulty struct {
	FS FS

	mu   sync.Mutex
	fail func(Op) error
}

// NewFaulty wraps fsys; nothing fails until FailWhen.
func NewFaulty(fsys FS) *Faulty { return &Faulty{FS: fsys} }

// FailWhen sets the function that is asked before each call; nil ends the failing. Names of operations are those of Op, and "open",
// "read", "readdir", "stat", "append".
func (f *Faulty) FailWhen(fn func(Op) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fn
}

func (f *Faulty) check(op, name string) error {
	f.mu.Lock()
	fn := f.fail
	f.mu.Unlock()
	if fn == nil {
		return nil
	}
	if err := fn(Op{op, name}); err != nil {
		return pathError(op, name, err)
	}
	return nil
}

func (f *Faulty) open(op, name string, fn func(string) (File, error)) (File, error) {
	if err := f.check(op, name); err != nil {
		return nil, err
	}
	file, err := fn(name)
	if err != nil {
		return nil, err
	}
	return &faultyFile{file, f, name}, nil
}

// Create implements FS.
func (f *Faulty) Create(name string) (File, error) { return f.open("create", name, f.FS.Create) }

// Append implements FS.
func (f *Faulty) Append(name string) (File, error) { return f.open("append", name, f.FS.Append) }

// Open implements FS.
func (f *Faulty) Open(name string) (File, error) { return f.open("open", name, f.FS.Open) }

// Rename implements FS.
func (f *Faulty) Rename(oldName, newName string) error {
	if err := f.check("rename", newName); err != nil {
		return err
	}
	return f.FS.Rename(oldName, newName)
}

// Remove implements FS.
func (f *Faulty) Remove(name string) error {
	if err := f.check("remove", name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// Mkdir implements FS.
func (f *Faulty) Mkdir(name string) error {
	if err := f.check("mkdir", name); err != nil {
		return err
	}
	return f.FS.Mkdir(name)
}

// ReadDir implements FS.
func (f *Faulty) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := f.check("readdir", name); err != nil {
		return nil, err
	}
	return f.FS.ReadDir(name)
}

// Stat implements FS.
func (f *Faulty) Stat(name string) (fs.FileInfo, error) {
	if err := f.check("stat", name); err != nil {
		return nil, err
	}
	return f.FS.Stat(name)
}

// SyncDir implements FS.
func (f *Faulty) SyncDir(name string) error {
	if err := f.check("syncdir", name); err != nil {
		return err
	}
	return f.FS.SyncDir(name)
}

type faultyFile struct {
	File
	f    *Faulty
	name string
}

func (f *faultyFile) Read(p []byte) (int, error) {
	if err := f.f.check("read", f.name); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.f.check("write", f.name); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f *faultyFile) Sync() error {
	if err := f.f.check("sync", f.name); err != nil {
		return err
	}
	return f.File.Sync()
}
