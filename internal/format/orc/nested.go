package orc

import "penstock/internal/format/orc/wire"

import "penstock/internal/column"

// structColumn is a struct. Its readers are those of the wanted fields.
type structColumn struct {
	base
	fields []columnReader
}

func (c *structColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 0, absent)
	if err != nil {
		return err
	}
	if count == n {
		nulls = nil
	}
	for i, f := range c.fields {
		if err := f.read(v.Parts[i], n, nulls); err != nil {
			return err
		}
	}
	return nil
}

// listColumn is an array or a map.
type listColumn struct {
	base
	lengths lengths
	parts   []columnReader
}

func (c *listColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	sizes, sum, err := c.lengths.read(&c.base, count, 1)
	if err != nil {
		return err
	}
	end := v.Parts[0].Len()
	ends := extend(&v.Ends, n)
	at := 0
	for i := range ends {
		if !nulls[i] {
			end += int(sizes[at])
			at++
		}
		ends[i] = end
	}
	for i, p := range c.parts {
		if err := p.read(v.Parts[i], sum, nil); err != nil {
			return err
		}
	}
	return nil
}

// unionColumn is a union, read as a struct of its tag and its variants, of which one has a value. The variants that are not wanted, and
// the tag, may be missing.
type unionColumn struct {
	base
	data     *wire.ByteReader
	tmp      []byte
	tag      int // where the tag goes in the struct; -1: nowhere
	variants []columnReader
	places   []int // where each variant goes
	numbers  []int // which variant of the file it is
	missing  []int // fields of the struct that the union has not
}

func (c *unionColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	c.tmp = c.tmp[:0]
	tags := extend(&c.tmp, n)
	if err := c.data.Read(tags[:count]); err != nil {
		return err
	}
	for _, t := range tags[:count] {
		if int(t) >= len(c.node.kids) {
			return c.fail("variant %d of a union of %d", t, len(c.node.kids))
		}
	}
	spread(tags, nulls, count)
	c.putTags(v, tags, nulls)
	for i, f := range c.variants {
		others := make([]bool, n)
		for j, t := range tags {
			others[j] = nulls[j] || int(t) != c.numbers[i]
		}
		if err := f.read(v.Parts[c.places[i]], n, others); err != nil {
			return err
		}
	}
	for _, i := range c.missing {
		if err := (&nullColumn{c.budget}).read(v.Parts[i], n, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c *unionColumn) putTags(v *column.Vector, tags []byte, nulls []bool) {
	if c.tag < 0 {
		return
	}
	for i, t := range tags {
		if nulls[i] {
			v.Parts[c.tag].AppendNull()
		} else {
			v.Parts[c.tag].AppendInt(int64(t))
		}
	}
}
