package sketch

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

func of(from, to int) *Sketch {
	s := New()
	for i := from; i < to; i++ {
		s.Add(Coupon(binary.LittleEndian.AppendUint32(nil, uint32(i))))
	}
	return s
}

// TestText is the sketch of the integers 1 to 6 as the Redshift guide prints it (HLL_COMBINE).
func TestText(t *testing.T) {
	const want = `{"version":1,"logm":15,"sparse":{"indices":[20812342,20850007,22362299,40314817,42650774,47158030],"values":[1,2,1,3,2,1]}}`
	if got := of(1, 7).Append(nil); string(got) != want {
		t.Errorf("%s", got)
	}
}

// TestMurmur are the reference's values for seed 0.
func TestMurmur(t *testing.T) {
	for text, want := range map[string][2]uint64{"": {0, 0}, "hello": {0xcbd8a7b341bd9b02, 0x5b1e906a48ae1d19},
		"The quick brown fox jumps over the lazy dog": {0xe34bbc7bbc071b6c, 0x7a433ca9c49a9347}} {
		if a, b := murmur([]byte(text), 0); [2]uint64{a, b} != want {
			t.Errorf("%q: %x %x", text, a, b)
		}
	}
}

func TestCount(t *testing.T) {
	for _, n := range []int{0, 1, 6, 3000, 5000, 60_000, 200_000, 1_000_000} {
		if got := of(0, n).Count(); math.Abs(float64(got)-float64(n)) > 0.02*float64(n) {
			t.Errorf("%d values: %d", n, got)
		}
	}
}

func TestMergeAndText(t *testing.T) {
	for _, n := range []int{0, 5, 2000, 20_000} {
		for _, m := range []int{0, 7, 2500, 30_000} {
			a, b, all := of(0, n), of(n/2, n/2+m), of(0, max(n, n/2+m))
			if n == 0 {
				all = of(0, m)
			}
			if m == 0 {
				all = of(0, n)
			}
			a.Merge(b)
			back, err := Parse(a.Append(nil))
			if err != nil || !bytes.Equal(back.Append(nil), a.Append(nil)) || back.Count() != a.Count() {
				t.Errorf("%d and %d: the text read again is another: %v", n, m, err)
			}
			if (a.dense == nil) == (all.dense == nil) && a.Count() != all.Count() {
				t.Errorf("%d and %d: %d, all at once %d", n, m, a.Count(), all.Count())
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(of(0, 5).Append(nil))
	f.Add([]byte(`{"logm":15,"sparse":{"indices":[1],"values":[]}}`))
	f.Add([]byte(`{"logm":15,"dense":{"registers":""}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := Parse(b); err == nil {
			_ = s.Count()
			if _, err := Parse(s.Append(nil)); err != nil {
				t.Error(err)
			}
		}
	})
}
