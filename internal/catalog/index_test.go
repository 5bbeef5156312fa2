package catalog

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
)

// withSales has a table with keys of all kinds that an index may have, and a decimal.
func withSales(t testing.TB, dir string) *Catalog {
	t.Helper()
	clk := clock.NewManual(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	c := Open(metatest.Open(t, dir, clk, due.Schema, Schema), region, clk)
	if _, err := c.Database(t.Context(), "shop"); err == nil {
		return c
	}
	must(t, c.CreateDatabase(t.Context(), Database{Name: "shop"}))
	must(t, c.CreateTable(t.Context(), Table{Database: "shop", Name: "sales", PartitionKeys: []Column{{Name: "country", Type: "string"},
		{Name: "year", Type: "int"}, {Name: "day", Type: "date"}, {Name: "amount", Type: "decimal(9,2)"}}, Storage: &Storage{}}))
	return c
}

func (c *Catalog) makeIndex(t testing.TB, name string, keys ...string) error {
	t.Helper()
	return c.store.Update(t.Context(), func(tx *meta.Tx) error { return c.CreateIndexTx(tx, "shop", "sales", name, keys) })
}

func (c *Catalog) dropIndexNamed(t testing.TB, name string) error {
	t.Helper()
	return c.store.Update(t.Context(), func(tx *meta.Tx) error { return c.DeleteIndexTx(tx, "shop", "sales", name) })
}

func (c *Catalog) count(t testing.TB, table string) (n int) {
	t.Helper()
	must(t, c.store.View(t.Context(), func(tx *meta.Tx) error { return tx.QueryRow("SELECT count(*) FROM " + table).Scan(&n) }))
	return n
}

// runFor works until the condition holds.
func (c *Catalog) runFor(t testing.TB, until func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, slog.New(slog.DiscardHandler)) }()
	for i := 0; !until(); i++ {
		if i > 3000 {
			t.Fatal("it does not come to an end")
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	must(t, <-done)
}

func (c *Catalog) stateOf(t testing.TB, name string) string {
	t.Helper()
	list, err := c.Indexes(t.Context(), "shop", "sales")
	must(t, err)
	for _, x := range list {
		if x.Name == name {
			return x.State
		}
	}
	return ""
}

func TestIndexLimits(t *testing.T) {
	c := withSales(t, t.TempDir())
	wantReason(t, c.makeIndex(t, "a", "none"), Invalid, "Index key none is not a partition key of table sales")
	wantReason(t, c.makeIndex(t, "a", "year", "YEAR"), Invalid, "Index a has the key YEAR twice")
	wantReason(t, c.makeIndex(t, "a", "amount"), Invalid, "Index key amount has the type decimal(9,2): an index has keys of string, char, "+
		"varchar, tinyint, smallint, int, bigint and date only")
	must(t, c.makeIndex(t, "a", "Year", "country"))
	wantReason(t, c.makeIndex(t, "a", "day"), Exists, "Index with the given indexName : a already exists")
	must(t, c.makeIndex(t, "b", "day"))
	must(t, c.makeIndex(t, "c", "country"))
	wantReason(t, c.makeIndex(t, "d", "country"), TooMany, "Number of partition indexes on table sales has reached the limit: 3")
	wantReason(t, c.dropIndexNamed(t, "d"), NotFound, "Index with the given indexName : d does not exist")
	list, err := c.Indexes(t.Context(), "Shop", "SALES")
	must(t, err)
	if got := fmt.Sprint(list); got != "[{a [{year int <nil> map[]} {country string <nil> map[]}] ACTIVE []} "+
		"{b [{day date <nil> map[]}] ACTIVE []} {c [{country string <nil> map[]}] ACTIVE []}]" {
		t.Error(got)
	}
	table, err := c.Table(t.Context(), "shop", "sales")
	must(t, err)
	table.PartitionKeys[1].Type = "bigint"
	wantReason(t, c.UpdateTable(t.Context(), *table, UpdateOptions{}), Invalid,
		"Table sales has partition indexes: its partition keys cannot change")
	_, err = c.CreatePartitions(t.Context(), "shop", "sales", []Partition{{Values: []string{"de", "MMXX", "2020-01-01", "1"}}})
	wantReason(t, err, Invalid, `Partition value "MMXX" is no int, which partition index a needs for key year`)
	_, err = c.CreatePartitions(t.Context(), "shop", "sales", []Partition{{Values: []string{"de", "2020", "1.1.2020", "1"}}})
	wantReason(t, err, Invalid, `Partition value "1.1.2020" is no date, which partition index b needs for key day`)
	for _, name := range []string{"a", "b", "c"} {
		must(t, c.dropIndexNamed(t, name))
	}
	if n := c.count(t, "catalog_index"); n != 0 {
		t.Errorf("%d indexes are left", n)
	}
}

// TestIndexesChangeNothing asks a table with and without indexes for the same: random partitions, which come, move and go, and random
// expressions, in pages.
func TestIndexesChangeNothing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	c := withSales(t, t.TempDir())
	row := func() []string {
		return []string{pick("de", "fr", "it", "us", "u", "", NullValue), pick("2019", "2020", "02020", "-5", "+7", "7",
			"12345678901", NullValue),
			pick("2020-01-01", "2020-12-31", "2021-06-15", NullValue), pick("1", "1.0", "10", "9.99")}
	}
	fill := func(n int) {
		var list []Partition
		for range n {
			if r := row(); r[0] != "" {
				list = append(list, Partition{Values: r, Storage: &Storage{Location: "s3://b/" + strings.Join(r, "/")}})
			}
		}
		_, err := c.CreatePartitions(t.Context(), "shop", "sales", list)
		must(t, err)
	}
	fill(150)
	must(t, c.makeIndex(t, "y", "year", "country"))
	must(t, c.makeIndex(t, "d", "day"))
	must(t, c.makeIndex(t, "dy", "day", "year"))
	fill(150)
	all := func(expression string, limit int, g Segment) (out []string) {
		q := PartitionQuery{Database: "shop", Table: "sales", Expression: expression, Limit: limit, Segment: g}
		for {
			page, err := c.Partitions(t.Context(), q)
			must(t, err)
			for _, p := range page.Partitions {
				out = append(out, strings.Join(p.Values, "|"))
				if p.Storage.Location != "s3://b/"+strings.Join(p.Values, "/") {
					t.Fatalf("%v lies at %s", p.Values, p.Storage.Location)
				}
			}
			if page.Next == nil {
				return out
			}
			q.After = page.Next
		}
	}
	for _, v := range all("", 1000, Segment{})[:40] {
		values, to := strings.Split(v, "|"), row()
		if to[0] == "" {
			_, err := c.DeletePartitions(t.Context(), "shop", "sales", [][]string{values})
			must(t, err)
		} else if err := c.UpdatePartition(t.Context(), "shop", "sales", values,
			Partition{Values: to, Storage: &Storage{Location: "s3://b/" + strings.Join(to, "/")}}); err != nil {
			wantReason(t, err, Exists, "Partition already exists.")
		}
	}
	if n, m := c.count(t, "catalog_index_entry"), c.count(t, "catalog_partition"); n != 3*m {
		t.Fatalf("%d entries of three indexes for %d partitions", n, m)
	}
	condition := func() string {
		return pick("country = 'de'", "country in ('fr', 'us', 'x')", "country > 'f'", "country like 'u%'", "country is null", "year = 2020",
			"year in (7, -5, 99)", "year between 0 and 3000", "year < 7",
			"year >= 99999999999999999999", "year <= 99999999999999999999", "year <> 7",
			"year is null", "year is not null", "day = '2020-01-01'", "day > '2020-06-01'", "day <= '2020-12-31'", "day is null",
			"amount = 1", "amount > 9.5", "not year = 7", "not (country = 'de' or year = 7)")
	}
	some := 0
	everyone := all("", 1000, Segment{})
	for range 200 {
		expression := condition()
		for range rnd.IntN(4) {
			expression = pick("("+expression+")", expression) + pick(" and ", " and ", " or ") + condition()
		}
		f, err := CompileFilter(expression, []Column{{Name: "country", Type: "string"}, {Name: "year", Type: "int"}, {Name: "day", Type: "date"},
			{Name: "amount", Type: "decimal(9,2)"}})
		must(t, err)
		var want []string
		for _, v := range everyone {
			ok, err := f.Match(strings.Split(v, "|"))
			must(t, err)
			if ok {
				want = append(want, v)
			}
		}
		if some += len(want); !slices.Equal(all(expression, 1+rnd.IntN(40), Segment{}), want) {
			t.Errorf("%s: %v, want %v", expression, all(expression, 1000, Segment{}), want)
		}
		var parts []string
		for i := range 3 {
			parts = append(parts, all(expression, 7, Segment{i, 3})...)
		}
		slices.Sort(parts)
		slices.Sort(want)
		if !slices.Equal(parts, want) {
			t.Errorf("the segments of %s are %v, want %v", expression, parts, want)
		}
	}
	if some < 1000 {
		t.Errorf("only %d rows matched in all", some)
	}
}

