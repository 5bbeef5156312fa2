// Package jsontext reads JSON as it is written: no number loses a digit, and nothing is made into a tree. All functions but Valid take
// text that is known to be valid.
package jsontext

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep JSON may nest: it is read by functions that call themselves.
const maxDepth = 1000

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digits counts those at the start.
func digits(s []byte) int {
	for i, c := range s {
		if !isDigit(c) {
			return i
		}
	}
	return len(s)
}

func skipBlank(s []byte, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

// valueEnd finds the end of the value that begins at i; ok is false when there is none by RFC 8259.
func valueEnd(s []byte, i, depth int) (end int, ok bool) {
	if i >= len(s) || depth > maxDepth {
		return i, false
	}
	switch c := s[i]; {
	case c == '{' || c == '[':
		return containerEnd(s, i, depth)
	case c == '"':
		return stringEnd(s, i)
	case c == '-' || isDigit(c):
		return numberEnd(s, i)
	}
	for _, w := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(s[i:], []byte(w)) {
			return i + len(w), true
		}
	}
	return i, false
}

func containerEnd(s []byte, i, depth int) (end int, ok bool) {
	object := s[i] == '{'
	last := s[i] + 2 // } and ] stand two behind { and [
	i = skipBlank(s, i+1)
	if i < len(s) && s[i] == last {
		return i + 1, true
	}
	for {
		if object {
			if i >= len(s) || s[i] != '"' {
				return i, false
			}
			if i, ok = stringEnd(s, i); !ok {
				return i, false
			}
			if i = skipBlank(s, i); i >= len(s) || s[i] != ':' {
				return i, false
			}
			i = skipBlank(s, i+1)
		}
		if i, ok = valueEnd(s, i, depth+1); !ok {
			return i, false
		}
		if i = skipBlank(s, i); i >= len(s) {
			return i, false
		}
		if s[i] == last {
			return i + 1, true
		}
		if s[i] != ',' {
			return i, false
		}
		i = skipBlank(s, i+1)
	}
}

func stringEnd(s []byte, i int) (end int, ok bool) {
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1, true
		case c < 0x20:
			return i, false
		case c == '\\':
			i++
			if i >= len(s) || bytes.IndexByte([]byte(`"\/bfnrtu`), s[i]) < 0 {
				return i, false
			}
			if s[i] == 'u' {
				if i+4 >= len(s) || !allHex(s[i+1:i+5]) {
					return i, false
				}
				i += 4
			}
		}
	}
	return i, false
}

