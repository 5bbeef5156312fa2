package meta

import (
	"sync"
	"sync/atomic"
)

// topics wakes those who wait for a change.
type topics struct {
	mu sync.Mutex
	m  map[string]map[chan struct{}]bool
}

// Watch returns a channel that gets a value after each commit that notified the topic (several commits may share one value), and a
// function that ends the watch.
func (s *Store) Watch(topic string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	t := &s.topics
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.m == nil {
		t.m = map[string]map[chan struct{}]bool{}
	}
	if t.m[topic] == nil {
		t.m[topic] = map[chan struct{}]bool{}
	}
	t.m[topic][ch] = true
	return ch, func() { t.end(topic, ch) }
}

func (t *topics) end(topic string, ch chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.m[topic], ch)
	if len(t.m[topic]) == 0 {
		delete(t.m, topic)
	}
}

func (t *topics) fire(names []string) {
	if len(names) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range names {
		for ch := range t.m[name] {
			select {
			case ch <- struct{}{}:
			default: // a wake-up waits already
			}
		}
	}
}

// failure is the error that ended the store's life, if any.
type failure struct{ err atomic.Pointer[error] }

func (f *failure) get() error {
	if p := f.err.Load(); p != nil {
		return *p
	}
	return nil
}

func (f *failure) set(err error) { f.err.CompareAndSwap(nil, &err) }
