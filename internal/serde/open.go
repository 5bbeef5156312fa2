package serde

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"penstock/internal/column"
	"penstock/internal/compression"
	"penstock/internal/delimited"
	"penstock/internal/format/avro"
	"penstock/internal/format/grok"
	"penstock/internal/format/jsonrows"
	"penstock/internal/format/orc"
	"penstock/internal/format/xmlrows"
	"penstock/internal/schema"
)

// An Object is one file.
type Object struct {
	Name string // its key, whose end tells a compression that has no bytes of its own
	Size int64
	Data interface {
		io.Reader
		io.ReaderAt
	}
}

// A HeaderRule is what is done with a header line of delimited text.
type HeaderRule uint8

// The rules.
const (
	Compared HeaderRule = iota // it must be the catalog's columns in their order: Penstock's own steps
	Named                      // it says where the columns stand; the file may lack some
	Passed                     // nobody looks at it: Hive, Athena, Spectrum
)

// Options are what a reader is asked for beside the SerDe's rules.
type Options struct {
	// Rows is how many rows Next adds at most; 0 is what the format finds fit, 2,048 to 8,192.
	Rows int
	// Bad is told of each value that is a null because its text is none of its column, of each row of nulls, and of each record that is
	// left out (Finding.Lost). What it returns ends the reading.
	Bad func(column.Finding) error
	// Lenient leaves out records that cannot be taken apart. Otherwise the first of them is a FileError.
	Lenient bool
	// Fill makes a line of delimited text that has too few values a row with nulls, and drops those that are too many, as Hive does;
	// otherwise such a line cannot be taken apart.
	Fill   bool
	Header HeaderRule
}

// A Reader reads the rows of one file.
type Reader interface {
	// Next appends rows to a batch of the wanted columns; io.EOF says that there are no more. What is wrong with the file is a *FileError;
	// the rows that came before it are whole.
	Next(b *column.Batch) error
	// AppendPositions adds a number for each row of the last Next: the line on which it begins, or, in a format without lines, which row of
	// the file it is, counted from 1.
	AppendPositions(dst []int64) []int64
	Close()
}

// Lines reports whether positions of rows are lines of the file.
func (f *Form) Lines() bool {
	switch f.Kind {
	case Delimited, Grok, Regex:
		return true
	case JSON:
		return !f.json.Anywhere && f.json.Path == ""
	}
	return false
}

// A FileError is what is wrong with a file: reading it again gives the same.
type FileError struct {
	Line    int64 // 0 where there are no lines
	Problem string
}

// Error implements error.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Problem
	}
	if strings.HasPrefix(e.Problem, "column ") || strings.HasPrefix(e.Problem, "field ") {
		return fmt.Sprintf("line %d, %s", e.Line, e.Problem)
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
}

// Open opens a file as rows of the wanted columns: some of the table's, found by name without regard to case, in any order, with types that
// may be others than the catalog's (the values are converted). A file that cannot be read at all is a *FileError.
func (f *Form) Open(o Object, want []schema.Field, opts Options) (Reader, error) {
	at, err := f.places(want)
	if err != nil {
		return nil, err
	}
	if f.Kind == Parquet {
		return nil, fmt.Errorf("%s: Parquet is read by the engine", f.name)
	}
	if f.Kind == ORC {
		return f.openORC(o, want, at, opts)
	}
	src, _, err := compression.Open(o.Data, o.Name)
	if err != nil {
		return nil, broken(err)
	}
	if f.Kind == Delimited {
		return f.openText(src, want, at, opts)
	}
	return f.openRecords(src, want, at, opts)
}

// places finds the wanted columns among the table's.
func (f *Form) places(want []schema.Field) ([]int, error) {
	byName := make(map[string]int, len(f.columns))
	for i, c := range f.columns {
		byName[strings.ToLower(c.Name)] = i
	}
	at := make([]int, len(want))
	for i, c := range want {
		k, ok := byName[strings.ToLower(c.Name)]
		if !ok {
			return nil, fmt.Errorf("%s has no column %q", f.name, c.Name)
		}
		at[i] = k
	}
	return at, nil
}

func (f *Form) openORC(o Object, want []schema.Field, at []int, opts Options) (Reader, error) {
	set := orc.Options{Columns: want}
	if !f.byName {
		set.Positions = at
	}
	in, err := orc.NewReader(o.Data, o.Size, set)
	if err != nil {
		return nil, broken(err)
	}
	return &counted{next: in.Next, close: func() {}}, nil
}

