package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"penstock/internal/engine"
	"penstock/internal/sql/print"
)

// TestOpenAfterAlterInLog opens what a kill leaves behind when the log holds ALTER TABLEs of a table whose defaults are functions:
// the engine alone refuses such a file for ever.
func TestOpenAfterAlterInLog(t *testing.T) {
	ctx := context.Background()
	dir, left := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "dev~.duckdb")
	d, err := openDatabase(ctx, path, "dev", engine.Options{}, print.Prelude())
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.eng.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`CREATE SEQUENCE "main"."ids" START 5 INCREMENT 2`,
		`CREATE TABLE "main"."t" ("a" INTEGER, "id" BIGINT DEFAULT nextval('"main"."ids"'), ` +
			`"at" TIMESTAMP DEFAULT penstock_fn.rs_add_months(TIMESTAMP '2024-01-31', 1), "g" VARCHAR DEFAULT ps_rs_initcap('go'))`,
		"CHECKPOINT",
		"INSERT INTO t(a) VALUES (1)",
		"ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 7",
		"ALTER TABLE t ADD COLUMN h VARCHAR DEFAULT ps_rs_upper('x')",
		"ALTER TABLE t RENAME COLUMN b TO c",
		"ALTER TABLE t DROP COLUMN a",
		"INSERT INTO t(c) VALUES (8)",
	} {
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, name := range []string{"dev~.duckdb", "dev~.duckdb.wal"} { // as if the process were killed here
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(left, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	d.Close()
	o := engine.Options{Path: filepath.Join(left, "dev~.duckdb")}
	if eng, err := engine.Open(ctx, o); err == nil {
		eng.Close()
		t.Fatal("the engine opens the file by itself: recoverLog is not needed any more")
	}
	if d, err = openDatabase(ctx, o.Path, "dev", engine.Options{}, print.Prelude()); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if c, err = d.eng.Conn(ctx); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Exec(ctx, "INSERT INTO t(c) VALUES (9)"); err != nil {
		t.Fatal(err)
	}
	got := ""
	err = each(ctx, c, "SELECT id, c || g || h FROM t ORDER BY c", func(row []string) error {
		got += row[0] + "|" + row[1] + " "
		return nil
	})
	if want := "5|7GoX 7|8GoX 9|9GoX "; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}
