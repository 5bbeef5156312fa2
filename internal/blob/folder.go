package blob

import (
	"sync"

	"penstock/internal/vfs"
)

// A folder is a folder of blobs whose names are made durable in groups.
type folder struct {
	number int
	path   string
	fs     vfs.FS

	mu      sync.Mutex
	next    *syncGroup // gathers those whose names the next sync will cover
	failed  bool
	running sync.Mutex // held by the group that syncs
}

type syncGroup struct {
	done chan struct{}
	err  error
}

// sync returns once a sync of the folder that began after the call has ended. The first of a group does it for all.
func (f *folder) sync() error {
	if brokenFolderSync {
		return nil
	}
	f.mu.Lock()
	g := f.next
	leads := g == nil
	if leads {
		g = &syncGroup{done: make(chan struct{})}
		f.next = g
	}
	f.mu.Unlock()
	if leads {
		f.lead(g)
	} else {
		<-g.done
	}
	return g.err
}

func (f *folder) lead(g *syncGroup) {
	f.running.Lock()
	f.mu.Lock()
	f.next = nil // whoever comes now may have a name that this sync misses
	f.mu.Unlock()
	g.err = f.fs.SyncDir(f.path)
	if g.err != nil {
		f.mu.Lock()
		f.failed = true
		f.mu.Unlock()
	}
	f.running.Unlock()
	close(g.done)
}

// broken says that a sync of this folder failed. What it holds then is unknown, and a later sync may report success without having
// written the earlier names, so no new blob goes there.
func (f *folder) broken() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}
