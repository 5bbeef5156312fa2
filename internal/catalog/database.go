package catalog

import (
	"context"
	"database/sql"
	"errors"

	"penstock/internal/meta"
)

// CreateDatabase makes a database.
func (c *Catalog) CreateDatabase(ctx context.Context, d Database) error {
	return c.store.Update(ctx, func(tx *meta.Tx) error { return c.CreateDatabaseTx(tx, d) })
}

// CreateDatabaseTx is CreateDatabase in the caller's transaction.
func (c *Catalog) CreateDatabaseTx(tx *meta.Tx, d Database) error {
	if d.Name == "" {
		return errorf(Invalid, "Database name cannot be empty")
	}
	doc, err := toJSON(d)
	if err != nil {
		return err
	}
	n, err := affected(tx.Exec("INSERT INTO catalog_database (region, name, created, doc) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		c.region, Fold(d.Name), c.now(), doc))
	if err == nil && n == 0 {
		err = errorf(Exists, "Database already exists.")
	}
	return err
}

// Database returns a database.
func (c *Catalog) Database(ctx context.Context, name string) (*Database, error) {
	return view(ctx, c, func(tx *meta.Tx) (*Database, error) { return c.DatabaseTx(tx, name) })
}

// DatabaseTx is Database in the caller's transaction.
func (c *Catalog) DatabaseTx(tx *meta.Tx, name string) (*Database, error) {
	d := &Database{Name: Fold(name)}
	err := d.scan(tx.QueryRow("SELECT name, created, doc FROM catalog_database WHERE region = ? AND name = ?", c.region, d.Name))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errorf(NotFound, "Database %s not found.", name)
	}
	return d, err
}

type scanner interface{ Scan(dest ...any) error }

func (d *Database) scan(row scanner) error {
	var created int64
	var doc string
	if err := row.Scan(&d.Name, &created, &doc); err != nil {
		return err
	}
	d.Created = instant(created)
	return fromJSON(doc, d)
}

// Databases returns up to limit databases whose names follow after, in order, and whether there are more.
func (c *Catalog) Databases(ctx context.Context, after string, limit int) (list []Database, more bool, err error) {
	list, err = view(ctx, c, func(tx *meta.Tx) (out []Database, err error) {
		err = each(tx, func(r *sql.Rows) error {
			var d Database
			err := d.scan(r)
			out = append(out, d)
			return err
		}, "SELECT name, created, doc FROM catalog_database WHERE region = ? AND name > ? ORDER BY name LIMIT ?", c.region, after, limit+1)
		return out, err
	})
	if len(list) > limit {
		return list[:limit], true, err
	}
	return list, false, err
}

// UpdateDatabase replaces all that a database says, but for its name and time of creation.
func (c *Catalog) UpdateDatabase(ctx context.Context, name string, d Database) error {
	if Fold(d.Name) != Fold(name) {
		return errorf(Invalid, "A database cannot be renamed: %s to %s", name, d.Name)
	}
	doc, err := toJSON(d)
	if err != nil {
		return err
	}
	return c.store.Update(ctx, func(tx *meta.Tx) error {
		n, err := affected(tx.Exec("UPDATE catalog_database SET doc = ? WHERE region = ? AND name = ?", doc, c.region, Fold(name)))
		if err == nil && n == 0 {
			err = errorf(NotFound, "Database %s not found.", name)
		}
		return err
	})
}

// DeleteDatabase removes a database with its tables and their partitions. Data stays where it is.
func (c *Catalog) DeleteDatabase(ctx context.Context, name string) error {
	return c.store.Update(ctx, func(tx *meta.Tx) error { return c.DeleteDatabaseTx(tx, name) })
}

// DeleteDatabaseTx is DeleteDatabase in the caller's transaction.
func (c *Catalog) DeleteDatabaseTx(tx *meta.Tx, name string) error {
	n, err := affected(tx.Exec("DELETE FROM catalog_database WHERE region = ? AND name = ?", c.region, Fold(name)))
	if err != nil {
		return err
	}
	if n == 0 {
		return errorf(NotFound, "Database %s not found.", name)
	}
	var ids []int64
	if err := each(tx, func(r *sql.Rows) error {
		ids = append(ids, 0)
		return r.Scan(&ids[len(ids)-1])
	}, `SELECT DISTINCT table_id FROM catalog_index WHERE table_id IN (SELECT id FROM catalog_table WHERE region = ? AND database = ?)`,
		c.region, Fold(name)); err != nil {
		return err
	}
	for _, id := range ids {
		if err := c.dropIndexes(tx, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec("DELETE FROM catalog_function WHERE region = ? AND database = ?", c.region, Fold(name)); err != nil {
		return err
	}
	for _, t := range ofTable {
		_, err := tx.Exec("DELETE FROM "+t+" WHERE table_id IN (SELECT id FROM catalog_table WHERE region = ? AND database = ?)",
			c.region, Fold(name))
		if err != nil {
			return err
		}
	}
	return each(tx, func(r *sql.Rows) error {
		k := tableKey{database: Fold(name)}
		err := r.Scan(&k.name)
		c.tables.Drop(tx, k)
		return err
	}, "DELETE FROM catalog_table WHERE region = ? AND database = ? RETURNING name", c.region, Fold(name))
}

// ofTable are the SQLite tables whose rows belong to a row of catalog_table by table_id.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var ofTable = [...]string{"catalog_version", "catalog_partition", "catalog_form", "catalog_statistics"}
