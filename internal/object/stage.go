package object

import (
	"bytes"
	"context"
	"maps"
	"os"
	"slices"
	"sync"

	"penstock/internal/blob"
	"penstock/internal/meta"
)

// A Staged is durable bytes that no object has yet. What is neither put nor discarded is swept at the next start.
type Staged struct {
	Blob blob.Blob
}

// Size is in bytes.
func (st Staged) Size() int64 { return st.Blob.Size }

// ETag is what the object will have.
func (st Staged) ETag() string { return st.Blob.MD5 }

// Stage takes a finished file over from a child's staging folder: no link is followed, the file must be regular and have one link. It is
// moved (or copied between disks), hashed and synced with its folder.
func (s *Store) Stage(ctx context.Context, root *os.Root, name string) (Staged, error) {
	if err := ctx.Err(); err != nil {
		return Staged{}, err
	}
	b, err := s.blobs.Adopt(root, name, blob.CRC64NVME)
	return Staged{b}, err
}

// stagers is how many files StageAll works on at once: enough for their syncs to be grouped by the file system.
const stagers = 8

// StageAll stages several files, all or none, in the order of names.
func (s *Store) StageAll(ctx context.Context, root *os.Root, names []string) ([]Staged, error) {
	out, errs := make([]Staged, len(names)), make([]error, len(names))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(stagers, len(names)) {
		wg.Go(func() {
			for i := range next {
				out[i], errs[i] = s.Stage(ctx, root, names[i])
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			s.Discard(out...)
			return nil, err
		}
	}
	return out, nil
}

// Discard removes staged bytes that will not be put.
func (s *Store) Discard(staged ...Staged) {
	for _, st := range staged {
		if st.Blob.ID != "" {
			s.drop(st.Blob, nil)
		}
	}
}

// PutStaged makes staged bytes the current version of a key, inside a transaction of the caller's.
func (s *Store) PutStaged(tx *meta.Tx, bucket, key string, st Staged, opts PutOptions) (Version, error) {
	if err := CheckKey(key); err != nil {
		return Version{}, err
	}
	b, err := bucketTx(tx, bucket)
	if err != nil {
		return Version{}, err
	}
	opts.setSums(st.Blob, slices.Collect(maps.Keys(st.Blob.Sums)))
	return s.putTx(tx, b, key, st.Blob, opts)
}

// StageBytes makes bytes durable for PutStaged: the manifests and records that are published together with data files.
func (s *Store) StageBytes(ctx context.Context, data []byte) (Staged, error) {
	if err := ctx.Err(); err != nil {
		return Staged{}, err
	}
	b, err := s.blobs.Write(bytes.NewReader(data), blob.CRC64NVME)
	return Staged{b}, err
}
