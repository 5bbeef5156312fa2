package orc

import (
	"testing"
	"time"

	"penstock/internal/convert"
)

// TestProlepticDay compares days of the hybrid calendar by what it shows for them.
func TestProlepticDay(t *testing.T) {
	for _, c := range []struct {
		hybrid int64
		shows  string
	}{
		{-141428, "1582-10-04"}, {-141429, "1582-10-03"}, {-719164, "0001-01-01"}, {-171411, "1500-09-01"}, {-171596, "1500-02-29"},
		{-171595, "1500-03-01"},
	} {
		want := c.shows
		if want == "1500-02-29" { // no day of the proleptic calendar
			want = "1500-03-01"
		}
		if got := string(convert.AppendDate(nil, int(prolepticDay(c.hybrid)))); got != want {
			t.Errorf("%d is %s, not %s", c.hybrid, got, want)
		}
		noon := c.hybrid*secondsOfDay*1e6 + secondsOfDay*1e6/2
		if got := string(convert.AppendTimestamp(nil, prolepticMicros(noon))); got != want+" 12:00:00" {
			t.Errorf("%d is %s", noon, got)
		}
	}
	if prolepticMicros(gregorianStart*secondsOfDay*1e6) != gregorianStart*secondsOfDay*1e6 {
		t.Error("the first Gregorian day moves")
	}
}

func TestWriterZones(t *testing.T) {
	for name, epoch := range map[string]int64{"": base2015, "UTC": base2015, "America/Los_Angeles": base2015 + 8*3600,
		"Europe/Berlin": base2015 - 3600, "GMT-08:00": base2015 + 8*3600, "PST": base2015 + 8*3600} {
		if _, got, err := writerZone(name); err != nil || got != epoch {
			t.Errorf("%q: %d, not %d, %v", name, got, epoch, err)
		}
	}
	if _, _, err := writerZone("../etc/passwd"); err == nil {
		t.Error("a path is a zone")
	}
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	c := timestampColumn{epoch: base2015 + 8*3600, zone: la, java: true, raw: rawOffset(la)}
	for seconds, shows := range map[int64]string{
		174_540_000:    "2020-07-13 04:20:00", // in summer time
		-6_311_520_000: "1814-12-31 00:00:00", // no local mean time
	} {
		micros, err := c.micros(seconds, 0)
		if got := string(convert.AppendTimestamp(nil, micros)); err != nil || got != shows {
			t.Errorf("%d is %s, not %s, %v", seconds, got, shows, err)
		}
	}
}

// TestNanoCode compares codes with the specification's and reads them again.
func TestNanoCode(t *testing.T) {
	for nanos, want := range map[int64]int64{0: 0, 1000: 0x0a, 100000: 0x0c, 10: 80, 100: 1<<3 | 1, 123456789: 123456789 << 3,
		500_000_000: 5<<3 | 7} {
		if got := nanoCode(nanos); got != want {
			t.Errorf("%d is %#x, not %#x", nanos, got, want)
		}
	}
	c := timestampColumn{epoch: base2015}
	for _, nanos := range []int64{0, 1000, 100_000, 999_999_000, 500_000_000, 120_000} {
		if micros, err := c.micros(0, nanoCode(nanos)); err != nil || micros != base2015*1e6+nanos/1000 {
			t.Errorf("%d nanoseconds: %d, %v", nanos, micros, err)
		}
	}
}

func TestRescale(t *testing.T) {
	for _, c := range []struct{ x, by, want int64 }{{125, 2, 12500}, {125, -1, 13}, {124, -1, 12}, {5, -1, 1}, {4, -1, 0}, {9, -2, 0},
		{50, -2, 1}, {0, 99, 0}, {0, -99, 0}} {
		if got := rescale(convert.FromInt64(c.x), int(c.by)); got != convert.FromInt64(c.want) {
			t.Errorf("%d by %d is %v", c.x, c.by, got)
		}
	}
	if rescale(convert.FromInt64(1), 39) != overflow || tenTo(38).Big().String() != "1"+string(make38()) {
		t.Error("the limits are wrong")
	}
}

func make38() []byte {
	b := make([]byte, 38)
	for i := range b {
		b[i] = '0'
	}
	return b
}
