package orc

import (
	"bytes"

	"penstock/internal/column"
	"penstock/internal/format/orc/wire"
)

// lengths reads the lengths of values; they and their sum are what a batch may hold.
type lengths struct {
	data wire.IntReader
	tmp  []int64
}

// read returns count lengths and their sum. Each is one of width bytes in memory.
func (l *lengths) read(c *base, count, width int) ([]int64, int, error) {
	l.tmp = l.tmp[:0]
	dst := extend(&l.tmp, count)
	if err := l.data.Read(dst); err != nil {
		return nil, 0, err
	}
	sum := int64(0)
	for _, n := range dst {
		if n < 0 || n > int64(c.budget.all) || sum > int64(c.budget.all) {
			return nil, 0, c.fail("values of %d and more bytes or elements; a batch may take %d bytes", max(n, sum), c.budget.all)
		}
		sum += n
	}
	if err := c.budget.take(int(sum) * width); err != nil {
		return nil, 0, c.fail("%w", err)
	}
	return dst, int(sum), nil
}

// textColumn is string, varchar, char or binary, each value in the file as it is.
type textColumn struct {
	base
	lengths lengths
	data    *wire.In
}

func (c *textColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	sizes, sum, err := c.lengths.read(&c.base, count, 1)
	if err != nil {
		return err
	}
	end := len(v.Bytes)
	if err := c.data.Read(extend(&v.Bytes, sum)); err != nil {
		return err
	}
	ends := extend(&v.Ends, n)
	at := 0
	for i := range ends {
		if !nulls[i] {
			end += int(sizes[at])
			at++
		}
		ends[i] = end
	}
	if c.node.kind == kindChar {
		trimChars(v, len(v.Ends)-n)
	}
	return nil
}

// trimChars takes the blanks off the ends of values, from value i on: a char is padded in the file, or not.
func trimChars(v *column.Vector, i int) {
	from, to := 0, 0
	if i > 0 {
		from = v.Ends[i-1]
	}
	for to = from; i < len(v.Ends); i++ {
		text := bytes.TrimRight(v.Bytes[from:v.Ends[i]], " ")
		from = v.Ends[i]
		to += copy(v.Bytes[to:], text)
		v.Ends[i] = to
	}
	v.Bytes = v.Bytes[:to]
}

// dictionaryColumn is the same, each value a number in a dictionary.
type dictionaryColumn struct {
	base
	data   wire.IntReader
	tmp    []int64
	open   func() ([]byte, []uint32, error) // reads the dictionary
	bytes  []byte
	starts []uint32 // of the entries in bytes, and the end of the last
}

func (c *dictionaryColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	if c.starts == nil {
		if c.bytes, c.starts, err = c.open(); err != nil {
			return err
		}
	}
	c.tmp = c.tmp[:0]
	ids := extend(&c.tmp, count)
	if err := c.data.Read(ids); err != nil {
		return err
	}
	sum := 0
	for _, id := range ids {
		if id < 0 || id >= int64(len(c.starts)-1) {
			return c.fail("entry %d of a dictionary of %d", id, len(c.starts)-1)
		}
		sum += int(c.starts[id+1] - c.starts[id])
	}
	if err := c.budget.take(sum); err != nil {
		return c.fail("%w", err)
	}
	ends := extend(&v.Ends, n)
	at := 0
	for i := range ends {
		if !nulls[i] {
			id := ids[at]
			at++
			v.Bytes = append(v.Bytes, c.bytes[c.starts[id]:c.starts[id+1]]...)
		}
		ends[i] = len(v.Bytes)
	}
	return nil
}

// readDictionary reads size entries; for a char they are trimmed. The dictionaries of a stripe have a budget of their own.
func readDictionary(c base, dictionaries *budget, size int, sizes wire.IntReader, data *wire.In) ([]byte, []uint32, error) {
	const piece = 4096
	c.budget, c.part = dictionaries, c.part+", dictionary"
	l, starts := lengths{data: sizes}, []uint32{0}
	var text []byte
	for size > 0 {
		n := min(size, piece)
		size -= n
		if err := c.budget.take(4 * n); err != nil {
			return nil, nil, c.fail("%w", err)
		}
		lens, sum, err := l.read(&c, n, 1)
		if err != nil {
			return nil, nil, err
		}
		from := len(text)
		if err := data.Read(extend(&text, sum)); err != nil {
			return nil, nil, err
		}
		to := from
		for _, n := range lens {
			entry := text[from : from+int(n)]
			from += int(n)
			if c.node.kind == kindChar {
				entry = bytes.TrimRight(entry, " ")
			}
			to += copy(text[to:], entry)
			starts = append(starts, uint32(to))
		}
		text = text[:to]
	}
	return text, starts, nil
}
