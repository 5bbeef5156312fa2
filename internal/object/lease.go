package object

import (
	"maps"
	"sync"
)

// leases keep bytes readable for those who were given their paths. They live in memory: who holds one is a child of this process and
// ends with it.
type leases struct {
	mu sync.Mutex
	m  map[string]map[string]bool // owner -> blobs
}

// Lease keeps blobs from being removed until the owner releases them. Several leases of one owner add up.
func (s *Store) Lease(owner string, blobs []string) {
	l := &s.leases
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

// LeaseResolved is Lease for what Resolve gave.
func (s *Store) LeaseResolved(owner string, files []Resolved) {
	blobs := make([]string, len(files))
	for i, f := range files {
		blobs[i] = f.Blob
	}
	s.Lease(owner, blobs)
}

// Release ends all leases of an owner.
func (s *Store) Release(owner string) {
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	delete(s.leases.m, owner)
}

// Leases lists the owners of leases.
func (s *Store) Leases() map[string]int {
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	out := map[string]int{}
	for owner := range maps.Keys(s.leases.m) {
		out[owner] = len(s.leases.m[owner])
	}
	return out
}

func (l *leases) hold(blobID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, blobs := range l.m {
		if blobs[blobID] {
			return true
		}
	}
	return false
}
