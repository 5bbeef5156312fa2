package value

import (
	"math/big"
	"strconv"
	"strings"
)

// Int returns the Number of an integer.
func Int(i int64) Number { return Number(strconv.FormatInt(i, 10)) }

// AsInt returns a number that is written as a 64-bit integer; 1.0 and 1e3 are not.
func AsInt(v Value) (int64, bool) {
	n, ok := v.(Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

// Compare orders two numbers by value, exactly.
func Compare(a, b Number) int {
	if a == b {
		return 0
	}
	x, errX := strconv.ParseInt(string(a), 10, 64)
	y, errY := strconv.ParseInt(string(b), 10, 64)
	if errX == nil && errY == nil {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return rational(a).Cmp(rational(b))
}

// maxExponent bounds what a hostile number such as 1e999999999 may cost.
const maxExponent = 400

func rational(n Number) *big.Rat {
	s := string(n)
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > maxExponent || e < -maxExponent {
			big1 := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(maxExponent), nil))
			switch {
			case strings.Trim(s[:i], "-+0.") == "":
				return new(big.Rat)
			case strings.HasPrefix(s[i+1:], "-"):
				return new(big.Rat)
			case strings.HasPrefix(s, "-"):
				return big1.Neg(big1)
			}
			return big1
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return new(big.Rat)
	}
	return r
}

// Round returns the integer nearest to a number, a half going up, as Java's Math.round does: 1.5 is 2 and -1.5 is -1.
func Round(n Number) (int64, bool) {
	if i, ok := AsInt(n); ok {
		return i, true
	}
	r := rational(n)
	r.Add(r, big.NewRat(1, 2))
	q := new(big.Int).Div(r.Num(), r.Denom()) // the denominator is positive, so this is the floor
	return q.Int64(), q.IsInt64()
}

// Truncate returns a number without its fraction.
func Truncate(n Number) (int64, bool) {
	if i, ok := AsInt(n); ok {
		return i, true
	}
	r := rational(n)
	q := new(big.Int).Quo(r.Num(), r.Denom())
	return q.Int64(), q.IsInt64()
}
