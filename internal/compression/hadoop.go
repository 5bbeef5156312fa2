package compression

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/pierrec/lz4/v4"
)

// maxBlock is the most bytes that a chunk of Hadoop's block format may unpack to. Hadoop writes 256 KiB; other writers put a whole file
// into one block, up to what they hold in memory.
const maxBlock = 64 << 20

// hadoopReader reads what Hadoop's BlockCompressorStream writes: blocks, each its length unpacked (4 bytes, big-endian), then chunks until
// that many bytes are there, each its length packed and its bytes.
type hadoopReader struct {
	src    *bufio.Reader
	unpack func(dst, chunk []byte, most int) ([]byte, error)
	left   int64  // bytes of the block that are still to come
	chunk  []byte // packed
	text   []byte // unpacked
	rest   []byte // of text, not yet given
}

// Read implements io.Reader.
func (h *hadoopReader) Read(p []byte) (int, error) {
	for len(h.rest) == 0 {
		if err := h.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, h.rest)
	h.rest = h.rest[n:]
	return n, nil
}

func (h *hadoopReader) next() error {
	if h.left == 0 {
		n, err := h.length(true)
		if err != nil {
			return err
		}
		h.left = int64(n)
		if n == 0 {
			return nil
		}
	}
	n, err := h.length(false)
	if err != nil {
		return err
	}
	most := int(min(h.left, maxBlock))
	if int64(n) > int64(maxBlock)+maxBlock/6+64 {
		return fmt.Errorf("a chunk of %d bytes is longer than Hadoop's block format has them (or this is not that format)", n)
	}
	if h.chunk, err = readFull(h.src, h.chunk[:0], int(n)); err != nil {
		return err
	}
	if h.text, err = h.unpack(h.text[:0], h.chunk, most); err != nil {
		return err
	}
	if len(h.text) == 0 {
		return errors.New("a chunk is empty where data is to follow")
	}
	h.rest = h.text
	h.left -= int64(len(h.text))
	return nil
}

// length reads 4 bytes; only before a block may the file end.
func (h *hadoopReader) length(first bool) (uint32, error) {
	head, err := h.src.Peek(4)
	if err != nil {
		if first && len(head) == 0 {
			return 0, err
		}
		return 0, cut(err)
	}
	n := binary.BigEndian.Uint32(head)
	_, err = h.src.Discard(4)
	return n, err
}

// readFull appends n bytes to dst. The memory grows with what is there, whatever n says.
func readFull(src io.Reader, dst []byte, n int) ([]byte, error) {
	for n > 0 {
		at, step := len(dst), min(n, max(64<<10, len(dst)))
		if cap(dst)-at < step {
			dst = append(make([]byte, 0, at+step), dst...)
		}
		dst = dst[:at+step]
		if _, err := io.ReadFull(src, dst[at:]); err != nil {
			return dst[:at], cut(err)
		}
		n -= step
	}
	return dst, nil
}

func unpackSnappy(dst, chunk []byte, most int) ([]byte, error) {
	n, err := snappy.DecodedLen(chunk)
	if err != nil || n > most || n > 22*len(chunk)+64 { // three bytes of Snappy are 64 at the most
		return nil, errors.New("a chunk is not Snappy")
	}
	if cap(dst) < n {
		dst = make([]byte, n)
	}
	return snappy.Decode(dst[:n], chunk)
}

func unpackLZ4(dst, chunk []byte, most int) ([]byte, error) {
	n := min(most, 256*len(chunk)+64) // a byte of LZ4 is 255 at the most
	if cap(dst) < n {
		dst = make([]byte, n)
	}
	got, err := lz4.UncompressBlock(chunk, dst[:n])
	if err != nil {
		return nil, errors.New("a chunk is not LZ4")
	}
	return dst[:got], nil
}

// hadoopWriter writes one block of 256 KiB at a time, each of one chunk.
type hadoopWriter struct {
	dst  io.Writer
	pack func(dst, text []byte) ([]byte, error)
	text []byte
	out  []byte
}

const hadoopBlock = 256 << 10

// Write implements io.Writer.
func (h *hadoopWriter) Write(p []byte) (int, error) {
	for at := 0; at < len(p); {
		n := min(len(p)-at, hadoopBlock-len(h.text))
		h.text = append(h.text, p[at:at+n]...)
		at += n
		if len(h.text) == hadoopBlock {
			if err := h.flush(); err != nil {
				return at, err
			}
		}
	}
	return len(p), nil
}

// Close writes what is left; it does not close the file.
func (h *hadoopWriter) Close() error { return h.flush() }

func (h *hadoopWriter) flush() error {
	if len(h.text) == 0 {
		return nil
	}
	h.out = binary.BigEndian.AppendUint32(h.out[:0], uint32(len(h.text)))
	h.out = append(h.out, 0, 0, 0, 0)
	out, err := h.pack(h.out, h.text)
	if err != nil {
		return err
	}
	h.out = out
	binary.BigEndian.PutUint32(h.out[4:], uint32(len(h.out)-8))
	h.text = h.text[:0]
	_, err = h.dst.Write(h.out)
	return err
}

func packSnappy(dst, text []byte) ([]byte, error) {
	at, most := len(dst), snappy.MaxEncodedLen(len(text))
	dst = append(dst, make([]byte, most)...)
	return dst[:at+len(snappy.Encode(dst[at:], text))], nil
}

func packLZ4(dst, text []byte) ([]byte, error) {
	at := len(dst)
	dst = append(dst, make([]byte, lz4.CompressBlockBound(len(text)))...)
	n, err := lz4.CompressBlock(text, dst[at:], nil)
	return dst[:at+n], err
}
