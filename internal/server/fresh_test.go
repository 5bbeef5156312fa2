package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// TestFreshTables holds fresh.sql to what the steps of all schemas make of an empty store. After a step was added, write it again with
// go test ./internal/server -run TestFreshTables -update
func TestFreshTables(t *testing.T) {
	all := schemas(t)
	dir := filepath.Join(t.TempDir(), "meta")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	store, err := meta.Open(t.Context(), dir, all, meta.Options{Clock: clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	want := meta.Head(all) + "\n"
	err = store.View(t.Context(), func(tx *meta.Tx) error {
		const own = `('meta_schema', 'meta_state', 'call_answer')`
		statements, err := column(tx, `SELECT sql || ';' FROM sqlite_master
			WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND tbl_name NOT IN `+own+` ORDER BY rowid`)
		if err != nil {
			return err
		}
		want += strings.Join(statements, "\n") + "\n"
		tables, err := column(tx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN `+own)
		for _, name := range tables {
			var n int
			if err := tx.QueryRow(`SELECT count(*) FROM "` + name + `"`).Scan(&n); err != nil || n > 0 {
				t.Errorf("the steps leave %d rows in %s, which fresh.sql does not: %v", n, name, err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("fresh.sql", []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if fresh != want {
		t.Error("fresh.sql is not what the steps of the schemas make: run go test ./internal/server -run TestFreshTables -update")
	}
}
