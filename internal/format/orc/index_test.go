package orc

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format/orc/wire"
	"penstock/internal/schema"
)

// indexed writes 25,000 rows, which are three row groups, and a null in every eleventh of them.
func indexed(t *testing.T, codec string) (*tail, []byte, *column.Batch) {
	t.Helper()
	typ, err := schema.Parse("struct<i:bigint,b:boolean,t:tinyint,d:double,direct:string,dict:string,ts:timestamp,de:decimal(30,2),none:int>")
	if err != nil {
		t.Fatal(err)
	}
	all := column.NewBatch(typ.Fields)
	for i := range int64(25_000) {
		c := all.Columns
		if i%11 == 10 {
			for _, v := range c[:8] {
				v.AppendNull()
			}
		} else {
			c[0].AppendInt(i * i % 1000)
			c[1].AppendBool(i%3 == 0)
			c[2].AppendInt(i / 7 % 100)
			c[3].AppendFloat(float64(i))
			c[4].AppendBytes(fmt.Appendf(nil, "%d", i))
			c[5].AppendBytes(fmt.Appendf(nil, "%d", i/100%40))
			c[6].AppendInt(i * 1_000_001)
			c[7].AppendDecimal(convert.FromInt64(i - 10_000))
		}
		c[8].AppendInt(i)
		all.EndRows(1)
	}
	var out bytes.Buffer
	w, err := NewWriter(&out, typ.Fields, WriterOptions{Codec: codec, BlockSize: 1024})
	if err == nil {
		err = w.Write(all)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	data := out.Bytes()
	tl, err := readTail(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return tl, data, all
}

// entry is one of a row index.
type entry struct {
	at    []uint64
	stats []byte
}

func readIndex(t *testing.T, st *stripe, n *node) (out []entry) {
	t.Helper()
	for _, s := range st.footer.streams {
		if s.kind != streamIndex || s.column != n.id {
			continue
		}
		data, err := wire.ReadAll(st.src, "index", st.tail.codec, s.offset, s.length, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for m := wire.NewMessage("index", data); m.Next(); {
			var e entry
			for sub := m.Sub(); sub.Next(); {
				if sub.Num == 1 {
					e.at = sub.List(e.at, 100)
				} else {
					e.stats = []byte(sub.Text())
				}
			}
			out = append(out, e)
		}
	}
	return out
}

// from opens a stream where the entry says, and takes what it says off the entry.
func (e *entry) from(t *testing.T, st *stripe, n *node, kind int) *wire.In {
	t.Helper()
	info := st.streams[[2]int{n.id, kind}]
	at := int64(e.at[0])
	s := wire.NewIn(st.src, "stream", st.tail.codec, info.offset+at, info.length-at)
	e.at = e.at[1:]
	if st.tail.postScript.codec != wire.CodecNone {
		if err := s.Read(make([]byte, e.at[0])); err != nil {
			t.Fatal(err)
		}
		e.at = e.at[1:]
	}
	return s
}

// run takes the place within a run off the entry, which the writer always makes the beginning.
func (e *entry) run(t *testing.T) {
	if e.at[0] != 0 {
		t.Fatalf("a row group begins %d values in a run", e.at[0])
	}
	e.at = e.at[1:]
}

func (e *entry) bits(t *testing.T, s *wire.In) *wire.BitReader {
	e.run(t)
	r := wire.NewBitReader(s)
	if err := r.Read(make([]bool, e.at[0])); err != nil {
		t.Fatal(err)
	}
	e.at = e.at[1:]
	return r
}

func (e *entry) ints(t *testing.T, st *stripe, n *node, kind int, signed bool) wire.IntReader {
	s := e.from(t, st, n, kind)
	e.run(t)
	return wire.NewIntReader(s, 2, signed)
}

// reader makes the reader of a column from a row group on.
func (e *entry) reader(t *testing.T, st *stripe, n *node) columnReader {
	b := base{node: n, budget: st.budget, part: "index"}
	if _, ok := st.streams[[2]int{n.id, streamPresent}]; ok {
		b.present = e.bits(t, e.from(t, st, n, streamPresent))
	}
	encoding := st.footer.encodings[n.id]
	switch {
	case n.kind == kindLong || n.kind == kindInt:
		return &intColumn{base: b, data: e.ints(t, st, n, streamData, true), low: math.MinInt64, high: math.MaxInt64}
	case n.kind == kindBoolean:
		return &boolColumn{base: b, data: e.bits(t, e.from(t, st, n, streamData))}
	case n.kind == kindByte:
		s := e.from(t, st, n, streamData)
		e.run(t)
		return &byteColumn{base: b, data: wire.NewByteReader(s)}
	case n.kind == kindDouble:
		return &floatColumn{base: b, data: e.from(t, st, n, streamData), width: 8}
	case n.kind == kindString && encoding.kind == encodingDictionaryV2:
		c := st.dictionary(b, encoding).(*dictionaryColumn)
		c.data = e.ints(t, st, n, streamData, false)
		return c
	case n.kind == kindString:
		data := e.from(t, st, n, streamData)
		return &textColumn{base: b, data: data, lengths: lengths{data: e.ints(t, st, n, streamLength, false)}}
	case n.kind == kindTimestamp:
		seconds := e.ints(t, st, n, streamData, true)
		return &timestampColumn{base: b, seconds: seconds, nanos: e.ints(t, st, n, streamSecondary, false), epoch: base2015}
	}
	data := e.from(t, st, n, streamData)
	return &decimalColumn{base: b, data: data, scales: e.ints(t, st, n, streamSecondary, true), scale: 2, limit: tenTo(30)}
}

// TestRowIndexPoints reads each column from where each row group begins by the index, as readers with a filter do.
func TestRowIndexPoints(t *testing.T) {
	for _, codec := range []string{"none", "zlib"} {
		tl, data, all := indexed(t, codec)
		st, err := tl.openStripe(bytes.NewReader(data), 0, &budget{1 << 30, 1 << 30}, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		if len(tl.stripes) != 1 || st.footer.encodings[5].kind != encodingDirectV2 || st.footer.encodings[6].kind != encodingDictionaryV2 {
			t.Fatalf("%d stripes, encodings %v", len(tl.stripes), st.footer.encodings)
		}
		for c, n := range tl.root.kids {
			index := readIndex(t, st, n)
			if len(index) != 3 {
				t.Fatalf("column %s has %d row groups", n.path, len(index))
			}
			for g, e := range index {
				rows := min(groupRows, all.Rows()-g*groupRows)
				v := column.New(all.Columns[c].Type)
				r := e.reader(t, st, n)
				if len(e.at) != 0 {
					t.Errorf("column %s: %d positions too many", n.path, len(e.at))
				}
				if err := r.read(v, rows, nil); err != nil {
					t.Fatalf("column %s, group %d: %v", n.path, g, err)
				}
				for i := range rows {
					got, want := v.AppendJSON(nil, i), all.Columns[c].AppendJSON(nil, g*groupRows+i)
					if !bytes.Equal(got, want) {
						t.Fatalf("%s, column %s, group %d, row %d: %s, not %s", codec, n.path, g, i, got, want)
					}
				}
			}
		}
	}
}

// TestStatistics compares what the index says of the second row group with the values.
func TestStatistics(t *testing.T) {
	tl, data, all := indexed(t, "none")
	st, err := tl.openStripe(bytes.NewReader(data), 0, &budget{1 << 30, 1 << 30}, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for c, n := range tl.root.kids {
		v := all.Columns[c]
		var ints []int64
		var texts []string
		for i := groupRows; i < 2*groupRows; i++ {
			switch {
			case v.Null[i]:
			case v.Type.Kind == schema.String:
				texts = append(texts, string(v.Text(i)))
			case v.Type.Kind == schema.Double:
				ints = append(ints, int64(v.Floats[i]))
			case v.Type.Kind == schema.Decimal:
				ints = append(ints, int64(v.Decimals[i].Lo))
			default:
				ints = append(ints, v.Ints[i])
			}
		}
		nulls := uint64(1)
		if n.path == "none" {
			nulls = 0
		}
		want := wire.PutUint(nil, 1, uint64(len(ints)+len(texts)))
		want = wire.PutUint(wanted(want, v.Type.Kind, ints, texts), 10, nulls)
		if got := readIndex(t, st, n)[1].stats; !bytes.Equal(got, want) {
			t.Errorf("column %s: %x, not %x", n.path, got, want)
		}
	}
}

// wanted is the message of statistics of values.
func wanted(dst []byte, kind schema.Kind, ints []int64, texts []string) []byte {
	sum := int64(0)
	for _, v := range ints {
		sum += v
	}
	for _, v := range texts {
		sum += int64(len(v))
	}
	if kind == schema.String {
		m := wire.PutBytes(wire.PutBytes(nil, 1, slices.Min(texts)), 2, slices.Max(texts))
		return wire.PutBytes(dst, 4, wire.PutSint(m, 3, sum))
	}
	low, high := slices.Min(ints), slices.Max(ints)
	switch kind {
	case schema.Boolean:
		return wire.PutBytes(dst, 5, wire.PutList(nil, 1, []uint64{uint64(sum)}))
	case schema.Double:
		m := wire.PutDouble(wire.PutDouble(nil, 1, float64(low)), 2, float64(high))
		return wire.PutBytes(dst, 3, wire.PutDouble(m, 3, float64(sum)))
	case schema.Timestamp:
		return wire.PutBytes(dst, 9, wire.PutSint(wire.PutSint(nil, 3, low/1000), 4, high/1000))
	case schema.Decimal:
		text := func(v int64) string {
			return strings.TrimSuffix(strings.TrimRight(string(convert.AppendDecimal(nil, convert.FromInt64(v), 2)), "0"), ".")
		}
		m := wire.PutBytes(wire.PutBytes(nil, 1, text(low)), 2, text(high))
		return wire.PutBytes(dst, 6, wire.PutBytes(m, 3, text(sum)))
	}
	m := wire.PutSint(wire.PutSint(nil, 1, low), 2, high)
	return wire.PutBytes(dst, 2, wire.PutSint(m, 3, sum))
}

// TestBoundsOfText cuts what is too long for statistics, and never within a character.
func TestBoundsOfText(t *testing.T) {
	long := strings.Repeat("ä", 600) // the 1024th byte is the end of one
	s := stats{typ: schema.Of(schema.String)}
	s.addText([]byte("x" + long))
	s.addText([]byte("b" + long))
	want := wire.PutSint(nil, 3, 2*1201)
	want = wire.PutBytes(want, 4, "b"+long[:1022])
	want = wire.PutBytes(want, 5, "x"+long[:1020]+"å")
	if got := s.text.append(nil); !bytes.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if successor([]byte("\U0010ffff")) != nil || string(successor([]byte("a\ud7ff"))) != "a\ue000" {
		t.Error("a bound is wrong")
	}
}

// TestSumsThatDoNotFit are left out, and so are the bounds of a column with NaN.
func TestSumsThatDoNotFit(t *testing.T) {
	s, all := stats{typ: schema.Of(schema.BigInt)}, stats{typ: schema.Of(schema.BigInt)}
	s.addInt(math.MaxInt64)
	all.merge(&s)
	all.merge(&s)
	want := wire.PutBytes(nil, 2, wire.PutSint(wire.PutSint(nil, 1, math.MaxInt64), 2, math.MaxInt64))
	if got := all.appendKind(nil); !bytes.Equal(got, want) {
		t.Errorf("%x, not %x", got, want)
	}
	f := stats{typ: schema.Of(schema.Double)}
	f.addFloat(1)
	f.addFloat(math.NaN())
	if got := f.appendKind(nil); got != nil {
		t.Errorf("NaN: %x", got)
	}
	d := stats{typ: schema.DecimalOf(38, 0)}
	for range 2 {
		x := tenTo(38)
		x.Lo--
		d.addDecimal(x)
	}
	nines := strings.Repeat("9", 38)
	if got := d.appendKind(nil); !bytes.Equal(got, wire.PutBytes(nil, 6, wire.PutBytes(wire.PutBytes(nil, 1, nines), 2, nines))) {
		t.Errorf("decimal: %x", got)
	}
}
