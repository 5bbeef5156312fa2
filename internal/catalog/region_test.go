package catalog

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

// region is that of catalogs in tests that need no other.
const region = "us-east-1"

// inRegion makes shop.orders with a partition, all of which lie below location, and an archived version.
func inRegion(t *testing.T, m *meta.Store, region, location string) *Catalog {
	t.Helper()
	ctx, c := t.Context(), Open(m, region, clock.NewManual(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)))
	must(t, c.CreateDatabase(ctx, Database{Name: "shop", Description: &location}))
	tb := orders()
	must(t, c.CreateTable(ctx, tb))
	tb.Storage.Location = location
	must(t, c.UpdateTable(ctx, tb, UpdateOptions{}))
	_, err := c.CreatePartitions(ctx, "shop", "orders", []Partition{tb.PartitionAt([]string{"d", "1"}, location+"d/1/")})
	must(t, err)
	return c
}

// whole tells what is wrong with what inRegion has made.
func (c *Catalog) whole(ctx context.Context, location string) error {
	d, err := c.Database(ctx, "shop")
	if err != nil || *d.Description != location {
		return fmt.Errorf("database %+v, %w", d, err)
	}
	tb, err := c.Table(ctx, "shop", "orders")
	if err != nil || tb.Location() != location || tb.VersionID != "1" {
		return fmt.Errorf("table %+v, %w", tb, err)
	}
	if old, err := c.TableVersion(ctx, "shop", "orders", "0"); err != nil || old.Location() != "s3://b/orders/" {
		return fmt.Errorf("version %+v, %w", old, err)
	}
	p, err := c.Partitions(ctx, PartitionQuery{Database: "shop", Table: "orders"})
	if err != nil || len(p.Partitions) != 1 || p.Partitions[0].Location() != location+"d/1/" || len(p.Partitions[0].Storage.Columns) != 2 {
		return fmt.Errorf("partitions %+v, %w", p, err)
	}
	ds, _, err := c.Databases(ctx, "", 10)
	ts, _, err2 := c.Tables(ctx, "shop", "", 10, nil)
	all, _, err3 := c.AllTables(ctx, "", "", 10)
	if len(ds) != 1 || len(ts) != 1 || len(all) != 1 || all[0].Location() != location {
		return fmt.Errorf("lists %+v %+v %+v, %w", ds, ts, all, errors.Join(err, err2, err3))
	}
	return nil
}

// TestRegionsAreApart: what one region's catalog holds the other's does not find, list, change or delete, under the same names.
func TestRegionsAreApart(t *testing.T) {
	m := metatest.OpenTemp(t, Schema)
	ctx := t.Context()
	east, west := inRegion(t, m, "us-east-1", "s3://east/"), Open(m, "eu-west-1", clock.Real{})
	for name, call := range west.calls(ctx) {
		if e, err := (*Error)(nil), call(); !errors.As(err, &e) || e.Reason != NotFound {
			t.Errorf("%s in a region without databases: %v", name, err)
		}
	}
	if ds, _, err := west.Databases(ctx, "", 10); len(ds) > 0 || err != nil {
		t.Errorf("databases %+v, %v", ds, err)
	}
	if ts, _, err := west.AllTables(ctx, "", "", 10); len(ts) > 0 || err != nil {
		t.Errorf("tables %+v, %v", ts, err)
	}
	must(t, east.whole(ctx, "s3://east/"))
	west = inRegion(t, m, "eu-west-1", "s3://west/")
	must(t, errors.Join(east.whole(ctx, "s3://east/"), west.whole(ctx, "s3://west/")))
	for _, name := range []string{"UpdateTable", "UpdateDatabase", "DeletePartitions", "DeleteTable", "DeleteDatabase"} {
		must(t, west.calls(ctx)[name]())
		must(t, east.whole(ctx, "s3://east/"))
	}
}

