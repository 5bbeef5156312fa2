package catalog

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"slices"

	"penstock/internal/meta"
)

// PartitionAt is a partition of t whose data lies at location: it has t's columns and form.
func (t *Table) PartitionAt(values []string, location string) Partition {
	s := Storage{}
	if t.Storage != nil {
		s = *t.Storage
	}
	s.Location = location
	return Partition{Values: values, Storage: &s}
}

// CreatePartitions makes partitions of a table. Those that exist are left as they are; their indexes are returned.
func (c *Catalog) CreatePartitions(ctx context.Context, database, table string, ps []Partition) (existed []int, err error) {
	err = c.store.Update(ctx, func(tx *meta.Tx) (err error) {
		existed, err = c.AddPartitionsTx(tx, database, table, ps)
		return err
	})
	return existed, err
}

// CreatePartitionsTx makes partitions in the caller's transaction. A partition that exists is left as it is if ifNotExists is set, and
// otherwise an error.
func (c *Catalog) CreatePartitionsTx(tx *meta.Tx, database, table string, ps []Partition, ifNotExists bool) error {
	existed, err := c.AddPartitionsTx(tx, database, table, ps)
	if err == nil && len(existed) > 0 && !ifNotExists {
		err = errorf(Exists, "Partition already exists.")
	}
	return err
}

