package xmlrows

import (
	"bytes"
	"io"
)

// markup kinds.
const (
	kDamaged = iota // a < that begins nothing
	kStart          // <name ...>
	kEmpty          // <name .../>
	kEnd            // </name>
	kText           // <![CDATA[...]]>
	kOther          // a comment, instruction or document type
)

// The ends of what is searched for as a text, and where it is known not to be, so that no byte is searched twice.
const (
	endComment = iota
	endData
	endInstruction
	ends
)

var closers = [ends]string{"-->", "]]>", "?>"}

// markup finds what begins with the < at b[at] and where it ends; whole is false when b ends before it does. absent holds for each closer
// up to where b has none; it may be nil. typed says that no document type can stand here: a document has one, before its elements.
func markup(b []byte, at int, absent *[ends]int, typed bool) (kind, end int, whole bool) {
	rest := b[at:]
	if len(rest) < 2 {
		return kDamaged, len(b), false
	}
	switch c := rest[1]; {
	case c == '/':
		return tagEnd(b, at, kEnd)
	case c == '?':
		return search(b, at, 2, endInstruction, absent)
	case c == '!':
		for _, m := range [...]struct {
			open  string
			which int
		}{{"<!--", endComment}, {"<![CDATA[", endData}} {
			if bytes.HasPrefix(rest, []byte(m.open)) {
				return search(b, at, len(m.open), m.which, absent)
			}
			if len(rest) < len(m.open) && bytes.HasPrefix([]byte(m.open), rest) {
				return kDamaged, len(b), false
			}
		}
		if typed {
			return kDamaged, at + 1, true
		}
		return docType(b, at)
	case c == '_' || c == ':' || c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z':
		return tagEnd(b, at, kStart)
	}
	return kDamaged, at + 1, true
}

func search(b []byte, at, skip, which int, absent *[ends]int) (kind, end int, whole bool) {
	kind = kOther
	if which == endData {
		kind = kText
	}
	from := at + skip
	if absent != nil {
		from = max(from, absent[which])
	}
	if from <= len(b) {
		if i := bytes.Index(b[from:], []byte(closers[which])); i >= 0 {
			return kind, from + i + len(closers[which]), true
		}
	}
	if absent != nil {
		absent[which] = max(absent[which], len(b)-len(closers[which])+1, at+skip)
	}
	return kind, len(b), false
}

// maxDocType is the most bytes of a document type that is passed over whole.
const maxDocType = 64 << 10

func docType(b []byte, at int) (kind, end int, whole bool) {
	depth, quote := 0, byte(0)
	for i := at + 2; i < len(b); i++ {
		switch c := b[i]; {
		case i-at > maxDocType:
			return kDamaged, at + 1, true
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '>' && depth <= 0:
			return kOther, i + 1, true
		}
	}
	return kOther, len(b), false
}

// tagEnd finds the > of a tag. Neither in it nor in the values of its attributes may a < stand.
func tagEnd(b []byte, at, kind int) (k, end int, whole bool) {
	quote := byte(0)
	for i := at + 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '<':
			return kDamaged, at + 1, true
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			if kind == kStart && b[i-1] == '/' {
				kind = kEmpty
			}
			return kind, i + 1, true
		case c == '"' || c == '\'':
			if kind == kStart {
				quote = c
			}
		}
	}
	return kind, len(b), false
}

