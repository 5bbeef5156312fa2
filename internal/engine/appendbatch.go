package engine

import (
	"bytes"
	"fmt"
	"runtime"
	"unsafe"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// flushBytes is how much of batches DuckDB holds outside of its buffers before it is made to put them into the table.
const flushBytes = 32 << 20

// AppendBatch appends the rows of a batch, whose columns are the table's in order, name and type (as schema.Type.DuckDB says). A value
// that DuckDB cannot hold - text that is not UTF-8, a number out of its type's range, a map with a key twice - is a *ValueError, and no
// row of the batch is appended. Of another error only an Abandon is left. The batch is the caller's again when AppendBatch returns.
func (a *Appender) AppendBatch(b *column.Batch) error {
	if err := a.match(b); err != nil {
		return err
	}
	if err := b.Check(); err != nil {
		return fmt.Errorf("append to %s: %w", a.table[1], err)
	}
	for i, v := range b.Columns {
		if f := check(v, 0, b.Rows()); f != nil {
			return f.of(b.Names[i], f.at+1)
		}
	}
	if err := a.push(); err != nil {
		return err
	}
	var pin runtime.Pinner // long texts stay where they are: DuckDB copies them when it takes the chunk
	defer pin.Unpin()
	for _, v := range b.Columns {
		pinTexts(&pin, v)
	}
	for from := 0; from < b.Rows(); from += ChunkRows {
		if err := a.pushRows(b, from, min(from+ChunkRows, b.Rows())); err != nil {
			return fmt.Errorf("append to %s: %w", a.table[1], err)
		}
	}
	if a.held += b.Size(); a.held > flushBytes {
		return a.Flush()
	}
	return nil
}

func pinTexts(pin *runtime.Pinner, v *column.Vector) {
	if len(v.Bytes) > 0 {
		pin.Pin(unsafe.SliceData(v.Bytes))
	}
	for _, p := range v.Parts {
		pinTexts(pin, p)
	}
}

// match compares a batch's columns with the table's.
func (a *Appender) match(b *column.Batch) error {
	if a.names == nil {
		if err := a.readNames(); err != nil {
			return err
		}
	}
	have := make([]Column, len(a.names))
	for i, n := range a.names {
		have[i] = Column{n, a.types[i]}
	}
	return match(b, "table "+a.table[1], have, true)
}

func (a *Appender) readNames() error {
	var d duck.TableDescription
	defer duck.TableDescriptionDestroy(&d)
	if duck.TableDescriptionCreateExt(a.c.c, "", a.table[0], a.table[1], &d) == duck.StateError {
		return fmt.Errorf("append to %s: %w", a.table[1], newError(duck.TableDescriptionError(d)))
	}
	n := int(duck.TableDescriptionGetColumnCount(d))
	if n != len(a.types) {
		return fmt.Errorf("append to %s: Penstock does not support batches for a table with generated columns", a.table[1])
	}
	a.names = make([]string, n)
	for i := range a.names {
		a.names[i] = duck.TableDescriptionGetColumnName(d, duck.IdxT(i))
	}
	return nil
}

// pushRows hands rows from to to of a batch to DuckDB, at most a chunk's.
func (a *Appender) pushRows(b *column.Batch, from, to int) error {
	defer a.clear()
	for i, v := range b.Columns {
		if !fill(duck.DataChunkGetVector(a.chunk, duck.IdxT(i)), v, from, to, nil) {
			return &Error{Kind: "Out of Memory", Message: noMemory{}.Error()}
		}
	}
	a.n = to - from
	return a.push()
}

// fill writes values from to to of v into a vector, whose memory is fresh. above are the validity bits of the struct around it, if any:
// the fields of one that is null are null too. It is false when there was no memory.
func fill(dst duck.Vector, v *column.Vector, from, to int, above []uint64) bool {
	if from == to {
		return true
	}
	valid := setNulls(dst, v.Null[from:to], above)
	switch v.Type.Kind {
	case schema.Struct:
		for i, p := range v.Parts {
			if !fill(duck.StructVectorGetChild(dst, duck.IdxT(i)), p, from, to, valid) {
				return false
			}
		}
		return true
	case schema.Array, schema.Map:
		return fillLists(dst, v, from, to)
	case schema.Unknown:
		return true
	case schema.Float, schema.Double, schema.Decimal:
		fillNumbers(duck.VectorGetData(dst), v, from, to)
	case schema.String, schema.Char, schema.Varchar, schema.Binary:
		fillTexts(unsafe.Slice((*stringT)(duck.VectorGetData(dst)), to-from), v, from)
	default:
		fillInts(duck.VectorGetData(dst), v, from, to)
	}
	return true
}

// setNulls writes the validity bits, which it returns, or nil when nothing is null.
func setNulls(dst duck.Vector, null []bool, above []uint64) []uint64 {
	if above == nil && bytes.IndexByte(unsafe.Slice((*byte)(unsafe.Pointer(&null[0])), len(null)), 1) < 0 {
		return nil
	}
	duck.VectorEnsureValidityWritable(dst)
	words := unsafe.Slice((*uint64)(duck.VectorGetValidity(dst)), (len(null)+63)/64)
	for w := range words {
		bits := ^uint64(0)
		if above != nil {
			bits = above[w]
		}
		for i, isNull := range null[w*64 : min(w*64+64, len(null))] {
			if isNull {
				bits &^= 1 << i
			}
		}
		words[w] = bits
	}
	return words
}

func fillLists(dst duck.Vector, v *column.Vector, from, to int) bool {
	first, _ := v.Range(from)
	last := v.Ends[to-1]
	if !reserve(dst, last-first) {
		return false
	}
	entries := unsafe.Slice((*[2]uint64)(duck.VectorGetData(dst)), to-from)
	at := first
	for i, end := range v.Ends[from:to] {
		entries[i] = [2]uint64{uint64(at - first), uint64(end - at)}
		if v.Null[from+i] {
			entries[i][1] = 0 // as DuckDB's own nulls are
		}
		at = end
	}
	child := duck.ListVectorGetChild(dst)
	if v.Type.Kind == schema.Array {
		return fill(child, v.Parts[0], first, last, nil)
	}
	return fill(duck.StructVectorGetChild(child, 0), v.Parts[0], first, last, nil) &&
		fill(duck.StructVectorGetChild(child, 1), v.Parts[1], first, last, nil)
}

// narrow copies numbers that fit the type D.
func narrow[D, S int8 | int16 | int32 | int64 | float32 | float64](dst unsafe.Pointer, src []S) {
	out := unsafe.Slice((*D)(dst), len(src))
	for i, n := range src {
		out[i] = D(n)
	}
}

func fillInts(dst unsafe.Pointer, v *column.Vector, from, to int) {
	src := v.Ints[from:to]
	switch v.Type.Kind {
	case schema.Boolean, schema.TinyInt:
		narrow[int8](dst, src)
	case schema.SmallInt:
		narrow[int16](dst, src)
	case schema.Int, schema.Date:
		narrow[int32](dst, src)
	default:
		copy(unsafe.Slice((*int64)(dst), len(src)), src)
	}
}

func fillNumbers(dst unsafe.Pointer, v *column.Vector, from, to int) {
	switch p := v.Type.Precision; {
	case v.Type.Kind == schema.Float:
		narrow[float32](dst, v.Floats[from:to])
	case v.Type.Kind == schema.Double:
		copy(unsafe.Slice((*float64)(dst), to-from), v.Floats[from:to])
	case p <= 4:
		lowHalves[int16](dst, v.Decimals[from:to])
	case p <= 9:
		lowHalves[int32](dst, v.Decimals[from:to])
	case p <= 18:
		lowHalves[int64](dst, v.Decimals[from:to])
	default:
		out := unsafe.Slice((*hugeT)(dst), to-from)
		for i, d := range v.Decimals[from:to] {
			out[i] = hugeT{d.Lo, d.Hi}
		}
	}
}

// hugeT is DuckDB's hugeint_t.
type hugeT struct {
	lo uint64
	hi int64
}

func lowHalves[D int16 | int32 | int64](dst unsafe.Pointer, src []convert.Int128) {
	out := unsafe.Slice((*D)(dst), len(src))
	for i, d := range src {
		out[i] = D(d.Lo)
	}
}

// fillTexts writes texts from value from on; long ones stay in v, which is pinned.
func fillTexts(out []stringT, v *column.Vector, from int) {
	at, _ := v.Range(from)
	for i, end := range v.Ends[from : from+len(out)] {
		s := stringT{length: uint32(end - at)}
		copy(s.inline[:], v.Bytes[at:end])
		if end-at > inlineBytes {
			*(*unsafe.Pointer)(unsafe.Pointer(&s.inline[4])) = unsafe.Pointer(&v.Bytes[at])
		}
		out[i] = s
		at = end
	}
}
