package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Codecs by their number in the postscript.
const (
	CodecNone = iota
	codecZlib
	codecSnappy
	CodecLZO
	codecLZ4
	codecZstd
	CodecBrotli
)

var codecNames = [...]string{"none", "zlib", "snappy", "lzo", "lz4", "zstd", "brotli"}

func CodecName(kind int) string {
	if kind < len(codecNames) {
		return codecNames[kind]
	}
	return fmt.Sprintf("number %d", kind)
}

// errTooLong is a chunk that holds more than the file says its chunks do.
var errTooLong = errors.New("it holds more than a block of the file")

// A Codec decompresses the chunks of a file's streams, each on its own.
type Codec struct {
	kind  int
	block int // bytes of a chunk when decompressed, at most
	state *codecState
}

// codecState is what the decompressors keep from chunk to chunk.
type codecState struct {
	zstd    *zstd.Decoder
	flate   io.ReadCloser
	in      bytes.Reader
	scratch []byte // a block
}

// Sizes of the chunks of a stream before compression, in bytes.
const (
	DefaultBlock = 256 << 10
	MaxBlock     = 1<<23 - 1 // what the head of a chunk can state
)

func NewCodec(kind, block int) (Codec, error) {
	c := Codec{kind: kind, block: block, state: &codecState{}}
	if block == 0 {
		c.block = DefaultBlock
	}
	switch kind {
	case CodecNone, codecZlib, codecSnappy, codecLZ4:
		return c, nil
	case codecZstd:
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxBlock+1),
			zstd.WithDecoderMaxWindow(MaxBlock+1), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
		c.state.zstd = d
		return c, err
	}
	return c, Unsupported("ORC files compressed with %s", CodecName(kind))
}

// decompress appends what chunk holds to dst, which is empty, and no more than a block.
func (c Codec) decompress(dst, chunk []byte) ([]byte, error) {
	switch c.kind {
	case codecZlib:
		return c.inflate(dst, chunk)
	case codecSnappy:
		n, err := s2.DecodedLen(chunk)
		if err != nil {
			return nil, err
		}
		if n > c.block {
			return nil, errTooLong
		}
		return s2.Decode(c.room(dst, n)[:n], chunk)
	}
	if cap(dst) >= c.block {
		return c.unpack(dst, chunk)
	}
	out, err := c.unpack(c.state.scratch, chunk) // most streams hold far less than a block
	if err != nil {
		return nil, err
	}
	c.state.scratch = out
	return append(c.room(dst, len(out)), out...), nil
}

// unpack is decompress for codecs that do not say how much a chunk holds.
func (c Codec) unpack(dst, chunk []byte) ([]byte, error) {
	dst = c.room(dst, c.block)
	if c.kind == codecLZ4 {
		n, err := lz4.UncompressBlock(chunk, dst[:c.block])
		return dst[:max(n, 0)], err
	}
	return c.state.zstd.DecodeAll(chunk, dst[:0:c.block])
}

func (c Codec) inflate(dst, chunk []byte) ([]byte, error) {
	s := c.state
	s.in.Reset(chunk)
	if s.flate == nil {
		s.flate = flate.NewReader(&s.in)
	} else if err := s.flate.(flate.Resetter).Reset(&s.in, nil); err != nil {
		return nil, err
	}
	dst = c.room(dst, min(c.block, 4*len(chunk)))[:0]
	for {
		if len(dst) == cap(dst) {
			if dst = append(dst, 0)[:len(dst)]; len(dst) > c.block {
				return nil, errTooLong
			}
		}
		n, err := s.flate.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > c.block:
			return nil, errTooLong
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return nil, err
		}
	}
}

// room returns dst, or new memory where dst has not n bytes.
func (c Codec) room(dst []byte, n int) []byte {
	if cap(dst) < n {
		return make([]byte, 0, n)
	}
	return dst[:0]
}
