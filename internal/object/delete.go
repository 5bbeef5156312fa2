package object

import (
	"context"
	"errors"
	"fmt"

	"penstock/internal/id"
	"penstock/internal/meta"
)

// Deleted is what a deletion did.
type Deleted struct {
	Key       string
	VersionID string // the version removed, or the id of the marker made
	// Marker: a marker was made, or the version removed was a marker.
	Marker bool
	// Made says that a marker was made.
	Made bool
}

// A Deletion names what to delete: a version for good, or with an empty VersionID the key, as the bucket's versioning says. A non-empty
// IfMatch is the ETag that the current version must have. Bypass removes what a retention of the mode Governance keeps.
type Deletion struct {
	Key, VersionID, IfMatch string
	Bypass                  bool
}

// Delete deletes one key or version. What does not exist is deleted already.
func (s *Store) Delete(ctx context.Context, bucket string, d Deletion) (out Deleted, err error) {
	err = s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		out, err = s.deleteTx(tx, b, d)
		return err
	})
	return out, err
}

// DeleteMany deletes in one transaction. errs[i] is the error of deletions[i]; err means that nothing was deleted.
func (s *Store) DeleteMany(ctx context.Context, bucket string, deletions []Deletion) (out []Deleted, errs []error, err error) {
	err = s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		out, errs = make([]Deleted, len(deletions)), make([]error, len(deletions))
		for i, d := range deletions {
			out[i], errs[i] = s.deleteTx(tx, b, d)
			if errs[i] != nil && !refused(errs[i]) {
				return errs[i]
			}
		}
		return nil
	})
	return out, errs, err
}

// DeleteTx is Delete inside a transaction of the caller's.
func (s *Store) DeleteTx(tx *meta.Tx, bucket string, d Deletion) (Deleted, error) {
	b, err := bucketTx(tx, bucket)
	if err != nil {
		return Deleted{}, err
	}
	return s.deleteTx(tx, b, d)
}

func (s *Store) deleteTx(tx *meta.Tx, b Bucket, d Deletion) (Deleted, error) {
	bad := CheckKey(d.Key)
	if bad != nil && !errors.Is(bad, ErrKeyPath) {
		return Deleted{}, bad
	}
	cur, exists, err := currentTx(tx, b, d.Key)
	switch {
	case err != nil:
		return Deleted{}, err
	case bad != nil && !exists: // a key that climbs and is there was taken by an earlier program
		return Deleted{}, bad
	}
	if d.IfMatch != "" {
		if err := (PutConditions{IfMatch: d.IfMatch}).check(cur, exists); err != nil {
			return Deleted{}, err
		}
	}
	switch {
	case d.VersionID != "":
		return s.deleteVersion(tx, b, d, cur, exists)
	case b.Versioning != Unversioned:
		return s.deleteByMarker(tx, b, d.Key, cur, exists)
	case !exists:
		return Deleted{Key: d.Key}, nil
	}
	if err := s.remove(tx, b, cur, d.Bypass); err != nil {
		return Deleted{}, err
	}
	return Deleted{Key: d.Key}, s.tellRemoved(tx, "ObjectRemoved:Delete", cur)
}

// deleteVersion removes a version for good; under the current one the next older becomes current.
func (s *Store) deleteVersion(tx *meta.Tx, b Bucket, d Deletion, cur Info, exists bool) (Deleted, error) {
	out := Deleted{Key: d.Key, VersionID: d.VersionID}
	victim, ok := cur, exists && cur.VersionID == d.VersionID
	if !ok {
		var err error
		if victim, ok, err = oldTx(tx, b, d.Key, d.VersionID); err != nil || !ok {
			return out, err
		}
	}
	out.Marker = victim.DeleteMarker
	if err := s.remove(tx, b, victim, d.Bypass); err != nil {
		return Deleted{}, err
	}
	if victim.Latest {
		if err := s.promote(tx, b, d.Key); err != nil {
			return Deleted{}, fmt.Errorf("make the next version of %s/%s current: %w", b.Name, d.Key, err)
		}
	}
	return out, s.tellRemoved(tx, "ObjectRemoved:Delete", victim)
}

func (s *Store) deleteByMarker(tx *meta.Tx, b Bucket, key string, cur Info, exists bool) (Deleted, error) {
	now := s.now()
	m := Info{Bucket: b.Name, Key: key, VersionID: NullVersion, LastModified: now, Latest: true, Versioned: true, DeleteMarker: true,
		seq: s.seq.next(now, cur.seq)}
	if b.Versioning == Enabled {
		m.VersionID = id.Hex(16)
	}
	freed, err := s.supersede(tx, b, cur, exists)
	if err != nil {
		return Deleted{}, err
	}
	if err := s.setCurrent(tx, b, m, freed); err != nil {
		return Deleted{}, err
	}
	return Deleted{Key: key, VersionID: m.VersionID, Marker: true, Made: true}, s.tell(tx, "ObjectRemoved:DeleteMarkerCreated", m)
}

// tellRemoved tells of a removal as something that happens now.
func (s *Store) tellRemoved(tx *meta.Tx, name string, i Info) error {
	now := s.now()
	i.LastModified, i.seq = now, s.seq.next(now, i.seq)
	return s.tell(tx, name, i)
}
