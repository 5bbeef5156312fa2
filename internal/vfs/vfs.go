package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
)

// An FS is a tree of files. Errors satisfy errors.Is with fs.ErrNotExist and fs.ErrExist.
type FS interface {
	// Create makes a new file for writing; an existing one is fs.ErrExist. The mode is 0600.
	Create(name string) (File, error)
	// Append opens a file for appending and makes it when absent.
	Append(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (File, error)
	// Rename replaces newName by oldName in one step.
	Rename(oldName, newName string) error
	// Remove takes one file or one empty folder away.
	Remove(name string) error
	// Mkdir makes one folder (0700).
	Mkdir(name string) error
	// ReadDir lists a folder by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	// Stat describes a file or folder.
	Stat(name string) (fs.FileInfo, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(name string) error
}

// A File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Writer
	io.Closer
	Sync() error
	Stat() (fs.FileInfo, error)
}

// WriteFile replaces a file so that after a crash it holds the old or the new bytes, whole: temporary file, fsync, rename, fsync of
// the folder.
func WriteFile(fsys FS, name string, data []byte) error {
	tmp := name + ".tmp"
	if err := fsys.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := fsys.Create(tmp)
	if err != nil {
		return err
	}
	if err := writeSync(f, data); err != nil {
		return errors.Join(err, fsys.Remove(tmp))
	}
	if err := fsys.Rename(tmp, name); err != nil {
		return errors.Join(err, fsys.Remove(tmp))
	}
	return fsys.SyncDir(filepath.Dir(name))
}

func writeSync(f File, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// ReadFile returns a file's bytes.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	return data, errors.Join(err, f.Close())
}

// MkdirAll makes a folder and its parents, and makes every name that it added durable.
func MkdirAll(fsys FS, name string) error {
	name = filepath.Clean(name)
	if info, err := fsys.Stat(name); err == nil {
		if !info.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: name, Err: errors.New("is a file")}
		}
		return nil
	}
	parent := filepath.Dir(name)
	if parent != name {
		if err := MkdirAll(fsys, parent); err != nil {
			return err
		}
	}
	if err := fsys.Mkdir(name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return fsys.SyncDir(parent)
}

// CheckFormat guards a store's folder with its FORMAT file: it writes version when there is none, returns the version found, and
// refuses one that is newer than this program knows.
func CheckFormat(fsys FS, dir, store string, version int) (found int, err error) {
	name := filepath.Join(dir, "FORMAT")
	data, err := ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return version, WriteFile(fsys, name, fmt.Appendf(nil, "%s %d\n", store, version))
	}
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	kind, number, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
	found, err = strconv.Atoi(number)
	if kind != store || err != nil {
		return 0, fmt.Errorf("%s does not say %q and a version, but %q", name, store, data)
	}
	if found > version {
		return 0, fmt.Errorf("%s has format version %d; this program knows versions up to %d: use the newer program that wrote it",
			dir, found, version)
	}
	return found, nil
}
