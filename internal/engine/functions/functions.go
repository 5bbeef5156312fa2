// Package functions makes the rules of package convert known to the engine as SQL functions. Their names begin with ps_rs_ (Redshift)
// or ps_sp_ (Spark); package print writes them.
package functions

import (
	"penstock/internal/convert"
	"penstock/internal/engine"
)

// Limits are what the process gives the functions.
type Limits struct {
	// MaxText is the longest text in bytes that a Spark function makes; 0 means 64 MiB. Redshift's bound is its own.
	MaxText int
}

// Register makes all functions known to the instance of a connection; it takes about a millisecond.
func Register(c *engine.Conn, l Limits) error {
	spark := *convert.Spark
	if l.MaxText > 0 {
		spark.MaxText = l.MaxText
	}
	for _, f := range all(convert.Redshift, &spark) {
		if err := c.Register(f); err != nil {
			return err
		}
	}
	return nil
}

func all(redshift, spark *convert.Rules) []*engine.Function {
	var out []*engine.Function
	for _, r := range []*convert.Rules{redshift, spark} {
		out = append(out, casts("ps_"+r.Name+"_", r)...)
		out = append(out, zones("ps_"+r.Name+"_", r)...)
		out = append(out, textFunctions("ps_"+r.Name+"_", r)...)
		out = append(out, regexFunctions("ps_"+r.Name+"_", r)...)
	}
	out = append(out, sparkText("ps_sp_")...)
	out = append(append(out, pictures()...), dates()...)
	out = append(append(out, sketches()...), numbers()...)
	return append(append(out, jsonFunctions()...), sparkJSON()...)
}

func typ(id engine.TypeID) engine.Type { return engine.Type{ID: id} }

// types makes the types of parameters.
func types(ids ...engine.TypeID) []engine.Type {
	out := make([]engine.Type, len(ids))
	for i, id := range ids {
		out[i] = typ(id)
	}
	return out
}

// eachRow calls f for the rows without a NULL argument; the others are NULL.
func eachRow(in []engine.Vector, out *engine.ColumnWriter, rows int, f func(i int) error) error {
rows:
	for i := range rows {
		for a := range in {
			if in[a].IsNull(i) {
				out.SetNull(i)
				continue rows
			}
		}
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}
