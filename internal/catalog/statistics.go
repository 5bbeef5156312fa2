package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"penstock/internal/meta"
)

// Statistics are what is known of the values of one column, of a whole table or of a partition. Doc is the caller's JSON.
type Statistics struct {
	Column string
	Doc    json.RawMessage
}

// statisticsOf finds what statistics are of: a table, and its partition with these values unless they are nil.
func (c *Catalog) statisticsOf(tx *meta.Tx, database, table string, values []string) (t *Table, id, partition int64, err error) {
	t, id, err = c.lookup(tx, database, table)
	if err != nil || values == nil {
		return t, id, 0, err
	}
	if err := t.checkValues(values); err != nil {
		return nil, 0, 0, err
	}
	err = tx.QueryRow("SELECT id FROM catalog_partition WHERE table_id = ? AND key = ?", id, encodeKey(values)).Scan(&partition)
	if errors.Is(err, sql.ErrNoRows) {
		err = errorf(NotFound, "Cannot find partition.")
	}
	return t, id, partition, err
}

// PutStatisticsTx replaces statistics of columns in the caller's transaction; values are nil for those of the whole table. The indexes of
// those whose columns the table has not are returned.
func (c *Catalog) PutStatisticsTx(tx *meta.Tx, database, table string, values []string, list []Statistics) (missing []int, err error) {
	t, id, partition, err := c.statisticsOf(tx, database, table, values)
	if err != nil {
		return nil, err
	}
	for i, s := range list {
		if !t.has(s.Column) {
			missing = append(missing, i)
			continue
		}
		if _, err := tx.Exec(`INSERT INTO catalog_statistics (table_id, partition, column, doc) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET doc = excluded.doc`, id, partition, Fold(s.Column), string(s.Doc)); err != nil {
			return nil, err
		}
	}
	return missing, nil
}

// has reports whether the table has a column or partition key of the name.
func (t *Table) has(column string) bool {
	is := func(c Column) bool { return Fold(c.Name) == Fold(column) }
	return slices.ContainsFunc(t.Columns(), is) || slices.ContainsFunc(t.PartitionKeys, is)
}

// Statistics returns the statistics of columns, in their order; those without have an empty Doc.
func (c *Catalog) Statistics(ctx context.Context, database, table string, values, columns []string) ([]Statistics, error) {
	return view(ctx, c, func(tx *meta.Tx) ([]Statistics, error) {
		_, id, partition, err := c.statisticsOf(tx, database, table, values)
		if err != nil {
			return nil, err
		}
		out := make([]Statistics, len(columns))
		for i, name := range columns {
			out[i].Column = name
			var doc string
			err := tx.QueryRow("SELECT doc FROM catalog_statistics WHERE table_id = ? AND partition = ? AND column = ?", id, partition,
				Fold(name)).Scan(&doc)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, err
			}
			out[i].Doc = json.RawMessage(doc)
		}
		return out, nil
	})
}

// DeleteStatisticsTx removes the statistics of a column in the caller's transaction.
func (c *Catalog) DeleteStatisticsTx(tx *meta.Tx, database, table string, values []string, column string) error {
	_, id, partition, err := c.statisticsOf(tx, database, table, values)
	if err != nil {
		return err
	}
	n, err := affected(tx.Exec("DELETE FROM catalog_statistics WHERE table_id = ? AND partition = ? AND column = ?", id, partition,
		Fold(column)))
	if err == nil && n == 0 {
		err = errorf(NotFound, "Column %s does not have statistics.", column)
	}
	return err
}

// keepStatistics drops the statistics of columns that an update takes from a table or gives another type: they are of other values.
func (c *Catalog) keepStatistics(tx *meta.Tx, id int64, old, t *Table) error {
	for _, was := range slices.Concat(old.Columns(), old.PartitionKeys) {
		same := func(c Column) bool { return Fold(c.Name) == Fold(was.Name) && c.Type == was.Type }
		if slices.ContainsFunc(t.Columns(), same) || slices.ContainsFunc(t.PartitionKeys, same) {
			continue
		}
		if _, err := tx.Exec("DELETE FROM catalog_statistics WHERE table_id = ? AND column = ?", id, Fold(was.Name)); err != nil {
			return err
		}
	}
	return nil
}
