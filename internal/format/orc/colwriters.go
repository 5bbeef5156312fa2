package orc

import (
	"encoding/binary"
	"fmt"
	"math"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// columnWriter writes a column, and those below it, into the streams of a stripe.
type columnWriter interface {
	// write takes the values from and up to to. Where absent is true the parent is null, and the value is no part of the file; absent
	// counts from from, nil is false everywhere.
	write(v *column.Vector, from, to int, absent []bool) error
	// startGroup marks the beginning of a row group.
	startGroup()
	// endGroup ends the statistics of a row group.
	endGroup()
	// finish ends the stripe: it adds the column and those below it to s, and makes ready for the next stripe.
	finish(s *stripeWriter) error
	// size is about how many bytes of memory the stripe takes.
	size() int
}

// colBase is what all columns have.
type colBase struct {
	id      int
	path    string
	typ     schema.Type
	present wire.BitWriter
	nulls   bool // the stripe has some
	group   stats
	stripe  stats
	file    stats
	groups  []byte // the ColumnStatistics of ended groups, as a field of their entries each
	ends    []int  // where each of them ends
}

// value notes whether value i of the file is there, and reports whether it is.
func (c *colBase) value(v *column.Vector, i int) bool {
	null := v.Null[i]
	c.present.Put(!null)
	if null {
		c.nulls, c.group.nulls = true, true
	}
	return !null
}

func (c *colBase) startGroup() { c.present.StartGroup() }

func (c *colBase) endGroup() {
	c.groups = wire.PutBytes(c.groups, 2, c.group.append(nil))
	c.ends = append(c.ends, len(c.groups))
	c.stripe.merge(&c.group)
	c.group.reset()
}

func (c *colBase) size() int { return c.present.Bytes.Out.Size() + len(c.groups) }

// finishWith adds the column with its streams to the stripe; their order is that of the positions in the row index. A stream that is not
// indexed has no marks.
func (c *colBase) finishWith(s *stripeWriter, e encodingInfo, streams ...stripeStream) error {
	c.present.Flush()
	if c.nulls {
		streams = append([]stripeStream{{streamPresent, &c.present.Bytes.Out}}, streams...)
	}
	if err := s.add(c, e, streams); err != nil {
		return err
	}
	c.file.merge(&c.stripe)
	c.stripe.reset()
	c.present.Bytes.Out.Reset()
	c.nulls, c.groups, c.ends = false, c.groups[:0], c.ends[:0]
	return nil
}

// intsWriter is smallint, int, bigint or date.
type intsWriter struct {
	colBase
	data wire.IntWriter
	low  int64
	high int64
}

func (c *intsWriter) write(v *column.Vector, from, to int, absent []bool) error {
	for i := from; i < to; i++ {
		if absent != nil && absent[i-from] || !c.value(v, i) {
			continue
		}
		n := v.Ints[i]
		if n < c.low || n > c.high {
			return fmt.Errorf("column %s: %d is no %s", c.path, n, c.typ)
		}
		c.group.addInt(n)
		c.data.Put(n)
	}
	return nil
}

func (c *intsWriter) startGroup() {
	c.colBase.startGroup()
	c.data.StartGroup()
}

func (c *intsWriter) size() int { return c.colBase.size() + c.data.Size() }

func (c *intsWriter) finish(s *stripeWriter) error {
	c.data.Flush()
	defer c.data.Out.Reset()
	return c.finishWith(s, encodingInfo{kind: encodingDirectV2}, stripeStream{streamData, &c.data.Out})
}

// bytesWriter is tinyint.
type bytesWriter struct {
	colBase
	data wire.ByteWriter
}

func (c *bytesWriter) write(v *column.Vector, from, to int, absent []bool) error {
	for i := from; i < to; i++ {
		if absent != nil && absent[i-from] || !c.value(v, i) {
			continue
		}
		n := v.Ints[i]
		if n != int64(int8(n)) {
			return fmt.Errorf("column %s: %d is no tinyint", c.path, n)
		}
		c.group.addInt(n)
		c.data.Put(byte(n))
	}
	return nil
}

func (c *bytesWriter) startGroup() {
	c.colBase.startGroup()
	c.data.StartGroup()
}

func (c *bytesWriter) size() int { return c.colBase.size() + c.data.Out.Size() }

func (c *bytesWriter) finish(s *stripeWriter) error {
	c.data.Flush()
	defer c.data.Out.Reset()
	return c.finishWith(s, encodingInfo{}, stripeStream{streamData, &c.data.Out})
}

// boolsWriter is boolean.
type boolsWriter struct {
	colBase
	data wire.BitWriter
}

func (c *boolsWriter) write(v *column.Vector, from, to int, absent []bool) error {
	for i := from; i < to; i++ {
		if absent == nil || !absent[i-from] {
			if c.value(v, i) {
				c.group.addInt(v.Ints[i] & 1)
				c.data.Put(v.Ints[i] != 0)
			}
		}
	}
	return nil
}

func (c *boolsWriter) startGroup() {
	c.colBase.startGroup()
	c.data.StartGroup()
}

func (c *boolsWriter) size() int { return c.colBase.size() + c.data.Bytes.Out.Size() }

func (c *boolsWriter) finish(s *stripeWriter) error {
	c.data.Flush()
	defer c.data.Bytes.Out.Reset()
	return c.finishWith(s, encodingInfo{}, stripeStream{streamData, &c.data.Bytes.Out})
}

// floatsWriter is float or double.
type floatsWriter struct {
	colBase
	data wire.Out
	buf  []byte
}

func (c *floatsWriter) write(v *column.Vector, from, to int, absent []bool) error {
	c.buf = c.buf[:0]
	for i := from; i < to; i++ {
		if absent != nil && absent[i-from] || !c.value(v, i) {
			continue
		}
		f := v.Floats[i]
		c.group.addFloat(f)
		if c.typ.Kind == schema.Float {
			c.buf = binary.LittleEndian.AppendUint32(c.buf, math.Float32bits(float32(f)))
		} else {
			c.buf = binary.LittleEndian.AppendUint64(c.buf, math.Float64bits(f))
		}
	}
	c.data.Write(c.buf)
	return nil
}

func (c *floatsWriter) startGroup() {
	c.colBase.startGroup()
	c.data.MarkGroup()
}

func (c *floatsWriter) size() int { return c.colBase.size() + c.data.Size() }

func (c *floatsWriter) finish(s *stripeWriter) error {
	defer c.data.Reset()
	return c.finishWith(s, encodingInfo{}, stripeStream{streamData, &c.data})
}

// decimalsWriter is decimal.
type decimalsWriter struct {
	colBase
	data   wire.Out
	scales wire.IntWriter
	buf    []byte
	limit  convert.Int128
}

func (c *decimalsWriter) write(v *column.Vector, from, to int, absent []bool) error {
	c.buf = c.buf[:0]
	for i := from; i < to; i++ {
		if absent != nil && absent[i-from] || !c.value(v, i) {
			continue
		}
		x := v.Decimals[i]
		if abs := x; x.Hi < 0 && !less(abs.Neg(), c.limit) || x.Hi >= 0 && !less(x, c.limit) {
			return fmt.Errorf("column %s: %s is no %s", c.path, convert.AppendDecimal(nil, x, c.typ.Scale), c.typ)
		}
		c.group.addDecimal(x)
		c.buf = appendVarint128(c.buf, x)
		c.scales.Put(int64(c.typ.Scale))
	}
	c.data.Write(c.buf)
	return nil
}

// appendVarint128 writes x zigzag, seven bits a byte.
func appendVarint128(dst []byte, x convert.Int128) []byte {
	sign := uint64(x.Hi >> 63)
	lo, hi := x.Lo<<1^sign, (uint64(x.Hi)<<1|x.Lo>>63)^sign
	for hi > 0 || lo >= 0x80 {
		dst = append(dst, byte(lo)|0x80)
		lo, hi = lo>>7|hi<<57, hi>>7
	}
	return append(dst, byte(lo))
}

func (c *decimalsWriter) startGroup() {
	c.colBase.startGroup()
	c.data.MarkGroup()
	c.scales.StartGroup()
}

func (c *decimalsWriter) size() int { return c.colBase.size() + c.data.Size() + c.scales.Size() }

func (c *decimalsWriter) finish(s *stripeWriter) error {
	c.scales.Flush()
	defer c.data.Reset()
	defer c.scales.Out.Reset()
	return c.finishWith(s, encodingInfo{kind: encodingDirectV2}, stripeStream{streamData, &c.data},
		stripeStream{streamSecondary, &c.scales.Out})
}

// timesWriter is timestamp.
type timesWriter struct {
	colBase
	seconds wire.IntWriter
	nanos   wire.IntWriter
}

func (c *timesWriter) write(v *column.Vector, from, to int, absent []bool) error {
	for i := from; i < to; i++ {
		if absent != nil && absent[i-from] || !c.value(v, i) {
			continue
		}
		micros := v.Ints[i]
		seconds := floorDiv(micros, 1e6)
		nanos := (micros - seconds*1e6) * 1000
		if seconds < 0 && nanos > 999_999 { // seconds are rounded towards zero, unless no millisecond is there
			if seconds++; seconds == 0 {
				return fmt.Errorf("column %s: an ORC file cannot hold the timestamp %s: readers take a fraction of the second before "+
					"1970-01-01 00:00:00 as one of the second after", c.path, convert.AppendSparkTime(nil, micros, false))
			}
		}
		c.group.addInt(micros)
		c.seconds.Put(seconds - base2015)
		c.nanos.Put(nanoCode(nanos))
	}
	return nil
}

// nanoCode is nanoseconds without their zeros, when they are two and more, and in the low three bits one less than how many those are.
func nanoCode(nanos int64) int64 {
	if nanos == 0 || nanos%100 != 0 {
		return nanos << 3
	}
	nanos, code := nanos/100, int64(1)
	for nanos%10 == 0 && code < 7 {
		nanos, code = nanos/10, code+1
	}
	return nanos<<3 | code
}

func (c *timesWriter) startGroup() {
	c.colBase.startGroup()
	c.seconds.StartGroup()
	c.nanos.StartGroup()
}

func (c *timesWriter) size() int { return c.colBase.size() + c.seconds.Size() + c.nanos.Size() }

func (c *timesWriter) finish(s *stripeWriter) error {
	c.seconds.Flush()
	c.nanos.Flush()
	defer c.seconds.Out.Reset()
	defer c.nanos.Out.Reset()
	return c.finishWith(s, encodingInfo{kind: encodingDirectV2}, stripeStream{streamData, &c.seconds.Out},
		stripeStream{streamSecondary, &c.nanos.Out})
}
