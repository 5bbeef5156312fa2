package object

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"
)

func BenchmarkPutSmall16Writers(b *testing.B) {
	l := smallLake(b, b.TempDir(), Unversioned)
	var n atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := l.PutSmall(ctx, "lake", fmt.Sprintf("k%09d", n.Add(1)), bytes.Repeat([]byte("x"), 4096), PutOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkGetHot(b *testing.B) {
	l := smallLake(b, b.TempDir(), Unversioned)
	l.put("k", string(bytes.Repeat([]byte("x"), 4096)))
	for b.Loop() {
		if _, _, _, ok := l.Hot(ctx, "lake", "k"); !ok {
			b.Fatal("not in memory")
		}
	}
}

func BenchmarkEach1000(b *testing.B) {
	l := smallLake(b, b.TempDir(), Unversioned)
	l.fill(1000, func(i int) string { return fmt.Sprintf("orders/%06d", i) })
	for b.Loop() {
		n := 0
		if _, err := l.Each(ctx, ListQuery{Bucket: "lake"}, func(*Listed) { n++ }); err != nil || n != 1000 {
			b.Fatal(n, err)
		}
	}
}
