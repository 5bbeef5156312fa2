package catalog

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"penstock/internal/meta"
)

// CreateTable makes a table in a database that exists.
func (c *Catalog) CreateTable(ctx context.Context, t Table) error {
	return c.store.Update(ctx, func(tx *meta.Tx) error { return c.CreateTableTx(tx, t) })
}

// CreateTableTx is CreateTable in the caller's transaction.
func (c *Catalog) CreateTableTx(tx *meta.Tx, t Table) error {
	if _, err := c.DatabaseTx(tx, t.Database); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	doc, err := toJSON(t.folded())
	if err != nil {
		return err
	}
	c.tables.Drop(tx, tableKey{Fold(t.Database), Fold(t.Name)})
	now := c.now()
	n, err := affected(tx.Exec(`INSERT INTO catalog_table (region, database, name, version, created, updated, doc) VALUES (?, ?, ?, 0, ?, ?, ?)
		ON CONFLICT DO NOTHING`, c.region, Fold(t.Database), Fold(t.Name), now, now, doc))
	if err == nil && n == 0 {
		err = errorf(Exists, "Table already exists.")
	}
	return err
}

// check refuses a table that could never be read: without a name or with a column named twice.
func (t *Table) check() error {
	if t.Name == "" {
		return errorf(Invalid, "Table name cannot be empty")
	}
	seen := map[string]bool{}
	for _, list := range [][]Column{t.Columns(), t.PartitionKeys} {
		for _, col := range list {
			if seen[Fold(col.Name)] {
				return errorf(Invalid, "Duplicate column name: %s in table %s", col.Name, t.Name)
			}
			seen[Fold(col.Name)] = true
		}
	}
	return nil
}

// folded is the table with the names of its columns in lower case.
func (t Table) folded() Table {
	t.PartitionKeys = foldColumns(t.PartitionKeys)
	if t.Storage != nil {
		s := *t.Storage
		s.Columns = foldColumns(s.Columns)
		t.Storage = &s
	}
	return t
}

func foldColumns(in []Column) []Column {
	out := append([]Column(nil), in...)
	for i := range out {
		out[i].Name = Fold(out[i].Name)
	}
	return out
}

// TableTx is Table in the caller's transaction.
func (c *Catalog) TableTx(tx *meta.Tx, database, name string) (*Table, error) {
	t, _, err := c.lookup(tx, database, name)
	return t, err
}

const tableColumns = "id, database, name, version, created, updated, doc"

// lookup returns a table and its row's id.
func (c *Catalog) lookup(tx *meta.Tx, database, name string) (t *Table, id int64, err error) {
	t, id, _, err = c.read(tx, database, name)
	return t, id, err
}

// read is lookup that also tells about how many bytes the table takes in memory.
func (c *Catalog) read(tx *meta.Tx, database, name string) (t *Table, id int64, size int, err error) {
	t = &Table{}
	id, size, err = t.scan(tx.QueryRow("SELECT "+tableColumns+" FROM catalog_table WHERE region = ? AND database = ? AND name = ?",
		c.region, Fold(database), Fold(name)))
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := c.DatabaseTx(tx, database); err != nil {
			return nil, 0, 0, err
		}
		return nil, 0, 0, errorf(NotFound, "Table %s not found.", name)
	}
	return t, id, size, err
}

func (t *Table) scan(row scanner) (id int64, size int, err error) {
	var version, created, updated int64
	var doc string
	if err := row.Scan(&id, &t.Database, &t.Name, &version, &created, &updated, &doc); err != nil {
		return 0, 0, err
	}
	t.VersionID = strconv.FormatInt(version, 10)
	t.Created, t.Updated = instant(created), instant(updated)
	return id, 1000 + 8*len(doc), fromJSON(doc, t) // with what Kept may make of it
}

// Tables returns up to limit tables of a database whose names follow after, in order, and whether there are more. With an accept
// function only tables whose names it accepts count.
func (c *Catalog) Tables(ctx context.Context, database, after string, limit int,
	accept func(name string) bool) (list []Table, more bool, err error) {
	for {
		page, err := view(ctx, c, func(tx *meta.Tx) ([]Table, error) { return c.tablesTx(tx, database, after, limit+1) })
		if err != nil {
			return nil, false, err
		}
		for _, t := range page {
			if accept != nil && !accept(t.Name) {
				continue
			}
			if len(list) == limit {
				return list, true, nil
			}
			list = append(list, t)
		}
		if len(page) <= limit {
			return list, false, nil
		}
		after = page[len(page)-1].Name
	}
}