func allHex(s []byte) bool {
	for _, c := range s {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

func numberEnd(s []byte, i int) (end int, ok bool) {
	if s[i] == '-' {
		i++
	}
	n := digits(s[i:])
	if n == 0 || n > 1 && s[i] == '0' {
		return i, false
	}
	i += n
	if i < len(s) && s[i] == '.' {
		n = digits(s[i+1:])
		if i += 1 + n; n == 0 {
			return i, false
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		n = digits(s[i:])
		if i += n; n == 0 {
			return i, false
		}
	}
	return i, true
}

// Valid reports whether the text is one JSON value.
func Valid(s []byte) bool {
	end, ok := valueEnd(s, skipBlank(s, 0), 0)
	return ok && skipBlank(s, end) == len(s)
}

// trim cuts the blanks around a value.
func trim(s []byte) []byte {
	s = s[skipBlank(s, 0):]
	for len(s) > 0 && skipBlank(s, len(s)-1) == len(s) {
		s = s[:len(s)-1]
	}
	return s
}

// Is reports whether a valid value begins with a character: { [ " or one of t f n -0123456789.
func Is(s []byte, first byte) bool {
	s = trim(s)
	return len(s) > 0 && s[0] == first
}

// each calls f with the members of a valid array or object, the key as it is written, until f says to stop.
func each(s []byte, f func(key, value []byte) bool) {
	s = trim(s)
	if len(s) == 0 || s[0] != '{' && s[0] != '[' {
		return
	}
	object := s[0] == '{'
	i := skipBlank(s, 1)
	for i < len(s)-1 {
		var key []byte
		if object {
			end, _ := stringEnd(s, i)
			key = s[i:end]
			i = skipBlank(s, skipBlank(s, end)+1)
		}
		end, ok := valueEnd(s, i, 0)
		if !ok || !f(key, s[i:end]) {
			return
		}
		i = skipBlank(s, skipBlank(s, end)+1)
	}
}

// Field returns the value of a key of a valid object as it is written; nil when there is none.
func Field(s []byte, key string) (out []byte) {
	if !Is(s, '{') {
		return nil
	}
	var buf []byte
	each(s, func(k, v []byte) bool {
		if buf = AppendUnquoted(buf[:0], k); string(buf) == key {
			out = v
		}
		return out == nil
	})
	return out
}

// Keys calls f with each key of a valid object, in its quotes.
func Keys(s []byte, f func(key []byte)) {
	each(s, func(k, _ []byte) bool {
		f(k)
		return true
	})
}

// Element returns element n of a valid array, counted from 0; nil when there is none.
func Element(s []byte, n int64) (out []byte) {
	if !Is(s, '[') {
		return nil
	}
	each(s, func(_, v []byte) bool {
		if n == 0 {
			out = v
		}
		n--
		return n >= 0
	})
	return out
}

// Elements calls f for each element of a valid array and counts them.
func Elements(s []byte, f func(v []byte)) (n int) {
	if !Is(s, '[') {
		return 0
	}
	each(s, func(_, v []byte) bool {
		n++
		f(v)
		return true
	})
	return n
}

// AppendText writes a valid value as text: a string without its quotes, everything else as it is written, without blanks. ok is
// false for null.
func AppendText(dst, s []byte) (out []byte, ok bool) {
	switch s = trim(s); {
	case len(s) == 0 || s[0] == 'n':
		return dst, false
	case s[0] == '"':
		return AppendUnquoted(dst, s), true
	}
	return AppendCompact(dst, s), true
}

// AppendCompact writes a valid value without the blanks between its parts. Numbers keep every digit.
func AppendCompact(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r':
			i++
		case '"':
			end, _ := stringEnd(s, i)
			dst = append(dst, s[i:end]...)
			i = end
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

var unescaped = map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// AppendUnquoted writes the characters of a valid string, which is given with its quotes.
func AppendUnquoted(dst, s []byte) []byte {
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		n := bytes.IndexByte(s[i:], '\\')
		if n < 0 {
			return append(dst, s[i:]...)
		}
		dst = append(dst, s[i:i+n]...)
		i += n + 1
		if s[i] != 'u' {
			c := s[i]
			if plain, ok := unescaped[c]; ok {
				c = plain
			}
			dst = append(dst, c)
			continue
		}
		r := hex4(s[i+1:])
		i += 4
		if utf16.IsSurrogate(r) && i+6 < len(s) && s[i+1] == '\\' && s[i+2] == 'u' {
			if both := utf16.DecodeRune(r, hex4(s[i+3:])); both != utf8.RuneError {
				r = both
				i += 6
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

func hex4(s []byte) (r rune) {
	for _, c := range s[:4] {
		v := c - '0'
		if !isDigit(c) {
			v = c | 0x20 - 'a' + 10
		}
		r = r<<4 | rune(v)
	}
	return r
}

// AppendFlat writes the elements of a valid array, those of its arrays in their place, as an array.
func AppendFlat(dst, s []byte) []byte {
	dst = append(dst, '[')
	from := len(dst)
	var put func(v []byte)
	put = func(v []byte) {
		if Is(v, '[') {
			Elements(v, put)
			return
		}
		if len(dst) > from {
			dst = append(dst, ',')
		}
		dst = AppendCompact(dst, v)
	}
	Elements(s, put)
	return append(dst, ']')
}

// AppendSome writes some elements of valid arrays as one array.
func AppendSome(dst []byte, from, n int64, arrays ...[]byte) []byte {
	dst = append(dst, '[')
	start := len(dst)
	for _, s := range arrays {
		i := int64(0)
		Elements(s, func(v []byte) {
			if i >= from && (n < 0 || i < from+n) {
				if len(dst) > start {
					dst = append(dst, ',')
				}
				dst = AppendCompact(dst, v)
			}
			i++
		})
	}
	return append(dst, ']')
}
