package object

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"penstock/internal/blob"
	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/object/lock"
)

// Put stores what body gives as a new version of a key. When it returns the version is durable and visible; on an error nothing is.
func (s *Store) Put(ctx context.Context, bucket, key string, body io.Reader, opts PutOptions) (Version, error) {
	if err := s.mayPut(ctx, bucket, key, opts); err != nil {
		return Version{}, err
	}
	b, rest, err := s.receiveSmall(body, &opts)
	switch {
	case err != nil:
	case rest != nil:
		b, err = s.receive(rest, &opts)
	default:
		err = opts.settle(b)
	}
	if err != nil {
		return Version{}, err
	}
	return s.put(ctx, bucket, key, b, opts)
}

// PutSmall is Put of a body of at most MaxSmallBody bytes, which becomes the store's own.
func (s *Store) PutSmall(ctx context.Context, bucket, key string, body []byte, opts PutOptions) (Version, error) {
	if len(body) > s.opts.SmallBody {
		return s.Put(ctx, bucket, key, bytes.NewReader(body), opts)
	}
	if err := s.mayPut(ctx, bucket, key, opts); err != nil {
		return Version{}, err
	}
	opts.small = body
	b := blob.Of(body, opts.algorithms()...)
	if err := opts.settle(b); err != nil {
		return Version{}, err
	}
	return s.put(ctx, bucket, key, b, opts)
}

// put makes a body the current version of a key.
func (s *Store) put(ctx context.Context, bucket, key string, b blob.Blob, opts PutOptions) (v Version, err error) {
	err = s.update(ctx, bucket, func(tx *meta.Tx, bk Bucket) error {
		v, err = s.putTx(tx, bk, key, b, opts)
		return err
	})
	if err != nil {
		return Version{}, s.drop(b, err)
	}
	meta.OnUndo(ctx, func() { s.drop(b, nil) })
	return v, nil
}

// mayPut refuses early what the transaction would refuse after the whole body.
func (s *Store) mayPut(ctx context.Context, bucket, key string, opts PutOptions) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	b, err := s.bucket(ctx, bucket)
	if err == nil {
		err = b.Lock.Begin(opts.Lock, s.now())
	}
	c := opts.Conditions
	if err != nil || c == (PutConditions{}) {
		return err
	}
	return s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		cur, ok, err := currentTx(tx, b, key)
		if err != nil {
			return err
		}
		return c.check(cur, ok)
	})
}

// drop removes the bytes of a version that could not be made visible. When the metadata store has failed they stay: the row may be
// there after all, and the next start knows.
func (s *Store) drop(b blob.Blob, err error) error {
	if b.ID == "" || s.meta.Failed() != nil {
		return err
	}
	if e := s.blobs.Remove(b.ID); e != nil {
		s.opts.Log.Warn("bytes without an object stay until the next start", "blob", b.ID, "err", e)
	}
	return err
}

// receive writes a body to a file of its own, verifies what was announced of it, and sets the checksums to store.
func (s *Store) receive(body io.Reader, opts *PutOptions) (blob.Blob, error) {
	b, err := s.blobs.Write(body, opts.algorithms()...)
	if err != nil {
		return blob.Blob{}, err
	}
	if err := opts.settle(b); err != nil {
		return blob.Blob{}, s.drop(b, err)
	}
	return b, nil
}

// algorithms are the checksums to compute: those that were wished, and the one that bytes are verified by.
func (o *PutOptions) algorithms() []blob.Algorithm {
	all := append(slices.Collect(maps.Keys(o.Want)), o.Algorithms...)
	if !slices.Contains(all, blob.CRC64NVME) {
		all = append(all, blob.CRC64NVME)
	}
	return all
}

// settle compares a body with what was announced of it, and chooses the checksums to store. Without any wish that is CRC64NVME, as on AWS.
func (o *PutOptions) settle(b blob.Blob) error {
	if err := verify(b, o); err != nil {
		return err
	}
	wished := append(slices.Collect(maps.Keys(o.Want)), o.Algorithms...)
	var verified map[blob.Algorithm]string
	if o.Verified != nil {
		verified = o.Verified()
	}
	if len(wished)+len(verified) == 0 {
		wished = []blob.Algorithm{blob.CRC64NVME}
	}
	o.setSums(b, wished)
	maps.Copy(o.Sums, verified)
	return nil
}

// setSums takes the checksums to answer with, and the one to verify reads by, from what was computed of the bytes.
func (o *PutOptions) setSums(b blob.Blob, wished []blob.Algorithm) {
	o.Sums, o.Check = map[blob.Algorithm]string{}, ""
	for _, a := range wished {
		o.Sums[a] = b.Sums[a]
	}
	if o.Sums[blob.CRC64NVME] == "" {
		o.Check = b.Sums[blob.CRC64NVME]
	}
}

