package object

import (
	"context"
	"io"
	"log/slog"
	"time"

	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta"
)

// DefaultGarbageDelay is how long bytes stay after their last row has gone: a resolved file list may still be opened that long.
const DefaultGarbageDelay = 5 * time.Minute

// Options are the surroundings of a Store; the zero value is usable.
type Options struct {
	Clock  clock.Clock
	Log    *slog.Logger
	Region string // of buckets that name none; "" is us-east-1
	// GarbageDelay is how long unreferenced bytes are kept; 0 means DefaultGarbageDelay.
	GarbageDelay time.Duration
}

// A Store is the lake. Its methods may be called from any goroutine.
type Store struct {
	meta  *meta.Store
	blobs *blob.Store
	opts  Options

	// OnEvent, when set before the first change, is told of each change inside its transaction; an error undoes the change.
	OnEvent func(tx *meta.Tx, e Event) error

	leases leases
	seq    sequence
}

// Open makes a Store of its two halves. The metadata store must have been opened with Schema.
func Open(m *meta.Store, b *blob.Store, opts Options) *Store {
	if opts.Clock == nil {
		opts.Clock = clock.Real{}
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if opts.Region == "" {
		opts.Region = "us-east-1"
	}
	if opts.GarbageDelay == 0 {
		opts.GarbageDelay = DefaultGarbageDelay
	}
	return &Store{meta: m, blobs: b, opts: opts}
}

// Path is the file of a blob.
func (s *Store) Path(blobID string) string { return s.blobs.Path(blobID) }

// Topic is notified in the metadata store when a bucket's objects change.
func Topic(bucket string) string { return "object/" + bucket }

// now is the instant that a row gets: S3's clock ticks in milliseconds.
func (s *Store) now() time.Time { return s.opts.Clock.Now().Truncate(time.Millisecond) }

// view runs fn with the bucket's row.
func (s *Store) view(ctx context.Context, bucket string, fn func(*meta.Tx, Bucket) error) error {
	return s.meta.View(ctx, func(tx *meta.Tx) error {
		b, err := bucketTx(tx, bucket)
		if err != nil {
			return err
		}
		return fn(tx, b)
	})
}

// update runs fn with the bucket's row and wakes the bucket's watchers.
func (s *Store) update(ctx context.Context, bucket string, fn func(*meta.Tx, Bucket) error) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		b, err := bucketTx(tx, bucket)
		if err != nil {
			return err
		}
		return fn(tx, b)
	})
}

// sequence orders changes. It is used by the one writer only, and needs no lock.
type sequence struct{ last int64 }

// next returns a number above every number of this process and above floor; it is near the clock, so that it grows over restarts too.
func (q *sequence) next(now time.Time, floor int64) int64 {
	q.last = max(q.last+1, now.UnixMicro(), floor+1)
	return q.last
}
