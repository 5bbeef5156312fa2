package engine

/*
#include <stdint.h>
#include <stdlib.h>
int penstock_assign(void *vector, uint64_t index, const char *text, uint64_t length);
int penstock_reserve(void *vector, uint64_t capacity);
void penstockCallFunction(void *info, void *chunk, void *vector);
void penstockDropFunction(void *p);
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// A Function is a scalar function written in Go. DuckDB keeps no functions in its files: they are registered anew with each instance,
// before the first statement that names one. SQL finds them in every schema and database of the instance.
type Function struct {
	Name   string
	Params []Type
	Rest   bool // any number of further arguments of the last parameter's type
	Result Type
	// Nulls says that the function is called with NULLs too. Without it a row with a NULL argument is NULL and Call must leave it out.
	Nulls bool
	// Call computes the rows of a chunk, at most 2,048. Threads of DuckDB call it at the same time. Its error ends the statement and
	// comes back as an Error of kind Value.
	Call func(in []Vector, out *ColumnWriter, rows int) error
}

// Register makes a function known to all connections of the instance.
func (c *Conn) Register(f *Function) error {
	sf := duck.CreateScalarFunction()
	defer duck.DestroyScalarFunction(&sf)
	duck.ScalarFunctionSetName(sf, f.Name)
	for i, p := range f.Params {
		lt := logicalType(p)
		if i == len(f.Params)-1 && f.Rest {
			duck.ScalarFunctionSetVarargs(sf, lt)
		} else {
			duck.ScalarFunctionAddParameter(sf, lt)
		}
		duck.DestroyLogicalType(&lt)
	}
	lt := logicalType(f.Result)
	defer duck.DestroyLogicalType(&lt)
	duck.ScalarFunctionSetReturnType(sf, lt)
	if f.Nulls {
		duck.ScalarFunctionSetSpecialHandling(sf)
	}
	slot := (*cgo.Handle)(C.malloc(C.size_t(unsafe.Sizeof(cgo.Handle(0)))))
	*slot = cgo.NewHandle(f)
	duck.ScalarFunctionSetExtraInfo(sf, unsafe.Pointer(slot), C.penstockDropFunction)
	duck.ScalarFunctionSetFunction(sf, C.penstockCallFunction)
	if duck.RegisterScalarFunction(c.c, sf) == duck.StateError {
		return fmt.Errorf("register function %s: DuckDB refuses it", f.Name)
	}
	return nil
}

//export penstockDropFunction
func penstockDropFunction(p unsafe.Pointer) {
	(*(*cgo.Handle)(p)).Delete()
	C.free(p)
}

//export penstockCallFunction
func penstockCallFunction(infoPtr, chunkPtr, vectorPtr unsafe.Pointer) {
	info := duck.FunctionInfo{Ptr: infoPtr}
	f := (*(*cgo.Handle)(duck.ScalarFunctionGetExtraInfo(info))).Value().(*Function)
	if err := f.run(duck.DataChunk{Ptr: chunkPtr}, duck.Vector{Ptr: vectorPtr}); err != nil {
		duck.ScalarFunctionSetError(info, markValue(err))
	}
}

// run calls the function. A panic must not leave Go: it would take the process with it.
func (f *Function) run(chunk duck.DataChunk, result duck.Vector) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case noMemory:
			err = r
		default:
			err = fmt.Errorf("function %s failed: %v", f.Name, r)
		}
	}()
	rows := int(duck.DataChunkGetSize(chunk))
	in := make([]Vector, int(duck.DataChunkGetColumnCount(chunk)))
	for i := range in {
		in[i] = newVector(duck.DataChunkGetVector(chunk, duck.IdxT(i)), f.Params[min(i, len(f.Params)-1)], rows)
	}
	full := false
	out := &ColumnWriter{typ: f.Result, vec: result, data: duck.VectorGetData(result), full: &full}
	if err := f.Call(in, out, rows); err != nil {
		return err
	}
	if full {
		return noMemory{}
	}
	return nil
}

// noMemory is the error of a Function whose results did not fit the memory that the engine may use.
type noMemory struct{}

func (noMemory) Error() string {
	return "out of memory: the statement needs more than the engine may use"
}
func (noMemory) SQLState() string { return "53200" }

// SetText writes the result of a Function: a Varchar of valid UTF-8, or a Blob. The bytes are copied. When there is no memory for them
// the row is empty text, and the Function fails at its end.
func (w *ColumnWriter) SetText(row int, b []byte) {
	if len(b) > inlineBytes {
		if C.penstock_assign(w.vec.Ptr, C.uint64_t(row), (*C.char)(unsafe.Pointer(&b[0])), C.uint64_t(len(b))) != 0 {
			return
		}
		*w.full, b = true, nil
	}
	s := stringT{length: uint32(len(b))}
	copy(s.inline[:], b)
	put(w, row, s)
}

// SetInterval writes an Interval.
func (w *ColumnWriter) SetInterval(row int, months, days int32, micros int64) {
	put(w, row, struct {
		months, days int32
		micros       int64
	}{months, days, micros})
}

// List returns a writer for the elements of the lists that a Function gives, total of all rows; SetList says which are a row's.
func (w *ColumnWriter) List(total int) *ColumnWriter {
	if !reserve(w.vec, total) {
		panic(noMemory{}) // there is no row to write to
	}
	child := duck.ListVectorGetChild(w.vec)
	return &ColumnWriter{typ: *w.typ.Elem, vec: child, data: duck.VectorGetData(child), full: w.full}
}

// reserve makes a vector of lists have total elements; it is false when there is no memory for them.
func reserve(v duck.Vector, total int) bool {
	if C.penstock_reserve(v.Ptr, C.uint64_t(total)) == 0 {
		return false
	}
	duck.ListVectorSetSize(v, duck.IdxT(total))
	return true
}

// SetList makes elements from to from+n the list of a row.
func (w *ColumnWriter) SetList(row, from, n int) {
	put(w, row, [2]uint64{uint64(from), uint64(n)})
}

var plainTypes = [...]duck.Type{Boolean: duck.TypeBoolean, TinyInt: duck.TypeTinyInt, SmallInt: duck.TypeSmallInt,
	Integer: duck.TypeInteger, BigInt: duck.TypeBigInt, HugeInt: duck.TypeHugeInt, Float: duck.TypeFloat, Double: duck.TypeDouble,
	Varchar: duck.TypeVarchar, Blob: duck.TypeBlob, DateType: duck.TypeDate, Time: duck.TypeTime, TimeTZ: duck.TypeTimeTZ,
	Timestamp: duck.TypeTimestamp, TimestampTZ: duck.TypeTimestampTZ, Interval: duck.TypeInterval}

// logicalType makes the type of a parameter or result; the caller destroys it.
func logicalType(t Type) duck.LogicalType {
	switch t.ID {
	case Decimal:
		return duck.CreateDecimalType(t.Width, t.Scale)
	case List:
		elem := logicalType(*t.Elem)
		defer duck.DestroyLogicalType(&elem)
		return duck.CreateListType(elem)
	}
	lt := duck.CreateLogicalType(plainTypes[t.ID])
	if t.ID == Varchar && t.Name == JSON {
		duck.LogicalTypeSetAlias(lt, JSON)
	}
	return lt
}

// JSON is the Name of a Varchar that holds JSON, in the types of a Function.
const JSON = "JSON"
