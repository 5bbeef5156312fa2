package orc

import (
	"fmt"
	"io"

	"penstock/internal/column"
	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// Info is what a file says about itself.
type Info struct {
	Columns []schema.Field
	Rows    int64
	Stripes int
	Codec   string // "none", "zlib", "snappy", "lz4", "zstd"
	Writer  string // such as "ORC Java 1.9.4" or "ORC C++"
}

// Inspect reads the end of a file of size bytes.
func Inspect(src io.ReaderAt, size int64) (Info, error) {
	t, err := readTail(src, size)
	if err == nil {
		err = t.checkStripes(size)
	}
	if err != nil {
		return Info{}, fmt.Errorf("ORC: %w", err)
	}
	return t.info()
}

func (t *tail) info() (Info, error) {
	rows, err := t.root.nestedType()
	if err != nil {
		return Info{}, fmt.Errorf("ORC: %w", err)
	}
	return Info{Columns: rows.Fields, Rows: int64(t.rows), Stripes: len(t.stripes), Codec: wire.CodecName(t.postScript.codec),
		Writer: t.writerName()}, nil
}

var writerNames = [...]string{"ORC Java", "ORC C++", "Presto", "scritchley/orc", "Trino", "cuDF"}

func (t *tail) writerName() string {
	name := fmt.Sprintf("writer %d", t.writer)
	if t.writer < uint64(len(writerNames)) {
		name = writerNames[t.writer]
	}
	if t.software == software {
		return software
	}
	if t.software != "" {
		name += " " + clip(t.software)
	}
	return name
}

// Options say what is read of a file.
type Options struct {
	// Columns are the wanted ones, the catalog's; nil is all that the file has. What the file has not is null.
	Columns []schema.Field
	// ByPosition takes the file's columns in their order, as Athena and Hive do unless told otherwise; else they are found by name, without
	// regard to case. Files whose columns are named _col0, _col1 and so on are always read by position.
	ByPosition bool
	// Positions are those of the wanted columns, where these are not all that come first; it implies ByPosition.
	Positions []int
	// Memory bounds what a batch, and what the dictionaries of a stripe may take, in bytes; 0 is 256 MiB.
	Memory int
}

// A Reader reads the rows of a file.
type Reader struct {
	src    io.ReaderAt
	tail   *tail
	info   Info
	want   []schema.Field
	plans  []*plan
	memory int
	budget budget
	stripe int // the next one
	left   int64
	rows   *structColumn
	step   int
	err    error // what ended the reading
}

const defaultMemory = 256 << 20

// NewReader opens a file of size bytes.
func NewReader(src io.ReaderAt, size int64, opts Options) (*Reader, error) {
	t, err := readTail(src, size)
	if err == nil {
		err = t.checkStripes(size)
	}
	if err != nil {
		return nil, fmt.Errorf("ORC: %w", err)
	}
	r := &Reader{src: src, tail: t, want: opts.Columns, memory: opts.Memory}
	if r.memory == 0 {
		r.memory = defaultMemory
	}
	if r.want == nil {
		if r.info, err = t.info(); err != nil {
			return nil, err
		}
		r.want = r.info.Columns
		opts.ByPosition = true
	}
	if r.plans, err = planColumns(t.root, r.want, opts.positions(t.root)); err != nil {
		return nil, fmt.Errorf("ORC: %w", err)
	}
	return r, nil
}

// positions say where the wanted columns stand; nil: by their names.
func (o *Options) positions(root *node) []int {
	if o.Positions != nil {
		return o.Positions
	}
	if !o.ByPosition && !unnamed(root) {
		return nil
	}
	at := make([]int, max(len(o.Columns), len(root.kids)))
	for i := range at {
		at[i] = i
	}
	return at
}

// Columns are those that a batch for Next must have.
func (r *Reader) Columns() []schema.Field { return r.want }

// Rows is the number of rows in the file.
func (r *Reader) Rows() int64 { return int64(r.tail.rows) }

// Next appends some rows to b, a batch of Columns, about 4 MiB or 2,048 rows; io.EOF says that there are no more. A damaged file is an
// error that ends the reading; the rows before are good.
func (r *Reader) Next(b *column.Batch) error {
	if r.err != nil {
		return r.err
	}
	if len(b.Columns) != len(r.want) {
		return fmt.Errorf("a batch of %d columns for a reader of %d", len(b.Columns), len(r.want))
	}
	if err := r.next(b); err != nil {
		b.Drop()
		if r.err = err; err != io.EOF {
			r.err = fmt.Errorf("ORC: %w", err)
		}
	}
	return r.err
}

func (r *Reader) next(b *column.Batch) error {
	for r.left == 0 {
		if r.stripe == len(r.tail.stripes) {
			return io.EOF
		}
		if err := r.open(); err != nil {
			return err
		}
	}
	n := int(min(int64(r.step), r.left))
	r.budget = budget{r.memory, r.memory}
	rows := &column.Vector{Type: schema.Of(schema.Unknown), Parts: b.Columns}
	if err := r.rows.read(rows, n, nil); err != nil {
		return err
	}
	r.left -= int64(n)
	b.EndRows(n)
	r.fit(n, r.memory-r.budget.left)
	return nil
}

// Bounds of what is read at once.
const (
	batchRows  = 2048
	batchBytes = 4 << 20
)

// fit chooses how many rows come next, when n took so many bytes.
func (r *Reader) fit(n, size int) {
	r.step = max(1, min(batchRows, 2*n, batchBytes/max(1, size/n)))
}

// open starts the next stripe. How many bytes its rows take in the file bounds how many are read first.
func (r *Reader) open() error {
	st, err := r.tail.openStripe(r.src, r.stripe, &r.budget, r.memory)
	if err != nil {
		return err
	}
	fields, err := st.columns(r.plans)
	if err != nil {
		return err
	}
	info := r.tail.stripes[r.stripe]
	r.rows = &structColumn{base: st.base(r.tail.root), fields: fields}
	r.stripe++
	r.left = int64(info.rows)
	if r.step = 64; r.left > 0 {
		r.fit(batchRows, int(min(4*info.data/info.rows*batchRows, 1<<40)))
	}
	return nil
}
