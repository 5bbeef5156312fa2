package jsonrows

import (
	"fmt"
	"testing"

	"penstock/internal/convert"
)

// TestUsualTimes holds the fast reading of days and times against the general one.
func TestUsualTimes(t *testing.T) {
	for day := -719162; day <= 2932896; day += 11 {
		text := convert.AppendDate(nil, day)
		if got, ok := usualDay(text); !ok || got != int64(day) {
			t.Fatalf("%s: %d, %v, not %d", text, got, ok, day)
		}
	}
	for year := range 2500 {
		for month := range 14 {
			for _, day := range []int{0, 1, 28, 29, 30, 31, 32} {
				text := fmt.Appendf(nil, "%04d-%02d-%02d", year, month, day)
				got, ok := usualDay(text)
				want, fault := convert.Spark.Date(text)
				if ok && (fault != convert.None || got != int64(want)) || !ok && fault == convert.None && year > 1 {
					t.Fatalf("%s: %d, %v; in Spark %d, %v", text, got, ok, want, fault)
				}
			}
		}
	}
	for _, s := range []string{"2020-01-02T03:04:05", "2020-01-02 23:59:59.9Z", "1969-12-31 23:59:59.999999", "2020-01-02T03:04:05.123Z"} {
		got, ok := usualTime([]byte(s))
		if want, fault := convert.Spark.Timestamp([]byte(s)); !ok || fault != convert.None || got != want {
			t.Errorf("%s: %d, %v, not %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"2020-01-02T03:04:05+01:00", "2020-01-02T24:00:00", "2020-01-02T03:60:00", "2020-01-02T03:04:05.",
		"2020-01-02T03:04:05.1234567",
		"2020-02-30T03:04:05", "2020-01-02T03:04:0x", "2020-01-02x03:04:05", "2020-01-02T03:04", "2020-01-02T03:04:05.1x"} {
		if got, ok := usualTime([]byte(s)); ok {
			t.Errorf("%s: %d", s, got)
		}
	}
}
