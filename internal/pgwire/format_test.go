package pgwire

import (
	"encoding/hex"
	"math"
	"testing"
	"time"
)

func TestFloatText(t *testing.T) {
	for _, c := range []struct {
		v      float64
		single bool
		extra  int
		want   string
	}{
		{0.30000000000000004, false, 0, "0.3"}, {0.30000000000000004, false, 3, "0.30000000000000004"}, {1e15, false, 3, "1e+15"},
		{1e14, false, 3, "100000000000000"}, {1e-5, false, 3, "1e-05"}, {0.0001, false, 3, "0.0001"}, {0, false, 0, "0"},
		{math.Copysign(0, -1), false, 0, "-0"}, {10666684.544, false, 0, "10666684.544"}, {math.NaN(), false, 0, "NaN"},
		{math.Inf(1), false, 0, "Infinity"}, {math.Inf(-1), true, 0, "-Infinity"}, {float64(float32(1.1)), true, 0, "1.1"},
		{float64(float32(16777216)), true, 3, "1.6777216e+07"}, {1e20, false, 0, "1e+20"}, {123456789, false, -10, "1.2346e+08"},
	} {
		if got := string(appendFloat(nil, c.v, c.single, c.extra)); got != c.want {
			t.Errorf("%v single=%v extra=%d: %s, want %s", c.v, c.single, c.extra, got, c.want)
		}
	}
}

func TestDateText(t *testing.T) {
	for days := int64(-800000); days < 3000000; days += 997 {
		y, m, d := civil(days)
		want := time.Unix(days*86400, 0).UTC()
		if int(y) != want.Year() || m != int(want.Month()) || d != want.Day() {
			t.Fatalf("day %d: %d-%d-%d, want %s", days, y, m, d, want)
		}
	}
	for days, want := range map[int32]string{0: "1970-01-01", -1: "1969-12-31", 10957: "2000-01-01", -719163: "0001-12-31 BC",
		-719162: "0001-01-01", infinityDays: "infinity", -infinityDays: "-infinity"} {
		if got := string(appendDateOnly(nil, days)); got != want {
			t.Errorf("day %d: %s, want %s", days, got, want)
		}
	}
}

func TestNumericBinary(t *testing.T) {
	for text, want := range map[string]string{
		"0":                      "0000000000000000",
		"0.00":                   "0000000000000002",
		"1":                      "00010000000000000001",
		"-1.5":                   "000200004000000100011388",
		"10000":                  "00010001000000000001",
		"0.0001":                 "0001ffff000000040001",
		"12345.6789":             "0003000100000004000109291a85",
		"99999999999999999999.9": "0006000400000001270f270f270f270f270f2328",
	} {
		got := hex.EncodeToString(appendNumeric(nil, []byte(text)))
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		b, _ := hex.DecodeString(want)
		if back, ok := numericText(b); !ok || back != text {
			t.Errorf("%s reads back as %q, %v", text, back, ok)
		}
	}
}

func TestBinaryArgs(t *testing.T) {
	for _, c := range []struct {
		oid       uint32
		hex, want string
	}{
		{Int2, "fff9", "-7"}, {Int4, "0000002a", "42"}, {Int8, "8000000000000000", "-9223372036854775808"}, {Bool, "01", "t"},
		{Float8, "3fb999999999999a", "0.1"}, {Float4, "3f8ccccd", "1.1"}, {Date, "00000000", "2000-01-01"}, {Date, "7fffffff", "infinity"},
		{Timestamp, "0000000000000001", "2000-01-01 00:00:00.000001"}, {TimestampTZ, "ffffffffffffffff", "1999-12-31 23:59:59.999999+00"},
		{Time, "00000000d693a400", "01:00:00"}, {TimeTZ, "00000000d693a40000007080", "01:00:00-08"},
		{Interval, "0000000000000001fffffffd0000000e", "1 year 2 mons -3 days +00:00:00.000001"}, {Varchar, "6162", "ab"},
		{Varbyte, "00ff", "00ff"},
	} {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := argText(b, c.oid, 1, false); !ok || got != c.want {
			t.Errorf("OID %d %s: %q %v, want %q", c.oid, c.hex, got, ok, c.want)
		}
		if c.oid != Varchar && c.oid != Varbyte {
			if _, ok := argText(b[1:], c.oid, 1, false); ok {
				t.Errorf("OID %d: a value that is too short was accepted", c.oid)
			}
		}
	}
}

func FuzzNumeric(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 0, 0, 2, 0, 7})
	f.Add([]byte{0, 0, 0, 0, 0xC0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		text, ok := numericText(b)
		if !ok || text == "NaN" {
			return
		}
		again, ok := numericText(appendNumeric(nil, []byte(text)))
		zero := text != "" && text[0] == '-' && again == text[1:] // minus zero is zero
		if !ok || (again != text && !zero) {
			t.Fatalf("%x is %q, which becomes %q", b, text, again)
		}
	})
}

// TestIntervalText has PostgreSQL 15's own answers.
func TestIntervalText(t *testing.T) {
	for _, c := range []struct {
		months, days int32
		micros       int64
		want         string
	}{
		{0, 0, 0, "00:00:00"}, {0, 1, 0, "1 day"}, {0, 1, 43_200_000_000, "1 day 12:00:00"}, {14, 0, 0, "1 year 2 mons"}, {1, 0, 0, "1 mon"},
		{-1, 0, 0, "-1 mons"}, {-14, 3, -1, "-1 years -2 mons +3 days -00:00:00.000001"}, {0, -1, 3_600_000_000, "-1 days +01:00:00"},
		{0, 0, -90_061_500_000, "-25:01:01.5"}, {1, -1, 0, "1 mon -1 days"}, {0, 0, 360_000_000_000, "100:00:00"},
		{0, 0, math.MinInt64, "-2562047788:00:54.775808"},
	} {
		if got := string(AppendInterval(nil, c.months, c.days, c.micros)); got != c.want {
			t.Errorf("%v: %q, want %q", c, got, c.want)
		}
	}
	for _, c := range []struct {
		micros int64
		offset int32
		want   string
	}{{0, 0, "00:00:00+00"}, {72_000_000_000, -28_800, "20:00:00-08"}, {1, 19_800, "00:00:00.000001+05:30"}, {0, -5, "00:00:00-00:00:05"}} {
		if got := string(AppendTimeTZ(nil, c.micros, c.offset)); got != c.want {
			t.Errorf("%v: %q, want %q", c, got, c.want)
		}
	}
}
