package logstore

import (
	"fmt"
	"testing"

	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
)

// BenchmarkWrite is one commit of ten lines to one of 1,000 groups.
func BenchmarkWrite(b *testing.B) {
	s := openBench(b)
	lines := make([]Event, 10)
	for i := range lines {
		lines[i] = at(i, "a line of a job run's log, of usual length")
	}
	for i := 0; b.Loop(); i++ {
		if err := s.Write(b.Context(), fmt.Sprintf("/g/%d", i%1000), "s", lines); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead reads 100 lines of a stream, 50 groups of 1,000, and what is to expire: nothing.
func BenchmarkRead(b *testing.B) {
	s := openBench(b)
	for i := range 1000 {
		if err := s.Write(b.Context(), fmt.Sprintf("/g/%d", i), "s", []Event{at(0, "x")}); err != nil {
			b.Fatal(err)
		}
	}
	var lines []Event
	for i := range 1000 {
		lines = append(lines, at(i, "a line"))
	}
	if err := s.Write(b.Context(), "/g/500", "s", lines); err != nil {
		b.Fatal(err)
	}
	b.Run("events", func(b *testing.B) {
		for b.Loop() {
			if p, err := s.Get(b.Context(), GetQuery{Group: "/g/500", Stream: "s", Limit: 100}); err != nil || len(p.Events) != 100 {
				b.Fatal(err)
			}
		}
	})
	b.Run("groups", func(b *testing.B) {
		for b.Loop() {
			if gs, err := s.Groups(b.Context(), "/g/", "", "/g/3", 50); err != nil || len(gs) != 50 {
				b.Fatal(err)
			}
		}
	})
	b.Run("expire", func(b *testing.B) {
		for b.Loop() {
			if n, err := s.Expire(b.Context()); err != nil || n != 0 {
				b.Fatal(err)
			}
		}
	})
}

func openBench(b *testing.B) *Store {
	c := clock.NewManual(t0)
	return Open(metatest.Open(b, b.TempDir(), c, Schema), region, c)
}
