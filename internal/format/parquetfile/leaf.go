package parquetfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// A leaf is a column of plain values: its page and its column chunk that are being made.
type leaf struct {
	path           []string
	typ            schema.Type
	physical       int
	width          int // bytes of a value, 0 for texts
	low, high      int64
	maxDef, maxRep uint8
	required       bool

	// the page
	defs, reps []uint8
	data       []byte   // PLAIN
	flags      []uint8  // truth values
	index      []uint32 // into the dictionary, while there is one
	present    []int32  // indexes of the values that are not null, of the rows at hand, where some are
	bits       []uint64 // the numbers of those

	dict     *dictionary // of the column chunk, if it has one
	indexing bool        // values go into the dictionary; else they are written plain
	hopeful  bool        // a new row group begins with a dictionary
	chunk    chunk
}

func newLeaf(e *element, t schema.Type, path []string) *leaf {
	l := &leaf{path: path, typ: t, physical: e.physical, low: math.MinInt64, high: math.MaxInt64, hopeful: true}
	switch e.physical {
	case pInt32, pFloat:
		l.width, l.low, l.high = 4, math.MinInt32, math.MaxInt32
	case pInt64, pDouble:
		l.width = 8
	case pFixed:
		l.width, l.hopeful = int(e.length), false
	case pBoolean:
		l.low, l.high, l.hopeful = 0, 1, false
	}
	if e.note == aInteger {
		l.low, l.high = -1<<(e.width-1), 1<<(e.width-1)-1
	}
	l.begin()
	return l
}

// begin begins a column chunk.
func (l *leaf) begin() {
	l.chunk.reset()
	switch l.indexing = l.hopeful; {
	case !l.hopeful:
		l.dict = nil
	case l.dict == nil:
		l.dict = newDictionary()
	default:
		l.dict.reset()
	}
}

func (l *leaf) name() string { return strings.Join(l.path, ".") }

// size is about how many bytes of memory the row group takes.
func (l *leaf) size() int {
	n := l.chunk.size + len(l.data) + len(l.defs) + len(l.reps) + len(l.flags) + 4*len(l.index)
	if l.dict != nil {
		n += l.dict.size(l.width)
	}
	return n
}

// write takes the values of v at slots.
func (l *leaf) write(v *column.Vector, s *slotList) error {
	present := s.at
	if s.rows && !anyNull(v, s) {
		l.defs = appendSame(l.defs, l.maxDef, len(s.at))
	} else {
		var err error
		if present, err = l.levels(v, s); err != nil {
			return err
		}
	}
	if l.maxRep > 0 {
		l.reps = append(l.reps, s.rep...)
	}
	l.chunk.nulls += int64(len(s.at) - len(present))
	if err := l.values(v, present); err != nil {
		return fmt.Errorf("column %s: %w", l.name(), err)
	}
	l.review(len(present))
	return nil
}

func appendSame(dst []uint8, v uint8, n int) []uint8 {
	dst = slices.Grow(dst, n)
	at := len(dst)
	dst = dst[:at+n]
	for i := range dst[at:] {
		dst[at+i] = v
	}
	return dst
}

// levels adds the definition levels, and returns which values are not null.
func (l *leaf) levels(v *column.Vector, s *slotList) ([]int32, error) {
	l.present = l.present[:0]
	for j, i := range s.at {
		switch {
		case i < 0:
			l.defs = append(l.defs, s.def[j])
		case !v.Null[i]:
			l.defs = append(l.defs, l.maxDef)
			l.present = append(l.present, i)
		case l.required:
			return nil, fmt.Errorf("column %s: the key of a map is null", l.name())
		default:
			l.defs = append(l.defs, l.maxDef-1)
		}
	}
	return l.present, nil
}

// values adds those that are present to the page.
func (l *leaf) values(v *column.Vector, present []int32) error {
	switch k := l.typ.Kind; {
	case k == schema.Float || k == schema.Double:
		l.floats(v.Floats, present)
	case k == schema.Decimal:
		return l.decimals(v.Decimals, present)
	case k.Text() || k == schema.Binary:
		return l.texts(v, present, k != schema.Binary)
	default:
		return l.ints(v.Ints, present)
	}
	return nil
}

