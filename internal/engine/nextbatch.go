package engine

import (
	"context"
	"fmt"
	"io"
	"slices"
	"unsafe"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// Fields are the columns of the result with the types that Type.CatalogType gives them.
func (r *Rows) Fields() ([]schema.Field, error) { return catalogFields(r.cols) }

// NextBatch appends the next chunk of the result, up to 2,048 rows, to a batch of its Fields; a string column may be char or varchar.
// After the last it is io.EOF. A value that the column's type has not - an infinite date, nanoseconds, a HUGEINT of more than 38 digits -
// is a *ValueError, and nothing is appended.
func (r *Rows) NextBatch(ctx context.Context, b *column.Batch) error {
	if err := match(b, "the result", r.cols, false); err != nil {
		return err
	}
	c, err := r.Next(ctx)
	if err != nil {
		return err
	}
	if c == nil {
		return io.EOF
	}
	for i, v := range b.Columns {
		if f := c.vecs[i].appendTo(v, 0, c.size, nil); f != nil {
			err := r.locate(i, b)
			b.Drop()
			return err
		}
	}
	b.EndRows(c.size)
	r.read += c.size
	return nil
}

// locate finds the row of column i that does not fit, of which appendTo knows only that the chunk has it.
func (r *Rows) locate(i int, b *column.Batch) error {
	v := b.Columns[i]
	v.Truncate(b.Rows())
	for row := range r.cur.size {
		if f := r.cur.vecs[i].appendTo(v, row, row+1, nil); f != nil {
			return f.of(b.Names[i], r.read+row+1)
		}
	}
	return fmt.Errorf("column %s: the rows of a chunk contradict each other", b.Names[i])
}

// appendTo appends rows from to to. hide says which of them are null because the struct around them is. After a misfit dst is not whole.
func (v *Vector) appendTo(dst *column.Vector, from, to int, hide []bool) *misfit {
	start := dst.Len()
	v.appendNulls(dst, from, to, hide)
	switch k := dst.Type.Kind; {
	case k == schema.Unknown:
		if n := slices.Index(dst.Null[start:], false); n >= 0 {
			return &misfit{problem: "a value in a column of unknown type"}
		}
		return nil
	case k == schema.Struct:
		for i, p := range dst.Parts {
			if f := v.kids[i].appendTo(p, from, to, dst.Null[start:]); f != nil {
				f.path = "." + dst.Type.Fields[i].Name + f.path
				return f
			}
		}
		return nil
	case k == schema.Array || k == schema.Map:
		return v.appendLists(dst, from, to, start)
	case k.Text() || k == schema.Binary:
		v.appendTexts(dst, from, to, start)
		return nil
	}
	return v.appendNumbers(dst, from, to, start)
}

func (v *Vector) appendNulls(dst *column.Vector, from, to int, hide []bool) {
	start := len(dst.Null)
	dst.Null = slices.Grow(dst.Null, to-from)[:start+to-from]
	null := dst.Null[start:]
	clear(null)
	if v.valid != nil || v.Type.ID == Null {
		for i := range null {
			null[i] = v.IsNull(from + i)
		}
	}
	for i, h := range hide {
		null[i] = null[i] || h
	}
}

// appendLists appends the elements in runs: those of rows that follow each other mostly do so too.
func (v *Vector) appendLists(dst *column.Vector, from, to, start int) *misfit {
	first, last, end := 0, 0, dst.Parts[0].Len()
	for i := from; i < to; i++ {
		if !dst.Null[start+i-from] {
			_, a, z := v.List(i)
			if a != last {
				if f := v.appendElements(dst, first, last); f != nil {
					return f
				}
				first = a
			}
			last = z
			end += z - a
		}
		dst.Ends = append(dst.Ends, end)
	}
	return v.appendElements(dst, first, last)
}

func (v *Vector) appendElements(dst *column.Vector, from, to int) *misfit {
	if from == to {
		return nil
	}
	if dst.Type.Kind == schema.Array {
		return v.kids[0].appendTo(dst.Parts[0], from, to, nil)
	}
	for i, p := range dst.Parts {
		if f := v.kids[0].kids[i].appendTo(p, from, to, nil); f != nil {
			return f
		}
	}
	return nil
}

func (v *Vector) appendTexts(dst *column.Vector, from, to, start int) {
	for i := from; i < to; i++ {
		if !dst.Null[start+i-from] {
			switch v.Type.ID {
			case Enum, UUID:
				dst.Bytes = v.AppendText(dst.Bytes, i)
			default:
				dst.Bytes = append(dst.Bytes, v.Bytes(i)...)
			}
		}
		dst.Ends = append(dst.Ends, len(dst.Bytes))
	}
}

// appendNumbers appends what is kept in Ints, Floats or Decimals; entries of nulls become 0.
func (v *Vector) appendNumbers(dst *column.Vector, from, to, start int) *misfit {
	null := dst.Null[start:]
	switch dst.Type.Kind {
	case schema.Float:
		dst.Floats = widen[float32](dst.Floats, v, from, to)
		clearNulls(dst.Floats[start:], null)
		return nil
	case schema.Double:
		dst.Floats = append(dst.Floats, values[float64](v, from, to)...)
		clearNulls(dst.Floats[start:], null)
		return nil
	case schema.Decimal:
		dst.Decimals = v.appendDecimals(dst.Decimals, from, to)
		clearNulls(dst.Decimals[start:], null)
	default:
		dst.Ints = v.appendInts(dst.Ints, from, to)
		clearNulls(dst.Ints[start:], null)
	}
	switch v.Type.ID {
	case TimestampS, TimestampMS, TimestampNS:
		if f := toMicros(dst.Ints[start:], v.Type.ID); f != nil {
			return f
		}
	case HugeInt, Timestamp, TimestampTZ, DateType:
	default:
		return nil // all that DuckDB's type has
	}
	return check(dst, start, dst.Len())
}

func values[T any](v *Vector, from, to int) []T {
	return unsafe.Slice((*T)(v.data), to)[from:]
}

func widen[S uint8 | int8 | uint16 | int16 | uint32 | int32 | float32, D int64 | float64](dst []D, v *Vector, from, to int) []D {
	dst = slices.Grow(dst, to-from)
	for _, n := range values[S](v, from, to) {
		dst = append(dst, D(n))
	}
	return dst
}

func clearNulls[T any](entries []T, null []bool) {
	var zero T
	for i, isNull := range null {
		if isNull {
			entries[i] = zero
		}
	}
}

func (v *Vector) appendInts(dst []int64, from, to int) []int64 {
	switch v.Type.ID {
	case Boolean, UTinyInt:
		return widen[uint8](dst, v, from, to)
	case TinyInt:
		return widen[int8](dst, v, from, to)
	case SmallInt:
		return widen[int16](dst, v, from, to)
	case USmallInt:
		return widen[uint16](dst, v, from, to)
	case Integer, DateType:
		return widen[int32](dst, v, from, to)
	case UInteger:
		return widen[uint32](dst, v, from, to)
	}
	return append(dst, values[int64](v, from, to)...)
}

func (v *Vector) appendDecimals(dst []convert.Int128, from, to int) []convert.Int128 {
	dst = slices.Grow(dst, to-from)
	switch {
	case v.Type.ID == UBigInt:
		for _, n := range values[uint64](v, from, to) {
			dst = append(dst, convert.Int128{Lo: n})
		}
	case v.Type.ID == HugeInt || v.Type.Width > 18:
		for _, h := range values[hugeT](v, from, to) {
			dst = append(dst, convert.Int128{Hi: h.hi, Lo: h.lo})
		}
	default:
		for i := from; i < to; i++ {
			dst = append(dst, convert.FromInt64(v.Int64(i)))
		}
	}
	return dst
}

// toMicros turns times of another unit into microseconds. None is rounded.
func toMicros(times []int64, id TypeID) *misfit {
	factor, part := int64(1), int64(1)
	switch id {
	case TimestampS:
		factor = 1_000_000
	case TimestampMS:
		factor = 1000
	case TimestampNS:
		part = 1000
	}
	for i, n := range times {
		if n%part != 0 {
			return &misfit{at: i, problem: "a timestamp has nanoseconds: cast it in the query"}
		}
		m := n * factor
		if m/factor != n {
			return &misfit{at: i, problem: "a timestamp is out of range"}
		}
		times[i] = m / part
	}
	return nil
}
