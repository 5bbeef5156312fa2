package functions

import (
	"penstock/internal/convert"
	"penstock/internal/engine"
)

// A reading is a conversion of text: name and typ are its function's name and its type's name in messages.
type reading struct {
	name, typ string
	result    engine.TypeID
	set       func(out *engine.ColumnWriter, row int, text []byte) convert.Fault
}

// casts are the conversions of a dialect. Each conversion of text comes twice: X fails with the dialect's words, try_X gives NULL.
func casts(prefix string, r *convert.Rules) []*engine.Function {
	var out []*engine.Function
	for _, c := range readings(r) {
		out = append(out, readText(prefix, c, false), readText(prefix, c, true))
	}
	for _, try := range []bool{false, true} {
		out = append(out, readDecimal(prefix, r, try), floatDecimal(prefix, r, engine.Double, 64, try),
			floatDecimal(prefix, r, engine.Float, 32, try))
	}
	out = append(out, floatText(prefix, r, engine.Double, 64), floatText(prefix, r, engine.Float, 32), decimalText(prefix, r))
	return append(out, &engine.Function{Name: prefix + "interval_text", Params: types(engine.Interval), Result: typ(engine.Varchar),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			var buf []byte
			return eachRow(in, out, rows, func(i int) error {
				buf = convert.AppendInterval(buf[:0], intervalOf(&in[0], i))
				out.SetText(i, buf)
				return nil
			})
		}})
}

func readings(r *convert.Rules) []reading {
	integer := func(name, typ string, id engine.TypeID, bits int) reading {
		return reading{name, typ, id, func(out *engine.ColumnWriter, row int, text []byte) convert.Fault {
			v, f := r.Int(text, bits)
			out.SetInt64(row, v)
			return f
		}}
	}
	float := func(name, typ string, id engine.TypeID, bits int) reading {
		return reading{name, typ, id, func(out *engine.ColumnWriter, row int, text []byte) convert.Fault {
			v, f := r.Float(text, bits)
			out.SetFloat64(row, v)
			return f
		}}
	}
	moment := func(name, typ string, id engine.TypeID, read func([]byte) (int64, convert.Fault)) reading {
		return reading{name, typ, id, func(out *engine.ColumnWriter, row int, text []byte) convert.Fault {
			v, f := read(text)
			out.SetInt64(row, v)
			return f
		}}
	}
	return []reading{
		integer("int8", "integer", engine.TinyInt, 8), integer("int16", "integer", engine.SmallInt, 16),
		integer("int32", "integer", engine.Integer, 32),
		integer("int64", "integer", engine.BigInt, 64), float("real", "real", engine.Float, 32),
		float("double", "double precision", engine.Double, 64),
		{"bool", "boolean", engine.Boolean, func(out *engine.ColumnWriter, row int, text []byte) convert.Fault {
			v, f := r.Bool(text)
			out.SetBool(row, v)
			return f
		}},
		moment("date", "date", engine.DateType, func(s []byte) (int64, convert.Fault) { d, f := r.Date(s); return int64(d), f }),
		moment("timestamp", "timestamp", engine.Timestamp, r.Timestamp),
		moment("timestamptz", "timestamp with time zone", engine.TimestampTZ, r.Timestamptz),
		moment("time", "time", engine.Time, r.Time), moment("timetz", "time with time zone", engine.Time, r.Timetz),
		{"interval", "interval", engine.Interval, func(out *engine.ColumnWriter, row int, text []byte) convert.Fault {
			v, f := convert.ParseInterval(text)
			out.SetInterval(row, v.Months, v.Days, v.Micros)
			return f
		}},
	}
}

func readText(prefix string, c reading, try bool) *engine.Function {
	name := prefix + c.name
	if try {
		name = prefix + "try_" + c.name
	}
	return &engine.Function{Name: name, Params: types(engine.Varchar), Result: typ(c.result),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			for i := range rows {
				if in[0].IsNull(i) {
					out.SetNull(i)
					continue
				}
				text := in[0].Bytes(i)
				if f := c.set(out, i, text); f != convert.None {
					if !try {
						return f.Explain(text, c.typ)
					}
					out.SetNull(i)
				}
			}
			return nil
		}}
}

// readDecimal reads text into the unscaled value of decimal($2, $3).
func readDecimal(prefix string, r *convert.Rules, try bool) *engine.Function {
	f := &engine.Function{Name: prefix + "decimal", Params: types(engine.Varchar, engine.Integer, engine.Integer), Result: typ(engine.HugeInt)}
	if try {
		f.Name = prefix + "try_decimal"
	}
	f.Call = func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
		return eachRow(in, out, rows, func(i int) error {
			text := in[0].Bytes(i)
			v, fault := r.Decimal(text, int(in[1].Int64(i)), int(in[2].Int64(i)))
			out.SetHuge(i, v.Hi, v.Lo)
			if fault != convert.None {
				if !try {
					return fault.Explain(text, "numeric")
				}
				out.SetNull(i)
			}
			return nil
		})
	}
	return f
}

func floatDecimal(prefix string, r *convert.Rules, id engine.TypeID, bits int, try bool) *engine.Function {
	f := &engine.Function{Name: prefix + word(try, "try_", "") + word(bits == 32, "real", "double") + "_decimal",
		Params: types(id, engine.Integer, engine.Integer), Result: typ(engine.HugeInt)}
	f.Call = func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
		return eachRow(in, out, rows, func(i int) error {
			x := in[0].Float64(i)
			v, fault := r.FloatDecimal(x, bits, int(in[1].Int64(i)), int(in[2].Int64(i)))
			out.SetHuge(i, v.Hi, v.Lo)
			if fault != convert.None {
				if !try {
					return fault.Explain(r.AppendFloat(nil, x, bits), "numeric")
				}
				out.SetNull(i)
			}
			return nil
		})
	}
	return f
}

func word(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func floatText(prefix string, r *convert.Rules, id engine.TypeID, bits int) *engine.Function {
	return &engine.Function{Name: prefix + word(bits == 32, "real", "double") + "_text", Params: types(id), Result: typ(engine.Varchar),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			var buf []byte
			return eachRow(in, out, rows, func(i int) error {
				buf = r.AppendFloat(buf[:0], in[0].Float64(i), bits)
				out.SetText(i, buf)
				return nil
			})
		}}
}

func intervalOf(v *engine.Vector, row int) convert.Interval {
	m, d, us := v.Interval(row)
	return convert.Interval{Months: m, Days: d, Micros: us}
}

// decimalText writes the engine's text of a decimal, .50, as the dialect does.
func decimalText(prefix string, r *convert.Rules) *engine.Function {
	return &engine.Function{Name: prefix + "decimal_text", Params: types(engine.Varchar), Result: typ(engine.Varchar),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			var buf []byte
			return eachRow(in, out, rows, func(i int) error {
				buf = r.AppendDecimalText(buf[:0], in[0].Bytes(i))
				out.SetText(i, buf)
				return nil
			})
		}}
}
