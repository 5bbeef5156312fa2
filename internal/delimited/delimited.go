// Package delimited reads delimited text: CSV and its kin, record by record, with the physical line on which each record starts. It exists
// because the engine's own reader hides where a value stood. It knows dialects but no types and no columns: a field is bytes, and whether
// it was quoted. What is compressed is unpacked before, by package compression.
//
// The form of quoted fields is RFC 4180's; lines end with LF or CRLF.
package delimited

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// MaxRecord is the most bytes that one record may have: Redshift's limit for a row of a load, 4 MiB.
const MaxRecord = 4 << 20

const bufferSize = 256 << 10

// A Dialect says how fields are separated and quoted.
type Dialect struct {
	Delimiter byte // required; never CR, LF or the quote
	Quote     byte // 0: quotes are ordinary characters
	Escape    byte // 0: none
	Escaping  Escaping
	Blanks    bool // blanks between a delimiter and a quotation mark are no part of a field (Redshift's CSV)
}

// Escaping is what the escape character does.
type Escaping uint8

const (
	// EscapeAny makes the next byte literal, a line end too (COPY's ESCAPE).
	EscapeAny Escaping = iota
	// EscapeHive makes the next byte literal, but n and r after it stand for LF and CR, and a line ends whatever stands before its end
	// (LazySimpleSerDe).
	EscapeHive
	// EscapeQuote works inside of quotes, before a quote or another escape character; anywhere else it is dropped (OpenCSVSerde).
	EscapeQuote
)

// CSV is the dialect of RFC 4180.
var CSV = Dialect{Delimiter: ',', Quote: '"'}

// Check reports what is wrong with a dialect, or nil.
func (d Dialect) Check() error {
	switch {
	case d.Delimiter == 0 || d.Delimiter == '\n' || d.Delimiter == '\r':
		return fmt.Errorf("%q cannot be a delimiter", d.Delimiter)
	case d.Quote == '\n' || d.Quote == '\r' || d.Quote == d.Delimiter:
		return fmt.Errorf("%q cannot be the quote character beside delimiter %q", d.Quote, d.Delimiter)
	case d.Escape != 0 && (d.Escape == d.Delimiter || d.Escape == d.Quote || d.Escape == '\n' || d.Escape == '\r'):
		return fmt.Errorf("%q cannot be the escape character beside delimiter %q and quote %q", d.Escape, d.Delimiter, d.Quote)
	}
	return nil
}

// A Record is one row of fields. It is valid until the next call of Next.
type Record struct {
	Line   int64    // the physical line on which the record starts; the first line of the file is 1
	Fields [][]byte // unquoted and unescaped
	Quoted []bool   // whether the field stood in quotes; "" and an absent value differ only here

	reader *Reader
	from   int // where the record begins in the reader's buffer
}

// Raw is field i as the file has it, without quotes but with its escapes.
func (r *Record) Raw(i int) []byte {
	if k := r.reader.spans[i].raw; k > 0 {
		raw := r.reader.raws[k-1]
		return r.reader.buf[r.from+raw.from : r.from+raw.to]
	}
	return r.Fields[i]
}

// Blank reports whether the record is an empty line.
func (r *Record) Blank() bool { return len(r.Fields) == 1 && len(r.Fields[0]) == 0 && !r.Quoted[0] }

// A SyntaxError says on which line and in which field the text breaks its dialect.
type SyntaxError struct {
	Line  int64 // physical line where the record starts
	Field int   // 1-based
	Msg   string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, field %d: %s", e.Line, e.Field, e.Msg)
}

// A ReadError is a failure of the bytes below the records: a broken gzip stream or a disk error.
type ReadError struct {
	Line int64 // the physical line that was being read
	Err  error
}

