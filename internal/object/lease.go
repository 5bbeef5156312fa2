package object

// Lease keeps blobs from being removed until the owner releases them. Several leases of one owner add up.
func (s *Store) Lease(owner string, blobs []string) { s.leases.Add(owner, blobs) }

// LeaseResolved is Lease for what Resolve gave.
func (s *Store) LeaseResolved(owner string, files []Resolved) {
	blobs := make([]string, len(files))
	for i, f := range files {
		blobs[i] = f.Blob
	}
	s.Lease(owner, blobs)
}

// Release ends all leases of an owner.
func (s *Store) Release(owner string) { s.leases.Release(owner) }

// Leases lists the owners of leases.
func (s *Store) Leases() map[string]int { return s.leases.Owners() }
