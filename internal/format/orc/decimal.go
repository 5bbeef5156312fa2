package orc

import (
	"math/bits"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// decimalColumn is decimal. Each value has a scale of its own in the file and is brought to the column's, rounded half away from zero.
type decimalColumn struct {
	base
	data   *wire.In
	scales wire.IntReader
	tmp    []int64
	scale  int
	typ    schema.Type
	limit  convert.Int128 // 10^precision
}

func (c *decimalColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 16, absent)
	if err != nil {
		return err
	}
	c.tmp = c.tmp[:0]
	scales := extend(&c.tmp, count)
	if err := c.scales.Read(scales); err != nil {
		return err
	}
	dst := extend(&v.Decimals, n)
	for i := range dst[:count] {
		x, neg, err := c.number()
		if err != nil {
			return err
		}
		if scales[i] != int64(c.scale) {
			if scales[i] < -128 || scales[i] > 128 {
				return c.fail("a decimal of scale %d", scales[i])
			}
			x = rescale(x, c.scale-int(scales[i]))
		}
		if !less(x, c.limit) {
			return c.fail("a value has too many digits for %s", c.typ)
		}
		if neg {
			x = x.Neg()
		}
		dst[i] = x
	}
	spread(dst, nulls, count)
	return nil
}

// number reads an integer of up to 127 bits and a sign, as a zigzag varint.
func (c *decimalColumn) number() (x convert.Int128, neg bool, err error) {
	var lo, hi uint64
	for shift := uint(0); ; shift += 7 {
		b, err := c.data.Byte()
		if err != nil {
			return x, false, err
		}
		if shift > 126 || shift == 126 && b > 3 {
			return x, false, c.data.Fail("a decimal of more than 128 bits")
		}
		low := uint64(b & 0x7f)
		if shift < 64 {
			lo |= low << shift
		}
		if shift > 57 {
			if shift < 64 {
				hi |= low >> (64 - shift)
			} else {
				hi |= low << (shift - 64)
			}
		}
		if b < 0x80 {
			break
		}
	}
	neg = lo&1 == 1
	x = convert.Int128{Hi: int64(hi >> 1), Lo: lo>>1 | hi<<63}
	if neg { // zigzag: -1 is 1
		var carry uint64
		x.Lo, carry = bits.Add64(x.Lo, 1, 0)
		if x.Hi += int64(carry); x.Hi < 0 {
			return x, neg, c.data.Fail("a decimal of more than 127 bits")
		}
	}
	return x, neg, nil
}

// less compares numbers that are not negative.
func less(a, b convert.Int128) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }

// overflow is more than any decimal.
var overflow = convert.Int128{Hi: 1<<63 - 1, Lo: 1<<64 - 1}

// rescale is x * 10^by, x not negative; by below zero rounds half up. What does not fit is overflow.
func rescale(x convert.Int128, by int) convert.Int128 {
	for ; by > 0 && x != (convert.Int128{}); by-- {
		carry, lo := bits.Mul64(x.Lo, 10)
		if x.Hi > (1<<63-1-10)/10 {
			return overflow
		}
		x = convert.Int128{Hi: x.Hi*10 + int64(carry), Lo: lo}
		if x.Hi < 0 {
			return overflow
		}
	}
	last := uint64(0)
	for ; by < 0 && (x != (convert.Int128{}) || last > 0); by++ {
		hi, rem := uint64(x.Hi)/10, uint64(x.Hi)%10
		lo, rem := bits.Div64(rem, x.Lo, 10)
		x, last = convert.Int128{Hi: int64(hi), Lo: lo}, rem
	}
	if last >= 5 {
		x.Lo++
		if x.Lo == 0 {
			x.Hi++
		}
	}
	return x
}

// tenTo is 10^n, n at most 38.
func tenTo(n int) convert.Int128 { return rescale(convert.FromInt64(1), n) }
