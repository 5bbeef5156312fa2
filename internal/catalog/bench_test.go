package catalog

import (
	"fmt"
	"testing"

	"penstock/internal/meta"
)

// BenchmarkLookup reads tables from the database, of 100 databases with 100 tables each.
func BenchmarkLookup(b *testing.B) {
	c, _ := open(b)
	for d := range 100 {
		err := c.store.Update(b.Context(), func(tx *meta.Tx) error {
			if err := c.CreateDatabaseTx(tx, Database{Name: fmt.Sprintf("db%d", d)}); err != nil {
				return err
			}
			for t := range 100 {
				x := orders()
				x.Database, x.Name = fmt.Sprintf("db%d", d), fmt.Sprintf("t%d", t)
				if err := c.CreateTableTx(tx, x); err != nil {
					return err
				}
			}
			return nil
		})
		must(b, err)
	}
	b.Run("table", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_, err := view(b.Context(), c, func(tx *meta.Tx) (*Table, error) {
				return c.TableTx(tx, fmt.Sprintf("db%d", i%100), fmt.Sprintf("t%d", i/100%100))
			})
			must(b, err)
		}
	})
	b.Run("tables", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_, _, err := c.Tables(b.Context(), fmt.Sprintf("db%d", i%100), "t3", 50, nil)
			must(b, err)
		}
	})
	b.Run("alltables", func(b *testing.B) {
		for b.Loop() {
			_, _, err := c.AllTables(b.Context(), "db5", "t3", 50)
			must(b, err)
		}
	})
}
