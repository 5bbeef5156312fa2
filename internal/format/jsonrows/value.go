package jsonrows

import (
	"encoding/base64"
	"math"
	"strings"
	"unicode/utf8"

	"penstock/internal/convert"
	"penstock/internal/convert/jsontext"
	"penstock/internal/format"
	"penstock/internal/schema"
)

// into reads the value at the next byte into a column.
func (r *Reader) into(n *node) outcome {
	c := r.buf[r.i]
	switch {
	case c == '"' && n.kind == schema.String:
		if out := r.string(); out != whole {
			return out
		}
		if !r.str.escaped && !r.str.high {
			n.vec.AppendBytes(r.buf[r.str.from:r.str.to])
			return whole
		}
		return r.stringText(n)
	case c-'0' <= 9 || c == '-':
		return r.numberInto(n)
	case c == 'n':
		out := r.word("null")
		if out == whole {
			n.vec.AppendNull()
		}
		return out
	case c == '{' || c == '[':
		return r.container(n, c)
	case c == 't' || c == 'f':
		return r.truth(n, c)
	}
	return r.textInto(n, c)
}

// stringText adds the last string to a column of text.
func (r *Reader) stringText(n *node) outcome {
	text := r.text()
	switch {
	case r.str.high && !utf8.Valid(text):
		r.note(n, r.str.from, text, "not UTF-8: what is not becomes U+FFFD")
	case n.kind == schema.String:
		n.vec.AppendBytes(text)
		return whole
	}
	format.AppendText(n.vec, text)
	return whole
}

// numberInto reads a number.
func (r *Reader) numberInto(n *node) outcome {
	from := r.i
	if n.most > 0 { // an integer
		if out := r.integer(n); out != short {
			return out
		}
		r.i = from
	} else if n.kind == schema.Double {
		if r.double(n) {
			return whole
		}
	}
	if r.odd && r.buf[r.i] == '-' && r.i+1 < len(r.buf) && r.buf[r.i+1] == 'I' {
		if out := r.word("-Infinity"); out != whole {
			return out
		}
	} else if out := r.number(); out != whole {
		return out
	}
	text := r.buf[from:r.i]
	at := r.i
	r.i = from
	out := r.scalarText(n, text, false)
	if out == whole {
		r.i = at
	}
	return out
}

// integer reads an integer without a fraction into a column of integers; short means that it is none, or not sure to be.
func (r *Reader) integer(n *node) outcome {
	b, i := r.buf, r.i
	neg := b[i] == '-'
	if neg {
		i++
	}
	from := i
	var v uint64
	for i < len(b) {
		d := b[i] - '0'
		if d > 9 {
			break
		}
		v = v*10 + uint64(d)
		i++
	}
	if digits := i - from; i >= len(b) || digits == 0 || digits > 18 || digits > 1 && b[from] == '0' || b[i] == '.' || b[i]|0x20 == 'e' {
		return short
	}
	x := int64(v)
	if neg {
		x = -x
	}
	if x < n.least || x > n.most {
		return short
	}
	n.vec.AppendInt(x)
	r.i = i
	return whole
}

// double reads a number of few digits into a column of doubles, exactly; false means that it is none, or not sure to be.
func (r *Reader) double(n *node) bool {
	b, i := r.buf, r.i
	neg := b[i] == '-'
	if neg {
		i++
	}
	from := i
	var v uint64
	for i < len(b) && b[i]-'0' <= 9 {
		v = v*10 + uint64(b[i]-'0')
		i++
	}
	digits, places := i-from, 0
	if digits == 0 || digits > 1 && b[from] == '0' || i >= len(b) {
		return false
	}
	if b[i] == '.' {
		i++
		point := i
		for i < len(b) && b[i]-'0' <= 9 {
			v = v*10 + uint64(b[i]-'0')
			i++
		}
		if places = i - point; places == 0 || i >= len(b) {
			return false
		}
	}
	// up to 15 digits and a power of ten up to 22 are exact, and so their quotient is rounded once
	if digits+places > 15 || b[i]|0x20 == 'e' {
		return false
	}
	f := float64(v)
	if places > 0 {
		f /= tens[places]
	}
	if neg {
		f = -f
	}
	n.vec.AppendFloat(f)
	r.i = i
	return true
}

// tens are the powers of ten that double divides by, each exact.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// truth reads true or false.
func (r *Reader) truth(n *node, c byte) outcome {
	w := "true"
	if c == 'f' {
		w = "false"
	}
	from := r.i
	if out := r.word(w); out != whole {
		return out
	}
	if n.kind == schema.Boolean {
		n.vec.AppendBool(c == 't')
		return whole
	}
	at := r.i
	r.i = from
	out := r.scalarText(n, []byte(w), false)
	if out == whole {
		r.i = at
	}
	return out
}

