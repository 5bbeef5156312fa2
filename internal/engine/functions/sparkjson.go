package functions

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/convert/jsontext"
	"penstock/internal/engine"
	"penstock/internal/format/jsonrows"
	"penstock/internal/schema"
)

// sparkJSON are Spark's functions on JSON in text, and SPLIT.
func sparkJSON() []*engine.Function {
	v := engine.Varchar
	tuple := texts("ps_sp_json_tuple", v, textText, func(a *row, dst []byte) ([]byte, error) {
		s := jsontext.First(a.text(0))
		if s == nil {
			return nil, nil
		}
		f := jsontext.Field(s, string(a.text(1)))
		if f == nil || f[0] == 'n' {
			return nil, nil
		}
		out, _ := jsontext.AppendPath(dst, f, nil)
		return some(out), nil
	})
	return []*engine.Function{tuple, jsonObject(), jsonKeys(), split(), fromJSON(),
		{Name: "ps_sp_json_array_length", Params: text1, Result: typ(engine.Integer),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					if s := jsontext.First(in[0].Bytes(i)); s != nil && s[0] == '[' {
						out.SetInt64(i, int64(jsontext.Elements(s, func([]byte) {})))
					} else {
						out.SetNull(i)
					}
					return nil
				})
			}},
	}
}

// jsonObject is GET_JSON_OBJECT(text, path).
func jsonObject() *engine.Function {
	return &engine.Function{Name: "ps_sp_get_json_object", Params: textText, Result: typ(engine.Varchar),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			compile := keep(func(text string) (jsontext.Path, error) {
				p, ok := jsontext.ParsePath(text)
				if !ok {
					return nil, errors.New("no path")
				}
				return p, nil
			})
			var buf []byte
			return eachRow(in, out, rows, func(i int) error {
				p, err := compile(in[1].Bytes(i))
				found := false
				if err == nil {
					buf, found = jsontext.AppendPath(buf[:0], in[0].Bytes(i), p)
				}
				if found {
					out.SetText(i, buf)
				} else {
					out.SetNull(i)
				}
				return nil
			})
		}}
}

// lists makes a function that gives an array of text. begin is called for each chunk; what it gives puts a row's, false stands for NULL.
func lists(name string, params []engine.Type, begin func() func(r *row, put func([]byte)) (bool, error)) *engine.Function {
	elem := typ(engine.Varchar)
	return &engine.Function{Name: name, Params: params, Result: engine.Type{ID: engine.List, Elem: &elem},
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			var parts [][]byte
			r, f := &row{in: in}, begin()
			err := eachRow(in, out, rows, func(i int) error {
				from := len(parts)
				r.i = i
				ok, err := f(r, func(p []byte) { parts = append(parts, p) })
				if !ok {
					parts = parts[:from]
					out.SetNull(i)
				} else {
					out.SetList(i, from, len(parts)-from)
				}
				return err
			})
			if err != nil {
				return err
			}
			list := out.List(len(parts))
			for i, p := range parts {
				list.SetText(i, p)
			}
			return nil
		}}
}

func jsonKeys() *engine.Function {
	return lists("ps_sp_json_object_keys", text1, func() func(*row, func([]byte)) (bool, error) {
		return func(r *row, put func([]byte)) (bool, error) {
			s := jsontext.First(r.text(0))
			if s == nil || s[0] != '{' {
				return false, nil
			}
			jsontext.Keys(s, func(k []byte) { put(jsontext.AppendUnquoted(nil, k)) })
			return true, nil
		}
	})
}

// split is SPLIT(text, pattern, limit).
func split() *engine.Function {
	return lists("ps_sp_split", types(engine.Varchar, engine.Varchar, engine.BigInt), func() func(*row, func([]byte)) (bool, error) {
		compile := keep(func(p string) (*convert.Regex, error) { return convert.CompileRegex(p, false, false, true) })
		return func(a *row, put func([]byte)) (bool, error) {
			if len(a.text(1)) == 0 {
				convert.SplitChars(a.text(0), a.num(2), put)
				return true, nil
			}
			re, err := compile(a.text(1))
			if err != nil {
				return false, err
			}
			return true, re.Split(a.text(0), a.num(2), put)
		}
	})
}

// fromJSON is FROM_JSON(text, type): the value as JSON in which each part is what Spark makes of it, for the engine to convert. The type
// is that of the first row; it is a constant.
func fromJSON() *engine.Function {
	return &engine.Function{Name: "ps_sp_from_json", Params: textText, Result: typ(engine.Varchar), Nulls: true,
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			if rows == 0 {
				return nil
			}
			t, err := schema.Parse(string(in[1].Bytes(0)))
			if err != nil {
				return err
			}
			var lines []byte
			var at []int
			for i := range rows {
				if in[0].IsNull(i) || len(bytes.TrimSpace(in[0].Bytes(i))) == 0 {
					out.SetNull(i)
					continue
				}
				lines = appendLine(lines, in[0].Bytes(i), t)
				at = append(at, i)
			}
			return readLines(lines, t, at, out)
		}}
}

