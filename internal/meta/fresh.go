package meta

import (
	"errors"
	"io/fs"
	"path/filepath"

	"penstock/internal/vfs"
)

// plant gives a new store its database. A store that has begun to be is left as it is, even if no more than its log is there, which SQLite
// knows how to deal with.
func plant(fsys vfs.FS, dir string, database []byte) error {
	name := filepath.Join(dir, fileName)
	for _, there := range []string{name, name + "-wal"} {
		if _, err := fsys.Stat(there); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return vfs.WriteFile(fsys, name, database)
}
