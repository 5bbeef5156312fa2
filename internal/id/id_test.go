package id

import (
	"testing"
	"time"
)

func TestRunSortsByTime(t *testing.T) {
	a := Run(time.UnixMilli(1_700_000_000_000))
	b := Run(time.UnixMilli(1_700_000_000_001))
	if len(a) != 26 || a[:10] >= b[:10] {
		t.Fatalf("run ids do not sort by time: %s, %s", a, b)
	}
	if got := a[:10]; got != "01HF7YAT00" {
		t.Errorf("time part of %s, want the ULID prefix 01HF7YAT00", a)
	}
}
