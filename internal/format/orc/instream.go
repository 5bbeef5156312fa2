package orc

import (
	"fmt"
	"io"
)

// inStream is a stream of a stripe, or another part of a file, decompressed chunk by chunk. It holds no more than a chunk.
type inStream struct {
	src    io.ReaderAt
	part   string // what this is, for errors
	codec  codec
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

func newInStream(src io.ReaderAt, part string, c codec, offset, length int64) *inStream {
	return &inStream{src: src, part: part, codec: c, start: offset, next: offset, end: offset + length}
}

// fail names the stream and the place of its chunk.
func (s *inStream) fail(format string, args ...any) error {
	return fmt.Errorf("%s at offset %d: %w", s.part, s.start, fmt.Errorf(format, args...))
}

// fill makes the next chunk available when buf is used up; io.EOF at the end.
func (s *inStream) fill() error {
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

func (s *inStream) chunk() error {
	s.pos = 0
	if s.codec.kind == codecNone {
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
		return s.fail("a chunk of %d bytes in a file of blocks of %d", n, s.codec.block)
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
		return s.fail("a chunk of %d bytes does not decompress as %s: %w", n, codecName(s.codec.kind), err)
	}
	s.out = s.buf
	return nil
}

// need makes window hold n bytes at least.
func (s *inStream) need(n int) error {
	if len(s.window) >= n {
		return nil
	}
	if left := s.end - s.start; int64(n) > left {
		return s.fail("a chunk needs %d bytes, but the stream has %d", n, left)
	}
	size := int(min(max(int64(n), windowSize), s.end-s.start))
	if cap(s.raw) < size {
		s.raw = make([]byte, size)
	}
	have := copy(s.raw[:size], s.window)
	if err := readAt(s.src, s.raw[have:size], s.next); err != nil {
		return s.fail("%w", err)
	}
	s.next += int64(size - have)
	s.window = s.raw[:size]
	return nil
}

// more is fill where the stream must not end.
func (s *inStream) more() error {
	err := s.fill()
	if err == io.EOF {
		return s.fail("the stream ends, but the column needs more")
	}
	return err
}

func (s *inStream) byte() (byte, error) {
	if s.pos == len(s.buf) {
		if err := s.more(); err != nil {
			return 0, err
		}
	}
	b := s.buf[s.pos]
	s.pos++
	return b, nil
}

// take returns the next n bytes, at most 4096, with 8 bytes of memory behind them. They hold until the next call.
func (s *inStream) take(n int) ([]byte, error) {
	if len(s.buf)-s.pos >= n+8 {
		b := s.buf[s.pos : s.pos+n+8]
		s.pos += n
		return b, nil
	}
	if s.short == nil {
		s.short = make([]byte, 4096+8)
	}
	return s.short[:n+8], s.read(s.short[:n])
}

// read fills p.
func (s *inStream) read(p []byte) error {
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

// uvarint reads a number of 64 bits.
func (s *inStream) uvarint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 70; shift += 7 {
		b, err := s.byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, s.fail("a number of more than 64 bits")
}

// varint reads a number of 64 bits, zigzag when signed.
func (s *inStream) varint(signed bool) (int64, error) {
	u, err := s.uvarint()
	if signed {
		return unzigzag(u), err
	}
	return int64(u), err
}
