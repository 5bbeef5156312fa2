package functions

import (
	"fmt"
	"strconv"

	"penstock/internal/convert"
	"penstock/internal/convert/jsontext"
	"penstock/internal/engine"
)

var super = engine.Type{ID: engine.Varchar, Name: engine.JSON}

func badJSON(what string, s []byte) error {
	return &convert.Error{Code: convert.CodeArgument, Msg: fmt.Sprintf("invalid JSON%s: %.200s", what, s)}
}

// superFn is texts with a SUPER for its result.
func superFn(name string, params []engine.Type, f func(r *row, dst []byte) ([]byte, error)) *engine.Function {
	out := texts(name, engine.Varchar, params, f)
	out.Result = super
	return out
}

func flagFn(name string, params []engine.Type, f func(r *row) bool) *engine.Function {
	return &engine.Function{Name: name, Params: params, Result: typ(engine.Boolean),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			r := &row{in: in}
			return eachRow(in, out, rows, func(i int) error {
				r.i = i
				out.SetBool(i, f(r))
				return nil
			})
		}}
}

// jsonFunctions are the functions of Redshift on JSON in text and on SUPER. Numbers keep every digit that they are written with.
func jsonFunctions() []*engine.Function {
	v := engine.Varchar
	path := texts("ps_rs_json_path_text", v, textText, jsonPathText)
	path.Rest = true
	return append([]*engine.Function{
		path, jsonArrayLength(),
		superFn("ps_rs_json_parse", text1, func(a *row, dst []byte) ([]byte, error) {
			if !jsontext.Valid(a.text(0)) {
				return nil, badJSON("", a.text(0))
			}
			return jsontext.AppendCompact(dst, a.text(0)), nil
		}),
		texts("ps_rs_json_array_element", v, types(v, engine.BigInt, engine.Boolean), func(a *row, dst []byte) ([]byte, error) {
			s := a.text(0)
			if !isArray(s) {
				if a.flag(2) {
					return nil, nil
				}
				return nil, badJSON(" array object", s)
			}
			out, _ := jsontext.AppendText(dst, jsontext.Element(s, a.num(1)))
			return some(out), nil
		}),
		flagFn("ps_rs_is_valid_json", text1, func(a *row) bool { return jsontext.Valid(a.text(0)) }),
		flagFn("ps_rs_is_valid_json_array", text1, func(a *row) bool { return isArray(a.text(0)) }),
	}, superFunctions()...)
}

func isArray(s []byte) bool { return jsontext.Is(s, '[') && jsontext.Valid(s) }

// jsonPathText takes "true" for null_if_invalid, the text, and the keys; among them a number is the place of an array's element.
func jsonPathText(a *row, dst []byte) ([]byte, error) {
	s := a.text(1)
	if !jsontext.Valid(s) {
		if a.text(0)[0] == 't' {
			return nil, nil
		}
		return nil, badJSON(" object", s)
	}
	for k := 2; k < len(a.in); k++ {
		key := string(a.text(k))
		if n, err := strconv.ParseInt(key, 10, 64); err == nil && jsontext.Is(s, '[') {
			s = jsontext.Element(s, n)
		} else {
			s = jsontext.Field(s, key)
		}
		if s == nil {
			return nil, nil
		}
	}
	out, ok := jsontext.AppendText(dst, s)
	if !ok {
		return nil, nil
	}
	return some(out), nil
}

func jsonArrayLength() *engine.Function {
	return &engine.Function{Name: "ps_rs_json_array_length", Params: types(engine.Varchar, engine.Boolean), Result: typ(engine.Integer),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			return eachRow(in, out, rows, func(i int) error {
				s := in[0].Bytes(i)
				switch {
				case isArray(s):
					out.SetInt64(i, int64(jsontext.Elements(s, func([]byte) {})))
				case in[1].Bool(i):
					out.SetNull(i)
				default:
					return badJSON(" array object", s)
				}
				return nil
			})
		}}
}

