package jsonrows

import (
	"bytes"
	"math"

	"penstock/internal/convert"
	"penstock/internal/format"
)

// date adds a date: of a text, or by the OpenX SerDe of a number of days too.
func (r *Reader) date(n *node, text []byte, quoted bool) outcome {
	if !quoted && r.options.SerDe != OpenX {
		return r.bad(n, r.i, text, "a number, not a date", true)
	}
	if r.options.SerDe == OpenX {
		if days, fault := javaInteger(text); fault == convert.None && days >= math.MinInt32 && days <= math.MaxInt32 {
			n.vec.AppendInt(days)
			return whole
		}
	}
	day, fault := convert.Spark.Date(text)
	if fault != convert.None {
		return r.bad(n, r.i, text, format.Problem(n.typ, convert.Syntax), true)
	}
	n.vec.AppendInt(int64(day))
	return whole
}

// timestamp adds a point in time: by the patterns of the options first, then as the SerDe has it.
func (r *Reader) timestamp(n *node, text []byte, quoted bool) outcome {
	for _, picture := range r.formats {
		if picture == nil {
			if millis, fault := javaInteger(text); fault == convert.None && abs(millis) <= math.MaxInt64/1000 {
				n.vec.AppendInt(millis * 1000)
				return whole
			}
		} else if micros, ok := picture.Read(text); ok {
			n.vec.AppendInt(micros)
			return whole
		}
	}
	micros, fault := int64(0), convert.Syntax
	switch {
	case r.options.SerDe == OpenX && bytes.IndexByte(text, ':') <= 0:
		micros, fault = epoch(text)
	case quoted:
		micros, fault = convert.Spark.Timestamp(text)
	case r.options.SerDe == Spark:
		var seconds int64
		if seconds, fault = javaInteger(text); fault == convert.None {
			if abs(seconds) > math.MaxInt64/1_000_000 {
				fault = convert.Range
			}
			micros = seconds * 1_000_000
		}
	}
	if fault != convert.None {
		return r.bad(n, r.i, text, format.Problem(n.typ, convert.Syntax), true)
	}
	n.vec.AppendInt(micros)
	return whole
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// epoch reads seconds since 1970 as the OpenX SerDe does: with a point down to the millisecond, with 13 characters or more as milliseconds.
func epoch(text []byte) (int64, convert.Fault) {
	for _, c := range text {
		if bytes.IndexByte([]byte("-+.0123456789"), c) < 0 {
			return 0, convert.Syntax
		}
	}
	var d convert.Int128
	var fault convert.Fault
	unit := int64(1000)
	switch {
	case bytes.IndexByte(text, '.') >= 0:
		d, fault = convert.Spark.DecimalCut(text, 18, 3)
	case len(text) >= 13:
		d, fault = convert.Spark.DecimalCut(text, 18, 0)
	default:
		d, fault = convert.Spark.DecimalCut(text, 18, 0)
		unit = 1_000_000
	}
	n := int64(d.Lo)
	if fault == convert.None && abs(n) > math.MaxInt64/unit {
		fault = convert.Range
	}
	return n * unit, fault
}
