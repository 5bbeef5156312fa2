package run

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A LocalFile is a file of this machine and the name under which it is to land below its source's place.
type LocalFile struct {
	Name string // with slashes
	Path string
}

// LocalFiles lists what the arguments of a landing name: all files below a folder, under their paths in it, and single files, under their
// own names. Hidden files and what is no regular file are left out when a folder is listed.
func LocalFiles(args []string) ([]LocalFile, error) {
	var all []LocalFile
	taken := map[string]string{}
	for _, arg := range args {
		files, err := localFiles(arg)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if first, twice := taken[f.Name]; twice {
				return nil, fmt.Errorf("%s and %s would land as the same object, %s", first, f.Path, f.Name)
			}
			taken[f.Name] = f.Path
		}
		all = append(all, files...)
	}
	return all, nil
}

// missing is the error of a file or folder that does not exist; it is fs.ErrNotExist.
type missing string

// Error implements error.
func (m missing) Error() string { return "there is no file or folder " + string(m) }

// Is implements what errors.Is asks.
func (m missing) Is(target error) bool { return target == fs.ErrNotExist }

func localFiles(arg string) ([]LocalFile, error) {
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(arg)
	case err != nil:
		return nil, err
	case info.Mode().IsRegular():
		return []LocalFile{{filepath.Base(arg), arg}}, nil
	case !info.IsDir():
		return nil, fmt.Errorf("%s is neither a file nor a folder", arg)
	}
	names, err := below(arg)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no file in %s to land (hidden files and links are left out)", arg)
	}
	files := make([]LocalFile, len(names))
	for i, name := range names {
		files[i] = LocalFile{name, filepath.Join(arg, filepath.FromSlash(name))}
	}
	return files, nil
}

// below lists the regular files below dir, in order; hidden ones and folders of hidden ones are left out.
func below(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if p != dir && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() {
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(rel))
		}
		return nil
	})
	return files, err
}

// sum is a file's MD5 in hexadecimal, and its size in bytes.
func sum(path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := md5.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", 0, fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// each calls f for 0 to n-1, several at a time, until one fails or ctx ends.
func each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(uploads, n) {
		wg.Go(func() {
			for i := range work {
				if ctx.Err() != nil {
					continue
				}
				if err := f(ctx, i); err != nil {
					cancel(err) // the first one is kept
				}
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
	return context.Cause(ctx)
}
