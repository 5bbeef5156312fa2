package warehouse_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestDeletedNamespaceLeavesNothing starts a server over the folder of a namespace that was deleted without it, as a kill between the two
// leaves it: a namespace of that name begins empty, and the folders of others stay.
func TestDeletedNamespaceLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	r.create()
	if st := r.run("CREATE TABLE t(a INT)"); st["Status"] != "FINISHED" {
		t.Fatalf("%v", st)
	}
	for _, name := range []string{"dev~.duckdb", "dev~.duckdb.wal"} {
		info, err := os.Stat(filepath.Join(r.folder(), name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	r.stop()
	left := filepath.Join(dir, "warehouse", "gone")
	if err := os.CopyFS(left, os.DirFS(r.folder())); err != nil {
		t.Fatal(err)
	}
	r = newRig(t, dir)
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the folder of the deleted namespace stays: %v", err)
	}
	if st := r.run("SELECT count(*) FROM t"); st["Status"] != "FINISHED" {
		t.Errorf("the other namespace: %v", st)
	}
}
