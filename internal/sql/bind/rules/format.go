package rules

import (
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// piece is a part of a format: literal text, or a field in the notation of strftime, changed by an operation perhaps.
type piece struct {
	text  string // literal
	field string
	op    string // upper, lower, pad9, or a field without strftime letter: quarter, ...
}

// redshiftFields are the elements of TO_CHAR and TO_DATE, longest first.
var redshiftFields = []struct {
	word string
	p    piece
}{
	{"HH24", piece{field: "%H"}}, {"HH12", piece{field: "%I"}}, {"HH", piece{field: "%I"}}, {"MONTH", piece{field: "%B", op: "upper9"}},
	{"Month", piece{field: "%B", op: "pad9"}}, {"month", piece{field: "%B", op: "lower9"}}, {"MON", piece{field: "%b", op: "upper"}}, {"Mon", piece{field: "%b"}},
	{"mon", piece{field: "%b", op: "lower"}}, {"YYYY", piece{field: "%Y"}}, {"IYYY", piece{field: "%G"}}, {"YYY", piece{op: "year3"}}, {"YY", piece{field: "%y"}},
	{"SSSS", piece{op: "seconds_of_day"}}, {"SS", piece{field: "%S"}}, {"MI", piece{field: "%M"}}, {"MM", piece{field: "%m"}}, {"MS", piece{field: "%g"}}, {"US", piece{field: "%f"}},
	{"DDD", piece{field: "%j"}}, {"DD", piece{field: "%d"}}, {"DAY", piece{field: "%A", op: "upper9"}}, {"Day", piece{field: "%A", op: "pad9"}}, {"day", piece{field: "%A", op: "lower9"}},
	{"DY", piece{field: "%a", op: "upper"}}, {"Dy", piece{field: "%a"}}, {"dy", piece{field: "%a", op: "lower"}}, {"IW", piece{field: "%V"}}, {"ID", piece{op: "isodow"}}, {"WW", piece{op: "week_of_year"}},
	{"AM", piece{field: "%p"}}, {"PM", piece{field: "%p"}}, {"am", piece{field: "%p", op: "lower"}}, {"pm", piece{field: "%p", op: "lower"}}, {"A.M.", piece{op: "am_dots"}},
	{"P.M.", piece{op: "am_dots"}}, {"CC", piece{op: "century2"}}, {"Q", piece{op: "quarter"}}, {"D", piece{op: "dow1"}}, {"J", piece{op: "julian"}}, {"W", piece{op: "week_of_month"}},
	{"TZ", piece{text: "UTC"}}, {"OF", piece{text: "+00"}}, {"Y", piece{op: "year1"}},
}

// redshiftFormat reads a format of TO_CHAR. FM in front of an element takes its padding away.
func redshiftFormat(format string) []piece {
	var out []piece
	text := func(s string) {
		if n := len(out); n > 0 && out[n-1].text != "" {
			out[n-1].text += s
			return
		}
		out = append(out, piece{text: s})
	}
	fill := true
next:
	for len(format) > 0 {
		if strings.HasPrefix(format, "FM") || strings.HasPrefix(format, "fm") {
			fill, format = false, format[2:]
			continue
		}
		if format[0] == '"' {
			body, rest, _ := strings.Cut(format[1:], `"`)
			text(body)
			format = rest
			continue
		}
		for _, f := range redshiftFields {
			if matchField(format, f.word) {
				p := f.p
				if !fill {
					p.op = strings.Replace(strings.Replace(p.op, "9", "", 1), "pad", "", 1)
				}
				if p.text != "" {
					text(p.text)
				} else {
					out = append(out, p)
				}
				format = format[len(f.word):]
				continue next
			}
		}
		text(format[:1])
		format = format[1:]
	}
	return out
}

// matchField says whether an element stands here; case matters only where the element's words differ by case.
func matchField(format, word string) bool {
	if len(format) < len(word) {
		return false
	}
	switch strings.ToUpper(word) {
	case "MONTH", "MON", "DAY", "DY", "AM", "PM":
		return format[:len(word)] == word
	}
	return strings.EqualFold(format[:len(word)], word)
}

// sparkLetters are the pattern letters of Spark, by letter and count.
var sparkLetters = map[string]piece{
	"y": {field: "%-Y"}, "yyyy": {field: "%Y"}, "yy": {field: "%y"}, "M": {field: "%-m"}, "MM": {field: "%m"}, "MMM": {field: "%b"}, "MMMM": {field: "%B"},
	"L": {field: "%-m"}, "LL": {field: "%m"}, "LLL": {field: "%b"}, "LLLL": {field: "%B"}, "d": {field: "%-d"}, "dd": {field: "%d"}, "D": {field: "%-j"}, "DDD": {field: "%j"},
	"H": {field: "%-H"}, "HH": {field: "%H"}, "h": {field: "%-I"}, "hh": {field: "%I"}, "m": {field: "%-M"}, "mm": {field: "%M"}, "s": {field: "%-S"}, "ss": {field: "%S"},
	"S": {op: "deci"}, "SS": {op: "centi"}, "SSS": {field: "%g"}, "SSSSSS": {field: "%f"}, "a": {field: "%p"}, "E": {field: "%a"}, "EE": {field: "%a"}, "EEE": {field: "%a"}, "EEEE": {field: "%A"},
	"Q": {op: "quarter"}, "q": {op: "quarter"}, "X": {text: "Z"}, "XXX": {text: "Z"}, "Z": {text: "+0000"}, "z": {text: "UTC"}, "VV": {text: "UTC"},
}

// sparkFormat reads a datetime pattern; bad is the letters that are not supported.
func sparkFormat(format string) (out []piece, bad string) {
	for i := 0; i < len(format); {
		c := format[i]
		switch {
		case c == '\'':
			end := strings.IndexByte(format[i+1:], '\'')
			switch {
			case end < 0:
				return nil, "'"
			case end == 0:
				out = append(out, piece{text: "'"})
			default:
				out = append(out, piece{text: format[i+1 : i+1+end]})
			}
			i += end + 2
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := 1
			for i+n < len(format) && format[i+n] == c {
				n++
			}
			p, ok := sparkLetters[format[i:i+n]]
			if !ok {
				return nil, format[i : i+n]
			}
			out = append(out, p)
			i += n
		default:
			out = append(out, piece{text: string(c)})
			i++
		}
	}
	return out, ""
}

// strf writes pieces as one strftime or strptime format; false when a piece has no letter there.
func strf(pieces []piece, parsing bool) (string, bool) {
	var out strings.Builder
	for _, p := range pieces {
		switch {
		case p.text != "":
			out.WriteString(strings.ReplaceAll(p.text, "%", "%%"))
		case p.field != "" && (p.op == "" || parsing):
			f := p.field
			if parsing {
				f = strings.Replace(f, "%-", "%", 1)
			}
			out.WriteString(f)
		default:
			return "", false
		}
	}
	return out.String(), true
}

// formatExpr writes a value by pieces.
func (b *Rules) formatExpr(x typed.Expr, pieces []piece) typed.Expr {
	t := b.Text()
	if one, ok := strf(pieces, false); ok {
		return Call("date_format", t, x, Lit(t, one))
	}
	var parts []typed.Expr
	for _, p := range pieces {
		switch {
		case p.text != "":
			parts = append(parts, Lit(t, p.text))
			continue
		case p.field == "":
			parts = append(parts, Call("format_"+p.op, t, x))
			continue
		}
		y := typed.Expr(Call("date_format", t, x, Lit(t, p.field)))
		switch {
		case strings.HasPrefix(p.op, "upper"):
			y = Call("upper", t, y)
		case strings.HasPrefix(p.op, "lower"):
			y = Call("lower", t, y)
		}
		if strings.HasSuffix(p.op, "9") {
			y = Call("rpad", t, y, Lit(Int, "9"), Lit(t, " "))
		}
		parts = append(parts, y)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return Call("concat", t, parts...)
}

func toChar(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 2, 2)
	if a == nil {
		return Null(b.Text())
	}
	format, ok := b.constant(a[1], f, 1)
	if !ok {
		return Null(b.Text())
	}
	if a[0].Type().IsNumeric() {
		return b.numberFormat(a[0], format, f)
	}
	x := b.Instant(a[0], f.At)
	if !x.Type().IsClock() {
		x = b.Coerce(x, tStamp, Implicit, f.At)
	}
	return b.formatExpr(x, redshiftFormat(format))
}

// numberFormat writes a number by a picture of 9, 0, ",", ".", "D", "G", "S", "$", "L", "FM", "MI", "PR".
func (b *Rules) numberFormat(x typed.Expr, format string, f *syntax.Func) typed.Expr {
	up := strings.ToUpper(format)
	if strings.Trim(up, "90.,DGSLFM$IPR ") != "" {
		return b.FailAs(syntax.Unsupported, f.Args[1].Position(), "number format %q is not supported", format)
	}
	x = b.Coerce(x, typed.Dec(38, 10), Implicit, f.At)
	return Call("number_format", b.Text(), x, Lit(b.Text(), up))
}

func toNumber(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 2, 2)
	if a == nil {
		return Null(Double)
	}
	format, ok := b.constant(a[1], f, 1)
	if !ok {
		return Null(Double)
	}
	up := strings.ToUpper(strings.ReplaceAll(strings.ToUpper(format), "FM", ""))
	if strings.Trim(up, "90.,DGSL$MI ") != "" {
		return b.FailAs(syntax.Unsupported, f.Args[1].Position(), "number format %q is not supported", format)
	}
	_, frac, _ := strings.Cut(strings.ReplaceAll(up, "D", "."), ".")
	scale := strings.Count(frac, "9") + strings.Count(frac, "0")
	return Call("to_number", typed.Dec(38, scale), b.Coerce(a[0], b.Text(), Implicit, f.At))
}

