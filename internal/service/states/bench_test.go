package states

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

func benchmarked(b *testing.B) *bench {
	f := newFake(func(context.Context, string, string, map[string]any) (string, error) { return `{"Body": "{}"}`, nil })
	s := newBench(b, metatest.OpenTemp(b, tag.Schema, Schema), clock.Real{}, f)
	s.start()
	return s
}

// BenchmarkPassTaskSucceed is one execution after the other, from StartExecution to its end.
func BenchmarkPassTaskSucceed(b *testing.B) {
	s := benchmarked(b)
	m := s.create("m", passTaskSucceed)
	for i := 0; b.Loop(); i++ {
		s.finish(s.execute(m, fmt.Sprintf("e%d", i), `{"key": "k"}`))
	}
}

// BenchmarkPassTaskSucceed16 is the same with 16 callers at once, whose commits are shared.
func BenchmarkPassTaskSucceed16(b *testing.B) {
	s := benchmarked(b)
	m := s.create("m", passTaskSucceed)
	b.ResetTimer()
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := w; i < b.N; i += 16 {
				s.finish(s.execute(m, fmt.Sprintf("e%d", i), `{"key": "k"}`))
			}
		})
	}
	wg.Wait()
}
