package crawl

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

	"penstock/internal/compression"
	"penstock/internal/delimited"
	"penstock/internal/format"
	"penstock/internal/magic"
	"penstock/internal/schema"
)

// How much of a file is read: what Glue's CSV classifier reads.
const (
	sampleBytes   = 1 << 20
	sampleRecords = 1000
)

// A file is an object under a target.
type file struct {
	url  string // "s3://bucket/key", for messages
	dirs []string
	name string
	size int64
	path string // where its bytes lie on disk
}

// A form is how the records of a file are written. Files of different forms never share a table.
type form struct {
	class       string // as Glue names it: csv, json, parquet, orc or avro; "" is none that a crawler knows
	compression string // of the whole file: "none", "gzip", ...
	delimiter   byte   // csv
	header      bool   // csv
}

// named reports whether the names of the columns are the file's, not made up.
func (f form) named() bool { return f.header || f.class != csvClass }

// A sample is what the beginning of a file shows, or its footer.
type sample struct {
	file    *file
	form    form
	quoted  bool          // csv: some field stands in quotes
	first   []string      // csv: the first record
	below   []schema.Kind // csv: what the cells of the records after the first show
	keys    []string      // json: the keys as they are written
	literal string        // avro: the schema
	names   []string
	types   []schema.Type
	records float64 // in the whole file, estimated if the sample ends before it
	bytes   float64 // of text in the whole file, likewise; of a file with a schema of its own as it is stored
	note    string  // why the file is none that a crawler knows, or what is wrong with it
}

// known reports whether the file is of a format that crawlers know.
func (s *sample) known() bool { return s.form.class != "" }

// A sampler reads samples one after the other. It keeps its buffers.
type sampler struct {
	head   []byte        // the first bytes of the file
	stored *bufio.Reader // the file as it is stored
	text   []byte
	opener compression.Opener
}

// errFormat ends a crawl: a file has a format that crawlers know on AWS and not here.
type errFormat struct{ url, format string }

func (e *errFormat) Error() string {
	return "Penstock's crawlers read CSV, JSON, Parquet, ORC and Avro: " + e.url + " is " + e.format
}

const (
	headBytes = 512       // tell a format that has a schema of its own, of which nothing else is read but that
	rawBytes  = 256 << 10 // of a stored file are read at once; most compressed files of a pipeline fit
)

