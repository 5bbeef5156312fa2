package parquetfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// WriterOptions say how a file is written. The zero value is what Spark does, with smaller row groups.
type WriterOptions struct {
	Codec    string            // "snappy" ("" too), "gzip", "zstd", "lz4", "none"
	RowGroup int               // bytes that a row group takes in memory before it is written; 0 is 64 MiB
	Metadata map[string]string // key-value metadata of the footer
}

const (
	defaultGroup = 64 << 20
	maxGroupRows = 122_880 // any reader can hold as many in memory
	maxPage      = 1 << 18 // bytes of a page's values
	maxPageRows  = 1 << 15
	stepRows     = 4096 // rows whose levels are worked out together
	software     = "Penstock"
)

// A Writer writes a file in the way that readers since 2014 know: pages of version 1, dictionaries where they pay, statistics, checksums.
// A timestamp is written as a clock's time without a zone, in microseconds.
type Writer struct {
	out     io.Writer
	offset  int64
	opts    WriterOptions
	packer  *packer
	root    []*node
	plan    plan
	columns int
	body    []byte   // a page before it is packed
	rows    slotList // of the rows at hand
	groups  []byte   // the RowGroups of the footer
	nGroups int
	group   groupCount
	total   int64
	err     error
}

// groupCount counts what the row group at hand has.
type groupCount struct{ rows, unpacked int64 }

// NewWriter begins a file with the given columns. The file is whole when Close has returned nil; out is not closed.
func NewWriter(out io.Writer, columns []schema.Field, opts WriterOptions) (*Writer, error) {
	if opts.RowGroup == 0 {
		opts.RowGroup = defaultGroup
	}
	if len(columns) == 0 {
		return nil, errors.New("parquet: a file has at least one column")
	}
	p, err := newPacker(opts.Codec)
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	w := &Writer{out: out, opts: opts, packer: p, columns: len(columns)}
	w.plan.elements = []element{{name: "schema", physical: group, children: int64(len(columns))}}
	for _, c := range columns {
		n, err := w.plan.column(c, nil, 0, 0, false)
		if err != nil {
			return nil, fmt.Errorf("parquet: %w", err)
		}
		w.root = append(w.root, n)
	}
	w.rows.def, w.rows.rep = make([]uint8, stepRows), make([]uint8, stepRows)
	w.put([]byte(magic))
	return w, w.err
}

func (w *Writer) put(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.out.Write(b)
	w.offset += int64(n)
	w.err = err
}

// Write adds the rows of a batch, whose columns are those of the file. After an error the file is lost.
func (w *Writer) Write(b *column.Batch) error { return w.WriteRows(b, 0, b.Rows()) }

// WriteRows is Write for the rows of a batch from one up to another.
func (w *Writer) WriteRows(b *column.Batch, from, to int) error {
	if w.err == nil && len(b.Columns) != w.columns {
		w.err = fmt.Errorf("parquet: a batch of %d columns for a file of %d", len(b.Columns), w.columns)
	}
	for ; from < to && w.err == nil; from += stepRows {
		w.err = w.step(b, from, min(from+stepRows, to))
	}
	return w.err
}

// step adds some rows.
func (w *Writer) step(b *column.Batch, from, to int) error {
	n := to - from
	s := slotList{at: w.rows.at[:0], def: w.rows.def[:n], rep: w.rows.rep[:n], rows: true}
	for i := from; i < to; i++ {
		s.at = append(s.at, int32(i))
	}
	w.rows.at = s.at
	for i, c := range w.root {
		if err := c.write(b.Columns[i], &s); err != nil {
			return fmt.Errorf("parquet: %w", err)
		}
	}
	w.group.rows += int64(n)
	size := 0
	for _, l := range w.plan.leaves {
		if err := w.review(l); err != nil {
			return err
		}
		size += l.size()
	}
	if size >= w.opts.RowGroup || w.group.rows > maxGroupRows-stepRows {
		return w.endGroup()
	}
	return nil
}

// review ends a page that is long enough, or whose dictionary is full.
func (w *Writer) review(l *leaf) error {
	full := l.chunk.full && l.indexing
	if !full && len(l.data)+4*len(l.index) < maxPage && len(l.defs) < maxPageRows {
		return nil
	}
	if err := w.endPage(l); err != nil {
		return err
	}
	if full {
		l.indexing = false
	}
	return nil
}

// endGroup writes the row group.
func (w *Writer) endGroup() error {
	if w.group.rows == 0 {
		return nil
	}
	begin := w.offset
	m := newMessage(w.groups)
	m.last = nil // RowGroups are elements of a list
	m.open()
	m.list(1, len(w.plan.leaves), tStruct)
	for _, l := range w.plan.leaves {
		if err := w.finish(l, m); err != nil {
			return err
		}
	}
	m.i64(2, w.group.unpacked)
	m.i64(3, w.group.rows)
	m.i64(5, begin)
	m.i64(6, w.offset-begin)
	if w.nGroups < 1<<15 {
		m.i16(7, int64(w.nGroups))
	}
	m.end()
	w.groups = m.b
	w.nGroups++
	w.total += w.group.rows
	w.group = groupCount{}
	return w.err
}

// Close writes what is left and the footer.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if w.err = w.endGroup(); w.err != nil {
		return w.err
	}
	m := newMessage(nil)
	m.i32(1, 1)
	m.list(2, len(w.plan.elements), tStruct)
	for i := range w.plan.elements {
		w.plan.elements[i].put(m, i == 0)
	}
	m.i64(3, w.total)
	m.list(4, w.nGroups, tStruct)
	m.b = append(m.b, w.groups...)
	w.keyValues(m)
	m.binary(6, software)
	m.list(7, len(w.plan.leaves), tStruct) // the values are ordered by their type
	for range w.plan.leaves {
		m.open()
		m.begin(1)
		m.end()
		m.end()
	}
	m.end()
	w.put(append(binary.LittleEndian.AppendUint32(m.b, uint32(len(m.b))), magic...))
	if w.err == nil {
		w.err = errors.New("parquet: the file is closed")
		return nil
	}
	return w.err
}

func (w *Writer) keyValues(m *message) {
	if len(w.opts.Metadata) == 0 {
		return
	}
	m.list(5, len(w.opts.Metadata), tStruct)
	for _, k := range slices.Sorted(maps.Keys(w.opts.Metadata)) {
		m.open()
		m.binary(1, k)
		m.binary(2, w.opts.Metadata[k])
		m.end()
	}
}