// dateReader is how a dialect reads text by a format: the format's language, and what a text that does not fit gives.
type dateReader struct {
	pieces func(format string) (out []piece, bad string)
	op     string
	zoned  bool // TO_TIMESTAMP gives a timestamptz
}

var (
	redshiftDates = dateReader{op: "parse_timestamp", zoned: true, pieces: func(format string) ([]piece, string) {
		return redshiftFormat(strings.ReplaceAll(format, "T", `"T"`)), ""
	}}
	sparkDates = dateReader{op: "try_parse_timestamp", pieces: sparkFormat}
)

// parseFormat turns a constant format into one of strptime.
func (b *Rules) parseFormat(r dateReader, x typed.Expr, f *syntax.Func, i int) (string, bool) {
	format, ok := b.constant(x, f, i)
	if !ok {
		return "", false
	}
	pieces, bad := r.pieces(format)
	if bad != "" {
		b.FailAs(syntax.Unsupported, f.Args[i].Position(), "pattern %q of a date format is not supported", bad)
		return "", false
	}
	out, ok := strf(pieces, true)
	if !ok {
		b.FailAs(syntax.Unsupported, f.Args[i].Position(), "format %q is not supported for reading", format)
	}
	return out, ok
}

func toDate(r dateReader) SpecialFunc {
	return func(b *Rules, f *syntax.Func, arg Arg) typed.Expr { return b.toDate(r, f, arg) }
}

