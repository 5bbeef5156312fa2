package crawl

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"

	"penstock/internal/delimited"
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
	compression string // "gzip" or "none"
	delimiter   byte
	header      bool
}

// A sample is what the beginning of a file shows.
type sample struct {
	file    *file
	form    form
	quoted  bool          // some field stands in quotes
	first   []string      // the first record
	below   []schema.Kind // what the cells of the records after the first show
	names   []string
	types   []schema.Type
	records float64 // in the whole file, estimated if the sample ends before it
	bytes   float64 // of text in the whole file, likewise
	note    string  // why the file is none that a crawler knows, or what is wrong with it
}

// known reports whether the file is CSV.
func (s *sample) known() bool { return s.form.delimiter != 0 }

// A sampler reads samples one after the other. It keeps its buffers.
type sampler struct {
	raw  []byte // the beginning of the file as it is stored
	text []byte
	gzip *gzip.Reader
}

// errFormat ends a crawl: a file has a format that crawlers know on AWS and not here.
type errFormat struct{ url, format string }

func (e *errFormat) Error() string {
	return "Penstock's crawlers read CSV only, plain or gzipped: " + e.url + " is " + e.format
}

// rawBytes is how much of a stored file is read at once; most gzipped files of a pipeline fit.
const rawBytes = 256 << 10

// read samples a file.
func (r *sampler) read(f *file) (*sample, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if r.raw == nil {
		r.raw, r.text = make([]byte, rawBytes), make([]byte, 0, sampleBytes)
	}
	n, err := io.ReadFull(in, r.raw)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	head := bytes.NewReader(r.raw[:n])
	rest := &counter{r: in}
	s := &sample{file: f, form: form{compression: "none"}}
	src, err := r.open(s, head, rest, n < rawBytes)
	if err != nil || src == nil {
		return s, err
	}
	whole, err := r.fill(src)
	if err != nil {
		s.note = "cannot be read beyond " + lineText(r.text) + ": " + err.Error()
	}
	if name := textFormat(r.text); name != "" {
		return nil, &errFormat{f.url, name}
	}
	r.classify(s, whole, int64(n-head.Len())+rest.n)
	return s, nil
}

// open returns the text of a file whose beginning is head; nil when it is gzip that cannot be opened.
func (r *sampler) open(s *sample, head *bytes.Reader, rest io.Reader, whole bool) (io.Reader, error) {
	name := magic.Format(r.raw[:min(head.Len(), 512)])
	var src io.Reader = head // known to be in memory, it is read much faster
	if !whole {
		src = io.MultiReader(head, rest)
	}
	if name == "" {
		return src, nil
	}
	if name != "gzip" {
		return nil, &errFormat{s.file.url, name}
	}
	s.form.compression = "gzip"
	src, err := r.unzip(src)
	if err != nil {
		s.note = "broken gzip: " + err.Error()
		return nil, nil
	}
	return src, nil
}

// lineText says how far a text reaches, in lines.
func lineText(text []byte) string {
	return "line " + itoa(bytes.Count(text, []byte{'\n'})+1)
}

func (r *sampler) unzip(src io.Reader) (io.Reader, error) {
	if r.gzip == nil {
		z, err := gzip.NewReader(src)
		r.gzip = z
		return z, err
	}
	return r.gzip, r.gzip.Reset(src)
}

// counter counts the bytes that are read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
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

// textFormat names the format that a text shows, or "": CSV and what nobody knows.
func textFormat(text []byte) string {
	if name := magic.Format(text); name != "" {
		return name + " inside gzip"
	}
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[{")), bytes.HasPrefix(text, []byte("[\n")):
		return "JSON"
	case bytes.HasPrefix(text, []byte("<?xml")):
		return "XML"
	}
	return ""
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
	s.form.delimiter, s.quoted = best.delimiter, best.quoted
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
	if s.known() && !s.form.header && headers[signature(s.first)] {
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
