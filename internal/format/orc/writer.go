package orc

import (
	"fmt"
	"io"
	"math"

	"penstock/internal/column"
	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// WriterOptions say how a file is written. The zero value is what the Java library does.
type WriterOptions struct {
	Codec      string // "zlib" ("" too), "snappy", "zstd", "lz4", "none"
	StripeSize int    // bytes that a stripe takes in memory before it is written; 0 is 64 MiB
	BlockSize  int    // bytes that are compressed together; 0 is 256 KiB
}

const (
	defaultStripe = 64 << 20
	groupRows     = 10_000 // rows of an entry in the indexes
	software      = "Penstock"
	writerVersion = 6 // the first that a writer other than Java's may have
)

// A Writer writes a file. Timestamps are written without a zone, as read on a clock of UTC, which is what every reader shows then.
type Writer struct {
	out     io.Writer
	offset  int64
	enc     *wire.Encoder
	columns []schema.Field
	root    *structWriter
	all     []*colBase // by number
	stripes []byte     // fields of the footer
	meta    []byte     // the Metadata message
	size    int
	group   int   // rows in the row group
	stripe  int64 // rows in the stripe
	rows    int64
	err     error
}

// NewWriter begins a file with the given columns. The file is whole when Close has returned nil; out is not closed.
func NewWriter(out io.Writer, columns []schema.Field, opts WriterOptions) (*Writer, error) {
	if opts.BlockSize == 0 {
		opts.BlockSize = wire.DefaultBlock
	}
	if opts.StripeSize == 0 {
		opts.StripeSize = defaultStripe
	}
	if opts.BlockSize < 1024 || opts.BlockSize > wire.MaxBlock {
		return nil, fmt.Errorf("ORC: a block of %d bytes: it is 1024 to %d", opts.BlockSize, wire.MaxBlock)
	}
	enc, err := wire.NewEncoder(opts.Codec, opts.BlockSize)
	if err != nil {
		return nil, fmt.Errorf("ORC: %w", err)
	}
	w := &Writer{out: out, enc: enc, columns: columns, size: opts.StripeSize}
	root, err := w.column("", schema.StructOf(columns...), 0)
	if err != nil {
		return nil, fmt.Errorf("ORC: %w", err)
	}
	w.root = root.(*structWriter)
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

// column makes the writer of a column and those below it, and their types in the footer.
func (w *Writer) column(path string, t schema.Type, depth int) (columnWriter, error) {
	if len(w.all) >= maxTypes || depth > maxDepth {
		return nil, fmt.Errorf("column %s: more than %d columns, or nested more than %d deep", path, maxTypes, maxDepth)
	}
	stat := stats{typ: t}
	b := colBase{id: len(w.all), path: path, typ: t, present: wire.NewBitWriter(w.enc), group: stat, stripe: stat, file: stat}
	ints := func(signed bool) wire.IntWriter { return wire.NewIntWriter(w.enc, signed) }
	limited := func(bits int) columnWriter {
		c := &intsWriter{colBase: b, data: ints(true), low: math.MinInt64 >> (64 - bits), high: math.MaxInt64 >> (64 - bits)}
		return w.add(c, &c.colBase)
	}
	switch t.Kind {
	case schema.Boolean:
		c := &boolsWriter{colBase: b, data: wire.NewBitWriter(w.enc)}
		return w.add(c, &c.colBase), nil
	case schema.TinyInt:
		c := &bytesWriter{colBase: b, data: wire.NewByteWriter(w.enc)}
		return w.add(c, &c.colBase), nil
	case schema.SmallInt:
		return limited(16), nil
	case schema.Int, schema.Date:
		return limited(32), nil
	case schema.BigInt:
		return limited(64), nil
	case schema.Float, schema.Double:
		c := &floatsWriter{colBase: b, data: wire.NewOut(w.enc)}
		return w.add(c, &c.colBase), nil
	case schema.Decimal:
		c := &decimalsWriter{colBase: b, data: wire.NewOut(w.enc), scales: ints(true), limit: tenTo(t.Precision)}
		return w.add(c, &c.colBase), nil
	case schema.Timestamp:
		c := &timesWriter{colBase: b, seconds: ints(true), nanos: ints(false)}
		return w.add(c, &c.colBase), nil
	case schema.Array, schema.Map, schema.Struct:
		return w.nested(b, t, depth)
	}
	c := &textsWriter{colBase: b, data: wire.NewOut(w.enc), lengths: ints(false), numbers: ints(false), direct: t.Kind == schema.Binary}
	return w.add(c, &c.colBase), nil
}

func (w *Writer) add(c columnWriter, b *colBase) columnWriter {
	w.all = append(w.all, b)
	return c
}

func (w *Writer) nested(b colBase, t schema.Type, depth int) (columnWriter, error) {
	kids := func(names []string, types ...schema.Type) (out []columnWriter, err error) {
		for i, kid := range types {
			path := names[i]
			if b.path != "" {
				path = b.path + "." + path
			}
			c, err := w.column(path, kid, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
		return out, nil
	}
	var err error
	switch t.Kind {
	case schema.Array:
		c := &listWriter{colBase: b, lengths: wire.NewIntWriter(w.enc, false)}
		w.add(c, &c.colBase)
		c.parts, err = kids([]string{"element"}, *t.Elem)
		return c, err
	case schema.Map:
		c := &listWriter{colBase: b, lengths: wire.NewIntWriter(w.enc, false)}
		w.add(c, &c.colBase)
		c.parts, err = kids([]string{"key", "value"}, *t.Key, *t.Elem)
		return c, err
	}
	c := &structWriter{colBase: b}
	w.add(c, &c.colBase)
	var names []string
	var types []schema.Type
	for _, f := range t.Fields {
		names, types = append(names, f.Name), append(types, f.Type)
	}
	c.fields, err = kids(names, types...)
	return c, err
}

// writePiece is how many rows are written between two looks at the memory.
const writePiece = 1024

// Write adds the rows of a batch of the file's columns. After an error the file is lost.
func (w *Writer) Write(b *column.Batch) error { return w.WriteRows(b, 0, b.Rows()) }

// WriteRows is Write for the rows of a batch from one up to another.
func (w *Writer) WriteRows(b *column.Batch, from, to int) error {
	if w.err == nil && len(b.Columns) != len(w.columns) {
		w.err = fmt.Errorf("ORC: a batch of %d columns for a file of %d", len(b.Columns), len(w.columns))
	}
	for from < to && w.err == nil {
		n := min(writePiece, to-from, groupRows-w.group)
		w.piece(b, from, from+n)
		from += n
	}
	return w.err
}

func (w *Writer) piece(b *column.Batch, from, to int) {
	if w.group == 0 {
		w.root.startGroup()
	}
	for i, f := range w.root.fields {
		if err := f.write(b.Columns[i], from, to, nil); err != nil {
			w.err = fmt.Errorf("ORC: rows %d to %d: %w", w.rows+w.stripe+1, w.rows+w.stripe+int64(to-from), err)
			return
		}
	}
	w.root.group.count += uint64(to - from)
	w.group += to - from
	w.stripe += int64(to - from)
	if w.group == groupRows {
		w.root.endGroup()
		w.group = 0
	}
	if w.root.size() >= w.size {
		w.flush()
	}
}

// flush writes the stripe.
func (w *Writer) flush() {
	if w.group > 0 {
		w.root.endGroup()
		w.group = 0
	}
	s := &stripeWriter{enc: w.enc}
	if w.err = w.root.finish(s); w.err != nil {
		return
	}
	info := stripeInfo{offset: uint64(w.offset), rows: uint64(w.stripe)}
	for _, p := range s.index {
		w.put(p.bytes)
		info.index += uint64(len(p.bytes))
	}
	for _, p := range s.data {
		w.put(p.bytes)
		info.data += uint64(len(p.bytes))
	}
	info.footer = w.message(s.footer())
	w.meta = wire.PutBytes(w.meta, 1, s.stats)
	m := wire.PutUint(wire.PutUint(wire.PutUint(nil, 1, info.offset), 2, info.index), 3, info.data)
	w.stripes = wire.PutBytes(w.stripes, 3, wire.PutUint(wire.PutUint(m, 4, info.footer), 5, info.rows))
	w.rows += w.stripe
	w.stripe = 0
}

// message writes a message compressed and returns its length.
func (w *Writer) message(m []byte) uint64 {
	b, err := w.enc.Pack(m)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.put(b)
	return uint64(len(b))
}

// Close writes what is left and the end of the file.
func (w *Writer) Close() error {
	if w.err == nil && w.stripe > 0 {
		w.flush()
	}
	if w.err != nil {
		return w.err
	}
	content := w.offset
	metadata := w.message(w.meta)
	footer := w.message(w.footer(content))
	ps := wire.PutUint(wire.PutUint(nil, 1, footer), 2, uint64(w.enc.Kind()))
	if w.enc.Kind() != wire.CodecNone {
		ps = wire.PutUint(ps, 3, uint64(w.enc.Block()))
	}
	ps = wire.PutUint(wire.PutBytes(ps, 4, []byte{0, 12}), 5, metadata)
	ps = wire.PutBytes(wire.PutUint(ps, 6, writerVersion), 8000, magic)
	w.put(append(ps, byte(len(ps))))
	if w.err != nil {
		return w.err
	}
	w.err = io.ErrClosedPipe // nothing comes after the end
	return nil
}

func (w *Writer) footer(content int64) []byte {
	dst := wire.PutUint(wire.PutUint(nil, 1, uint64(len(magic))), 2, uint64(content))
	dst = append(dst, w.stripes...)
	for _, c := range w.all {
		dst = wire.PutBytes(dst, 4, c.typeMessage())
	}
	dst = wire.PutUint(dst, 6, uint64(w.rows))
	for _, c := range w.all {
		dst = wire.PutBytes(dst, 7, c.file.append(nil))
	}
	dst = wire.PutUint(wire.PutUint(dst, 8, groupRows), 9, writerCPP)
	return wire.PutBytes(wire.PutUint(dst, 11, calendarProleptic), 12, software)
}

// fileKinds are the kinds of the footer's types.
var fileKinds = map[schema.Kind]int{schema.Unknown: kindString, schema.Boolean: kindBoolean, schema.TinyInt: kindByte,
	schema.SmallInt: kindShort, schema.Int: kindInt, schema.BigInt: kindLong, schema.Float: kindFloat, schema.Double: kindDouble,
	schema.Decimal: kindDecimal, schema.String: kindString, schema.Char: kindChar, schema.Varchar: kindVarchar, schema.Binary: kindBinary,
	schema.Date: kindDate, schema.Timestamp: kindTimestamp, schema.Array: kindList, schema.Map: kindMap, schema.Struct: kindStruct}

// typeMessage is the Type message. The columns below have the numbers after the column's own.
func (c *colBase) typeMessage() []byte {
	t := c.typ
	dst := wire.PutUint(nil, 1, uint64(fileKinds[t.Kind]))
	var subs []uint64
	next := uint64(c.id + 1)
	for _, kid := range parts(t) {
		subs = append(subs, next)
		next += countTypes(kid)
	}
	dst = wire.PutList(dst, 2, subs)
	for _, f := range t.Fields {
		dst = wire.PutBytes(dst, 3, f.Name)
	}
	dst = wire.PutSome(dst, 4, t.Length)
	if t.Kind == schema.Decimal {
		dst = wire.PutUint(wire.PutUint(dst, 5, uint64(t.Precision)), 6, uint64(t.Scale))
	}
	return dst
}

// parts are the types directly below a type.
func parts(t schema.Type) (out []schema.Type) {
	if t.Key != nil {
		out = append(out, *t.Key)
	}
	if t.Elem != nil {
		out = append(out, *t.Elem)
	}
	for _, f := range t.Fields {
		out = append(out, f.Type)
	}
	return out
}

func countTypes(t schema.Type) uint64 {
	n := uint64(1)
	for _, kid := range parts(t) {
		n += countTypes(kid)
	}
	return n
}
