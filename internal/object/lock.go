package object

import (
	"context"
	"fmt"
	"time"

	"penstock/internal/meta"
	"penstock/internal/object/lock"
)

// A version's lock stands in its row, beside its other attributes. Whatever removes a version looks at it (see remove). Nothing else has to
// know of it: bytes that a row names are no garbage, and a bucket with versions is not empty.

// SetBucketLock switches object lock on, for good, or replaces the default retention. It needs versioning, which cannot be suspended then.
func (s *Store) SetBucketLock(ctx context.Context, bucket string, d lock.Default) error {
	text, err := lock.Bucket{Enabled: true, Default: d}.Text()
	if err != nil {
		return err
	}
	return s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if b.Versioning != Enabled {
			return fmt.Errorf("bucket %s: %w", bucket, ErrLockUnversioned)
		}
		s.buckets.Drop(tx, bucket)
		_, err := tx.Exec("UPDATE object_bucket SET lock = ? WHERE id = ?", text, b.id)
		return err
	})
}

// SetRetention replaces the retention of a version (see lock.Lock.Retain); a past end is refused before all else.
func (s *Store) SetRetention(ctx context.Context, bucket, key, version string, mode lock.Mode, until time.Time, bypass bool) error {
	asked := lock.Lock{Mode: mode}
	if mode != "" {
		asked.Until = until.UnixMilli()
	}
	if err := asked.Future(s.now()); err != nil {
		return err
	}
	return s.relock(ctx, bucket, key, version, func(l *lock.Lock) error { return l.Retain(mode, asked.Until, s.now(), bypass) })
}

// SetHold puts a legal hold on a version or takes it off.
func (s *Store) SetHold(ctx context.Context, bucket, key, version string, on bool) error {
	return s.relock(ctx, bucket, key, version, func(l *lock.Lock) error {
		l.Hold = lock.HoldOff
		if on {
			l.Hold = lock.HoldOn
		}
		return nil
	})
}

// relock changes the lock of a version of a bucket that has object lock.
func (s *Store) relock(ctx context.Context, bucket, key, version string, change func(*lock.Lock) error) error {
	return s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if !b.Lock.Enabled {
			return fmt.Errorf("bucket %s: %w", bucket, lock.ErrNone)
		}
		i, err := versionTx(tx, b, key, version)
		if err != nil {
			return err
		}
		if err := change(&i.Lock); err != nil {
			return fmt.Errorf("%s/%s version %s: %w", bucket, key, i.VersionID, err)
		}
		return s.rewrite(tx, b, i)
	})
}
