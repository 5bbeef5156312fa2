package awsglue

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed python/awsglue/*.py python/awsglue/transforms/*.py python/awsgluedq/*.py python/startup/*.py
//go:embed python/awsglueml/*.py python/awsgluedi/*.py
var files embed.FS

// Startup is the folder of the tree, below what Write returns, that a driver's path begins with when its script is to see the Data Catalog
// without asking: --enable-glue-datacatalog.
const Startup = "startup"

// FS is the tree of packages: awsglue, awsgluedq, awsglueml and awsgluedi are folders of its root, and Startup.
func FS() fs.FS {
	tree, err := fs.Sub(files, "python")
	if err != nil { // the folder is embedded
		panic(err)
	}
	return tree
}

// Version is a hash of all files and their names: other files have another version.
func Version() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(FS(), name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s\x00%d\x00", name, len(b))
		sum.Write(b)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil))[:16], err
}

// Write puts the packages into a folder below dir that is named after their version, and returns it: what PYTHONPATH begins with. A folder
// that is there is whole, since it is written aside and renamed; it is taken as it is.
func Write(dir string) (string, error) {
	version, err := Version()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "awsglue-"+version)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	aside, err := os.MkdirTemp(dir, ".awsglue-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(aside)
	if err := copyAll(aside); err != nil {
		return "", fmt.Errorf("the Python package awsglue cannot be written: %w", err)
	}
	if err := os.Rename(aside, path); err != nil {
		if _, there := os.Stat(path); there == nil && (errors.Is(err, fs.ErrExist) || os.IsExist(err)) {
			return path, nil // another process was faster
		}
		return "", err
	}
	return path, nil
}

// copyAll writes and syncs every file below a folder that nobody else knows.
func copyAll(dir string) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	return fs.WalkDir(FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		b, err := fs.ReadFile(FS(), name)
		if err != nil {
			return err
		}
		return writeSynced(to, b)
	})
}

func writeSynced(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
