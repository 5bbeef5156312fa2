package functions

import (
	"penstock/internal/convert"
	"penstock/internal/engine"
)

// keep remembers what was compiled of the last format: in a column of calls it is nearly always the same.
func keep[T any](compile func(string) (T, error)) func(format []byte) (T, error) {
	var last string
	var value T
	var failed error
	first := true
	return func(format []byte) (T, error) {
		if first || string(format) != last {
			last, first = string(format), false
			value, failed = compile(last)
		}
		return value, failed
	}
}

// pictures are the functions with a format.
func pictures() []*engine.Function {
	v := engine.Varchar
	return []*engine.Function{
		perChunk("ps_rs_to_char_number", v, types(v, v), func() func(r *row, dst []byte) ([]byte, error) {
			picture := keep(convert.CompileNumber)
			return func(r *row, dst []byte) ([]byte, error) {
				p, err := picture(r.text(1))
				if err != nil {
					return nil, err
				}
				return some(p.Append(dst, r.text(0))), nil
			}
		}),
		perChunk("ps_rs_to_char", v, types(engine.Timestamp, v), func() func(r *row, dst []byte) ([]byte, error) {
			picture := keep(convert.CompileDate)
			return func(r *row, dst []byte) ([]byte, error) {
				p, err := picture(r.text(1))
				if err != nil {
					return nil, err
				}
				return some(p.Append(dst, r.num(0))), nil
			}
		}),
		perChunk("ps_sp_date_format", v, types(engine.Timestamp, v), func() func(r *row, dst []byte) ([]byte, error) {
			picture := keep(convert.CompileSpark)
			return func(r *row, dst []byte) ([]byte, error) {
				p, err := picture(r.text(1))
				if err != nil {
					return nil, err
				}
				return some(p.Append(dst, r.num(0))), nil
			}
		}),
		toNumber(), toTimestamp(), sparkTimestamp(),
	}
}

// perChunk is texts for a function that keeps something from row to row of a chunk.
func perChunk(name string, result engine.TypeID, params []engine.Type,
	start func() func(r *row, dst []byte) ([]byte, error)) *engine.Function {
	f := texts(name, result, params, nil)
	f.Call = func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
		return texts(name, result, params, start()).Call(in, out, rows)
	}
	return f
}

// toNumber reads a number by a picture into the unscaled value of decimal(38, $3).
func toNumber() *engine.Function {
	return &engine.Function{Name: "ps_rs_to_number", Params: types(engine.Varchar, engine.Varchar, engine.Integer),
		Result: typ(engine.HugeInt),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			picture := keep(convert.CompileNumber)
			return eachRow(in, out, rows, func(i int) error {
				p, err := picture(in[1].Bytes(i))
				if err != nil {
					return err
				}
				v, fault := p.Read(in[0].Bytes(i), 38, int(in[2].Int64(i)))
				out.SetHuge(i, v.Hi, v.Lo)
				return fault.Explain(in[0].Bytes(i), "numeric")
			})
		}}
}

func toTimestamp() *engine.Function {
	return &engine.Function{Name: "ps_rs_to_timestamp", Params: types(engine.Varchar, engine.Varchar, engine.Boolean),
		Result: typ(engine.Timestamp),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			picture := keep(convert.CompileDate)
			return eachRow(in, out, rows, func(i int) error {
				p, err := picture(in[1].Bytes(i))
				if err != nil {
					return err
				}
				at, err := p.Read(in[0].Bytes(i), in[2].Bool(i))
				out.SetInt64(i, at)
				return err
			})
		}}
}

func sparkTimestamp() *engine.Function {
	return &engine.Function{Name: "ps_sp_to_timestamp", Params: types(engine.Varchar, engine.Varchar), Result: typ(engine.Timestamp),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			picture := keep(convert.CompileSpark)
			return eachRow(in, out, rows, func(i int) error {
				p, err := picture(in[1].Bytes(i))
				if err != nil {
					return err
				}
				at, ok := p.Read(in[0].Bytes(i))
				if !ok {
					out.SetNull(i)
					return nil
				}
				out.SetInt64(i, at)
				return nil
			})
		}}
}