// Error implements error.
func (e *ReadError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap gives the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// A Reader reads the records of one file. It holds at most MaxRecord bytes beside one buffer.
type Reader struct {
	src     io.Reader
	dialect Dialect
	stops   stops
	buf     []byte // unread bytes are buf[pos:end]
	pos     int
	end     int
	srcErr  error // what src said at its end
	line    int64 // physical line of buf[pos]
	started bool
	spans   []span
	scratch []byte // bodies of fields that had to be rewritten
	raws    []rawSpan
	rec     Record
}

// span is where a field lies: in buf relative to the record's start, or, when it had to be rewritten, in scratch.
type span struct {
	from, to int
	raw      int32 // of a field in scratch: 1 + its place in raws
	quoted   bool
}

// rawSpan is where a rewritten field lies in buf.
type rawSpan struct{ from, to int }

// NewReader reads records of dialect d from src. A byte order mark of UTF-8 at the start is skipped.
func NewReader(src io.Reader, d Dialect) (*Reader, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	r := &Reader{src: src, dialect: d, stops: stopsOf(d), buf: make([]byte, bufferSize), line: 1}
	r.rec.reader = r
	return r, nil
}

// Next returns the next record, or io.EOF after the last. After any other error the reader gives that error again.
func (r *Reader) Next() (*Record, error) {
	if !r.started {
		r.started = true
		r.skipMark()
	}
	for {
		n, lines, err := r.scan()
		if err == nil {
			r.take(n, lines)
			return &r.rec, nil
		}
		if !errors.Is(err, errMore) {
			return nil, r.fail(err)
		}
		if err := r.fill(); err != nil {
			return nil, r.fail(err)
		}
	}
}

// SkipLine passes over a physical line, whatever stands in it; at the end of the text it gives io.EOF.
func (r *Reader) SkipLine() error {
	if !r.started {
		r.started = true
		r.skipMark()
	}
	r.spans = r.spans[:0]
	for {
		ended, err := r.atEnd()
		if err != nil {
			return r.fail(err)
		}
		if n := bytes.IndexByte(r.buf[r.pos:r.end], '\n'); n >= 0 {
			r.pos += n + 1
			r.line++
			return nil
		}
		if ended && r.pos == r.end {
			return io.EOF
		}
		if ended {
			r.pos = r.end
			return nil
		}
		if err := r.fill(); err != nil {
			return r.fail(err)
		}
	}
}

// Line is the physical line of the next record.
func (r *Reader) Line() int64 { return r.line }

func (r *Reader) fail(err error) error {
	r.srcErr = err
	r.pos, r.end = 0, 0
	return err
}

func (r *Reader) skipMark() {
	for r.end-r.pos < 3 && r.srcErr == nil {
		r.read()
	}
	if bytes.HasPrefix(r.buf[r.pos:r.end], []byte("\xef\xbb\xbf")) {
		r.pos += 3
	}
}

// fill makes more of the current record available. It is called only when the record reaches beyond the buffer.
func (r *Reader) fill() error {
	if r.end-r.pos > MaxRecord {
		return &SyntaxError{r.line, len(r.spans) + 1, fmt.Sprintf("the record is longer than %d bytes; a quote may be missing", MaxRecord)}
	}
	if r.pos > 0 {
		r.end = copy(r.buf, r.buf[r.pos:r.end])
		r.pos = 0
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	r.read()
	return nil
}

func (r *Reader) read() {
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		if err != nil {
			r.srcErr = err
			return
		}
		if n > 0 {
			return
		}
	}
	r.srcErr = io.ErrNoProgress
}

// atEnd reports whether the source is exhausted, and the error that is due when it ended badly.
func (r *Reader) atEnd() (bool, error) {
	if r.srcErr == nil {
		return false, nil
	}
	if r.srcErr == io.EOF {
		return true, nil
	}
	var read *ReadError
	var syntax *SyntaxError
	if errors.As(r.srcErr, &read) || errors.As(r.srcErr, &syntax) {
		return true, r.srcErr
	}
	line := r.line + int64(bytes.Count(r.buf[r.pos:r.end], []byte{'\n'}))
	return true, &ReadError{Line: line, Err: r.srcErr}
}

// take turns the spans of the record that ends after n bytes into fields and moves on.
func (r *Reader) take(n int, lines int64) {
	r.rec.Line = r.line
	r.rec.Fields, r.rec.Quoted = r.rec.Fields[:0], r.rec.Quoted[:0]
	base := r.buf[r.pos:]
	r.rec.from = r.pos
	for _, s := range r.spans {
		from := base
		if s.raw > 0 {
			from = r.scratch
		}
		r.rec.Fields = append(r.rec.Fields, from[s.from:s.to:s.to])
		r.rec.Quoted = append(r.rec.Quoted, s.quoted)
	}
	r.pos += n
	r.line += lines
}
