package store

import (
	"context"
	"path/filepath"
	"testing"

	"penstock/internal/engine"
	"penstock/internal/sql/print"
)

// TestUpgradeFromFormat1 opens a file of the first format: of its text nothing is known, so nothing is taken for trimmed; defaults are
// shown as Redshift does where the engine's words tell.
func TestUpgradeFromFormat1(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "dev~.duckdb")
	d, err := openDatabase(ctx, path, "dev", engine.Options{Unlocked: true}, print.Prelude())
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.eng.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"ALTER TABLE penstock._columns DROP COLUMN shown", "ALTER TABLE penstock._columns DROP COLUMN trimmed",
		"UPDATE penstock._format SET version = 1",
		"INSERT INTO penstock._tables VALUES (100001, 'public', 't', 'r', 'auto', 'auto', '[]', '', false, 'admin', '', '[]')",
		"INSERT INTO penstock._columns VALUES (100001, 1, 'k', 'varchar(10)', false, '''it''''s''', '', 'lzo', false, 0, '')",
		"INSERT INTO penstock._columns VALUES (100001, 2, 'n', 'bigint', false, 'CAST(''0'' AS BIGINT)', '', 'az64', false, 0, '')",
		"INSERT INTO penstock._columns VALUES (100001, 3, 'm', 'integer', false, '5', '', 'az64', false, 0, '')",
	} {
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	c.Close()
	d.eng.Close()
	for range 2 { // the second time there is nothing to do
		if d, err = openDatabase(ctx, path, "dev", engine.Options{Unlocked: true}, print.Prelude()); err != nil {
			t.Fatal(err)
		}
		cat, err := d.Catalog(ctx)
		if err != nil {
			t.Fatal(err)
		}
		k, ok := cat.Table("public", "t")
		if !ok || k.Columns[0].Trimmed {
			t.Errorf("table %v, found %v", k, ok)
		}
		for i, want := range []string{"'it''s'::character varying", "0", "5"} {
			if got := k.Columns[i].Shown; got != want {
				t.Errorf("column %s has the default %s, want %s", k.Columns[i].Name, got, want)
			}
		}
		d.eng.Close()
	}
}
