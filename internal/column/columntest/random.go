package columntest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// Scalars is a type of each kind that is not nested, decimals of each way in which formats keep them.
func Scalars() (types []schema.Type) {
	for _, k := range []schema.Kind{schema.Boolean, schema.TinyInt, schema.SmallInt, schema.Int, schema.BigInt, schema.Float, schema.Double,
		schema.String, schema.Binary, schema.Date, schema.Timestamp} {
		types = append(types, schema.Of(k))
	}
	for _, p := range []int{1, 9, 10, 18, 19, 38} {
		types = append(types, schema.DecimalOf(p, p/2))
	}
	return types
}

// RandomType is a type of at most so many levels.
func RandomType(r *rand.Rand, depth int) schema.Type {
	all := Scalars()
	if depth == 0 || r.IntN(5) < 2 {
		return all[r.IntN(len(all))]
	}
	switch r.IntN(3) {
	case 0:
		return schema.ArrayOf(RandomType(r, depth-1))
	case 1:
		key := []schema.Kind{schema.String, schema.Int}[r.IntN(2)]
		return schema.MapOf(schema.Of(key), RandomType(r, depth-1))
	}
	var fields []schema.Field
	for i := range 1 + r.IntN(4) {
		fields = append(fields, schema.Field{Name: "f" + strconv.Itoa(i), Type: RandomType(r, depth-1)})
	}
	return schema.StructOf(fields...)
}

// A Maker appends values to a vector; i counts them.
type Maker func(v *column.Vector, i int)

// Random makes values of a type, of one of the shapes that encoders tell apart, with none, few or many nulls.
func Random(r *rand.Rand, t schema.Type) Maker {
	nulls, f := []float64{0, 0, 0.1, 0.5, 0.97}[r.IntN(5)], values(r, t)
	return func(v *column.Vector, i int) {
		if r.Float64() < nulls {
			v.AppendNull()
		} else {
			f(v, i)
		}
	}
}

func values(r *rand.Rand, t schema.Type) Maker {
	switch k := t.Kind; {
	case k == schema.Boolean:
		p := []float64{0.01, 0.5, 1}[r.IntN(3)]
		return func(v *column.Vector, _ int) { v.AppendBool(r.Float64() < p) }
	case k == schema.Float || k == schema.Double:
		return floats(r, k)
	case k == schema.Decimal:
		limit := min(1+r.IntN(t.Precision), 18)
		return func(v *column.Vector, _ int) { v.AppendDecimal(unscaled(r, t.Precision, limit)) }
	case k.Text() || k == schema.Binary:
		return texts(r, k == schema.Binary)
	case k.Nested():
		return nested(r, t)
	}
	return integers(r, t.Kind)
}

func unscaled(r *rand.Rand, precision, digits int) convert.Int128 {
	most := int64(math.Pow10(digits)) - 1
	x := convert.FromInt64(r.Int64N(2*most+1) - most)
	if wide := (convert.Int128{Hi: r.Int64() - r.Int64(), Lo: r.Uint64()}); r.IntN(3) == 0 && wide.Fits(precision) {
		return wide
	}
	return x
}

func floats(r *rand.Rand, k schema.Kind) Maker {
	odd := []float64{0, math.Copysign(0, -1), 1.5, math.Inf(1), math.Inf(-1), math.NaN()}
	few := r.IntN(2) == 0
	return func(v *column.Vector, _ int) {
		f := r.NormFloat64() * 1e9
		if few || r.IntN(10) == 0 {
			f = odd[r.IntN(len(odd))]
		}
		if k == schema.Float {
			f = float64(float32(f))
		}
		v.AppendFloat(f)
	}
}

// bounds of the kinds that are kept as integers; days and instants are those that Python has too.
func bounds(k schema.Kind) (low, high int64) {
	switch k {
	case schema.TinyInt:
		return math.MinInt8, math.MaxInt8
	case schema.SmallInt:
		return math.MinInt16, math.MaxInt16
	case schema.Int:
		return math.MinInt32, math.MaxInt32
	case schema.Date:
		return -700_000, 2_900_000
	case schema.Timestamp:
		return -60_000_000_000_000_000, 250_000_000_000_000_000
	}
	return math.MinInt64, math.MaxInt64
}