// textInto reads a string, or a word that only some parsers take.
func (r *Reader) textInto(n *node, c byte) outcome {
	from := r.i
	if c != '"' && !(c == '\'' && r.odd) {
		if out := r.literal(); out != whole {
			return out
		}
		at := r.i
		text := r.buf[from:at]
		r.i = from
		out := r.scalarText(n, text, false)
		if out == whole {
			r.i = at
		}
		return out
	}
	if out := r.string(); out != whole {
		return out
	}
	if n.kind.Text() {
		return r.stringText(n)
	}
	at := r.i
	r.i = from
	out := r.scalarText(n, r.text(), true)
	if out == whole {
		r.i = at
	}
	return out
}

// container reads an object or array.
func (r *Reader) container(n *node, c byte) outcome {
	switch {
	case c == '{' && n.kind == schema.Struct:
		if out := r.object(n); out != whole {
			return out
		}
		n.vec.AppendNested()
		return whole
	case c == '{' && n.kind == schema.Map:
		return r.dictionary(n)
	case c == '[' && n.kind == schema.Array:
		return r.array(n)
	case c == '[' && n.kind == schema.Struct && r.options.SerDe == OpenX:
		if out := r.list(n); out != whole {
			return out
		}
		n.vec.AppendNested()
		return whole
	case n.kind == schema.Array && r.options.SerDe == OpenX:
		return r.single(n)
	}
	from := r.i
	if out := r.scanner.value(); out != whole {
		return out
	}
	text := r.buf[from:r.i]
	switch {
	case n.kind == schema.Unknown:
		n.vec.AppendNull()
		return whole
	case n.kind.Text() && r.options.SerDe != Hive:
		r.scratch = jsontext.AppendCompact(r.scratch[:0], text)
		format.AppendText(n.vec, r.scratch)
		return whole
	case n.kind == schema.Boolean && r.options.SerDe == OpenX:
		n.vec.AppendBool(false)
		return r.bad(n, from, text, "not true or false: read as false, as the OpenX SerDe does", false)
	}
	what := "an object"
	if c == '[' {
		what = "an array"
	}
	return r.bad(n, from, text, what+", not "+word(n.typ), true)
}

// single reads a value that is no array as an array of one element.
func (r *Reader) single(n *node) outcome {
	if out := r.into(n.parts[0]); out != whole {
		return out
	}
	n.vec.AppendNested()
	return whole
}

// word names a type in a finding.
func word(t schema.Type) string {
	switch t.Kind {
	case schema.Array, schema.Map, schema.Struct:
		return t.Kind.String()
	}
	return t.String()
}

// bad tells of a value; null makes it one. Where the SerDe is strict the record is malformed.
func (r *Reader) bad(n *node, at int, text []byte, problem string, null bool) outcome {
	if r.strict && null {
		r.i = at
		return r.fail("column " + n.path + ": " + problem)
	}
	if null {
		n.vec.AppendNull()
	}
	r.note(n, at, text, problem)
	return whole
}

// scalarText adds a value that is no object and no array, by its text: a string's characters, or a number or word as it stands at r.i.
func (r *Reader) scalarText(n *node, text []byte, quoted bool) outcome {
	switch {
	case n.kind.Text():
		format.AppendText(n.vec, text)
		return whole
	case n.kind == schema.Unknown:
		n.vec.AppendNull()
		return whole
	case n.kind == schema.Binary:
		return r.binary(n, text, quoted)
	case n.kind.Nested():
		return r.nestedText(n, text, quoted)
	case n.kind == schema.Boolean && r.options.SerDe != Spark:
		is := strings.EqualFold(string(text), "true")
		n.vec.AppendBool(is)
		if is || strings.EqualFold(string(text), "false") {
			return whole
		}
		return r.bad(n, r.i, text, "not true or false: read as false, as the SerDe does", false)
	case n.kind == schema.Timestamp:
		return r.timestamp(n, text, quoted)
	case n.kind == schema.Date:
		return r.date(n, text, quoted)
	}
	return r.numberText(n, text, quoted)
}

// numberText adds a number, or a truth value by Spark's rules.
func (r *Reader) numberText(n *node, text []byte, quoted bool) outcome {
	switch {
	case quoted && r.options.SerDe == Hive && n.kind != schema.Decimal, quoted && r.options.SerDe == Spark && n.kind.Integer(),
		n.kind == schema.Boolean:
		return r.bad(n, r.i, text, "a text, not "+word(n.typ), true)
	case n.kind.Integer():
		return r.integerText(n, text)
	case len(text) == 0 || text[0] <= ' ' || text[len(text)-1] <= ' ': // Java's parsers take no blanks around a number
		return r.bad(n, r.i, text, "not a number", true)
	case n.kind == schema.Decimal:
		d, fault := convert.Spark.Decimal(text, n.typ.Precision, n.typ.Scale)
		if fault != convert.None {
			return r.bad(n, r.i, text, format.Problem(n.typ, fault), true)
		}
		n.vec.AppendDecimal(d)
		return whole
	}
	width := 64
	if n.kind == schema.Float {
		width = 32
	}
	f, fault := convert.Spark.Float(text, width)
	if fault != convert.None || quoted && r.options.SerDe == Spark && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return r.bad(n, r.i, text, "not a number", true)
	}
	n.vec.AppendFloat(f)
	if last := text[len(text)-1]; math.IsInf(f, 0) && last-'0' <= 9 {
		return r.bad(n, r.i, text, "too large for "+word(n.typ)+": read as infinite, as Java does", false)
	}
	return whole
}

