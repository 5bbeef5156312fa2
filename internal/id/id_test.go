package id

import (
	"strings"
	"testing"
	"time"
)

func TestRunSortsByTime(t *testing.T) {
	a := Run(time.UnixMilli(1_700_000_000_000))
	b := Run(time.UnixMilli(1_700_000_000_001))
	if len(a) != 26 || a[:10] >= b[:10] {
		t.Fatalf("run ids do not sort by time: %s, %s", a, b)
	}
	if got := a[:10]; got != "01HF7YAT00" || RunPrefix(time.UnixMilli(1_700_000_000_000)) != got {
		t.Errorf("time part of %s, want the ULID prefix 01HF7YAT00", a)
	}
	if at, err := Time(b); err != nil || at.UnixMilli() != 1_700_000_000_001 {
		t.Errorf("%s was made at %v, %v", b, at, err)
	}
	for _, s := range []string{"", a[1:], a + "0", "8" + a[1:], strings.ToLower(a), "01HF7YAT00U" + a[11:]} {
		if _, err := Time(s); err == nil || IsRun(s) {
			t.Errorf("%q passes as a run's id", s)
		}
	}
}