// nameAt is the name that begins at b[at].
func nameAt(b []byte, at int) []byte {
	end := at
	for end < len(b) && !blank(b[end]) && b[end] != '/' && b[end] != '>' && b[end] != '=' {
		end++
	}
	return b[at:end]
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// A record is an element of the row tag, or what is wrong with one.
type record struct {
	text    []byte // with its tags; valid until the next call
	offset  int64
	line    int64
	problem string // the record is not read; text is how it begins
}

type span struct{ from, to int }

// A scanner finds the records of a document in UTF-8. It holds one record at a time, and when one is not closed those that stand in it,
// which are then records themselves.
type scanner struct {
	src    io.Reader
	tag    []byte
	buf    []byte
	base   int64 // the offset of buf[0]
	line   int64 // the line of buf[lined]
	lined  int
	pos    int // how far buf is scanned
	eof    bool
	absent [ends]int
	typed  bool   // the document type has been passed
	open   []int  // where the row tags begin that are not closed
	closed []span // records in the first of them
	queue  []record
}

func newScanner(src io.Reader, tag string) *scanner {
	return &scanner{src: src, tag: []byte(tag), line: 1}
}

// next returns the next record, or io.EOF.
func (s *scanner) next() (record, error) {
	for len(s.queue) == 0 {
		if err := s.step(); err != nil {
			return record{}, err
		}
	}
	r := s.queue[0]
	s.queue = s.queue[1:]
	return r, nil
}

// step passes one piece of text and the markup behind it.
func (s *scanner) step() error {
	at := bytes.IndexByte(s.buf[s.pos:], '<')
	if at < 0 {
		s.pos = len(s.buf)
		if s.tooLong() {
			return nil
		}
		return s.more(len(s.buf))
	}
	at += s.pos
	kind, end, whole := markup(s.buf, at, &s.absent, s.typed)
	if !whole {
		first := at
		if len(s.open) > 0 {
			first = s.open[0]
		}
		if !s.eof && len(s.buf)-first <= MaxRecord {
			s.pos = at
			return s.more(at)
		}
		kind, end = kDamaged, at+1
	}
	if rest := s.buf[at:]; kind == kStart || bytes.HasPrefix(rest, []byte("<!")) && !bytes.HasPrefix(rest, []byte("<!--")) {
		s.typed = true
	}
	s.pos = end
	switch kind {
	case kStart:
		if bytes.Equal(nameAt(s.buf[:end], at+1), s.tag) {
			s.open = append(s.open, at)
		}
	case kEmpty:
		if len(s.open) == 0 && bytes.Equal(nameAt(s.buf[:end], at+1), s.tag) {
			s.emit(span{at, end}, "the row is a self-closing element, which Glue does not parse")
		}
	case kEnd:
		if len(s.open) > 0 && bytes.Equal(nameAt(s.buf[:end], at+2), s.tag) {
			s.close(end)
		}
	}
	s.tooLong()
	return nil
}

// tooLong gives up an open record that has become too long, and reports whether it did.
func (s *scanner) tooLong() bool {
	if len(s.open) == 0 || s.pos-s.open[0] <= MaxRecord {
		return false
	}
	s.lose("the row has more than 16 MiB, or it is not closed")
	return true
}

// close ends the row tag that was opened last.
func (s *scanner) close(end int) {
	last := len(s.open) - 1
	from := s.open[last]
	s.open = s.open[:last]
	for len(s.closed) > 0 && s.closed[len(s.closed)-1].from > from {
		s.closed = s.closed[:len(s.closed)-1]
	}
	s.closed = append(s.closed, span{from, end})
	if last == 0 {
		s.flush()
	}
}

// flush makes records of what is closed.
func (s *scanner) flush() {
	for _, c := range s.closed {
		s.emit(c, "")
	}
	s.closed, s.open = s.closed[:0], s.open[:0]
}

// lose gives up the row tag that was opened first.
func (s *scanner) lose(problem string) {
	s.emit(span{s.open[0], s.pos}, problem)
	s.flush()
}

func (s *scanner) emit(c span, problem string) {
	s.count(c.from)
	s.queue = append(s.queue, record{text: s.buf[c.from:c.to:c.to], problem: problem, offset: s.base + int64(c.from), line: s.line})
}

// count finds the line of buf[to]; to never goes back.
func (s *scanner) count(to int) {
	s.line += int64(bytes.Count(s.buf[s.lined:to], []byte("\n")))
	s.lined = to
}

// more reads on; what is before keep is needed only by an open record.
func (s *scanner) more(keep int) error {
	if s.eof {
		if len(s.open) > 0 {
			s.lose("the row is not closed")
			return nil
		}
		return io.EOF
	}
	if len(s.open) > 0 {
		keep = s.open[0]
	}
	s.queue = s.queue[:0]
	s.drop(keep)
	want := max(64<<10, len(s.buf))
	from := len(s.buf)
	if cap(s.buf) < from+want {
		s.buf = append(make([]byte, 0, from+want), s.buf...)
	}
	n, err := io.ReadAtLeast(s.src, s.buf[from:from+want], 1)
	s.buf = s.buf[:from+n]
	if err == io.EOF {
		s.eof = true
		return nil
	}
	return err
}

// drop forgets the first n bytes.
func (s *scanner) drop(n int) {
	if n == 0 {
		return
	}
	s.count(max(n, s.lined))
	s.lined -= n
	s.base += int64(n)
	s.buf = s.buf[:copy(s.buf, s.buf[n:])]
	s.pos -= n
	for i := range s.open {
		s.open[i] -= n
	}
	for i := range s.closed {
		s.closed[i].from -= n
		s.closed[i].to -= n
	}
	for i := range s.absent {
		s.absent[i] = max(0, s.absent[i]-n)
	}
}
