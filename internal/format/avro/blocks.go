package avro

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/twmb/avro/ocf"
)

// The bounds of a block. Writers make blocks of 16 KiB to some MiB.
const (
	maxBlock    = 64 << 20
	maxUnpacked = 256 << 20
)

type unpack func(src []byte) ([]byte, error)

// codec finds how blocks are unpacked. close frees what it holds.
func codec(name string) (f unpack, close func(), err error) {
	var c ocf.Codec
	switch name {
	case "null":
		return func(src []byte) ([]byte, error) { return src, nil }, func() {}, nil
	case "deflate":
		c = ocf.DeflateCodec(0)
	case "snappy":
		c = ocf.SnappyCodec()
	case "zstandard":
		if c, err = ocf.ZstdCodec(nil, nil); err != nil {
			return nil, nil, err
		}
	case "bzip2":
		return unbzip2, func() {}, nil
	default:
		return nil, nil, fmt.Errorf("the Avro file is packed with %q; Penstock does not support that codec", name)
	}
	bounded, ok := c.(ocf.BoundedDecompressor)
	if !ok {
		return nil, nil, fmt.Errorf("the codec %q cannot be bounded", name)
	}
	return func(src []byte) ([]byte, error) { return bounded.DecompressBounded(src, maxUnpacked) },
		func() { c.Close() }, nil //nolint:errcheck // a codec that reads has nothing to lose
}

func unbzip2(src []byte) ([]byte, error) {
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(bzip2.NewReader(bytes.NewReader(src)), maxUnpacked+1))
	if err == nil && n > maxUnpacked {
		err = fmt.Errorf("it has more than %d bytes unpacked", maxUnpacked)
	}
	return out.Bytes(), err
}

// A block is some rows of a file.
type block struct {
	at   int64 // where it begins in the file
	rows int64
	data []byte // as it is stored
}

// A blockError is damage from which the reading may go on at the next sync marker.
type blockError struct {
	at  int64
	msg string
}

func (e *blockError) Error() string { return e.msg }

// next reads a block. io.EOF is the end of the file; a blockError leaves the source somewhere in or behind the block.
func (h *Header) next(c *counted, buf []byte, skip bool) (block, error) {
	b := block{at: c.at}
	bad := func(msg string) (block, error) { return b, &blockError{b.at, msg} }
	var err error
	if b.rows, err = c.long(); err != nil {
		if errors.Is(err, io.EOF) && c.at == b.at {
			return b, io.EOF
		}
		return bad(cutOff(err))
	}
	size, err := c.long()
	switch {
	case err != nil:
		return bad(cutOff(err))
	case b.rows < 0 || size < 0:
		return bad("the block has a negative length")
	case size > maxBlock:
		return bad(fmt.Sprintf("the block has %d bytes; %d are the most", size, maxBlock))
	}
	if skip {
		n, err := c.r.Discard(int(size))
		c.at += int64(n)
		if err != nil {
			return bad(cutOff(err))
		}
	} else if b.data, err = c.take(buf, int(size)); err != nil {
		return bad(cutOff(err))
	}
	var marker [syncSize]byte
	if err := c.full(marker[:]); err != nil {
		return bad(cutOff(err))
	}
	if marker != h.sync {
		return bad("the block does not end with the file's sync marker")
	}
	return b, nil
}

func cutOff(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the block is cut off"
	}
	return err.Error()
}

// take reads size bytes into buf, which grows as they come.
func (c *counted) take(buf []byte, size int) ([]byte, error) {
	buf = buf[:0]
	for len(buf) < size {
		n := min(size-len(buf), 1<<20)
		from := len(buf)
		if cap(buf) < from+n {
			buf = append(buf, make([]byte, n)...)
		}
		buf = buf[:from+n]
		if err := c.full(buf[from:]); err != nil {
			return nil, err
		}
	}
	return buf, nil
}

// resync passes over bytes until a sync marker has been read.
func (h *Header) resync(c *counted) error {
	var last [syncSize]byte
	for n := 0; ; n++ {
		b, err := c.ReadByte()
		if err != nil {
			return err
		}
		copy(last[:], last[1:])
		last[syncSize-1] = b
		if n >= syncSize-1 && last == h.sync {
			return nil
		}
	}
}

// Count returns how many rows a file has, of which it unpacks nothing.
func Count(src io.Reader) (int64, error) {
	c := newCounted(src)
	h, err := readHeader(c)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for {
		b, err := h.next(c, nil, true)
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, fmt.Errorf("byte %d of the Avro file: %w", b.at, err)
		}
		if total += b.rows; total < 0 {
			return 0, errors.New("the blocks of the Avro file have more rows than can be counted")
		}
	}
}
