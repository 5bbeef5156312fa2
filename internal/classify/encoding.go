package classify

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Encodings, by the names that a SerDe's property serialization.encoding has.
const (
	ASCII   = "ascii"
	UTF8    = "utf-8"
	UTF16LE = "utf-16le"
	UTF16BE = "utf-16be"
	Windows = "windows-1252" // and any other set of single bytes: they cannot be told apart
)

const mark = "\xef\xbb\xbf"

// decode turns the text of a sample into UTF-8 without a byte order mark, with LF for line ends of CR, and says what is odd about it.
func (r *Reader) decode(s *Sample) string {
	text := r.text
	note := ""
	switch {
	case bytes.HasPrefix(text, []byte(mark)):
		r.text = text[len(mark):]
	case bytes.HasPrefix(text, []byte("\xff\xfe")), zeros(text, 1):
		s.Encoding = UTF16LE
		r.text = decoded(text, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))
	case bytes.HasPrefix(text, []byte("\xfe\xff")), zeros(text, 0):
		s.Encoding = UTF16BE
		r.text = decoded(text, unicode.UTF16(unicode.BigEndian, unicode.UseBOM))
	}
	if s.Encoding == "" {
		s.Encoding, note = r.singleBytes()
	}
	if bytes.IndexByte(r.text, '\n') < 0 && bytes.IndexByte(r.text, '\r') >= 0 {
		r.text = bytes.ReplaceAll(r.text, []byte{'\r'}, []byte{'\n'})
	}
	if n := bytes.Count(r.text, []byte{0}); n > 0 && note == "" {
		note = fmt.Sprintf("has %d NUL bytes in its sample, the first on %s", n, lineText(r.text[:bytes.IndexByte(r.text, 0)]))
	}
	return note
}

// singleBytes tells UTF-8 from a set of single bytes, and decodes that one.
func (r *Reader) singleBytes() (name, note string) {
	text := r.text
	if ascii(text) {
		return ASCII, ""
	}
	wide, bad, at := 0, 0, 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		c, size := utf8.DecodeRune(text[i:])
		switch {
		case c != utf8.RuneError || size > 1:
			wide++
		case len(text)-i < utf8.UTFMax && !utf8.FullRune(text[i:]): // the sample ends within it
		default:
			if bad++; bad == 1 {
				at = i
			}
		}
		i += size
	}
	switch {
	case bad == 0:
		return UTF8, ""
	case bad > wide:
		r.text = decoded(text, charmap.Windows1252)
		return Windows, ""
	}
	return UTF8, fmt.Sprintf("has %d bytes that are no UTF-8 beside %d characters that are, the first on %s", bad, wide, lineText(text[:at]))
}

func ascii(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// zeros reports whether the first characters have a zero at every second byte from from on, and text beside them.
func zeros(text []byte, from int) bool {
	n := min(len(text)&^1, 64)
	if n < 8 {
		return false
	}
	for i := from; i < n; i += 2 {
		if text[i] != 0 || text[i^1] == 0 {
			return false
		}
	}
	return true
}

// decoded is a text in UTF-8. What is none of its encoding becomes U+FFFD.
func decoded(text []byte, e encoding.Encoding) []byte {
	out, err := e.NewDecoder().Bytes(text)
	if err != nil {
		return text
	}
	return bytes.TrimPrefix(out, []byte(mark))
}
