package engine

import (
	"bytes"
	"fmt"
	"math"
	"sort"
	"strconv"
	"unicode/utf8"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/schema"
)

// A ValueError says which value of a batch, or of a result, the other side cannot hold. Row counts from 1 in the
// batch or result.
type ValueError struct{ column.Finding }

// Error implements error.
func (e *ValueError) Error() string { return e.String() }

// A misfit is a value that does not fit.
type misfit struct {
	at      int // in the vector
	path    string
	text    []byte
	problem string
}

func (f *misfit) of(name string, row int) *ValueError {
	return &ValueError{column.Finding{Row: int64(row), Column: name + f.path, Text: f.text, Problem: f.problem}}
}

// check finds the first of the values from to to that DuckDB's column cannot hold, nil when all fit. What a null hides is not looked at.
func check(v *column.Vector, from, to int) *misfit {
	switch v.Type.Kind {
	case schema.Struct:
		return checkFields(v, from, to)
	case schema.Array:
		return checkElements(v, v.Parts[0], from, to)
	case schema.Map:
		for _, p := range v.Parts {
			if f := checkElements(v, p, from, to); f != nil {
				return f
			}
		}
		return checkKeys(v, from, to)
	case schema.String, schema.Char, schema.Varchar, schema.Binary:
		return checkTexts(v, from, to)
	case schema.Float, schema.Double, schema.Decimal:
		return checkNumbers(v, from, to)
	}
	return checkInts(v, from, to)
}

func checkFields(v *column.Vector, from, to int) *misfit {
	for i, p := range v.Parts {
		for at := from; at < to; {
			f := check(p, at, to)
			if f == nil {
				break
			}
			if !v.Null[f.at] {
				f.path = "." + v.Type.Fields[i].Name + f.path
				return f
			}
			at = f.at + 1
		}
	}
	return nil
}

func checkElements(v, elems *column.Vector, from, to int) *misfit {
	if from == to {
		return nil
	}
	at, _ := v.Range(from)
	for at < v.Ends[to-1] {
		f := check(elems, at, v.Ends[to-1])
		if f == nil {
			return nil
		}
		row := sort.Search(len(v.Ends), func(i int) bool { return v.Ends[i] > f.at })
		if !v.Null[row] {
			f.at = row
			return f
		}
		at = v.Ends[row]
	}
	return nil
}

// checkKeys sees to what DuckDB does not look at when it is given whole chunks: a key is not null and stands once.
func checkKeys(v *column.Vector, from, to int) *misfit {
	keys := v.Parts[0]
	for i := from; i < to; i++ {
		if v.Null[i] {
			continue
		}
		first, end := v.Range(i)
		for n := first; n < end; n++ {
			if keys.Null[n] {
				return &misfit{at: i, problem: "a key of a map is null"}
			}
		}
		if n := twice(keys, first, end); n >= 0 {
			return &misfit{at: i, problem: "a map has a key twice", text: column.Excerpt(keyText(nil, keys, n))}
		}
	}
	return nil
}

// fewKeys is up to how many keys each is compared with each.
const fewKeys = 16

// twice returns the first key of from to to that stands before, or -1.
func twice(keys *column.Vector, from, to int) int {
	if to-from > fewKeys {
		seen := make(map[string]struct{}, to-from)
		for n := from; n < to; n++ {
			key := string(keyText(nil, keys, n))
			if _, ok := seen[key]; ok {
				return n
			}
			seen[key] = struct{}{}
		}
		return -1
	}
	for n := from + 1; n < to; n++ {
		for m := from; m < n; m++ {
			if sameKey(keys, m, n) {
				return n
			}
		}
	}
	return -1
}

func sameKey(v *column.Vector, a, b int) bool {
	switch k := v.Type.Kind; {
	case k.Text() || k == schema.Binary:
		return bytes.Equal(v.Text(a), v.Text(b))
	case len(v.Ints) > 0:
		return v.Ints[a] == v.Ints[b]
	}
	return bytes.Equal(keyText(nil, v, a), keyText(nil, v, b))
}

// keyText is a text that is the same for the same keys: 0 and -0 are.
func keyText(dst []byte, v *column.Vector, i int) []byte {
	switch k := v.Type.Kind; {
	case k == schema.Float || k == schema.Double:
		return strconv.AppendFloat(dst, v.Floats[i]+0, 'g', -1, 64)
	case k.Text() || k == schema.Binary:
		return append(dst, v.Text(i)...)
	}
	return v.AppendJSON(dst, i)
}

