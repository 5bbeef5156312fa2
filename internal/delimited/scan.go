package delimited

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// errMore says that the buffer ends inside the record.
var errMore = errors.New("more bytes are needed")

// scan finds the fields of the record at pos. It returns how many bytes and line ends the record takes, io.EOF when nothing is
// left, or errMore.
func (r *Reader) scan() (n int, lines int64, err error) {
	b := r.buf[r.pos:r.end]
	ended, srcErr := r.atEnd()
	if srcErr != nil {
		return 0, 0, srcErr
	}
	if len(b) == 0 {
		if ended {
			return 0, 0, io.EOF
		}
		return 0, 0, errMore
	}
	r.spans, r.scratch, r.raws = r.spans[:0], r.scratch[:0], r.raws[:0]
	i := 0
	for {
		var last bool
		at := i
		if r.dialect.Blanks {
			if at = r.skipBlanks(b, i); at == len(b) && !ended {
				return 0, 0, errMore
			}
		}
		if q := r.dialect.Quote; q != 0 && at < len(b) && b[at] == q {
			i, last, err = r.quoted(b, at, ended, &lines)
		} else {
			i, last, err = r.plain(b, i, ended, &lines)
		}
		if err != nil || last {
			return i, lines, err
		}
	}
}

// skipBlanks is where the blanks from i on end.
func (r *Reader) skipBlanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') && b[i] != r.dialect.Delimiter {
		i++
	}
	return i
}

// rewritten ends a field whose body is scratch[from:] and whose text is b[start:end].
func (r *Reader) rewritten(from, start, end int, quoted bool) {
	r.raws = append(r.raws, rawSpan{start, end})
	r.spans = append(r.spans, span{from: from, to: len(r.scratch), raw: int32(len(r.raws)), quoted: quoted})
}

// plain reads the unquoted field that starts at i; it returns where the next field or record starts.
func (r *Reader) plain(b []byte, i int, ended bool, lines *int64) (next int, last bool, err error) {
	start := i
	if i = special(b, i, &r.stops); i == len(b) {
		if !ended {
			return 0, false, errMore
		}
		r.spans = append(r.spans, span{from: start, to: i})
		return i, true, nil
	}
	switch b[i] {
	case r.dialect.Delimiter:
		r.spans = append(r.spans, span{from: start, to: i})
		return i + 1, false, nil
	case '\n':
		to := i
		if to > start && b[to-1] == '\r' {
			to--
		}
		*lines++
		r.spans = append(r.spans, span{from: start, to: to})
		return i + 1, true, nil
	}
	return r.escaped(b, start, i, ended, lines)
}

// stops are the bytes at which a plain field may end, each eight times; two of them are the same where nothing escapes.
type stops [3]uint64

const (
	each = 0x0101010101010101
	high = 0x8080808080808080
)

func stopsOf(d Dialect) (s stops) {
	for i, c := range [...]byte{d.Delimiter, '\n', d.Escape} {
		if c == 0 {
			c = d.Delimiter
		}
		s[i] = uint64(c) * each
	}
	return s
}

// special is where the first stop from i on stands, or len(b). It looks at eight bytes at once: of x, which is zero where a stop stands,
// (x-1)&^x has its high bit in the lowest zero byte, and in no byte below it.
func special(b []byte, i int, s *stops) int {
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		x, y, z := w^s[0], w^s[1], w^s[2]
		if found := ((x-each)&^x | (y-each)&^y | (z-each)&^z) & high; found != 0 {
			return i + bits.TrailingZeros64(found)>>3
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == byte(s[0]) || c == byte(s[1]) || c == byte(s[2]) {
			break
		}
	}
	return i
}

// escaped reads the rest of an unquoted field from its first escape character at i.
func (r *Reader) escaped(b []byte, start, i int, ended bool, lines *int64) (next int, last bool, err error) {
	from := len(r.scratch)
	r.scratch = append(r.scratch, b[start:i]...)
	for i < len(b) {
		switch c := b[i]; c {
		case r.dialect.Escape:
			n, err := r.escape(b, i, ended, false, lines)
			if err != nil {
				return 0, false, err
			}
			i += n
			continue
		case r.dialect.Delimiter:
			r.rewritten(from, start, i, false)
			return i + 1, false, nil
		case '\n':
			*lines++
			end := i
			if n := len(r.scratch); n > from && r.scratch[n-1] == '\r' && b[i-1] == '\r' && !r.literal(b, start, i-1) {
				r.scratch, end = r.scratch[:n-1], i-1
			}
			r.rewritten(from, start, end, false)
			return i + 1, true, nil
		default:
			r.scratch = append(r.scratch, c)
		}
		i++
	}
	if !ended {
		return 0, false, errMore
	}
	r.rewritten(from, start, i, false)
	return i, true, nil
}