func (l *leaf) ints(vals []int64, present []int32) error {
	l.bits = l.bits[:0]
	for _, i := range present {
		v := vals[i]
		if v < l.low || v > l.high {
			return fmt.Errorf("%d does not fit in %s", v, l.typ)
		}
		l.chunk.span.int(v)
		l.bits = append(l.bits, uint64(v))
	}
	if l.physical == pBoolean {
		for _, v := range l.bits {
			l.flags = append(l.flags, uint8(v))
		}
		return nil
	}
	l.numbers()
	return nil
}

func (l *leaf) floats(vals []float64, present []int32) {
	l.bits = l.bits[:0]
	for _, i := range present {
		l.chunk.span.float(vals[i])
		l.bits = append(l.bits, floatBits(vals[i], l.width))
	}
	l.numbers()
}

func (l *leaf) decimals(vals []convert.Int128, present []int32) error {
	l.bits = l.bits[:0]
	for _, i := range present {
		v := vals[i]
		if !v.Fits(l.typ.Precision) {
			return fmt.Errorf("%s does not fit in %s", convert.AppendDecimal(nil, v, l.typ.Scale), l.typ)
		}
		if l.physical == pFixed {
			l.chunk.span.wide(v)
			l.data = appendWide(l.data, v, l.width)
			continue
		}
		l.chunk.span.int(int64(v.Lo))
		l.bits = append(l.bits, v.Lo)
	}
	l.numbers()
	return nil
}

// numbers adds l.bits.
func (l *leaf) numbers() {
	switch {
	case l.indexing:
		for _, v := range l.bits {
			l.index = append(l.index, l.dict.number(v))
		}
	case l.width == 4:
		for _, v := range l.bits {
			l.data = binary.LittleEndian.AppendUint32(l.data, uint32(v))
		}
	default:
		for _, v := range l.bits {
			l.data = binary.LittleEndian.AppendUint64(l.data, v)
		}
	}
}

func (l *leaf) texts(v *column.Vector, present []int32, text bool) error {
	for _, i := range present {
		b := v.Text(int(i))
		isNew := true
		if l.indexing {
			var entry uint32
			entry, isNew = l.dict.text(b)
			l.index = append(l.index, entry)
		} else {
			l.data = appendText(l.data, b)
		}
		if isNew {
			if text && !utf8.Valid(b) {
				return fmt.Errorf("a text is not in UTF-8: %.64q", b)
			}
			l.chunk.span.text(b)
		}
	}
	return nil
}

// review gives the dictionary up when it does not pay.
func (l *leaf) review(n int) {
	if !l.indexing {
		return
	}
	d := l.dict
	before := d.seen
	d.seen += n
	switch {
	case !d.pays(before):
		l.hopeful = false
		if l.chunk.indexed == 0 {
			for _, entry := range l.index {
				l.data = d.plain(l.data, int(entry), l.width)
			}
			l.index, l.dict, l.indexing = l.index[:0], nil, false
		}
	case d.size(l.width) > maxDictionary:
		l.chunk.full = true
	}
}

// encoded appends the page's values to dst, as the encoding has them that it returns.
func (l *leaf) encoded(dst []byte) ([]byte, int64) {
	switch {
	case l.physical == pBoolean:
		for i := 0; i < len(l.flags); i += 8 {
			c := byte(0)
			for k, f := range l.flags[i:min(i+8, len(l.flags))] {
				c |= f << k
			}
			dst = append(dst, c)
		}
		return dst, encodingPlain
	case l.indexing && len(l.index) > 0:
		width := max(1, bits.Len(uint(l.dict.len()-1)))
		return appendHybrid(append(dst, byte(width)), l.index, width), encodingDictionary
	}
	return append(dst, l.data...), encodingPlain
}

// emptyPage makes ready for the next page.
func (l *leaf) emptyPage() {
	l.defs, l.reps, l.data, l.flags, l.index = l.defs[:0], l.reps[:0], l.data[:0], l.flags[:0], l.index[:0]
}