// read samples a file.
func (r *sampler) read(f *file) (*sample, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if r.head == nil {
		r.head, r.text, r.stored = make([]byte, headBytes), make([]byte, 0, sampleBytes), bufio.NewReaderSize(nil, rawBytes)
	}
	n, err := in.ReadAt(r.head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	s := &sample{file: f, form: form{compression: compression.None.String()}}
	switch class := format.Sniff(r.head[:n], n < headBytes); class {
	case parquetClass, orcClass, avroClass:
		s.inspect(class, in)
		return s, nil
	}
	return s, r.readText(s, in)
}

// readText samples a file that may be compressed and has no schema of its own.
func (r *sampler) readText(s *sample, in *os.File) error {
	src, stored, err := r.open(s, in)
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
	switch class := format.Sniff(r.text, whole); class {
	case jsonClass:
		return r.readJSON(s, in, &text{r: io.MultiReader(bytes.NewReader(r.text), src), stored: stored})
	case "xml", "bson", "ion":
		return &errFormat{s.file.url, map[string]string{"xml": "XML", "bson": "BSON", "ion": "Ion"}[class]}
	}
	if name := magic.Format(r.text[:min(len(r.text), headBytes)]); name != "" {
		if s.note = "is " + name; s.form.compression != "none" {
			s.note += " inside " + s.form.compression
		}
		s.note += ", which crawlers do not read"
		return nil
	}
	r.classify(s, whole, stored.n)
	return nil
}

// open returns the text of a file from its beginning; nil when it is compressed and cannot be opened.
func (r *sampler) open(s *sample, in *os.File) (io.Reader, *counter, error) {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	r.stored.Reset(in)
	stored := &counter{r: r.stored}
	src, codec, err := r.opener.Open(stored, s.file.name)
	s.form.compression = codec.String()
	if err != nil {
		return nil, nil, s.broken(err, "")
	}
	return src, stored, nil
}

// broken notes that a compressed file is damaged; what else keeps a file from being read is returned.
func (s *sample) broken(err error, how string) error {
	var damage *compression.Error
	if !errors.As(err, &damage) {
		return err
	}
	s.note = how + damage.Error()
	return nil
}

// lineText says how far a text reaches, in lines.
func lineText(text []byte) string {
	return "line " + itoa(bytes.Count(text, []byte{'\n'})+1)
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
func (r *sampler) fill(src io.Reader) (whole bool, err error) {
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

// classify finds the delimiter that cuts the text best and takes the sample's columns from it.
func (r *sampler) classify(s *sample, whole bool, consumed int64) {
	text := r.text
	if !whole {
		if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
			text = text[:i+1]
		}
	}
	var best *table
	for _, d := range []byte(delimiters) {
		line, _, _ := bytes.Cut(text, []byte{'\n'})
		if bytes.IndexByte(line, d) < 0 {
			continue
		}
		if t := cut(text, d); t != nil && t.better(best) {
			best = t
		}
	}
	if best == nil {
		if s.note == "" {
			s.note = whyNoTable(text)
		}
		return
	}
	s.form.class, s.form.delimiter, s.quoted = csvClass, best.delimiter, best.quoted
	s.first, s.below = best.first, best.below
	s.form.header = best.hasHeader()
	s.setColumns()
	s.records, s.bytes = float64(best.rows), float64(best.length)
	if !whole && consumed > 0 {
		scale := float64(s.file.size) / float64(consumed) * float64(len(r.text)) / float64(best.length)
		s.records, s.bytes = s.records*scale, s.bytes*scale
	}
	if s.form.header {
		s.records--
	}
}

// setColumns takes the columns' names from the header, or makes some; without a header the first record counts for the types.
func (s *sample) setColumns() {
	s.names, s.types = make([]string, len(s.below)), make([]schema.Type, len(s.below))
	seen := map[string]bool{}
	for i, kind := range s.below {
		name := "col" + itoa(i)
		if !s.form.header {
			kind = widen(kind, schema.InferCell(s.first[i]))
		} else if h := strings.ToLower(strings.TrimSpace(s.first[i])); h != "" {
			name = h
		}
		s.types[i] = schema.Of(kind)
		for seen[name] {
			name += "_" + itoa(i)
		}
		seen[name] = true
		s.names[i] = name
	}
}

// adoptHeader makes a file whose own rows do not show that its first line is a header follow those that do: a day with words only.
func (s *sample) adoptHeader(headers map[string]bool) {
	if s.form.class == csvClass && !s.form.header && headers[signature(s.first)] {
		s.form.header = true
		s.records--
		s.setColumns()
	}
}

func signature(cells []string) string {
	folded := make([]string, len(cells))
	for i, c := range cells {
		folded[i] = strings.ToLower(strings.TrimSpace(c))
	}
	return strings.Join(folded, "\x00")
}

// A table is a text cut by one delimiter.
type table struct {
	delimiter byte
	rows      int // with the header
	fit       int // rows that have as many fields as the first
	length    int // bytes of text that the rows take
	quoted    bool
	first     []string
	below     []schema.Kind // what the rows after the first show
}

// cut reads up to sampleRecords rows of text, or returns nil when they are no table: fewer than 2 columns or 2 rows, or rows of
// different lengths in more than a tenth.
func cut(text []byte, delimiter byte) *table {
	r, err := delimited.NewReader(bytes.NewReader(text), delimited.Dialect{Delimiter: delimiter, Quote: '"'})
	if err != nil {
		return nil
	}
	t := &table{delimiter: delimiter}
	for t.rows < sampleRecords {
		rec, err := r.Next()
		if err != nil {
			var syntax *delimited.SyntaxError
			if err != io.EOF && !errors.As(err, &syntax) {
				return nil
			}
			break
		}
		if rec.Blank() {
			continue
		}
		t.add(rec)
	}
	if t.rows < 2 || len(t.first) < 2 || t.fit*10 < t.rows*9 {
		return nil
	}
	t.length = lengthOf(text, r.Line())
	return t
}

func (t *table) add(rec *delimited.Record) {
	t.rows++
	if t.rows == 1 {
		for _, f := range rec.Fields {
			t.first = append(t.first, string(f))
		}
		t.below = make([]schema.Kind, len(rec.Fields))
	}
	if len(rec.Fields) == len(t.first) {
		t.fit++
	}
	for i, q := range rec.Quoted {
		t.quoted = t.quoted || q
		if t.rows == 1 || i >= len(t.below) || t.below[i] == schema.String {
			continue
		}
		t.below[i] = widen(t.below[i], schema.InferCell(string(rec.Fields[i])))
	}
}

// widen is schema.Widen for the kinds that cells have.
func widen(a, b schema.Kind) schema.Kind { return max(a, b) }

// lengthOf is how many bytes the lines before line take.
func lengthOf(text []byte, line int64) int {
	n := 0
	for i := int64(1); i < line; i++ {
		j := bytes.IndexByte(text[n:], '\n')
		if j < 0 {
			return len(text)
		}
		n += j + 1
	}
	return n
}

// better reports whether t explains its text better than o: more rows of one length, then more columns.
func (t *table) better(o *table) bool {
	if o == nil {
		return true
	}
	a, b := t.fit*o.rows, o.fit*t.rows
	return a > b || a == b && len(t.first) > len(o.first)
}

// hasHeader is Glue's rule: every cell of the first row is text of fewer than 150 characters (the last may be empty), and some column
// below it is not text.
func (t *table) hasHeader() bool {
	differs := false
	for i, c := range t.first {
		k := schema.InferCell(c)
		if k != schema.String && !(k == schema.Unknown && i == len(t.first)-1) || len(c) >= 150 || strings.ContainsAny(c, "\r\n") {
			return false
		}
		differs = differs || t.below[i] != schema.String && t.below[i] != schema.Unknown
	}
	return differs
}
