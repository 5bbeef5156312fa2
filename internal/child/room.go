package child

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
)

// What is left on a disk for everything else, and what a Program's folder may hold although there is less, in bytes.
const (
	leastFree   = 256 << 20
	modestFiles = 64 << 20
)

// A room is the place that a Program has for its files.
type room struct {
	folder string // "": it is not watched
	least  int64  // bytes that are to stay free
}

// excess says that the disk has too little room and that it is the folder's files which take it, or nil. That there is enough is known at
// once; only else are the files counted.
func (r room) excess() error {
	var s syscall.Statfs_t
	if r.folder == "" || syscall.Statfs(r.folder, &s) != nil {
		return nil
	}
	free := int64(s.Bavail) * int64(s.Bsize)
	if free >= r.least {
		return nil
	}
	if held := heldBy(r.folder); held > modestFiles {
		return fmt.Errorf("%w: %d MiB are free, and the program's folder holds %d MiB", ErrDisk, free>>20, held>>20)
	}
	return nil
}

// heldBy is how much the files of a folder take on the disk. What ends meanwhile does not count.
func heldBy(folder string) (sum int64) {
	_ = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			sum += st.Blocks * 512
		}
		return nil
	})
	return sum
}
