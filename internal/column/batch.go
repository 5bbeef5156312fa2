package column

import (
	"fmt"

	"penstock/internal/schema"
)

// A Batch is some rows of a table.
type Batch struct {
	Columns []*Vector
	Names   []string
	rows    int
}

// NewBatch returns an empty batch of columns.
func NewBatch(columns []schema.Field) *Batch {
	b := &Batch{}
	for _, c := range columns {
		b.Columns = append(b.Columns, New(c.Type))
		b.Names = append(b.Names, c.Name)
	}
	return b
}

// Rows is the number of rows that are whole.
func (b *Batch) Rows() int { return b.rows }

// EndRows says that n more rows are whole: every column has got n values.
func (b *Batch) EndRows(n int) { b.rows += n }

// Drop takes back what the columns got of a row, or of several, that are not whole.
func (b *Batch) Drop() {
	for _, c := range b.Columns {
		c.Truncate(b.rows)
	}
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	b.rows = 0
	b.Drop()
}

// Size is about how many bytes the values take: what a reader looks at to end a batch before memory does.
func (b *Batch) Size() int {
	n := 0
	for _, c := range b.Columns {
		n += c.size()
	}
	return n
}

func (v *Vector) size() int {
	n := len(v.Null) + 8*(len(v.Ints)+len(v.Floats)+len(v.Ends)) + 16*len(v.Decimals) + len(v.Bytes)
	for _, p := range v.Parts {
		n += p.size()
	}
	return n
}

// Check returns an error when a column has not as many values as the batch has rows, or contradicts itself.
func (b *Batch) Check() error {
	for i, c := range b.Columns {
		if c.Len() != b.rows {
			return fmt.Errorf("column %s has %d values in a batch of %d rows", b.Names[i], c.Len(), b.rows)
		}
		if err := c.Check(); err != nil {
			return fmt.Errorf("column %s: %w", b.Names[i], err)
		}
	}
	return nil
}
