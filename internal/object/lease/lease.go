// Package lease keeps bytes readable for those who were given their paths. Leases live in memory: who holds one is a child of this process
// and ends with it. Nothing here removes bytes; whoever does asks Held first.
package lease

import "sync"

// Leases are who holds which blobs. The zero value holds none.
type Leases struct {
	mu sync.Mutex
	m  map[string]map[string]bool // owner -> blobs
}

// Add lets an owner hold blobs until Release. Several leases of one owner add up.
func (l *Leases) Add(owner string, blobs []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.m == nil {
		l.m = map[string]map[string]bool{}
	}
	if l.m[owner] == nil {
		l.m[owner] = make(map[string]bool, len(blobs))
	}
	for _, b := range blobs {
		l.m[owner][b] = true
	}
}

// Release ends all leases of an owner.
func (l *Leases) Release(owner string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.m, owner)
}

// Owners lists those who hold blobs, and how many each.
func (l *Leases) Owners() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]int{}
	for owner, blobs := range l.m {
		out[owner] = len(blobs)
	}
	return out
}

// Held reports whether anybody holds a blob.
func (l *Leases) Held(blobID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, blobs := range l.m {
		if blobs[blobID] {
			return true
		}
	}
	return false
}
