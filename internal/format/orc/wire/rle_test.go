package wire_test

import (
	"bytes"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"penstock/internal/format/orc/wire"
)

func in(t testing.TB, data []byte) *wire.In {
	t.Helper()
	c, err := wire.NewCodec(wire.CodecNone, 0)
	if err != nil {
		t.Fatal(err)
	}
	return wire.NewIn(bytes.NewReader(data), "stream", c, 0, int64(len(data)))
}

// TestExamples reads the examples of the specification.
func TestExamples(t *testing.T) {
	patched := []int64{2030, 2000, 2020, 1000000, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120, 2130, 2140, 2150, 2160, 2170, 2180,
		2190}
	for _, c := range []struct {
		name, data string
		version    int
		signed     bool
		want       []int64
	}{
		{"run", "610007", 1, false, slices.Repeat([]int64{7}, 100)},
		{"run down", "61ff64", 1, false, down(100)},
		{"literals", "fb0203060b0d", 1, false, []int64{2, 3, 6, 11, 13}[:]},
		{"short repeat", "0a2710", 2, false, slices.Repeat([]int64{10000}, 5)},
		{"direct", "5e035ca1ab1edeadbeef", 2, false, []int64{23713, 43806, 57005, 48879}},
		{"patched base", "8e132b2107d01e00147028323c46505a646e78828c96a0aab4befce8", 2, false, patched},
		{"delta", "c609020222424246", 2, false, []int64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29}},
	} {
		data, err := hex.DecodeString(c.data)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]int64, len(c.want))
		if err := wire.NewIntReader(in(t, data), c.version, c.signed).Read(got); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v %v", c.name, got, err)
		}
	}
	for data, want := range map[string][]byte{"6100": make([]byte, 100), "fe4445": {0x44, 0x45}} {
		raw, _ := hex.DecodeString(data)
		got := make([]byte, len(want))
		if err := wire.NewByteReader(in(t, raw)).Read(got); err != nil || !bytes.Equal(got, want) {
			t.Errorf("bytes %s: %v %v", data, got, err)
		}
	}
	bits := make([]bool, 8)
	if err := wire.NewBitReader(in(t, []byte{0xff, 0x80})).Read(bits); err != nil || !bits[0] || slices.Contains(bits[1:], true) {
		t.Errorf("bits %v %v", bits, err)
	}
}

func down(n int64) (out []int64) {
	for ; n > 0; n-- {
		out = append(out, n)
	}
	return out
}

// shapes make values that encoders tell apart.
var shapes = map[string]func(r *rand.Rand, i int) int64{
	"constant":   func(*rand.Rand, int) int64 { return -7 },
	"steps":      func(_ *rand.Rand, i int) int64 { return int64(i)*13 - 5000 },
	"random":     func(r *rand.Rand, _ int) int64 { return int64(r.Uint64()) },
	"small":      func(r *rand.Rand, _ int) int64 { return r.Int64N(100) - 50 },
	"outliers":   func(r *rand.Rand, i int) int64 { return r.Int64N(60) + int64(r.IntN(50)/49)*r.Int64N(1<<40) },
	"rare":       func(r *rand.Rand, i int) int64 { return -300 + r.Int64N(8) + int64(r.IntN(300)/299)<<30 },
	"growing":    func(r *rand.Rand, i int) int64 { return int64(i)*1000 + r.Int64N(900) },
	"shrinking":  func(r *rand.Rand, i int) int64 { return -int64(i)*1000 + r.Int64N(900) },
	"runs":       func(_ *rand.Rand, i int) int64 { return int64(i / 7 * 3) },
	"long runs":  func(_ *rand.Rand, i int) int64 { return int64(i/37) * 11 },
	"bounds":     func(r *rand.Rand, _ int) int64 { return []int64{math.MinInt64, math.MaxInt64, 0, -1}[r.IntN(4)] },
	"alternates": func(_ *rand.Rand, i int) int64 { return int64(i%2) << 62 },
	"same first": func(_ *rand.Rand, i int) int64 { return int64(max(0, i%50-3)) << 3 },
	"wide":       func(r *rand.Rand, _ int) int64 { return int64(r.Uint64() >> 4) },
}

