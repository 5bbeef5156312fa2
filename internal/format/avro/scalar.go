package avro

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	lib "github.com/twmb/avro"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format"
	"penstock/internal/schema"
)

func readNull(d *data, v *column.Vector) error {
	v.AppendNull()
	return d.nothing()
}

// planScalar reads a value that has no parts. What the file's type, or the table's Avro schema, says that it is must go into the column
// without a loss: integers into wider ones, floats and doubles, floats into doubles, decimals into those with as many places or more,
// texts and bytes into each other. An integer goes into a narrower column too, where each value that does not fit becomes a null and a
// finding.
func planScalar(w, r *lib.SchemaNode, t schema.Type, path string) (reading, error) {
	shape := w
	if r != nil {
		if rank(w, r) == 0 {
			return nil, fmt.Errorf("column %s is %s in the table's schema and %s in the file", path, r.Type, w.Type)
		}
		shape = r
	}
	kind, ok := primitives[shape.Type]
	if !ok {
		return nil, fmt.Errorf("column %s: the type %s contains itself; Penstock does not support recursive types", path, w.Type)
	}
	is, err := logical(shape, kind)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", path, err)
	}
	if t.Kind == schema.Unknown || !fits(is, t) {
		return nil, differs(shape, t, path)
	}
	switch w.Type {
	case "boolean":
		return readBool, nil
	case "int", "long":
		return integers(w, is, timeUnit(shape), t, path), nil
	case "float", "double":
		return floats(w.Type == "float", t), nil
	case "enum":
		return enums(w, r), nil
	}
	return blobs(w, is, t, path), nil
}

func fits(is, t schema.Type) bool {
	switch {
	case is.Kind == schema.Decimal:
		return t.Kind == schema.Decimal && t.Scale >= is.Scale
	case is.Kind.Integer():
		return t.Kind.Integer() || t.Kind == schema.Float || t.Kind == schema.Double
	case is.Kind == schema.Float:
		return t.Kind == schema.Float || t.Kind == schema.Double
	case is.Kind.Text() || is.Kind == schema.Binary:
		return t.Kind.Text() || t.Kind == schema.Binary
	}
	return is.Kind == t.Kind
}

func readBool(d *data, v *column.Vector) error {
	b, err := d.take(1)
	if err != nil {
		return err
	}
	if b[0] > 1 {
		return d.fail("a boolean is %d", b[0])
	}
	v.AppendInt(int64(b[0]))
	return nil
}

func integers(w *lib.SchemaNode, is schema.Type, unit int64, t schema.Type, path string) reading {
	narrow := w.Type == "int"
	next := func(d *data) (int64, error) {
		n, err := d.long()
		if err == nil && narrow && n != int64(int32(n)) {
			err = d.fail("an int is %d", n)
		}
		return n, err
	}
	switch t.Kind {
	case schema.Float, schema.Double:
		return func(d *data, v *column.Vector) error {
			n, err := next(d)
			if t.Kind == schema.Float {
				v.AppendFloat(float64(float32(n)))
			} else {
				v.AppendFloat(float64(n))
			}
			return err
		}
	case schema.TinyInt, schema.SmallInt, schema.Int:
		if is.Kind != schema.Int || t.Kind != schema.Int {
			limit := int64(1) << map[schema.Kind]int{schema.TinyInt: 7, schema.SmallInt: 15, schema.Int: 31}[t.Kind]
			return func(d *data, v *column.Vector) error {
				n, err := next(d)
				if n < -limit || n >= limit {
					v.AppendNull()
					return d.tell(err, path, format.Problem(t, convert.Range), fmt.Sprint(n))
				}
				v.AppendInt(n)
				return err
			}
		}
	case schema.Timestamp:
		return func(d *data, v *column.Vector) error {
			n, err := next(d)
			if n > math.MaxInt64/unit || n < math.MinInt64/unit {
				v.AppendNull()
				return d.tell(err, path, format.Problem(t, convert.Range), fmt.Sprint(n))
			}
			v.AppendInt(n * unit)
			return err
		}
	}
	return func(d *data, v *column.Vector) error {
		n, err := next(d)
		v.AppendInt(n)
		return err
	}
}

func floats(narrow bool, t schema.Type) reading {
	return func(d *data, v *column.Vector) error {
		f, err := d.float(narrow)
		if t.Kind == schema.Float && !narrow {
			f = float64(float32(f))
		}
		v.AppendFloat(f)
		return err
	}
}

