package wire

import (
	"bytes"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// An Encoder compresses the chunks of a file that is being written.
type Encoder struct {
	kind  int
	block int
	zstd  *zstd.Encoder
	flate *flate.Writer
	lz4   lz4.Compressor
	out   bytes.Buffer
	tmp   []byte
}

// NewEncoder finds the codec by the name that it has in Hive, in any of the spellings of orc.compress; "" is zlib.
func NewEncoder(name string, block int) (*Encoder, error) {
	e := &Encoder{block: block}
	var err error
	switch name {
	case "none", "uncompressed":
		e.kind = CodecNone
	case "zlib", "":
		e.kind = codecZlib
		e.flate, err = flate.NewWriter(&e.out, flate.BestSpeed+1)
	case "snappy":
		e.kind = codecSnappy
	case "lz4":
		e.kind = codecLZ4
	case "zstd":
		e.kind = codecZstd
		e.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(windowOf(block)),
			zstd.WithLowerEncoderMem(true))
	default:
		return nil, Unsupported("the codec %q for ORC files: it is none, zlib, snappy, lz4 or zstd", name)
	}
	return e, err
}

// Kind is the number of the codec.
func (e *Encoder) Kind() int { return e.kind }

// Block is how many bytes are compressed together.
func (e *Encoder) Block() int { return e.block }

// windowOf is the window that zstd needs for a block.
func windowOf(block int) int {
	w := zstd.MinWindowSize
	for w < block {
		w *= 2
	}
	return w
}

// compress returns block compressed, in memory that the next call uses again, or nil when it does not become smaller.
func (e *Encoder) compress(block []byte) ([]byte, error) {
	out, err := e.encode(block)
	if err != nil || len(out) >= len(block) {
		return nil, err
	}
	return out, nil
}

func (e *Encoder) encode(block []byte) ([]byte, error) {
	switch e.kind {
	case codecZlib:
		e.out.Reset()
		e.flate.Reset(&e.out)
		if _, err := e.flate.Write(block); err != nil {
			return nil, err
		}
		err := e.flate.Close()
		return e.out.Bytes(), err
	case codecSnappy:
		e.tmp = s2.EncodeSnappy(e.room(s2.MaxEncodedLen(len(block))), block)
		return e.tmp, nil
	case codecLZ4:
		n, err := e.lz4.CompressBlock(block, e.room(lz4.CompressBlockBound(len(block))))
		if n == 0 {
			return block, err // it does not become smaller
		}
		return e.tmp[:n], err
	}
	e.tmp = e.zstd.EncodeAll(block, e.tmp[:0])
	return e.tmp, nil
}

// room makes tmp n bytes long.
func (e *Encoder) room(n int) []byte {
	if cap(e.tmp) < n {
		e.tmp = make([]byte, n)
	}
	e.tmp = e.tmp[:n]
	return e.tmp
}
