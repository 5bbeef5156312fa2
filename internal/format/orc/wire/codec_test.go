package wire

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// packed are the bytes as a chunk of each codec, made by writers that know of no block.
func packed(t *testing.T, data []byte) map[int][]byte {
	t.Helper()
	var deflated, frame bytes.Buffer
	f, err := flate.NewWriter(&deflated, 9)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(&frame, zstd.WithWindowSize(1<<20), zstd.WithSingleSegment(false))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []interface {
		Write([]byte) (int, error)
		Flush() error
		Close() error
	}{f, z} {
		for _, part := range [][]byte{data[:len(data)/2], data[len(data)/2:]} { // the frame cannot state its size
			if _, err := w.Write(part); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var l lz4.Compressor
	block := make([]byte, lz4.CompressBlockBound(len(data)))
	n, err := l.CompressBlock(data, block)
	if err != nil {
		t.Fatal(err)
	}
	return map[int][]byte{codecZlib: deflated.Bytes(), codecZstd: frame.Bytes(), codecSnappy: s2.EncodeSnappy(nil, data), codecLZ4: block[:n]}
}

// TestChunksHoldABlock takes chunks of up to a block, whatever window they have, and none that hold more.
func TestChunksHoldABlock(t *testing.T) {
	for _, size := range []int{1, 999, 1000, 1001, 100_000, 8_000_000} {
		data := bytes.Repeat([]byte("ab"), size/2+1)[:size]
		for kind, chunk := range packed(t, data) {
			c, err := NewCodec(kind, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // what is kept from chunk to chunk does no harm
				got, err := c.decompress(nil, chunk)
				if fits := size <= 1000; (err == nil) != fits || fits && !bytes.Equal(got, data) {
					t.Errorf("%s, %d bytes: %d bytes, %v", CodecName(kind), size, len(got), err)
				}
				if cap(got) > 4096 {
					t.Errorf("%s, %d bytes: %d bytes of memory", CodecName(kind), size, cap(got))
				}
			}
		}
	}
}
