package blob

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"sync"

	"penstock/internal/id"
	"penstock/internal/pattern"
	"penstock/internal/vfs"
)

// Format is the version of the folder's layout that this program writes.
const Format = 1

// perFolder is how many blobs go into a folder before the next is begun. Large enough that writers share syncs of it, small enough for
// tools that list folders.
const perFolder = 4096

// bufferSize is what is read, hashed and written at once.
const bufferSize = 256 << 10

// ErrID is answered for a text that is no blob id.
var ErrID = errors.New("not a blob id")

// A Blob describes immutable bytes on disk.
type Blob struct {
	ID   string // "000001/5d41402abc4b2a76b9719d911017c592": the file's path below the store's folder
	Size int64
	MD5  string               // lower-case hexadecimal
	Sums map[Algorithm]string // base64, as S3 writes them
}

// A Store is a folder of blobs. Its methods may be called from any goroutine.
type Store struct {
	fs  vfs.FS
	dir string

	sealed int // the highest folder that was there at Open: no new blob goes there, so what it holds without a row is an orphan

	mu     sync.Mutex
	last   int     // the highest folder
	folder *folder // where new blobs go; nil before the first
	left   int     // how many more fit into it

	buffers sync.Pool
}

// Open opens or makes the store in dir.
func Open(fsys vfs.FS, dir string) (*Store, error) {
	s := &Store{fs: fsys, dir: dir}
	s.buffers.New = func() any { b := make([]byte, bufferSize); return &b }
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open blob store %s: %w", dir, err)
	}
	return s, nil
}

func (s *Store) open() error {
	if err := vfs.MkdirAll(s.fs, s.dir); err != nil {
		return err
	}
	if _, err := vfs.CheckFormat(s.fs, s.dir, "blobs", Format); err != nil {
		return err
	}
	if err := s.clearSmall(); err != nil {
		return err
	}
	numbers, err := s.folders()
	if err != nil || len(numbers) == 0 {
		return err
	}
	s.last = numbers[len(numbers)-1]
	s.sealed = s.last
	// A crash between mkdir and the sync of its parent may have left a folder whose name is not durable yet.
	return s.fs.SyncDir(s.dir)
}

// folders lists the numbers of the store's folders, lowest first.
func (s *Store) folders() ([]int, error) {
	entries, err := s.fs.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && e.IsDir() {
			out = append(out, n)
		}
	}
	return out, nil
}

func folderName(number int) string { return fmt.Sprintf("%06d", number) }

func (s *Store) folderPath(number int) string { return filepath.Join(s.dir, folderName(number)) }

// place chooses the name of a new blob and the folder to sync after it is written.
func (s *Store) place() (blobID string, f *folder, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.folder == nil || s.left == 0 || s.folder.broken() {
		if err := s.nextFolder(); err != nil {
			return "", nil, err
		}
	}
	s.left--
	return folderName(s.folder.number) + "/" + id.Hex(16), s.folder, nil
}

