package object

import (
	"context"
	"errors"

	"penstock/internal/meta"
)

// A VersionQuery selects versions and delete markers.
type VersionQuery struct {
	Bucket, Prefix, Delimiter string
	// KeyMarker and VersionMarker are the last entry of the page before; without a VersionMarker the page begins at the next key.
	KeyMarker, VersionMarker string
	Limit                    int
}

// A VersionPage is part of a listing of versions. Objects of the Page are versions and markers, a key's newest first.
type VersionPage struct {
	Page
	LastVersion string // the version of the last entry; "" when it is a common prefix
}

// ListVersions lists all versions of keys in the byte order of keys, and of a key newest first.
func (s *Store) ListVersions(ctx context.Context, q VersionQuery) (p VersionPage, err error) {
	err = s.view(ctx, q.Bucket, func(tx *meta.Tx, b Bucket) error {
		w := versionWalk{currentCursor(tx, b, q.Prefix), oldCursor(tx, b, q.Prefix)}
		r := roll{q.Prefix, q.Delimiter}
		from := q.Prefix
		if q.KeyMarker != "" {
			from = max(q.Prefix, r.beyond(q.KeyMarker))
		}
		var in walk = w
		if q.VersionMarker != "" {
			seq, err := seqOf(tx, b, q.KeyMarker, q.VersionMarker)
			if err != nil {
				return err
			}
			from, in = q.KeyMarker, &resumed{versionWalk: w, key: q.KeyMarker, below: seq}
		}
		p.Page, err = collect(in, from, r, pageLimit(q.Limit))
		return errors.Join(err, w.close())
	})
	if n := len(p.Objects); n > 0 && p.Last == p.Objects[n-1].Key {
		p.LastVersion = p.Objects[n-1].VersionID
	}
	return p, err
}

// seqOf returns the place of a version in its key's history. A version that was deleted since the page before is taken for a newer one
// than all: then versions are listed twice, and none is left out.
func seqOf(tx *meta.Tx, b Bucket, key, version string) (int64, error) {
	i, ok, err := currentTx(tx, b, key)
	if err == nil && (!ok || i.VersionID != version) {
		i, ok, err = oldTx(tx, b, key, version)
	}
	if err != nil || !ok {
		return 1<<63 - 1, err
	}
	return i.seq, nil
}

// resumed leaves out the versions of one key that an earlier page has shown.
type resumed struct {
	versionWalk
	key   string
	below int64
}

func (r *resumed) next() (Info, bool, error) {
	for {
		i, ok, err := r.versionWalk.next()
		if err != nil || !ok || i.Key != r.key || i.seq < r.below {
			return i, ok, err
		}
	}
}
