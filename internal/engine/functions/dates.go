package functions

import (
	"penstock/internal/convert"
	"penstock/internal/engine"
)

// dates are the functions on dates that the engine has otherwise.
func dates() []*engine.Function {
	between := types(engine.Varchar, engine.Timestamp, engine.Timestamp)
	return []*engine.Function{
		texts("ps_sp_timestamp_text", engine.Varchar, types(engine.Timestamp, engine.Boolean), func(a *row, dst []byte) ([]byte, error) {
			return convert.AppendSparkTime(dst, a.num(0), a.flag(1)), nil
		}),
		{Name: "ps_rs_boundaries", Params: between, Result: typ(engine.BigInt),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					out.SetInt64(i, convert.Boundaries(in[0].String(i), in[1].Int64(i), in[2].Int64(i)))
					return nil
				})
			}},
		{Name: "ps_sp_whole_units", Params: between, Result: typ(engine.BigInt),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					n, err := convert.WholeUnits(in[0].String(i), in[1].Int64(i), in[2].Int64(i))
					out.SetInt64(i, n)
					return err
				})
			}},
		{Name: "ps_rs_interval_scale", Params: types(engine.Interval, engine.Double), Result: typ(engine.Interval),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					v, fault := intervalOf(&in[0], i).Scale(in[1].Float64(i))
					out.SetInterval(i, v.Months, v.Days, v.Micros)
					return fault.Explain(convert.AppendInterval(nil, intervalOf(&in[0], i)), "interval")
				})
			}},
	}
}
