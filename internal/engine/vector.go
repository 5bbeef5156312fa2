package engine

import (
	"math/big"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// A Vector is the values of one column in one chunk, read in place. Which accessor fits is said by Type; a NULL row's value is
// undefined, so ask IsNull first.
type Vector struct {
	Type  Type
	data  unsafe.Pointer
	valid *uint64 // nil: no NULL
	size  int
	kids  []Vector // of a List one, of a Struct its fields
}

func newVector(v duck.Vector, t Type, size int) Vector {
	out := Vector{Type: t, data: duck.VectorGetData(v), valid: (*uint64)(duck.VectorGetValidity(v)), size: size}
	switch t.ID {
	case List:
		out.kids = []Vector{newVector(duck.ListVectorGetChild(v), *t.Elem, int(duck.ListVectorGetSize(v)))}
	case Map:
		entry := Type{ID: Struct, Fields: t.Fields}
		out.kids = []Vector{newVector(duck.ListVectorGetChild(v), entry, int(duck.ListVectorGetSize(v)))}
	case Struct:
		for i, f := range t.Fields {
			out.kids = append(out.kids, newVector(duck.StructVectorGetChild(v, duck.IdxT(i)), f.Type, size))
		}
	}
	return out
}

func at[T any](v *Vector, row int) T {
	return *(*T)(unsafe.Add(v.data, uintptr(row)*unsafe.Sizeof(*new(T))))
}

// IsNull reports whether the row is NULL.
func (v *Vector) IsNull(row int) bool {
	if v.Type.ID == Null {
		return true
	}
	if v.valid == nil {
		return false
	}
	w := *(*uint64)(unsafe.Add(unsafe.Pointer(v.valid), uintptr(row/64)*8))
	return w>>(row%64)&1 == 0
}

// Bool reads a Boolean.
func (v *Vector) Bool(row int) bool { return at[bool](v, row) }

// Int64 reads any integer type up to 64 bits, a Date (days), a Time or Timestamp (in the type's unit: microseconds, or seconds,
// milliseconds, nanoseconds) and the unscaled value of a Decimal of width up to 18.
func (v *Vector) Int64(row int) int64 {
	switch v.Type.ID {
	case TinyInt:
		return int64(at[int8](v, row))
	case SmallInt:
		return int64(at[int16](v, row))
	case Integer, DateType:
		return int64(at[int32](v, row))
	case UTinyInt:
		return int64(at[uint8](v, row))
	case USmallInt:
		return int64(at[uint16](v, row))
	case UInteger:
		return int64(at[uint32](v, row))
	case Boolean:
		if at[bool](v, row) {
			return 1
		}
		return 0
	case Decimal:
		switch {
		case v.Type.Width <= 4:
			return int64(at[int16](v, row))
		case v.Type.Width <= 9:
			return int64(at[int32](v, row))
		}
	case HugeInt:
		return int64(at[uint64](v, row*2)) // the low half; see Huge
	}
	return at[int64](v, row)
}

// Uint64 reads a UBigInt.
func (v *Vector) Uint64(row int) uint64 { return at[uint64](v, row) }

// Float64 reads a Float or Double.
func (v *Vector) Float64(row int) float64 {
	if v.Type.ID == Float {
		return float64(at[float32](v, row))
	}
	return at[float64](v, row)
}

// Float32 reads a Float.
func (v *Vector) Float32(row int) float32 { return at[float32](v, row) }

// Huge reads the two halves of a HugeInt, or of a Decimal wider than 18 (its unscaled value): hi*2^64 + lo.
func (v *Vector) Huge(row int) (hi int64, lo uint64) {
	return at[int64](v, row*2+1), at[uint64](v, row*2)
}

// BigInt reads a HugeInt or the unscaled value of any Decimal.
func (v *Vector) BigInt(row int) *big.Int {
	if v.Type.ID != HugeInt && (v.Type.ID != Decimal || v.Type.Width <= 18) {
		return big.NewInt(v.Int64(row))
	}
	hi, lo := v.Huge(row)
	n := new(big.Int).Lsh(big.NewInt(hi), 64)
	return n.Add(n, new(big.Int).SetUint64(lo))
}

// Bytes reads a Varchar or Blob without copying; the bytes live as long as the chunk.
func (v *Vector) Bytes(row int) []byte {
	s := (*stringT)(unsafe.Add(v.data, uintptr(row)*16))
	if s.length <= inlineBytes {
		return s.inline[:s.length]
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&s.inline[4])), s.length)
}

// String reads a Varchar as a copy.
func (v *Vector) String(row int) string { return string(v.Bytes(row)) }

// stringT is DuckDB's string_t: short text lies inside, of long text a prefix of four bytes and a pointer.
type stringT struct {
	length uint32
	inline [inlineBytes]byte
}

const inlineBytes = 12

// Interval reads an Interval's three parts.
func (v *Vector) Interval(row int) (months, days int32, micros int64) {
	p := unsafe.Add(v.data, uintptr(row)*16)
	return *(*int32)(p), *(*int32)(unsafe.Add(p, 4)), *(*int64)(unsafe.Add(p, 8))
}

// TimeTZ reads a TimeTZ: microseconds of the day, and seconds east of UTC.
func (v *Vector) TimeTZ(row int) (micros int64, offset int32) {
	const largest = 16*60*60 - 1 // the offset is kept as what it lacks to this
	bits := at[uint64](v, row)
	return int64(bits >> 24), largest - int32(bits&0xffffff)
}

// UUID reads a UUID's 16 bytes.
func (v *Vector) UUID(row int) (out [16]byte) {
	hi, lo := v.Huge(row)
	h := uint64(hi) ^ 1<<63 // stored with its top bit flipped, so that it sorts as a signed number
	for i := range 8 {
		out[i], out[8+i] = byte(h>>(56-8*i)), byte(lo>>(56-8*i))
	}
	return out
}

// Label reads an Enum.
func (v *Vector) Label(row int) string {
	n := len(v.Type.Labels)
	switch {
	case n <= 1<<8:
		return v.Type.Labels[at[uint8](v, row)]
	case n <= 1<<16:
		return v.Type.Labels[at[uint16](v, row)]
	}
	return v.Type.Labels[at[uint32](v, row)]
}

// List reads a List (or a Map, whose elements are structs of key and value): the elements are rows from to to of elems.
func (v *Vector) List(row int) (elems *Vector, from, to int) {
	off, n := at[uint64](v, row*2), at[uint64](v, row*2+1)
	return &v.kids[0], int(off), int(off + n)
}

// Field returns field i of a Struct, row by row.
func (v *Vector) Field(i int) *Vector { return &v.kids[i] }