// integerText adds an integer. The OpenX SerDe takes hexadecimal and octal numbers in quotes, and cuts fractions off.
func (r *Reader) integerText(n *node, text []byte) outcome {
	x, fault := javaInteger(text)
	cutOff := false
	if fault == convert.Syntax && r.options.SerDe != Spark && len(text) > 0 && text[0] > ' ' && text[len(text)-1] > ' ' {
		var d convert.Int128
		if d, fault = convert.Spark.DecimalCut(text, 38, 0); fault == convert.None {
			if x = int64(d.Lo); d.Hi != x>>63 {
				fault = convert.Range
			}
			up, _ := convert.Spark.Decimal(text, 38, 10)
			cutOff = up != tenPlaces(d)
		}
	}
	if fault == convert.None && (x < n.least || x > n.most) {
		fault = convert.Range
	}
	if fault != convert.None {
		return r.bad(n, r.i, text, format.Problem(n.typ, fault), true)
	}
	n.vec.AppendInt(x)
	if cutOff {
		return r.bad(n, r.i, text, "the fraction is cut off, as the SerDe does", false)
	}
	return whole
}

// tenPlaces is a whole number as a decimal of scale 10; zero when it is too large for one.
func tenPlaces(d convert.Int128) convert.Int128 {
	x, _ := convert.Spark.Decimal(convert.AppendDecimal(nil, d, 0), 38, 10)
	return x
}

// javaInteger reads what Java's Long.parseLong takes in base 10, in base 16 after 0x and in base 8 after 0.
func javaInteger(text []byte) (int64, convert.Fault) {
	base, digits := uint64(10), text
	neg := len(text) > 0 && text[0] == '-'
	switch {
	case len(text) >= 3 && text[0] == '0' && text[1]|0x20 == 'x':
		base, digits = 16, text[2:]
	case len(text) >= 2 && text[0] == '0':
		base, digits = 8, text[1:]
	case neg || len(text) > 0 && text[0] == '+':
		digits = text[1:]
	}
	var x uint64
	for _, c := range digits {
		d := uint64(c - '0')
		if letter := c | 0x20; base == 16 && letter-'a' <= 5 {
			d = uint64(letter-'a') + 10
		} else if c-'0' > 9 {
			d = 99
		}
		if d >= base {
			return 0, convert.Syntax
		}
		if x > (1<<63)/base+1 {
			return 0, convert.Range
		}
		x = x*base + d
	}
	switch {
	case len(digits) == 0:
		return 0, convert.Syntax
	case neg && x == 1<<63:
		return math.MinInt64, convert.None
	case x >= 1<<63:
		return 0, convert.Range
	case neg:
		return -int64(x), convert.None
	}
	return int64(x), convert.None
}

// binary adds bytes: of Base64, or of the text itself by the Hive SerDe.
func (r *Reader) binary(n *node, text []byte, quoted bool) outcome {
	if r.options.SerDe == Hive {
		n.vec.AppendBytes(text)
		return whole
	}
	if !quoted {
		return r.bad(n, r.i, text, "not Base64 in quotes", true)
	}
	data, err := base64.StdEncoding.Strict().AppendDecode(r.scratch[:0], text)
	if err != nil {
		return r.bad(n, r.i, text, "not Base64", true)
	}
	r.scratch = data
	n.vec.AppendBytes(data)
	return whole
}

// nestedText is a scalar where an array, a map or a struct belongs.
func (r *Reader) nestedText(n *node, text []byte, quoted bool) outcome {
	if r.options.SerDe == OpenX {
		switch blank := quoted && len(strings.TrimSpace(string(text))) == 0; {
		case n.kind == schema.Array && quoted && len(text) == 0, n.kind == schema.Map && blank:
			n.vec.AppendNull()
			return whole
		case n.kind == schema.Array:
			if out := r.scalarText(n.parts[0], text, quoted); out != whole {
				return out
			}
			n.vec.AppendNested()
			return whole
		case blank: // a struct whose fields are null
			for _, p := range n.vec.Parts {
				p.AppendNull()
			}
			n.vec.AppendNested()
			return whole
		}
	}
	return r.bad(n, r.i, text, "a single value, not "+word(n.typ), true)
}
