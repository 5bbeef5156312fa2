// Package column holds rows in memory by column: a Batch is a Vector for each column, typed by schema.Type, nested types included. It is
// what the readers of file formats fill and what workers copy into the engine, so that each format is read once for all who need it.
//
// It converts nothing and computes nothing, and it is no file format. A reader appends values that already have the column's type; a row
// that turns out damaged halfway is taken back with Truncate.
package column

import (
	"fmt"
	"slices"

	"penstock/internal/convert"
	"penstock/internal/schema"
)

// A Vector is the values of one column. Null has one entry a value; of the other slices those are used that the type's kind needs, with an
// entry for every value, nulls too (then it says nothing):
//
//	boolean                         Ints, 0 or 1
//	tinyint, smallint, int, bigint  Ints
//	date                            Ints, days since 1970-01-01 in the proleptic Gregorian calendar
//	timestamp                       Ints, microseconds since 1970-01-01 00:00 of the clock that the value shows, without a zone
//	float, double                   Floats
//	decimal                         Decimals, the unscaled value
//	string, char, varchar, binary   Ends and Bytes: value i is Bytes[Ends[i-1]:Ends[i]]
//	array                           Ends, into Parts[0]
//	map                             Ends, into Parts[0] (keys) and Parts[1] (values)
//	struct                          Parts, one a field, each as long as the vector
type Vector struct {
	Type     schema.Type
	Null     []bool
	Ints     []int64
	Floats   []float64
	Decimals []convert.Int128
	Ends     []int
	Bytes    []byte
	Parts    []*Vector
}

// New returns an empty vector. A type that is Unknown holds nothing but nulls.
func New(t schema.Type) *Vector {
	v := &Vector{Type: t}
	switch t.Kind {
	case schema.Array:
		v.Parts = []*Vector{New(*t.Elem)}
	case schema.Map:
		v.Parts = []*Vector{New(*t.Key), New(*t.Elem)}
	case schema.Struct:
		for _, f := range t.Fields {
			v.Parts = append(v.Parts, New(f.Type))
		}
	}
	return v
}

// Len is the number of values.
func (v *Vector) Len() int { return len(v.Null) }

// AppendNull adds a null; a struct's fields get one each.
func (v *Vector) AppendNull() {
	v.Null = append(v.Null, true)
	switch k := v.Type.Kind; {
	case k == schema.Float || k == schema.Double:
		v.Floats = append(v.Floats, 0)
	case k == schema.Decimal:
		v.Decimals = append(v.Decimals, convert.Int128{})
	case k == schema.Struct:
		for _, p := range v.Parts {
			p.AppendNull()
		}
	case k == schema.Array || k == schema.Map:
		v.Ends = append(v.Ends, v.Parts[0].Len())
	case k.Text() || k == schema.Binary:
		v.Ends = append(v.Ends, len(v.Bytes))
	case k != schema.Unknown:
		v.Ints = append(v.Ints, 0)
	}
}

// AppendInt adds a value of a kind that is kept in Ints; the caller sees to its range.
func (v *Vector) AppendInt(n int64) {
	v.Null = append(v.Null, false)
	v.Ints = append(v.Ints, n)
}

// AppendBool adds a boolean.
func (v *Vector) AppendBool(b bool) {
	n := int64(0)
	if b {
		n = 1
	}
	v.AppendInt(n)
}

// AppendFloat adds a float or double; a float's value has its precision already.
func (v *Vector) AppendFloat(f float64) {
	v.Null = append(v.Null, false)
	v.Floats = append(v.Floats, f)
}

// AppendDecimal adds the unscaled value of a decimal, which fits the type's precision.
func (v *Vector) AppendDecimal(d convert.Int128) {
	v.Null = append(v.Null, false)
	v.Decimals = append(v.Decimals, d)
}

// AppendBytes adds a text or binary value, which is copied.
func (v *Vector) AppendBytes(b []byte) {
	v.Null = append(v.Null, false)
	v.Bytes = append(v.Bytes, b...)
	v.Ends = append(v.Ends, len(v.Bytes))
}

// AppendNested adds an array, map or struct whose parts the caller has appended: all elements that Parts hold beyond the last value's are
// this one's, and each field of a struct has got one value more.
func (v *Vector) AppendNested() {
	v.Null = append(v.Null, false)
	if v.Type.Kind != schema.Struct {
		v.Ends = append(v.Ends, v.Parts[0].Len())
	}
}

// Range returns where the elements of value i begin and end in Parts, or its bytes in Bytes.
func (v *Vector) Range(i int) (from, to int) {
	if i > 0 {
		from = v.Ends[i-1]
	}
	return from, v.Ends[i]
}

// Text returns the bytes of value i, which are the vector's own.
func (v *Vector) Text(i int) []byte {
	from, to := v.Range(i)
	return v.Bytes[from:to:to]
}

// Truncate takes back all values from n on, with what a value that was not finished has left in the parts.
func (v *Vector) Truncate(n int) {
	v.Null = v.Null[:min(n, len(v.Null))]
	v.Ints = v.Ints[:min(n, len(v.Ints))]
	v.Floats = v.Floats[:min(n, len(v.Floats))]
	v.Decimals = v.Decimals[:min(n, len(v.Decimals))]
	v.Ends = v.Ends[:min(n, len(v.Ends))]
	end := 0
	if len(v.Ends) > 0 {
		end = v.Ends[len(v.Ends)-1]
	}
	v.Bytes = v.Bytes[:min(end, len(v.Bytes))]
	for _, p := range v.Parts {
		if v.Type.Kind == schema.Struct {
			p.Truncate(n)
		} else {
			p.Truncate(end)
		}
	}
}

// Check returns an error when the slices contradict each other: a fault of whoever filled the vector.
func (v *Vector) Check() error {
	n, k := len(v.Null), v.Type.Kind
	counts := map[string][2]int{
		"ints": {len(v.Ints), 0}, "floats": {len(v.Floats), 0}, "decimals": {len(v.Decimals), 0}, "ends": {len(v.Ends), 0},
	}
	want := func(name string) { counts[name] = [2]int{counts[name][0], n} }
	switch {
	case k == schema.Float || k == schema.Double:
		want("floats")
	case k == schema.Decimal:
		want("decimals")
	case k.Text() || k == schema.Binary || k == schema.Array || k == schema.Map:
		want("ends")
	case k != schema.Struct && k != schema.Unknown:
		want("ints")
	}
	for name, c := range counts {
		if c[0] != c[1] {
			return fmt.Errorf("a vector of %d values of %s has %d %s, not %d", n, v.Type, c[0], name, c[1])
		}
	}
	if !slices.IsSorted(v.Ends) {
		return fmt.Errorf("the ends of a vector of %s go back", v.Type)
	}
	return v.checkParts()
}

func (v *Vector) checkParts() error {
	want := v.Len()
	if v.Type.Kind != schema.Struct {
		want = 0
		if len(v.Ends) > 0 {
			want = v.Ends[len(v.Ends)-1]
		}
		if len(v.Parts) == 0 && len(v.Bytes) != want {
			return fmt.Errorf("a vector of %s has %d bytes, not %d", v.Type, len(v.Bytes), want)
		}
	}
	for _, p := range v.Parts {
		if p.Len() != want {
			return fmt.Errorf("a part of a vector of %s has %d values, not %d", v.Type, p.Len(), want)
		}
		if err := p.Check(); err != nil {
			return err
		}
	}
	return nil
}
