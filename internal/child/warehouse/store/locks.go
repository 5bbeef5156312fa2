package store

import (
	"context"
	"errors"
	"sync"
)

// ErrDeadlock says that waiting for a table lock would never end.
var ErrDeadlock = errors.New("deadlock detected")

// locks are the tables' write locks. As in Redshift a writer holds its tables until its transaction ends, others queue.
type locks struct {
	mu      sync.Mutex
	holder  map[string]*Tx
	waiting map[*Tx]string
	changed chan struct{} // closed and replaced when a lock is released
}

func newLocks() *locks {
	return &locks{holder: map[string]*Tx{}, waiting: map[*Tx]string{}, changed: make(chan struct{})}
}

// acquire waits until tx holds the lock of the named table.
func (l *locks) acquire(ctx context.Context, tx *Tx, table string) error {
	for {
		l.mu.Lock()
		h := l.holder[table]
		if h == nil || h == tx {
			l.holder[table] = tx
			delete(l.waiting, tx)
			l.mu.Unlock()
			return nil
		}
		if l.cycle(tx, h) {
			delete(l.waiting, tx)
			l.mu.Unlock()
			return ErrDeadlock
		}
		l.waiting[tx] = table
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			l.mu.Lock()
			delete(l.waiting, tx)
			l.mu.Unlock()
			return context.Cause(ctx)
		}
	}
}

// cycle reports whether h waits, directly or through others, for something that tx holds.
func (l *locks) cycle(tx, h *Tx) bool {
	for range len(l.waiting) + 1 {
		table, waits := l.waiting[h]
		if !waits {
			return false
		}
		if h = l.holder[table]; h == tx {
			return true
		}
		if h == nil {
			return false
		}
	}
	return false
}

// release gives up all locks of tx.
func (l *locks) release(tx *Tx) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := false
	for t, h := range l.holder {
		if h == tx {
			delete(l.holder, t)
			held = true
		}
	}
	if held {
		close(l.changed)
		l.changed = make(chan struct{})
	}
}
