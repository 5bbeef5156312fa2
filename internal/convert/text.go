package convert

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// limit refuses a text that would be longer than the dialect allows, before it is made.
func (r *Rules) limit(n int64) error {
	if n > int64(r.MaxText) {
		return fail(CodeLimit, "requested length too large: a text of %d bytes, the limit is %d", n, r.MaxText)
	}
	return nil
}

func isASCII(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Upper writes text in capitals: character by character in Redshift, as Java does in Spark, where ß becomes SS.
func (r *Rules) Upper(dst, s []byte) []byte {
	if isASCII(s) {
		for _, c := range s {
			if c >= 'a' && c <= 'z' {
				c -= 'a' - 'A'
			}
			dst = append(dst, c)
		}
		return dst
	}
	if r.Dialect == SparkDialect {
		return append(dst, cases.Upper(language.Und).Bytes(s)...)
	}
	return append(dst, bytes.ToUpper(s)...)
}

// Lower writes text in small letters.
func (r *Rules) Lower(dst, s []byte) []byte {
	if isASCII(s) {
		for _, c := range s {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
		}
		return dst
	}
	if r.Dialect == SparkDialect {
		return append(dst, cases.Lower(language.Und).Bytes(s)...)
	}
	return append(dst, bytes.ToLower(s)...)
}

// Initcap writes words with a capital in front: in Redshift letters and digits make a word, in Spark everything but a blank.
func (r *Rules) Initcap(dst, s []byte) []byte {
	if r.Dialect == SparkDialect {
		s = r.Lower(nil, s)
	}
	first := true
	for len(s) > 0 {
		c, n := utf8.DecodeRune(s)
		switch {
		case r.Dialect == SparkDialect && first:
			c = unicode.ToTitle(c)
		case r.Dialect == RedshiftDialect && first:
			c = unicode.ToUpper(c)
		case r.Dialect == RedshiftDialect:
			c = unicode.ToLower(c)
		}
		dst = utf8.AppendRune(dst, c)
		if r.Dialect == SparkDialect {
			first = c == ' '
		} else {
			first = !unicode.IsLetter(c) && !unicode.IsDigit(c)
		}
		s = s[n:]
	}
	return dst
}

// Reverse turns the order of the characters.
func Reverse(dst, s []byte) []byte {
	for len(s) > 0 {
		_, n := utf8.DecodeLastRune(s)
		dst = append(dst, s[len(s)-n:]...)
		s = s[:len(s)-n]
	}
	return dst
}

// chars is the number of characters.
func chars(s []byte) int64 { return int64(utf8.RuneCount(s)) }

// cut gives the characters from place from (0 is the first) up to, without, place to; places outside of the text are its ends.
func cut(s []byte, from, to int64) []byte {
	if to <= from || to <= 0 {
		return nil
	}
	from = max(from, 0)
	if from >= int64(len(s)) {
		return nil
	}
	start := offset(s, from)
	return s[start : start+offset(s[start:], to-from)]
}

// offset is where character n begins.
func offset(s []byte, n int64) int {
	if n >= int64(len(s)) {
		n = int64(len(s))
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRune(s[i:])
		i += size
	}
	return i
}

var errNegative = &Error{Code: "22011", Msg: "negative substring length not allowed"}

// Left returns the first n characters; a negative n is an error in Redshift and gives nothing in Spark.
func (r *Rules) Left(s []byte, n int64) ([]byte, error) {
	if n < 0 && r.Dialect == RedshiftDialect {
		return nil, errNegative
	}
	return cut(s, 0, n), nil
}

// Right returns the last n characters.
func (r *Rules) Right(s []byte, n int64) ([]byte, error) {
	if n < 0 && r.Dialect == RedshiftDialect {
		return nil, errNegative
	}
	if n <= 0 {
		return nil, nil
	}
	return cut(s, max(chars(s)-n, 0), int64(len(s))), nil
}

// Substring returns n characters from place p, which counts from 1. Places in front of the text count in Redshift; in Spark a negative
// place counts from the end.
func (r *Rules) Substring(s []byte, p, n int64) ([]byte, error) {
	if r.Dialect == RedshiftDialect {
		if n < 0 {
			return nil, errNegative
		}
		return cut(s, p-1, p-1+n), nil
	}
	switch {
	case p > 0:
		p--
	case p < 0:
		p += chars(s)
	}
	return cut(s, p, p+n), nil
}

// Pad brings text to n characters with a fill in front or behind; what is too long is cut at its end. Nothing can be filled with an
// empty fill.
func (r *Rules) Pad(dst, s []byte, n int64, fill []byte, front bool) ([]byte, error) {
	have := chars(s)
	if n <= have || len(fill) == 0 {
		return append(dst, cut(s, 0, n)...), nil
	}
	missing := n - have
	whole, rest := missing/chars(fill), missing%chars(fill)
	part := cut(fill, 0, rest)
	if whole > int64(r.MaxText) {
		return dst, r.limit(n)
	}
	if err := r.limit(int64(len(s)) + whole*int64(len(fill)) + int64(len(part))); err != nil {
		return dst, err
	}
	if !front {
		dst = append(dst, s...)
	}
	for range whole {
		dst = append(dst, fill...)
	}
	dst = append(dst, part...)
	if front {
		dst = append(dst, s...)
	}
	return dst, nil
}

// Repeat writes text n times.
func (r *Rules) Repeat(dst, s []byte, n int64) ([]byte, error) {
	if n <= 0 || len(s) == 0 {
		return dst, nil
	}
	if n > int64(r.MaxText) {
		return dst, r.limit(n * int64(min(len(s), 1<<20)))
	}
	if err := r.limit(n * int64(len(s))); err != nil {
		return dst, err
	}
	for range n {
		dst = append(dst, s...)
	}
	return dst, nil
}

// maxBinary is the most bytes of a VARBYTE or SUPER value of Redshift.
const maxBinary = 16 << 20

// Bounded returns joined text as it is, unless it is longer than a text may be.
func (r *Rules) Bounded(s []byte) ([]byte, error) { return s, r.limit(int64(len(s))) }

// BoundedList does the same for LISTAGG, in its words.
func (r *Rules) BoundedList(s []byte) ([]byte, error) {
	if len(s) > r.MaxText {
		return nil, fail(CodeLimit, "Result size exceeds LISTAGG limit: %d bytes, the limit is %d", len(s), r.MaxText)
	}
	return s, nil
}

// BoundedBinary returns a VARBYTE, or the text of a SUPER value, as it is unless it is longer than 16 MB.
func BoundedBinary(s []byte) ([]byte, error) {
	if len(s) > maxBinary {
		return nil, fail(CodeLimit, "value too long: %d bytes, a VARBYTE or SUPER value may have %d", len(s), maxBinary)
	}
	return s, nil
}

// Replace puts another text in the place of each occurrence; an empty one occurs nowhere.
func (r *Rules) Replace(dst, s, from, to []byte) ([]byte, error) {
	if len(from) == 0 {
		return append(dst, s...), nil
	}
	if len(to) > len(from) {
		n := int64(bytes.Count(s, from))
		if err := r.limit(int64(len(s)) + n*int64(len(to)-len(from))); err != nil {
			return dst, err
		}
	}
	for {
		i := bytes.Index(s, from)
		if i < 0 {
			return append(dst, s...), nil
		}
		dst = append(append(dst, s[:i]...), to...)
		s = s[i+len(from):]
	}
}

// SplitPart returns field n, counted from 1; Spark counts negative ones from the end.
func (r *Rules) SplitPart(s, sep []byte, n int64) ([]byte, error) {
	switch {
	case n == 0 && r.Dialect == SparkDialect:
		return nil, fail(CodeArgument, "the index 0 is invalid: an index is below or above zero")
	case n <= 0 && r.Dialect == RedshiftDialect:
		return nil, fail(CodeArgument, "field position must be greater than zero")
	}
	if len(sep) == 0 {
		if n == 1 || n == -1 {
			return s, nil
		}
		return nil, nil
	}
	if n < 0 {
		for ; n < -1; n++ {
			i := bytes.LastIndex(s, sep)
			if i < 0 {
				return nil, nil
			}
			s = s[:i]
		}
		if i := bytes.LastIndex(s, sep); i >= 0 {
			s = s[i+len(sep):]
		}
		return s, nil
	}
	for ; n > 1; n-- {
		i := bytes.Index(s, sep)
		if i < 0 {
			return nil, nil
		}
		s = s[i+len(sep):]
	}
	if i := bytes.Index(s, sep); i >= 0 {
		s = s[:i]
	}
	return s, nil
}

// SubstringIndex returns what stands in front of the n-th separator, or behind the n-th from the end.
func SubstringIndex(s, sep []byte, n int64) []byte {
	if len(sep) == 0 || n == 0 {
		return nil
	}
	if n > 0 {
		at := 0
		for ; n > 0; n-- {
			i := bytes.Index(s[at:], sep)
			if i < 0 {
				return s
			}
			at += i + len(sep)
		}
		return s[:at-len(sep)]
	}
	end := len(s)
	for ; n < 0; n++ {
		i := bytes.LastIndex(s[:end], sep)
		if i < 0 {
			return s
		}
		end = i
	}
	return s[end+len(sep):]
}

// Chr writes the character of a code: of its lowest byte in Spark.
func (r *Rules) Chr(dst []byte, n int64) ([]byte, error) {
	switch {
	case r.Dialect == SparkDialect && n < 0:
		return dst, nil
	case r.Dialect == SparkDialect:
		return utf8.AppendRune(dst, rune(n&0xFF)), nil
	case n == 0:
		return dst, fail(CodeLimit, "null character not permitted")
	case n < 0 || n > unicode.MaxRune || n >= 0xD800 && n < 0xE000:
		return dst, fail(CodeLimit, "requested character too large for encoding: %d", n)
	}
	return utf8.AppendRune(dst, rune(n)), nil
}

// Overlay puts a text in the place of n characters from place p, which counts from 1; a negative n stands for the text's own length.
func Overlay(dst, s, with []byte, p, n int64) []byte {
	if n < 0 {
		n = chars(with)
	}
	dst = append(append(dst, cut(s, 0, p-1)...), with...)
	tail, _ := Spark.Substring(s, p+n, int64(len(s)))
	return append(dst, tail...)
}

// Levenshtein counts the characters that have to be put in, taken out or changed.
func Levenshtein(a, b []byte) (int, error) {
	x, y := bytes.Runes(a), bytes.Runes(b)
	if len(x)*len(y) > 1<<22 {
		return 0, fail(CodeLimit, "levenshtein of texts of %d and %d characters takes too long", len(x), len(y))
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		prev := row[0]
		row[0] = i + 1
		for j := range y {
			next := prev
			if x[i] != y[j] {
				next = min(prev, row[j], row[j+1]) + 1
			}
			prev, row[j+1] = row[j+1], next
		}
	}
	return row[len(y)], nil
}

const hexDigits = "0123456789ABCDEF"

// Hex writes bytes as hexadecimal digits.
func Hex(dst, s []byte) []byte {
	for _, c := range s {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// Unhex reads hexadecimal digits; an odd one in front stands for half a byte. ok is false for other text.
func Unhex(dst, s []byte) (out []byte, ok bool) {
	high := byte(0)
	for i, c := range s {
		v := byte(0)
		switch {
		case isDigit(c):
			v = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = c | 0x20 - 'a' + 10
		default:
			return dst, false
		}
		if (len(s)-i)%2 == 1 {
			dst = append(dst, high<<4|v)
			high = 0
		} else {
			high = v
		}
	}
	return dst, true
}

// soundexCodes are the digits of the letters A to Z; 7 is a letter that separates nothing (H, W).
const soundexCodes = "01230127022455012623017202"

// Soundex is Spark's: text that does not begin with a letter A to Z stays.
func Soundex(dst, s []byte) []byte {
	if len(s) == 0 || !isLetter(s[0]) {
		return append(dst, s...)
	}
	from := len(dst)
	dst = append(dst, s[0]&^0x20)
	last := soundexCodes[s[0]&^0x20-'A']
	for _, c := range s[1:] {
		if len(dst) == from+4 {
			break
		}
		if !isLetter(c) {
			last = '0'
			continue
		}
		code := soundexCodes[c&^0x20-'A']
		if code == '7' {
			continue
		}
		if code != '0' && code != last {
			dst = append(dst, code)
		}
		last = code
	}
	for len(dst) < from+4 {
		dst = append(dst, '0')
	}
	return dst
}
