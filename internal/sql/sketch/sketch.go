// Package sketch counts different values roughly, in the sketches of Redshift's HLL functions: HyperLogLog of 2^15 registers over the
// 128-bit Murmur hash with Apache DataSketches' seed. A sketch is text; of few values it is the text that Redshift shows.
package sketch

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"math/bits"
	"slices"
)

const (
	logm      = 15
	registers = 1 << logm
	// maxSparse is how many values a sketch lists before it becomes dense.
	maxSparse = 3072
	indexBits = 26
)

// Coupon is what a sketch keeps of a value: where it falls (26 bits) and above that the place of the first one bit of its hash.
func Coupon(value []byte) uint32 {
	h1, h2 := murmur(value, 9001)
	return uint32(min(bits.LeadingZeros64(h2), 62)+1)<<indexBits | uint32(h1&(1<<indexBits-1))
}

// Sketch is a set of coupons, or the registers that they fill.
type Sketch struct {
	sparse map[uint32]uint8 // by index, while it is small
	dense  []byte
}

// New makes an empty sketch.
func New() *Sketch { return &Sketch{sparse: map[uint32]uint8{}} }

// Add adds a coupon.
func (s *Sketch) Add(coupon uint32) { s.add(coupon&(1<<indexBits-1), uint8(coupon>>indexBits)) }

func (s *Sketch) add(index uint32, value uint8) {
	if s.dense != nil {
		at := index & (registers - 1)
		s.dense[at] = max(s.dense[at], value)
		return
	}
	s.sparse[index] = max(s.sparse[index], value)
	if len(s.sparse) > maxSparse {
		s.thicken()
	}
}

func (s *Sketch) thicken() {
	all := s.sparse
	s.sparse, s.dense = nil, make([]byte, registers)
	for index, value := range all {
		s.add(index, value)
	}
}

// Merge adds all of another sketch.
func (s *Sketch) Merge(o *Sketch) {
	if o.dense == nil {
		for index, value := range o.sparse {
			s.add(index, value)
		}
		return
	}
	if s.dense == nil {
		s.thicken()
	}
	for i, v := range o.dense {
		s.dense[i] = max(s.dense[i], v)
	}
}

// Count estimates how many values were added: of few it is the number of coupons, of many it is within about half a percent.
func (s *Sketch) Count() int64 {
	if s.dense == nil {
		return int64(len(s.sparse))
	}
	sum, empty := 0.0, 0
	for _, v := range s.dense {
		sum += math.Exp2(-float64(v))
		if v == 0 {
			empty++
		}
	}
	const m = float64(registers)
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && empty > 0 {
		estimate = m * math.Log(m/float64(empty))
	}
	return int64(math.Round(estimate))
}

type text struct {
	Version int         `json:"version"`
	LogM    int         `json:"logm"`
	Sparse  *sparseText `json:"sparse,omitempty"`
	Dense   *denseText  `json:"dense,omitempty"`
}

type sparseText struct {
	Indices []uint32 `json:"indices"`
	Values  []uint16 `json:"values"`
}

type denseText struct {
	Registers string `json:"registers"`
}

// Append writes the sketch as text.
func (s *Sketch) Append(buf []byte) []byte {
	out := text{Version: 1, LogM: logm}
	if s.dense != nil {
		out.Dense = &denseText{base64.StdEncoding.EncodeToString(s.dense)}
	} else {
		out.Sparse = &sparseText{Indices: []uint32{}, Values: []uint16{}}
		for index := range s.sparse {
			out.Sparse.Indices = append(out.Sparse.Indices, index)
		}
		slices.Sort(out.Sparse.Indices)
		for _, index := range out.Sparse.Indices {
			out.Sparse.Values = append(out.Sparse.Values, uint16(s.sparse[index]))
		}
	}
	b, _ := json.Marshal(out) // numbers and text always have a form
	return append(buf, b...)
}

var errForm = errors.New("this is no HLL sketch")

// Parse reads the text of a sketch.
func Parse(b []byte) (*Sketch, error) {
	var t text
	if json.Unmarshal(b, &t) != nil || t.LogM != logm || (t.Sparse == nil) == (t.Dense == nil) {
		return nil, errForm
	}
	s := New()
	if t.Dense != nil {
		raw, err := base64.StdEncoding.DecodeString(t.Dense.Registers)
		if err != nil || len(raw) != registers || slices.Max(raw) > 63 {
			return nil, errForm
		}
		s.sparse, s.dense = nil, raw
		return s, nil
	}
	if len(t.Sparse.Indices) != len(t.Sparse.Values) {
		return nil, errForm
	}
	for i, index := range t.Sparse.Indices {
		v := t.Sparse.Values[i]
		if index >= 1<<indexBits || v < 1 || v > 63 {
			return nil, errForm
		}
		s.add(index, uint8(v))
	}
	return s, nil
}
