package orc

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"penstock/internal/column"
	"penstock/internal/format/orc/wire"
)

// columnReader reads a column of a stripe.
type columnReader interface {
	// read appends n values. Where absent is true the column's parent is null: the file has no value there, and it becomes null. A nil
	// absent is false everywhere.
	read(v *column.Vector, n int, absent []bool) error
}

// budget bounds what one batch may take in memory.
type budget struct{ left, all int }

func (b *budget) take(n int) error {
	if n < 0 || n > b.left {
		return fmt.Errorf("the values of few rows take more than %d bytes", b.all)
	}
	b.left -= n
	return nil
}

// base is what all columns have.
type base struct {
	node    *node
	present *wire.BitReader // nil: there are no nulls
	budget  *budget
	part    string // "stripe 2, column a.b"
}

func (c *base) fail(format string, args ...any) error {
	return fmt.Errorf("%s: %w", c.part, fmt.Errorf(format, args...))
}

// mark appends n null flags, and returns them and how many values are not null. The values of a kind take width bytes each.
func (c *base) mark(v *column.Vector, n, width int, absent []bool) (nulls []bool, count int, err error) {
	if err := c.budget.take(n * (width + 1)); err != nil {
		return nil, 0, c.fail("%w", err)
	}
	nulls = extend(&v.Null, n)
	switch {
	case c.present == nil && absent == nil:
		clear(nulls)
		return nulls, n, nil
	case c.present == nil:
		copy(nulls, absent)
	default:
		here := n - countTrue(absent)
		if err := c.present.Read(nulls[:here]); err != nil {
			return nil, 0, err
		}
		c.place(nulls, absent, here)
	}
	return nulls, n - countTrue(nulls), nil
}

// place turns the flags of presence of those that are not absent into null flags of all.
func (c *base) place(nulls, absent []bool, here int) {
	for i := len(nulls) - 1; i >= 0; i-- {
		if absent != nil && absent[i] {
			nulls[i] = true
			continue
		}
		here--
		nulls[i] = !nulls[here]
	}
}

func countTrue(flags []bool) (n int) {
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}

// extend makes s longer by n and returns the new part, whose values say nothing yet.
func extend[T any](s *[]T, n int) []T {
	from := len(*s)
	*s = slices.Grow(*s, n)[:from+n]
	return (*s)[from:]
}

// spread moves the count values at the front of dst to where nulls is false; the others become zero.
func spread[T any](dst []T, nulls []bool, count int) {
	if count == len(dst) {
		return
	}
	var zero T
	for i := len(dst) - 1; i >= 0; i-- {
		if nulls[i] {
			dst[i] = zero
		} else {
			count--
			dst[i] = dst[count]
		}
	}
}

// intColumn is smallint, int, bigint or date.
type intColumn struct {
	base
	data     wire.IntReader
	low      int64
	high     int64
	calendar bool // the days are of the hybrid calendar
}

func (c *intColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	dst := extend(&v.Ints, n)
	if err := c.data.Read(dst[:count]); err != nil {
		return err
	}
	for i, x := range dst[:count] {
		if x < c.low || x > c.high {
			return c.fail("%d is no %s", x, kindName(c.node.kind))
		}
		if c.calendar && x < gregorianStart {
			dst[i] = prolepticDay(x)
		}
	}
	spread(dst, nulls, count)
	return nil
}

// byteColumn is tinyint.
type byteColumn struct {
	base
	data *wire.ByteReader
	tmp  []byte
}

func (c *byteColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	c.tmp = c.tmp[:0]
	if err := c.data.Read(extend(&c.tmp, count)); err != nil {
		return err
	}
	dst := extend(&v.Ints, n)
	for i, b := range c.tmp {
		dst[i] = int64(int8(b))
	}
	spread(dst, nulls, count)
	return nil
}

// boolColumn is boolean.
type boolColumn struct {
	base
	data *wire.BitReader
	tmp  []bool
}

func (c *boolColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	c.tmp = c.tmp[:0]
	if err := c.data.Read(extend(&c.tmp, count)); err != nil {
		return err
	}
	dst := extend(&v.Ints, n)
	for i, b := range c.tmp {
		dst[i] = 0
		if b {
			dst[i] = 1
		}
	}
	spread(dst, nulls, count)
	return nil
}

// floatColumn is float or double.
type floatColumn struct {
	base
	data  *wire.In
	width int // bytes
}

func (c *floatColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	dst := extend(&v.Floats, n)
	for at := 0; at < count; {
		part := dst[at:min(at+4096/c.width, count)]
		b, err := c.data.Take(len(part) * c.width)
		if err != nil {
			return err
		}
		if c.width == 4 {
			for i := range part {
				part[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
			}
		} else {
			for i := range part {
				part[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
			}
		}
		at += len(part)
	}
	spread(dst, nulls, count)
	return nil
}

// nullColumn is one that the file has not.
type nullColumn struct{ budget *budget }

func (c *nullColumn) read(v *column.Vector, n int, _ []bool) error {
	if err := c.budget.take(9 * n); err != nil {
		return err
	}
	for range n {
		v.AppendNull()
	}
	return nil
}
