package blob

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Adopt makes a finished file of another process into a blob: the file name below root, which must be regular, with one link, and no
// symbolic link. On the same disk it is moved, otherwise copied. The caller must know that nobody writes to it any more.
func (s *Store) Adopt(root *os.Root, name string, algorithms ...Algorithm) (Blob, error) {
	b, folder, err := s.adopt(root, name, algorithms)
	if err != nil {
		return Blob{}, fmt.Errorf("adopt %s: %w", name, err)
	}
	if err := folder.sync(); err != nil {
		return Blob{}, s.undo(b.ID, err)
	}
	return b, nil
}

func (s *Store) adopt(root *os.Root, name string, algorithms []Algorithm) (Blob, *folder, error) {
	f, info, err := openRegular(root, name)
	if err != nil {
		return Blob{}, nil, err
	}
	defer f.Close()
	blobID, folder, err := s.place()
	if err != nil {
		return Blob{}, nil, err
	}
	if !s.OnDisk() || !s.move(root, name, blobID, info) {
		b, err := s.writeFile(blobID, f, algorithms)
		if err != nil {
			return Blob{}, nil, s.undo(blobID, err)
		}
		return b, folder, root.Remove(name)
	}
	sums := newSums(algorithms)
	err = s.copy(nil, sums, f)
	if err == nil && !brokenBlobSync {
		err = f.Sync()
	}
	if err != nil {
		return Blob{}, nil, s.undo(blobID, err)
	}
	return sums.blob(blobID), folder, nil
}

// openRegular opens name below root without trusting it.
func openRegular(root *os.Root, name string) (*os.File, os.FileInfo, error) {
	if !filepath.IsLocal(name) {
		return nil, nil, errors.New("is not a name inside the staging folder")
	}
	before, err := root.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("is not a regular file but %s", before.Mode().Type())
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !os.SameFile(before, info):
		err = errors.New("was exchanged while it was opened")
	case links(info) != 1:
		err = fmt.Errorf("has %d links", links(info))
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

func links(info os.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Nlink)
	}
	return 1
}

// move renames the file into the store and reports whether the file that was opened is now there. A rename follows no link at its last
// element; that the element was still the opened file is looked at afterwards.
func (s *Store) move(root *os.Root, name, blobID string, opened os.FileInfo) bool {
	to := s.Path(blobID)
	if err := os.Rename(filepath.Join(root.Name(), name), to); err != nil {
		return false
	}
	moved, err := os.Lstat(to)
	if err == nil && os.SameFile(moved, opened) {
		return true
	}
	s.Remove(blobID)
	return false
}