// calls are the operations that name something.
func (c *Catalog) calls(ctx context.Context) map[string]func() error {
	bare, part := Table{Database: "shop", Name: "orders", PartitionKeys: orders().PartitionKeys}, []string{"d", "1"}
	return map[string]func() error{
		"Database":           func() error { _, err := c.Database(ctx, "shop"); return err },
		"UpdateDatabase":     func() error { return c.UpdateDatabase(ctx, "shop", Database{Name: "shop"}) },
		"DeleteDatabase":     func() error { return c.DeleteDatabase(ctx, "shop") },
		"CreateTable":        func() error { return c.CreateTable(ctx, bare) },
		"Table":              func() error { _, err := c.Table(ctx, "shop", "orders"); return err },
		"Tables":             func() error { _, _, err := c.Tables(ctx, "shop", "", 10, nil); return err },
		"UpdateTable":        func() error { return c.UpdateTable(ctx, bare, UpdateOptions{}) },
		"DeleteTable":        func() error { return c.DeleteTable(ctx, "shop", "orders") },
		"TableVersions":      func() error { _, _, err := c.TableVersions(ctx, "shop", "orders", 0, 10); return err },
		"TableVersion":       func() error { _, err := c.TableVersion(ctx, "shop", "orders", "0"); return err },
		"DeleteTableVersion": func() error { return c.DeleteTableVersion(ctx, "shop", "orders", "0") },
		"CreatePartitions": func() error {
			_, err := c.CreatePartitions(ctx, "shop", "orders", []Partition{{Values: part}})
			return err
		},
		"Partitions": func() error {
			_, err := c.Partitions(ctx, PartitionQuery{Database: "shop", Table: "orders"})
			return err
		},
		"Partition":        func() error { _, err := c.Partition(ctx, "shop", "orders", part); return err },
		"PartitionsOf":     func() error { _, _, err := c.PartitionsOf(ctx, "shop", "orders", [][]string{part}); return err },
		"UpdatePartition":  func() error { return c.UpdatePartition(ctx, "shop", "orders", part, Partition{Values: part}) },
		"DeletePartitions": func() error { _, err := c.DeletePartitions(ctx, "shop", "orders", [][]string{part}); return err },
		"TableTx": func() error {
			return c.store.Update(ctx, func(tx *meta.Tx) error { _, err := c.TableTx(tx, "shop", "orders"); return err })
		},
	}
}

// TestRowsBeforeRegions opens what a program without regions has left: all of it is us-east-1's, and no id is used again.
func TestRowsBeforeRegions(t *testing.T) {
	dir := t.TempDir()
	metatest.Left(t, dir, []meta.Schema{metatest.At(Schema, 1)},
		`INSERT INTO catalog_database VALUES ('shop', 1, '{"description":"s3://east/"}')`,
		`INSERT INTO catalog_table VALUES (7, 'shop', 'orders', 1, 1, 2,
				'{"partitionKeys":[{"name":"dt"},{"name":"n"}],"storage":{"location":"s3://east/"}}'),
			(9, 'shop', 'gone', 0, 1, 2, '{}')`,
		`DELETE FROM catalog_table WHERE id = 9`,
		`INSERT INTO catalog_version VALUES (7, 0, 1, '{"storage":{"location":"s3://b/orders/"}}')`,
		`INSERT INTO catalog_form VALUES (3, 7, x'00', '{"columns":[{"name":"id"},{"name":"name"}]}')`,
		`INSERT INTO catalog_partition VALUES (1, 7, x'640001310001', 1, 3, 's3://east/d/1/', '{}')`,
	)
	m := metatest.Open(t, dir, clock.Real{}, Schema)
	east, west := Open(m, "us-east-1", clock.Real{}), Open(m, "eu-west-1", clock.Real{})
	must(t, east.whole(t.Context(), "s3://east/"))
	if ds, _, err := west.Databases(t.Context(), "", 10); len(ds) > 0 || err != nil {
		t.Errorf("eu-west-1 has %+v, %v", ds, err)
	}
	must(t, east.CreateTable(t.Context(), Table{Database: "shop", Name: "next"}))
	must(t, m.View(t.Context(), func(tx *meta.Tx) error {
		_, id, err := east.lookup(tx, "shop", "next")
		if id != 10 {
			t.Errorf("the next table has id %d, want 10: 9 was a table's", id)
		}
		return err
	}))
}
