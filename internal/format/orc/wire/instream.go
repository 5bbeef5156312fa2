package wire

import (
	"fmt"
	"io"
)

// An In is a stream of a stripe, or another part of a file, decompressed chunk by chunk. It holds no more than a chunk.
type In struct {
	src    io.ReaderAt
	part   string // what this is, for errors
	codec  Codec
	start  int64 // where the chunk in buf began
	next   int64 // where the bytes begin that window has not yet
	end    int64
	window []byte // bytes of the file in front of next
	raw    []byte // memory of window
	out    []byte // memory of a decompressed chunk
	buf    []byte
	pos    int
	short  []byte // what take joins
}

const windowSize = 64 << 10

func NewIn(src io.ReaderAt, part string, c Codec, offset, length int64) *In {
	return &In{src: src, part: part, codec: c, start: offset, next: offset, end: offset + length}
}

// Fail names the stream and the place of its chunk.
func (s *In) Fail(format string, args ...any) error {
	return fmt.Errorf("%s at offset %d: %w", s.part, s.start, fmt.Errorf(format, args...))
}

// Fill makes the next chunk available when buf is used up; io.EOF at the end.
func (s *In) Fill() error {
	for s.pos == len(s.buf) {
		s.start = s.next - int64(len(s.window))
		if s.start == s.end {
			return io.EOF
		}
		if err := s.chunk(); err != nil {
			return err
		}
	}
	return nil
}

func (s *In) chunk() error {
	s.pos = 0
	if s.codec.kind == CodecNone {
		n := int(min(windowSize, s.end-s.start))
		if err := s.need(n); err != nil {
			return err
		}
		s.buf, s.window = s.window, s.window[len(s.window):]
		return nil
	}
	if err := s.need(3); err != nil {
		return err
	}
	head := int(s.window[0]) | int(s.window[1])<<8 | int(s.window[2])<<16
	n := head >> 1
	if n > s.codec.block {
		return s.Fail("a chunk of %d bytes in a file of blocks of %d", n, s.codec.block)
	}
	if err := s.need(3 + n); err != nil {
		return err
	}
	chunk := s.window[3 : 3+n]
	s.window = s.window[3+n:]
	if s.buf = chunk; head&1 == 1 {
		return nil
	}
	var err error
	if s.buf, err = s.codec.decompress(s.out, chunk); err != nil {
		s.buf = nil
		return s.Fail("a chunk of %d bytes does not decompress as %s: %w", n, CodecName(s.codec.kind), err)
	}
	s.out = s.buf
	return nil
}

// need makes window hold n bytes at least.
func (s *In) need(n int) error {
	if len(s.window) >= n {
		return nil
	}
	if left := s.end - s.start; int64(n) > left {
		return s.Fail("a chunk needs %d bytes, but the stream has %d", n, left)
	}
	size := int(min(max(int64(n), windowSize), s.end-s.start))
	if cap(s.raw) < size {
		s.raw = make([]byte, size)
	}
	have := copy(s.raw[:size], s.window)
	if err := ReadAt(s.src, s.raw[have:size], s.next); err != nil {
		return s.Fail("%w", err)
	}
	s.next += int64(size - have)
	s.window = s.raw[:size]
	return nil
}

// more is Fill where the stream must not end.
func (s *In) more() error {
	err := s.Fill()
	if err == io.EOF {
		return s.Fail("the stream ends, but the column needs more")
	}
	return err
}

// Byte reads one.
func (s *In) Byte() (byte, error) {
	if s.pos == len(s.buf) {
		if err := s.more(); err != nil {
			return 0, err
		}
	}
	b := s.buf[s.pos]
	s.pos++
	return b, nil
}

// Take returns the next n bytes, at most 4096, with 8 bytes of memory behind them. They hold until the next call.
func (s *In) Take(n int) ([]byte, error) {
	if len(s.buf)-s.pos >= n+8 {
		b := s.buf[s.pos : s.pos+n+8]
		s.pos += n
		return b, nil
	}
	if s.short == nil {
		s.short = make([]byte, 4096+8)
	}
	return s.short[:n+8], s.Read(s.short[:n])
}

// Read fills p.
func (s *In) Read(p []byte) error {
	for len(p) > 0 {
		if s.pos == len(s.buf) {
			if err := s.more(); err != nil {
				return err
			}
		}
		n := copy(p, s.buf[s.pos:])
		s.pos += n
		p = p[n:]
	}
	return nil
}

// Uvarint reads a number of 64 bits.
func (s *In) Uvarint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 70; shift += 7 {
		b, err := s.Byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, s.Fail("a number of more than 64 bits")
}

// Varint reads a number of 64 bits, zigzag when signed.
func (s *In) Varint(signed bool) (int64, error) {
	u, err := s.Uvarint()
	if signed {
		return unzigzag(u), err
	}
	return int64(u), err
}

// ReadAll reads a part of the file that is one message, of at most limit bytes when decompressed.
func ReadAll(src io.ReaderAt, part string, c Codec, offset, length int64, limit int) ([]byte, error) {
	s := NewIn(src, part, c, offset, length)
	var out []byte
	for {
		if err := s.Fill(); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		if out = append(out, s.buf[s.pos:]...); len(out) > limit {
			return nil, fmt.Errorf("%s at offset %d: more than %d bytes when decompressed", part, offset, limit)
		}
		s.pos = len(s.buf)
	}
}

// ReadAt fills p from offset; a file that ends early is an error.
func ReadAt(src io.ReaderAt, p []byte, offset int64) error {
	n, err := src.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading %d bytes at offset %d: %w", len(p), offset, err)
}