// TestIntegersComeBack writes and reads values of each shape in each codec, with row groups, and reads from where each group begins.
func TestIntegersComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, f := range shapes {
		for _, codec := range []string{"none", "zlib", "snappy", "lz4", "zstd"} {
			enc, err := wire.NewEncoder(codec, 1024)
			if err != nil {
				t.Fatal(err)
			}
			w := wire.NewIntWriter(enc, true)
			var vals []int64
			for i := range 3000 {
				if i%1000 == 0 {
					w.StartGroup()
				}
				vals = append(vals, f(r, i))
				w.Put(vals[i])
			}
			w.Flush()
			data, err := w.Out.Finish()
			if err != nil {
				t.Fatal(err)
			}
			c, err := wire.NewCodec(enc.Kind(), 1024)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]int64, len(vals))
			ints := wire.NewIntReader(wire.NewIn(bytes.NewReader(data), "stream", c, 0, int64(len(data))), 2, true)
			for at := 0; at < len(got); { // in pieces, as batches are
				n := min(1+r.IntN(700), len(got)-at)
				if err := ints.Read(got[at : at+n]); err != nil {
					t.Fatalf("%s, %s: %v", name, codec, err)
				}
				at += n
			}
			if !slices.Equal(got, vals) {
				t.Errorf("%s, %s: the values differ", name, codec)
			}
			for g, mark := range w.Out.Mark {
				s := wire.NewIn(bytes.NewReader(data), "stream", c, int64(mark[0]), int64(len(data))-int64(mark[0]))
				if codec != "none" {
					if err := s.Read(make([]byte, mark[1])); err != nil {
						t.Fatal(err)
					}
				}
				if err := wire.NewIntReader(s, 2, true).Read(got[:1000]); err != nil || !slices.Equal(got[:1000], vals[1000*g:1000*(g+1)]) {
					t.Errorf("%s, %s: group %d does not begin where its mark says: %v", name, codec, g, err)
				}
			}
		}
	}
}

func TestBytesAndBitsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 200 {
		enc, _ := wire.NewEncoder("none", 1024)
		w, bits := wire.NewByteWriter(enc), wire.NewBitWriter(enc)
		n, kinds := r.IntN(900), 1+r.IntN(3)
		vals, flags := make([]byte, n), make([]bool, n)
		for i := range vals {
			vals[i] = byte(r.IntN(kinds))
			if r.IntN(40) == 0 && i > 0 {
				kinds = 1 + r.IntN(200)
			}
			flags[i] = vals[i]&1 == 1
			w.Put(vals[i])
			bits.Put(flags[i])
		}
		w.Flush()
		bits.Flush()
		data, _ := w.Out.Finish()
		got := make([]byte, n)
		if err := wire.NewByteReader(in(t, data)).Read(got); err != nil || !bytes.Equal(got, vals) {
			t.Fatalf("round %d: bytes differ, %v", round, err)
		}
		data, _ = bits.Bytes.Out.Finish()
		back, reader := make([]bool, n), wire.NewBitReader(in(t, data))
		for at := 0; at < n; {
			step := min(1+r.IntN(20), n-at)
			if err := reader.Read(back[at : at+step]); err != nil {
				t.Fatal(err)
			}
			at += step
		}
		if !slices.Equal(back, flags) {
			t.Fatalf("round %d: bits differ", round)
		}
	}
}

// TestRunsAreSmall keeps each shape's size near what the Java library makes of it. Each shape has numbers of its own: a run of "rare"
// without a rare value takes three times the bytes, as in Java, so its size depends on them.
func TestRunsAreSmall(t *testing.T) {
	for name, most := range map[string]int{"constant": 26, "steps": 36, "small": 2700, "outliers": 3500, "growing": 4200, "rare": 1700} {
		enc, _ := wire.NewEncoder("none", 1024)
		w, r := wire.NewIntWriter(enc, true), rand.New(rand.NewPCG(5, 6))
		for i := range 3000 {
			w.Put(shapes[name](r, i))
		}
		w.Flush()
		if data, _ := w.Out.Finish(); len(data) > most {
			t.Errorf("%s: 3000 values take %d bytes, not %d", name, len(data), most)
		}
	}
}
