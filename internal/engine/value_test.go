package engine

import (
	"math"
	"testing"
	"unsafe"

	"penstock/internal/column"
	"penstock/internal/schema"
)

func TestTextsThatAreTooLong(t *testing.T) {
	const most = math.MaxUint32
	for _, x := range []struct {
		ends []int
		want int
	}{{[]int{7, 7 + most}, -1}, {[]int{5 + most, 5 + 2*most}, -1}, {[]int{8, 9 + most, 10 + most}, 1}, {[]int{6 + most}, 0}} {
		if got := tooLong(x.ends, 5); got != x.want {
			t.Errorf("%v: %d, not %d", x.ends, got, x.want)
		}
	}
}

// TestListsInAnyOrder reads lists whose elements lie apart, out of order and with gaps, as DuckDB may keep them.
func TestListsInAnyOrder(t *testing.T) {
	elems := []int32{10, 11, 12, 13, 14, 15, 16, 17}
	entries := [][2]uint64{{5, 2}, {0, 1}, {1, 2}, {99, 99}, {3, 0}, {5, 2}, {7, 1}}
	valid, some := uint64(0b1110111), uint64(0b11011111) // 15 is null
	v := Vector{Type: Type{ID: List, Elem: &Type{ID: Integer}}, data: unsafe.Pointer(&entries[0]), valid: &valid, size: len(entries),
		kids: []Vector{{Type: Type{ID: Integer}, data: unsafe.Pointer(&elems[0]), valid: &some, size: len(elems)}}}
	dst := column.New(schema.ArrayOf(schema.Of(schema.Int)))
	for range 2 {
		if f := v.appendTo(dst, 0, len(entries), nil); f != nil {
			t.Fatal(f.problem)
		}
	}
	if err := dst.Check(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"[null,16]", "[10]", "[11,12]", "null", "[]", "[null,16]", "[17]"} {
		for _, row := range []int{i, i + len(entries)} {
			if got := string(dst.AppendJSON(nil, row)); got != want {
				t.Errorf("row %d is %s, not %s", row, got, want)
			}
		}
	}
	if n := dst.Parts[0].Ints[0]; n != 0 {
		t.Errorf("the entry of a null is %d", n)
	}
}