// checkTexts looks at all bytes at once: texts whose bytes together are UTF-8, and each of which begins with a character, are UTF-8.
func checkTexts(v *column.Vector, from, to int) *misfit {
	if from == to {
		return nil
	}
	first, _ := v.Range(from)
	if i := tooLong(v.Ends[from:to], first); i >= 0 {
		return &misfit{at: from + i, problem: "longer than 4 GiB"}
	}
	if v.Type.Kind == schema.Binary {
		return nil
	}
	if all := v.Bytes[first:v.Ends[to-1]]; utf8.Valid(all) && startsWhole(all, v.Ends[from:to-1], first) {
		return nil
	}
	for i := from; i < to; i++ {
		if !v.Null[i] && !utf8.Valid(v.Text(i)) {
			return &misfit{at: i, problem: "not UTF-8", text: column.Excerpt(v.Text(i))}
		}
	}
	return nil
}

// tooLong returns the first of the texts, which end at ends, whose length DuckDB cannot say, or -1.
func tooLong(ends []int, first int) int {
	if ends[len(ends)-1]-first <= math.MaxUint32 {
		return -1
	}
	for i, end := range ends {
		if end-first > math.MaxUint32 {
			return i
		}
		first = end
	}
	return -1
}

func startsWhole(all []byte, starts []int, first int) bool {
	for _, s := range starts {
		if s-first < len(all) && !utf8.RuneStart(all[s-first]) {
			return false
		}
	}
	return true
}

func checkNumbers(v *column.Vector, from, to int) *misfit {
	if v.Type.Kind == schema.Float {
		for i, f := range v.Floats[from:to] {
			if float64(float32(f)) != f && f == f && !v.Null[from+i] {
				return &misfit{at: from + i, problem: fmt.Sprintf("%v is no number of float's precision", f)}
			}
		}
	}
	if v.Type.Kind == schema.Decimal {
		for i, d := range v.Decimals[from:to] {
			if !d.Fits(v.Type.Precision) && !v.Null[from+i] {
				return &misfit{at: from + i, problem: fmt.Sprintf("%s is out of the range of %s", convert.AppendDecimal(nil, d, v.Type.Scale), v.Type)}
			}
		}
	}
	return nil
}

func checkInts(v *column.Vector, from, to int) *misfit {
	low, high := limits(v.Type.Kind)
	if len(v.Ints) == 0 || low == math.MinInt64 {
		return nil
	}
	for i, n := range v.Ints[from:to] {
		if (n < low || n > high) && !v.Null[from+i] {
			return &misfit{at: from + i, problem: outOfRange(n, v.Type.Kind)}
		}
	}
	return nil
}

// limits are the least and largest entry of Ints that DuckDB's type has. The days and times beyond are its infinities.
func limits(k schema.Kind) (low, high int64) {
	switch k {
	case schema.Boolean:
		return 0, 1
	case schema.TinyInt:
		return math.MinInt8, math.MaxInt8
	case schema.SmallInt:
		return math.MinInt16, math.MaxInt16
	case schema.Int:
		return math.MinInt32, math.MaxInt32
	case schema.Date:
		return -math.MaxInt32 + 1, math.MaxInt32 - 1
	case schema.Timestamp:
		return -9_223_372_022_400_000_000, math.MaxInt64 - 1
	}
	return math.MinInt64, math.MaxInt64
}

func outOfRange(n int64, k schema.Kind) string {
	switch k {
	case schema.Date:
		return fmt.Sprintf("day %d since 1970-01-01 is out of the range of a date", n)
	case schema.Timestamp:
		return fmt.Sprintf("microsecond %d since 1970-01-01 is out of the range of a timestamp", n)
	}
	return fmt.Sprintf("%d is out of the range of %s", n, k)
}

// Misfits calls found for each value that makes AppendBatch refuse a batch: column i of the batch, and the finding. found may make the
// value null, in Null of the batch's column.
func Misfits(b *column.Batch, found func(i int, f column.Finding)) {
	for i, v := range b.Columns {
		for at := 0; at < b.Rows(); {
			f := check(v, at, b.Rows())
			if f == nil {
				break
			}
			found(i, f.of(b.Names[i], f.at+1).Finding)
			at = f.at + 1
		}
	}
}
