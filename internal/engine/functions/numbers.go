package functions

import (
	"math"

	"penstock/internal/engine"
)

// numbers are functions that the engine lacks, or computes with fewer digits.
func numbers() []*engine.Function {
	one := func(name string, f func(float64) float64) *engine.Function {
		return &engine.Function{Name: name, Params: types(engine.Double), Result: typ(engine.Double),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					out.SetFloat64(i, f(in[0].Float64(i)))
					return nil
				})
			}}
	}
	log1p := one("ps_sp_log1p", math.Log1p)
	log1p.Call = func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
		return eachRow(in, out, rows, func(i int) error {
			if x := in[0].Float64(i); x > -1 || math.IsNaN(x) {
				out.SetFloat64(i, math.Log1p(x))
			} else {
				out.SetNull(i)
			}
			return nil
		})
	}
	return []*engine.Function{log1p, one("ps_sp_expm1", math.Expm1),
		{Name: "ps_sp_hypot", Params: types(engine.Double, engine.Double), Result: typ(engine.Double),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					out.SetFloat64(i, math.Hypot(in[0].Float64(i), in[1].Float64(i)))
					return nil
				})
			}}}
}
