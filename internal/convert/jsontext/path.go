package jsontext

import (
	"bytes"
	"strconv"
	"strings"

	"penstock/internal/convert"
)

// A Path is one of Hive's JSON paths: $.a['b'][0][*].
type Path []step

type step struct {
	key   string
	index int64
	kind  stepKind
}

type stepKind uint8

const (
	byKey stepKind = iota
	byIndex
	every // [*]
	never // .* is read, and finds nothing, as in Spark
)

// ParsePath reads a path; ok is false for what is none.
func ParsePath(text string) (p Path, ok bool) {
	if !strings.HasPrefix(text, "$") {
		return nil, false
	}
	for text = text[1:]; text != ""; {
		var s step
		if s, text, ok = nextStep(text); !ok {
			return nil, false
		}
		p = append(p, s)
	}
	return p, true
}

func nextStep(text string) (s step, rest string, ok bool) {
	if name, dotted := strings.CutPrefix(text, "."); dotted {
		n := strings.IndexAny(name, ".[")
		if n < 0 {
			n = len(name)
		}
		if s.key, rest = name[:n], name[n:]; s.key == "*" {
			s.kind = never
		}
		return s, rest, s.key != ""
	}
	inside, rest, ok := strings.Cut(strings.TrimPrefix(text, "["), "]")
	if !ok || text[0] != '[' {
		return s, "", false
	}
	if name, quoted := strings.CutPrefix(inside, "'"); quoted {
		s.key, ok = strings.CutSuffix(name, "'")
		if s.key == "*" {
			s.kind = never
		}
		return s, rest, ok && s.key != "" && !strings.ContainsAny(s.key, "'?")
	}
	if s.kind = every; inside != "*" {
		n, err := strconv.ParseInt(inside, 10, 63)
		s.kind, s.index, ok = byIndex, n, err == nil && inside[0] != '-' && inside[0] != '+'
	}
	return s, rest, ok
}

// how a value that a path has led to is written.
type style uint8

const (
	raw    style = iota // a string without its quotes
	quoted              // inside of an array
	flat                // an array without its brackets
)

// AppendPath writes what a path finds in a text as Spark's get_json_object does: a string without quotes, all else as JSON, what several
// places have as an array. ok is false when nothing is found, or the text begins with no value.
func AppendPath(dst, s []byte, p Path) (out []byte, ok bool) {
	v := First(s)
	if v == nil {
		return dst, false
	}
	return appendPath(dst, v, p, raw)
}

// First is the value that a text begins with, whatever follows; nil when there is none. Strings in single quotes and with control
// characters count, as Hive has it: then it is written anew.
func First(s []byte) []byte {
	i := skipBlank(s, 0)
	end, ok := valueEnd(s, i, 0)
	if !ok {
		s = relaxed(s[i:])
		i = 0
		end, ok = valueEnd(s, 0, 0)
	}
	if !ok {
		return nil
	}
	return s[i:end]
}

// relaxed has strings in double quotes only, and no control character in one.
func relaxed(s []byte) []byte {
	var out []byte
	for i := 0; i < len(s); i++ {
		q := s[i]
		if q != '"' && q != '\'' {
			out = append(out, q)
			continue
		}
		out = append(out, '"')
		for i++; i < len(s) && s[i] != q; i++ {
			switch c := s[i]; {
			case c == '\\' && i+1 < len(s):
				i++
				out = append(out, c, s[i])
			case c == '"':
				out = append(out, '\\', c)
			case c < 0x20:
				out = append(append(out, `\u00`...), hexDigits[c>>4], hexDigits[c&15])
			default:
				out = append(out, c)
			}
		}
		if i < len(s) {
			out = append(out, '"')
		}
	}
	return out
}

