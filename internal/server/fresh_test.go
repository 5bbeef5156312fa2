package server

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	_ "modernc.org/sqlite"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// TestFreshTables holds fresh.db to what the steps of all schemas make of an empty store. After a step was added, write it again with
// go test ./internal/server -run TestFreshTables -update
func TestFreshTables(t *testing.T) {
	kept := fresh
	defer func() { fresh = kept }()
	fresh = nil // it may be of other schemas
	file := stepByStep(t, schemas(t))
	if *update {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("fresh.db", b, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(kept) < 100 || !bytes.Equal(kept[18:20], []byte{2, 2}) {
		t.Error("fresh.db is no database with a write-ahead log")
	}
	given := filepath.Join(t.TempDir(), "given.db")
	if err := os.WriteFile(given, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	want, got := content(t, file), content(t, given)
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			t.Fatalf("fresh.db is not what the steps of the schemas make, from entry %d of %d (%d): run "+
				"go test ./internal/server -run TestFreshTables -update", i, len(got), len(want))
		}
	}
}

// stepByStep makes a store by the steps of schemas, and returns its database file, in which nothing is left of how it was made.
func stepByStep(t *testing.T, all []meta.Schema) string {
	t.Helper()
	dir := t.TempDir()
	store, err := meta.Open(t.Context(), dir, all, meta.Options{Clock: clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	db := database(t, files[0])
	for _, s := range []string{"DELETE FROM meta_state", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return files[0]
}

func database(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// content is what stands in a database: its settings, the statements that made its tables, and all rows.
func content(t *testing.T, file string) []string {
	t.Helper()
	db := database(t, file)
	defer db.Close()
	texts := func(query string) (out []string) {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(query, err)
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(query, err)
			}
			out = append(out, s)
		}
		return append(out, "")
	}
	out := slices.Concat(texts("PRAGMA integrity_check"), texts("PRAGMA page_size"), texts("PRAGMA auto_vacuum"), texts("PRAGMA encoding"),
		texts("PRAGMA user_version"), texts("PRAGMA application_id"), texts("PRAGMA freelist_count"),
		texts("SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY type, name"))
	for _, name := range texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
		if name == "" {
			continue
		}
		columns := texts(`SELECT group_concat('quote("' || name || '")', ' || '' '' || ') FROM pragma_table_info('` + name + `')`)
		out = append(append(out, name), texts("SELECT "+columns[0]+` FROM "`+name+`" ORDER BY 1`)...)
	}
	return out
}
