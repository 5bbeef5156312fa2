package compression

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// ErrNotWritten is the cause when a codec can be read and not written.
var ErrNotWritten = errors.New("it is read only")

// NewWriter compresses what is written to it into dst. Close ends the compressed stream and leaves dst open. The same text gives the same
// bytes. bzip2 and zip are refused.
func NewWriter(dst io.Writer, c Codec) (io.WriteCloser, error) {
	switch c {
	case None:
		return plain{dst}, nil
	case Gzip:
		return gzip.NewWriter(dst), nil
	case Zstd:
		return zstd.NewWriter(dst, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	case Snappy:
		return s2.NewWriter(dst, s2.WriterSnappyCompat(), s2.WriterConcurrency(1), s2.WriterBlockSize(64<<10)), nil
	case HadoopSnappy:
		return &hadoopWriter{dst: dst, pack: packSnappy}, nil
	case LZ4:
		w := lz4.NewWriter(dst)
		return w, w.Apply(lz4.ChecksumOption(true), lz4.ConcurrencyOption(1))
	case HadoopLZ4:
		return &hadoopWriter{dst: dst, pack: packLZ4}, nil
	case Deflate:
		return zlib.NewWriter(dst), nil
	}
	return nil, fmt.Errorf("writing %s is not supported by Penstock (%w); take gzip, zstd, snappy, lz4, deflate or none", c, ErrNotWritten)
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }
