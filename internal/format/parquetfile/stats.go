package parquetfile

import (
	"bytes"
	"encoding/binary"
	"math"

	"penstock/internal/convert"
)

// maxBound is the longest text that stands in statistics as the smallest or largest.
const maxBound = 1024

// A span is the smallest and the largest value of a column chunk. It says nothing when there is none, or when readers would not agree on
// the order: numbers that are NaN, texts that are too long.
type span struct {
	some, unknown       bool
	lowInt, highInt     int64
	lowFloat, highFloat float64
	lowWide, highWide   convert.Int128
	lowBytes, highBytes []byte
}

func (s *span) reset() { *s = span{lowBytes: s.lowBytes[:0], highBytes: s.highBytes[:0]} }

func (s *span) int(v int64) {
	if !s.some {
		s.some, s.lowInt, s.highInt = true, v, v
	}
	s.lowInt, s.highInt = min(s.lowInt, v), max(s.highInt, v)
}

func (s *span) float(v float64) {
	if v != v {
		s.unknown = true
		return
	}
	if !s.some {
		s.some, s.lowFloat, s.highFloat = true, v, v
	}
	s.lowFloat, s.highFloat = min(s.lowFloat, v), max(s.highFloat, v)
}

func less(a, b convert.Int128) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }

func (s *span) wide(v convert.Int128) {
	switch {
	case !s.some:
		s.some, s.lowWide, s.highWide = true, v, v
	case less(v, s.lowWide):
		s.lowWide = v
	case less(s.highWide, v):
		s.highWide = v
	}
}

func (s *span) text(v []byte) {
	switch {
	case len(v) > maxBound:
		s.unknown = true
	case !s.some:
		s.some = true
		s.lowBytes, s.highBytes = append(s.lowBytes[:0], v...), append(s.highBytes[:0], v...)
	case bytes.Compare(v, s.lowBytes) < 0:
		s.lowBytes = append(s.lowBytes[:0], v...)
	case bytes.Compare(v, s.highBytes) > 0:
		s.highBytes = append(s.highBytes[:0], v...)
	}
}

// bounds is the two values as statistics have them: PLAIN, without a text's length. Zeros of either sign are equal and stand for both.
func (s *span) bounds(l *leaf) (low, high []byte) {
	switch {
	case l.physical == pBytes:
		return s.lowBytes, s.highBytes
	case l.physical == pBoolean:
		return []byte{byte(s.lowInt)}, []byte{byte(s.highInt)}
	case l.physical == pFixed:
		return appendWide(nil, s.lowWide, l.width), appendWide(nil, s.highWide, l.width)
	case l.physical == pFloat || l.physical == pDouble:
		low, high := s.lowFloat, s.highFloat
		if low == 0 {
			low = math.Copysign(0, -1)
		}
		if high == 0 {
			high = 0
		}
		return plainNumber(floatBits(low, l.width), l.width), plainNumber(floatBits(high, l.width), l.width)
	}
	return plainNumber(uint64(s.lowInt), l.width), plainNumber(uint64(s.highInt), l.width)
}

func plainNumber(v uint64, width int) []byte {
	return binary.LittleEndian.AppendUint64(nil, v)[:width]
}

func floatBits(v float64, width int) uint64 {
	if width == 4 {
		return uint64(math.Float32bits(float32(v)))
	}
	return math.Float64bits(v)
}

// appendWide writes the last n bytes of a number, the highest first.
func appendWide(dst []byte, v convert.Int128, n int) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(v.Hi))
	binary.BigEndian.PutUint64(b[8:], v.Lo)
	return append(dst, b[16-n:]...)
}
