package orc

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/format/orc/wire"
)

// crafted makes a file of one stripe: types are Type messages, streams the bytes of each stream of each column.
type crafted struct {
	codec   string
	types   [][]byte
	rows    uint64
	streams []craftedStream
	sizes   []int // of dictionaries; a column that has one is encoded with it
}

type craftedStream struct {
	kind, column int
	data         []byte
}

func typeOf(kind uint64, subtypes []uint64, names ...string) []byte {
	m := wire.PutList(wire.PutUint(nil, 1, kind), 2, subtypes)
	for _, n := range names {
		m = wire.PutBytes(m, 3, n)
	}
	return m
}

func (c crafted) file(t *testing.T) []byte {
	t.Helper()
	enc, err := wire.NewEncoder(c.codec, wire.DefaultBlock)
	if err != nil {
		t.Fatal(err)
	}
	pack := func(b []byte) []byte {
		out, err := enc.Pack(b)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Clone(out)
	}
	data, stripe := []byte(magic), []byte(nil)
	for _, s := range c.streams {
		b := pack(s.data)
		data = append(data, b...)
		m := wire.PutUint(wire.PutUint(nil, 1, uint64(s.kind)), 2, uint64(s.column))
		stripe = wire.PutBytes(stripe, 1, wire.PutUint(m, 3, uint64(len(b))))
	}
	length := len(data) - len(magic)
	for i := range c.types {
		m := wire.PutUint(nil, 1, encodingDirectV2)
		if i < len(c.sizes) && c.sizes[i] > 0 {
			m = wire.PutUint(wire.PutUint(nil, 1, encodingDictionaryV2), 2, uint64(c.sizes[i]))
		}
		stripe = wire.PutBytes(stripe, 2, m)
	}
	packed := pack(stripe)
	data = append(data, packed...)
	m := wire.PutUint(wire.PutUint(wire.PutUint(nil, 1, 3), 3, uint64(length)), 4, uint64(len(packed)))
	footer := wire.PutBytes(nil, 3, wire.PutUint(m, 5, c.rows))
	for _, typ := range c.types {
		footer = wire.PutBytes(footer, 4, typ)
	}
	footer = pack(wire.PutUint(footer, 6, c.rows))
	ps := wire.PutUint(wire.PutUint(nil, 1, uint64(len(footer))), 2, uint64(enc.Kind()))
	ps = wire.PutBytes(wire.PutUint(ps, 3, wire.DefaultBlock), 8000, magic)
	return append(append(append(data, footer...), ps...), byte(len(ps)))
}

// steadyRuns are n values v in runs of 512: few bytes for many values.
func steadyRuns(v int64, n int) []byte {
	enc, _ := wire.NewEncoder("none", 1024)
	w := wire.NewIntWriter(enc, false)
	for range n {
		w.Put(v)
	}
	w.Flush()
	out, _ := w.Out.Finish()
	return out
}