// AddPartitionsTx is CreatePartitions in the caller's transaction.
func (c *Catalog) AddPartitionsTx(tx *meta.Tx, database, table string, ps []Partition) (existed []int, err error) {
	t, id, err := c.lookup(tx, database, table)
	if err != nil {
		return nil, err
	}
	indexes, err := c.indexer(tx, t, id)
	if err != nil {
		return nil, err
	}
	w := partitionWriter{tx: tx, table: id, forms: map[[16]byte]int64{}}
	now := c.now()
	for i, p := range ps {
		if err := t.checkValues(p.Values); err != nil {
			return nil, err
		}
		row, err := w.row(p)
		if err != nil {
			return nil, err
		}
		e := entry{key: encodeKey(p.Values)}
		r, err := tx.Exec(`INSERT INTO catalog_partition (table_id, key, created, form, location, doc) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, id, e.key, now, row.form, row.location, row.doc)
		n, err := affected(r, err)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			existed = append(existed, i)
			continue
		}
		if e.id, err = r.LastInsertId(); err != nil {
			return nil, err
		}
		if err := indexes.add(tx, p.Values, e); err != nil {
			return nil, err
		}
	}
	return existed, nil
}

func (t *Table) checkValues(values []string) error {
	if len(values) != len(t.PartitionKeys) {
		return errorf(Invalid, "The number of partition keys do not match the number of partition values")
	}
	if slices.Contains(values, "") {
		return errorf(Invalid, "The partition value cannot be empty")
	}
	return nil
}

// partitionWriter turns partitions of one table into rows.
type partitionWriter struct {
	tx    *meta.Tx
	table int64
	forms map[[16]byte]int64
}

// partitionRow is what catalog_partition stores of a partition beside its key.
type partitionRow struct {
	form     int64
	location string
	doc      string
}

// partitionDoc is what differs between partitions and has no column of its own.
type partitionDoc struct {
	Partition
	StorageParameters map[string]string `json:"storageParameters,omitempty"`
}

func (w *partitionWriter) row(p Partition) (partitionRow, error) {
	r := partitionRow{location: p.Location()}
	d := partitionDoc{Partition: p}
	if p.Storage != nil {
		s := *p.Storage
		d.StorageParameters, d.Storage = s.Parameters, nil
		s.Location, s.Parameters, s.Columns = "", nil, foldColumns(s.Columns)
		form, err := toJSON(s)
		if err != nil {
			return r, err
		}
		if r.form, err = w.intern(form); err != nil {
			return r, err
		}
	}
	var err error
	r.doc, err = toJSON(d)
	return r, err
}

// intern returns the id of a form of the table, stored if it is new. Id 0 stands for no storage at all.
func (w *partitionWriter) intern(doc string) (int64, error) {
	sum := sha256.Sum256([]byte(doc))
	hash := [16]byte(sum[:16])
	if id, ok := w.forms[hash]; ok {
		return id, nil
	}
	_, err := w.tx.Exec("INSERT INTO catalog_form (table_id, hash, doc) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", w.table, hash[:], doc)
	if err != nil {
		return 0, err
	}
	var id int64
	err = w.tx.QueryRow("SELECT id FROM catalog_form WHERE table_id = ? AND hash = ?", w.table, hash[:]).Scan(&id)
	w.forms[hash] = id
	return id, err
}

// UpdatePartition replaces the partition with these values, which may get other values.
func (c *Catalog) UpdatePartition(ctx context.Context, database, table string, values []string, p Partition) error {
	return c.store.Update(ctx, func(tx *meta.Tx) error { return c.UpdatePartitionTx(tx, database, table, values, p) })
}

// UpdatePartitionTx is UpdatePartition in the caller's transaction.
func (c *Catalog) UpdatePartitionTx(tx *meta.Tx, database, table string, values []string, p Partition) error {
	t, id, err := c.lookup(tx, database, table)
	if err != nil {
		return err
	}
	if err := errors.Join(t.checkValues(values), t.checkValues(p.Values)); err != nil {
		return err
	}
	w := partitionWriter{tx: tx, table: id, forms: map[[16]byte]int64{}}
	row, err := w.row(p)
	if err != nil {
		return err
	}
	if !slices.Equal(values, p.Values) {
		if err := c.move(tx, t, id, values, p.Values); err != nil {
			return err
		}
	}
	n, err := affected(tx.Exec("UPDATE catalog_partition SET form = ?, location = ?, doc = ? WHERE table_id = ? AND key = ?",
		row.form, row.location, row.doc, id, encodeKey(p.Values)))
	if err == nil && n == 0 {
		err = errorf(NotFound, "Partition with partition values [%s] not found.", joinValues(values))
	}
	return err
}

// move gives a partition other values.
func (c *Catalog) move(tx *meta.Tx, t *Table, id int64, from, to []string) error {
	e := entry{key: encodeKey(to)}
	err := tx.QueryRow("SELECT id FROM catalog_partition WHERE table_id = ? AND key = ?", id, encodeKey(from)).Scan(&e.id)
	if errors.Is(err, sql.ErrNoRows) {
		return errorf(NotFound, "Partition with partition values [%s] not found.", joinValues(from))
	}
	if err != nil {
		return err
	}
	n, err := affected(tx.Exec("UPDATE OR IGNORE catalog_partition SET key = ? WHERE id = ?", e.key, e.id))
	if err == nil && n == 0 {
		err = errorf(Exists, "Partition already exists.")
	}
	if err != nil {
		return err
	}
	indexes, err := c.indexer(tx, t, id)
	if err != nil {
		return err
	}
	if err := indexes.remove(tx, from); err != nil {
		return err
	}
	return indexes.add(tx, to, e)
}

// DeletePartitions removes partitions; the indexes of those that do not exist are returned.
func (c *Catalog) DeletePartitions(ctx context.Context, database, table string, list [][]string) (missing []int, err error) {
	err = c.store.Update(ctx, func(tx *meta.Tx) (err error) {
		missing, err = c.DeletePartitionsTx(tx, database, table, list)
		return err
	})
	return missing, err
}

// DeletePartitionsTx is DeletePartitions in the caller's transaction.
func (c *Catalog) DeletePartitionsTx(tx *meta.Tx, database, table string, list [][]string) (missing []int, err error) {
	t, id, err := c.lookup(tx, database, table)
	if err != nil {
		return nil, err
	}
	indexes, err := c.indexer(tx, t, id)
	if err != nil {
		return nil, err
	}
	for i, values := range list {
		var partition int64
		err := tx.QueryRow("DELETE FROM catalog_partition WHERE table_id = ? AND key = ? RETURNING id", id, encodeKey(values)).Scan(&partition)
		if errors.Is(err, sql.ErrNoRows) {
			missing = append(missing, i)
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := indexes.remove(tx, values); err != nil {
			return nil, err
		}
		if _, err := tx.Exec("DELETE FROM catalog_statistics WHERE table_id = ? AND partition = ?", id, partition); err != nil {
			return nil, err
		}
	}
	return missing, nil
}

// Partition returns the partition with these values.
func (c *Catalog) Partition(ctx context.Context, database, table string, values []string) (*Partition, error) {
	return view(ctx, c, func(tx *meta.Tx) (*Partition, error) {
		found, missing, err := c.PartitionsOfTx(tx, database, table, [][]string{values})
		if err != nil {
			return nil, err
		}
		if len(missing) > 0 {
			return nil, errorf(NotFound, "Cannot find partition.")
		}
		return &found[0], nil
	})
}

// PartitionsOf returns the partitions with the given values, in that order, and the indexes of those that do not exist.
func (c *Catalog) PartitionsOf(ctx context.Context, database, table string, list [][]string) (found []Partition, missing []int, err error) {
	err = c.store.View(ctx, func(tx *meta.Tx) (err error) {
		found, missing, err = c.PartitionsOfTx(tx, database, table, list)
		return err
	})
	return found, missing, err
}

// PartitionsOfTx is PartitionsOf in the caller's transaction.
func (c *Catalog) PartitionsOfTx(tx *meta.Tx, database, table string, list [][]string) (found []Partition, missing []int, err error) {
	t, id, err := c.lookup(tx, database, table)
	if err != nil {
		return nil, nil, err
	}
	r := partitionReader{tx: tx, forms: map[int64]*Storage{}}
	for i, values := range list {
		if err := t.checkValues(values); err != nil {
			return nil, nil, err
		}
		p, _, err := r.scan(tx.QueryRow("SELECT "+partitionColumns+" FROM catalog_partition WHERE table_id = ? AND key = ?", id,
			encodeKey(values)))
		if errors.Is(err, sql.ErrNoRows) {
			missing = append(missing, i)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		found = append(found, p)
	}
	return found, missing, r.resolve(found)
}