func appendPath(dst, v []byte, p Path, how style) ([]byte, bool) {
	switch {
	case len(p) == 0:
		return appendFound(dst, v, how)
	case v[0] == '{' && p[0].kind == byKey:
		return appendKey(dst, v, p, how)
	case v[0] == '[' && p[0].kind == byIndex:
		e := Element(v, p[0].index)
		if e == nil {
			return dst, false
		}
		if len(p) > 1 && p[1].kind == every {
			how = quoted
		}
		return appendPath(dst, e, p[1:], how)
	case v[0] == '[' && p[0].kind == every && len(p) > 1 && p[1].kind == every:
		return appendList(dst, v, p[2:], flat, true)
	case v[0] == '[' && p[0].kind == every && how == quoted:
		return appendList(dst, v, p[1:], quoted, true)
	case v[0] == '[' && p[0].kind == every:
		if how == raw {
			how = quoted
		}
		return appendList(dst, v, p[1:], how, false)
	}
	return dst, false
}

// appendFound writes the value at a path's end.
func appendFound(dst, v []byte, how style) ([]byte, bool) {
	switch {
	case v[0] == '"' && how == raw:
		return AppendUnquoted(dst, v), true
	case v[0] == '[' && how == flat:
		found := false
		Elements(v, func(e []byte) {
			if found {
				dst = append(dst, ',')
			}
			var ok bool
			if dst, ok = appendFound(dst, e, flat); ok {
				found = true
			} else if found {
				dst = dst[:len(dst)-1]
			}
		})
		return dst, found
	}
	return AppendJackson(dst, v), true
}

// appendKey takes the first member of the name that leads to something; null leads to nothing.
func appendKey(dst, v []byte, p Path, how style) (out []byte, found bool) {
	var buf []byte
	each(v, func(k, m []byte) bool {
		if buf = AppendUnquoted(buf[:0], k); string(buf) == p[0].key && m[0] != 'n' {
			dst, found = appendPath(dst, m, p[1:], how)
		}
		return !found
	})
	return dst, found
}

// appendList writes what each element leads to as an array; a single one stands alone unless always.
func appendList(dst, v []byte, p Path, how style, always bool) ([]byte, bool) {
	from, n := len(dst), 0
	dst = append(dst, '[')
	Elements(v, func(e []byte) {
		before := len(dst)
		if n > 0 {
			dst = append(dst, ',')
		}
		var ok bool
		if dst, ok = appendPath(dst, e, p, how); ok {
			n++
		} else {
			dst = dst[:before]
		}
	})
	switch {
	case n == 0 && !always:
		return dst[:from], false
	case n == 1 && !always:
		return append(dst[:from], dst[from+1:]...), true
	}
	return append(dst, ']'), n > 0
}

// AppendJackson writes a value as Jackson copies it: without blanks, each number with a fraction or an exponent as a double.
func AppendJackson(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case c == '"':
			end, _ := stringEnd(v, i)
			dst = appendRequoted(dst, v[i:end])
			i = end
		case c == '-' || isDigit(c):
			end, _ := numberEnd(v, i)
			dst = appendNumber(dst, v[i:end])
			i = end
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

func appendNumber(dst, v []byte) []byte {
	if !bytes.ContainsAny(v, ".eE") {
		return append(dst, v...)
	}
	f, _ := strconv.ParseFloat(string(v), 64)
	return convert.Spark.AppendFloat(dst, f, 64)
}

// appendRequoted writes a string's characters anew, with the escapes that are needed and no others.
func appendRequoted(dst, v []byte) []byte {
	if bytes.IndexByte(v, '\\') < 0 {
		return append(dst, v...)
	}
	return AppendQuoted(dst, AppendUnquoted(nil, v))
}

const hexDigits = "0123456789ABCDEF"

var escapes = map[byte]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '"': '"', '\\': '\\'}

// AppendQuoted writes text as a JSON string, with the escapes that Jackson makes.
func AppendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, c := range text {
		switch e, ok := escapes[c]; {
		case ok:
			dst = append(dst, '\\', e)
		case c < 0x20:
			dst = append(append(dst, `\u00`...), hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
