package jsonrows

import (
	"bytes"
	"errors"
	"io"

	"penstock/internal/column"
	"penstock/internal/convert/jsontext"
	"penstock/internal/delimited"
)

// MaxRecord is the most bytes that one record may have when the options do not say: 16 MiB.
const MaxRecord = 16 << 20

const bufferSize = 32 << 10

// A source finds the records of a file, one after the other, in one pass: objects on lines of their own, behind each other, spread over
// lines, in arrays, or where a path leads.
type source struct {
	scanner
	src    io.Reader
	err    error // what src said at its end
	most   int
	path   path
	asOne  bool    // a top-level array is one record
	levels []level // the arrays and objects that the path has led into

	started bool
	base    int64 // the offset of buf[0] in the file
	line    int64 // the line of buf[counted]
	counted int
	row     int64            // the current record, from 1
	begin   int              // where the current record begins in buf
	noted   []column.Finding // what is wrong between records
	tail    int              // the blanks of its line that stand before buf[0]; -1: something else too
	margin  int              // the indentation of its line, when it begins it
	usual   int              // that of the record before
}

// level is an array or object that the path has led into.
type level struct {
	open  byte
	after bool // a member has been passed: a comma or the end follows
	index int
}

// fill brings more text into the buffer; bytes before keep are dropped. It reports whether there was more.
func (s *source) fill(keep int) bool {
	if s.last {
		return false
	}
	if keep > 0 {
		s.count(keep)
		s.tail = s.tailOf(keep)
		n := copy(s.buf[:cap(s.buf)], s.buf[keep:])
		s.buf = s.buf[:n]
		s.base += int64(keep)
		s.i -= keep
		s.begin -= keep
		s.counted -= keep
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, max(2*cap(s.buf), bufferSize)), s.buf...)
	}
	for range 100 {
		n, err := s.src.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if err != nil {
			s.err, s.last = err, true
			return n > 0 || err == io.EOF
		}
		if n > 0 {
			return true
		}
	}
	s.err, s.last = io.ErrNoProgress, true
	return false
}

// count counts the lines up to a place of the buffer.
func (s *source) count(to int) {
	if to > s.counted {
		s.line += int64(bytes.Count(s.buf[s.counted:to], []byte{'\n'}))
		s.counted = to
	}
}

// broken is the error that is due when the source ended badly.
func (s *source) broken() error {
	if s.err == nil || s.err == io.EOF {
		return nil
	}
	var read *delimited.ReadError
	if errors.As(s.err, &read) {
		return s.err
	}
	s.count(len(s.buf))
	return &delimited.ReadError{Line: s.line, Err: s.err}
}

// start reads the beginning of the file: a byte order mark tells UTF-16, and is no text.
func (s *source) start() {
	s.started, s.line = true, 1
	if s.most <= 0 {
		s.most = MaxRecord
	}
	for len(s.buf) < 3 && s.fill(0) {
	}
	switch {
	case bytes.HasPrefix(s.buf, []byte("\xef\xbb\xbf")):
		s.i, s.counted = 3, 3
	case bytes.HasPrefix(s.buf, []byte("\xff\xfe")), bytes.HasPrefix(s.buf, []byte("\xfe\xff")):
		rest := s.src
		if s.err != nil {
			rest = &ended{s.err}
		}
		s.src = delimited.UTF16.Reader(io.MultiReader(bytes.NewReader(bytes.Clone(s.buf)), rest))
		s.buf, s.last, s.err = s.buf[:0], false, nil
	}
}

// ended is a source that has ended with an error.
type ended struct{ err error }

func (e *ended) Read([]byte) (int, error) { return 0, e.err }

// peek passes over white space and returns the next byte; io.EOF is the end of the file.
func (s *source) peek() (byte, error) {
	for !s.blank() {
		if s.fill(len(s.buf)) {
			continue
		}
		if err := s.broken(); err != nil {
			return 0, err
		}
		if s.i >= len(s.buf) {
			return 0, io.EOF
		}
	}
	return s.buf[s.i], nil
}

// again runs a reading that begins at the next byte until the text suffices for it. short is left where the file ends within.
func (s *source) again(f func() outcome) (outcome, error) {
	for {
		s.depth = 0
		out := f()
		if out != short {
			return out, nil
		}
		if len(s.buf)-s.begin > s.most {
			return s.fail("it is longer than " + itoa(s.most) + " bytes"), nil
		}
		s.i = s.begin
		if !s.fill(s.begin) {
			s.i = s.begin
			return short, s.broken()
		}
	}
}

