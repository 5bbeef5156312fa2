package catalog

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"penstock/internal/meta"
)

// hotTables is how many bytes of tables are kept in memory.
const hotTables = 8 << 20

// A tableKey names a table, folded.
type tableKey struct{ database, name string }

// A hotTable is a decoded row that nobody changes, with about how many bytes it takes.
type hotTable struct {
	table *Table
	size  int
	kept  *atomic.Value // of Kept
}

// Table returns a table. It is the caller's to change.
func (c *Catalog) Table(ctx context.Context, database, name string) (*Table, error) {
	h, err := c.hot(ctx, database, name)
	if err != nil {
		return nil, err
	}
	return h.table.clone(), nil
}

// Kept returns what show makes of a table, which nobody may change, nor what it leads to: it is made once as long as the table's row is in
// memory. show is the same function in every call.
func (c *Catalog) Kept(ctx context.Context, database, name string, show func(*Table) any) (any, error) {
	h, err := c.hot(ctx, database, name)
	if err != nil {
		return nil, err
	}
	if v := h.kept.Load(); v != nil {
		return v, nil
	}
	v := show(h.table)
	h.kept.Store(v)
	return v, nil
}

func (c *Catalog) hot(ctx context.Context, database, name string) (hotTable, error) {
	return c.tables.Load(ctx, tableKey{Fold(database), Fold(name)}, func(ctx context.Context) (hotTable, error) {
		return view(ctx, c, func(tx *meta.Tx) (h hotTable, err error) {
			h.kept = new(atomic.Value)
			h.table, _, h.size, err = c.read(tx, database, name)
			return h, err
		})
	})
}

// clone copies all that can be changed through a pointer, a map or a list, but the texts that pointers lead to.
func (t *Table) clone() *Table {
	out := *t
	out.PartitionKeys, out.Parameters, out.Storage = cloneColumns(t.PartitionKeys), maps.Clone(t.Parameters), t.Storage.clone()
	return &out
}

func (s *Storage) clone() *Storage {
	if s == nil {
		return nil
	}
	out := *s
	out.Columns, out.BucketColumns, out.SortColumns = cloneColumns(s.Columns), slices.Clone(s.BucketColumns), slices.Clone(s.SortColumns)
	out.Parameters = maps.Clone(s.Parameters)
	if s.SerDe != nil {
		serde := *s.SerDe
		serde.Parameters = maps.Clone(s.SerDe.Parameters)
		out.SerDe = &serde
	}
	if s.Skewed != nil {
		skewed := Skewed{slices.Clone(s.Skewed.Columns), slices.Clone(s.Skewed.Values), maps.Clone(s.Skewed.Locations)}
		out.Skewed = &skewed
	}
	return &out
}

func cloneColumns(in []Column) []Column {
	out := slices.Clone(in)
	for i := range out {
		out[i].Parameters = maps.Clone(out[i].Parameters)
	}
	return out
}
