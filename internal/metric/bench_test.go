package metric

import (
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

// BenchmarkPut is one datum of a series over which one alarm watches.
func BenchmarkPut(b *testing.B) {
	s, c := openBench(b)
	if err := putAlarm(b.Context(), s, failureAlarm()); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if err := s.Put(b.Context(), "Penstock", []Datum{{Name: "RunsFailed", Dimensions: []Dimension{{"Pipeline", "retail"}}}}); err != nil {
			b.Fatal(err)
		}
		if i%100 == 0 {
			c.Advance(time.Minute)
		}
	}
}

// BenchmarkStatistics reads an hour of one of 1,000 series.
func BenchmarkStatistics(b *testing.B) {
	s, _ := openBench(b)
	for i := range 1000 {
		var data []Datum
		for m := range 60 {
			data = append(data, Datum{Name: "m", Dimensions: []Dimension{{"D", time.Duration(i).String()}},
				Value: float64(m), Time: t0.Add(time.Duration(m) * time.Minute)})
		}
		if err := s.Put(b.Context(), "N", data); err != nil {
			b.Fatal(err)
		}
	}
	q := Query{Namespace: "N", Name: "m", Dimensions: []Dimension{{"D", "500ns"}}, Start: t0, End: t0.Add(time.Hour), Period: 5 * time.Minute}
	for b.Loop() {
		if ps, err := s.Statistics(b.Context(), q); err != nil || len(ps) != 12 {
			b.Fatal(len(ps), err)
		}
	}
}

// BenchmarkAlarms lists 100 of 1,000 alarms.
func BenchmarkAlarms(b *testing.B) {
	s, _ := openBench(b)
	for i := range 1000 {
		a := failureAlarm()
		a.Name = time.Duration(i).String()
		a.Metric = a.Name
		if err := putAlarm(b.Context(), s, a); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if as, err := s.Alarms(b.Context(), AlarmQuery{Limit: 100}); err != nil || len(as) != 100 {
			b.Fatal(len(as), err)
		}
	}
}

func openBench(b *testing.B) (*Store, *clock.Manual) {
	c := clock.NewManual(t0)
	return Open(metatest.Open(b, b.TempDir(), c, due.Schema, tag.Schema, Schema), region, c), c
}
