package parquetfile

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
	"slices"
)

const (
	encodingPlain      = 0
	encodingLevels     = 3 // RLE
	encodingDictionary = 8 // RLE_DICTIONARY
)

const (
	pageOfValues     = 0
	pageOfDictionary = 2
)

// A chunk is the pages of a column in the row group at hand, and what the footer says of them.
type chunk struct {
	pages    [][]byte // of values, packed, with their heads; those beyond count are memory for later
	count    int
	size     int   // bytes of the pages
	unpacked int64 // bytes of the pages before they were packed
	values   int64 // with nulls
	nulls    int64
	indexed  int64 // pages whose values are indexes into the dictionary
	plain    int64 // other pages of values
	full     bool  // the dictionary takes nothing more: the page ends, and those after it are plain
	span     span
}

func (c *chunk) reset() {
	c.span.reset()
	*c = chunk{pages: c.pages, span: c.span}
}

// endPage packs the page, if it has values.
func (w *Writer) endPage(l *leaf) error {
	c := &l.chunk
	if len(l.defs) > 0 {
		body := w.body[:0]
		if l.maxRep > 0 {
			body = appendLevels(body, l.reps, l.maxRep)
		}
		if l.maxDef > 0 {
			body = appendLevels(body, l.defs, l.maxDef)
		}
		body, encoding := l.encoded(body)
		w.body = body
		if c.count == len(c.pages) {
			c.pages = append(c.pages, nil)
		}
		page, err := w.page(c.pages[c.count][:0], c, body, pageOfValues, len(l.defs), encoding)
		if err != nil {
			return fmt.Errorf("column %s: %w", l.name(), err)
		}
		c.pages[c.count] = page
		c.count++
		c.size += len(page)
		c.values += int64(len(l.defs))
		if encoding == encodingDictionary {
			c.indexed++
		} else {
			c.plain++
		}
		l.emptyPage()
	}
	return nil
}

// appendLevels writes levels with the length that goes before them.
func appendLevels(dst []byte, levels []uint8, most uint8) []byte {
	at := len(dst)
	dst = appendHybrid(append(dst, 0, 0, 0, 0), levels, bits.Len8(most))
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// maxPageHead is more than the head of a page takes.
const maxPageHead = 64

// page appends a page with its head to dst.
func (w *Writer) page(dst []byte, c *chunk, body []byte, kind, values int, encoding int64) ([]byte, error) {
	if len(body) > math.MaxInt32 || values > math.MaxInt32 {
		return dst, fmt.Errorf("%d bytes of values follow each other in too few rows; a page has %d at most", len(body), math.MaxInt32)
	}
	packed, err := w.packer.pack(body)
	if err != nil {
		return dst, fmt.Errorf("pack a page: %w", err)
	}
	m := newMessage(slices.Grow(dst, len(packed)+maxPageHead))
	m.i32(1, int64(kind))
	m.i32(2, int64(len(body)))
	m.i32(3, int64(len(packed)))
	m.i32(4, int64(int32(crc32.ChecksumIEEE(packed))))
	if kind == pageOfDictionary {
		m.begin(7)
		m.i32(1, int64(values))
		m.i32(2, encodingPlain)
	} else {
		m.begin(5)
		m.i32(1, int64(values))
		m.i32(2, encoding)
		m.i32(3, encodingLevels)
		m.i32(4, encodingLevels)
	}
	m.end()
	m.end()
	c.unpacked += int64(len(m.b) - len(dst) + len(body))
	return append(m.b, packed...), nil
}

// finish writes the column chunk and appends its ColumnChunk to m.
func (w *Writer) finish(l *leaf, m *message) error {
	if err := w.endPage(l); err != nil {
		return err
	}
	c, begin, dictionary := &l.chunk, w.offset, int64(0)
	if c.indexed > 0 {
		body := w.body[:0]
		for i := range l.dict.len() {
			body = l.dict.plain(body, i, l.width)
		}
		w.body = body
		head, err := w.page(nil, c, body, pageOfDictionary, l.dict.len(), encodingPlain)
		if err != nil {
			return err
		}
		dictionary = begin
		w.put(head)
	}
	data := w.offset
	for _, page := range c.pages[:c.count] {
		w.put(page)
	}
	m.open()
	m.i64(2, 0)
	m.begin(3)
	w.chunkMeta(l, m, begin, data, dictionary)
	m.end()
	m.end()
	w.group.unpacked += c.unpacked
	l.begin()
	return w.err
}

// chunkMeta writes a ColumnMetaData.
func (w *Writer) chunkMeta(l *leaf, m *message, begin, data, dictionary int64) {
	c := &l.chunk
	encodings := []int64{encodingPlain, encodingLevels}
	if c.indexed > 0 {
		encodings = append(encodings, encodingDictionary)
	}
	m.i32(1, int64(l.physical))
	m.list(2, len(encodings), tI32)
	for _, e := range encodings {
		m.b = binary.AppendVarint(m.b, e)
	}
	m.list(3, len(l.path), tBinary)
	for _, p := range l.path {
		m.text(p)
	}
	m.i32(4, int64(w.packer.codec))
	m.i64(5, c.values)
	m.i64(6, c.unpacked)
	m.i64(7, w.offset-begin)
	m.i64(9, data)
	if c.indexed > 0 {
		m.i64(11, dictionary)
	}
	m.begin(12)
	l.statistics(m)
	m.end()
	w.encodingStats(c, m)
}

// encodingStats says how many pages have which encoding: readers skip a row group by its dictionary only when no page is plain.
func (w *Writer) encodingStats(c *chunk, m *message) {
	var list [][3]int64
	add := func(kind, encoding, n int64) {
		if n > 0 {
			list = append(list, [3]int64{kind, encoding, n})
		}
	}
	add(pageOfDictionary, encodingPlain, min(c.indexed, 1))
	add(pageOfValues, encodingDictionary, c.indexed)
	add(pageOfValues, encodingPlain, c.plain)
	m.list(13, len(list), tStruct)
	for _, s := range list {
		m.open()
		m.i32(1, s[0])
		m.i32(2, s[1])
		m.i32(3, s[2])
		m.end()
	}
}

func (l *leaf) statistics(m *message) {
	s := &l.chunk.span
	m.i64(3, l.chunk.nulls)
	if !s.some || s.unknown {
		return
	}
	low, high := s.bounds(l)
	m.binary(5, string(high))
	m.binary(6, string(low))
	m.bool(7, true)
	m.bool(8, true)
}
