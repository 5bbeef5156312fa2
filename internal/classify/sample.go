package classify

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"

	"penstock/internal/compression"
	"penstock/internal/format"
	"penstock/internal/format/grok"
	"penstock/internal/format/xmlrows"
	"penstock/internal/magic"
	"penstock/internal/schema"
)

// How much of a file is read: what Glue's CSV classifier reads.
const (
	sampleBytes   = 1 << 20
	sampleRecords = 1000
)

// A File is what is to be recognised.
type File struct {
	URL  string // names it in messages
	Name string // decides between compressions that have no magic number
	Size int64
	Src  io.ReaderAt
}

// A Form is how the records of a file are written. Files of different forms never share a table.
type Form struct {
	Class       string // as Glue names it: csv, json, parquet, ..., or the classification of a classifier; "" is none that is known
	Classifier  string // the user's own that recognised the file; "" is a built-in one
	Compression string // of the whole file: "none", "gzip", ...
	Delimiter   byte   // CSV
	Header      bool   // CSV
	Skip        int    // CSV: lines before the first record, the header included
	RowTag      string // XML
}

// Named reports whether the names of the columns are the file's, not made up.
func (f Form) Named() bool { return f.Header || f.Class != CSV || f.Classifier != "" }

// A Sample is what the beginning of a file shows, or its footer.
type Sample struct {
	Form     Form
	Dialect  Dialect  // CSV
	Quoted   bool     // CSV: some field stands in quotes
	First    []string // CSV: the first record
	Encoding string   // of text: ASCII, UTF8, ...
	Keys     []string // JSON: the keys as they are written
	Literal  string   // Avro: the schema
	Log      grok.Log // of a file that a grok pattern reads
	Names    []string // of the columns
	Types    []schema.Type
	Seen     []Seen  // of the columns; nil for formats that have a schema of their own
	Sampled  int64   // records that were looked at
	Damaged  int64   // of them, those that could not be read
	Repeated int64   // CSV: of them, those that are the header again
	Whole    bool    // the sample is all of the file
	Records  float64 // in the whole file, estimated if the sample ends before it
	Bytes    float64 // of text in the whole file, likewise; of a file with a schema of its own as it is stored
	Note     string  // why the file is none that a crawler knows, or what is wrong with it

	file  *File
	table *table // CSV
	rules *Custom
}

// Seen is what the records of a sample have in a column.
type Seen struct {
	Values int64
	Nulls  int64
	First  format.Widening   // CSV: the first value, and the kind that it shows (To)
	Wider  []format.Widening // the values that forced a wider type, with their rows
}

// Known reports whether the file is of a format that crawlers know.
func (s *Sample) Known() bool { return s.Form.Class != "" }

// A Reader reads samples one after the other. It keeps its buffers. The zero value knows the built-in classifiers only.
type Reader struct {
	Custom  []*Custom // classifiers of the user's own, which come first
	Headers bool      // weigh whether files of words only have a header, where Glue's rule says that they have none

	head   []byte        // the first bytes of the file
	stored *bufio.Reader // the file as it is stored
	text   []byte
	opener compression.Opener
	cut    cutter
	widths []int
	logs   []*logPattern
}

// A FormatError says that a file has a format that crawlers know on AWS and not here.
type FormatError struct{ URL, Format string }

// Error implements error.
func (e *FormatError) Error() string {
	return "Penstock's crawlers do not read " + e.Format + ", which is the format of " + e.URL
}

const (
	headBytes = 512       // tell a format that has a schema of its own, of which nothing else is read but that
	rawBytes  = 256 << 10 // of a stored file are read at once; most compressed files of a pipeline fit
)