// literal says whether the byte at i is made literal by an escape character.
func (r *Reader) literal(b []byte, start, i int) bool {
	n := 0
	for i > start && b[i-1] == r.dialect.Escape {
		i, n = i-1, n+1
	}
	return n%2 == 1 && r.dialect.Escaping == EscapeAny
}

// escape reads the escape character at i and what it makes of the next byte, and gives how many bytes it took.
func (r *Reader) escape(b []byte, i int, ended, inQuotes bool, lines *int64) (int, error) {
	if i+1 == len(b) && !ended {
		return 0, errMore
	}
	if r.dialect.Escaping == EscapeQuote {
		if inQuotes && i+1 < len(b) && (b[i+1] == r.dialect.Quote || b[i+1] == r.dialect.Escape) {
			r.scratch = append(r.scratch, b[i+1])
			return 2, nil
		}
		return 1, nil
	}
	hive := r.dialect.Escaping == EscapeHive
	switch {
	case hive && (i+1 == len(b) || b[i+1] == '\n' || b[i+1] == '\r'):
		r.scratch = append(r.scratch, b[i])
		return 1, nil
	case i+1 == len(b):
		return 0, r.syntax("the file ends after an escape character")
	case hive && b[i+1] == 'n':
		r.scratch = append(r.scratch, '\n')
	case hive && b[i+1] == 'r':
		r.scratch = append(r.scratch, '\r')
	default:
		if b[i+1] == '\n' {
			*lines++
		}
		r.scratch = append(r.scratch, b[i+1])
	}
	return 2, nil
}

// quoted reads the field whose opening quote stands at i.
func (r *Reader) quoted(b []byte, i int, ended bool, lines *int64) (next int, last bool, err error) {
	if r.dialect.Escape != 0 {
		return r.quotedEscaped(b, i, ended, lines)
	}
	q := r.dialect.Quote
	i++
	start := i
	from, scratch, rewrote := i, len(r.scratch), false
	for {
		k := bytes.IndexByte(b[i:], q)
		if k < 0 {
			return 0, false, r.unclosed(ended)
		}
		*lines += int64(bytes.Count(b[i:i+k], []byte{'\n'}))
		i += k
		if i+1 == len(b) && !ended {
			return 0, false, errMore
		}
		if i+1 == len(b) || b[i+1] != q {
			break
		}
		// A doubled quote stands for one: from here on the body lives in scratch.
		r.scratch = append(r.scratch, b[from:i+1]...)
		rewrote = true
		i += 2
		from = i
	}
	if rewrote {
		r.scratch = append(r.scratch, b[from:i]...)
		r.rewritten(scratch, start, i, true)
	} else {
		r.spans = append(r.spans, span{from: from, to: i, quoted: true})
	}
	return r.afterQuote(b, i+1, ended, lines)
}

// quotedEscaped is quoted in a dialect with an escape character.
func (r *Reader) quotedEscaped(b []byte, i int, ended bool, lines *int64) (next int, last bool, err error) {
	i++
	start, from := i, len(r.scratch)
	for i < len(b) {
		switch c := b[i]; c {
		case r.dialect.Escape:
			n, err := r.escape(b, i, ended, true, lines)
			if err != nil {
				return 0, false, err
			}
			i += n
			continue
		case r.dialect.Quote:
			if i+1 == len(b) && !ended {
				return 0, false, errMore
			}
			if i+1 == len(b) || b[i+1] != c {
				r.rewritten(from, start, i, true)
				return r.afterQuote(b, i+1, ended, lines)
			}
			i++
		case '\n':
			*lines++
		}
		r.scratch = append(r.scratch, b[i])
		i++
	}
	return 0, false, r.unclosed(ended)
}

func (r *Reader) unclosed(ended bool) error {
	if !ended {
		return errMore
	}
	return r.syntax("the quote that opens this field is never closed")
}

// afterQuote checks that the closing quote is followed by a delimiter or a line end.
func (r *Reader) afterQuote(b []byte, i int, ended bool, lines *int64) (next int, last bool, err error) {
	if r.dialect.Blanks {
		i = r.skipBlanks(b, i)
	}
	if i == len(b) {
		if !ended {
			return 0, false, errMore
		}
		return i, true, nil
	}
	switch {
	case b[i] == r.dialect.Delimiter:
		return i + 1, false, nil
	case b[i] == '\n':
		*lines++
		return i + 1, true, nil
	case b[i] == '\r' && i+1 == len(b) && !ended:
		return 0, false, errMore
	case b[i] == '\r' && i+1 == len(b):
		return i + 1, true, nil
	case b[i] == '\r' && b[i+1] == '\n':
		*lines++
		return i + 2, true, nil
	}
	r.spans = r.spans[:len(r.spans)-1]
	return 0, false, r.syntax(fmt.Sprintf("%q follows the closing quote", b[i]))
}

func (r *Reader) syntax(msg string) error {
	return &SyntaxError{Line: r.line, Field: len(r.spans) + 1, Msg: msg}
}