// mark says where a byte of the current record stands, for a finding about it.
func (s *source) mark(at int, f column.Finding) column.Finding {
	s.count(s.begin)
	f.Row, f.Offset = s.row, s.base+int64(at)
	f.Line = s.line + int64(bytes.Count(s.buf[s.begin:at], []byte{'\n'}))
	return f
}

// damaged is the finding about the record that cannot be read.
func (s *source) damaged() column.Finding {
	text, _ := s.excerpt(s.begin)
	return s.mark(s.begin, column.Finding{Text: text, Problem: s.why})
}

// excerpt is how the text from a place of the current record on reads, as far as its line goes, and where the place is afterwards.
func (s *source) excerpt(at int) ([]byte, int) {
	for len(s.buf)-at <= column.FindingText && bytes.IndexByte(s.buf[at:], '\n') < 0 {
		at -= s.begin
		if !s.fill(s.begin) {
			at += s.begin
			break
		}
	}
	text, _, _ := bytes.Cut(s.buf[at:min(len(s.buf), at+2*column.FindingText)], []byte{'\n'})
	return column.Excerpt(bytes.TrimRight(text, "\r")), at
}

// recover goes behind a damaged record: to where its brackets close, or to the next line; where records may have several lines, to the
// next that begins a value and is
// indented no further than the record or the one before it was. Nothing of the rest of the record is kept in memory.
func (s *source) recover() error {
	if !s.lines && s.closes() {
		return nil
	}
	s.i = s.begin
	for {
		n := bytes.IndexByte(s.buf[s.i:], '\n')
		if n < 0 {
			s.i = len(s.buf)
			if !s.fill(s.i) {
				s.levels = nil
				return s.broken()
			}
			continue
		}
		s.i += n + 1
		if s.lines {
			return nil
		}
		most := max(s.margin, s.usual)
		for len(s.buf)-s.i <= most && s.fill(s.i) {
		}
		at := s.i
		for at < len(s.buf) && at < s.i+most && (s.buf[at] == ' ' || s.buf[at] == '\t') {
			at++
		}
		if at < len(s.buf) && (s.buf[at] == '{' || s.buf[at] == '[') {
			switch k := len(s.levels); {
			case k > 0 && len(s.path) == 0 && s.buf[at] == '[':
				s.levels = s.levels[:0] // the next array of records
			case k > 0:
				s.levels[k-1].after = false
			}
			return nil
		}
	}
}

// closes goes behind a damaged record whose brackets and quotes are in order, on the line on which it begins, and reports whether it is
// one.
func (s *source) closes() bool {
	depth, text := 0, false
	for i := s.begin; ; i++ {
		for i >= len(s.buf) {
			i -= s.begin
			if len(s.buf)-s.begin > s.most || !s.fill(s.begin) {
				return false
			}
		}
		c := s.buf[i]
		switch {
		case i == s.begin && c == '}': // one too many
			s.i = i + 1
			return s.goesOn()
		case c == '\n' || i == s.begin && c != '{' && c != '[':
			return false
		case c == '\\' && text:
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				s.i = i + 1
				return s.goesOn()
			}
		}
	}
}

// goesOn reports whether the next byte may stand behind a record.
func (s *source) goesOn() bool {
	for !s.blank() {
		at := s.i - s.begin
		if !s.fill(s.begin) {
			return true
		}
		s.i = s.begin + at
	}
	return bytes.IndexByte([]byte("{[,]}"), s.buf[s.i]) >= 0
}

// found says that a record begins at the next byte.
func (s *source) found() {
	s.begin = s.i
	s.row++
	s.count(s.i)
	if s.lines {
		return
	}
	s.usual, s.margin = s.margin, s.indent(s.i)
}

// widest is the indentation that is still told from none.
const widest = 64

// indent counts the blanks before a place on its line; 0 when something else stands there too.
func (s *source) indent(at int) int {
	n := 0
	for ; n < at; n++ {
		switch c := s.buf[at-1-n]; {
		case c == '\n':
			return n
		case c != ' ' && c != '\t' || n == widest:
			return 0
		}
	}
	if s.tail < 0 || n+s.tail > widest {
		return 0
	}
	return n + s.tail
}

