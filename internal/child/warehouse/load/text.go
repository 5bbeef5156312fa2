package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"unicode"
	"unicode/utf8"

	"penstock/internal/compression"
	"penstock/internal/delimited"
	"penstock/internal/engine"
	"penstock/internal/sql/typed"
)

// textLoad loads delimited files through one appender.
type textLoad struct {
	r       Request
	tg      *target
	o       *options
	a       *engine.Appender
	setters []setter
	omitted []int // appender columns that get NULL
	file    file
}

func loadText(ctx context.Context, r Request, tg *target, o *options, all []file) (*Result, error) {
	l := &textLoad{r: r, tg: tg, o: o}
	for _, c := range tg.columns {
		s, err := setterFor(c.Type, o)
		if err != nil {
			return nil, err
		}
		l.setters = append(l.setters, s)
	}
	if err := l.omit(); err != nil {
		return nil, err
	}
	var err error
	if l.a, err = r.Conn.Appender(ctx, tg.schema, tg.table); err != nil {
		return nil, err
	}
	res := &Result{}
	for _, f := range all {
		l.file = f
		n := int64(0)
		if f.Size > 0 { // an object without bytes loads nothing, in whatever format
			n, err = l.load(ctx)
		}
		if err != nil {
			l.a.Abandon()
			return nil, err
		}
		res.Rows += n
		res.Files = append(res.Files, File{Name: f.url, Rows: n, Bytes: f.Size})
	}
	return res, l.a.Close()
}

// omit finds the columns that no field fills; without a default they are NULL.
func (l *textLoad) omit() error {
	used := make([]bool, l.tg.width)
	for _, p := range l.tg.place {
		used[p] = true
	}
	for i, u := range used {
		if u {
			continue
		}
		if c := l.r.Table.Columns[i]; c.NotNull {
			return &OptionError{fmt.Sprintf("Cannot insert a NULL value into column %s", c.Name), "23502"}
		}
		l.omitted = append(l.omitted, i)
	}
	return nil
}

// load reads one file to its verified end.
func (l *textLoad) load(ctx context.Context) (rows int64, err error) {
	f, err := os.Open(l.file.Path)
	if err != nil {
		return 0, fmt.Errorf("open %s: %w", l.file.url, err)
	}
	defer f.Close()
	src, err := l.open(f)
	if err != nil {
		return 0, l.broken(1, err)
	}
	rd, err := delimited.NewReader(src, l.o.dialect)
	if err != nil {
		return 0, wrong("%v", err)
	}
	for n := 0; ; n++ {
		if n%engine.ChunkRows == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		rec, err := rd.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return 0, l.unreadable(err)
		}
		if n < l.o.ignoreHeader || l.o.ignoreBlank && rec.Blank() {
			continue
		}
		if err := l.row(rec); err != nil {
			return 0, err
		}
		rows++
	}
}

// errNotSaid is a file that is compressed though the command does not say so; its bytes are nothing to show.
var errNotSaid = errors.New("the file is compressed with gzip, and COPY was not given the option GZIP")

// open undoes the compression that the options name.
func (l *textLoad) open(f io.Reader) (io.Reader, error) {
	if l.o.gzip {
		return compression.NewReader(f, compression.Gzip, compression.Limits{})
	}
	b := bufio.NewReader(f)
	head, err := b.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(head) == 3 && compression.Of(head, "") == compression.Gzip && head[2] == 8 { // 8 is the only method that gzip has
		return nil, errNotSaid
	}
	return b, nil
}

// row converts one record. A delimiter that ends the record is no field.
func (l *textLoad) row(rec *delimited.Record) error {
	if n := len(l.setters); len(rec.Fields) == n+1 && len(rec.Fields[n]) == 0 && !rec.Quoted[n] {
		rec.Fields, rec.Quoted = rec.Fields[:n], rec.Quoted[:n]
	}
	if len(rec.Fields) != len(l.setters) {
		return l.wrongCount(rec)
	}
	row := l.a.Row()
	for i, b := range rec.Fields {
		w := l.a.Column(l.tg.place[i])
		if l.isNull(i, b, rec) {
			if l.tg.columns[i].NotNull {
				return l.reject(rec, i, invalid(codeNotNull, 0, "Missing data for not-null field"))
			}
			w.SetNull(row)
			continue
		}
		if err := l.setters[i](w, row, b); err != nil {
			return l.reject(rec, i, err)
		}
	}
	for _, i := range l.omitted {
		l.a.Column(i).SetNull(row)
	}
	return l.a.Next()
}

