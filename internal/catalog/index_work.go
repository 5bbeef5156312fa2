package catalog

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"penstock/internal/meta"
	"penstock/internal/meta/due"
)

// indexQueue is the kind of queue that has the indexes to fill and to empty.
const indexQueue = "partition index"

// Run fills and empties partition indexes until ctx ends. A batch is one transaction, so that others can write in between, and what a kill
// cuts off goes on at the next start.
func (c *Catalog) Run(ctx context.Context, log *slog.Logger) error {
	return due.New(c.store, due.Options{Name: due.Name(indexQueue, c.region), Clock: c.clock, Log: log,
		Retry: due.Backoff{Retries: 10, First: time.Second, Factor: 2, Max: time.Minute},
		Do: func(ctx context.Context, it due.Item) error {
			for over := false; !over; {
				if err := c.store.Update(ctx, func(tx *meta.Tx) (err error) {
					over, err = c.workOn(tx, it.Body)
					return err
				}); err != nil {
					return err
				}
			}
			return nil
		}}).Run(ctx)
}

// workOn does one batch of the index with an id, and reports whether nothing is left to do.
func (c *Catalog) workOn(tx *meta.Tx, id string) (over bool, err error) {
	x := &index{}
	err = x.scan(tx.QueryRow("SELECT "+indexColumns+" FROM catalog_index WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if x.state == IndexCreating {
		t := &Table{}
		if _, _, err := t.scan(tx.QueryRow("SELECT "+tableColumns+" FROM catalog_table WHERE id = ?", x.table)); err != nil {
			return false, err
		}
		if err := x.bind(t); err != nil {
			return false, err
		}
	}
	return x.work(tx)
}

// work does one batch, and reports whether nothing is left to do.
func (x *index) work(tx *meta.Tx) (over bool, err error) {
	switch x.state {
	case IndexCreating:
		return x.fill(tx)
	case IndexDeleting, IndexFailed:
		return x.empty(tx)
	}
	return true, nil
}

// fill enters the next partitions that were there before the index.
func (x *index) fill(tx *meta.Tx) (over bool, err error) {
	var list []entry
	err = each(tx, func(r *sql.Rows) error {
		var e entry
		err := r.Scan(&e.id, &e.key)
		list = append(list, e)
		return err
	}, "SELECT id, key FROM catalog_partition WHERE table_id = ? AND key > ? ORDER BY key LIMIT ?", x.table, nonNil(x.done), batch)
	if err != nil {
		return false, err
	}
	for _, e := range list {
		values, err := decodeKey(nil, e.key)
		if err != nil {
			return false, err
		}
		if v, _, ok := x.value(values); !ok {
			x.doc.Bad = append(x.doc.Bad, values)
		} else if err := x.enter(tx, v, e); err != nil {
			return false, err
		}
		x.done = e.key
	}
	if over = len(list) < batch; over {
		x.state = IndexActive
	}
	if len(x.doc.Bad) > 0 {
		x.state, over = IndexFailed, false
		x.doc.Bad = x.doc.Bad[:min(len(x.doc.Bad), mostBad)]
	}
	return over, x.save(tx)
}

// mostBad is how many partitions are named that made an index fail.
const mostBad = 10

func (x *index) save(tx *meta.Tx) error {
	doc, err := toJSON(x.doc)
	if err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE catalog_index SET state = ?, doc = ?, done = ? WHERE id = ?", x.state, doc, nonNil(x.done), x.id)
	return err
}

// enter writes an entry, which may be there.
func (x *index) enter(tx *meta.Tx, value []byte, e entry) error {
	_, err := tx.Exec("INSERT INTO catalog_index_entry (index_id, value, key, partition) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		x.id, value, e.key, e.id)
	return err
}

// empty removes entries, and the index itself after the last one if it is to go.
func (x *index) empty(tx *meta.Tx) (over bool, err error) {
	var value, key []byte
	err = tx.QueryRow("SELECT value, key FROM catalog_index_entry WHERE index_id = ? ORDER BY value, key LIMIT 1 OFFSET ?",
		x.id, batch).Scan(&value, &key)
	if err == nil {
		_, err = tx.Exec("DELETE FROM catalog_index_entry WHERE index_id = ? AND (value, key) < (?, ?)", x.id, value, key)
		return false, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if _, err := tx.Exec("DELETE FROM catalog_index_entry WHERE index_id = ?", x.id); err != nil {
		return false, err
	}
	if x.state == IndexDeleting {
		_, err = tx.Exec("DELETE FROM catalog_index WHERE id = ?", x.id)
		return true, err
	}
	return true, nil
}

// indexer keeps the indexes of a table in step with its partitions.
type indexer struct {
	table *Table
	live  []*index
}

func (c *Catalog) indexer(tx *meta.Tx, t *Table, id int64) (*indexer, error) {
	list, err := c.indexesTx(tx, t, id)
	return &indexer{t, slices.DeleteFunc(list, func(x *index) bool { return !x.live() })}, err
}

// add enters a partition; one with a value that is none of its key's type is refused.
func (x *indexer) add(tx *meta.Tx, values []string, e entry) error {
	for _, i := range x.live {
		v, bad, ok := i.value(values)
		if !ok {
			k := x.table.PartitionKeys[bad]
			return errorf(Invalid, "Partition value %s is no %s, which partition index %s needs for key %s", strconv.Quote(values[bad]), k.Type,
				i.name, k.Name)
		}
		if err := i.enter(tx, v, e); err != nil {
			return err
		}
	}
	return nil
}

// remove takes a partition out.
func (x *indexer) remove(tx *meta.Tx, values []string) error {
	key := encodeKey(values)
	for _, i := range x.live {
		v, _, ok := i.value(values)
		if !ok {
			continue // the index is being filled and has not come to it
		}
		if _, err := tx.Exec("DELETE FROM catalog_index_entry WHERE index_id = ? AND value = ? AND key = ?", i.id, v, key); err != nil {
			return err
		}
	}
	return nil
}

// mostRanged is how many entries of ranges are sorted for a page; beyond that the partitions are read in their own order.
const mostRanged = 10_000

// byIndex is find by the partition index that is narrowest, if one is as narrow as the order of the partitions themselves and has not too
// many entries of the expression's ranges.
func (s *partitionScan) byIndex(tx *meta.Tx, t *Table, table int64, narrow int) (found []entry, more, ok bool, err error) {
	list, err := s.c.indexesTx(tx, t, table)
	if err != nil {
		return nil, false, false, err
	}
	var best *index
	var ranges spans
	for _, x := range list {
		if x.state != IndexActive {
			continue
		}
		if r, n := s.filter.keySpans(x.keys); n > 0 && n >= narrow {
			best, ranges, narrow = x, r, n
		}
	}
	if best == nil {
		return nil, false, false, nil
	}
	g := gatherer{index: best, after: nonNil(s.q.After)}
	if ok, err = g.gather(tx, ranges); !ok || err != nil {
		s.noIndex = true
		return nil, false, ok, err
	}
	found, more, err = s.choose(g)
	return found, more, true, err
}

// choose takes what matches of the entries that an index has given, in the order of their keys.
func (s *partitionScan) choose(g gatherer) (found []entry, more bool, err error) {
	slices.SortFunc(g.list, func(a, b entry) int { return bytes.Compare(a.key, b.key) })
	var values []string
	for i, e := range g.list {
		if g.bound != nil && bytes.Compare(e.key, g.bound) > 0 {
			break
		}
		s.q.After = e.key
		if values, err = decodeKey(values[:0], e.key); err != nil {
			return nil, false, err
		}
		ok, err := s.filter.Match(values)
		if err != nil {
			return nil, false, err
		}
		if !ok || !s.q.Segment.holds(e.id) {
			continue
		}
		if found = append(found, e); len(found) == s.room() {
			return found, g.bound != nil || i+1 < len(g.list), nil
		}
	}
	if g.bound != nil {
		s.q.After = g.bound
	}
	s.from = append(bytes.Clone(s.q.After), 0)
	return found, g.bound != nil, nil
}

// gatherer reads entries of an index whose keys follow after.
type gatherer struct {
	index *index
	after []byte
	list  []entry
	bound []byte // nil, or the key up to which the list is complete
}

// gather reports whether the ranges have few enough entries.
func (g *gatherer) gather(tx *meta.Tx, ranges spans) (ok bool, err error) {
	left := mostRanged
	for _, r := range ranges {
		if r.point {
			err = g.equal(tx, r.from)
		} else {
			left, err = g.between(tx, r, left)
		}
		if err != nil || left < 0 {
			return false, err
		}
	}
	return true, nil
}

// equal reads entries of one value, whose order is that of their keys.
func (g *gatherer) equal(tx *meta.Tx, value []byte) error {
	before := len(g.list)
	err := each(tx, g.add, "SELECT partition, key FROM catalog_index_entry WHERE index_id = ? AND value = ? AND key > ? ORDER BY key LIMIT ?",
		g.index.id, value, g.after, maxScan)
	if n := len(g.list); err == nil && n-before == maxScan && (g.bound == nil || bytes.Compare(g.list[n-1].key, g.bound) < 0) {
		g.bound = g.list[n-1].key
	}
	return err
}

// between reads all entries of a range, of which there may be left at most.
func (g *gatherer) between(tx *meta.Tx, r span, left int) (int, error) {
	to := r.to
	if to == nil {
		to = []byte{0xff, 0xff, 0xff, 0xff}
	}
	var n int
	err := tx.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM catalog_index_entry WHERE index_id = ? AND value >= ? AND value < ? LIMIT ?)`,
		g.index.id, nonNil(r.from), to, left+1).Scan(&n)
	if err != nil || n > left {
		return left - n, err
	}
	err = each(tx, func(rows *sql.Rows) error {
		if err := g.add(rows); err != nil {
			return err
		}
		if last := len(g.list) - 1; bytes.Compare(g.list[last].key, g.after) <= 0 {
			g.list = g.list[:last]
		}
		return nil
	}, "SELECT partition, key FROM catalog_index_entry WHERE index_id = ? AND value >= ? AND value < ?", g.index.id, nonNil(r.from), to)
	return left - n, err
}

func (g *gatherer) add(r *sql.Rows) error {
	var e entry
	err := r.Scan(&e.id, &e.key)
	g.list = append(g.list, e)
	return err
}
