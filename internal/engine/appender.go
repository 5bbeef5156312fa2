package engine

import (
	"context"
	"fmt"
	"runtime"
	"unicode/utf8"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// ChunkRows is how many rows a chunk holds.
const ChunkRows = 2048

// An Appender writes rows into a table in bulk, column by column into a chunk. Values go straight into DuckDB's memory (about
// 0.1 microseconds a row); nothing is parsed or converted. The rows belong to the connection's transaction; without one, they
// are committed in steps as DuckDB sees fit, the last at Close.
type Appender struct {
	c     *Conn
	table [2]string // schema and name
	a     duck.Appender
	chunk duck.DataChunk
	types []Type
	cols  []ColumnWriter
	arena arena
	n     int
	names []string // of the columns; read for the first batch
	held  int      // bytes of batches that are not flushed
}

// A ColumnWriter writes the values of one column of the chunk that is being filled.
type ColumnWriter struct {
	vec   duck.Vector
	arena *arena
	typ   Type
	data  unsafe.Pointer
	valid *uint64
	drop  bool  // values are checked and forgotten
	full  *bool // of a Function: set when a result found no memory
}

// Discard is a writer for values that have to fit but that nobody wants: it checks them as a column's writer does and keeps none.
func Discard() *ColumnWriter { return &ColumnWriter{drop: true} }

// Appender starts a bulk load into a table. schema may be "" (the current one).
func (c *Conn) Appender(ctx context.Context, schema, table string) (*Appender, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a := &Appender{c: c, table: [2]string{schema, table}}
	if duck.AppenderCreateExt(c.c, "", schema, table, &a.a) == duck.StateError {
		err := newError(duck.AppenderError(a.a))
		duck.AppenderDestroy(&a.a)
		return nil, fmt.Errorf("append to %s: %w", table, err)
	}
	n := int(duck.AppenderColumnCount(a.a))
	lts := make([]duck.LogicalType, n)
	a.types = make([]Type, n)
	for i := range lts {
		lts[i] = duck.AppenderColumnType(a.a, duck.IdxT(i))
		a.types[i] = typeOf(lts[i])
	}
	a.chunk = duck.CreateDataChunk(lts)
	for i := range lts {
		duck.DestroyLogicalType(&lts[i])
	}
	a.cols = make([]ColumnWriter, n)
	a.point()
	return a, nil
}

// point finds the memory of the chunk's vectors.
func (a *Appender) point() {
	for i := range a.cols {
		v := duck.DataChunkGetVector(a.chunk, duck.IdxT(i))
		a.cols[i] = ColumnWriter{vec: v, arena: &a.arena, typ: a.types[i], data: duck.VectorGetData(v)}
	}
}

// Columns are the table's column types.
func (a *Appender) Columns() []Type { return a.types }

// Column is the writer of column i; it is good until Next starts a new chunk, which Column must then be asked again for.
func (a *Appender) Column(i int) *ColumnWriter { return &a.cols[i] }

// Row is the number of the row that is being written.
func (a *Appender) Row() int { return a.n }

// Next ends the row, of which every column must have been set, and hands the chunk to DuckDB when it is full.
func (a *Appender) Next() error {
	a.n++
	if a.n == ChunkRows {
		return a.push()
	}
	return nil
}

// Drop forgets the row that is being written, so that the next values overwrite it.
func (a *Appender) Drop() {
	for i := range a.cols {
		if v := a.cols[i].valid; v != nil {
			p := (*uint64)(unsafe.Add(unsafe.Pointer(v), uintptr(a.n/64)*8))
			*p |= 1 << (a.n % 64)
		}
	}
}

func (a *Appender) push() error {
	if a.n == 0 {
		return nil
	}
	duck.DataChunkSetSize(a.chunk, duck.IdxT(a.n))
	if duck.AppendDataChunk(a.a, a.chunk) == duck.StateError {
		return a.failed()
	}
	a.clear()
	return nil
}

// clear empties the chunk.
func (a *Appender) clear() {
	duck.DataChunkReset(a.chunk)
	a.arena.reset()
	a.point()
	a.n = 0
}

// Flush hands all ended rows to the table.
func (a *Appender) Flush() error {
	if err := a.push(); err != nil {
		return err
	}
	a.held = 0
	if duck.AppenderFlush(a.a) == duck.StateError {
		return a.failed()
	}
	return nil
}

// failed is the error of the call before. DuckDB's message here lacks the word for its kind.
func (a *Appender) failed() error {
	e := newError(duck.AppenderError(a.a))
	d := duck.AppenderErrorData(a.a)
	defer duck.DestroyErrorData(&d)
	if e.Kind == "" && duck.ErrorDataErrorType(d) == duck.ErrorTypeOutOfMemory {
		e.Kind = "Out of Memory"
	}
	return e
}

// Close flushes and frees the appender.
func (a *Appender) Close() error {
	err := a.push()
	if err == nil && duck.AppenderClose(a.a) == duck.StateError {
		err = a.failed()
	}
	a.free()
	return err
}

// Abandon frees the appender and forgets what is not flushed.
func (a *Appender) Abandon() {
	duck.AppenderClear(a.a)
	a.free()
}

func (a *Appender) free() {
	duck.DestroyDataChunk(&a.chunk)
	a.arena.free()
	duck.AppenderDestroy(&a.a)
}

// SetNull makes the row NULL.
func (w *ColumnWriter) SetNull(row int) {
	if w.drop {
		return
	}
	if w.valid == nil {
		duck.VectorEnsureValidityWritable(w.vec)
		w.valid = (*uint64)(duck.VectorGetValidity(w.vec))
	}
	p := (*uint64)(unsafe.Add(unsafe.Pointer(w.valid), uintptr(row/64)*8))
	*p &^= 1 << (row % 64)
}

func put[T any](w *ColumnWriter, row int, v T) {
	if w.drop {
		return
	}
	*(*T)(unsafe.Add(w.data, uintptr(row)*unsafe.Sizeof(v))) = v
}

// SetBool writes a Boolean.
func (w *ColumnWriter) SetBool(row int, v bool) { put(w, row, v) }

// SetInt64 writes an integer, Date, Time, Timestamp or Decimal (unscaled) in the width of the column; the caller has checked that
// it fits.
func (w *ColumnWriter) SetInt64(row int, v int64) {
	switch w.typ.ID {
	case TinyInt, UTinyInt:
		put(w, row, int8(v))
	case SmallInt, USmallInt:
		put(w, row, int16(v))
	case Integer, UInteger, DateType:
		put(w, row, int32(v))
	case HugeInt:
		w.SetHuge(row, v>>63, uint64(v))
	case Decimal:
		switch {
		case w.typ.Width <= 4:
			put(w, row, int16(v))
		case w.typ.Width <= 9:
			put(w, row, int32(v))
		case w.typ.Width <= 18:
			put(w, row, v)
		default:
			w.SetHuge(row, v>>63, uint64(v))
		}
	default:
		put(w, row, v)
	}
}

// SetHuge writes hi*2^64 + lo into a HugeInt or a Decimal wider than 18 digits.
func (w *ColumnWriter) SetHuge(row int, hi int64, lo uint64) {
	if w.drop {
		return
	}
	p := unsafe.Add(w.data, uintptr(row)*16)
	*(*uint64)(p), *(*int64)(unsafe.Add(p, 8)) = lo, hi
}

// SetFloat64 writes a Float or Double.
func (w *ColumnWriter) SetFloat64(row int, v float64) {
	if w.typ.ID == Float {
		put(w, row, float32(v))
		return
	}
	put(w, row, v)
}

// SetBytes writes a Varchar or Blob; the bytes are copied. It is false, with nothing written, for a Varchar that is not UTF-8.
func (w *ColumnWriter) SetBytes(row int, b []byte) bool {
	if w.typ.ID != Blob && !utf8.Valid(b) {
		return false
	}
	if w.drop {
		return true
	}
	s := stringT{length: uint32(len(b))}
	copy(s.inline[:], b)
	if len(b) > inlineBytes {
		*(*unsafe.Pointer)(unsafe.Pointer(&s.inline[4])) = w.arena.keep(b)
	}
	put(w, row, s)
	return true
}

// An arena holds the long texts of the chunk that is being filled. DuckDB copies them when it takes the chunk, so one call into C for
// each text is saved. The blocks are pinned: C memory may point to them.
type arena struct {
	blocks [][]byte
	pin    runtime.Pinner
	cur    int // block in use; its free part is blocks[cur][len:cap]
}

const arenaBlock = 256 << 10

func (a *arena) keep(b []byte) unsafe.Pointer {
	for a.cur < len(a.blocks) && cap(a.blocks[a.cur])-len(a.blocks[a.cur]) < len(b) {
		a.cur++
	}
	if a.cur == len(a.blocks) {
		block := make([]byte, 0, max(arenaBlock, len(b)))
		a.pin.Pin(unsafe.SliceData(block))
		a.blocks = append(a.blocks, block)
	}
	block := a.blocks[a.cur]
	at := len(block)
	a.blocks[a.cur] = append(block, b...)
	return unsafe.Pointer(&a.blocks[a.cur][at])
}

// reset keeps the blocks, but those of outsized texts.
func (a *arena) reset() {
	a.cur = 0
	if len(a.blocks) > 16 {
		a.free()
	}
	for i := range a.blocks {
		a.blocks[i] = a.blocks[i][:0]
	}
}

func (a *arena) free() {
	a.pin.Unpin()
	a.blocks, a.cur = nil, 0
}