// enums reads a symbol; one that the table's schema does not have is its default.
func enums(w, r *lib.SchemaNode) reading {
	symbols := make([][]byte, len(w.Symbols))
	for i, s := range w.Symbols {
		switch {
		case r == nil || slices.Contains(r.Symbols, s):
			symbols[i] = []byte(s)
		case r.HasEnumDefault:
			symbols[i] = []byte(r.EnumDefault)
		}
	}
	return func(d *data, v *column.Vector) error {
		n, err := d.long()
		if err != nil {
			return err
		}
		if n < 0 || n >= int64(len(symbols)) {
			return d.fail("an enum has no symbol %d", n)
		}
		if symbols[n] == nil {
			return d.fail("the table's schema has no symbol %q", w.Symbols[n])
		}
		appendText(v, symbols[n])
		return nil
	}
}

// blobs reads strings, bytes and fixed values, and decimals in them.
func blobs(w *lib.SchemaNode, is, t schema.Type, path string) reading {
	next := (*data).bytes
	if w.Type == "fixed" {
		next = func(d *data) ([]byte, error) { return d.take(w.Size) }
	}
	if is.Kind == schema.Decimal {
		return func(d *data, v *column.Vector) error {
			b, err := next(d)
			if err != nil {
				return err
			}
			x, ok := unscaled(b)
			if ok {
				x, ok = rescale(x, t.Scale-is.Scale, t.Precision)
			}
			if !ok {
				v.AppendNull()
				return d.tell(nil, path, format.Problem(t, convert.Range), fmt.Sprintf("%x", b[:min(len(b), 32)]))
			}
			v.AppendDecimal(x)
			return nil
		}
	}
	return func(d *data, v *column.Vector) error {
		b, err := next(d)
		if err != nil {
			return err
		}
		if len(b) == 0 {
			err = d.nothing() // a fixed of no bytes
		}
		appendText(v, b)
		return err
	}
}

// appendText adds to a text or binary column.
func appendText(v *column.Vector, b []byte) { format.AppendText(v, b) }

// unscaled reads a big-endian two's complement; ok is false when it has more than 128 bits.
func unscaled(b []byte) (x convert.Int128, ok bool) {
	sign := byte(0)
	if len(b) > 0 && b[0] >= 0x80 {
		sign = 0xff
		x = convert.FromInt64(-1)
	}
	for len(b) > 16 {
		if b[0] != sign || b[1]&0x80 != sign&0x80 {
			return x, false
		}
		b = b[1:]
	}
	for _, c := range b {
		x.Hi = x.Hi<<8 | int64(x.Lo>>56)
		x.Lo = x.Lo<<8 | uint64(c)
	}
	return x, true
}

// rescale multiplies by 10^up and reports whether the result has at most precision digits.
func rescale(x convert.Int128, up, precision int) (convert.Int128, bool) {
	neg := x.Hi < 0
	if neg {
		x = x.Neg()
	}
	hi, lo := uint64(x.Hi), x.Lo
	for range up {
		over, h := bits.Mul64(hi, 10)
		carry, l := bits.Mul64(lo, 10)
		var c uint64
		if h, c = bits.Add64(h, carry, 0); over|c != 0 || h>>63 != 0 {
			return x, false
		}
		hi, lo = h, l
	}
	limHi, limLo := power(precision)
	if hi > limHi || hi == limHi && lo >= limLo {
		return x, false
	}
	x = convert.Int128{Hi: int64(hi), Lo: lo}
	if neg {
		x = x.Neg()
	}
	return x, true
}

// power is 10^n for n up to 38.
func power(n int) (hi, lo uint64) {
	lo = 1
	for range n {
		carry, l := bits.Mul64(lo, 10)
		hi, lo = hi*10+carry, l
	}
	return hi, lo
}

func skipScalar(w *lib.SchemaNode) (skipping, error) {
	switch w.Type {
	case "null":
		return (*data).nothing, nil
	case "boolean":
		return func(d *data) error { return d.pass(1) }, nil
	case "int", "long", "enum":
		return func(d *data) error {
			_, err := d.long()
			return err
		}, nil
	case "float":
		return func(d *data) error { return d.pass(4) }, nil
	case "double":
		return func(d *data) error { return d.pass(8) }, nil
	case "fixed":
		return func(d *data) error { return d.pass(w.Size) }, nil
	case "bytes", "string":
		return func(d *data) error {
			_, err := d.bytes()
			return err
		}, nil
	}
	return nil, fmt.Errorf("the type %s contains itself; Penstock does not support recursive types", w.Type)
}