// TestHostileFiles are small and state much. Each ends in an error that says where, in memory far below what they state.
func TestHostileFiles(t *testing.T) {
	root := func(name string) []byte { return typeOf(kindStruct, []uint64{1}, name) }
	deep := [][]byte{}
	for i := range uint64(10_000) {
		deep = append(deep, typeOf(kindStruct, []uint64{i + 1}, "n"))
	}
	zeros := make([]byte, 100<<20)
	for name, c := range map[string]struct {
		file crafted
		says string
	}{
		"nested 10,000 deep": {crafted{types: append(deep, typeOf(kindInt, nil))}, "nested more than 64 deep"},
		"a type in itself":   {crafted{types: [][]byte{root("a"), typeOf(kindList, []uint64{0})}}, "is type 0, not 2"},
		"list of 2^40": {crafted{types: [][]byte{root("a"), typeOf(kindList, []uint64{2}), typeOf(kindInt, nil)}, rows: 1,
			streams: []craftedStream{{streamLength, 1, steadyRuns(1<<40, 3)}}}, "column a: values of"},
		"lists of 2^20 in lists": {crafted{rows: 200, types: [][]byte{root("a"), typeOf(kindList, []uint64{2}), typeOf(kindList, []uint64{3}),
			typeOf(kindInt, nil)}, streams: []craftedStream{{streamLength, 1, steadyRuns(1<<15, 200)}, {streamLength, 2, steadyRuns(1<<15, 1<<15)}}},
			"column a: values of"},
		"text of 2^62": {crafted{types: [][]byte{root("a"), typeOf(kindString, nil)}, rows: 1,
			streams: []craftedStream{{streamLength, 1, steadyRuns(1<<62, 1)}, {streamData, 1, []byte("x")}}}, "stripe 1, column a: values of"},
		"text that is not there": {crafted{types: [][]byte{root("a"), typeOf(kindString, nil)}, rows: 1,
			streams: []craftedStream{{streamLength, 1, steadyRuns(1<<20, 1)}, {streamData, 1, []byte("x")}}}, "stream DATA at offset"},
		"dictionary of 2^31": {crafted{types: [][]byte{root("a"), typeOf(kindString, nil)}, rows: 1, sizes: []int{0, 1 << 31},
			streams: []craftedStream{{streamLength, 1, steadyRuns(0, 1<<21)}, {streamData, 1, steadyRuns(0, 1)}}}, "dictionary"},
		"dictionary bomb": {crafted{codec: "zlib", types: [][]byte{root("a"), typeOf(kindString, nil)}, rows: 1, sizes: []int{0, 1000},
			streams: []craftedStream{{streamLength, 1, steadyRuns(100_000, 1000)}, {streamData, 1, steadyRuns(0, 1)},
				{streamDictionary, 1, zeros}}}, "dictionary"},
		"no such entry": {crafted{types: [][]byte{root("a"), typeOf(kindString, nil)}, rows: 1, sizes: []int{0, 1},
			streams: []craftedStream{{streamLength, 1, steadyRuns(1, 1)}, {streamData, 1, steadyRuns(1, 1)}, {streamDictionary, 1, []byte("x")}}},
			"entry 1 of a dictionary of 1"},
		"rows without bytes": {crafted{types: [][]byte{root("a"), typeOf(kindInt, nil)}, rows: 1 << 60}, "rows in 0 bytes"},
		"an int too large": {crafted{types: [][]byte{root("a"), typeOf(kindInt, nil)}, rows: 1,
			streams: []craftedStream{{streamData, 1, steadyRuns(1<<40, 1)}}}, "549755813888 is no int"},
		"no encoding": {crafted{types: [][]byte{root("a"), typeOf(kindInt, nil)}, rows: 1, sizes: []int{0, 5},
			streams: []craftedStream{{streamData, 1, []byte{1}}}}, "stripe 1, column a: a int has encoding 3"},
		"geometry":   {crafted{types: [][]byte{root("a"), typeOf(kindGeometry, nil)}}, "column a: Penstock does not support geometry"},
		"no columns": {crafted{}, "has no types"},
		"no struct":  {crafted{types: [][]byte{typeOf(kindInt, nil)}}, "no struct but int"},
	} {
		if c.file.codec == "" {
			c.file.codec = "none"
		}
		data := c.file.file(t)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := readToEnd(data)
		runtime.ReadMemStats(&after)
		if err == nil || err == io.EOF || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 100<<20 {
			t.Errorf("%s: %d MiB", name, n>>20)
		}
	}
}

func readToEnd(data []byte) error {
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), Options{Memory: 4 << 20})
	if err != nil {
		return err
	}
	b := column.NewBatch(r.Columns())
	for {
		b.Reset()
		if err := r.Next(b); err != nil {
			return err
		}
	}
}

// TestLyingPostscripts changes what the end of a file states.
func TestLyingPostscripts(t *testing.T) {
	ps := func(fields ...uint64) []byte {
		var m []byte
		for i := 0; i < len(fields); i += 2 {
			m = wire.PutUint(m, int(fields[i]), fields[i+1])
		}
		m = wire.PutBytes(m, 8000, magic)
		return append(append([]byte("ORC and some bytes"), m...), byte(len(m)))
	}
	for says, data := range map[string][]byte{
		"a footer of 1099511627776 bytes":                            ps(1, 1<<40),
		"Penstock does not support ORC files compressed with lzo":    ps(1, 3, 2, wire.CodecLZO),
		"Penstock does not support ORC files compressed with brotli": ps(1, 3, 2, wire.CodecBrotli),
		"compressed with number 77":                                  ps(1, 3, 2, 77),
		"Penstock does not support version 2 of the ORC format":      ps(1, 3, 4, 1),
		"field 3 is 4294967296, more than":                           ps(1, 3, 3, 1<<32),
		"no ORC file, or a truncated one":                            []byte("this is no ORC file at all, it is text"),
		"it has 0 bytes":                                             {},
	} {
		if _, err := Inspect(bytes.NewReader(data), int64(len(data))); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
