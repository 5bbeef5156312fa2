package delimited

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	r.spans, r.scratch = r.spans[:0], r.scratch[:0]
	i := 0
	for {
		var last bool
		if q := r.dialect.Quote; q != 0 && i < len(b) && b[i] == q {
			i, last, err = r.quoted(b, i, ended, &lines)
		} else {
			i, last, err = r.plain(b, i, ended, &lines)
		}
		if err != nil || last {
			return i, lines, err
		}
	}
}

// plain reads the unquoted field that starts at i; it returns where the next field or record starts.
func (r *Reader) plain(b []byte, i int, ended bool, lines *int64) (next int, last bool, err error) {
	d, esc := r.dialect.Delimiter, r.dialect.Escape
	start := i
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == d:
			r.spans = append(r.spans, span{from: start, to: i})
			return i + 1, false, nil
		case c == '\n':
			to := i
			if to > start && b[to-1] == '\r' {
				to--
			}
			*lines++
			r.spans = append(r.spans, span{from: start, to: to})
			return i + 1, true, nil
		case esc != 0 && c == esc:
			return r.escaped(b, start, i, ended, lines)
		}
	}
	if !ended {
		return 0, false, errMore
	}
	r.spans = append(r.spans, span{from: start, to: i})
	return i, true, nil
}

// escaped reads the rest of an unquoted field from its first escape character at i.
func (r *Reader) escaped(b []byte, start, i int, ended bool, lines *int64) (next int, last bool, err error) {
	from := len(r.scratch)
	r.scratch = append(r.scratch, b[start:i]...)
	done := func() { r.spans = append(r.spans, span{from: from, to: len(r.scratch), rewrote: true}) }
	for ; i < len(b); i++ {
		switch c := b[i]; c {
		case r.dialect.Escape:
			if i+1 == len(b) {
				if ended {
					return 0, false, r.syntax("the file ends after an escape character")
				}
				return 0, false, errMore
			}
			i++
			if b[i] == '\n' {
				*lines++
			}
			r.scratch = append(r.scratch, b[i])
		case r.dialect.Delimiter:
			done()
			return i + 1, false, nil
		case '\n':
			*lines++
			if n := len(r.scratch); n > from && b[i-1] == '\r' {
				r.scratch = r.scratch[:n-1]
			}
			done()
			return i + 1, true, nil
		default:
			r.scratch = append(r.scratch, c)
		}
	}
	if !ended {
		return 0, false, errMore
	}
	done()
	return i, true, nil
}

// quoted reads the field whose opening quote stands at i.
func (r *Reader) quoted(b []byte, i int, ended bool, lines *int64) (next int, last bool, err error) {
	q := r.dialect.Quote
	i++
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
	s := span{from: from, to: i, quoted: true}
	if rewrote {
		r.scratch = append(r.scratch, b[from:i]...)
		s = span{from: scratch, to: len(r.scratch), quoted: true, rewrote: true}
	}
	r.spans = append(r.spans, s)
	return r.afterQuote(b, i+1, ended, lines)
}

func (r *Reader) unclosed(ended bool) error {
	if !ended {
		return errMore
	}
	return r.syntax("the quote that opens this field is never closed")
}

// afterQuote checks that the closing quote is followed by a delimiter or a line end.
func (r *Reader) afterQuote(b []byte, i int, ended bool, lines *int64) (next int, last bool, err error) {
	if i == len(b) {
		return i, true, nil // scan has seen that the source is exhausted
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
