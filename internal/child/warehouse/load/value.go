package load

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"penstock/internal/convert"
	"penstock/internal/engine"
	"penstock/internal/sql/typed"
)

// A setter converts one field and writes it.
type setter func(w *engine.ColumnWriter, row int, b []byte) *valueError

// setterFor gives the conversion of a column's type.
func setterFor(t typed.Type, o *options) (setter, error) {
	switch t.Kind {
	case typed.Smallint, typed.Int, typed.Bigint:
		return intSetter(t), nil
	case typed.Decimal:
		return decimalSetter(t, o.roundDecimals), nil
	case typed.Real, typed.Double:
		return floatSetter(t), nil
	case typed.Bool:
		return setBool, nil
	case typed.Date:
		return setDate(o.dateFormat), nil
	case typed.Time:
		return setTime(o.timeFormat), nil
	case typed.Timestamp:
		return setTimestamp(o.timeFormat, false), nil
	case typed.Timestamptz:
		return setTimestamp(o.timeFormat, true), nil
	case typed.Varchar, typed.Char, typed.String:
		return textSetter(t, o), nil
	}
	return nil, unsupported("COPY of text into a column of type %s", t)
}

// spell is the type's name in error messages.
func spell(t typed.Type) string {
	switch t.Kind {
	case typed.Smallint:
		return "Short"
	case typed.Int:
		return "Integer"
	case typed.Bigint:
		return "Long"
	case typed.Decimal:
		return "Decimal"
	case typed.Real, typed.Double:
		return "Float"
	}
	return t.String()
}

func intSetter(t typed.Type) setter {
	bits := map[typed.Kind]int{typed.Smallint: 16, typed.Int: 32, typed.Bigint: 64}[t.Kind]
	name := spell(t)
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		v, fault := convert.Redshift.Int(b, bits)
		switch fault {
		case convert.Syntax:
			return wrongDigit(codeDigit, b, name, signed)
		case convert.Range:
			return invalid(codeOverflow, 0, "Overflow, Value '%s', Type: %s", clip(bytes.TrimSpace(b)), name)
		}
		w.SetInt64(row, v)
		return nil
	}
}

// signed and fixed are the characters of numbers; others are wrong digits.
const (
	signed = "+-0123456789"
	fixed  = "+-.0123456789"
)

// wrongDigit names the first character that does not belong to a number, or where there is none, the whole.
func wrongDigit(code int, b []byte, typ, chars string) *valueError {
	b = bytes.TrimSpace(b)
	point := bytes.IndexByte(b, '.')
	for i, c := range b {
		if strings.IndexByte(chars, c) < 0 || i > 0 && (c == '-' || c == '+') || c == '.' && i > point {
			return invalid(code, i, "Invalid digit, Value '%s', Pos %d, Type: %s", show(c), i, typ)
		}
	}
	return invalid(code, 0, "Invalid digit, Value '%s', Pos 0, Type: %s", clip(b), typ)
}

// decimalSetter converts decimal text exactly. Digits behind the scale are cut off: COPY truncates unless ROUNDEC is given.
func decimalSetter(t typed.Type, round bool) setter {
	read := convert.Redshift.DecimalCut
	if round {
		read = convert.Redshift.Decimal
	}
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		v, fault := read(b, t.Precision, t.Scale)
		switch {
		case fault == convert.Syntax:
			return wrongDigit(codeDecimal, b, "Decimal", fixed)
		case fault == convert.Range:
			return invalid(codeRange, 0, "Numeric data overflow (result precision): NUMERIC(%d,%d)", t.Precision, t.Scale)
		case t.Precision <= 18:
			w.SetInt64(row, int64(v.Lo))
		default:
			w.SetHuge(row, v.Hi, v.Lo)
		}
		return nil
	}
}

func floatSetter(t typed.Type) setter {
	bits := 64
	if t.Kind == typed.Real {
		bits = 32
	}
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		v, fault := convert.Redshift.Float(b, bits)
		switch fault {
		case convert.Syntax:
			return invalid(codeFloat, 0, "Invalid digit, Value '%s', Pos 0, Type: Float", clip(bytes.TrimSpace(b)))
		case convert.Range:
			return invalid(codeRange, 0, "Overflow, Value '%s', Type: Float", clip(bytes.TrimSpace(b)))
		}
		w.SetFloat64(row, v)
		return nil
	}
}

func setBool(w *engine.ColumnWriter, row int, b []byte) *valueError {
	v, fault := convert.Redshift.Bool(b)
	if fault != convert.None {
		return invalid(codeBoolean, 0, "Unknown boolean format")
	}
	w.SetBool(row, v)
	return nil
}

func textSetter(t typed.Type, o *options) setter {
	limit, char := t.Len, t.Kind == typed.Char
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		if o.trimBlanks && !char {
			b = bytes.TrimRight(b, " ")
		}
		if bad := badUTF8(b); bad >= 0 {
			return invalid(codeUTF8, bad, "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: %x (error %d)",
				sequence(b[bad:]), utf8Error(b[bad:]))
		}
		if char {
			if i := bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
				r, _ := utf8.DecodeRune(b[i:])
				return invalid(codeUTF8, i, "Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: %c", r)
			}
		}
		if limit > 0 && len(b) > limit {
			if cut := bytes.TrimRight(b, " "); char && len(cut) <= limit {
				b = cut
			} else if o.truncate {
				b = cutUTF8(b, limit)
			} else if char {
				return invalid(codeRange, limit, "Char length exceeds DDL length")
			} else {
				return invalid(codeRange, limit, "String length exceeds DDL length")
			}
		}
		if char {
			b = bytes.TrimRight(b, " ")
		}
		w.SetBytes(row, b)
		return nil
	}
}

// badUTF8 is where b stops being UTF-8 of at most four bytes a character, or -1.
func badUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

// want is how many bytes the character has that begins with c.
func want(c byte) int {
	switch {
	case c&0xe0 == 0xc0:
		return 2
	case c&0xf0 == 0xe0:
		return 3
	case c&0xf8 == 0xf0:
		return 4
	}
	return 1
}

// sequence is the byte, and what of a longer character follows it, that is no UTF-8.
func sequence(b []byte) []byte { return b[:min(want(b[0]), len(b))] }

// utf8Error numbers what is wrong as AWS documents it: 1 a character that needs more than four bytes, 2 truncated, 3 out of range or
// not a first byte, 4 an invalid trailing byte.
func utf8Error(b []byte) int {
	switch {
	case b[0] >= 0xf8:
		return 1
	case b[0]&0xc0 == 0x80:
		return 3
	case len(b) < want(b[0]):
		return 2
	}
	return 4
}

func cutUTF8(b []byte, n int) []byte {
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[:n]
}

// show prints a byte for a message.
func show(c byte) string {
	if c < 0x20 || c >= 0x7f {
		return fmt.Sprintf("\\x%02x", c)
	}
	return string(rune(c))
}

func clip(b []byte) string { return clipTo(b, 64) }
