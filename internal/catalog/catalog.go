package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/hot"
)

// Schema is the catalog's tables in the metadata store.
//
// Databases and tables are of a region; what hangs on a table's id is of the table's.
//
// A partition's row holds what differs between partitions; what partitions have in common (columns, formats) stands once in
// catalog_form, so that a hundred thousand partitions stay small.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "catalog", Migrations: []string{`
CREATE TABLE catalog_database (name TEXT PRIMARY KEY, created INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE catalog_table (id INTEGER PRIMARY KEY AUTOINCREMENT, database TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
	created INTEGER NOT NULL, updated INTEGER NOT NULL, doc TEXT NOT NULL, UNIQUE (database, name));
CREATE TABLE catalog_version (table_id INTEGER NOT NULL, version INTEGER NOT NULL, updated INTEGER NOT NULL, doc TEXT NOT NULL,
	PRIMARY KEY (table_id, version)) WITHOUT ROWID;
CREATE TABLE catalog_form (id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, hash BLOB NOT NULL, doc TEXT NOT NULL,
	UNIQUE (table_id, hash));
CREATE TABLE catalog_partition (id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, key BLOB NOT NULL, created INTEGER NOT NULL,
	form INTEGER NOT NULL, location TEXT NOT NULL, doc TEXT NOT NULL, UNIQUE (table_id, key));
`, `
CREATE TABLE catalog_database_2 (region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, doc TEXT NOT NULL,
	PRIMARY KEY (region, name)) WITHOUT ROWID;
INSERT INTO catalog_database_2 (region, name, created, doc) SELECT 'us-east-1', name, created, doc FROM catalog_database;
DROP TABLE catalog_database;
ALTER TABLE catalog_database_2 RENAME TO catalog_database;
CREATE TABLE catalog_table_2 (id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, database TEXT NOT NULL, name TEXT NOT NULL,
	version INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, doc TEXT NOT NULL, UNIQUE (region, database, name));
INSERT INTO sqlite_sequence (name, seq) -- no id is used twice
	SELECT 'catalog_table_2', seq FROM sqlite_sequence WHERE name = 'catalog_table';
INSERT INTO catalog_table_2 (id, region, database, name, version, created, updated, doc)
	SELECT id, 'us-east-1', database, name, version, created, updated, doc FROM catalog_table;
DROP TABLE catalog_table;
ALTER TABLE catalog_table_2 RENAME TO catalog_table;
`, `
CREATE INDEX catalog_partition_table ON catalog_partition (table_id);
CREATE TABLE catalog_index (id INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
	doc TEXT NOT NULL, done BLOB NOT NULL, UNIQUE (table_id, name));
CREATE TABLE catalog_index_entry (index_id INTEGER NOT NULL, value BLOB NOT NULL, key BLOB NOT NULL, partition INTEGER NOT NULL,
	PRIMARY KEY (index_id, value, key)) WITHOUT ROWID;
CREATE TABLE catalog_statistics (table_id INTEGER NOT NULL, partition INTEGER NOT NULL, column TEXT NOT NULL, doc TEXT NOT NULL,
	PRIMARY KEY (table_id, partition, column)) WITHOUT ROWID;
CREATE TABLE catalog_function (region TEXT NOT NULL, database TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL,
	doc TEXT NOT NULL, PRIMARY KEY (region, database, name)) WITHOUT ROWID;
`}}

// A Catalog is the Data Catalog of one account in one region. There is one for each region: what it keeps in memory it changes itself.
type Catalog struct {
	store  *meta.Store
	region string
	clock  clock.Clock
	tables *hot.Map[tableKey, hotTable]
}

// Open returns the catalog of a region that lies in store, which was opened with Schema.
func Open(store *meta.Store, region string, c clock.Clock) *Catalog {
	size := func(k tableKey, h hotTable) int { return h.size + len(k.database) + len(k.name) }
	return &Catalog{store: store, region: region, clock: c, tables: hot.New(store, hotTables, size)}
}

// Fold is a name as the catalog stores it.
func Fold(name string) string { return strings.ToLower(name) }

func (c *Catalog) now() int64 { return c.clock.Now().UnixMilli() }

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode catalog entry: %w", err)
	}
	return string(b), nil
}

func fromJSON(doc string, v any) error {
	if err := json.Unmarshal([]byte(doc), v); err != nil {
		return fmt.Errorf("decode catalog entry: %w", err)
	}
	return nil
}

// affected is how many rows a statement changed.
func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// each runs a query and calls fn for every row.
func each(tx *meta.Tx, fn func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := fn(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// view runs fn in a View and returns what it returns.
func view[T any](ctx context.Context, c *Catalog, fn func(*meta.Tx) (T, error)) (T, error) {
	var out T
	err := c.store.View(ctx, func(tx *meta.Tx) (err error) {
		out, err = fn(tx)
		return err
	})
	return out, err
}
