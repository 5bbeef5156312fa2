package vfs

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Mem is a file system in memory that keeps apart what was written and what was synced. The zero value is not usable: call NewMem.
type Mem struct {
	mu      sync.Mutex
	root    *node
	observe func(Op)
}

// An Op names one call that changed a Mem or made a change durable: "create", "write", "sync", "syncdir", "rename", "remove", "mkdir".
type Op struct {
	Name, Path string
}

// node is a file or a folder. children is what a reader sees; durable is what the last SyncDir made permanent.
type node struct {
	dir      bool
	data     []byte // a file's bytes as readers see them
	synced   []byte // a file's bytes as the last Sync left them
	children map[string]*node
	durable  map[string]*node
}

func newDir() *node {
	return &node{dir: true, children: map[string]*node{}, durable: map[string]*node{}}
}

// NewMem returns an empty Mem.
func NewMem() *Mem { return &Mem{root: newDir()} }

// Observe sets a function that is called after each Op, without locks held, in the goroutine that made the change. A crash test takes
// a CrashClone in it.
func (m *Mem) Observe(fn func(Op)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.observe = fn
}

func (m *Mem) done(name, path string) {
	m.mu.Lock()
	fn := m.observe
	m.mu.Unlock()
	if fn != nil {
		fn(Op{name, path})
	}
}

// A Crash decides what survives of that which was not synced. Nil fields keep nothing.
type Crash struct {
	// Bytes returns how many of the n unsynced bytes at a file's end are on disk after the crash.
	Bytes func(path string, n int) int
	// Entry reports whether an unsynced change of a name in a folder (added, replaced or removed) is on disk after the crash.
	Entry func(path string) bool
}

// CrashClone returns the file system as it would be found after a power cut now. The receiver goes on unharmed.
func (m *Mem) CrashClone(c Crash) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Mem{root: m.root.crash("/", c)}
}

func (n *node) crash(path string, c Crash) *node {
	if !n.dir {
		keep := slices.Clone(n.synced)
		if tail := len(n.data) - len(n.synced); tail > 0 && c.Bytes != nil {
			k := min(max(c.Bytes(path, tail), 0), tail)
			keep = slices.Clone(n.data[:len(n.synced)+k])
		}
		return &node{data: keep, synced: slices.Clone(keep)}
	}
	names := map[string]*node{}
	for name, child := range n.durable {
		if n.children[name] == child || c.Entry == nil || !c.Entry(filepath.Join(path, name)) {
			names[name] = child
		}
	}
	for name, child := range n.children {
		if n.durable[name] != child && c.Entry != nil && c.Entry(filepath.Join(path, name)) {
			names[name] = child
		}
	}
	out := newDir()
	for name, child := range names {
		k := child.crash(filepath.Join(path, name), c)
		out.children[name], out.durable[name] = k, k
	}
	return out
}

func pathError(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

// find returns the node at name, or nil.
func (m *Mem) find(name string) *node {
	n := m.root
	for _, part := range split(name) {
		if n == nil || !n.dir {
			return nil
		}
		n = n.children[part]
	}
	return n
}

func split(name string) []string {
	return strings.FieldsFunc(filepath.ToSlash(filepath.Clean(name)), func(r rune) bool { return r == '/' })
}

// parent returns the folder of name and its last element.
func (m *Mem) parent(op, name string) (*node, string, error) {
	dir, base := filepath.Split(filepath.Clean(name))
	n := m.find(dir)
	if n == nil || !n.dir {
		return nil, "", pathError(op, name, fs.ErrNotExist)
	}
	return n, base, nil
}

// Create implements FS.
func (m *Mem) Create(name string) (File, error) {
	f, err := m.openWrite("create", name, true)
	if err != nil {
		return nil, err
	}
	m.done("create", name)
	return f, nil
}

// Append implements FS.
func (m *Mem) Append(name string) (File, error) {
	f, err := m.openWrite("append", name, false)
	if err != nil {
		return nil, err
	}
	m.done("create", name)
	return f, nil
}

func (m *Mem) openWrite(op, name string, exclusive bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent(op, name)
	if err != nil {
		return nil, err
	}
	n := dir.children[base]
	if n != nil && (exclusive || n.dir) {
		return nil, pathError(op, name, fs.ErrExist)
	}
	if n == nil {
		n = &node{}
		dir.children[base] = n
	}
	return &memFile{m: m, n: n, name: name, write: true}, nil
}

// Open implements FS.
func (m *Mem) Open(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(name)
	if n == nil {
		return nil, pathError("open", name, fs.ErrNotExist)
	}
	if n.dir {
		return nil, pathError("open", name, errors.New("is a folder"))
	}
	return &memFile{m: m, n: n, name: name}, nil
}

// Rename implements FS.
func (m *Mem) Rename(oldName, newName string) error {
	if err := m.rename(oldName, newName); err != nil {
		return err
	}
	m.done("rename", newName)
	return nil
}

func (m *Mem) rename(oldName, newName string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, oldBase, err := m.parent("rename", oldName)
	if err != nil {
		return err
	}
	to, newBase, err := m.parent("rename", newName)
	if err != nil {
		return err
	}
	n := from.children[oldBase]
	if n == nil {
		return pathError("rename", oldName, fs.ErrNotExist)
	}
	delete(from.children, oldBase)
	to.children[newBase] = n
	return nil
}

// Remove implements FS.
func (m *Mem) Remove(name string) error {
	if err := m.remove(name); err != nil {
		return err
	}
	m.done("remove", name)
	return nil
}

func (m *Mem) remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent("remove", name)
	if err != nil {
		return err
	}
	n := dir.children[base]
	if n == nil {
		return pathError("remove", name, fs.ErrNotExist)
	}
	if len(n.children) > 0 {
		return pathError("remove", name, errors.New("folder is not empty"))
	}
	delete(dir.children, base)
	return nil
}

