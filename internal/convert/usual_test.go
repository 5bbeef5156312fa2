package convert

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"penstock/internal/convert/usual"
)

// TestUsualTimes holds the fast reading of days and times against the general one.
func TestUsualTimes(t *testing.T) {
	for day := -719162; day <= 2932896; day += 11 {
		text := AppendDate(nil, day)
		if got, ok := usual.Day(text); !ok || got != int64(day) {
			t.Fatalf("%s: %d, %v, not %d", text, got, ok, day)
		}
	}
	for year := range 2500 {
		for month := range 14 {
			for _, day := range []int{0, 1, 28, 29, 30, 31, 32} {
				text := fmt.Appendf(nil, "%04d-%02d-%02d", year, month, day)
				got, ok := usual.Day(text)
				want, fault := sparkDate(text)
				if ok && (fault != None || got != int64(want)) || !ok && fault == None && year > 1 {
					t.Fatalf("%s: %d, %v; in Spark %d, %v", text, got, ok, want, fault)
				}
			}
		}
	}
	for _, s := range []string{"2020-01-02T03:04:05", "2020-01-02 23:59:59.9Z", "1969-12-31 23:59:59.999999", "2020-01-02T03:04:05.123Z"} {
		got, ok := usual.Time([]byte(s))
		if want, fault := sparkTimestamp([]byte(s)); !ok || fault != None || got != want {
			t.Errorf("%s: %d, %v, not %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"2020-01-02T03:04:05+01:00", "2020-01-02T24:00:00", "2020-01-02T03:60:00", "2020-01-02T03:04:05.",
		"2020-01-02T03:04:05.1234567",
		"2020-02-30T03:04:05", "2020-01-02T03:04:0x", "2020-01-02x03:04:05", "2020-01-02T03:04", "2020-01-02T03:04:05.1x"} {
		if got, ok := usual.Time([]byte(s)); ok {
			t.Errorf("%s: %d", s, got)
		}
	}
}

// TestUsualFloats holds the fast reading of numbers against the general one.
func TestUsualFloats(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		digits, places := 1+r.IntN(17), r.IntN(18)
		text := fmt.Appendf(nil, "%s%0*d", []string{"", "-"}[r.IntN(2)], digits, r.Uint64N(1e17))
		if places < digits {
			text = append(text[:len(text)-places], append([]byte{'.'}, text[len(text)-places:]...)...)
		}
		got, ok := usual.Float(text)
		if want, fault := generalFloat(text); ok && (fault != None || got != want) {
			t.Fatalf("%s: %v, not %v", text, got, want)
		}
	}
	for _, s := range []string{"", "-", ".", ".5", "5.", "1e3", "+1", " 1", "1f", "1..2", "NaN", "1_0", "1234567890123456"} {
		if got, ok := usual.Float([]byte(s)); ok {
			t.Errorf("%s: %v", s, got)
		}
	}
	for s, want := range map[string]float64{"0": 0, "12.50": 12.5, "-0.1": -0.1, "999999999999.999": 999999999999.999, "007": 7} {
		if got, ok := usual.Float([]byte(s)); !ok || got != want {
			t.Errorf("%s: %v, %v", s, got, ok)
		}
	}
}

func generalFloat(text []byte) (float64, Fault) { return Spark.float(text, 64) }
