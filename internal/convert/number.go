package convert

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"penstock/internal/convert/usual"
)

// Int reads an integer of a width in bits. Spark cuts a fraction off, Redshift has none.
func (r *Rules) Int(s []byte, width int) (int64, Fault) {
	s = r.trim(s)
	neg, i := false, 0
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg, i = s[0] == '-', 1
	}
	start := i
	var n uint64
	over := false
	for ; i < len(s) && isDigit(s[i]); i++ {
		if n > (math.MaxUint64-9)/10 {
			over = true
		}
		n = n*10 + uint64(s[i]-'0')
	}
	whole := i - start
	if i < len(s) && s[i] == '.' && r.Dialect == SparkDialect {
		for i++; i < len(s) && isDigit(s[i]); i++ {
		}
		whole = 1 // ".5" is 0, and so is a lone point
	}
	if whole < 1 || i < len(s) {
		return 0, Syntax
	}
	limit := uint64(1) << (width - 1)
	if over || n > limit || n == limit && !neg {
		return 0, Range
	}
	if neg {
		return -int64(n), None
	}
	return int64(n), None
}

// number is a decimal number in text: its digits lie in s, a point may stand between them.
type number struct {
	neg    bool
	digits []byte
	whole  int // digits in front of the point
	exp    int
}

// maxExponent bounds the exponents that are read: beyond, a value is zero or does not fit.
const maxExponent = 1 << 20

// scan reads [+-]digits[.digits][e[+-]digits].
func scan(s []byte) (n number, ok bool) {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		n.neg = s[i] == '-'
		i++
	}
	start := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	n.whole = i - start
	count := n.whole
	if i < len(s) && s[i] == '.' {
		i++
		for i < len(s) && isDigit(s[i]) {
			i++
			count++
		}
	}
	n.digits = s[start:i]
	if count == 0 {
		return n, false
	}
	if i == len(s) {
		return n, true
	}
	if s[i]|0x20 != 'e' || i+1 == len(s) {
		return n, false
	}
	i++
	neg := s[i] == '-'
	if s[i] == '-' || s[i] == '+' {
		i++
	}
	if i == len(s) {
		return n, false
	}
	for ; i < len(s); i++ {
		if !isDigit(s[i]) {
			return n, false
		}
		n.exp = min(n.exp*10+int(s[i]-'0'), maxExponent)
	}
	if neg {
		n.exp = -n.exp
	}
	return n, true
}

// decimal rounds half away from zero to the scale, or cuts off.
func (n number) decimal(precision, scale int, cut bool) (Int128, Fault) {
	keep := n.whole + n.exp + scale // so many digits belong to the value
	var x Int128
	significant, taken := 0, 0
	for _, c := range n.digits {
		if c == '.' {
			continue
		}
		if taken >= keep {
			if taken == keep && c >= '5' && !cut {
				x = x.inc()
			}
			break
		}
		taken++
		if significant == 0 && c == '0' {
			continue
		}
		if significant++; significant > precision {
			return x, Range
		}
		x = x.push(c - '0')
	}
	if significant > 0 {
		for ; taken < keep; taken++ {
			if significant++; significant > precision {
				return x, Range
			}
			x = x.push(0)
		}
	}
	if !x.below(precision) { // rounded up to one digit more
		return x, Range
	}
	if n.neg {
		return x.Neg(), None
	}
	return x, None
}

// Decimal reads a number into the unscaled value of decimal(precision, scale), rounded half away from zero.
func (r *Rules) Decimal(s []byte, precision, scale int) (Int128, Fault) {
	n, ok := scan(r.trim(s))
	if !ok {
		return Int128{}, Syntax
	}
	return n.decimal(precision, scale, false)
}

// DecimalCut is Decimal, but digits beyond the scale are cut off, as COPY does without ROUNDEC.
func (r *Rules) DecimalCut(s []byte, precision, scale int) (Int128, Fault) {
	n, ok := scan(r.trim(s))
	if !ok {
		return Int128{}, Syntax
	}
	return n.decimal(precision, scale, true)
}

// FloatDecimal converts a binary number: by the 15 (of a real: 6) digits that Redshift shows, by all of its shortest text in Spark.
func (r *Rules) FloatDecimal(f float64, width, precision, scale int) (Int128, Fault) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Int128{}, Range
	}
	var buf [40]byte
	places := -1
	if r.Dialect == RedshiftDialect {
		places = 14
		if width == 32 {
			places = 5
		}
	}
	n, _ := scan(strconv.AppendFloat(buf[:0], f, 'e', places, width))
	return n.decimal(precision, scale, false)
}

// Float reads a binary number of 32 or 64 bits.
func (r *Rules) Float(s []byte, width int) (float64, Fault) {
	if width == 64 {
		if f, ok := usual.Float(s); ok {
			return f, None
		}
	}
	return r.float(s, width)
}

