package clock

import (
	"context"
	"testing"
	"time"
)

func TestManual(t *testing.T) {
	m := NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	soon, late := m.After(time.Second), m.After(time.Hour)
	m.Advance(time.Minute)
	select {
	case at := <-soon:
		if at != m.Now() {
			t.Errorf("woken at %v, it is %v", at, m.Now())
		}
	default:
		t.Error("what was due is not delivered")
	}
	select {
	case <-late:
		t.Error("what is not due is delivered")
	default:
	}
	if m.Waiters() != 1 {
		t.Errorf("%d wait", m.Waiters())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Sleep(ctx, m, time.Hour); err != context.Canceled {
		t.Errorf("Sleep says %v", err)
	}
}