func (c *Catalog) tablesTx(tx *meta.Tx, database, after string, limit int) (out []Table, err error) {
	if _, err := c.DatabaseTx(tx, database); err != nil {
		return nil, err
	}
	err = each(tx, func(r *sql.Rows) error {
		var t Table
		_, _, err := t.scan(r)
		out = append(out, t)
		return err
	}, "SELECT "+tableColumns+" FROM catalog_table WHERE region = ? AND database = ? AND name > ? ORDER BY name LIMIT ?",
		c.region, Fold(database), after, limit)
	return out, err
}

// AllTables returns up to limit tables of all databases that follow database and name after, in that order, and whether there are more.
func (c *Catalog) AllTables(ctx context.Context, afterDatabase, afterName string, limit int) (list []Table, more bool, err error) {
	list, err = view(ctx, c, func(tx *meta.Tx) (out []Table, err error) {
		err = each(tx, func(r *sql.Rows) error {
			var t Table
			_, _, err := t.scan(r)
			out = append(out, t)
			return err
		}, "SELECT "+tableColumns+" FROM catalog_table WHERE region = ? AND (database, name) > (?, ?) ORDER BY database, name LIMIT ?",
			c.region, afterDatabase, afterName, limit+1)
		return out, err
	})
	if len(list) > limit {
		return list[:limit], true, err
	}
	return list, false, err
}

// UpdateOptions say how a table is replaced.
type UpdateOptions struct {
	SkipArchive bool   // keep no version of what is replaced
	VersionID   string // when set, the version that must be current
}

// UpdateTable replaces all that a table says: what the new one leaves out is gone. Partitions stay as they are.
func (c *Catalog) UpdateTable(ctx context.Context, t Table, o UpdateOptions) error {
	return c.store.Update(ctx, func(tx *meta.Tx) error { return c.UpdateTableTx(tx, t, o) })
}

// UpdateTableTx is UpdateTable in the caller's transaction.
func (c *Catalog) UpdateTableTx(tx *meta.Tx, t Table, o UpdateOptions) error {
	old, id, err := c.lookup(tx, t.Database, t.Name)
	if err != nil {
		return err
	}
	if o.VersionID != "" && o.VersionID != old.VersionID {
		return errorf(Conflict, "Update table failed due to concurrent modifications.")
	}
	if err := t.check(); err != nil {
		return err
	}
	if err := c.keepKeys(tx, id, old, &t); err != nil {
		return err
	}
	if t.CreatedBy == "" {
		t.CreatedBy = old.CreatedBy
	}
	if err := c.keepStatistics(tx, id, old, &t); err != nil {
		return err
	}
	doc, err := toJSON(t.folded())
	if err != nil {
		return err
	}
	if !o.SkipArchive {
		if _, err := tx.Exec(`INSERT INTO catalog_version (table_id, version, updated, doc)
			SELECT id, version, updated, doc FROM catalog_table WHERE id = ?`, id); err != nil {
			return err
		}
	}
	c.tables.Drop(tx, tableKey{Fold(t.Database), Fold(t.Name)})
	_, err = tx.Exec("UPDATE catalog_table SET version = version + 1, updated = ?, doc = ? WHERE id = ?", c.now(), doc, id)
	return err
}

// keepKeys refuses to change how many partition keys a table has while it has partitions, whose values would lose their meaning, and to
// change keys that have indexes.
func (c *Catalog) keepKeys(tx *meta.Tx, id int64, old, t *Table) error {
	same := func(a, b Column) bool { return Fold(a.Name) == Fold(b.Name) && a.Type == b.Type }
	if slices.EqualFunc(old.PartitionKeys, t.PartitionKeys, same) {
		return nil
	}
	var indexes, partitions int
	err := tx.QueryRow(`SELECT (SELECT count(*) FROM catalog_index WHERE table_id = ?),
		(SELECT count(*) FROM (SELECT 1 FROM catalog_partition WHERE table_id = ? LIMIT 1))`, id, id).Scan(&indexes, &partitions)
	switch {
	case err != nil:
		return err
	case indexes > 0:
		return errorf(Invalid, "Table %s has partition indexes: its partition keys cannot change", t.Name)
	case partitions > 0 && len(old.PartitionKeys) != len(t.PartitionKeys):
		return errorf(Invalid, "Table %s has partitions with %d values: the number of partition keys cannot become %d", t.Name,
			len(old.PartitionKeys), len(t.PartitionKeys))
	}
	return nil
}

