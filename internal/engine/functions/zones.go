package functions

import (
	"fmt"
	"time"

	"penstock/internal/convert"
	"penstock/internal/engine"
)

// zones are the functions that move timestamps between zones.
func zones(prefix string, r *convert.Rules) []*engine.Function {
	toLocal := func(at int64, loc *time.Location) int64 { return convert.ToLocal(at, loc) }
	return []*engine.Function{
		zoned(prefix+"to_local", r, engine.TimestampTZ, engine.Timestamp, toLocal),
		zoned(prefix+"from_local", r, engine.Timestamp, engine.TimestampTZ, r.ToUTC),
		zoned(prefix+"from_utc", r, engine.Timestamp, engine.Timestamp, toLocal),
		zoned(prefix+"to_utc", r, engine.Timestamp, engine.Timestamp, r.ToUTC),
	}
}

func zoned(name string, r *convert.Rules, from, to engine.TypeID, move func(int64, *time.Location) int64) *engine.Function {
	return &engine.Function{Name: name, Params: types(from, engine.Varchar), Result: typ(to),
		Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			var last string
			var loc *time.Location
			return eachRow(in, out, rows, func(i int) error {
				if b := in[1].Bytes(i); loc == nil || string(b) != last {
					var ok bool
					if loc, ok = r.Zone(string(b)); !ok {
						return &convert.Error{Code: convert.CodeArgument, Msg: fmt.Sprintf("time zone %q is not known", b)}
					}
					last = string(b)
				}
				out.SetInt64(i, move(in[0].Int64(i), loc))
				return nil
			})
		}}
}