// tailOf is the indentation of the text that begins at a place, when all before it is dropped; -1 when it is no indentation.
func (s *source) tailOf(at int) int {
	n := s.indent(at)
	if n == 0 && (at > 0 && s.buf[at-1] != '\n' || at == 0 && s.tail != 0) {
		return -1
	}
	return n
}

// seek goes to the next record, which may be damaged before it begins; io.EOF is the end of the file.
func (s *source) seek() (outcome, error) {
	for {
		c, err := s.peek()
		if err != nil {
			if err == io.EOF && len(s.levels) > 0 {
				s.begin, s.levels = s.i, nil
				return s.fail("the file ends within an array or object that holds the records"), nil
			}
			return wrong, err
		}
		if len(s.levels) == 0 {
			if c == ',' { // between values that stand behind each other
				s.i++
				continue
			}
			record, out, err := s.down(c)
			if record || out != whole || err != nil {
				return out, err
			}
			continue
		}
		record, out, err := s.member(c)
		if record || out != whole || err != nil {
			return out, err
		}
	}
}

// member goes on within the innermost level.
func (s *source) member(c byte) (record bool, out outcome, err error) {
	top := &s.levels[len(s.levels)-1]
	last := top.open + 2 // } and ] stand two behind { and [
	switch {
	case c == last:
		s.i++
		if s.levels = s.levels[:len(s.levels)-1]; len(s.levels) > 0 {
			s.levels[len(s.levels)-1].after = true
		}
		return false, whole, nil
	case c == ',' && top.after:
		s.i++
		top.after = false
		return false, whole, nil
	case top.after && c != '{' && c != '[':
		s.found()
		return false, s.fail("a comma or " + string(last) + " is missing before this"), nil
	case top.after:
		s.found()
		s.row--
		f := s.mark(s.i, column.Finding{Problem: "a comma is missing before this record"})
		f.Row++
		s.noted = append(s.noted, f)
	}
	top.after = true
	top.index++
	name := ""
	if top.open == '{' {
		s.begin = s.i
		if out, err := s.again(s.key); out != whole || err != nil {
			return false, s.torn(out), err
		}
		name = string(s.text())
	}
	k := len(s.levels)
	if k <= len(s.path) && !s.path[k-1].fits(name, top.index-1, top.open) {
		out, err := s.skip()
		return false, out, err
	}
	return s.down(s.buf[s.i])
}

// torn makes the end of the file within a value a fault.
func (s *source) torn(out outcome) outcome {
	if out != whole {
		s.row++
		return wrong
	}
	return out
}

// down looks at a value: a record, or what the path leads into, or nothing.
func (s *source) down(c byte) (record bool, out outcome, err error) {
	k := len(s.levels)
	switch {
	case k < len(s.path) && (c == '{' && s.path[k].name || c == '[' && s.path[k].number),
		k == 0 && len(s.path) == 0 && c == '[' && !s.asOne:
		s.levels = append(s.levels, level{open: c})
		s.i++
		return false, whole, nil
	case k < len(s.path):
		out, err := s.skip()
		return false, out, err
	}
	s.found()
	return true, whole, nil
}

// skip passes over a value that the path does not lead to.
func (s *source) skip() (outcome, error) {
	s.begin = s.i
	out, err := s.again(s.value)
	return s.torn(out), err
}

// nextLine goes to the next line; io.EOF is the end of the file.
func (s *source) nextLine() error {
	for s.i >= len(s.buf) {
		if s.fill(s.i) {
			continue
		}
		if err := s.broken(); err != nil {
			return err
		}
		return io.EOF
	}
	s.found()
	return nil
}

// endLine passes over the rest of a line and reports whether more than white space stood there.
func (s *source) endLine() (more bool, err error) {
	for {
		rest := s.buf[s.i:]
		n := bytes.IndexByte(rest, '\n')
		if n >= 0 {
			rest = rest[:n]
		}
		if len(rest) > 0 && !more {
			more = len(bytes.TrimSpace(rest)) > 0
		}
		if n >= 0 {
			s.i += n + 1
			return more, nil
		}
		s.i = len(s.buf)
		if !s.fill(s.i) {
			return more, s.broken()
		}
	}
}

// text is the last string, without its escapes; it is valid until the next one.
func (s *scanner) text() []byte {
	body := s.buf[s.str.from:s.str.to]
	if !s.str.escaped {
		return body
	}
	s.plain = jsontext.AppendUnquoted(s.plain[:0], s.buf[s.str.from-1:s.str.to+1])
	return s.plain
}