// DeleteTable removes a table with its versions and partitions. Data stays where it is.
func (c *Catalog) DeleteTable(ctx context.Context, database, name string) error {
	return c.store.Update(ctx, func(tx *meta.Tx) error { return c.DeleteTableTx(tx, database, name) })
}

// DeleteTableTx is DeleteTable in the caller's transaction.
func (c *Catalog) DeleteTableTx(tx *meta.Tx, database, name string) error {
	_, id, err := c.lookup(tx, database, name)
	if err != nil {
		return err
	}
	if err := c.dropIndexes(tx, id); err != nil {
		return err
	}
	for _, t := range ofTable {
		if _, err := tx.Exec("DELETE FROM "+t+" WHERE table_id = ?", id); err != nil {
			return err
		}
	}
	c.tables.Drop(tx, tableKey{Fold(database), Fold(name)})
	_, err = tx.Exec("DELETE FROM catalog_table WHERE id = ?", id)
	return err
}

// TableVersions returns up to limit versions of a table, newest first, older than before (0: from the newest), and whether there are more.
func (c *Catalog) TableVersions(ctx context.Context, database, name string, before int64, limit int) (list []Table, more bool, err error) {
	list, err = view(ctx, c, func(tx *meta.Tx) ([]Table, error) {
		current, id, err := c.lookup(tx, database, name)
		if err != nil {
			return nil, err
		}
		return versionsTx(tx, current, id, before, limit+1)
	})
	if len(list) > limit {
		return list[:limit], true, err
	}
	return list, false, err
}

// TableVersion returns one version of a table.
func (c *Catalog) TableVersion(ctx context.Context, database, name, version string) (*Table, error) {
	n, err := versionNumber(version)
	if err != nil {
		return nil, err
	}
	return view(ctx, c, func(tx *meta.Tx) (*Table, error) {
		current, id, err := c.lookup(tx, database, name)
		if err != nil || current.VersionID == version {
			return current, err
		}
		list, err := versionsTx(tx, current, id, n+1, 1)
		if err == nil && (len(list) == 0 || list[0].VersionID != version) {
			return nil, errorf(NotFound, "Version %s of table %s not found.", version, name)
		}
		if err != nil {
			return nil, err
		}
		return &list[0], nil
	})
}

func versionNumber(version string) (int64, error) {
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil || n < 0 {
		return 0, errorf(Invalid, "%q is not the id of a table version", version)
	}
	return n, nil
}

// DeleteTableVersion removes an archived version of a table; the current one stays.
func (c *Catalog) DeleteTableVersion(ctx context.Context, database, name, version string) error {
	n, err := versionNumber(version)
	if err != nil {
		return err
	}
	return c.store.Update(ctx, func(tx *meta.Tx) error {
		current, id, err := c.lookup(tx, database, name)
		if err != nil {
			return err
		}
		if current.VersionID == version {
			return errorf(Invalid, "Cannot delete the current version %s of table %s", version, name)
		}
		gone, err := affected(tx.Exec("DELETE FROM catalog_version WHERE table_id = ? AND version = ?", id, n))
		if err == nil && gone == 0 {
			err = errorf(NotFound, "Version %s of table %s not found.", version, name)
		}
		return err
	})
}

func versionsTx(tx *meta.Tx, current *Table, id, before int64, limit int) (out []Table, err error) {
	if before == 0 {
		out = append(out, *current)
		before = 1 << 62
	}
	err = each(tx, func(r *sql.Rows) error {
		t := Table{Database: current.Database, Name: current.Name, Created: current.Created}
		var version, updated int64
		var doc string
		if err := r.Scan(&version, &updated, &doc); err != nil {
			return err
		}
		t.VersionID, t.Updated = strconv.FormatInt(version, 10), instant(updated)
		err := fromJSON(doc, &t)
		out = append(out, t)
		return err
	}, "SELECT version, updated, doc FROM catalog_version WHERE table_id = ? AND version < ? ORDER BY version DESC LIMIT ?",
		id, before, limit-len(out))
	return out, err
}