func verify(b blob.Blob, opts *PutOptions) error {
	if opts.MD5 != "" {
		raw, err := base64.StdEncoding.DecodeString(opts.MD5)
		if err != nil || hex.EncodeToString(raw) != b.MD5 {
			return ErrDigest
		}
	}
	for a, w := range opts.Want {
		if got := b.Sums[a]; got != w {
			return &ChecksumError{Algorithm: string(a), Want: w, Got: got}
		}
	}
	return nil
}

// putTx makes a blob the current version of a key.
func (s *Store) putTx(tx *meta.Tx, b Bucket, key string, content blob.Blob, opts PutOptions) (Version, error) {
	if err := s.seq.floor(tx); err != nil {
		return Version{}, err
	}
	v := Version{
		Bucket: b.Name, Key: key, VersionID: NullVersion, ETag: content.MD5, Size: content.Size, LastModified: s.now(),
		Latest: true, Versioned: b.Versioning != Unversioned, Blob: content.ID, Attrs: opts.Attrs, body: opts.small,
	}
	if b.Versioning == Enabled {
		v.VersionID = id.Hex(16)
	}
	var err error
	if v.Lock, err = opts.lock(b, v.LastModified); err != nil {
		return Version{}, err
	}
	if err := s.place(tx, b, &v, opts.Conditions); err != nil {
		return Version{}, err
	}
	if opts.small != nil {
		if err := insertSmall(tx, v.seq, v.body); err != nil {
			return Version{}, fmt.Errorf("put the body of %s/%s: %w", b.Name, key, err)
		}
	}
	reason := opts.Reason
	if reason == "" {
		reason = "Put"
	}
	return v, s.tell(tx, "ObjectCreated:"+reason, v)
}

// place makes v the current version of its key under the conditions, and numbers it. Most keys are new, so that is tried first.
func (s *Store) place(tx *meta.Tx, b Bucket, v *Version, c PutConditions) error {
	known, exists := s.rows.Known(tx, rowKey{b.id, v.Key})
	if !exists && c.check(Info{}, false) == nil {
		v.number(s.seq.next(v.LastModified, 0))
		if done, err := s.setFirst(tx, b, *v); err != nil || done {
			return err
		}
	}
	var cur Info
	var err error
	if exists {
		cur = *known
	} else if cur, exists, err = currentTx(tx, b, v.Key); err != nil {
		return err
	}
	if err := c.check(cur, exists); err != nil {
		return err
	}
	v.number(s.seq.next(v.LastModified, cur.seq))
	freed, err := s.supersede(tx, b, cur, exists)
	if err != nil {
		return err
	}
	return s.setCurrent(tx, b, *v, freed)
}

// lock is the lock of a version that is made of a body.
func (o *PutOptions) lock(b Bucket, now time.Time) (lock.Lock, error) {
	l, err := b.Lock.Give(o.Lock, now)
	if err == nil && l != (lock.Lock{}) && !o.proven() {
		err = ErrUnproven
	}
	return l, err
}

// proven reports whether a body that came over the wire had a checksum of the client's. It holds after the body's end.
func (o *PutOptions) proven() bool {
	return o.Verified == nil || o.MD5 != "" || len(o.Want)+len(o.Algorithms) > 0 || len(o.Verified()) > 0
}

// supersede makes room for a new current version (or marker) of a key as the bucket's versioning says. What it leaves to be replaced
// frees bytes.
func (s *Store) supersede(tx *meta.Tx, b Bucket, cur Info, exists bool) (freed string, err error) {
	if !exists {
		return "", nil
	}
	switch {
	case b.Versioning == Enabled:
		return "", s.retire(tx, b, cur.Key)
	case cur.VersionID == NullVersion:
		return cur.Blob, cur.Lock.Held(s.now(), false) // it is replaced where it stands
	}
	if err := s.retire(tx, b, cur.Key); err != nil {
		return "", err
	}
	null, ok, err := oldTx(tx, b, cur.Key, NullVersion)
	if err != nil || !ok {
		return "", err
	}
	return "", s.remove(tx, b, null, false)
}

// tell hands a change to OnEvent and to the watchers of the bucket.
func (s *Store) tell(tx *meta.Tx, name string, i Info) error {
	tx.Notify(Topic(i.Bucket))
	if s.OnEvent == nil {
		return nil
	}
	if err := s.OnEvent(tx, Event{Name: name, Info: i, Time: i.LastModified, Seq: i.seq}); err != nil {
		return errors.Join(fmt.Errorf("event %s of %s/%s was refused", name, i.Bucket, i.Key), err)
	}
	return nil
}
