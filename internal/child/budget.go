package child

import (
	"context"
	"fmt"
	"sync"
)

// A Budget is what all children together may use.
type Budget struct {
	Memory  int64 // bytes
	Threads int
}

// ledger hands out a Budget, first come first served: a large request is not overtaken for ever by small ones.
type ledger struct {
	mu    sync.Mutex
	total Budget
	used  Budget
	queue []*claim
}

type claim struct {
	want    Budget
	granted chan struct{}
}

func (l *ledger) fits(w Budget) bool {
	return l.used.Memory+w.Memory <= l.total.Memory && l.used.Threads+w.Threads <= l.total.Threads
}

// take waits until want is free; waits is called once if it has to.
func (l *ledger) take(ctx context.Context, want Budget, waits func()) error {
	if want.Memory > l.total.Memory || want.Threads > l.total.Threads {
		return fmt.Errorf("a child asks for %d MiB and %d threads; all children together may use %d MiB and %d threads",
			want.Memory>>20, want.Threads, l.total.Memory>>20, l.total.Threads)
	}
	l.mu.Lock()
	if len(l.queue) == 0 && l.fits(want) {
		l.used.Memory += want.Memory
		l.used.Threads += want.Threads
		l.mu.Unlock()
		return nil
	}
	c := &claim{want: want, granted: make(chan struct{})}
	l.queue = append(l.queue, c)
	l.mu.Unlock()
	if waits != nil {
		waits()
	}
	select {
	case <-c.granted:
		return nil
	case <-ctx.Done():
		l.withdraw(c)
		return context.Cause(ctx)
	}
}

func (l *ledger) withdraw(c *claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, q := range l.queue {
		if q == c {
			l.queue = append(l.queue[:i], l.queue[i+1:]...)
			l.grant()
			return
		}
	}
	l.release(c.want) // granted in the same instant
}

// give returns what was taken.
func (l *ledger) give(b Budget) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.release(b)
}

func (l *ledger) release(b Budget) {
	l.used.Memory -= b.Memory
	l.used.Threads -= b.Threads
	l.grant()
}

func (l *ledger) grant() {
	for len(l.queue) > 0 && l.fits(l.queue[0].want) {
		c := l.queue[0]
		l.queue = l.queue[1:]
		l.used.Memory += c.want.Memory
		l.used.Threads += c.want.Threads
		close(c.granted)
	}
}
