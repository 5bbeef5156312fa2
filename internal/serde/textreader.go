package serde

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"penstock/internal/column"
	"penstock/internal/compression"
	"penstock/internal/delimited"
	"penstock/internal/schema"
)

// A textReader reads the records of delimited text.
type textReader struct {
	form  *Form
	opts  Options
	src   *delimited.Reader
	cols  []textColumn
	width int // how many values a line has
	other int // how many it may have instead: the table's columns in a partition that has others
	named bool

	started bool
	lines   []int64
	row     int64
}

// A textColumn is a wanted column.
type textColumn struct {
	name  string
	typ   string
	at    int // of the file's values, -1: the file has none
	index int // of the table's columns
	fit   Fitter
	nest  *nest
	text  bool // an empty value is a text
}

// textRows is how many rows a batch gets unless the options say otherwise: a chunk of the engine's.
const textRows = 2048

// textBytes ends a batch before its rows do.
const textBytes = 16 << 20

func (f *Form) openText(src io.Reader, want []schema.Field, at []int, opts Options) (Reader, error) {
	r := &textReader{form: f, opts: opts, width: len(f.files), other: len(f.columns)}
	if r.opts.Rows <= 0 {
		r.opts.Rows = textRows
	}
	for i, c := range want {
		col, err := f.textColumn(c, at[i])
		if err != nil {
			return nil, err
		}
		r.cols = append(r.cols, col)
	}
	var err error
	if r.src, err = f.Text.records(src); err != nil {
		return nil, broken(err)
	}
	return r, nil
}

// textColumn plans a column: the table's at is the file's at, whatever both are called.
func (f *Form) textColumn(want schema.Field, at int) (textColumn, error) {
	c := textColumn{name: want.Name, typ: want.Type.String(), at: at, index: at,
		text: want.Type.Kind.Text() || want.Type.Kind == schema.Unknown}
	file := want.Type
	if at < len(f.files) && f.differ(at) {
		file = f.files[at].Type
	}
	var err error
	if file.Kind.Nested() {
		if f.Text.Nested == nil {
			return c, fmt.Errorf("%s, column %s: type %s cannot be read from delimited text", f.name, want.Name, file)
		}
		c.nest, err = newNest(&f.Text, file, 0)
	} else if c.fit, err = f.Text.fitter(file); err == nil && !file.Equal(want.Type) {
		c.fit, err = converting(c.fit, file, want.Type)
		c.text = file.Kind.Text()
	}
	if err == nil && file.Kind.Nested() && !file.Equal(want.Type) {
		err = fmt.Errorf("values of %s are no values of %s", file, want.Type)
	}
	if err != nil {
		return c, fmt.Errorf("%s, column %s: %w", f.name, want.Name, err)
	}
	return c, nil
}

// differ reports whether a partition has another type for a column than its table.
func (f *Form) differ(at int) bool {
	return at < len(f.columns) && !f.files[at].Type.Equal(f.columns[at].Type)
}

// start passes over what stands before the first record.
func (r *textReader) start() error {
	r.started = true
	for range r.form.Text.Skip {
		if err := r.src.SkipLine(); err != nil && !errors.Is(err, io.EOF) {
			return r.broken(err)
		}
	}
	if !r.form.Text.Header {
		return nil
	}
	if r.opts.Header == Passed {
		if err := r.src.SkipLine(); err != nil && !errors.Is(err, io.EOF) {
			return r.broken(err)
		}
		return nil
	}
	line := r.src.Line()
	head, err := r.src.Next()
	switch {
	case errors.Is(err, io.EOF):
		return &FileError{line, "the file is empty, its header is missing"}
	case err != nil:
		return r.broken(err)
	}
	if err := r.header(head.Fields); err != nil {
		return &FileError{line, err.Error()}
	}
	return nil
}

// header compares a header with the catalog, or, where columns may come and go, finds their places.
func (r *textReader) header(fields [][]byte) error {
	if r.opts.Header == Named {
		at, err := places(fields, r.form.columns)
		if err != nil {
			return err
		}
		for i := range r.cols {
			r.cols[i].at = at[r.cols[i].index]
		}
		r.width, r.other, r.named = len(fields), len(fields), true
		return nil
	}
	err := checkHeader(fields, r.form.files)
	if err != nil && r.form.partition() && checkHeader(fields, r.form.columns) == nil {
		return nil
	}
	return err
}

// partition reports whether the form is that of a partition with columns of its own.
func (f *Form) partition() bool {
	return len(f.files) != len(f.columns) || len(f.files) > 0 && &f.files[0] != &f.columns[0]
}

