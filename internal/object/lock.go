package object

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"penstock/internal/meta"
)

// Object lock: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html. What holds a version stands in its row, beside its
// other attributes, and is looked at where a version ends (held), in the transaction that would end it. Nothing else has to know of it:
// bytes that a row names are no garbage, and a bucket with versions is not empty.

// A RetentionMode says who may shorten or end a retention before its time, or remove what it keeps.
type RetentionMode string

// The modes of retention.
const (
	Governance RetentionMode = "GOVERNANCE" // who says that he bypasses it
	Compliance RetentionMode = "COMPLIANCE" // nobody
)

// Whether a version has a legal hold, which keeps it until it is taken off. "" is a version that never had one.
const (
	HoldOn  = "ON"
	HoldOff = "OFF"
)

// A Lock is what keeps a version from being removed: a retention, a legal hold, both, or (the zero value) nothing. It stays with the
// version when its time is over.
type Lock struct {
	Mode  RetentionMode `json:"mode,omitempty"`  // "" without a retention
	Until int64         `json:"until,omitempty"` // milliseconds since 1970
	Hold  string        `json:"hold,omitempty"`
}

// RetainUntil is the end of the retention.
func (l Lock) RetainUntil() time.Time { return time.UnixMilli(l.Until).UTC() }

// retained reports whether a retention is in force.
func (l Lock) retained(now time.Time) bool { return l.Mode != "" && now.UnixMilli() < l.Until }

// held refuses what would remove a version while a lock keeps it. bypass passes a retention of the mode Governance, nothing else.
func (l Lock) held(now time.Time, bypass bool) error {
	if l.Hold == HoldOn || l.retained(now) && (l.Mode != Governance || !bypass) {
		return ErrLocked
	}
	return nil
}

// A BucketLock says whether versions of a bucket can be locked, and the retention that its new ones get without asking for one.
type BucketLock struct {
	Enabled bool             `json:"-"`
	Default DefaultRetention `json:"default,omitzero"`
}

// A DefaultRetention is a mode and a period from the making of a version, in days or in years; the zero value is none.
type DefaultRetention struct {
	Mode  RetentionMode `json:"mode,omitempty"`
	Days  int           `json:"days,omitempty"`
	Years int           `json:"years,omitempty"`
}

// text is the row's form: "" is a bucket without object lock.
func (b BucketLock) text() (string, error) {
	if !b.Enabled {
		return "", nil
	}
	out, err := json.Marshal(b)
	return string(out), err
}

func (b *BucketLock) read(text string) error {
	if text == "" {
		return nil
	}
	b.Enabled = true
	return json.Unmarshal([]byte(text), b)
}

// give returns the lock of a version that is made now: the one asked for, and the bucket's default where no retention was asked for.
func (b BucketLock) give(asked Lock, now time.Time) (Lock, error) {
	if !b.Enabled {
		if asked != (Lock{}) {
			return Lock{}, ErrNoLock
		}
		return Lock{}, nil
	}
	if d := b.Default; asked.Mode == "" && d.Mode != "" {
		asked.Mode, asked.Until = d.Mode, now.UTC().AddDate(d.Years, 0, d.Days).UnixMilli()
	}
	return asked, nil
}

// begin refuses a lock that a request asks for a new version: where the bucket has none, or for a time that is over.
func (b BucketLock) begin(asked Lock, now time.Time) error {
	if asked.Mode != "" && !asked.retained(now) {
		return &PastError{asked.RetainUntil()}
	}
	_, err := b.give(asked, now)
	return err
}

// SetBucketLock switches object lock on, for good, or replaces the default retention. It needs versioning, which cannot be suspended then.
func (s *Store) SetBucketLock(ctx context.Context, bucket string, d DefaultRetention) error {
	text, err := BucketLock{Enabled: true, Default: d}.text()
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

// SetRetention replaces the retention of a version; mode "" ends it. One that is in force may be made longer; only with bypass, and only of
// the mode Governance, it may be shortened, ended or given another mode.
func (s *Store) SetRetention(ctx context.Context, bucket, key, version string, mode RetentionMode, until time.Time, bypass bool) error {
	asked := Lock{Mode: mode}
	if mode != "" {
		asked.Until = until.UnixMilli()
		if !asked.retained(s.now()) {
			return &PastError{asked.RetainUntil()}
		}
	}
	return s.relock(ctx, bucket, key, version, func(l *Lock, now time.Time) error {
		longer := mode == l.Mode && asked.Until >= l.Until
		if l.retained(now) && !longer && (l.Mode != Governance || !bypass) {
			return ErrLocked
		}
		l.Mode, l.Until = asked.Mode, asked.Until
		return nil
	})
}

// SetHold puts a legal hold on a version or takes it off.
func (s *Store) SetHold(ctx context.Context, bucket, key, version string, on bool) error {
	return s.relock(ctx, bucket, key, version, func(l *Lock, _ time.Time) error {
		l.Hold = HoldOff
		if on {
			l.Hold = HoldOn
		}
		return nil
	})
}

// relock changes the lock of a version of a bucket that has object lock.
func (s *Store) relock(ctx context.Context, bucket, key, version string, change func(l *Lock, now time.Time) error) error {
	return s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if !b.Lock.Enabled {
			return fmt.Errorf("bucket %s: %w", bucket, ErrNoLock)
		}
		i, err := versionTx(tx, b, key, version)
		if err != nil {
			return err
		}
		if err := change(&i.Lock, s.now()); err != nil {
			return fmt.Errorf("%s/%s version %s: %w", bucket, key, i.VersionID, err)
		}
		return s.rewrite(tx, b, i)
	})
}
