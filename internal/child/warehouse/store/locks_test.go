package store

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestLocksQueueAndFindDeadlocks(t *testing.T) {
	l := newLocks()
	a, b, c := &Tx{}, &Tx{}, &Tx{}
	ctx := context.Background()
	for tx, table := range map[*Tx]string{a: "t", b: "u", c: "v"} {
		if err := l.acquire(ctx, tx, table); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.acquire(ctx, a, "t"); err != nil {
		t.Errorf("a lock that is held is taken again: %v", err)
	}
	got := make(chan error, 2)
	go func() { got <- l.acquire(ctx, a, "u") }()
	waits(t, l, a)
	go func() { got <- l.acquire(ctx, b, "v") }()
	waits(t, l, b)
	if err := l.acquire(ctx, c, "t"); !errors.Is(err, ErrDeadlock) {
		t.Errorf("c waits for a, which waits for b, which waits for c: %v", err)
	}
	l.release(c)
	if err := <-got; err != nil {
		t.Errorf("b after c: %v", err)
	}
	l.release(b)
	if err := <-got; err != nil {
		t.Errorf("a after b: %v", err)
	}
	short, cancel := context.WithCancel(ctx)
	go func() { got <- l.acquire(short, c, "t") }()
	waits(t, l, c)
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that was cancelled: %v", err)
	}
	l.release(a)
	if len(l.holder) != 0 || len(l.waiting) != 0 {
		t.Errorf("left over: %v %v", l.holder, l.waiting)
	}
}

func waits(t *testing.T, l *locks, tx *Tx) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		_, ok := l.waiting[tx]
		l.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatal("it does not wait")
		}
	}
}