// superFunctions work on values that are known to be valid.
func superFunctions() []*engine.Function {
	v, two := engine.Varchar, types(engine.Varchar, engine.Varchar)
	return []*engine.Function{
		superParts("ps_rs_super_array", '[', 0, ']'), superParts("ps_rs_super_object", '{', 1, '}'), superElements(),
		superFn("ps_rs_super_field", two, func(a *row, dst []byte) ([]byte, error) {
			return part(dst, jsontext.Field(a.text(0), string(a.text(1)))), nil
		}),
		superFn("ps_rs_super_element", types(v, engine.BigInt), func(a *row, dst []byte) ([]byte, error) {
			return part(dst, jsontext.Element(a.text(0), a.num(1))), nil
		}),
		texts("ps_rs_super_text", v, text1, func(a *row, dst []byte) ([]byte, error) {
			out, ok := jsontext.AppendText(dst, a.text(0))
			if !ok {
				return nil, nil
			}
			return some(out), nil
		}),
		superFn("ps_rs_array_concat", two, func(a *row, dst []byte) ([]byte, error) {
			return whole(convert.BoundedBinary(jsontext.AppendSome(dst, 0, -1, a.text(0), a.text(1))))
		}),
		superFn("ps_rs_bounded_super", text1, func(a *row, _ []byte) ([]byte, error) { return whole(convert.BoundedBinary(a.text(0))) }),
		texts("ps_rs_bounded_bytes", engine.Blob, types(engine.Blob),
			func(a *row, _ []byte) ([]byte, error) { return whole(convert.BoundedBinary(a.text(0))) }),
		superFn("ps_rs_subarray", types(v, engine.BigInt, engine.BigInt), func(a *row, dst []byte) ([]byte, error) {
			return jsontext.AppendSome(dst, a.num(1), max(a.num(2), 0), a.text(0)), nil
		}),
		superFn("ps_rs_array_flatten", text1, func(a *row, dst []byte) ([]byte, error) { return jsontext.AppendFlat(dst, a.text(0)), nil }),
	}
}

// part copies what was found of an argument, nil for nothing.
func part(dst, found []byte) []byte {
	if found == nil {
		return nil
	}
	return append(dst, found...)
}

// superParts makes an array or an object of its arguments, which may be NULL.
func superParts(name string, open byte, named int, last byte) *engine.Function {
	return &engine.Function{Name: name, Params: text1, Rest: true, Result: super, Nulls: true,
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			r := &row{in: in}
			var buf []byte
			for i := range rows {
				r.i = i
				buf = r.join(buf[:0], open, named, last)
				if _, err := convert.BoundedBinary(buf); err != nil {
					return err
				}
				out.SetText(i, buf)
			}
			return nil
		}}
}

// join writes the arguments, values in JSON, between brackets; with named every other one is the name of the next.
func (r *row) join(dst []byte, open byte, named int, last byte) []byte {
	dst = append(dst, open)
	for a := range r.in {
		if a > 0 {
			dst = append(dst, ",:"[named*(a%2)])
		}
		if r.in[a].IsNull(r.i) {
			dst = append(dst, "null"...)
			continue
		}
		dst = append(dst, r.text(a)...)
	}
	return append(dst, last)
}

// superElements gives the elements of an array, none for another value.
func superElements() *engine.Function {
	return &engine.Function{Name: "ps_rs_super_elements", Params: text1, Result: engine.Type{ID: engine.List, Elem: &super}, Nulls: true,
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			total := 0
			var parts [][]byte
			for i := range rows {
				from := total
				if !in[0].IsNull(i) {
					total += jsontext.Elements(in[0].Bytes(i), func(v []byte) { parts = append(parts, v) })
				}
				out.SetList(i, from, total-from)
			}
			list := out.List(total)
			for i, p := range parts {
				list.SetText(i, p)
			}
			return nil
		}}
}
