package catalog

import (
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

// TestTablesInMemoryFollowChanges reads a table after each kind of change, in the same and in other letters, and changes what it was given.
func TestTablesInMemoryFollowChanges(t *testing.T) {
	m := metatest.OpenTemp(t, Schema)
	c := Open(m, region, clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(location string) {
		t.Helper()
		for range 2 {
			got, err := c.Table(t.Context(), "Db", "Orders")
			if location == "" {
				if err == nil {
					t.Errorf("the table is there: %+v", got)
				}
				continue
			}
			must(err)
			if got.Location() != location || got.Parameters["a"] != "b" || got.Columns()[0].Name != "x" || got.PartitionKeys[0].Name != "dt" {
				t.Errorf("%+v, want %s", got, location)
			}
			got.Parameters["a"], got.Storage.Location, got.Storage.Columns[0].Name, got.PartitionKeys[0].Name = "!", "!", "!", "!"
		}
	}
	table := func(location string) Table {
		return Table{Database: "db", Name: "orders", Parameters: map[string]string{"a": "b"}, PartitionKeys: []Column{{Name: "dt"}},
			Storage: &Storage{Location: location, Columns: []Column{{Name: "x"}}}}
	}
	want("")
	must(c.CreateDatabase(t.Context(), Database{Name: "db"}))
	want("")
	must(c.CreateTable(t.Context(), table("1")))
	want("1")
	must(c.UpdateTable(t.Context(), table("2"), UpdateOptions{}))
	want("2")
	must(m.Update(t.Context(), func(tx *meta.Tx) error { return c.UpdateTableTx(tx, table("3"), UpdateOptions{}) }))
	want("3")
	must(c.DeleteTable(t.Context(), "DB", "ORDERS"))
	want("")
	must(c.CreateTable(t.Context(), table("4")))
	want("4")
	must(c.DeleteDatabase(t.Context(), "dB"))
	want("")
	must(c.CreateDatabase(t.Context(), Database{Name: "db"}))
	must(c.CreateTable(t.Context(), table("5")))
	want("5")
}

func BenchmarkTable(b *testing.B) {
	c := Open(metatest.OpenTemp(b, Schema), region, clock.Real{})
	if err := c.CreateDatabase(b.Context(), Database{Name: "db"}); err != nil {
		b.Fatal(err)
	}
	columns := make([]Column, 20)
	for i := range columns {
		columns[i] = Column{Name: string(rune('a' + i)), Type: "string"}
	}
	if err := c.CreateTable(b.Context(), Table{Database: "db", Name: "t", Storage: &Storage{Columns: columns}}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := c.Table(b.Context(), "db", "t"); err != nil {
			b.Fatal(err)
		}
	}
}
