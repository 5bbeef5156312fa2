package convert

import (
	"math/big"
	"math/bits"
)

// Int128 is a signed integer of two halves, Hi*2^64 + Lo: the unscaled value of a decimal of up to 38 digits.
type Int128 struct {
	Hi int64
	Lo uint64
}

// FromInt64 widens an integer.
func FromInt64(n int64) Int128 { return Int128{Hi: n >> 63, Lo: uint64(n)} }

// Neg is -x.
func (x Int128) Neg() Int128 {
	lo, borrow := bits.Sub64(0, x.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(x.Hi), borrow)
	return Int128{int64(hi), lo}
}

// Big is x as a big integer.
func (x Int128) Big() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(x.Hi), 64)
	return n.Add(n, new(big.Int).SetUint64(x.Lo))
}

// push is |x|*10 + d; the caller sees to it that no more than 38 digits come together.
func (x Int128) push(d byte) Int128 {
	hi, lo := bits.Mul64(x.Lo, 10)
	hi += uint64(x.Hi) * 10
	lo, carry := bits.Add64(lo, uint64(d), 0)
	return Int128{int64(hi + carry), lo}
}

// powers are those of ten from 10^0 to 10^38.
var powers = func() (p [39]Int128) {
	p[0] = Int128{0, 1}
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1].push(0)
	}
	return p
}()

// below reports whether |x| has at most n digits; x is not negative.
func (x Int128) below(n int) bool {
	p := &powers[n]
	return x.Hi < p.Hi || x.Hi == p.Hi && x.Lo < p.Lo
}

// Fits reports whether x, with either sign, has at most n digits; n is at most 38.
func (x Int128) Fits(n int) bool {
	if x.Hi < 0 {
		x = x.Neg()
	}
	return x.Hi >= 0 && x.below(n)
}

// inc is |x| + 1.
func (x Int128) inc() Int128 {
	lo, carry := bits.Add64(x.Lo, 1, 0)
	return Int128{x.Hi + int64(carry), lo}
}

// digits writes |x| in decimal into the end of buf.
func (x Int128) digits(buf *[40]byte) []byte {
	if x.Hi < 0 {
		x = x.Neg()
	}
	i := len(buf)
	hi, lo := uint64(x.Hi), x.Lo
	for {
		var rem uint64
		hi, rem = hi/10, hi%10
		lo, rem = bits.Div64(rem, lo, 10)
		i--
		buf[i] = '0' + byte(rem)
		if hi == 0 && lo == 0 {
			return buf[i:]
		}
	}
}

// AppendDecimal writes a decimal with all digits of its scale: 0.50, -12.00.
func AppendDecimal(dst []byte, x Int128, scale int) []byte {
	var buf [40]byte
	d := x.digits(&buf)
	if x.Hi < 0 {
		dst = append(dst, '-')
	}
	if len(d) > scale {
		dst = append(dst, d[:len(d)-scale]...)
		d = d[len(d)-scale:]
	} else {
		dst = append(dst, '0')
	}
	if scale == 0 {
		return dst
	}
	dst = append(dst, '.')
	for range scale - len(d) {
		dst = append(dst, '0')
	}
	return append(dst, d...)
}
