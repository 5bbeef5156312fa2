package serde

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// textRows makes w write rows of delimited text as the table's SerDe reads them. A value that the SerDe could not give back is an error:
// a line end where nothing escapes it, a delimiter where nothing quotes it.
func (f *Form) textRows(w *lines, columns []schema.Field) error {
	for _, c := range columns {
		switch {
		case c.Type.Kind.Nested():
			return f.notWritten("column %s is %s, and nested values are written as Parquet, ORC or JSON", c.Name, c.Type)
		case c.Type.Kind == schema.Binary:
			return f.notWritten("column %s is binary, and bytes are written as Parquet, ORC or JSON", c.Name)
		}
	}
	t := &textWriter{text: &f.Text}
	w.row = t.row
	if !f.Text.Header {
		return nil
	}
	for i, c := range columns {
		if i > 0 {
			w.buf = append(w.buf, f.Text.Dialect.Delimiter)
		}
		var err error
		if w.buf, err = t.protect(w.buf, []byte(c.Name)); err != nil {
			return fmt.Errorf("the header: column %s: %w", c.Name, err)
		}
	}
	w.buf = append(w.buf, '\n')
	return nil
}

type textWriter struct {
	text  *Text
	value []byte
}

func (t *textWriter) row(dst []byte, b *column.Batch, i int) ([]byte, error) {
	begin := len(dst)
	for c, v := range b.Columns {
		if c > 0 {
			dst = append(dst, t.text.Dialect.Delimiter)
		}
		var err error
		if dst, err = t.field(dst, v, i); err != nil {
			return dst, fmt.Errorf("column %s: %w", b.Names[c], err)
		}
	}
	if len(dst) == begin { // an empty line is no row
		if t.text.Dialect.Quote == 0 {
			return dst, errors.New("the only column is empty, which makes an empty line; that is no row of delimited text")
		}
		dst = append(dst, t.text.Dialect.Quote, t.text.Dialect.Quote)
	}
	return append(dst, '\n'), nil
}

func (t *textWriter) field(dst []byte, v *column.Vector, i int) ([]byte, error) {
	k := v.Type.Kind
	switch {
	case v.Null[i] && len(t.text.Nulls) > 0:
		return append(dst, t.text.Nulls[0]...), nil
	case v.Null[i]: // the SerDe knows no NULL: an empty text
		return dst, nil
	case k.Text():
		return t.protect(dst, v.Text(i))
	}
	switch value := t.value[:0]; k {
	case schema.Boolean:
		t.value = strconv.AppendBool(value, v.Ints[i] != 0)
	case schema.Float:
		t.value = convert.Spark.AppendFloat(value, v.Floats[i], 32)
	case schema.Double:
		t.value = convert.Spark.AppendFloat(value, v.Floats[i], 64)
	case schema.Decimal:
		t.value = convert.AppendDecimal(value, v.Decimals[i], v.Type.Scale)
	case schema.Date:
		t.value = convert.AppendSparkTime(value, v.Ints[i]*86_400_000_000, true)
	case schema.Timestamp:
		t.value = convert.AppendSparkTime(value, v.Ints[i], false)
	default:
		t.value = strconv.AppendInt(value, v.Ints[i], 10)
	}
	return t.protect(dst, t.value)
}

var errLineEnd = errors.New("a value has a line end, which the table's SerDe takes for the end of the row; " +
	"take it out in the SQL, or write Parquet, ORC or JSON")

// protect writes a value that is not NULL.
func (t *textWriter) protect(dst, s []byte) ([]byte, error) {
	d := &t.text.Dialect
	special := func(c byte) bool {
		return c == d.Delimiter || c == '\n' || c == '\r' || c == d.Quote && d.Quote != 0 || c == d.Escape && d.Escape != 0
	}
	null := t.text.isNull(s)
	if !null && bytes.IndexFunc(s, func(r rune) bool { return r < 128 && special(byte(r)) }) < 0 {
		return append(dst, s...), nil
	}
	switch {
	case d.Quote != 0:
		return t.quoted(dst, s)
	case d.Escape == 0 && null:
		return dst, fmt.Errorf("the value %q stands for NULL in the table's files", s)
	case d.Escape == 0 && bytes.ContainsAny(s, "\r\n"):
		return dst, errLineEnd
	case d.Escape == 0:
		return dst, fmt.Errorf("the value %.64q has the delimiter %q in it, and the table's SerDe has no escape character", s, d.Delimiter)
	}
	for i, c := range s {
		switch {
		case c == '\n':
			dst = append(dst, d.Escape, 'n')
		case c == '\r':
			dst = append(dst, d.Escape, 'r')
		case special(c):
			dst = append(dst, d.Escape, c)
		case i == 0 && null && c != 'n' && c != 'r':
			dst = append(dst, d.Escape, c)
		case i == 0 && null:
			return dst, fmt.Errorf("the value %q stands for NULL in the table's files", s)
		default:
			dst = append(dst, c)
		}
	}
	return dst, nil
}

func (t *textWriter) quoted(dst, s []byte) ([]byte, error) {
	d := &t.text.Dialect
	if bytes.ContainsAny(s, "\r\n") {
		return dst, errLineEnd
	}
	dst = append(dst, d.Quote)
	for _, c := range s {
		switch {
		case d.Escape != 0 && (c == d.Quote || c == d.Escape):
			dst = append(dst, d.Escape)
		case c == d.Quote:
			dst = append(dst, c)
		}
		dst = append(dst, c)
	}
	return append(dst, d.Quote), nil
}
