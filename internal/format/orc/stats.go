package orc

import (
	"bytes"
	"math"
	"math/bits"
	"unicode/utf8"

	"penstock/internal/convert"
	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// stats are the statistics of a column in a row group, a stripe or the file. Readers skip rows by them, so a bound that is not certain is
// left out.
type stats struct {
	typ     schema.Type
	count   uint64 // of values that are not null
	nulls   bool
	ints    intStats
	floats  floatStats
	text    textStats
	decimal decimalStats
	kids    childStats
}

type intStats struct {
	low, high, sum int64
	overflow       bool
}

type floatStats struct {
	low, high, sum float64
	nan            bool
}

type textStats struct {
	low, high []byte
	sum       int64
}

type decimalStats struct {
	low, high, sum convert.Int128
	overflow       bool
}

// childStats are the numbers of elements of arrays and maps.
type childStats struct{ low, high, sum uint64 }

// addInt counts a value that is not null; the functions below do so too.
func (s *stats) addInt(v int64) {
	t := &s.ints
	if s.count == 0 {
		t.low, t.high = v, v
	}
	t.low, t.high = min(t.low, v), max(t.high, v)
	t.add(v)
	s.count++
}

func (t *intStats) add(v int64) {
	sum := t.sum + v
	t.overflow = t.overflow || (sum < t.sum) != (v < 0)
	t.sum = sum
}

func (s *stats) addFloat(v float64) {
	t := &s.floats
	if s.count == 0 {
		t.low, t.high = math.Inf(1), math.Inf(-1)
	}
	t.low, t.high = min(t.low, v), max(t.high, v)
	t.nan = t.nan || v != v
	t.sum += v
	s.count++
}

func (s *stats) addText(v []byte) {
	t := &s.text
	if s.count == 0 {
		t.low, t.high = append(t.low[:0], v...), append(t.high[:0], v...)
	} else if bytes.Compare(v, t.low) < 0 {
		t.low = append(t.low[:0], v...)
	} else if bytes.Compare(v, t.high) > 0 {
		t.high = append(t.high[:0], v...)
	}
	t.sum += int64(len(v))
	s.count++
}

func (s *stats) addDecimal(v convert.Int128) {
	t := &s.decimal
	if s.count == 0 {
		t.low, t.high = v, v
	}
	if less128(v, t.low) {
		t.low = v
	}
	if less128(t.high, v) {
		t.high = v
	}
	t.add(v)
	s.count++
}

func (t *decimalStats) add(v convert.Int128) {
	lo, carry := bits.Add64(t.sum.Lo, v.Lo, 0)
	hi, _ := bits.Add64(uint64(t.sum.Hi), uint64(v.Hi), carry)
	sum := convert.Int128{Hi: int64(hi), Lo: lo}
	t.overflow = t.overflow || (t.sum.Hi < 0) == (v.Hi < 0) && (sum.Hi < 0) != (v.Hi < 0)
	t.sum = sum
}

// less128 compares signed numbers.
func less128(a, b convert.Int128) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }

func (s *stats) addChildren(n uint64) {
	t := &s.kids
	if s.count == 0 {
		t.low, t.high = n, n
	}
	t.low, t.high = min(t.low, n), max(t.high, n)
	t.sum += n
	s.count++
}

// merge adds the statistics of more values of the column.
func (s *stats) merge(o *stats) {
	s.nulls = s.nulls || o.nulls
	if o.count == 0 {
		return
	}
	if s.count == 0 {
		text := textStats{append(s.text.low[:0], o.text.low...), append(s.text.high[:0], o.text.high...), o.text.sum}
		nulls := s.nulls
		*s = *o
		s.text, s.nulls = text, nulls
		return
	}
	s.count += o.count
	a, b := &s.ints, &o.ints
	a.low, a.high = min(a.low, b.low), max(a.high, b.high)
	a.overflow = a.overflow || b.overflow
	a.add(b.sum)
	s.floats = floatStats{min(s.floats.low, o.floats.low), max(s.floats.high, o.floats.high), s.floats.sum + o.floats.sum,
		s.floats.nan || o.floats.nan}
	s.text.merge(&o.text)
	d := &s.decimal
	if less128(o.decimal.low, d.low) {
		d.low = o.decimal.low
	}
	if less128(d.high, o.decimal.high) {
		d.high = o.decimal.high
	}
	d.overflow = d.overflow || o.decimal.overflow
	d.add(o.decimal.sum)
	s.kids = childStats{min(s.kids.low, o.kids.low), max(s.kids.high, o.kids.high), s.kids.sum + o.kids.sum}
}

func (t *textStats) merge(o *textStats) {
	if bytes.Compare(o.low, t.low) < 0 {
		t.low = append(t.low[:0], o.low...)
	}
	if bytes.Compare(o.high, t.high) > 0 {
		t.high = append(t.high[:0], o.high...)
	}
	t.sum += o.sum
}

