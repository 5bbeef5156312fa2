package classify

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
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

// A File is what is to be recognised.
type File struct {
	URL  string // names it in messages
	Name string // decides between compressions that have no magic number
	Size int64
	Src  io.ReaderAt
}

// A Form is how the records of a file are written. Files of different forms never share a table.
type Form struct {
	Class       string // as Glue names it: csv, json, parquet, orc or avro; "" is none that a crawler knows
	Compression string // of the whole file: "none", "gzip", ...
	Delimiter   byte   // CSV
	Header      bool   // CSV
}

// Named reports whether the names of the columns are the file's, not made up.
func (f Form) Named() bool { return f.Header || f.Class != CSV }

// A Sample is what the beginning of a file shows, or its footer.
type Sample struct {
	Form    Form
	Quoted  bool     // CSV: some field stands in quotes
	First   []string // CSV: the first record
	Keys    []string // JSON: the keys as they are written
	Literal string   // Avro: the schema
	Names   []string // of the columns
	Types   []schema.Type
	Records float64 // in the whole file, estimated if the sample ends before it
	Bytes   float64 // of text in the whole file, likewise; of a file with a schema of its own as it is stored
	Note    string  // why the file is none that a crawler knows, or what is wrong with it

	file  *File
	below []schema.Kind // CSV: what the cells of the records after the first show
}

// Known reports whether the file is of a format that crawlers know.
func (s *Sample) Known() bool { return s.Form.Class != "" }

// A Reader reads samples one after the other. It keeps its buffers.
type Reader struct {
	head   []byte        // the first bytes of the file
	stored *bufio.Reader // the file as it is stored
	text   []byte
	opener compression.Opener
}

// A FormatError says that a file has a format that crawlers know on AWS and not here.
type FormatError struct{ URL, Format string }

// Error implements error.
func (e *FormatError) Error() string {
	return "Penstock's crawlers read CSV, JSON, Parquet, ORC and Avro: " + e.URL + " is " + e.Format
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
	switch class := format.Sniff(r.text, whole); class {
	case JSON:
		return r.readJSON(s, &text{r: io.MultiReader(bytes.NewReader(r.text), src), stored: stored})
	case "xml", "bson", "ion":
		return &FormatError{s.file.URL, map[string]string{"xml": "XML", "bson": "BSON", "ion": "Ion"}[class]}
	}
	if name := magic.Format(r.text[:min(len(r.text), headBytes)]); name != "" {
		if s.Note = "is " + name; s.Form.Compression != "none" {
			s.Note += " inside " + s.Form.Compression
		}
		s.Note += ", which crawlers do not read"
		return nil
	}
	r.classify(s, whole, stored.n)
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

// classify finds the delimiter that cuts the text best and takes the sample's columns from it.
func (r *Reader) classify(s *Sample, whole bool, consumed int64) {
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
		if s.Note == "" {
			s.Note = whyNoTable(text)
		}
		return
	}
	s.Form.Class, s.Form.Delimiter, s.Quoted = CSV, best.delimiter, best.quoted
	s.First, s.below = best.first, best.below
	s.Form.Header = best.hasHeader()
	s.setColumns()
	s.Records, s.Bytes = float64(best.rows), float64(best.length)
	if !whole && consumed > 0 {
		scale := float64(s.file.Size) / float64(consumed) * float64(len(r.text)) / float64(best.length)
		s.Records, s.Bytes = s.Records*scale, s.Bytes*scale
	}
	if s.Form.Header {
		s.Records--
	}
}

// setColumns takes the columns' names from the header, or makes some; without a header the first record counts for the types.
func (s *Sample) setColumns() {
	s.Names, s.Types = make([]string, len(s.below)), make([]schema.Type, len(s.below))
	seen := map[string]bool{}
	for i, kind := range s.below {
		name := "col" + strconv.Itoa(i)
		if !s.Form.Header {
			kind = widen(kind, schema.InferCell(s.First[i]))
		} else if h := strings.ToLower(strings.TrimSpace(s.First[i])); h != "" {
			name = h
		}
		s.Types[i] = schema.Of(kind)
		for seen[name] {
			name += "_" + strconv.Itoa(i)
		}
		seen[name] = true
		s.Names[i] = name
	}
}

// AdoptHeaders makes files whose own rows do not show that their first line is a header follow those that do: a day with words only.
func AdoptHeaders(samples []*Sample) {
	headers := map[string]bool{}
	for _, s := range samples {
		if s.Form.Header {
			headers[signature(s.First)] = true
		}
	}
	for _, s := range samples {
		s.adoptHeader(headers)
	}
}

func (s *Sample) adoptHeader(headers map[string]bool) {
	if s.Form.Class == CSV && !s.Form.Header && headers[signature(s.First)] {
		s.Form.Header = true
		s.Records--
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