func (r *Rules) float(s []byte, width int) (float64, Fault) {
	s = r.trim(s)
	if len(s) == 0 {
		return 0, Syntax
	}
	if c := s[len(s)-1] | 0x20; r.Dialect == SparkDialect && (c == 'd' || c == 'f') && len(s) > 1 &&
		(isDigit(s[len(s)-2]) || s[len(s)-2] == '.') {
		s = s[:len(s)-1]
	}
	if _, ok := scan(s); !ok && !(r.Dialect == SparkDialect && hexFloat(s)) {
		return r.floatWord(s)
	}
	f, err := strconv.ParseFloat(string(s), width)
	if errors.Is(err, strconv.ErrSyntax) {
		return 0, Syntax
	}
	if err != nil && r.Dialect == RedshiftDialect {
		return 0, Range
	}
	if f == 0 && r.Dialect == RedshiftDialect && !zeroDigits(s) {
		return 0, Range
	}
	return f, None
}

// hexFloat reports whether s may be one of Java's hexadecimal numbers, 0x1.8p3, which have a binary exponent always.
func hexFloat(s []byte) bool {
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	exponent := bytes.IndexAny(s, "pP")
	return len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && exponent > 2 && exponent < len(s)-1 && bytes.IndexByte(s, '_') < 0
}

func zeroDigits(s []byte) bool {
	for _, c := range s {
		if c|0x20 == 'e' {
			break
		}
		if c >= '1' && c <= '9' {
			return false
		}
	}
	return true
}

func (r *Rules) floatWord(s []byte) (float64, Fault) {
	sign := 1
	if len(s) > 1 && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	switch {
	case equalFold(s, "nan"):
		return math.NaN(), None
	case equalFold(s, "infinity"), equalFold(s, "inf"):
		return math.Inf(sign), None
	}
	return 0, Syntax
}

// Bool reads a truth value.
func (r *Rules) Bool(s []byte) (bool, Fault) {
	s = r.trim(s)
	for _, w := range [...]string{"t", "true", "y", "yes", "1"} {
		if equalFold(s, w) {
			return true, None
		}
	}
	for _, w := range [...]string{"f", "false", "n", "no", "0"} {
		if equalFold(s, w) {
			return false, None
		}
	}
	if r.Dialect == RedshiftDialect && (equalFold(s, "on") || equalFold(s, "off")) {
		return len(s) == 2, None
	}
	return false, Syntax
}

// AppendFloat writes a binary number: as C's %.15g (%.6g for 32 bits) in Redshift, as Java does in Spark.
func (r *Rules) AppendFloat(dst []byte, f float64, width int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case r.Dialect == SparkDialect:
		return appendJava(dst, f, width)
	case width == 32:
		return strconv.AppendFloat(dst, f, 'g', 6, 32)
	}
	return strconv.AppendFloat(dst, f, 'g', 15, 64)
}

// appendJava writes as Double.toString: plain from 10^-3 up to 10^7, d.dddE±n elsewhere.
func appendJava(dst []byte, f float64, width int) []byte {
	abs := math.Abs(f)
	if abs == 0 || abs >= 1e-3 && abs < 1e7 {
		from := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, width)
		for _, c := range dst[from:] {
			if c == '.' {
				return dst
			}
		}
		return append(dst, ".0"...)
	}
	var buf [40]byte
	b := strconv.AppendFloat(buf[:0], f, 'e', -1, width)
	e := 0
	for b[e] != 'e' {
		e++
	}
	dst = append(dst, b[:e]...)
	if e <= 2 && (e == 1 || b[0] == '-') {
		dst = append(dst, ".0"...)
	}
	dst = append(dst, 'E')
	exp, _ := strconv.Atoi(string(b[e+1:]))
	return strconv.AppendInt(dst, int64(exp), 10)
}

// AppendDecimalText writes a decimal, given in plain digits, perhaps without one in front of the point: with all its digits in Redshift,
// and as Java's BigDecimal in Spark, where values with more than six zeros behind the point get an exponent.
func (r *Rules) AppendDecimalText(dst, plain []byte) []byte {
	n, _ := scan(plain)
	from := len(dst)
	if n.neg {
		dst = append(dst, '-')
	}
	if n.whole == 0 {
		dst = append(dst, '0')
	}
	dst = append(dst, n.digits...)
	if r.Dialect == RedshiftDialect {
		return dst
	}
	scale := max(len(n.digits)-n.whole-1, 0)
	var buf [48]byte
	digits := buf[:0]
	for _, c := range n.digits {
		if c != '.' && (c != '0' || len(digits) > 0) {
			digits = append(digits, c)
		}
	}
	if len(digits) == 0 {
		digits = append(digits, '0')
	}
	adjusted := len(digits) - 1 - scale
	if adjusted >= -6 {
		return dst
	}
	dst = dst[:from]
	if n.neg {
		dst = append(dst, '-')
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	return strconv.AppendInt(append(dst, 'E'), int64(adjusted), 10)
}
