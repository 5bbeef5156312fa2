package jsonrows

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// FuzzScanner holds what the scanner takes, and where it ends, against encoding/json.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+7,"\u00e9\n"],"b":{"c":null}}`, ` [ ] `, `01`, `-`, `1.`, `1e`, `"\x"`, `"\u12g4"`,
		`{"a":1,}`, `[1,]`, `{,}`, `{"a"}`, `tru`, `nulll`,
		"\"12345678\n\"", `"1234567\"890"`, `{'a':1}`, `NaN`, "\"\x00\"", `{"a":1}}`, `"abcdefgh\`, `[[[]]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s := scanner{buf: in, last: true}
		taken := s.blank() && s.value() == whole && !s.blank()
		if want := json.Valid(in); taken != want && s.why != "values nest more than 512 deep" && !strings.HasPrefix(s.why, "a key has") {
			t.Fatalf("%q: taken %v, valid %v (%s at %d)", in, taken, want, s.why, s.i)
		}
		for cut := range len(in) { // a text that goes on is never taken for wrong before it is
			s := scanner{buf: in[:cut:cut]}
			if s.blank() && s.value() == wrong && taken {
				t.Fatalf("%q, cut to %d bytes, is wrong: %s", in, cut, s.why)
			}
		}
	})
}

// TestDoublesAreExact holds the fast reading of numbers against strconv, which rounds right.
func TestDoublesAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	n := &node{kind: schema.Double, vec: column.New(schema.Of(schema.Double))}
	fast := 0
	for range 300_000 {
		text := strconv.FormatInt(random.Int64N(1<<(1+random.Int64N(62))), 10)
		if at := random.IntN(len(text)); at > 0 {
			text = text[:at] + "." + text[at:]
		}
		if random.IntN(2) == 0 {
			text = "-" + text
		}
		r := &Reader{source: source{scanner: scanner{buf: []byte(text + ",")}}}
		n.vec.Truncate(0)
		if !r.double(n) {
			continue
		}
		fast++
		if want, err := strconv.ParseFloat(text, 64); err != nil || n.vec.Floats[0] != want || r.i != len(text) {
			t.Fatalf("%s is %v, not %v", text, n.vec.Floats[0], want)
		}
	}
	if fast < 100_000 {
		t.Errorf("only %d of 300000 numbers are read fast", fast)
	}
}
