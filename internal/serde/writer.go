package serde

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"penstock/internal/column"
	"penstock/internal/compression"
	"penstock/internal/delimited"
	"penstock/internal/format/jsonrows"
	"penstock/internal/format/orc"
	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
)

// A Writer writes a file of a table.
type Writer interface {
	// WriteRows adds the rows of a batch from one up to another. After an error the file is lost.
	WriteRows(b *column.Batch, from, to int) error
	// Close writes what is left. The file is whole when it has returned nil.
	Close() error
}

// An Output is how new files of a table are written.
type Output struct {
	Ending string // of their names: ".snappy.parquet", ".json.gz"
	form   *Form
	codec  string            // of Parquet and ORC
	text   compression.Codec // of the others
}

// Output settles how files are written that the form reads back: the same rows, value by value. The codec is what the table's parameters
// say, parquet.compression, orc.compress or compressionType; without a word Parquet and ORC are packed with snappy, text is not packed.
func (f *Form) Output(parameters map[string]string) (*Output, error) {
	o := &Output{form: f}
	var err error
	switch f.Kind {
	case Parquet:
		err = o.packed(f.codecOf(parameters, "parquet.compression"), ".parquet", parquetCodecs)
	case ORC:
		err = o.packed(f.codecOf(parameters, "orc.compress"), ".orc", orcCodecs)
	case JSON:
		if f.json.Path != "" {
			return nil, f.notWritten("its rows lie at the path %s of a document", f.json.Path)
		}
		if f.json.SerDe == jsonrows.Hive { // which reads neither NaN nor bytes
			return nil, f.notWritten("Penstock writes JSON for org.openx.data.jsonserde.JsonSerDe")
		}
		err = o.plain(parameters, ".json")
	case Delimited:
		if f.Text.Skip > 0 || f.Text.Footer > 0 {
			return nil, f.notWritten("it passes over lines at the beginning or the end of its files")
		}
		if f.Text.Encoding != delimited.UTF8 {
			return nil, f.notWritten("its text is not in UTF-8")
		}
		err = o.plain(parameters, ".csv")
	default:
		return nil, f.notWritten("Penstock writes Parquet, ORC, JSON and delimited text")
	}
	if err != nil {
		return nil, err
	}
	return o, nil
}

func (f *Form) notWritten(format string, args ...any) error {
	return fmt.Errorf("%s is %s and cannot be written: %s", f.name, f.Kind, fmt.Sprintf(format, args...))
}

// codecOf is the word for the codec in the table's parameters.
func (f *Form) codecOf(parameters map[string]string, key string) string {
	for k, v := range parameters {
		if strings.EqualFold(k, key) {
			return strings.ToLower(v)
		}
	}
	return ""
}

// The codecs of a format by the words that Hive and Spark have for them: the writer's word, and what stands in the names of files.
type codecs map[string][2]string

var parquetCodecs = codecs{"": {"snappy", ".snappy"}, "snappy": {"snappy", ".snappy"}, "gzip": {"gzip", ".gz"}, "zstd": {"zstd", ".zstd"},
	"lz4": {"lz4", ".lz4raw"}, "lz4_raw": {"lz4", ".lz4raw"}, "none": {"none", ""}, "uncompressed": {"none", ""}}

var orcCodecs = codecs{"": {"snappy", ".snappy"}, "snappy": {"snappy", ".snappy"}, "zlib": {"zlib", ".zlib"}, "zstd": {"zstd", ".zstd"},
	"lz4": {"lz4", ".lz4"}, "none": {"none", ""}, "uncompressed": {"none", ""}}

func (o *Output) packed(word, ending string, known codecs) error {
	c, ok := known[word]
	if !ok {
		return o.form.notWritten("Penstock has no codec %q for it", word)
	}
	o.codec, o.Ending = c[0], c[1]+ending
	return nil
}

func (o *Output) plain(parameters map[string]string, ending string) error {
	word := o.form.codecOf(parameters, "compressionType")
	if word == "" {
		word = "none"
	}
	var err error
	if o.text, err = compression.Named(word); err == nil {
		_, err = compression.NewWriter(io.Discard, o.text)
	}
	if err != nil {
		return o.form.notWritten("compressionType: %v", err)
	}
	o.Ending = ending + o.text.Ext()
	return nil
}

// Keys reports whether the columns of partition keys stand in the files too, behind the data. Delimited text has no names for them.
func (o *Output) Keys() bool { return o.form.Kind != Delimited }

// Open begins a file with the given columns. Close of the Writer leaves dst open.
func (o *Output) Open(dst io.Writer, columns []schema.Field) (Writer, error) {
	switch o.form.Kind {
	case Parquet:
		return parquetfile.NewWriter(dst, columns, parquetfile.WriterOptions{Codec: o.codec})
	case ORC:
		return orc.NewWriter(dst, columns, orc.WriterOptions{Codec: o.codec})
	}
	packed, err := compression.NewWriter(dst, o.text)
	if err != nil {
		return nil, err
	}
	w := &lines{dst: packed, row: jsonRow}
	if o.form.Kind == Delimited {
		err = o.form.textRows(w, columns)
	}
	return w, err
}

func jsonRow(dst []byte, b *column.Batch, i int) ([]byte, error) {
	return jsonrows.AppendRow(dst, b, i), nil
}

// lines is a file of text that is being written.
type lines struct {
	dst  io.WriteCloser
	row  func(dst []byte, b *column.Batch, i int) ([]byte, error)
	buf  []byte
	rows int64
	err  error
}

// fullBuffer is from how many bytes on the buffer is written.
const fullBuffer = 64 << 10

// WriteRows implements Writer.
func (w *lines) WriteRows(b *column.Batch, from, to int) error {
	for i := from; i < to && w.err == nil; i++ {
		w.rows++
		if w.buf, w.err = w.row(w.buf, b, i); w.err != nil {
			w.err = fmt.Errorf("row %d of the file: %w", w.rows, w.err)
		} else if len(w.buf) >= fullBuffer {
			w.flush()
		}
	}
	return w.err
}

func (w *lines) flush() {
	if w.err == nil {
		_, w.err = w.dst.Write(w.buf)
		w.buf = w.buf[:0]
	}
}

var errClosed = errors.New("the file is closed")

// Close implements Writer.
func (w *lines) Close() error {
	w.flush()
	if w.err != nil {
		return w.err
	}
	if w.err = w.dst.Close(); w.err != nil {
		return w.err
	}
	w.err = errClosed
	return nil
}
