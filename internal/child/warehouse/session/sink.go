package session

import (
	"fmt"

	"penstock/internal/engine"
	"penstock/internal/sql/typed"
)

// A Sink takes rows: between Begin and End one call for each column.
type Sink interface {
	Begin()
	End() error
	Null()
	Bool(bool)
	Int(int64)
	Float(float64)
	Numeric(text []byte)
	Bytes([]byte)
	Text(string)
	Varbyte([]byte)
	Date(days int32)
	Time(micros int64)
	TimeTZ(micros int64, offset int32)
	Timestamp(micros int64)
	Interval(months, days int32, micros int64) error
}

// A writer hands one value of a vector to a sink. The scratch buffer is its own.
type writer func(v *engine.Vector, row int, out Sink) error

// writerFor pairs the type that was planned with the one that the engine gave.
func writerFor(name string, t typed.Type, have engine.Type) (writer, error) {
	var buf []byte
	switch {
	case have.ID == engine.Null:
		return func(*engine.Vector, int, Sink) error { return nil }, nil
	case t.Kind == typed.Bool && have.ID == engine.Boolean:
		return func(v *engine.Vector, row int, out Sink) error { out.Bool(v.Bool(row)); return nil }, nil
	case t.IsInt() && have.ID == engine.HugeInt:
		return hugeWriter(name), nil
	case t.IsInt() && isInteger(have.ID):
		return func(v *engine.Vector, row int, out Sink) error { out.Int(v.Int64(row)); return nil }, nil
	case t.Kind == typed.Decimal && have.ID == engine.Decimal:
		return func(v *engine.Vector, row int, out Sink) error {
			buf = v.AppendDecimal(buf[:0], row)
			out.Numeric(buf)
			return nil
		}, nil
	case t.Kind == typed.Decimal && (have.ID == engine.HugeInt || isInteger(have.ID)):
		return func(v *engine.Vector, row int, out Sink) error {
			buf = v.BigInt(row).Append(buf[:0], 10)
			out.Numeric(buf)
			return nil
		}, nil
	case t.IsFloat() && (have.ID == engine.Float || have.ID == engine.Double):
		return func(v *engine.Vector, row int, out Sink) error { out.Float(v.Float64(row)); return nil }, nil
	case t.Kind == typed.Char && t.Len > 0 && have.ID == engine.Varchar:
		return charWriter(t.Len), nil
	}
	return otherWriter(name, t, have)
}

func otherWriter(name string, t typed.Type, have engine.Type) (writer, error) {
	switch {
	case t.Kind == typed.Varbyte && have.ID == engine.Blob:
		return func(v *engine.Vector, row int, out Sink) error { out.Varbyte(v.Bytes(row)); return nil }, nil
	case t.Kind == typed.Date && have.ID == engine.DateType:
		return func(v *engine.Vector, row int, out Sink) error { out.Date(int32(v.Int64(row))); return nil }, nil
	case t.Kind == typed.Time && have.ID == engine.Time:
		return func(v *engine.Vector, row int, out Sink) error { out.Time(v.Int64(row)); return nil }, nil
	case t.Kind == typed.Timetz && have.ID == engine.TimeTZ:
		return func(v *engine.Vector, row int, out Sink) error { out.TimeTZ(v.TimeTZ(row)); return nil }, nil
	case t.Kind == typed.Interval && have.ID == engine.Interval:
		return func(v *engine.Vector, row int, out Sink) error { return out.Interval(v.Interval(row)) }, nil
	case (t.Kind == typed.Timestamp || t.Kind == typed.Timestamptz) && (have.ID == engine.Timestamp || have.ID == engine.TimestampTZ):
		return func(v *engine.Vector, row int, out Sink) error { out.Timestamp(v.Int64(row)); return nil }, nil
	case have.ID == engine.Varchar && isTextual(t):
		return func(v *engine.Vector, row int, out Sink) error { out.Bytes(v.Bytes(row)); return nil }, nil
	case !t.Known() || isTextual(t) && have.ID != engine.Varchar:
		var buf []byte
		return func(v *engine.Vector, row int, out Sink) error {
			buf = v.AppendText(buf[:0], row)
			out.Bytes(buf)
			return nil
		}, nil
	}
	return nil, fmt.Errorf("column %s was planned as %s, the engine gives %s", name, t, have)
}

func isTextual(t typed.Type) bool {
	return t.IsText() || !t.Known() || t.Kind == typed.Super || t.Kind == typed.Interval || t.Kind == typed.Timetz ||
		t.Kind == typed.Geometry || t.Kind == typed.Sketch
}

func isInteger(id engine.TypeID) bool { return id >= engine.TinyInt && id <= engine.UBigInt }

// hugeWriter narrows a 128-bit sum; Redshift's are 64 bits wide and overflow.
func hugeWriter(name string) writer {
	return func(v *engine.Vector, row int, out Sink) error {
		n := v.BigInt(row)
		if !n.IsInt64() {
			return failure("22003", "Overflow in column %s: %s does not fit into a bigint", name, n)
		}
		out.Int(n.Int64())
		return nil
	}
}

// charWriter pads with blanks: a char(n) always shows n bytes.
func charWriter(n int) writer {
	pad := make([]byte, 0, n)
	return func(v *engine.Vector, row int, out Sink) error {
		pad = append(pad[:0], v.Bytes(row)...)
		for len(pad) < n {
			pad = append(pad, ' ')
		}
		out.Bytes(pad)
		return nil
	}
}
