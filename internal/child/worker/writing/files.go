package writing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"penstock/internal/child/task"
	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// files writes the rows one file after the other, in the order of their partitions and, within, of the table: the same rows always give
// the same files.
func (w *Writer) files(ctx context.Context, c *engine.Conn) ([]task.Output, error) {
	f := &filling{writer: w, columns: w.columns()}
	sql := fmt.Sprintf("SELECT 0::BIGINT AS %s, %s FROM %s o", partColumn, names(f.columns, "o."), engine.Ident(w.Table))
	f.slices = []slice{{}}
	if len(w.keys()) > 0 {
		var err error
		if f.slices, _, err = w.slices(ctx, c); err != nil {
			return nil, err
		}
		sql = fmt.Sprintf("SELECT p.%[1]s, %[2]s FROM %[3]s o JOIN %[4]s p ON %[5]s ORDER BY p.%[1]s, o.rowid", partColumn,
			names(f.columns, "o."), engine.Ident(w.Table), partsTable, w.sameKeys())
	}
	if err := f.run(ctx, c, sql); err != nil {
		return nil, errors.Join(err, f.abandon())
	}
	if len(f.list) == 0 && w.Some {
		if err := errors.Join(f.begin(0), f.end()); err != nil {
			return nil, err
		}
		f.list[0].Key, f.list[0].Values = w.key(nil, 0), nil // beside the partitions of a table that has some
	}
	return f.list, nil
}

// filling is the writing of rows that come in the order of their partitions.
type filling struct {
	writer  *Writer
	columns []schema.Field
	slices  []slice
	part    int // partition of the open file
	nth     int // number of the open file in it
	file    *os.File
	rows    serde.Writer
	list    []task.Output // the last is the open file
}

func (f *filling) run(ctx context.Context, c *engine.Conn, sql string) error {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	b := column.NewBatch(append([]schema.Field{{Name: partColumn, Type: schema.Of(schema.BigInt)}}, f.columns...))
	for {
		b.Reset()
		if err := rows.NextBatch(ctx, b); err == io.EOF {
			return f.end()
		} else if err != nil {
			return err
		}
		if err := f.add(b); err != nil {
			return err
		}
	}
}

// add writes the rows of a batch, whose first column is the number of their partition.
func (f *filling) add(b *column.Batch) error {
	parts := b.Columns[0].Ints
	data := &column.Batch{Columns: b.Columns[1:], Names: b.Names[1:]}
	data.EndRows(b.Rows())
	for from := 0; from < b.Rows(); {
		part := int(parts[from])
		if f.rows == nil || part != f.part || f.list[len(f.list)-1].Rows >= maxFileRows {
			if err := errors.Join(f.end(), f.begin(part)); err != nil {
				return err
			}
		}
		open := &f.list[len(f.list)-1]
		to, last := from, min(b.Rows(), from+int(maxFileRows-open.Rows))
		for to < last && int(parts[to]) == part {
			to++
		}
		if err := f.rows.WriteRows(data, from, to); err != nil {
			return err
		}
		open.Rows += int64(to - from)
		from = to
	}
	return nil
}

// begin begins a file of a partition.
func (f *filling) begin(part int) error {
	if part != f.part || len(f.list) == 0 {
		f.part, f.nth = part, 0
	}
	name := fmt.Sprintf("%06d-%d%s", part, f.nth, f.writer.out.Ending)
	o := task.Output{Name: name}
	if part < len(f.slices) {
		o.Values = f.slices[part].values
	}
	o.Key = f.writer.key(o.Values, f.nth)
	f.nth++
	var err error
	if f.file, err = os.OpenFile(filepath.Join(f.writer.Dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return err
	}
	f.list = append(f.list, o)
	f.rows, err = f.writer.out.Open(f.file, f.columns)
	return err
}

// end ends the open file, if there is one.
func (f *filling) end() error {
	if f.rows == nil {
		return nil
	}
	err := f.rows.Close()
	f.rows = nil
	return errors.Join(err, f.abandon())
}

// abandon closes the open file.
func (f *filling) abandon() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}
