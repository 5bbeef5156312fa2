package catalog

import (
	"fmt"
	"syscall"
	"testing"
	"time"

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

// BenchmarkPartitions finds the same 100 partitions among more and more of them: by the leading key, by an index over a number, by a number
// alone among few values of the key before it, and reads a page of a segment.
func BenchmarkPartitions(b *testing.B) {
	for _, n := range []int{1000, 100_000, 1_000_000} {
		c := withSales(b, b.TempDir())
		must(b, c.makeIndex(b, "y", "year"))
		c.many(b, n)
		for name, q := range map[string]PartitionQuery{
			"leading":  {Expression: "country = 'c000000' and year < 100"},
			"index":    {Expression: "year between 100 and 199"},
			"in":       {Expression: "year in (5, 6, 900) or year = 7"},
			"page":     {Limit: 100},
			"segment":  {Limit: 100, Segment: Segment{3, 5}},
			"bothways": {Expression: "country >= 'c000000' and year between 300 and 399", Segment: Segment{1, 5}},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				q.Database, q.Table = "shop", "sales"
				var found int
				began := processor(b)
				for b.Loop() {
					page, err := c.Partitions(b.Context(), q)
					must(b, err)
					found = len(page.Partitions)
				}
				b.ReportMetric(float64(processor(b)-began)/float64(b.N), "cpu-ns/op")
				b.ReportMetric(float64(found), "partitions")
			})
		}
	}
}

// processor is the time that the process has used of all processors.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
