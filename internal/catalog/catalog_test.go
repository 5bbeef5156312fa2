package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

func ptr[T any](v T) *T { return &v }

func open(t testing.TB) (*Catalog, *clock.Manual) {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	return Open(metatest.Open(t, t.TempDir(), c, Schema), region, c), c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantReason(t testing.TB, err error, r Reason, text string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Reason != r || e.Text != text {
		t.Errorf("error %v, want reason %d %q", err, r, text)
	}
}

// orders is a table with the partition keys dt string and n int.
func orders() Table {
	return Table{Database: "Shop", Name: "Orders", Parameters: map[string]string{"classification": "csv"},
		PartitionKeys: []Column{{Name: "dt", Type: "string"}, {Name: "N", Type: "int"}},
		Storage: &Storage{Columns: []Column{{Name: "ID", Type: "bigint"}, {Name: "name", Type: "string", Comment: ptr("who")}},
			Location: "s3://b/orders/", SerDe: &SerDe{Library: ptr("lazy"), Parameters: map[string]string{"field.delim": ","}}}}
}

func withOrders(t testing.TB) (*Catalog, *clock.Manual) {
	t.Helper()
	c, clk := open(t)
	must(t, c.CreateDatabase(t.Context(), Database{Name: "Shop"}))
	must(t, c.CreateTable(t.Context(), orders()))
	return c, clk
}

func TestDatabases(t *testing.T) {
	ctx := context.Background()
	c, _ := open(t)
	must(t, c.CreateDatabase(ctx, Database{Name: "Shop", Description: ptr("d"), Parameters: map[string]string{"a": "b"}}))
	wantReason(t, c.CreateDatabase(ctx, Database{Name: "SHOP"}), Exists, "Database already exists.")
	d, err := c.Database(ctx, "sHop")
	must(t, err)
	if d.Name != "shop" || *d.Description != "d" || d.Parameters["a"] != "b" || !d.Created.Equal(c.clock.Now()) {
		t.Errorf("%+v", d)
	}
	must(t, c.UpdateDatabase(ctx, "shop", Database{Name: "Shop", LocationURI: ptr("s3://x")}))
	if d, _ = c.Database(ctx, "shop"); d.Description != nil || *d.LocationURI != "s3://x" || d.Created.IsZero() {
		t.Errorf("after the update: %+v", d)
	}
	wantReason(t, c.UpdateDatabase(ctx, "shop", Database{Name: "other"}), Invalid, "A database cannot be renamed: shop to other")
	must(t, c.CreateDatabase(ctx, Database{Name: "a"}))
	must(t, c.CreateDatabase(ctx, Database{Name: "z"}))
	list, more, err := c.Databases(ctx, "", 2)
	must(t, err)
	if len(list) != 2 || !more || list[1].Name != "shop" {
		t.Errorf("%v %v", list, more)
	}
	if list, more, _ = c.Databases(ctx, "shop", 2); len(list) != 1 || more {
		t.Errorf("second page: %v %v", list, more)
	}
	_, err = c.Table(ctx, "nowhere", "t")
	wantReason(t, err, NotFound, "Database nowhere not found.")
	must(t, c.DeleteDatabase(ctx, "Z"))
	wantReason(t, c.DeleteDatabase(ctx, "z"), NotFound, "Database z not found.")
}

func TestDeleteDatabaseTakesTablesAndPartitions(t *testing.T) {
	ctx := context.Background()
	c, _ := withOrders(t)
	_, err := c.CreatePartitions(ctx, "shop", "orders", []Partition{{Values: []string{"a", "1"}}})
	must(t, err)
	must(t, c.DeleteDatabase(ctx, "shop"))
	must(t, c.CreateDatabase(ctx, Database{Name: "shop"}))
	_, err = c.Table(ctx, "shop", "orders")
	wantReason(t, err, NotFound, "Table orders not found.")
	must(t, c.CreateTable(ctx, orders()))
	page, err := c.Partitions(ctx, PartitionQuery{Database: "shop", Table: "orders"})
	must(t, err)
	if len(page.Partitions) != 0 {
		t.Errorf("old partitions are there: %v", page.Partitions)
	}
}

func TestUpdateTableReplacesAll(t *testing.T) {
	ctx := context.Background()
	c, clk := withOrders(t)
	got, err := c.Table(ctx, "SHOP", "ORDERS")
	must(t, err)
	if got.Name != "orders" || got.Database != "shop" || got.VersionID != "0" || got.Columns()[0].Name != "id" ||
		got.PartitionKeys[1].Name != "n" ||
		*got.Columns()[1].Comment != "who" || got.SerDeLibrary() != "lazy" || got.Location() != "s3://b/orders/" {
		t.Errorf("%+v", got)
	}
	wantReason(t, c.CreateTable(ctx, orders()), Exists, "Table already exists.")
	clk.Advance(time.Hour)
	next := orders()
	next.Parameters, next.Description = nil, ptr("new")
	must(t, c.UpdateTable(ctx, next, UpdateOptions{VersionID: "0"}))
	wantReason(t, c.UpdateTable(ctx, next, UpdateOptions{VersionID: "0"}), Conflict, "Update table failed due to concurrent modifications.")
	got, err = c.Table(ctx, "shop", "orders")
	must(t, err)
	if got.VersionID != "1" || got.Parameters != nil || *got.Description != "new" || got.Updated.Sub(got.Created) != time.Hour {
		t.Errorf("%+v", got)
	}
	must(t, c.UpdateTable(ctx, next, UpdateOptions{SkipArchive: true}))
	versions, more, err := c.TableVersions(ctx, "shop", "orders", 0, 10)
	must(t, err)
	if len(versions) != 2 || more || versions[0].VersionID != "2" || versions[1].VersionID != "0" ||
		versions[1].Parameters["classification"] != "csv" {
		t.Errorf("%+v", versions)
	}
	must(t, c.DeleteTable(ctx, "shop", "orders"))
	wantReason(t, c.DeleteTable(ctx, "shop", "orders"), NotFound, "Table orders not found.")
}

func TestTableChecks(t *testing.T) {
	ctx := context.Background()
	c, _ := withOrders(t)
	bad := orders()
	bad.Name, bad.PartitionKeys[0].Name = "bad", "Name"
	wantReason(t, c.CreateTable(ctx, bad), Invalid, "Duplicate column name: Name in table bad")
	_, err := c.CreatePartitions(ctx, "shop", "orders", []Partition{{Values: []string{"a", "1"}}})
	must(t, err)
	fewer := orders()
	fewer.PartitionKeys = fewer.PartitionKeys[:1]
	wantReason(t, c.UpdateTable(ctx, fewer, UpdateOptions{}), Invalid,
		"Table Orders has partitions with 2 values: the number of partition keys cannot become 1")
}

func TestTablesPages(t *testing.T) {
	ctx := context.Background()
	c, _ := open(t)
	must(t, c.CreateDatabase(ctx, Database{Name: "d"}))
	for i := range 25 {
		must(t, c.CreateTable(ctx, Table{Database: "d", Name: fmt.Sprintf("t%02d", i)}))
	}
	even := func(name string) bool { return (name[2]-'0')%2 == 0 }
	var names []string
	for after, more := "", true; more; {
		var list []Table
		var err error
		list, more, err = c.Tables(ctx, "d", after, 4, even)
		must(t, err)
		for _, tb := range list {
			names = append(names, tb.Name)
		}
		after = names[len(names)-1]
	}
	if len(names) != 13 || !slices.IsSorted(names) {
		t.Errorf("%v", names)
	}
}

func TestPartitions(t *testing.T) {
	ctx := context.Background()
	c, _ := withOrders(t)
	tb, err := c.Table(ctx, "shop", "orders")
	must(t, err)
	ps := []Partition{tb.PartitionAt([]string{"2024-01-02", "9"}, "s3://b/orders/x/"),
		tb.PartitionAt([]string{"2024-01-01", "10"}, "s3://b/orders/y/"),
		{Values: []string{NullValue, "1"}, Parameters: map[string]string{"k": "v"}}}
	ps[0].Storage.Parameters = map[string]string{"objectCount": "1"}
	existed, err := c.CreatePartitions(ctx, "shop", "orders", ps)
	must(t, err)
	if existed != nil {
		t.Error(existed)
	}
	existed, err = c.CreatePartitions(ctx, "shop", "orders", []Partition{{Values: []string{"new", "1"}}, ps[0], ps[2]})
	must(t, err)
	if !slices.Equal(existed, []int{1, 2}) {
		t.Errorf("existed %v", existed)
	}
	got, err := c.Partition(ctx, "shop", "orders", []string{"2024-01-02", "9"})
	must(t, err)
	if got.Location() != "s3://b/orders/x/" || got.Storage.Parameters["objectCount"] != "1" || len(got.Storage.Columns) != 2 ||
		*got.Storage.SerDe.Library != "lazy" {
		t.Errorf("%+v", got)
	}
	if got, _ = c.Partition(ctx, "shop", "orders", []string{NullValue, "1"}); got.Storage != nil || got.Parameters["k"] != "v" {
		t.Errorf("%+v", got)
	}
	_, err = c.Partition(ctx, "shop", "orders", []string{"2024-01-02", "1"})
	wantReason(t, err, NotFound, "Cannot find partition.")
	_, err = c.Partition(ctx, "shop", "orders", []string{"2024-01-02"})
	wantReason(t, err, Invalid, "The number of partition keys do not match the number of partition values")

	must(t, c.UpdatePartition(ctx, "shop", "orders", []string{"new", "1"},
		Partition{Values: []string{"newer", "2"}, Storage: &Storage{Location: "l"}}))
	if got, _ = c.Partition(ctx, "shop", "orders", []string{"newer", "2"}); got == nil || got.Location() != "l" {
		t.Errorf("%+v", got)
	}
	wantReason(t, c.UpdatePartition(ctx, "shop", "orders", []string{"newer", "2"}, ps[0]), Exists, "Partition already exists.")
	wantReason(t, c.UpdatePartition(ctx, "shop", "orders", []string{"none", "2"}, Partition{Values: []string{"none", "2"}}), NotFound,
		"Partition with partition values [none, 2] not found.")
	wantReason(t, c.UpdatePartition(ctx, "shop", "orders", []string{"none", "2"}, ps[0]), NotFound,
		"Partition with partition values [none, 2] not found.")
	missing, err := c.DeletePartitions(ctx, "shop", "orders", [][]string{{"none", "2"}, {"newer", "2"}})
	must(t, err)
	if !slices.Equal(missing, []int{0}) {
		t.Error(missing)
	}
	found, missing, err := c.PartitionsOf(ctx, "shop", "orders", [][]string{{"newer", "2"}, {"2024-01-01", "10"}})
	must(t, err)
	if len(found) != 1 || !slices.Equal(missing, []int{0}) || found[0].Location() != "s3://b/orders/y/" {
		t.Errorf("%v %v", found, missing)
	}
}

func TestTxFunctions(t *testing.T) {
	ctx := context.Background()
	c, _ := withOrders(t)
	failed := errors.New("the run is undone")
	err := c.store.Update(ctx, func(tx *meta.Tx) error {
		must(t, c.CreatePartitionsTx(tx, "shop", "orders", []Partition{{Values: []string{"a", "1"}}}, false))
		must(t, c.CreatePartitionsTx(tx, "shop", "orders", []Partition{{Values: []string{"a", "1"}}}, true))
		wantReason(t, c.CreatePartitionsTx(tx, "shop", "orders", []Partition{{Values: []string{"a", "1"}}}, false),
			Exists, "Partition already exists.")
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if _, err := c.Partition(ctx, "shop", "orders", []string{"a", "1"}); err == nil {
		t.Error("a partition of a transaction that failed is there")
	}
}

// TestManyPartitions pages through 5,000 partitions by filter and by segment and finds each exactly once.
func TestManyPartitions(t *testing.T) {
	ctx := context.Background()
	c, _ := withOrders(t)
	fill(t, c, 50, 100)
	count := func(q PartitionQuery) (n, pages int) {
		q.Database, q.Table = "shop", "orders"
		seen := map[string]bool{}
		for {
			page, err := c.Partitions(ctx, q)
			must(t, err)
			pages++
			for _, p := range page.Partitions {
				k := fmt.Sprint(p.Values)
				if seen[k] {
					t.Fatalf("%s twice", k)
				}
				seen[k] = true
			}
			if page.Next == nil {
				return len(seen), pages
			}
			q.After = page.Next
		}
	}
	for _, x := range []struct {
		q        PartitionQuery
		n, pages int
	}{
		{PartitionQuery{Limit: 1000}, 5000, 5},
		{PartitionQuery{Limit: 999}, 5000, 6},
		{PartitionQuery{Limit: 7, Expression: "dt = '2024-00-03'"}, 100, 15},
		{PartitionQuery{Limit: 1000, Expression: "n < 10"}, 500, 1},
		{PartitionQuery{Limit: 300, Expression: "n in (5, 99) and dt >= '2024-00-40'"}, 20, 1},
		{PartitionQuery{Limit: 300, Expression: "dt = 'none'"}, 0, 1},
	} {
		if n, pages := count(x.q); n != x.n || pages > x.pages+1 || pages < x.pages {
			t.Errorf("%+v: %d partitions on %d pages, want %d on %d", x.q, n, pages, x.n, x.pages)
		}
	}
	total := 0
	for i := range 7 {
		n, _ := count(PartitionQuery{Limit: 100, Segment: Segment{i, 7}})
		if n < 500 || n > 950 {
			t.Errorf("segment %d has %d partitions", i, n)
		}
		total += n
	}
	if total != 5000 {
		t.Errorf("segments hold %d", total)
	}
}

// fill makes days*perDay partitions of orders.
func fill(t testing.TB, c *Catalog, days, perDay int) {
	t.Helper()
	tb, err := c.Table(t.Context(), "shop", "orders")
	must(t, err)
	for d := range days {
		var ps []Partition
		for i := range perDay {
			v := []string{fmt.Sprintf("2024-%02d-%02d", d/100, d%100), fmt.Sprint(i)}
			ps = append(ps, tb.PartitionAt(v, fmt.Sprintf("s3://b/orders/dt=%s/n=%d/", v[0], i)))
		}
		_, err := c.CreatePartitions(t.Context(), "shop", "orders", ps)
		must(t, err)
	}
}
