package jsonrows

import (
	"bytes"
	"errors"
	"io"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// A SerDe says by whose rules values become columns.
type SerDe uint8

// The SerDes.
const (
	OpenX SerDe = iota // org.openx.data.jsonserde.JsonSerDe
	Hive               // org.apache.hive.hcatalog.data.JsonSerDe
	Spark              // Spark's and Glue's own readers: no SerDe
)

// Malformed says what becomes of a record that is no JSON, or none that its SerDe takes.
type Malformed uint8

// What becomes of it. Each is reported to Options.Bad before.
const (
	Stop     Malformed = iota // the reading ends with a *RecordError
	NullRow                   // a row of nulls
	LeaveOut                  // no row
)

// Options are how a file is read. The zero value is the OpenX SerDe's without properties.
type Options struct {
	SerDe     SerDe
	Malformed Malformed

	// Anywhere takes records wherever they stand. Without it each line is a record, as the SerDes have it.
	Anywhere bool
	// Path is a JSON path to the records; it implies Anywhere.
	Path string
	// ArrayColumn makes an array on the top level one record, whose column is `array`, as Infer does with the option of this name.
	ArrayColumn bool
	// Exact compares keys with columns by their case too.
	Exact bool
	// Dots makes a key with dots match a column with underscores.
	Dots bool
	// Mapping has the key of each column that is named otherwise.
	Mapping map[string]string
	// TimestampFormats are tried first, in their order: patterns of Java, or "millis".
	TimestampFormats []string

	MaxRecord int // bytes; 0: MaxRecord
	Rows      int // how many rows Next adds at most; 0: 8192
	// Bad is told what is wrong with a value, which becomes a null unless the finding says otherwise, and with a record (then Column is "").
	// What it returns ends the reading.
	Bad func(column.Finding) error
}

// batchBytes ends a batch before its rows do.
const batchBytes = 16 << 20

// A RecordError is a malformed record, with which the reading has ended.
type RecordError struct{ Finding column.Finding }

// Error implements error.
func (e *RecordError) Error() string { return "malformed JSON: " + e.Finding.String() }

// A Reader reads the rows of a file into batches of columns.
type Reader struct {
	source
	options Options
	pending []column.Finding // of the record that is being read
	faults  int              // how many there were
	root    *node
	target  *node                   // the column `record` or `array`, for what is no object
	formats []*convert.SparkPicture // nil stands for "millis"
	scratch []byte
	begun   bool // something of the record may be in the batch
	passed  bool // the record is well written JSON, and malformed for what it is
	weak    bool // the last key matches with its dots replaced only
	strict  bool // a bad value makes its record malformed
	ended   bool
}

// NewReader reads src into columns, which are matched with keys by name; the names and types are the catalog's.
func NewReader(src io.Reader, columns []schema.Field, o Options) (*Reader, error) {
	p, err := parsePath(o.Path)
	if err != nil {
		return nil, err
	}
	if o.Rows <= 0 {
		o.Rows = 8192
	}
	r := &Reader{options: o, source: source{src: src, most: o.MaxRecord, path: p}}
	r.lines = !o.Anywhere && o.Path == ""
	r.odd = o.SerDe != Hive
	r.strict = o.SerDe == Hive
	for _, f := range o.TimestampFormats {
		var picture *convert.SparkPicture
		if f != "millis" {
			if picture, err = convert.CompileSpark(f); err != nil {
				return nil, err
			}
		}
		r.formats = append(r.formats, picture)
	}
	r.root = newNode(schema.StructOf(columns...), "", &o)
	name := "record"
	if o.ArrayColumn {
		name, r.asOne = "array", true
	}
	if part, _ := r.find(r.root, []byte(name)); part >= 0 && (len(p) > 0 || o.ArrayColumn) {
		r.target = r.root.parts[part]
	}
	return r, nil
}

// Next adds rows to a batch of the reader's columns: as many as Options.Rows or less; io.EOF says that there are no more. The rows that
// a batch has when an error comes are whole.
func (r *Reader) Next(b *column.Batch) error {
	if !r.started {
		r.start()
	}
	if r.ended {
		return io.EOF
	}
	r.root.bind(b)
	from := b.Rows()
	for n := 0; b.Rows()-from < r.options.Rows; n++ {
		if n%256 == 255 && b.Size() >= batchBytes {
			return nil
		}
		err := r.record(b)
		if errors.Is(err, io.EOF) {
			r.ended = true
			if b.Rows() > from {
				return nil
			}
		}
		if err != nil {
			b.Drop()
			return err
		}
	}
	return nil
}

// record reads one record into a row, or into none.
func (r *Reader) record(b *column.Batch) error {
	out := whole
	var err error
	if r.lines {
		err = r.nextLine()
	} else {
		out, err = r.seek()
	}
	for _, f := range r.noted {
		if r.options.Bad == nil {
			break
		}
		if err := r.options.Bad(f); err != nil {
			return err
		}
	}
	r.noted = r.noted[:0]
	if err != nil {
		return err
	}
	r.pending, r.faults, r.passed, r.begun = r.pending[:0], 0, false, false
	if out == whole {
		if out, err = r.again(func() outcome { return r.row(b) }); err != nil {
			return err
		}
	}
	if out != whole {
		return r.malformed(b)
	}
	if r.lines {
		if err := r.restOfLine(); err != nil {
			return err
		}
	}
	b.EndRows(1)
	return r.report()
}

// row reads the record that begins at the next byte.
func (r *Reader) row(b *column.Batch) outcome {
	if r.begun { // the text did not suffice the last time
		r.pending, r.faults = r.pending[:0], 0
		b.Drop()
	}
	r.begun = true
	if r.lines && !r.blank() {
		if !r.last {
			return short
		}
		return r.oddRow(b, "the line is blank")
	}
	switch c := r.buf[r.i]; {
	case c == '{':
		return r.object(r.root)
	case r.target != nil:
		return r.alone()
	case c == '[' && r.options.SerDe == OpenX:
		return r.list(r.root)
	case c == '\n':
		return r.oddRow(b, "the line is blank")
	case r.lines && r.options.SerDe == OpenX:
		return r.oddRow(b, "the line is no JSON object")
	}
	if out := r.value(); out != whole {
		return out
	}
	r.passed = true
	return r.fail("it is no JSON object")
}

// alone reads a record that is no object: it belongs to the column `record` or `array`.
func (r *Reader) alone() outcome {
	if out := r.into(r.target); out != whole {
		return out
	}
	for _, p := range r.root.parts {
		if p != r.target {
			p.vec.AppendNull()
		}
	}
	return whole
}

// oddRow is a line that the OpenX SerDe makes a row of nulls and others take for malformed.
func (r *Reader) oddRow(b *column.Batch, why string) outcome {
	if r.options.SerDe != OpenX {
		return r.fail(why)
	}
	if len(r.buf)-r.begin <= column.FindingText && bytes.IndexByte(r.buf[r.begin:], '\n') < 0 && !r.last {
		return short
	}
	r.nulls(b)
	text, _ := r.excerpt(r.begin)
	r.passed = true
	r.note(nil, r.begin, bytes.TrimSpace(text), why+": a row of nulls, as the OpenX SerDe makes it")
	return whole
}

func (r *Reader) nulls(b *column.Batch) {
	for _, v := range b.Columns {
		v.AppendNull()
	}
}

// restOfLine passes over what stands behind a line's value, which the SerDes do not look at.
func (r *Reader) restOfLine() error {
	if r.i < len(r.buf) && r.buf[r.i] == '\n' {
		r.i++
		return nil
	}
	// what the finding needs is taken before the buffer moves on
	text, at := r.excerpt(r.i)
	f := r.mark(at, column.Finding{Text: text, Problem: "what follows the record on its line is not read"})
	more, err := r.endLine()
	if more && !r.passed {
		if r.faults++; r.options.Bad != nil {
			r.pending = append(r.pending, f)
		}
	}
	return err
}

// malformed treats a record that cannot be read.
func (r *Reader) malformed(b *column.Batch) error {
	b.Drop()
	f := r.damaged()
	if r.options.Malformed == LeaveOut {
		f.Lost = 1
	}
	if r.options.Bad != nil {
		if err := r.options.Bad(f); err != nil {
			return err
		}
	}
	if r.options.Malformed == Stop {
		return &RecordError{f}
	}
	if !r.passed || r.lines {
		if err := r.recover(); err != nil {
			return err
		}
	}
	if r.options.Malformed == NullRow {
		r.nulls(b)
		b.EndRows(1)
	}
	return nil
}

// mostFaults is how many findings about the values of one record are told; the last says how many there were.
const mostFaults = 100

// note keeps a finding about a value until its record proves whole.
func (r *Reader) note(n *node, at int, text []byte, problem string) {
	if r.faults++; r.options.Bad == nil || r.faults > mostFaults {
		return
	}
	f := column.Finding{Text: column.Excerpt(text), Problem: problem}
	if n != nil {
		f.Column = n.path
	}
	r.pending = append(r.pending, r.mark(at, f))
}

func (r *Reader) report() error {
	if r.faults == 0 || r.options.Bad == nil {
		return nil
	}
	for i, f := range r.pending {
		if i == mostFaults-1 && r.faults > mostFaults {
			f.Problem += " (and " + itoa(r.faults-mostFaults) + " more values of this record)"
		}
		if err := r.options.Bad(f); err != nil {
			return err
		}
	}
	return nil
}
