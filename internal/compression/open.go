package compression

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Limits say when a file unpacks to too much. Most data is 2 to 50 times as large as its compressed form; what is thousands of times as
// large was made to fill a disk. The zero value means the usual limits.
type Limits struct {
	Free  int64 // bytes that any file may unpack to, however small it is; 0: 1 GiB
	Ratio int64 // beyond Free, how many times as large as the compressed file the data may be; 0: 250
}

// maxWindow bounds how far back a Zstandard file may refer, which its reader keeps in memory: what `zstd --long` writes.
const maxWindow = 128 << 20

// errBomb is the cause of an Error when a file unpacks to more than the limits allow.
var errBomb = errors.New("it unpacks beyond all measure")

// An Error says how a compressed file is broken. The data before the break has been given, but none of it may be used.
type Error struct {
	Codec Codec
	Out   int64 // how many bytes could be unpacked
	Err   error
}

// Error implements error.
func (e *Error) Error() string {
	name := "broken " + codecs[e.Codec].full
	switch {
	case errors.Is(e.Err, errBomb):
		return fmt.Sprintf("%s: after %d bytes unpacked, far more than so small a file can mean: Penstock unpacks no bombs", name, e.Out)
	case e.Codec == Gzip && errors.Is(e.Err, io.ErrUnexpectedEOF):
		return name + ": the stream is cut off before its end (checksum and length are missing)"
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("%s: the file is cut off before its end, after %d bytes unpacked", name, e.Out)
	case errors.Is(e.Err, gzip.ErrChecksum):
		return name + ": the checksum or the length does not match the data"
	case errors.Is(e.Err, gzip.ErrHeader):
		return name + ": this is not a gzip header"
	}
	return fmt.Sprintf("%s: %v, after %d bytes unpacked", name, e.Err, e.Out)
}

// Unwrap gives the decompressor's own error.
func (e *Error) Unwrap() error { return e.Err }

// Open reads src as it is stored: compressed when its first bytes say so, or its name where the codec has no such bytes, else as it is.
func Open(src io.Reader, name string) (io.Reader, Codec, error) { return new(Opener).Open(src, name) }

// NewReader unpacks src. All streams that follow each other in it are read, as each format allows; anything else after the end is an error.
func NewReader(src io.Reader, c Codec, limits Limits) (io.Reader, error) {
	return new(Opener).unpack(src, c, limits)
}

// An Opener opens one file after the other in the same memory: a reader that it has given must not be used after the next call.
type Opener struct {
	head *bufio.Reader // shows the first bytes of a file
	body *bufio.Reader // of what is packed
	gzip *gzip.Reader
}

// Open is as the function Open.
func (o *Opener) Open(src io.Reader, name string) (io.Reader, Codec, error) {
	if o.head == nil {
		o.head = bufio.NewReaderSize(nil, 4<<10)
	}
	o.head.Reset(src)
	head, err := o.head.Peek(Head)
	if err != nil && err != io.EOF {
		return nil, None, err
	}
	c := Of(head, name)
	if c == None {
		return o.head, None, nil
	}
	r, err := o.unpack(o.head, c, Limits{})
	return r, c, err
}

func (o *Opener) unpack(src io.Reader, c Codec, limits Limits) (io.Reader, error) {
	if c == None {
		return src, nil
	}
	if limits.Free <= 0 {
		limits.Free = 1 << 30
	}
	if limits.Ratio <= 0 {
		limits.Ratio = 250
	}
	r := &reader{codec: c, limits: limits, in: counter{src: src}}
	if o.body == nil {
		o.body = bufio.NewReaderSize(nil, 64<<10)
	}
	o.body.Reset(&r.in)
	var err error
	switch c {
	case Gzip:
		r.z, err = o.unzip()
	case Bzip2:
		r.z = bzip2.NewReader(o.body)
	case Zip:
		r.z = &zipReader{src: o.body}
	case Zstd:
		r.z, err = zstd.NewReader(o.body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	case Snappy:
		o.body.Reset(src) // the counter stands behind it: its end is the end of what the codec has read
		r.in.src = o.body
		r.z = s2.NewReader(&r.in, s2.ReaderMaxBlockSize(64<<10))
	case LZ4:
		r.z = lz4.NewReader(&lz4Frames{src: o.body})
	case HadoopSnappy:
		r.z = &hadoopReader{src: o.body, unpack: unpackSnappy}
	case HadoopLZ4:
		r.z = &hadoopReader{src: o.body, unpack: unpackLZ4}
	case Deflate:
		r.tail = o.body
		r.z, err = zlib.NewReader(o.body)
	}
	if err != nil {
		return nil, r.wrong(err)
	}
	return r, nil
}

// unzip begins a gzip file.
func (o *Opener) unzip() (io.Reader, error) {
	if o.gzip != nil {
		return o.gzip, o.gzip.Reset(o.body)
	}
	z, err := gzip.NewReader(o.body)
	if err == nil {
		o.gzip = z
	}
	return z, err
}

// counter counts what is read of the compressed file.
type counter struct {
	src io.Reader
	n   int64
	err error // the source's own failure, which is no fault of the file
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}

// reader gives the codec's data, counts it and words its errors.
type reader struct {
	codec  Codec
	limits Limits
	in     counter
	z      io.Reader
	tail   *bufio.Reader // what follows the data, where the codec does not look itself
	out    int64
	err    error
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.err != nil || len(p) == 0 {
		return 0, r.err
	}
	n, err := r.z.Read(p)
	r.out += int64(n)
	switch {
	case err == io.EOF:
		r.err = r.end()
	case err != nil:
		r.err = r.wrong(err)
	case r.out > r.limits.Free && r.out/r.limits.Ratio > r.in.n:
		r.err = r.wrong(errBomb)
	}
	return n, r.err
}

// end is the end of the data, if it is the end of the file too.
func (r *reader) end() error {
	if r.tail != nil {
		if _, err := r.tail.Peek(1); err == nil {
			return r.wrong(errors.New("something follows its end"))
		}
	}
	return io.EOF
}

// wrong makes an Error of what the codec says; a failure to read the file at all stays what it is.
func (r *reader) wrong(err error) error {
	ended := r.in.err == io.EOF
	if r.in.err != nil && !ended {
		return r.in.err
	}
	if err == io.EOF || ended && errors.Is(err, s2.ErrCorrupt) {
		err = io.ErrUnexpectedEOF
	}
	return &Error{Codec: r.codec, Out: r.out, Err: err}
}
