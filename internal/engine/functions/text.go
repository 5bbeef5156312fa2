package functions

import (
	"penstock/internal/convert"
	"penstock/internal/engine"
)

// A row is the arguments of one call.
type row struct {
	in []engine.Vector
	i  int
}

func (r *row) text(arg int) []byte { return r.in[arg].Bytes(r.i) }
func (r *row) num(arg int) int64   { return r.in[arg].Int64(r.i) }
func (r *row) flag(arg int) bool   { return r.in[arg].Bool(r.i) }

// texts makes a function that gives text, or bytes; dst is a buffer to write into, nil stands for NULL.
func texts(name string, result engine.TypeID, params []engine.Type, f func(r *row, dst []byte) ([]byte, error)) *engine.Function {
	return &engine.Function{Name: name, Params: params, Result: typ(result),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			buf := make([]byte, 0, 64)
			r := &row{in: in}
			return eachRow(in, out, rows, func(i int) error {
				r.i = i
				text, err := f(r, buf[:0])
				if err != nil {
					return err
				}
				if text == nil {
					out.SetNull(i)
					return nil
				}
				out.SetText(i, text)
				if cap(text) > cap(buf) && cap(text) <= 1<<20 {
					buf = text[:0]
				}
				return nil
			})
		}}
}

// some says that text is there, though it may be empty.
func some(text []byte) []byte {
	if text == nil {
		return []byte{}
	}
	return text
}

var (
	text1    = types(engine.Varchar)
	textText = types(engine.Varchar, engine.Varchar)
	textNum  = types(engine.Varchar, engine.BigInt)
)

// textFunctions are those on text whose meaning differs between the dialects.
func textFunctions(p string, r *convert.Rules) []*engine.Function {
	v := engine.Varchar
	return []*engine.Function{
		texts(p+"upper", v, text1, func(a *row, dst []byte) ([]byte, error) { return r.Upper(dst, a.text(0)), nil }),
		texts(p+"lower", v, text1, func(a *row, dst []byte) ([]byte, error) { return r.Lower(dst, a.text(0)), nil }),
		texts(p+"initcap", v, text1, func(a *row, dst []byte) ([]byte, error) { return r.Initcap(dst, a.text(0)), nil }),
		texts(p+"reverse", v, text1, func(a *row, dst []byte) ([]byte, error) { return convert.Reverse(dst, a.text(0)), nil }),
		texts(p+"left", v, textNum, func(a *row, dst []byte) ([]byte, error) { return whole(r.Left(a.text(0), a.num(1))) }),
		texts(p+"right", v, textNum, func(a *row, dst []byte) ([]byte, error) { return whole(r.Right(a.text(0), a.num(1))) }),
		texts(p+"substring", v, types(v, engine.BigInt, engine.BigInt),
			func(a *row, dst []byte) ([]byte, error) { return whole(r.Substring(a.text(0), a.num(1), a.num(2))) }),
		texts(p+"lpad", v, types(v, engine.BigInt, v), func(a *row, dst []byte) ([]byte, error) {
			return r.Pad(dst, a.text(0), a.num(1), a.text(2), true)
		}),
		texts(p+"rpad", v, types(v, engine.BigInt, v), func(a *row, dst []byte) ([]byte, error) {
			return r.Pad(dst, a.text(0), a.num(1), a.text(2), false)
		}),
		texts(p+"repeat", v, textNum, func(a *row, dst []byte) ([]byte, error) { return r.Repeat(dst, a.text(0), a.num(1)) }),
		texts(p+"replace", v, types(v, v, v), func(a *row, dst []byte) ([]byte, error) {
			return r.Replace(dst, a.text(0), a.text(1), a.text(2))
		}),
		texts(p+"split_part", v, types(v, v, engine.BigInt),
			func(a *row, dst []byte) ([]byte, error) { return whole(r.SplitPart(a.text(0), a.text(1), a.num(2))) }),
		texts(p+"bounded", v, text1, func(a *row, _ []byte) ([]byte, error) { return whole(r.Bounded(a.text(0))) }),
		texts(p+"bounded_list", v, text1, func(a *row, _ []byte) ([]byte, error) { return whole(r.BoundedList(a.text(0))) }),
		texts(p+"chr", v, types(engine.BigInt), func(a *row, dst []byte) ([]byte, error) { return r.Chr(dst, a.num(0)) }),
	}
}

// whole gives a part of an argument as a result.
func whole(text []byte, err error) ([]byte, error) { return some(text), err }

// sparkText are the functions on text that only Spark has.
func sparkText(p string) []*engine.Function {
	v := engine.Varchar
	return []*engine.Function{
		texts(p+"substring_index", v, types(v, v, engine.BigInt), func(a *row, dst []byte) ([]byte, error) {
			return some(convert.SubstringIndex(a.text(0), a.text(1), a.num(2))), nil
		}),
		texts(p+"overlay", v, types(v, v, engine.BigInt, engine.BigInt), func(a *row, dst []byte) ([]byte, error) {
			return convert.Overlay(dst, a.text(0), a.text(1), a.num(2), a.num(3)), nil
		}),
		texts(p+"soundex", v, text1, func(a *row, dst []byte) ([]byte, error) { return convert.Soundex(dst, a.text(0)), nil }),
		texts(p+"hex", v, text1, func(a *row, dst []byte) ([]byte, error) { return convert.Hex(dst, a.text(0)), nil }),
		texts(p+"unhex", engine.Blob, text1, func(a *row, dst []byte) ([]byte, error) {
			if out, ok := convert.Unhex(dst, a.text(0)); ok {
				return out, nil
			}
			return nil, nil
		}),
		{Name: p + "levenshtein", Params: textText, Result: typ(engine.Integer),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					n, err := convert.Levenshtein(in[0].Bytes(i), in[1].Bytes(i))
					out.SetInt64(i, int64(n))
					return err
				})
			}},
	}
}
