package delimited

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// An Encoding is how the characters of a file are written. The zero value is UTF-8.
type Encoding uint8

// The encodings. UTF16 is what the byte order mark says, and without one big-endian, as in Java.
const (
	UTF8 Encoding = iota
	UTF16
	UTF16LE
	UTF16BE
	Windows1252
	Latin1
)

// EncodingOf finds an encoding by one of its names.
func EncodingOf(name string) (Encoding, error) {
	switch strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "_", "-") {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return UTF8, nil
	case "utf-16", "utf16":
		return UTF16, nil
	case "utf-16le", "utf-16-le", "utf16le":
		return UTF16LE, nil
	case "utf-16be", "utf-16-be", "utf16be":
		return UTF16BE, nil
	case "windows-1252", "cp1252", "cp-1252":
		return Windows1252, nil
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1":
		return Latin1, nil
	}
	return 0,
		fmt.Errorf("encoding %q is not supported by Penstock yet (it has UTF-8, UTF-16, UTF-16LE, UTF-16BE, windows-1252 and ISO-8859-1)", name)
}

// Reader gives src's characters in UTF-8. What is no UTF-16 is an EncodingError; every byte is a character of the others.
func (e Encoding) Reader(src io.Reader) io.Reader {
	switch e {
	case UTF16, UTF16LE, UTF16BE:
		return &utf16Reader{src: bufio.NewReaderSize(src, 64<<10), big: e != UTF16LE, mark: e == UTF16}
	case Windows1252:
		return charmap.Windows1252.NewDecoder().Reader(src)
	case Latin1:
		return charmap.ISO8859_1.NewDecoder().Reader(src)
	}
	return src
}

// An EncodingError says that a file is not written in the encoding that its table names.
type EncodingError struct{ Msg string }

// Error implements error.
func (e *EncodingError) Error() string { return e.Msg }

// utf16Reader decodes UTF-16 strictly: half a character is an error and not a replacement character.
type utf16Reader struct {
	src     *bufio.Reader
	big     bool
	mark    bool // the byte order is still to be read from the mark
	started bool
	rest    []byte // decoded and not yet given
	err     error
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(u.rest) == 0 {
		u.rest = u.rest[:0]
		for u.err == nil && len(u.rest) < 32<<10 {
			u.err = u.char()
		}
	}
	if len(u.rest) == 0 {
		return 0, u.err
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// char decodes one character.
func (u *utf16Reader) char() error {
	c, err := u.unit()
	if err != nil {
		return err
	}
	if !u.started {
		u.started = true
		switch {
		case c == 0xfeff:
			return nil
		case c == 0xfffe && u.mark:
			u.big = !u.big
			return nil
		}
	}
	if utf16.IsSurrogate(rune(c)) {
		low, err := u.unit()
		if err != nil && err != io.EOF {
			return err
		}
		r := utf16.DecodeRune(rune(c), rune(low))
		if r == utf8.RuneError {
			return &EncodingError{"half of a character: the file is not UTF-16 in this byte order"}
		}
		u.rest = utf8.AppendRune(u.rest, r)
		return nil
	}
	u.rest = utf8.AppendRune(u.rest, rune(c))
	return nil
}

func (u *utf16Reader) unit() (uint16, error) {
	a, err := u.src.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := u.src.ReadByte()
	if err == io.EOF {
		return 0, &EncodingError{"an odd number of bytes: the file is not UTF-16"}
	}
	if err != nil {
		return 0, err
	}
	if u.big {
		return uint16(a)<<8 | uint16(b), nil
	}
	return uint16(b)<<8 | uint16(a), nil
}

// maxFooter is how many bytes the lines of a footer may have.
const maxFooter = 16 << 20

// WithoutLast leaves out the last n physical lines of src.
func WithoutLast(src io.Reader, n int) io.Reader {
	if n <= 0 {
		return src
	}
	return &footless{src: src, n: n}
}

// footless holds back the last n lines that it has read.
type footless struct {
	src  io.Reader
	n    int
	held []byte
	safe int // how many bytes of held are no footer
	err  error
}

// Read implements io.Reader.
func (f *footless) Read(p []byte) (int, error) {
	for f.safe == 0 {
		if f.err != nil {
			return 0, f.err
		}
		if len(f.held) > maxFooter {
			f.err = fmt.Errorf("the last %d lines are longer than %d bytes", f.n, maxFooter)
			return 0, f.err
		}
		at := len(f.held)
		f.held = append(f.held, make([]byte, 64<<10)...)
		n, err := f.src.Read(f.held[at:])
		f.held, f.err = f.held[:at+n], err
		f.safe = f.body()
	}
	n := copy(p, f.held[:f.safe])
	f.held, f.safe = f.held[n:], f.safe-n
	return n, nil
}

// body is the length of what stands before the last n lines. Until the end is known the last byte may be the start of another line.
func (f *footless) body() int {
	end := len(f.held)
	if end > 0 && f.held[end-1] == '\n' {
		end--
	}
	for range f.n {
		if end = bytes.LastIndexByte(f.held[:max(end, 0)], '\n'); end < 0 {
			return 0
		}
	}
	return end + 1
}