// appendLine writes a text as a record of its own line: an object for a struct, otherwise one with the value as v. A text that is no JSON
// stays what it is.
func appendLine(dst, text []byte, t schema.Type) []byte {
	text = bytes.TrimSpace(text)
	lines := bytes.ContainsAny(text, "\n\r")
	if lines || t.Kind != schema.Struct || rewrites(t) {
		if v := jsontext.First(text); v != nil {
			if text = jsontext.AppendCompact(nil, v); rewrites(t) {
				text = jsontext.AppendJackson(nil, text)
			}
		} else if lines || t.Kind != schema.Struct {
			text = []byte("?")
		}
	}
	switch {
	case t.Kind == schema.Struct:
		return append(append(dst, text...), '\n')
	case t.Kind == schema.Array && t.Elem.Kind == schema.Struct && text[0] == '{':
		return append(append(append(dst, `{"v":[`...), text...), "]}\n"...)
	}
	return append(append(append(dst, `{"v":`...), text...), "}\n"...)
}

// rewrites reports whether numbers may be written as doubles before they are read: where a number becomes text Spark has it so. A decimal
// needs the digits that stand there.
func rewrites(t schema.Type) bool { return holds(t, schema.String) && !holds(t, schema.Decimal) }

func holds(t schema.Type, k schema.Kind) bool {
	if t.Kind == k || t.Elem != nil && holds(*t.Elem, k) {
		return true
	}
	for _, f := range t.Fields {
		if holds(f.Type, k) {
			return true
		}
	}
	return false
}

// readLines reads the records and writes each into its row.
func readLines(lines []byte, t schema.Type, at []int, out *engine.ColumnWriter) error {
	columns := []schema.Field{{Name: "v", Type: t}}
	if t.Kind == schema.Struct {
		columns = t.Fields
	}
	faults := map[int64][]string{}
	r, err := jsonrows.NewReader(bytes.NewReader(lines), columns, jsonrows.Options{SerDe: jsonrows.Spark, Malformed: jsonrows.NullRow,
		Exact: true, Bad: func(f column.Finding) error {
			if strings.Contains(f.Problem, "stands twice") {
				return nil
			}
			faults[f.Row] = append(faults[f.Row], f.Column)
			return nil
		}})
	if err != nil {
		return err
	}
	b := column.NewBatch(columns)
	for err == nil {
		err = r.Next(b)
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	if b.Rows() != len(at) {
		return fmt.Errorf("FROM_JSON read %d records of %d texts", b.Rows(), len(at))
	}
	var buf []byte
	for n, i := range at {
		for _, path := range faults[int64(n+1)] {
			dropList(b, n, strings.Split(path, "."))
		}
		switch v := b.Columns[0]; {
		case t.Kind == schema.Struct:
			buf = appendFields(append(buf[:0], '{'), t.Fields, b.Columns, n)
		case v.Null[n]:
			out.SetNull(i)
			continue
		default:
			buf = appendJSON(buf[:0], v, n)
		}
		out.SetText(i, buf)
	}
	return nil
}

// dropList makes the array or map at a path NULL: a bad element takes the whole with it. One that is an element itself keeps its others.
func dropList(b *column.Batch, row int, path []string) {
	names, parts := b.Names, b.Columns
	for depth, name := range path {
		i := slices.Index(names, name)
		if i < 0 {
			return
		}
		v := parts[i]
		if depth == len(path)-1 {
			if k := v.Type.Kind; k == schema.Array || k == schema.Map {
				v.Null[row] = true
			}
			return
		}
		if v.Type.Kind != schema.Struct {
			return
		}
		names = names[:0:0]
		for _, f := range v.Type.Fields {
			names = append(names, f.Name)
		}
		parts = v.Parts
	}
}

// appendJSON writes a value for the engine to read back: numbers with a fraction in quotes, of which it loses no digit.
func appendJSON(dst []byte, v *column.Vector, i int) []byte {
	if v.Null[i] {
		return append(dst, "null"...)
	}
	switch k := v.Type.Kind; {
	case k == schema.Struct:
		return appendFields(append(dst, '{'), v.Type.Fields, v.Parts, i)
	case k == schema.Array || k == schema.Map:
		open, last := "[{"[k-schema.Array], "]}"[k-schema.Array]
		dst = append(dst, open)
		from, to := v.Range(i)
		for n := from; n < to; n++ {
			if n > from {
				dst = append(dst, ',')
			}
			if k == schema.Map {
				dst = append(appendJSON(dst, v.Parts[0], n), ':')
			}
			dst = appendJSON(dst, v.Parts[len(v.Parts)-1], n)
		}
		return append(dst, last)
	case k.Text():
		return jsontext.AppendQuoted(dst, v.Text(i))
	case k == schema.Boolean:
		return strconv.AppendBool(dst, v.Ints[i] != 0)
	case k == schema.Float || k == schema.Double:
		return append(convert.Spark.AppendFloat(append(dst, '"'), v.Floats[i], 64), '"')
	case k == schema.Decimal:
		return append(convert.AppendDecimal(append(dst, '"'), v.Decimals[i], v.Type.Scale), '"')
	case k == schema.Date:
		return append(convert.AppendDate(append(dst, '"'), int(v.Ints[i])), '"')
	case k == schema.Timestamp:
		return append(convert.AppendTimestamp(append(dst, '"'), v.Ints[i]), '"')
	}
	return strconv.AppendInt(dst, v.Ints[i], 10)
}

// appendFields writes the members of an object and its end.
func appendFields(dst []byte, fields []schema.Field, parts []*column.Vector, i int) []byte {
	for n, f := range fields {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendQuoted(dst, []byte(f.Name)), ':')
		dst = appendJSON(dst, parts[n], i)
	}
	return append(dst, '}')
}
