package meta

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"penstock/internal/vfs"
)

// planted is a database with the tables of schemas, as Options.New wants it.
func planted(t *testing.T, schemas ...Schema) []byte {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, schemas, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tables are the tables of a store that are not of this package.
func tables(t *testing.T, s *Store) (out []string) {
	t.Helper()
	err := s.View(t.Context(), func(tx *Tx) error {
		rows, err := tx.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'meta_%' ` +
			`AND name <> 'call_answer' ORDER BY name`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n string
			if err := rows.Scan(&n); err != nil {
				return err
			}
			out = append(out, n)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestNewStores: a new store begins with the database that it is given, and is brought on from there step by step; one that exists is left.
func TestNewStores(t *testing.T) {
	once := Schema{Name: "n", Migrations: []string{`CREATE TABLE steps (a)`}}
	twice := Schema{Name: "n", Migrations: []string{once.Migrations[0], `CREATE TABLE more (a)`}}
	given := planted(t, once, Schema{Name: "given", Migrations: []string{`CREATE TABLE given (a)`}})
	for name, c := range map[string]struct {
		prepare func(dir string)
		now     []Schema
		want    []string
	}{
		"a new store":    {func(string) {}, []Schema{once}, []string{"given", "steps"}},
		"a later schema": {func(string) {}, []Schema{twice}, []string{"given", "more", "steps"}},
		"one that exists": {func(dir string) {
			if err := openTemp(t, dir, once).Close(); err != nil {
				t.Fatal(err)
			}
		}, []Schema{twice}, []string{"more", "steps"}},
		"one that was being written": {func(dir string) {
			if err := os.WriteFile(filepath.Join(dir, fileName+".tmp"), given[:5000], 0o600); err != nil {
				t.Fatal(err)
			}
		}, []Schema{once}, []string{"given", "steps"}},
		"one whose log alone is there": {func(dir string) {
			if err := os.WriteFile(filepath.Join(dir, fileName+"-wal"), make([]byte, 4152), 0o600); err != nil {
				t.Fatal(err)
			}
		}, []Schema{once}, []string{"steps"}},
	} {
		dir := t.TempDir()
		c.prepare(dir)
		for range 2 {
			s, err := Open(t.Context(), dir, nil, Options{New: given})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := s.Migrate(t.Context(), c.now...); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := tables(t, s); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, fileName+".tmp")); err == nil {
			t.Errorf("%s: the temporary file is left", name)
		}
	}
}

// TestPlantSurvivesEveryCrash cuts the power after each step of giving a store its database: it is there whole or not at all.
func TestPlantSurvivesEveryCrash(t *testing.T) {
	given := planted(t)
	for _, bytes := range []func(string, int) int{nil, func(_ string, n int) int { return n / 2 }} {
		m := vfs.NewMem()
		if err := vfs.MkdirAll(m, "/d"); err != nil {
			t.Fatal(err)
		}
		cuts := 0
		m.Observe(func(vfs.Op) {
			for _, entry := range []func(string) bool{nil, func(string) bool { return true }} {
				after := m.CrashClone(vfs.Crash{Bytes: bytes, Entry: entry})
				if b, err := vfs.ReadFile(after, "/d/"+fileName); err == nil && !slices.Equal(b, given) {
					t.Errorf("after a crash the database has %d of %d bytes", len(b), len(given))
				}
				if err := plant(after, "/d", given); err != nil {
					t.Error(err)
				}
				if b, err := vfs.ReadFile(after, "/d/"+fileName); err != nil || !slices.Equal(b, given) {
					t.Errorf("the next start finds %d of %d bytes, %v", len(b), len(given), err)
				}
				cuts++
			}
		})
		if err := plant(m, "/d", given); err != nil || cuts < 8 {
			t.Errorf("%d cuts, %v", cuts, err)
		}
	}
}
