package engine

import (
	"context"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// Rows is a result that streams: a chunk of up to 2,048 rows at a time, computed when asked for.
type Rows struct {
	c     *Conn
	res   duck.Result
	cols  []Column
	cur   Chunk
	owned *Stmt // closed with the rows
	done  bool
	read  int // rows that NextBatch has given
}

func (r *Rows) describe() {
	n := int(duck.ColumnCount(&r.res))
	r.cols = make([]Column, n)
	for i := range r.cols {
		r.cols[i] = Column{duck.ColumnName(&r.res, duck.IdxT(i)), takeType(duck.ColumnLogicalType(&r.res, duck.IdxT(i)))}
	}
}

// Columns describes the result. A statement without a result has one BIGINT column "Count", or none.
func (r *Rows) Columns() []Column { return r.cols }

// ReturnsRows reports whether the statement is a query; if not, Changed is what it did.
func (r *Rows) ReturnsRows() bool {
	return duck.ResultReturnType(r.res) == duck.ResultTypeQueryResult
}

// Changed is the number of rows that an INSERT, UPDATE, DELETE or COPY changed.
func (r *Rows) Changed() int64 { return int64(duck.RowsChanged(&r.res)) }

// Next returns the next chunk, nil after the last. A chunk and its bytes live until the next call.
func (r *Rows) Next(ctx context.Context) (*Chunk, error) {
	r.drop()
	if r.done {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	stop := r.c.watch(ctx)
	chunk := duck.FetchChunk(r.res)
	stop()
	if chunk.Ptr == nil {
		r.done = true
		if msg := duck.ResultError(&r.res); msg != "" {
			return nil, failed(ctx, msg)
		}
		return nil, nil
	}
	r.cur.fill(chunk, r.cols)
	return &r.cur, nil
}

func (r *Rows) drop() {
	if r.cur.dc.Ptr != nil {
		duck.DestroyDataChunk(&r.cur.dc)
	}
}

// Close frees the result, whether read to its end or not.
func (r *Rows) Close() error {
	r.drop()
	r.done = true
	duck.DestroyResult(&r.res)
	if r.owned != nil {
		r.owned.Close()
		r.owned = nil
	}
	return nil
}

// A Chunk is some rows of a result, column by column.
type Chunk struct {
	dc   duck.DataChunk
	size int
	vecs []Vector
}

func (c *Chunk) fill(dc duck.DataChunk, cols []Column) {
	c.dc, c.size = dc, int(duck.DataChunkGetSize(dc))
	if c.vecs == nil {
		c.vecs = make([]Vector, len(cols))
	}
	for i := range cols {
		c.vecs[i] = newVector(duck.DataChunkGetVector(dc, duck.IdxT(i)), cols[i].Type, c.size)
	}
}

// Size is the number of rows.
func (c *Chunk) Size() int { return c.size }

// Column returns column i.
func (c *Chunk) Column(i int) *Vector { return &c.vecs[i] }