// Read samples a file. What is wrong with the file is in the sample's note; an error is of the reading, or a *FormatError.
func (r *Reader) Read(f *File) (*Sample, error) {
	if r.head == nil {
		r.head, r.text, r.stored = make([]byte, headBytes), make([]byte, 0, sampleBytes), bufio.NewReaderSize(nil, rawBytes)
	}
	n, err := f.Src.ReadAt(r.head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	s := &Sample{file: f, Form: Form{Compression: compression.None.String()}}
	switch class := format.Sniff(r.head[:n], n < headBytes); class {
	case Parquet, ORC, Avro:
		s.inspect(class)
		return s, nil
	}
	return s, r.readText(s)
}

// readText samples a file that may be compressed and has no schema of its own.
func (r *Reader) readText(s *Sample) error {
	src, stored, err := r.open(s)
	if err != nil || src == nil {
		return err
	}
	whole, err := r.fill(src)
	if err != nil {
		if err = s.broken(err, "cannot be read beyond "+lineText(r.text)+": "); err != nil {
			return err
		}
		src = bytes.NewReader(nil)
	}
	return r.recognise(s, whole, &text{r: io.MultiReader(bytes.NewReader(r.text), src), stored: stored})
}

// recognise runs classifiers over the text of a file, of which r.text is the beginning and t all.
func (r *Reader) recognise(s *Sample, whole bool, t *text) error {
	class := format.Sniff(r.text, whole)
	if class == "" || class == Avro || class == ORC || class == Parquet {
		if name := magic.Format(r.text[:min(len(r.text), headBytes)]); name != "" {
			if s.Note = "is " + name; s.Form.Compression != "none" {
				s.Note += " inside " + s.Form.Compression
			}
			s.Note += ", which crawlers do not read"
			return nil
		}
		if note := r.decode(s); s.Note == "" {
			s.Note = note
		}
	}
	done, other, err := r.tryCustom(s, class, whole, t)
	if done || err != nil {
		return err
	}
	if err := r.builtIn(s, class, whole, t); err != nil || s.Known() || other == nil {
		return err
	}
	*s = *other
	return nil
}

// again returns the text of a file once more from its beginning; nil when it cannot be opened.
func (r *Reader) again(s *Sample) (*text, error) {
	src, stored, err := r.open(s)
	if err != nil || src == nil {
		return nil, err
	}
	return &text{r: src, stored: stored}, nil
}

// builtIn runs the built-in classifiers in Glue's order. Each is certain or not.
func (r *Reader) builtIn(s *Sample, class string, whole bool, t *text) error {
	consumed := t.stored.n
	if (class == JSON || class == XML) && len(r.Custom) > 0 {
		var err error
		if t, err = r.again(s); err != nil || t == nil {
			return err
		}
	}
	switch class {
	case "bson", "ion":
		return &FormatError{s.file.URL, map[string]string{"bson": "BSON", "ion": "Ion"}[class]}
	case JSON:
		return r.readJSON(s, t, "")
	case XML:
		r.readXML(s, xmlrows.RowTag(r.text), t)
		return nil
	}
	if !r.readLog(s, whole, consumed) {
		r.classifyCSV(s, whole, consumed)
	}
	return nil
}

// open returns the text of a file from its beginning; nil when it is compressed and cannot be opened.
func (r *Reader) open(s *Sample) (io.Reader, *counter, error) {
	r.stored.Reset(io.NewSectionReader(s.file.Src, 0, s.file.Size))
	stored := &counter{r: r.stored}
	src, codec, err := r.opener.Open(stored, s.file.Name)
	s.Form.Compression = codec.String()
	if err != nil {
		return nil, nil, s.broken(err, "")
	}
	return src, stored, nil
}

// broken notes that a compressed file is damaged; what else keeps a file from being read is returned.
func (s *Sample) broken(err error, how string) error {
	var damage *compression.Error
	if !errors.As(err, &damage) {
		return err
	}
	s.Note = how + damage.Error()
	return nil
}

// lineText says how far a text reaches, in lines.
func lineText(text []byte) string {
	return "line " + strconv.Itoa(bytes.Count(text, []byte{'\n'})+1)
}

// counter counts the bytes that are read. It gives little at once, so that a decompressor has not read far beyond what it has unpacked.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p[:min(len(p), 4<<10)])
	c.n += int64(n)
	return n, err
}

// fill reads text until it holds enough lines or bytes. whole reports that nothing follows.
func (r *Reader) fill(src io.Reader) (whole bool, err error) {
	r.text = r.text[:0]
	lines := 0
	for lines <= sampleRecords && len(r.text) < sampleBytes {
		chunk := r.text[len(r.text):min(len(r.text)+32<<10, sampleBytes)]
		n, err := src.Read(chunk)
		lines += bytes.Count(chunk[:n], []byte{'\n'})
		r.text = r.text[:len(r.text)+n]
		if err == io.EOF {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}