// many makes n partitions: a country a thousand, and the year counts up.
func (c *Catalog) many(t testing.TB, n int) {
	t.Helper()
	for i := 0; i < n; {
		var list []Partition
		for range min(5000, n-i) {
			list = append(list, Partition{Values: []string{fmt.Sprintf("c%06d", i/1000), fmt.Sprint(i), "2020-01-01", "1"},
				Storage: &Storage{Location: fmt.Sprintf("s3://b/%d/", i)}})
			i++
		}
		_, err := c.CreatePartitions(t.Context(), "shop", "sales", list)
		must(t, err)
	}
}

// TestIndexIsFilledInParts fills the index of a table with many partitions, is cut off in the middle, and goes on.
func TestIndexIsFilledInParts(t *testing.T) {
	dir := t.TempDir()
	c := withSales(t, dir)
	c.many(t, 3*batch+10)
	must(t, c.makeIndex(t, "y", "year"))
	if got := c.stateOf(t, "y"); got != IndexCreating {
		t.Fatal(got)
	}
	wantReason(t, c.dropIndexNamed(t, "y"), Busy, "Index y is CREATING")
	one := func() []Partition {
		page, err := c.Partitions(t.Context(), PartitionQuery{Database: "shop", Table: "sales", Expression: "year in (7, 6001, 99999)"})
		must(t, err)
		return page.Partitions
	}
	if got := one(); len(got) != 2 {
		t.Fatalf("while it is filled %d are found", len(got))
	}
	// What comes and goes meanwhile, before and behind the place where it is filled.
	_, err := c.CreatePartitions(t.Context(), "shop", "sales", []Partition{{Values: []string{"zz", "99999", "2020-01-01", "1"}}})
	must(t, err)
	_, err = c.DeletePartitions(t.Context(), "shop", "sales", [][]string{{"c000000", "7", "2020-01-01", "1"}})
	must(t, err)
	must(t, c.store.Close())
	c = withSales(t, dir)
	c.runFor(t, func() bool { return c.stateOf(t, "y") == IndexActive })
	if n, m := c.count(t, "catalog_index_entry"), c.count(t, "catalog_partition"); n != m {
		t.Errorf("%d entries for %d partitions", n, m)
	}
	if got := one(); len(got) != 2 || got[0].Values[1] != "6001" || got[1].Values[1] != "99999" {
		t.Errorf("%v", got)
	}
	must(t, c.dropIndexNamed(t, "y"))
	if got := c.stateOf(t, "y"); got != IndexDeleting {
		t.Fatal(got)
	}
	must(t, c.store.Close())
	c = withSales(t, dir)
	c.runFor(t, func() bool { return c.stateOf(t, "y") == "" })
	if n := c.count(t, "catalog_index_entry"); n != 0 {
		t.Errorf("%d entries are left", n)
	}
}

