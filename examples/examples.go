// Package examples holds the pipelines that "penstock init" writes, and the generator of their sample data. Each is run by a test.
package examples

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed retail
var files embed.FS

// Names lists the examples.
func Names() []string { return []string{"retail"} }

// Write writes an example into dir, which is made if needed, and returns the names of the files. It overwrites nothing: a file that
// exists is an error before anything is written.
func Write(name, dir string) ([]string, error) {
	tree, err := fs.Sub(files, name)
	if err != nil {
		return nil, err
	}
	var names []string
	err = fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, p)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("there is no example %q", name)
	}
	for _, n := range names {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(n))); err == nil {
			return nil, fmt.Errorf("%s exists already in %s; nothing was written", n, dir)
		}
	}
	for _, n := range names {
		if err := write(tree, n, dir); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// ignored is what git leaves alone in a pipeline's folder: the data directory, which holds keys, and what synth writes.
const ignored = "/.penstock/\n/build/\n"

// Ignore writes .gitignore into dir and reports whether it did; one that exists stays as it is.
func Ignore(dir string) (bool, error) {
	f, err := os.OpenFile(filepath.Join(dir, ".gitignore"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = f.WriteString(ignored)
	return true, errors.Join(err, f.Close())
}

func write(tree fs.FS, name, dir string) error {
	body, err := fs.ReadFile(tree, name)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, body, 0o666)
}
