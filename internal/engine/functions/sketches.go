package functions

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"penstock/internal/convert"
	"penstock/internal/engine"
	"penstock/internal/sql/sketch"
)

// sketches are CRC32 and the parts of Redshift's HLL functions: a value's coupon, the sketch of coupons ("1,2,3"), that of sketches (a
// JSON array), and a sketch's count.
func sketches() []*engine.Function {
	v, castagnoli := engine.Varchar, crc32.MakeTable(crc32.Castagnoli) // the guide's example is CRC-32C
	return []*engine.Function{
		{Name: "ps_rs_crc32", Params: types(v), Result: typ(v), Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			return eachRow(in, out, rows, func(i int) error {
				out.SetText(i, fmt.Appendf(nil, "%08x", crc32.Checksum(in[0].Bytes(i), castagnoli)))
				return nil
			})
		}},
		{Name: "ps_rs_hll_coupon", Params: types(engine.Blob), Result: typ(engine.BigInt),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					out.SetInt64(i, int64(sketch.Coupon(in[0].Bytes(i))))
					return nil
				})
			}},
		{Name: "ps_rs_hll_sketch", Params: types(v), Result: typ(v), Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			return eachRow(in, out, rows, func(i int) error {
				s, err := ofCoupons(string(in[0].Bytes(i)))
				if err == nil {
					out.SetText(i, s.Append(nil))
				}
				return err
			})
		}},
		{Name: "ps_rs_hll_merge", Params: types(v), Result: typ(v), Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
			return eachRow(in, out, rows, func(i int) error {
				s, err := ofSketches(in[0].Bytes(i))
				if err == nil {
					out.SetText(i, s.Append(nil))
				}
				return err
			})
		}},
		{Name: "ps_rs_hll_count", Params: types(v), Result: typ(engine.BigInt),
			Call: func(in []engine.Vector, out *engine.ColumnWriter, rows int) error {
				return eachRow(in, out, rows, func(i int) error {
					s, err := sketch.Parse(in[0].Bytes(i))
					if err != nil {
						return badSketch(err)
					}
					out.SetInt64(i, s.Count())
					return nil
				})
			}},
	}
}

func badSketch(err error) error { return &convert.Error{Code: convert.CodeSyntax, Msg: err.Error()} }

func ofCoupons(list string) (*sketch.Sketch, error) {
	s := sketch.New()
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, badSketch(err)
		}
		s.Add(uint32(n))
	}
	return s, nil
}

func ofSketches(array []byte) (*sketch.Sketch, error) {
	var all []json.RawMessage
	if err := json.Unmarshal(array, &all); err != nil {
		return nil, badSketch(err)
	}
	s := sketch.New()
	for _, text := range all {
		one, err := sketch.Parse(text)
		if err != nil {
			return nil, badSketch(err)
		}
		s.Merge(one)
	}
	return s, nil
}