// TestIndexFails names the partitions that it cannot enter; expressions are then answered without it.
func TestIndexFails(t *testing.T) {
	c := withSales(t, t.TempDir())
	c.many(t, 5)
	_, err := c.CreatePartitions(t.Context(), "shop", "sales", []Partition{{Values: []string{"a", "x", "2020-01-01", "1"}}})
	must(t, err)
	must(t, c.makeIndex(t, "y", "year"))
	c.runFor(t, func() bool { return c.stateOf(t, "y") == IndexFailed && c.count(t, "catalog_index_entry") == 0 })
	list, err := c.Indexes(t.Context(), "shop", "sales")
	must(t, err)
	if fmt.Sprint(list[0].Bad) != "[[a x 2020-01-01 1]]" {
		t.Error(list[0].Bad)
	}
	must(t, c.dropIndexNamed(t, "y"))
	if got := c.stateOf(t, "y"); got != "" {
		t.Error(got)
	}
}

// TestTablesTakeTheirIndexes deletes a table and a database whose indexes are large.
func TestTablesTakeTheirIndexes(t *testing.T) {
	for _, drop := range []func(*Catalog) error{
		func(c *Catalog) error { return c.DeleteTable(t.Context(), "shop", "sales") },
		func(c *Catalog) error { return c.DeleteDatabase(t.Context(), "shop") },
	} {
		c := withSales(t, t.TempDir())
		must(t, c.makeIndex(t, "y", "year"))
		c.many(t, batch+1)
		must(t, drop(c))
		c.runFor(t, func() bool { return c.count(t, "catalog_index") == 0 })
		for _, table := range []string{"catalog_index_entry", "catalog_partition", "due_item"} {
			if n := c.count(t, table); n != 0 {
				t.Errorf("%d rows of %s are left", n, table)
			}
		}
	}
}
