package orc

import (
	"fmt"
	"io"
	"math"
	"strings"

	"penstock/internal/column"
	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// stripe is a stripe that is being read.
type stripe struct {
	src      io.ReaderAt
	tail     *tail
	number   int // from 1, for errors
	footer   *stripeFooter
	streams  map[[2]int]streamInfo // by column and kind
	hybrid   bool
	budget   *budget // of a batch
	dicts    *budget // of all dictionaries
	failZone error
	zone     timestampColumn // what the writer's zone says
}

// openStripe reads the footer of stripe i.
func (t *tail) openStripe(src io.ReaderAt, i int, bud *budget, dictionaries int) (*stripe, error) {
	info := t.stripes[i]
	st := &stripe{src: src, tail: t, number: i + 1, budget: bud, dicts: &budget{dictionaries, dictionaries}, hybrid: t.hybrid(),
		streams: map[[2]int]streamInfo{}}
	part := fmt.Sprintf("footer of stripe %d", i+1)
	length := int64(info.index + info.data)
	data, err := wire.ReadAll(src, part, t.codec, int64(info.offset)+length, int64(info.footer), maxFooter)
	if err != nil {
		return nil, err
	}
	if st.footer, err = parseStripeFooter(data, part, int64(info.offset), length); err != nil {
		return nil, err
	}
	if len(st.footer.encodings) < len(t.types) {
		return nil, fmt.Errorf("%s: %d encodings for %d columns", part, len(st.footer.encodings), len(t.types))
	}
	for _, s := range st.footer.streams {
		if s.kind <= streamSecondary && s.column < len(t.types) {
			st.streams[[2]int{s.column, s.kind}] = s
		}
	}
	st.zone.zone, st.zone.epoch, st.failZone = writerZone(st.footer.zone)
	return st, nil
}

// hybrid reports whether days before 1582-10-15 are Julian. Only the Java library ever wrote such, without saying so in the beginning.
func (t *tail) hybrid() bool {
	return t.calendar == calendarHybrid || t.calendar == 0 && t.writer == writerJava
}

var streamNames = [...]string{"PRESENT", "DATA", "LENGTH", "DICTIONARY_DATA", "DICTIONARY_COUNT", "SECONDARY"}

func (st *stripe) part(n *node) string {
	if n.path == "" {
		return fmt.Sprintf("stripe %d, rows", st.number)
	}
	return fmt.Sprintf("stripe %d, column %s", st.number, clip(n.path))
}

// stream opens a stream; one that the stripe has not is empty.
func (st *stripe) stream(n *node, kind int) *wire.In {
	s := st.streams[[2]int{n.id, kind}]
	return wire.NewIn(st.src, st.part(n)+", stream "+streamNames[kind], st.tail.codec, s.offset, s.length)
}

func (st *stripe) base(n *node) base {
	b := base{node: n, budget: st.budget, part: st.part(n)}
	if _, ok := st.streams[[2]int{n.id, streamPresent}]; ok {
		b.present = wire.NewBitReader(st.stream(n, streamPresent))
	}
	return b
}

// column makes the reader of a column.
func (st *stripe) column(p *plan) (columnReader, error) {
	if p.node == nil {
		return &nullColumn{st.budget}, nil
	}
	e := st.footer.encodings[p.node.id]
	text := p.node.kind == kindString || p.node.kind == kindVarchar || p.node.kind == kindChar
	if e.kind > encodingDictionaryV2 || !text && e.kind&1 == encodingDictionary {
		return nil, fmt.Errorf("%s: a %s has encoding %d", st.part(p.node), kindName(p.node.kind), e.kind)
	}
	r, err := st.unchanged(p, e)
	if err != nil {
		return nil, err
	}
	switch p.change {
	case changeLength:
		return &lengthColumn{r}, nil
	case changeText, changeTime:
		have, err := p.node.schemaType()
		c := &changedColumn{inner: r, tmp: column.New(have), put: putText, budget: st.budget}
		if p.change == changeTime {
			c.put = putTime
		}
		return c, err
	}
	return r, nil
}

// unchanged makes the reader of a column as the file has it.
func (st *stripe) unchanged(p *plan, e encodingInfo) (columnReader, error) {
	n, b := p.node, st.base(p.node)
	ints := func(kind int, signed bool) wire.IntReader {
		return wire.NewIntReader(st.stream(n, kind), e.version(), signed)
	}
	limited := func(bits int, calendar bool) columnReader {
		low, high := int64(math.MinInt64), int64(math.MaxInt64)
		if bits < 64 {
			low, high = -1<<(bits-1), 1<<(bits-1)-1
		}
		return &intColumn{base: b, data: ints(streamData, true), low: low, high: high, calendar: calendar}
	}
	switch n.kind {
	case kindBoolean:
		return &boolColumn{base: b, data: wire.NewBitReader(st.stream(n, streamData))}, nil
	case kindByte:
		return &byteColumn{base: b, data: wire.NewByteReader(st.stream(n, streamData))}, nil
	case kindShort:
		return limited(16, false), nil
	case kindInt:
		return limited(32, false), nil
	case kindLong:
		return limited(64, false), nil
	case kindDate:
		return limited(32, st.hybrid), nil
	case kindFloat:
		return &floatColumn{base: b, data: st.stream(n, streamData), width: 4}, nil
	case kindDouble:
		return &floatColumn{base: b, data: st.stream(n, streamData), width: 8}, nil
	case kindString, kindVarchar, kindChar, kindBinary:
		if e.kind&1 == encodingDictionary {
			return st.dictionary(b, e), nil
		}
		return &textColumn{base: b, lengths: lengths{data: ints(streamLength, false)}, data: st.stream(n, streamData)}, nil
	case kindTimestamp, kindInstant:
		return st.timestamp(b, ints)
	case kindDecimal:
		return st.decimal(p, b, ints(streamSecondary, true))
	case kindList, kindMap:
		parts, err := st.columns(p.fields)
		return &listColumn{base: b, lengths: lengths{data: ints(streamLength, false)}, parts: parts}, err
	case kindStruct:
		fields, err := st.columns(p.fields)
		return &structColumn{base: b, fields: fields}, err
	case kindUnion:
		return st.union(p, b)
	}
	return nil, b.fail("no reader for %s", kindName(n.kind))
}

func (st *stripe) columns(plans []*plan) ([]columnReader, error) {
	var out []columnReader
	for _, p := range plans {
		r, err := st.column(p)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (st *stripe) dictionary(b base, e encodingInfo) columnReader {
	open := func() ([]byte, []uint32, error) {
		sizes := wire.NewIntReader(st.stream(b.node, streamLength), e.version(), false)
		return readDictionary(b, st.dicts, e.size, sizes, st.stream(b.node, streamDictionary))
	}
	return &dictionaryColumn{base: b, data: wire.NewIntReader(st.stream(b.node, streamData), e.version(), false), open: open}
}

func (st *stripe) timestamp(b base, ints func(kind int, signed bool) wire.IntReader) (columnReader, error) {
	c := &timestampColumn{base: b, seconds: ints(streamData, true), nanos: ints(streamSecondary, false), epoch: base2015,
		calendar: st.hybrid}
	if b.node.kind == kindTimestamp {
		if c.epoch, c.zone = st.zone.epoch, st.zone.zone; c.zone != nil {
			c.java, c.raw = st.tail.writer == writerJava, rawOffset(c.zone)
		}
		if st.failZone != nil {
			return nil, b.fail("%w", st.failZone)
		}
	}
	return c, nil
}

func (st *stripe) decimal(p *plan, b base, scales wire.IntReader) (columnReader, error) {
	typ := p.want
	if typ.Kind != schema.Decimal { // it becomes text
		var err error
		if typ, err = p.node.schemaType(); err != nil {
			return nil, err
		}
	}
	return &decimalColumn{base: b, data: st.stream(p.node, streamData), scales: scales, scale: typ.Scale, typ: typ,
		limit: tenTo(typ.Precision)}, nil
}

func (st *stripe) union(p *plan, b base) (columnReader, error) {
	c := &unionColumn{base: b, data: wire.NewByteReader(st.stream(p.node, streamData)), tag: -1}
	for i, f := range p.fields {
		switch {
		case f.node != nil:
			r, err := st.column(f)
			if err != nil {
				return nil, err
			}
			c.variants, c.places = append(c.variants, r), append(c.places, i)
			for number, kid := range p.node.kids {
				if kid == f.node {
					c.numbers = append(c.numbers, number)
				}
			}
		case strings.EqualFold(p.want.Fields[i].Name, "tag") && f.want.Kind == schema.TinyInt:
			c.tag = i
		default:
			c.missing = append(c.missing, i)
		}
	}
	return c, nil
}
