package catalog

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"

	"penstock/internal/meta"
)

// partitionScan looks for one page, in as many Views as its filter needs.
type partitionScan struct {
	c      *Catalog
	q      PartitionQuery
	from   []byte // where to go on: no key before it is of the rest of the page
	filter *Filter
	page   PartitionPage
	done   bool

	noIndex bool // an index has too many entries to be of use
}

// entry is a partition as the indexes know it.
type entry struct {
	id  int64
	key []byte
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
	found, more, err := s.find(tx, table, id)
	if err != nil {
		return err
	}
	s.done = !more || len(s.page.Partitions)+len(found) == s.q.Limit
	if s.page.Next = nil; more && s.done {
		s.page.Next = s.q.After
	}
	return s.load(tx, found)
}

// room is how many partitions the page still takes.
func (s *partitionScan) room() int { return s.q.Limit - len(s.page.Partitions) }

// find returns some of the partitions that are wanted, and whether there may be others behind them. s.from and s.q.After move along.
func (s *partitionScan) find(tx *meta.Tx, t *Table, table int64) (found []entry, more bool, err error) {
	if s.q.Segment.Total > 1 && s.filter.root == nil {
		return s.segment(tx, table)
	}
	keys := s.filter.primary()
	ranges, narrow := s.filter.keySpans(keys)
	if s.filter.root != nil && !s.noIndex && narrow < 2*len(keys) {
		found, more, ok, err := s.byIndex(tx, t, table, narrow)
		if ok || err != nil {
			return found, more, err
		}
	}
	return s.walk(tx, table, ranges)
}

// walk reads the ranges of keys in order.
func (s *partitionScan) walk(tx *meta.Tx, table int64, ranges spans) (found []entry, more bool, err error) {
	read := 0
	for i := 0; i < len(ranges); {
		r := ranges[i]
		if bytes.Compare(s.from, r.from) > 0 {
			r.from = s.from
		}
		if r.to != nil && bytes.Compare(r.from, r.to) >= 0 {
			i++
			continue
		}
		if read >= maxScan {
			s.from = r.from
			return found, true, nil
		}
		w := walker{scan: s, room: s.room() - len(found), limit: maxScan}
		if s.filter.root == nil {
			w.limit = w.room + 1
		}
		if err := w.read(tx, table, r); err != nil {
			return nil, false, err
		}
		found = append(found, w.found...)
		read += w.seen + 10 // a query costs about as much as ten rows
		if w.full {
			return found, w.behind || i+1 < len(ranges), nil
		}
		if w.next == nil {
			i++
			s.from = r.to
		} else {
			s.from = w.next
		}
	}
	return found, false, nil
}

// patience is how many rows that cannot match are read before the index is asked for what follows them.
const patience = 32

// walker reads one range of keys.
type walker struct {
	scan   *partitionScan
	room   int
	limit  int
	found  []entry
	seen   int
	full   bool   // there is no room for more
	behind bool   // a row follows what has filled the room
	next   []byte // where to go on in the range; nil: it is read
	skip   []byte // rows before it cannot match
	idle   int
	values []string
}

func (w *walker) read(tx *meta.Tx, table int64, r span) error {
	query, args := "SELECT id, key FROM catalog_partition WHERE table_id = ? AND key >= ? ORDER BY key LIMIT ?",
		[]any{table, nonNil(r.from), w.limit}
	if r.to != nil {
		query = "SELECT id, key FROM catalog_partition WHERE table_id = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"
		args = []any{table, nonNil(r.from), r.to, w.limit}
	}
	err := each(tx, w.row, query, args...)
	switch {
	case errors.Is(err, errJump):
		w.next, err = w.skip, nil
	case errors.Is(err, errFull):
		err = nil
	case w.seen == w.limit:
		w.next = append(bytes.Clone(w.scan.q.After), 0)
	}
	return err
}

// These end a read early.
var (
	errJump = errors.New("go on elsewhere")
	errFull = errors.New("the page is full")
)

func (w *walker) row(r *sql.Rows) error {
	var e entry
	if err := r.Scan(&e.id, &e.key); err != nil {
		return err
	}
	w.seen++
	if w.full {
		w.behind = true
		return errFull
	}
	w.scan.q.After = e.key
	if bytes.Compare(e.key, w.skip) < 0 {
		if w.idle++; w.idle > patience {
			return errJump
		}
		return nil
	}
	var err error
	if w.values, err = decodeKey(w.values[:0], e.key); err != nil {
		return err
	}
	ok, err := w.scan.filter.Match(w.values)
	if err != nil {
		return err
	}
	if !ok {
		if n := w.scan.filter.hopeless(w.values); n > 0 {
			w.skip, w.idle = after(encodeKey(w.values[:n])), 0
		}
		return nil
	}
	if w.scan.q.Segment.holds(e.id) {
		w.found = append(w.found, e)
		w.full = len(w.found) == w.room
	}
	return nil
}

// segment reads partitions in the order of their ids, of which there is an index that is small and read fast: those of the other segments
// are passed over in it. A page's token is the last id.
func (s *partitionScan) segment(tx *meta.Tx, table int64) (found []entry, more bool, err error) {
	last := int64(0)
	if s.q.After != nil {
		if len(s.q.After) != 8 {
			return nil, false, meta.ErrToken
		}
		last = int64(binary.BigEndian.Uint64(s.q.After))
	}
	room := s.room()
	err = each(tx, func(r *sql.Rows) error {
		var e entry
		err := r.Scan(&e.id)
		found = append(found, e)
		return err
	}, `SELECT id FROM catalog_partition INDEXED BY catalog_partition_table WHERE table_id = ? AND id > ? AND id % ? = ? ORDER BY id LIMIT ?`,
		table, last, s.q.Segment.Total, s.q.Segment.Number, room+1)
	if more = len(found) > room; more {
		found = found[:room]
		s.q.After = binary.BigEndian.AppendUint64(nil, uint64(found[room-1].id))
	}
	return found, more, err
}

// load reads what is found, in its order, and adds it to the page.
func (s *partitionScan) load(tx *meta.Tx, found []entry) error {
	if len(found) == 0 {
		return nil
	}
	ids, place := make([]int64, len(found)), make(map[int64]int, len(found))
	for i, e := range found {
		ids[i], place[e.id] = e.id, i
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	r := partitionReader{tx: tx, forms: map[int64]*Storage{}}
	loaded, places := make([]Partition, 0, len(found)), make([]int, 0, len(found))
	err = each(tx, func(rows *sql.Rows) error {
		p, id, err := r.scan(rows)
		loaded, places = append(loaded, p), append(places, place[id])
		return err
	}, "SELECT "+partitionColumns+" FROM catalog_partition WHERE id IN (SELECT value FROM json_each(?))", string(list))
	if err != nil {
		return err
	}
	if err := r.resolve(loaded); err != nil {
		return err
	}
	page := make([]Partition, len(loaded))
	for i, at := range places {
		page[at] = loaded[i]
	}
	s.page.Partitions = append(s.page.Partitions, page...)
	return nil
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
