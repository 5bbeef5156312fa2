package meta

import (
	"bytes"
	"runtime"
	"sync"
	"testing"
)

// insiders knows, in tests, which goroutines are inside a closure: a View or Update from there would wait for itself or read what its own
// transaction has changed. Go does not tell who calls. A stack trace begins with the goroutine's number, but the runtime walks the whole
// stack for it, which cost a fifth of a server's time: there nothing is looked for.
type insiders struct {
	mu sync.Mutex
	m  map[string]bool
}

func (i *insiders) enter(id string) (leave func()) {
	if id == "" {
		return func() {}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.m == nil {
		i.m = map[string]bool{}
	}
	i.m[id] = true
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.m, id)
	}
}

func (i *insiders) here(id string) bool {
	if id == "" {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.m[id]
}

// goroutine returns in tests the number of the calling goroutine as text ("goroutine 18 [running]"), and otherwise "".
func goroutine() string {
	if !testing.Testing() {
		return ""
	}
	var buf [40]byte
	b := buf[:runtime.Stack(buf[:], false)]
	b = bytes.TrimPrefix(b, []byte("goroutine "))
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		b = b[:i]
	}
	return string(b)
}
