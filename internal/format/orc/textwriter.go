package orc

import (
	"bytes"
	"math/bits"
	"sort"
	"unicode/utf8"

	"penstock/internal/column"
	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// textsWriter is string, char, varchar or binary. It keeps a dictionary as long as that pays, which each row group decides anew.
type textsWriter struct {
	colBase
	direct  bool
	ids     map[string]uint32
	entries []string // of the dictionary
	bytes   int      // of the entries
	all     int      // bytes of all values
	refs    []uint32 // the values
	starts  []int    // where groups begin in refs
	data    wire.Out
	lengths wire.IntWriter
	numbers wire.IntWriter // of values in the dictionary
	pad     []byte
}

func (c *textsWriter) write(v *column.Vector, from, to int, absent []bool) error {
	for i := from; i < to; i++ {
		if absent != nil && absent[i-from] || !c.value(v, i) {
			continue
		}
		text := v.Text(i)
		if c.typ.Kind == schema.Char {
			text = c.padded(text)
		}
		c.group.addText(text)
		if c.direct {
			c.lengths.Put(int64(len(text)))
			c.data.Write(text)
		} else {
			c.refer(text)
		}
	}
	return nil
}

// padded fills a char with blanks, as the libraries of ORC do.
func (c *textsWriter) padded(text []byte) []byte {
	n := c.typ.Length - utf8.RuneCount(text)
	if n <= 0 {
		return text
	}
	c.pad = append(append(c.pad[:0], text...), bytes.Repeat([]byte{' '}, n)...)
	return c.pad
}

func (c *textsWriter) refer(text []byte) {
	id, ok := c.ids[string(text)]
	if !ok {
		if c.ids == nil {
			c.ids = map[string]uint32{}
		}
		id = uint32(len(c.entries))
		entry := string(text)
		c.ids[entry] = id
		c.entries = append(c.entries, entry)
		c.bytes += len(text)
	}
	c.refs = append(c.refs, id)
	c.all += len(text)
}

func (c *textsWriter) startGroup() {
	c.colBase.startGroup()
	if c.direct {
		c.startDirect()
	} else {
		c.starts = append(c.starts, len(c.refs))
	}
}

func (c *textsWriter) startDirect() {
	c.data.MarkGroup()
	c.lengths.StartGroup()
}

func (c *textsWriter) endGroup() {
	c.colBase.endGroup()
	if !c.direct && !c.pays() {
		c.giveUp()
	}
}

// pays reports whether the dictionary and the numbers into it are clearly smaller than the values.
func (c *textsWriter) pays() bool {
	n := len(c.refs)
	return c.bytes+len(c.entries)+n*bits.Len(uint(len(c.entries)))/8 < (c.all+n)*4/5
}

// giveUp writes the values without a dictionary.
func (c *textsWriter) giveUp() {
	next := 0
	for i, id := range c.refs {
		for next < len(c.starts) && c.starts[next] == i {
			c.startDirect()
			next++
		}
		text := c.entries[id]
		c.lengths.Put(int64(len(text)))
		c.data.Write([]byte(text))
	}
	for ; next < len(c.starts); next++ {
		c.startDirect()
	}
	c.forget()
	c.direct = true
}

// forget empties the dictionary.
func (c *textsWriter) forget() {
	clear(c.ids)
	c.entries, c.refs, c.starts, c.bytes, c.all = c.entries[:0], c.refs[:0], c.starts[:0], 0, 0
}

// entrySize is about what an entry takes beside its bytes, in the map and the list.
const entrySize = 64

func (c *textsWriter) size() int {
	return c.colBase.size() + c.data.Size() + c.lengths.Size() + c.bytes + entrySize*len(c.entries) + 4*len(c.refs)
}

func (c *textsWriter) finish(s *stripeWriter) error {
	defer c.data.Reset()
	defer c.lengths.Out.Reset()
	defer c.numbers.Out.Reset()
	if !c.direct && !c.pays() {
		c.giveUp()
	}
	if c.direct {
		c.direct = c.typ.Kind == schema.Binary
		c.lengths.Flush()
		return c.finishWith(s, encodingInfo{kind: encodingDirectV2}, stripeStream{streamData, &c.data},
			stripeStream{streamLength, &c.lengths.Out})
	}
	size := len(c.entries)
	c.writeDictionary()
	c.forget()
	return c.finishWith(s, encodingInfo{encodingDictionaryV2, size}, stripeStream{streamData, &c.numbers.Out},
		stripeStream{streamDictionary, &c.data}, stripeStream{streamLength, &c.lengths.Out})
}

// writeDictionary writes the entries in the order of their bytes, and the values as numbers of entries.
func (c *textsWriter) writeDictionary() {
	order := make([]uint32, len(c.entries))
	for i := range order {
		order[i] = uint32(i)
	}
	sort.Slice(order, func(i, j int) bool { return c.entries[order[i]] < c.entries[order[j]] })
	place := make([]int64, len(order))
	for i, id := range order {
		place[id] = int64(i)
		c.lengths.Put(int64(len(c.entries[id])))
		c.data.Write([]byte(c.entries[id]))
	}
	c.lengths.Flush()
	next := 0
	for i, id := range c.refs {
		for next < len(c.starts) && c.starts[next] == i {
			c.numbers.StartGroup()
			next++
		}
		c.numbers.Put(place[id])
	}
	for ; next < len(c.starts); next++ {
		c.numbers.StartGroup()
	}
	c.numbers.Flush()
}
