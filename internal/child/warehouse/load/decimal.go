package load

import (
	"bytes"
	"math/bits"

	"penstock/internal/engine"
	"penstock/internal/sql/typed"
)

// decimalSetter converts decimal text exactly. Digits behind the scale are cut off: COPY truncates unless ROUNDEC is given.
func decimalSetter(t typed.Type) setter {
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		b = bytes.TrimSpace(b)
		hi, lo, negative, err := parseDecimal(b, t.Precision, t.Scale)
		if err != nil {
			return err
		}
		if negative {
			lo = -lo
			hi = ^hi
			if lo == 0 {
				hi++
			}
		}
		if t.Precision <= 18 {
			w.SetInt64(row, int64(lo))
		} else {
			w.SetHuge(row, int64(hi), lo)
		}
		return nil
	}
}

// parseDecimal gives the unscaled absolute value in 128 bits.
func parseDecimal(b []byte, precision, scale int) (hi, lo uint64, negative bool, _ *valueError) {
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		negative = b[i] == '-'
		i++
	}
	digits, significant, frac, point := 0, 0, 0, false
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			return 0, 0, false, invalid(codeDecimal, i, "Invalid digit, Value '%s', Pos %d, Type: Decimal", show(c), i)
		}
		digits++
		if point && frac == scale {
			continue
		}
		if point {
			frac++
		}
		if significant > 0 || c != '0' {
			if significant++; significant > precision {
				return 0, 0, false, tooWide(precision, scale)
			}
		}
		hi, lo = timesTen(hi, lo, uint64(c-'0'))
	}
	if digits == 0 {
		return 0, 0, false, invalid(codeDecimal, 0, "Invalid digit, Value '%s', Pos 0, Type: Decimal", clip(b))
	}
	for ; frac < scale; frac++ {
		if significant > 0 {
			if significant++; significant > precision {
				return 0, 0, false, tooWide(precision, scale)
			}
		}
		hi, lo = timesTen(hi, lo, 0)
	}
	return hi, lo, negative, nil
}

func tooWide(precision, scale int) *valueError {
	return invalid(codeRange, 0, "Numeric data overflow (result precision): NUMERIC(%d,%d)", precision, scale)
}

// timesTen is 10*v + d in 128 bits; 38 digits fit.
func timesTen(hi, lo, d uint64) (uint64, uint64) {
	h, l := bits.Mul64(lo, 10)
	l, carry := bits.Add64(l, d, 0)
	return hi*10 + h + carry, l
}
