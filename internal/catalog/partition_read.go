package catalog

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"penstock/internal/meta"
)

const partitionColumns = "key, created, form, location, doc"

// maxScan is how many keys one View reads.
const maxScan = 1000

func joinValues(values []string) string { return strings.Join(values, ", ") }

// partitionReader turns rows into partitions. Rows must be closed before forms are asked for, so it works in two steps: scan, resolve.
type partitionReader struct {
	tx    *meta.Tx
	forms map[int64]*Storage
	ids   []int64 // form ids of the partitions scanned so far
}

func (r *partitionReader) scan(row scanner) (Partition, error) {
	var key []byte
	var created, form int64
	var location, doc string
	if err := row.Scan(&key, &created, &form, &location, &doc); err != nil {
		return Partition{}, err
	}
	var d partitionDoc
	if err := fromJSON(doc, &d); err != nil {
		return Partition{}, err
	}
	p := d.Partition
	p.Created = instant(created)
	if form != 0 {
		p.Storage = &Storage{Location: location, Parameters: d.StorageParameters}
	}
	r.ids = append(r.ids, form)
	var err error
	p.Values, err = decodeKey(nil, key)
	return p, err
}

// resolve completes the partitions scanned so far with what their forms hold.
func (r *partitionReader) resolve(ps []Partition) error {
	for i := range ps {
		id := r.ids[i]
		if id == 0 {
			continue
		}
		form, ok := r.forms[id]
		if !ok {
			var doc string
			if err := r.tx.QueryRow("SELECT doc FROM catalog_form WHERE id = ?", id).Scan(&doc); err != nil {
				return err
			}
			form = &Storage{}
			if err := fromJSON(doc, form); err != nil {
				return err
			}
			r.forms[id] = form
		}
		s := *form
		s.Location, s.Parameters = ps[i].Storage.Location, ps[i].Storage.Parameters
		ps[i].Storage = &s
	}
	return nil
}

// A PartitionQuery selects partitions of a table.
type PartitionQuery struct {
	Database, Table string
	Expression      string // see CompileFilter
	Segment         Segment
	After           []byte // the Next of the page before
	Limit           int    // at most this many, 1-1000
}

// A PartitionPage is one page of partitions in the order of their values; Next is nil on the last.
type PartitionPage struct {
	Table      *Table
	Partitions []Partition
	Next       []byte
}

// Partitions returns a page of the partitions that a query selects.
func (c *Catalog) Partitions(ctx context.Context, q PartitionQuery) (PartitionPage, error) {
	scan := &partitionScan{c: c, q: q}
	if q.Limit < 1 || q.Limit > maxScan {
		scan.q.Limit = maxScan
	}
	for !scan.done {
		if err := c.store.View(ctx, scan.step); err != nil {
			return PartitionPage{}, err
		}
	}
	return scan.page, nil
}

// EachPartition calls fn with every partition that matches an expression, a page at a time.
func (c *Catalog) EachPartition(ctx context.Context, database, table, expression string, fn func([]Partition) error) error {
	q := PartitionQuery{Database: database, Table: table, Expression: expression, Limit: maxScan}
	for {
		page, err := c.Partitions(ctx, q)
		if err != nil {
			return err
		}
		if err := fn(page.Partitions); err != nil || page.Next == nil {
			return err
		}
		q.After = page.Next
	}
}

// partitionScan looks for one page, in as many Views as its filter needs.
type partitionScan struct {
	c      *Catalog
	q      PartitionQuery
	filter *Filter
	page   PartitionPage
	done   bool
}

// step reads up to maxScan keys and adds the partitions that match to the page.
func (s *partitionScan) step(tx *meta.Tx) error {
	table, id, err := s.c.lookup(tx, s.q.Database, s.q.Table)
	if err != nil {
		return err
	}
	s.page.Table = table
	if s.filter == nil {
		if s.filter, err = CompileFilter(s.q.Expression, table.PartitionKeys); err != nil {
			return err
		}
	}
	rowIDs, more, err := s.match(tx, id)
	if err != nil {
		return err
	}
	s.done = !more || len(s.page.Partitions)+len(rowIDs) == s.q.Limit
	if s.page.Next = nil; more && s.done {
		s.page.Next = s.q.After
	}
	return s.load(tx, rowIDs)
}

// match reads keys in order and returns the row ids of those that are wanted, and whether keys are left. q.After moves along.
func (s *partitionScan) match(tx *meta.Tx, table int64) (ids []int64, more bool, err error) {
	room := s.q.Limit - len(s.page.Partitions)
	limit := maxScan
	if s.filter.root == nil && s.q.Segment.Total <= 1 {
		limit = room + 1
	}
	b := s.filter.bounds()
	if s.q.After != nil {
		b = b.and(keyRange{append(bytes.Clone(s.q.After), 0), nil})
	}
	query, args := "SELECT id, key FROM catalog_partition WHERE table_id = ? AND key >= ? ORDER BY key LIMIT ?",
		[]any{table, nonNil(b.from), limit}
	if b.to != nil {
		query = "SELECT id, key FROM catalog_partition WHERE table_id = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"
		args = []any{table, nonNil(b.from), b.to, limit}
	}
	var values []string
	seen, full := 0, false
	err = each(tx, func(r *sql.Rows) error {
		var id int64
		var key []byte
		if err := r.Scan(&id, &key); err != nil {
			return err
		}
		if seen++; full {
			more = true
			return nil
		}
		if values, err = decodeKey(values[:0], key); err != nil {
			return err
		}
		s.q.After = key
		ok, err := s.filter.Match(values)
		if err != nil || !ok || !s.q.Segment.holds(key) {
			return err
		}
		ids = append(ids, id)
		full = len(ids) == room
		return nil
	}, query, args...)
	return ids, more || seen == limit, err
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func (s *partitionScan) load(tx *meta.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	r := partitionReader{tx: tx, forms: map[int64]*Storage{}}
	var found []Partition
	err = each(tx, func(rows *sql.Rows) error {
		p, err := r.scan(rows)
		found = append(found, p)
		return err
	}, "SELECT "+partitionColumns+" FROM catalog_partition WHERE id IN (SELECT value FROM json_each(?)) ORDER BY key", string(list))
	if err != nil {
		return err
	}
	if err := r.resolve(found); err != nil {
		return err
	}
	s.page.Partitions = append(s.page.Partitions, found...)
	return nil
}
