package vfs

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// A Later is an FS that puts off making names durable until Flush, for folders that are being made and that nobody was told of. A file
// that WriteFile made is whole or absent after a crash before Flush, but any of them may be absent. After Flush it does at once what it
// is asked.
type Later struct {
	FS

	mu      sync.Mutex
	folders map[string]bool // to sync
	flushed bool
}

// NewLater returns a Later over fsys.
func NewLater(fsys FS) *Later { return &Later{FS: fsys, folders: map[string]bool{}} }

// SyncDir implements FS.
func (l *Later) SyncDir(name string) error {
	if l.put(name) {
		return nil
	}
	return l.FS.SyncDir(name)
}

func (l *Later) put(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.flushed {
		l.folders[name] = true
	}
	return !l.flushed
}

// Flush makes durable what was put off, all folders at the same time.
func (l *Later) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flushed = true
	var group errgroup.Group
	for name := range l.folders {
		group.Go(func() error { return l.FS.SyncDir(name) })
	}
	l.folders = nil
	return group.Wait()
}

// OnDisk is that of the FS below.
func (l *Later) OnDisk() bool {
	o, ok := l.FS.(interface{ OnDisk() bool })
	return ok && o.OnDisk()
}

// SyncNow makes the names in a folder durable where that was put off: for one without which what comes next would be wrong.
func SyncNow(fsys FS, name string) error {
	l, ok := fsys.(*Later)
	if !ok {
		return nil
	}
	l.mu.Lock()
	off := l.folders[name]
	delete(l.folders, name)
	l.mu.Unlock()
	if !off {
		return nil
	}
	return l.FS.SyncDir(name)
}
