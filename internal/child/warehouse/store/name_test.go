package store

import (
	"testing"

	"penstock/internal/clock"
	"penstock/internal/engine"
	"penstock/internal/sql/print"
)

// TestSchemaOfTheDatabasesName makes databases that are called as schemas are, Penstock's own among them, and opens them again.
func TestSchemaOfTheDatabasesName(t *testing.T) {
	o := Options{Dir: t.TempDir(), Engine: engine.Options{}, Prelude: print.Prelude(), Clock: clock.Real{}}
	for range 2 {
		w, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"shop", "penstock", "public", "main", "temp"} {
			if err := w.Create(t.Context(), name); err != nil {
				t.Fatal(err)
			}
			d, _ := w.Database(name)
			c, err := d.eng.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, sql := range []string{`CREATE SCHEMA IF NOT EXISTS "shop"`, `CREATE TABLE IF NOT EXISTS "shop"."t" ("a" INTEGER)`,
				`INSERT INTO "shop"."t" VALUES (1)`} {
				if _, err := c.Exec(t.Context(), sql); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
			c.Close()
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
