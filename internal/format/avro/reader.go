package avro

import (
	"errors"
	"fmt"
	"io"

	lib "github.com/twmb/avro"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// Options say how a Reader reads.
type Options struct {
	Rows   int    // rows of a batch; 0: 8192
	Schema string // the table's avro.schema.literal; "" is the file's own
	// Bad is told of values that a column does not hold, which become nulls, and of damage: the rest of a damaged block is left out, and
	// the reading goes on with the next one. An error that it returns ends the reading. Without Bad any damage does.
	Bad func(column.Finding) error
}

// batchBytes ends a batch whose rows are large.
const batchBytes = 32 << 20

// A Reader reads the rows of a file.
type Reader struct {
	c      *counted
	head   *Header
	opts   Options
	unpack unpack
	close  func()
	read   reading

	d      data
	stored []byte // the memory of a block as it is stored
	at     int64  // where the block begins
	left   int64  // rows of the block that have not been read
	row    int64  // rows before the next one
}

// NewReader reads the header of src and plans the reading of columns, which are found by name without regard to case; those that the file
// and the table's schema do not have are null. Close it.
func NewReader(src io.Reader, columns []schema.Field, opts Options) (*Reader, error) {
	r := &Reader{c: newCounted(src), opts: opts}
	var err error
	if r.head, err = readHeader(r.c); err != nil {
		return nil, err
	}
	if r.opts.Rows == 0 {
		r.opts.Rows = 8192
	}
	var table *lib.SchemaNode
	if opts.Schema != "" {
		full, root, err := parse(opts.Schema)
		if err != nil {
			return nil, fmt.Errorf("avro.schema.literal: %w", err)
		}
		if err := lib.CheckCompatibility(r.head.full, full); err != nil {
			return nil, fmt.Errorf("the schema of the Avro file does not fit the table's: %w", err)
		}
		table = root
	}
	if r.read, err = planRecord(r.head.root, table, schema.StructOf(columns...), "", 0); err != nil {
		return nil, err
	}
	if r.unpack, r.close, err = codec(r.head.Codec); err != nil {
		return nil, err
	}
	r.d.problem = func(name, problem, text string) error {
		return r.bad(column.Finding{Row: r.row + 1, Offset: r.at, Column: name, Text: column.Excerpt([]byte(text)), Problem: problem})
	}
	return r, nil
}

// Header is the file's.
func (r *Reader) Header() *Header { return r.head }

// Close frees what the decompressor holds.
func (r *Reader) Close() { r.close() }

func (r *Reader) bad(f column.Finding) error {
	if r.opts.Bad == nil {
		return errors.New(f.String())
	}
	return r.opts.Bad(f)
}

// Next appends the next rows to b, and returns io.EOF when there are none left.
func (r *Reader) Next(b *column.Batch) error {
	all := &column.Vector{Type: schema.Type{Kind: schema.Struct}, Parts: b.Columns}
	for n := 0; n < r.opts.Rows; {
		if r.left == 0 {
			if err := r.block(); err != nil {
				if errors.Is(err, io.EOF) && n > 0 {
					return nil
				}
				return err
			}
			continue
		}
		if n%64 == 63 && b.Size() > batchBytes {
			return nil
		}
		all.Null = all.Null[:0]
		before := r.d.pos
		err := r.read(&r.d, all)
		if err == nil && r.d.pos == before {
			err = r.d.nothing()
		}
		var damage *dataError
		switch {
		case errors.As(err, &damage):
			b.Drop()
			if err := r.lose(damage.msg); err != nil {
				return err
			}
			continue
		case err != nil:
			b.Drop()
			return err
		}
		b.EndRows(1)
		n++
		r.row++
		if r.left--; r.left == 0 && r.d.pos != len(r.d.b) {
			f := column.Finding{Row: r.row, Offset: r.at, Problem: fmt.Sprintf("%d bytes of the block follow its last row", len(r.d.b)-r.d.pos)}
			if err := r.bad(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// lose leaves out what is left of a block.
func (r *Reader) lose(why string) error {
	f := column.Finding{Row: r.row + 1, Offset: r.at, Lost: max(r.left, 1), Problem: why}
	if r.left > 0 {
		f.Problem = fmt.Sprintf("%s; the last %d rows of the block are left out", why, r.left)
	}
	r.row += r.left
	r.left = 0
	return r.bad(f)
}

// block reads and unpacks the next block that is not damaged.
func (r *Reader) block() error {
	for {
		b, err := r.head.next(r.c, r.stored, false)
		if b.data != nil {
			r.stored = b.data
		}
		r.at = b.at
		var damage *blockError
		switch {
		case errors.As(err, &damage):
			r.left = max(b.rows, 0)
			if err := r.lose(damage.msg); err != nil {
				return err
			}
			if err := r.head.resync(r.c); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		r.left = b.rows
		text, err := r.unpack(b.data)
		if err != nil {
			if err := r.lose("the block cannot be unpacked: " + err.Error()); err != nil {
				return err
			}
			continue
		}
		r.d.b, r.d.pos, r.d.nothings = text, 0, 0
		if b.rows > 0 || len(text) == 0 {
			return nil
		}
	}
}