func (s *Store) nextFolder() error {
	path := s.folderPath(s.last + 1)
	if err := s.fs.Mkdir(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.syncDir(s.dir); err != nil {
		return err
	}
	s.last++
	s.folder, s.left = &folder{number: s.last, path: path, fs: s.fs}, perFolder
	return nil
}

func (s *Store) syncDir(dir string) error {
	if brokenFolderSync {
		return nil
	}
	return s.fs.SyncDir(dir)
}

// Path is the file of a blob. It is a path of the machine only when the store lies on vfs.OS.
func (s *Store) Path(blobID string) string { return filepath.Join(s.dir, filepath.FromSlash(blobID)) }

// OnDisk says whether Path names the machine's own files.
func (s *Store) OnDisk() bool {
	o, ok := s.fs.(interface{ OnDisk() bool })
	return ok && o.OnDisk()
}

var idForm = pattern.Lazy(`^[0-9]{6,}/[0-9a-f]{32}$`)

// Open opens a blob for reading. On vfs.OS the file is an *os.File.
func (s *Store) Open(blobID string) (vfs.File, error) {
	if !idForm().MatchString(blobID) {
		return nil, fmt.Errorf("open %q: %w", blobID, ErrID)
	}
	return s.fs.Open(s.Path(blobID))
}

// Remove takes a blob away; one that is gone already is no error. The removal is not synced: a blob that comes back after a crash has no
// row and is swept again.
func (s *Store) Remove(blobID string) error {
	if !idForm().MatchString(blobID) {
		return fmt.Errorf("remove %q: %w", blobID, ErrID)
	}
	if err := s.fs.Remove(s.Path(blobID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Walk calls fn with the ids of the blobs that were there when the store was opened, folder by folder. It takes empty folders away.
func (s *Store) Walk(fn func(ids []string) error) error {
	numbers, err := s.folders()
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if n > s.sealed {
			break
		}
		ids, err := s.list(n)
		if err != nil {
			return err
		}
		if len(ids) == 0 && n < s.sealed { // the highest one stays, so that no number is given twice
			s.fs.Remove(s.folderPath(n)) // fails when something foreign lies in it, and then it stays
			continue
		}
		if err := fn(ids); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) list(folder int) ([]string, error) {
	entries, err := s.fs.ReadDir(s.folderPath(folder))
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(entries))
	for _, e := range entries {
		if blobID := folderName(folder) + "/" + e.Name(); idForm().MatchString(blobID) {
			ids = append(ids, blobID)
		}
	}
	return ids, nil
}

// Write stores what r gives until io.EOF. Any other error of r leaves nothing behind and is returned as it is.
func (s *Store) Write(r io.Reader, algorithms ...Algorithm) (Blob, error) {
	blobID, folder, err := s.place()
	if err != nil {
		return Blob{}, err
	}
	b, err := s.writeFile(blobID, r, algorithms)
	if err == nil {
		err = folder.sync()
	}
	if err != nil {
		return Blob{}, s.undo(blobID, err)
	}
	return b, nil
}

// undo removes what a failed write left; that it cannot is worth a word but changes nothing, since the next start sweeps it.
func (s *Store) undo(blobID string, err error) error {
	if e := s.Remove(blobID); e != nil {
		return fmt.Errorf("%w (and its file could not be removed: %w)", err, e)
	}
	return err
}

func (s *Store) writeFile(blobID string, r io.Reader, algorithms []Algorithm) (Blob, error) {
	f, err := s.fs.Create(s.Path(blobID))
	if err != nil {
		return Blob{}, err
	}
	sums := newSums(algorithms)
	err = s.copy(f, sums, r)
	if err == nil && !brokenBlobSync {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return sums.blob(blobID), err
}

// copy reads r to its end into the hashes and the file (which may be nil).
func (s *Store) copy(w io.Writer, sums *sums, r io.Reader) error {
	bufp := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(bufp)
	for {
		n, err := fill(r, *bufp)
		sums.Write((*bufp)[:n])
		if w != nil && n > 0 {
			if _, err := w.Write((*bufp)[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fill reads until buf is full or r ends. Unlike io.ReadFull it keeps a reader's io.ErrUnexpectedEOF (a body that was cut) apart from a
// short last read.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = r.Read(buf[n:])
		n += k
	}
	return n, err
}

// Describe hashes what r gives, the bytes of a blob that the caller has opened.
func (s *Store) Describe(blobID string, r io.Reader, algorithms ...Algorithm) (Blob, error) {
	sums := newSums(algorithms)
	err := s.copy(nil, sums, r)
	return sums.blob(blobID), err
}

// Join stores the bytes of several blobs, in order, as one.
func (s *Store) Join(ids []string, algorithms ...Algorithm) (Blob, error) {
	r := &chain{store: s, ids: ids}
	b, err := s.Write(r, algorithms...)
	return b, errors.Join(err, r.close())
}

// chain reads blobs one after the other.
type chain struct {
	store *Store
	ids   []string
	cur   vfs.File
}

func (c *chain) Read(p []byte) (int, error) {
	for {
		if c.cur == nil {
			if len(c.ids) == 0 {
				return 0, io.EOF
			}
			f, err := c.store.Open(c.ids[0])
			if err != nil {
				return 0, err
			}
			c.cur, c.ids = f, c.ids[1:]
		}
		n, err := c.cur.Read(p)
		if err != io.EOF {
			return n, err
		}
		if err := c.close(); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (c *chain) close() error {
	if c.cur == nil {
		return nil
	}
	f := c.cur
	c.cur = nil
	return f.Close()
}