// Mkdir implements FS.
func (m *Mem) Mkdir(name string) error {
	if err := m.mkdir(name); err != nil {
		return err
	}
	m.done("mkdir", name)
	return nil
}

func (m *Mem) mkdir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent("mkdir", name)
	if err != nil {
		return err
	}
	if dir.children[base] != nil {
		return pathError("mkdir", name, fs.ErrExist)
	}
	dir.children[base] = newDir()
	return nil
}

// ReadDir implements FS.
func (m *Mem) ReadDir(name string) ([]fs.DirEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(name)
	if n == nil || !n.dir {
		return nil, pathError("readdir", name, fs.ErrNotExist)
	}
	var out []fs.DirEntry
	for base, child := range n.children {
		out = append(out, fs.FileInfoToDirEntry(child.info(base)))
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// Stat implements FS.
func (m *Mem) Stat(name string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(name)
	if n == nil {
		return nil, pathError("stat", name, fs.ErrNotExist)
	}
	return n.info(filepath.Base(name)), nil
}

// SyncDir implements FS.
func (m *Mem) SyncDir(name string) error {
	m.mu.Lock()
	n := m.find(name)
	if n == nil || !n.dir {
		m.mu.Unlock()
		return pathError("syncdir", name, fs.ErrNotExist)
	}
	n.durable = map[string]*node{}
	for base, child := range n.children {
		n.durable[base] = child
	}
	m.mu.Unlock()
	m.done("syncdir", name)
	return nil
}

type memInfo struct {
	name string
	size int64
	dir  bool
}

func (n *node) info(name string) fs.FileInfo { return memInfo{name, int64(len(n.data)), n.dir} }

func (i memInfo) Name() string { return i.name }
func (i memInfo) Size() int64  { return i.size }
func (i memInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}
func (i memInfo) ModTime() time.Time { return time.Time{} }
func (i memInfo) IsDir() bool        { return i.dir }
func (i memInfo) Sys() any           { return nil }

// memFile is an open file of a Mem. Writes go to the end: the stores write files once, front to back.
type memFile struct {
	m      *Mem
	n      *node
	name   string
	write  bool
	off    int64
	closed bool
}

func (f *memFile) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, f.off)
	f.off += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.closed {
		return 0, pathError("read", f.name, fs.ErrClosed)
	}
	if off >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) Seek(off int64, whence int) (int64, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		off += f.off
	case io.SeekEnd:
		off += int64(len(f.n.data))
	}
	if off < 0 {
		return 0, pathError("seek", f.name, fs.ErrInvalid)
	}
	f.off = off
	return off, nil
}

func (f *memFile) Write(p []byte) (int, error) {
	f.m.mu.Lock()
	if f.closed || !f.write {
		f.m.mu.Unlock()
		return 0, pathError("write", f.name, fs.ErrClosed)
	}
	f.n.data = append(f.n.data, p...)
	f.m.mu.Unlock()
	f.m.done("write", f.name)
	return len(p), nil
}

func (f *memFile) Sync() error {
	f.m.mu.Lock()
	if f.closed {
		f.m.mu.Unlock()
		return pathError("sync", f.name, fs.ErrClosed)
	}
	f.n.synced = slices.Clone(f.n.data)
	f.m.mu.Unlock()
	f.m.done("sync", f.name)
	return nil
}

func (f *memFile) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.closed {
		return pathError("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	return nil
}

func (f *memFile) Stat() (fs.FileInfo, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return f.n.info(filepath.Base(f.name)), nil
}