// Next implements Reader.
func (r *textReader) Next(b *column.Batch) error {
	r.lines = r.lines[:0]
	if !r.started {
		if err := r.start(); err != nil {
			return err
		}
	}
	for n := 0; n < r.opts.Rows; {
		rec, err := r.src.Next()
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return nil
		case errors.Is(err, io.EOF):
			return err
		case err != nil:
			return r.broken(err)
		case rec.Blank() && r.width > 1:
			continue
		}
		r.row++
		if have := len(rec.Fields); have != r.width && have != r.other && !r.opts.Fill {
			if err := r.leaveOut(rec); err != nil {
				return err
			}
			continue
		}
		if err := r.record(b, rec); err != nil {
			b.Drop()
			return err
		}
		b.EndRows(1)
		r.lines = append(r.lines, rec.Line)
		if n++; n%16 == 0 && b.Size() > textBytes {
			return nil
		}
	}
	return nil
}

// AppendPositions implements Reader.
func (r *textReader) AppendPositions(dst []int64) []int64 { return append(dst, r.lines...) }

// Close implements Reader.
func (r *textReader) Close() {}

// record appends a record's values. One that does not fit its column's type is NULL, and told, as Spark reads it.
func (r *textReader) record(b *column.Batch, rec *delimited.Record) error {
	for i := range r.cols {
		c, v := &r.cols[i], b.Columns[i]
		switch {
		case c.at < 0 || c.at >= len(rec.Fields):
			v.AppendNull()
		case c.nest != nil:
			if err := r.nested(c, v, rec); err != nil {
				return err
			}
		case r.form.Text.null(rec, c.at, c.text):
			v.AppendNull()
		default:
			if text := rec.Fields[c.at]; !c.fit(v, text) {
				v.AppendNull()
				if err := r.bad(rec, c.name, text, "no "+c.typ); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *textReader) nested(c *textColumn, v *column.Vector, rec *delimited.Record) (err error) {
	raw := rec.Fields[c.at]
	if r.form.Text.Dialect.Escape != 0 {
		raw = rec.Raw(c.at)
	}
	c.nest.append(v, raw, func(path string, text []byte, problem string) {
		if err == nil {
			err = r.bad(rec, c.name+path, text, problem)
		}
	})
	return err
}

func (r *textReader) bad(rec *delimited.Record, name string, text []byte, problem string) error {
	if r.opts.Bad == nil {
		return nil
	}
	return r.opts.Bad(column.Finding{Row: r.row, Line: rec.Line, Column: name, Text: column.Excerpt(text), Problem: problem})
}

// leaveOut treats a line with another number of values than the table has columns.
func (r *textReader) leaveOut(rec *delimited.Record) error {
	what := r.wrongCount(rec)
	if !r.opts.Lenient {
		return &FileError{rec.Line, what}
	}
	if r.opts.Bad == nil {
		return nil
	}
	return r.opts.Bad(column.Finding{Row: r.row, Line: rec.Line, Problem: what, Lost: 1})
}

// wrongCount names the first column without a value, or the first value without a column.
func (r *textReader) wrongCount(rec *delimited.Record) string {
	have, want := len(rec.Fields), r.width
	if r.named {
		return fmt.Sprintf("the line has %d values, the header %d columns", have, want)
	}
	if have < want {
		return fmt.Sprintf("column %q: no value: the line has %d values, the last is %q, the table has %d columns", r.form.files[have].Name,
			have, Clip(string(rec.Fields[have-1])), want)
	}
	return fmt.Sprintf("column %d: the value %q has no column: the line has %d values, the table has %d columns", want+1,
		Clip(string(rec.Fields[want])), have, want)
}

// broken tells what is wrong with a file from a failure of the machine, and names the column of a broken quote.
func (r *textReader) broken(err error) error {
	var syntax *delimited.SyntaxError
	var read *delimited.ReadError
	var packed *compression.Error
	var encoding *delimited.EncodingError
	line := int64(1)
	switch {
	case errors.As(err, &syntax) && syntax.Field >= 1 && syntax.Field <= len(r.form.files):
		return &FileError{syntax.Line, fmt.Sprintf("column %q: %s", r.form.files[syntax.Field-1].Name, syntax.Msg)}
	case errors.As(err, &syntax):
		return &FileError{syntax.Line, fmt.Sprintf("field %d: %s", syntax.Field, syntax.Msg)}
	case errors.As(err, &read):
		line = read.Line
	}
	switch {
	case errors.As(err, &packed):
		return &FileError{line, packed.Error()}
	case errors.As(err, &encoding):
		return &FileError{line, encoding.Error()}
	case read != nil:
		return broken(read.Err)
	}
	return broken(err)
}

// Clip shortens a value for a message.
func Clip(s string) string {
	const most = 100
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "?") + "..."
	}
	return strings.ToValidUTF8(s, "?")
}
