package blob

import (
	"errors"
	"io/fs"
	"path/filepath"

	"penstock/internal/vfs"
)

// smallFolder holds files of bytes that live elsewhere, for readers that know paths only. They are not synced, and each start begins
// without any.
const smallFolder = "small"

// SmallPath is the file of a small body.
func (s *Store) SmallPath(name string) string { return filepath.Join(s.dir, smallFolder, name) }

// WriteSmall makes the file of a small body. One file is made by one caller at a time.
func (s *Store) WriteSmall(name string, body []byte) (path string, err error) {
	path = s.SmallPath(name)
	if err := s.RemoveSmall(name); err != nil {
		return "", err
	}
	f, err := s.fs.Create(path)
	if err != nil {
		return "", err
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, s.RemoveSmall(name))
	}
	return path, nil
}

// RemoveSmall takes the file of a small body away; one that is gone already is no error.
func (s *Store) RemoveSmall(name string) error {
	if err := s.fs.Remove(s.SmallPath(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// clearSmall makes the folder, or empties it.
func (s *Store) clearSmall() error {
	if err := vfs.MkdirAll(s.fs, filepath.Join(s.dir, smallFolder)); err != nil {
		return err
	}
	entries, err := s.fs.ReadDir(filepath.Join(s.dir, smallFolder))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := s.RemoveSmall(e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// Of returns what a Blob of these bytes would be, without an ID.
func Of(body []byte, algorithms ...Algorithm) Blob {
	sums := newSums(algorithms)
	sums.Write(body) //nolint:errcheck // it computes
	return sums.blob("")
}
