package serde

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// A Fitter appends a field's text as a value of its column's type; false says that the text does not fit the type, and that nothing was
// appended.
type Fitter func(v *column.Vector, text []byte) bool

// FitterOf returns the Fitter for a catalog type. What fits, and as which value, is what Spark 3.5 makes of a field of a CSV file:
// package convert has golden values. Blanks belong to an integer, a decimal or a truth value, which then does not fit; a decimal is rounded
// half up to its scale. Two things differ: a time of day alone is no timestamp of today, and only the digits 0 to 9 are digits.
func FitterOf(t schema.Type) (Fitter, error) {
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
	case schema.Binary:
		return fitBytes, nil
	}
	return nil, fmt.Errorf("type %s cannot be read from delimited text", t)
}

// fitter is the Fitter of a column of delimited text.
func (t *Text) fitter(typ schema.Type) (Fitter, error) {
	if typ.Kind == schema.Binary && t.Base64 {
		return fitBase64, nil
	}
	return FitterOf(typ)
}

func fitBytes(v *column.Vector, text []byte) bool {
	v.AppendBytes(text)
	return true
}

// fitBase64 is how LazySimpleSerDe reads bytes: what is no Base64 is taken as it stands.
func fitBase64(v *column.Vector, text []byte) bool {
	plain := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(plain, text)
	if err != nil {
		return fitBytes(v, text)
	}
	return fitBytes(v, plain[:n])
}

func fitText(v *column.Vector, text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	v.AppendBytes(text)
	return true
}

func fitLength(n int) Fitter {
	return func(v *column.Vector, text []byte) bool {
		if len(text) > n && utf8.RuneCount(text) > n {
			return false
		}
		return fitText(v, text)
	}
}

func fitInt(size int) Fitter {
	return func(v *column.Vector, text []byte) bool {
		if !signedDigits(text) {
			return false
		}
		n, f := convert.Spark.Int(text, size)
		if f == convert.None {
			v.AppendInt(n)
		}
		return f == convert.None
	}
}

// signedDigits reports whether text is nothing but digits, which a sign may precede.
func signedDigits(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// fitFloat reads what a cast reads, but words only as Java writes them, and Inf and -Inf, which Spark's reader adds.
func fitFloat(size int) Fitter {
	return func(v *column.Vector, text []byte) bool {
		if len(text) > 0 && (text[0] < '0' || text[0] > '9') && !floatWord(text) {
			return false
		}
		n, f := convert.Spark.Float(text, size)
		if f == convert.None {
			v.AppendFloat(n)
		}
		return f == convert.None
	}
}

// floatWord reports whether text is no word, or one that is a number.
func floatWord(b []byte) bool {
	b = bytes.TrimFunc(b, func(r rune) bool { return r <= ' ' })
	digits := b
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		digits = b[1:]
	}
	if len(digits) == 0 || digits[0] == '.' || digits[0] >= '0' && digits[0] <= '9' {
		return true
	}
	switch string(digits) {
	case "NaN", "Infinity":
		return true
	case "Inf":
		return b[0] != '+'
	}
	return false
}

// fitDecimal reads what a cast reads, but without blanks, and with commas between thousands.
func fitDecimal(precision, scale int) Fitter {
	return func(v *column.Vector, text []byte) bool {
		if bytes.IndexByte(text, ',') >= 0 {
			if !grouped(text) {
				return false
			}
			text = bytes.ReplaceAll(text, []byte{','}, nil)
		}
		if len(text) == 0 || text[0] <= ' ' || text[len(text)-1] <= ' ' {
			return false
		}
		d, f := convert.Spark.Decimal(text, precision, scale)
		if f == convert.None {
			v.AppendDecimal(d)
		}
		return f == convert.None
	}
}

// grouped reports whether the commas of a number stand between its thousands. Spark drops all commas: 1,5, which
// is one and a half in half the world, would be 15.
func grouped(b []byte) bool {
	if b[0] == '-' || b[0] == '+' {
		b = b[1:]
	}
	if end := bytes.IndexByte(b, '.'); end >= 0 {
		if bytes.IndexByte(b[end:], ',') >= 0 {
			return false
		}
		b = b[:end]
	}
	for i := len(b) - 1; i >= 0; i-- {
		comma := (len(b)-i)%4 == 0
		if comma != (b[i] == ',') || !comma && (b[i] < '0' || b[i] > '9') {
			return false
		}
	}
	return len(b) > 0 && b[0] != ','
}

func fitBool(v *column.Vector, text []byte) bool {
	yes := is(text, "true")
	if !yes && !is(text, "false") {
		return false
	}
	v.AppendBool(yes)
	return true
}

// is reports whether text is a word, in letters of any case.
func is(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i, c := range text {
		if c|0x20 != word[i] {
			return false
		}
	}
	return true
}

func fitDate(v *column.Vector, text []byte) bool {
	days, f := convert.Spark.Date(text)
	if f == convert.None {
		v.AppendInt(int64(days))
	}
	return f == convert.None
}

func fitTimestamp(v *column.Vector, text []byte) bool {
	micros, f := convert.Spark.Timestamp(text)
	if f == convert.None {
		v.AppendInt(micros)
	}
	return f == convert.None
}
