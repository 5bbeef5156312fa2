package orc

import "penstock/internal/format/orc/wire"

import "penstock/internal/column"

// structWriter is a struct.
type structWriter struct {
	colBase
	fields []columnWriter
	absent []bool
}

func (c *structWriter) write(v *column.Vector, from, to int, absent []bool) error {
	c.absent = c.absent[:0]
	gaps := false
	for i := from; i < to; i++ {
		gone := absent != nil && absent[i-from]
		if !gone {
			if c.value(v, i) {
				c.group.count++
			} else {
				gone = true
			}
		}
		gaps = gaps || gone
		c.absent = append(c.absent, gone)
	}
	if absent = nil; gaps {
		absent = c.absent
	}
	for i, f := range c.fields {
		if err := f.write(v.Parts[i], from, to, absent); err != nil {
			return err
		}
	}
	return nil
}

func (c *structWriter) startGroup() {
	c.colBase.startGroup()
	for _, f := range c.fields {
		f.startGroup()
	}
}

func (c *structWriter) endGroup() {
	c.colBase.endGroup()
	for _, f := range c.fields {
		f.endGroup()
	}
}

func (c *structWriter) size() int {
	n := c.colBase.size()
	for _, f := range c.fields {
		n += f.size()
	}
	return n
}

func (c *structWriter) finish(s *stripeWriter) error {
	if err := c.finishWith(s, encodingInfo{}); err != nil {
		return err
	}
	return finishAll(s, c.fields)
}

func finishAll(s *stripeWriter, columns []columnWriter) error {
	for _, f := range columns {
		if err := f.finish(s); err != nil {
			return err
		}
	}
	return nil
}

// listWriter is an array or a map.
type listWriter struct {
	colBase
	lengths wire.IntWriter
	parts   []columnWriter
}

func (c *listWriter) write(v *column.Vector, from, to int, absent []bool) error {
	first, end := 0, 0 // elements that are next to each other go down together
	for i := from; i < to; i++ {
		if absent != nil && absent[i-from] || !c.value(v, i) {
			continue
		}
		a, b := v.Range(i)
		c.group.addChildren(uint64(b - a))
		c.lengths.Put(int64(b - a))
		if a != end {
			if err := c.elements(v, first, end); err != nil {
				return err
			}
			first = a
		}
		end = b
	}
	return c.elements(v, first, end)
}

func (c *listWriter) elements(v *column.Vector, from, to int) error {
	if from == to {
		return nil
	}
	for i, p := range c.parts {
		if err := p.write(v.Parts[i], from, to, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c *listWriter) startGroup() {
	c.colBase.startGroup()
	c.lengths.StartGroup()
	for _, p := range c.parts {
		p.startGroup()
	}
}

func (c *listWriter) endGroup() {
	c.colBase.endGroup()
	for _, p := range c.parts {
		p.endGroup()
	}
}

func (c *listWriter) size() int {
	n := c.colBase.size() + c.lengths.Size()
	for _, p := range c.parts {
		n += p.size()
	}
	return n
}

func (c *listWriter) finish(s *stripeWriter) error {
	c.lengths.Flush()
	defer c.lengths.Out.Reset()
	if err := c.finishWith(s, encodingInfo{kind: encodingDirectV2}, stripeStream{streamLength, &c.lengths.Out}); err != nil {
		return err
	}
	return finishAll(s, c.parts)
}
