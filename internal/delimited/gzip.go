package delimited

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// A GzipError says how a gzip stream is broken. The rows before the break have been read, but none of them may be used.
type GzipError struct {
	Err error
}

// Error implements error.
func (e *GzipError) Error() string {
	switch {
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		return "broken gzip: the stream is cut off before its end (checksum and length are missing)"
	case errors.Is(e.Err, gzip.ErrChecksum):
		return "broken gzip: the checksum or the length does not match the data"
	case errors.Is(e.Err, gzip.ErrHeader):
		return "broken gzip: this is not a gzip header"
	}
	return fmt.Sprintf("broken gzip: %v", e.Err)
}

// Unwrap gives the decompressor's own error.
func (e *GzipError) Unwrap() error { return e.Err }

// IsGzip reports whether head, the first bytes of a file, is the start of a gzip stream.
func IsGzip(head []byte) bool { return len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b }

// Gzip decompresses src, all members of it. The checksum and length of every member are verified; io.EOF is returned only after the
// last trailer proved right, anything after it that is not a further member is an error.
func Gzip(src io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(src, 64<<10))
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, &GzipError{err}
	}
	return &gzipReader{z}, nil
}

type gzipReader struct {
	z *gzip.Reader
}

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	if err != nil && err != io.EOF {
		err = &GzipError{err}
	}
	return n, err
}

// Open reads src as it is stored: gzip when its first bytes say so, else as it is. The name of the object does not matter.
func Open(src io.Reader) (r io.Reader, compressed bool, err error) {
	b := bufio.NewReaderSize(src, 64<<10)
	head, err := b.Peek(2)
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	if !IsGzip(head) {
		return b, false, nil
	}
	z, err := Gzip(b)
	return z, true, err
}
