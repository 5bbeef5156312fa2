package worker

import (
	"bytes"
	"fmt"
	"math/big"
	"math/bits"
	"strconv"
	"time"
	"unicode/utf8"

	"penstock/internal/engine"
	"penstock/internal/schema"
)

// A fitter writes a field's text as a value of its column's type; false says that the text does not fit the type.
type fitter func(w *engine.ColumnWriter, row int, text []byte) bool

// fitterOf gives the fitter for a catalog type. Text never loses anything on its way: a fraction with more digits than a decimal's
// scale does not fit unless they are zeros.
func fitterOf(t schema.Type) (fitter, error) {
	switch t.Kind {
	case schema.String, schema.Unknown:
		return fitText, nil
	case schema.Char, schema.Varchar:
		return fitLength(t.Length), nil
	case schema.TinyInt:
		return fitInt(8), nil
	case schema.SmallInt:
		return fitInt(16), nil
	case schema.Int:
		return fitInt(32), nil
	case schema.BigInt:
		return fitInt(64), nil
	case schema.Float:
		return fitFloat(32), nil
	case schema.Double:
		return fitFloat(64), nil
	case schema.Decimal:
		return fitDecimal(t.Precision, t.Scale), nil
	case schema.Boolean:
		return fitBool, nil
	case schema.Date:
		return fitDate, nil
	case schema.Timestamp:
		return fitTimestamp, nil
	}
	return nil, fmt.Errorf("type %s cannot be read from delimited text", t)
}

func fitText(w *engine.ColumnWriter, row int, text []byte) bool { return w.SetBytes(row, text) }

func fitLength(n int) fitter {
	return func(w *engine.ColumnWriter, row int, text []byte) bool {
		if len(text) > n && utf8.RuneCount(text) > n {
			return false
		}
		return w.SetBytes(row, text)
	}
}

func fitInt(size int) fitter {
	return func(w *engine.ColumnWriter, row int, text []byte) bool {
		n, ok := parseInt(bytes.TrimSpace(text))
		if !ok || n != n<<(64-size)>>(64-size) {
			return false
		}
		w.SetInt64(row, n)
		return true
	}
}

func parseInt(b []byte) (n int64, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	if len(b) > 0 && (neg || b[0] == '+') {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	var u uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		u = u*10 + uint64(c-'0')
	}
	switch {
	case neg && u <= 1<<63:
		return -int64(u), true
	case u < 1<<63:
		return int64(u), !neg
	}
	return 0, false
}

func fitFloat(size int) fitter {
	return func(w *engine.ColumnWriter, row int, text []byte) bool {
		text = bytes.TrimSpace(text)
		if !numberText(text) {
			return false
		}
		f, err := strconv.ParseFloat(string(text), size)
		if err != nil {
			return false
		}
		w.SetFloat64(row, f)
		return true
	}
}

// numberText accepts what Hive and Spark read as a number: digits, sign, point and exponent, NaN and Infinity; none of Go's
// hexadecimal forms.
func numberText(b []byte) bool {
	digit := false
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case c == '.' || c == 'e' || c == 'E' || c == '-' || c == '+':
		default:
			return i <= 1 && (string(b[i:]) == "NaN" || string(b[i:]) == "Infinity")
		}
	}
	return digit
}

// fitDecimal reads fixed and scientific notation. Up to 18 digits stay in an int64; more go through big.Int.
func fitDecimal(precision, scale int) fitter {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	return func(w *engine.ColumnWriter, row int, text []byte) bool {
		neg, digits, point, ok := decimalDigits(bytes.TrimSpace(text))
		if !ok {
			return false
		}
		digits, ok = shift(digits, point, scale)
		if !ok || len(digits) > precision {
			return false
		}
		if len(digits) <= 18 {
			n, _ := parseInt(append([]byte{'0'}, digits...))
			if neg {
				n = -n
			}
			w.SetInt64(row, n)
			return true
		}
		n, ok := new(big.Int).SetString(string(digits), 10)
		if !ok || n.Cmp(limit) >= 0 {
			return false
		}
		setBig(w, row, n, neg)
		return true
	}
}

func setBig(w *engine.ColumnWriter, row int, n *big.Int, neg bool) {
	var lo, hi uint64
	var buf [16]byte
	for _, b := range n.FillBytes(buf[:])[:8] {
		hi = hi<<8 | uint64(b)
	}
	for _, b := range buf[8:] {
		lo = lo<<8 | uint64(b)
	}
	if neg {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	w.SetHuge(row, int64(hi), lo)
}

// decimalDigits takes a number apart: its digits without leading zeros, and how many of them stand after the point (negative: zeros
// that the exponent adds).
func decimalDigits(b []byte) (neg bool, digits []byte, point int, ok bool) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg, b = b[0] == '-', b[1:]
	}
	if i := bytes.IndexAny(b, "eE"); i >= 0 {
		e, ok := parseInt(b[i+1:])
		if !ok || e > 100 || e < -100 {
			return false, nil, 0, false
		}
		point, b = -int(e), b[:i]
	}
	seen, after := false, false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			seen = true
			if after {
				point++
			}
			if c != '0' || len(digits) > 0 {
				digits = append(digits, c)
			}
		case c == '.' && !after:
			after = true
		default:
			return false, nil, 0, false
		}
	}
	return neg, digits, point, seen
}

// shift brings digits with point fraction digits to scale of them, or says that digits other than zeros would be lost.
func shift(digits []byte, point, scale int) ([]byte, bool) {
	for ; point < scale && len(digits) > 0; point++ {
		digits = append(digits, '0')
	}
	for ; point > scale && len(digits) > 0; point-- {
		if digits[len(digits)-1] != '0' {
			return nil, false
		}
		digits = digits[:len(digits)-1]
	}
	return digits, true
}

func fitBool(w *engine.ColumnWriter, row int, text []byte) bool {
	switch string(bytes.ToLower(bytes.TrimSpace(text))) {
	case "true":
		w.SetBool(row, true)
	case "false":
		w.SetBool(row, false)
	default:
		return false
	}
	return true
}

func fitDate(w *engine.ColumnWriter, row int, text []byte) bool {
	t, err := time.Parse(time.DateOnly, string(bytes.TrimSpace(text)))
	if err != nil {
		return false
	}
	w.SetInt64(row, t.Unix()/86400)
	return true
}

func fitTimestamp(w *engine.ColumnWriter, row int, text []byte) bool {
	text = bytes.TrimSpace(text)
	for _, layout := range []string{"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			w.SetInt64(row, t.UnixMicro())
			return true
		}
	}
	return false
}