// openRecords opens a file of records that are read one after the other.
func (f *Form) openRecords(src io.Reader, want []schema.Field, at []int, opts Options) (Reader, error) {
	r := &counted{opts: opts, close: func() {}}
	src, err := r.lines(src, &f.Text)
	if err != nil {
		return nil, err
	}
	switch f.Kind {
	case JSON:
		o := f.json
		o.Rows, o.Bad = opts.Rows, r.bad
		if o.Malformed == jsonrows.Stop && opts.Lenient {
			o.Malformed = jsonrows.LeaveOut
		}
		var in *jsonrows.Reader
		if in, err = jsonrows.NewReader(src, want, o); err == nil {
			r.next = in.Next
		}
	case Avro:
		var in *avro.Reader
		if in, err = avro.NewReader(src, want, avro.Options{Rows: opts.Rows, Schema: f.avro, Bad: r.bad}); err == nil {
			r.next, r.close = in.Next, in.Close
		}
	case Grok:
		var in *grok.Reader
		if in, err = grok.NewReader(src, f.grok[0], f.grok[1], want, grok.Options{Rows: opts.Rows, Bad: r.bad}); err == nil {
			r.next = in.Next
		}
	case Regex:
		var in *grok.Reader
		if in, err = grok.NewRegexReader(src, f.regex, want, at, grok.Options{Rows: opts.Rows, Bad: r.bad}); err == nil {
			r.next = in.Next
		}
	default:
		o := f.xml
		o.Rows, o.Bad = opts.Rows, r.bad
		var in *xmlrows.Reader
		if in, err = xmlrows.NewReader(src, f.rowTag, want, o); err == nil {
			r.next = in.Next
		}
	}
	if err != nil {
		return nil, broken(err)
	}
	return r, nil
}

// counted is a Reader over a format's own, which numbers the rows.
type counted struct {
	next  func(*column.Batch) error
	close func()
	opts  Options

	skipped int64 // lines before those that the format's reader sees
	batch   *column.Batch
	from    int // rows of batch before this Next
	last    int // rows that this Next has added
	done    int64
	lost    []loss
}

// A loss is records that were left out before row at of a batch.
type loss struct {
	at   int
	rows int64
}

// lines passes over what is no data at the beginning and end of a file, and decodes it.
func (r *counted) lines(src io.Reader, t *Text) (io.Reader, error) {
	if t.Encoding != delimited.UTF8 {
		src = t.Encoding.Reader(src)
	}
	src = delimited.WithoutLast(src, t.Footer)
	if t.Skip == 0 {
		return src, nil
	}
	b := bufio.NewReaderSize(src, 64<<10)
	for range t.Skip {
		for {
			_, err := b.ReadSlice('\n')
			if err == nil {
				r.skipped++
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				if errors.Is(err, io.EOF) {
					return b, nil
				}
				return nil, broken(err)
			}
		}
	}
	return b, nil
}

// bad passes a finding on.
func (r *counted) bad(f column.Finding) error {
	if f.Line > 0 {
		f.Line += r.skipped
	}
	if f.Lost > 0 {
		if !r.opts.Lenient {
			return &FileError{Line: f.Line, Problem: withoutPlace(f)}
		}
		r.lost = append(r.lost, loss{r.batch.Rows() - r.from, f.Lost})
	}
	if r.opts.Bad == nil {
		return nil
	}
	return r.opts.Bad(f)
}

// withoutPlace is a finding in words without its line, which a FileError has.
func withoutPlace(f column.Finding) string {
	if f.Line > 0 {
		f.Line, f.Row, f.Offset = 0, 0, 0
	}
	return f.String()
}

// Next implements Reader.
func (r *counted) Next(b *column.Batch) error {
	for _, l := range r.lost {
		r.done += l.rows
	}
	r.done += int64(r.last)
	r.batch, r.from, r.last, r.lost = b, b.Rows(), 0, r.lost[:0]
	err := r.next(b)
	r.last = b.Rows() - r.from
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	var malformed *jsonrows.RecordError
	if errors.As(err, &malformed) {
		return &FileError{Line: malformed.Finding.Line + r.skipped, Problem: "malformed JSON: " + withoutPlace(malformed.Finding)}
	}
	return broken(err)
}

// AppendPositions implements Reader.
func (r *counted) AppendPositions(dst []int64) []int64 {
	at, lost := r.done+r.skipped, r.lost
	for i := range r.last {
		for len(lost) > 0 && lost[0].at <= i {
			at, lost = at+lost[0].rows, lost[1:]
		}
		at++
		dst = append(dst, at)
	}
	return dst
}

// Close implements Reader.
func (r *counted) Close() { r.close() }

// broken tells what is wrong with a file from a failure of the machine.
func broken(err error) error {
	var machine *fs.PathError
	var file *FileError
	if errors.As(err, &machine) || errors.As(err, &file) {
		return err
	}
	return &FileError{Problem: err.Error()}
}