func (b *Rules) toDate(r dateReader, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 1, 3)
	if a == nil {
		return Null(tDate)
	}
	if len(a) == 1 {
		return b.Coerce(a[0], tDate, explicit, f.At)
	}
	format, ok := b.parseFormat(r, a[1], f, 1)
	if !ok {
		return Null(tDate)
	}
	return &typed.Cast{Ty: typed.Ty{T: tDate}, X: Call(r.op, tStamp, b.Coerce(a[0], b.Text(), Implicit, f.At), Lit(b.Text(), format))}
}

func toTimestamp(r dateReader) SpecialFunc {
	return func(b *Rules, f *syntax.Func, arg Arg) typed.Expr { return b.toTimestamp(r, f, arg) }
}

func (b *Rules) toTimestamp(r dateReader, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 1, 2)
	if a == nil {
		return Null(tStamp)
	}
	if len(a) == 1 {
		return b.Coerce(a[0], tStamp, explicit, f.At)
	}
	format, ok := b.parseFormat(r, a[1], f, 1)
	if !ok {
		return Null(tStamp)
	}
	x := Call(r.op, tStamp, b.Coerce(a[0], b.Text(), Implicit, f.At), Lit(b.Text(), format))
	if r.zoned {
		return &typed.Cast{Ty: typed.Ty{T: typed.T(typed.Timestamptz)}, X: x}
	}
	return x
}

func dateFormat(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 2, 2)
	if a == nil {
		return Null(b.Text())
	}
	format, ok := b.constant(a[1], f, 1)
	if !ok {
		return Null(b.Text())
	}
	pieces, bad := sparkFormat(format)
	if bad != "" {
		return b.FailAs(syntax.Unsupported, f.Args[1].Position(), "pattern %q of a date format is not supported", bad)
	}
	return b.formatExpr(b.Coerce(a[0], tStamp, Implicit, f.At), pieces)
}

func unixTimestamp(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 0, 2)
	switch {
	case a == nil && b.Err != nil:
		return Null(Bigint)
	case len(a) == 0:
		return Call("unix_seconds", Bigint, Call("now_utc", tStamp))
	case a[0].Type().IsText() && len(a) == 2:
		return Call("unix_seconds", Bigint, b.toTimestamp(sparkDates, f, arg))
	}
	return Call("unix_seconds", Bigint, b.Coerce(a[0], tStamp, Implicit, f.At))
}

func fromUnixtime(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 1, 2)
	if a == nil {
		return Null(b.Text())
	}
	format := "yyyy-MM-dd HH:mm:ss"
	if len(a) == 2 {
		format, _ = b.constant(a[1], f, 1)
	}
	pieces, bad := sparkFormat(format)
	if bad != "" {
		return b.FailAs(syntax.Unsupported, f.At, "pattern %q of a date format is not supported", bad)
	}
	return b.formatExpr(Call("timestamp_seconds", tStamp, b.Coerce(a[0], Double, Implicit, f.At)), pieces)
}