// reset forgets all values and keeps the memory.
func (s *stats) reset() {
	*s = stats{typ: s.typ, text: textStats{low: s.text.low[:0], high: s.text.high[:0]}}
}

// append writes a ColumnStatistics wire.Message.
func (s *stats) append(dst []byte) []byte {
	dst = wire.PutUint(dst, 1, s.count)
	if s.count > 0 {
		dst = s.appendKind(dst)
	}
	nulls := uint64(0)
	if s.nulls {
		nulls = 1
	}
	return wire.PutUint(dst, 10, nulls)
}

func (s *stats) appendKind(dst []byte) []byte {
	switch k := s.typ.Kind; {
	case k == schema.Boolean:
		return wire.PutBytes(dst, 5, wire.PutList(nil, 1, []uint64{uint64(s.ints.sum)}))
	case k.Integer():
		m := wire.PutSint(wire.PutSint(nil, 1, s.ints.low), 2, s.ints.high)
		if !s.ints.overflow {
			m = wire.PutSint(m, 3, s.ints.sum)
		}
		return wire.PutBytes(dst, 2, m)
	case k == schema.Date:
		return wire.PutBytes(dst, 7, wire.PutSint(wire.PutSint(nil, 1, s.ints.low), 2, s.ints.high))
	case k == schema.Timestamp: // in milliseconds; without more digits readers take the first and last nanosecond of those
		return wire.PutBytes(dst, 9, wire.PutSint(wire.PutSint(nil, 3, floorDiv(s.ints.low, 1000)), 4, floorDiv(s.ints.high, 1000)))
	case (k == schema.Float || k == schema.Double) && !s.floats.nan:
		low, high := s.floats.low, s.floats.high
		if low == 0 { // both zeros are equal in SQL, but not to every reader
			low = math.Copysign(0, -1)
		}
		return wire.PutBytes(dst, 3, wire.PutDouble(wire.PutDouble(wire.PutDouble(nil, 1, low), 2, high+0), 3, s.floats.sum))
	case k.Text():
		return wire.PutBytes(dst, 4, s.text.append(nil))
	case k == schema.Binary:
		return wire.PutBytes(dst, 8, wire.PutSint(nil, 1, s.text.sum))
	case k == schema.Decimal:
		return wire.PutBytes(dst, 6, s.decimal.append(nil, s.typ.Scale))
	case k == schema.Array || k == schema.Map:
		return wire.PutBytes(dst, 12, s.kids.append(nil))
	}
	return dst
}

// boundLength is the longest text that stands in statistics as it is.
const boundLength = 1024

func (t *textStats) append(dst []byte) []byte {
	if len(t.low) <= boundLength {
		dst = wire.PutBytes(dst, 1, t.low)
	}
	if len(t.high) <= boundLength {
		dst = wire.PutBytes(dst, 2, t.high)
	}
	dst = wire.PutSint(dst, 3, t.sum)
	if len(t.low) > boundLength {
		dst = wire.PutBytes(dst, 4, whole(t.low[:boundLength]))
	}
	if len(t.high) > boundLength {
		if upper := successor(whole(t.high[:boundLength])); upper != nil {
			dst = wire.PutBytes(dst, 5, upper)
		}
	}
	return dst
}

// whole takes the beginning of a UTF-8 sequence off the end of text.
func whole(text []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n:]; utf8.RuneStart(c[0]) {
			if !utf8.FullRune(c) {
				return text[:len(text)-n]
			}
			break
		}
	}
	return text
}

// successor is a text that is greater than all that begin with prefix; nil when there is none.
func successor(prefix []byte) []byte {
	for len(prefix) > 0 {
		c, size := utf8.DecodeLastRune(prefix)
		prefix = prefix[:len(prefix)-size]
		if c++; c == 0xd800 { // no surrogates
			c = 0xe000
		}
		if c <= utf8.MaxRune && size > 0 {
			return utf8.AppendRune(bytes.Clone(prefix), c)
		}
	}
	return nil
}

func (t *decimalStats) append(dst []byte, scale int) []byte {
	dst = wire.PutBytes(dst, 1, trimZeros(convert.AppendDecimal(nil, t.low, scale), scale))
	dst = wire.PutBytes(dst, 2, trimZeros(convert.AppendDecimal(nil, t.high, scale), scale))
	if sum := t.sum; !t.overflow && fits38(sum) {
		dst = wire.PutBytes(dst, 3, trimZeros(convert.AppendDecimal(nil, sum, scale), scale))
	}
	return dst
}

func fits38(x convert.Int128) bool {
	if x.Hi < 0 {
		x = x.Neg()
	}
	return x.Hi >= 0 && less(x, tenTo(38))
}

func (t *childStats) append(dst []byte) []byte {
	for i, n := range [...]uint64{t.low, t.high, t.sum} {
		dst = wire.PutUint(dst, i+1, n)
	}
	return dst
}
