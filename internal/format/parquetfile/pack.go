package parquetfile

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// A packer compresses pages.
type packer struct {
	codec int // its number in the format, an index of codecs
	zstd  *zstd.Encoder
	gzip  *gzip.Writer
	lz4   lz4.Compressor
	out   bytes.Buffer
	tmp   []byte
}

// newPacker finds the codec by the name that the option compression has in Spark and Hive; "" is snappy.
func newPacker(name string) (p *packer, err error) {
	p = &packer{}
	switch name {
	case "none", "uncompressed":
	case "snappy", "":
		p.codec = 1
	case "gzip":
		p.codec = 2
		p.gzip, err = gzip.NewWriterLevel(&p.out, gzip.DefaultCompression)
	case "zstd":
		p.codec = 6
		p.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
	case "lz4", "lz4_raw":
		p.codec = 7
	default:
		return nil, fmt.Errorf("the codec %q for Parquet files: it is none, snappy, gzip, zstd or lz4", name)
	}
	return p, err
}

// pack returns page compressed, in memory that the next call uses again, or page itself when it is not to be.
func (p *packer) pack(page []byte) ([]byte, error) {
	switch p.codec {
	case 1:
		p.tmp = s2.EncodeSnappy(p.room(s2.MaxEncodedLen(len(page))), page)
	case 2:
		p.out.Reset()
		p.gzip.Reset(&p.out)
		if _, err := p.gzip.Write(page); err != nil {
			return nil, err
		}
		err := p.gzip.Close()
		return p.out.Bytes(), err
	case 6:
		p.tmp = p.zstd.EncodeAll(page, p.tmp[:0])
	case 7:
		n, err := p.lz4.CompressBlock(page, p.room(lz4.CompressBlockBound(len(page))))
		if err != nil {
			return nil, err
		}
		if n == 0 { // it does not become smaller, and a page of this codec is a block all the same
			return literals(p.tmp[:0], page), nil
		}
		p.tmp = p.tmp[:n]
	default:
		return page, nil
	}
	return p.tmp, nil
}

// literals is an LZ4 block that repeats nothing.
func literals(dst, page []byte) []byte {
	n := len(page)
	if n < 15 {
		return append(append(dst, byte(n)<<4), page...)
	}
	dst = append(dst, 15<<4)
	for n -= 15; n >= 255; n -= 255 {
		dst = append(dst, 255)
	}
	return append(append(dst, byte(n)), page...)
}

// room makes tmp n bytes long.
func (p *packer) room(n int) []byte {
	if cap(p.tmp) < n {
		p.tmp = make([]byte, n)
	}
	p.tmp = p.tmp[:n]
	return p.tmp
}
