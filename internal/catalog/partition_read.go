package catalog

import (
	"bytes"
	"context"
	"strings"

	"penstock/internal/meta"
)

const partitionColumns = "id, key, created, form, location, doc"

// maxScan is how many keys one View reads.
const maxScan = 1000

func joinValues(values []string) string { return strings.Join(values, ", ") }

// partitionReader turns rows into partitions. Rows must be closed before forms are asked for, so it works in two steps: scan, resolve.
type partitionReader struct {
	tx    *meta.Tx
	forms map[int64]*Storage
	ids   []int64 // form ids of the partitions scanned so far
}

func (r *partitionReader) scan(row scanner) (p Partition, id int64, err error) {
	var key []byte
	var created, form int64
	var location, doc string
	if err := row.Scan(&id, &key, &created, &form, &location, &doc); err != nil {
		return Partition{}, 0, err
	}
	var d partitionDoc
	if err := fromJSON(doc, &d); err != nil {
		return Partition{}, 0, err
	}
	p = d.Partition
	p.Created = instant(created)
	if form != 0 {
		p.Storage = &Storage{Location: location, Parameters: d.StorageParameters}
	}
	r.ids = append(r.ids, form)
	p.Values, err = decodeKey(nil, key)
	return p, id, err
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

// A Segment is one of Total disjoint parts of a table's partitions, about equal; Total 0 is all of them. A partition stays in its segment
// while it exists.
type Segment struct{ Number, Total int }

func (s Segment) holds(id int64) bool { return s.Total <= 1 || int(id%int64(s.Total)) == s.Number }

// A PartitionPage is one page of partitions in the order of their values, or of their creation if a segment is asked for without an
// expression; Next is nil on the last.
type PartitionPage struct {
	Table      *Table
	Partitions []Partition
	Next       []byte
}

// Partitions returns a page of the partitions that a query selects.
func (c *Catalog) Partitions(ctx context.Context, q PartitionQuery) (PartitionPage, error) {
	if q.Limit < 1 || q.Limit > maxScan {
		q.Limit = maxScan
	}
	scan := &partitionScan{c: c, q: q, from: q.After}
	if q.After != nil {
		scan.from = append(bytes.Clone(q.After), 0)
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
