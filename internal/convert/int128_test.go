package convert

import (
	"math"
	"testing"
)

func TestFits(t *testing.T) {
	for _, x := range []struct {
		n    Int128
		most int // digits
	}{{FromInt64(0), 1}, {FromInt64(9), 1}, {FromInt64(-9), 1}, {FromInt64(10), 2}, {FromInt64(-10), 2}, {powers[38].Neg(), 39},
		{Int128{Hi: math.MinInt64}, 39}, {Int128{Hi: math.MaxInt64, Lo: math.MaxUint64}, 39}, {powers[19], 20}} {
		for n := 1; n <= 38; n++ {
			if got := x.n.Fits(n); got != (n >= x.most) {
				t.Errorf("%s in %d digits: %v", x.n.Big(), n, got)
			}
		}
	}
}