func integers(r *rand.Rand, k schema.Kind) Maker {
	low, high := bounds(k)
	any := func() int64 { return low + int64(r.Uint64N(uint64(high)-uint64(low))) }
	start, step, last := r.Int64N(100), r.Int64N(10)-3, int64(0)
	shapes := []func(i int) int64{
		func(int) int64 { return start },
		func(i int) int64 { return start + int64(i)*step },
		func(int) int64 { return any() },
		func(int) int64 { return r.Int64N(20) },
		func(i int) int64 { return start + int64(i/11) },
		func(int) int64 { return []int64{low, high, 0, -1}[r.IntN(4)] },
		func(int) int64 { last += r.Int64N(300); return last },
		func(int) int64 {
			if r.IntN(50) == 0 {
				return any()
			}
			return r.Int64N(60)
		},
	}
	f := shapes[r.IntN(len(shapes))]
	return func(v *column.Vector, i int) {
		x := min(high, max(low, f(i)))
		if k == schema.Timestamp && x < 0 && x > -1_000_000 {
			x -= 1_000_000 // ORC cannot hold the second before 1970
		}
		v.AppendInt(x)
	}
}

func texts(r *rand.Rand, binary bool) Maker {
	letters := []rune("abcäöü€😀 ,\"'\\")
	word := func(n int) (out []byte) {
		for range n {
			out = append(out, string(letters[r.IntN(len(letters))])...)
		}
		return out
	}
	few := make([][]byte, []int{1, 3, 50, 2000}[r.IntN(4)])
	for i := range few {
		few[i] = word(r.IntN(12))
	}
	many := r.IntN(3) == 0
	return func(v *column.Vector, _ int) {
		switch {
		case binary && many:
			b := make([]byte, r.IntN(30))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			v.AppendBytes(b)
		case many:
			v.AppendBytes(fmt.Appendf(word(r.IntN(40)), "-%d", r.Uint32()))
		default:
			v.AppendBytes(few[r.IntN(len(few))])
		}
	}
}

func nested(r *rand.Rand, t schema.Type) Maker {
	if t.Kind == schema.Struct {
		var fields []Maker
		for _, f := range t.Fields {
			fields = append(fields, Random(r, f.Type))
		}
		return func(v *column.Vector, i int) {
			for n, f := range fields {
				f(v.Parts[n], i)
			}
			v.AppendNested()
		}
	}
	elem, most := Random(r, *t.Elem), []int{0, 3, 30}[r.IntN(3)]
	return func(v *column.Vector, i int) {
		for n := range r.IntN(most + 1) {
			if t.Kind == schema.Array {
				elem(v.Parts[0], i+n)
				continue
			}
			if t.Key.Kind == schema.String {
				v.Parts[0].AppendBytes(strconv.AppendInt(nil, int64(n*7), 10))
			} else {
				v.Parts[0].AppendInt(int64(n * 7))
			}
			elem(v.Parts[1], i+n)
		}
		v.AppendNested()
	}
}

// Batch makes rows of columns that are called c0, c1 and so on.
func Batch(r *rand.Rand, rows int, types ...schema.Type) *column.Batch {
	var fields []schema.Field
	var makers []Maker
	for i, t := range types {
		fields = append(fields, schema.Field{Name: "c" + strconv.Itoa(i), Type: t})
		makers = append(makers, Random(r, t))
	}
	b := column.NewBatch(fields)
	for i := range rows {
		for c, f := range makers {
			f(b.Columns[c], i)
		}
	}
	b.EndRows(rows)
	return b
}

// AppendExpected appends the JSON file that exact.py compares a file of the batch's rows with.
func AppendExpected(dst []byte, b *column.Batch) []byte {
	dst = append(dst, `{"types": [`...)
	for i, c := range b.Columns {
		dst = comma(dst, i)
		dst = strconv.AppendQuote(dst, c.Type.String())
	}
	dst = append(dst, `], "rows": [`...)
	for i := range b.Rows() {
		dst = append(comma(dst, i), '[')
		for n, c := range b.Columns {
			dst = AppendExact(comma(dst, n), c, i)
		}
		dst = append(dst, ']')
	}
	return append(dst, "]}"...)
}

func comma(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ", "...)
	}
	return dst
}
