package cbor

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"penstock/internal/api/shapes"
)

// Major types of a data item's head.
const (
	majorUint byte = iota
	majorNeg
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

const (
	indefinite = 31
	maxDepth   = 200
)

// A scanner reads data items from bytes.
type scanner struct {
	b     []byte
	i     int
	depth int
}

func (s *scanner) fail(what string) error { return shapes.Malformedf("%s at byte %d", what, s.i) }

// major returns the next item's major type without reading it; 255 at the end.
func (s *scanner) major() byte {
	if s.i >= len(s.b) {
		return 255
	}
	return s.b[s.i] >> 5
}

// head reads an item's head: major type, the low five bits, and the argument.
func (s *scanner) head() (major, info byte, arg uint64, err error) {
	if s.i >= len(s.b) {
		return 0, 0, 0, s.fail("unexpected end")
	}
	major, info = s.b[s.i]>>5, s.b[s.i]&31
	s.i++
	switch {
	case info < 24:
		return major, info, uint64(info), nil
	case info == indefinite:
		return major, info, 0, nil
	case info > 27:
		return 0, 0, 0, s.fail("reserved length")
	}
	n := 1 << (info - 24)
	if len(s.b)-s.i < n {
		return 0, 0, 0, s.fail("unexpected end")
	}
	for _, c := range s.b[s.i : s.i+n] {
		arg = arg<<8 | uint64(c)
	}
	s.i += n
	return major, info, arg, nil
}

// brk reads a break and says whether one stood there.
func (s *scanner) brk() bool {
	if s.i < len(s.b) && s.b[s.i] == 0xff {
		s.i++
		return true
	}
	return false
}

// null reads null or undefined and says whether one stood there.
func (s *scanner) null() bool {
	if s.i < len(s.b) && (s.b[s.i] == 0xf6 || s.b[s.i] == 0xf7) {
		s.i++
		return true
	}
	return false
}

// str reads a byte or text string of major type want.
func (s *scanner) str(want byte) ([]byte, error) {
	major, info, n, err := s.head()
	if err != nil {
		return nil, err
	}
	if major != want {
		return nil, s.fail("expected a string of another kind")
	}
	var out []byte
	if info == indefinite {
		for !s.brk() {
			if s.major() != want || s.b[s.i]&31 == indefinite {
				return nil, s.fail("a chunk of another kind")
			}
			chunk, err := s.str(want)
			if err != nil {
				return nil, err
			}
			out = append(out, chunk...)
		}
	} else {
		if n > uint64(len(s.b)-s.i) {
			return nil, s.fail("unexpected end")
		}
		out = s.b[s.i : s.i+int(n)]
		s.i += int(n)
	}
	if want == majorText && !utf8.Valid(out) {
		return nil, s.fail("text is not UTF-8")
	}
	return out, nil
}

// each calls item for each element of an array, or each key of a map, whose value item must read too.
func (s *scanner) each(want byte, item func() error) error {
	major, info, n, err := s.head()
	if err != nil {
		return err
	}
	if major != want {
		return s.fail("expected " + map[byte]string{majorArray: "a list", majorMap: "a map"}[want])
	}
	if s.depth++; s.depth > maxDepth {
		return s.fail("nested too deeply")
	}
	defer func() { s.depth-- }()
	if info == indefinite {
		for !s.brk() {
			if err := item(); err != nil {
				return err
			}
		}
		return nil
	}
	if n > uint64(len(s.b)-s.i) {
		return s.fail("unexpected end")
	}
	for range n {
		if err := item(); err != nil {
			return err
		}
	}
	return nil
}

// A number is a CBOR number: an integer, or a float when isFloat.
type number struct {
	isFloat bool
	f       float64
	neg     bool   // the integer is -1-u
	u       uint64 // magnitude
}

// int64 returns the number as an integer when it is one in range.
func (n number) int64() (int64, bool) {
	if n.isFloat {
		if n.f != math.Trunc(n.f) || math.Abs(n.f) > 1<<53 {
			return 0, false
		}
		return int64(n.f), true
	}
	if n.u > math.MaxInt64 {
		return 0, false
	}
	if n.neg {
		return -1 - int64(n.u), true
	}
	return int64(n.u), true
}

// float returns the number as a float.
func (n number) float() float64 {
	switch {
	case n.isFloat:
		return n.f
	case n.neg:
		return -1 - float64(n.u)
	}
	return float64(n.u)
}

func (s *scanner) number() (number, error) {
	major, info, arg, err := s.head()
	if err != nil {
		return number{}, err
	}
	switch {
	case major == majorUint || major == majorNeg:
		if info == indefinite {
			return number{}, s.fail("reserved length")
		}
		return number{neg: major == majorNeg, u: arg}, nil
	case major == majorSimple && info == 25:
		return number{isFloat: true, f: half(uint16(arg))}, nil
	case major == majorSimple && info == 26:
		return number{isFloat: true, f: float64(math.Float32frombits(uint32(arg)))}, nil
	case major == majorSimple && info == 27:
		return number{isFloat: true, f: math.Float64frombits(arg)}, nil
	}
	return number{}, s.fail("expected a number")
}

// half widens a half-precision float.
func half(h uint16) float64 {
	exp, frac := int(h>>10)&31, float64(h&1023)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(frac, -24)
	case 31:
		if frac != 0 {
			return math.NaN()
		}
		f = math.Inf(1)
	default:
		f = math.Ldexp(frac+1024, exp-25)
	}
	if h&0x8000 != 0 {
		return -f
	}
	return f
}

// skip reads any item.
func (s *scanner) skip() error {
	switch s.major() {
	case majorBytes, majorText:
		_, err := s.str(s.major())
		return err
	case majorArray:
		return s.each(majorArray, s.skip)
	case majorMap:
		return s.each(majorMap, func() error {
			if err := s.skip(); err != nil {
				return err
			}
			return s.skip()
		})
	case majorTag:
		if _, _, _, err := s.head(); err != nil {
			return err
		}
		if s.depth++; s.depth > maxDepth {
			return s.fail("nested too deeply")
		}
		defer func() { s.depth-- }()
		return s.skip()
	}
	if s.i < len(s.b) && s.b[s.i] == 0xff {
		return s.fail("a break where a value belongs")
	}
	_, _, _, err := s.head()
	return err
}

func appendHead(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}