// isNull applies NULL AS, EMPTYASNULL and BLANKSASNULL; a number, date or boolean of nothing but blanks is always NULL. NULL AS speaks
// of the text as the file has it, before escapes, and of quoted text only when it is the empty one.
func (l *textLoad) isNull(i int, b []byte, rec *delimited.Record) bool {
	if string(rec.Raw(i)) == l.o.null && (!rec.Quoted[i] || l.o.null == "") {
		return true
	}
	t := l.tg.columns[i].Type
	if !t.IsText() {
		return len(bytes.TrimSpace(b)) == 0
	}
	return l.o.emptyAsNull && len(b) == 0 || l.o.blanksAsNull && len(b) > 0 && len(bytes.TrimSpace(b)) == 0
}

// wrongCount is a record with too many or too few fields.
func (l *textLoad) wrongCount(rec *delimited.Record) error {
	if len(rec.Fields) > len(l.setters) {
		return l.reject(rec, len(l.setters)-1, invalid(codeExtraColumns, 0, "Extra column(s) found"))
	}
	return l.reject(rec, min(len(rec.Fields), len(l.setters)-1), invalid(codeDelimiter, 0, "Delimiter not found"))
}

// reject makes the row of stl_load_errors.
func (l *textLoad) reject(rec *delimited.Record, field int, v *valueError) error {
	c := l.tg.columns[field]
	e := &RowError{File: l.file.url, Line: rec.Line, Column: c.Name, Type: baseName(c.Type), Length: lengthOf(c.Type), Position: v.pos,
		Code: v.code, Reason: v.reason, StartTime: l.r.Now}
	if field < len(rec.Fields) {
		e.RawField = clipTo(rec.Fields[field], 1024)
	}
	e.RawLine = clipTo(bytes.Join(rec.Fields, []byte{l.o.dialect.Delimiter}), 1024)
	return e
}

// unreadable is a file that breaks its format.
func (l *textLoad) unreadable(err error) error {
	var se *delimited.SyntaxError
	var re *delimited.ReadError
	switch {
	case errors.As(err, &se):
		e := &RowError{File: l.file.url, Line: se.Line, Code: codeBadLine,
			Reason: "Invalid quote formatting for CSV: " + se.Msg, StartTime: l.r.Now}
		if i := se.Field - 1; i >= 0 && i < len(l.tg.columns) {
			e.Column, e.Type, e.Length = l.tg.columns[i].Name, baseName(l.tg.columns[i].Type), lengthOf(l.tg.columns[i].Type)
		}
		return e
	case errors.As(err, &re):
		return l.broken(re.Line, re.Err)
	}
	return l.broken(0, err)
}

func (l *textLoad) broken(line int64, err error) error {
	return &RowError{File: l.file.url, Line: line, Code: codeUnknown, Reason: err.Error(), StartTime: l.r.Now}
}

// baseName is the type without its length.
func baseName(t typed.Type) string {
	switch t.Kind {
	case typed.Int:
		return "int4"
	case typed.Bigint:
		return "int8"
	case typed.Smallint:
		return "int2"
	case typed.Decimal:
		return "numeric"
	case typed.Real:
		return "float4"
	case typed.Double:
		return "float8"
	case typed.Bool:
		return "bool"
	}
	return typed.T(t.Kind).String()
}

// lengthOf is stl_load_errors.col_length: of character types their length, of numeric precision and scale.
func lengthOf(t typed.Type) string {
	switch {
	case t.Kind == typed.Decimal:
		return fmt.Sprintf("%d, %d", t.Precision, t.Scale)
	case t.Len > 0:
		return strconv.Itoa(t.Len)
	}
	return ""
}

// clipTo makes text of a file fit to be shown: at most n bytes, and nothing that is no printable character.
func clipTo(b []byte, n int) string {
	var out []byte
	for len(b) > 0 && len(out) < n {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size <= 1:
			out = append(out, '?')
		case r != '\t' && unicode.IsControl(r):
			out = fmt.Appendf(out, `\x%02x`, r)
		default:
			out = append(out, b[:size]...)
		}
		b = b[size:]
	}
	for len(out) > n || !utf8.Valid(out) {
		out = out[:len(out)-1]
	}
	return string(out)
}
