package object

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/hot"
	"penstock/internal/object/lease"
	"penstock/internal/object/settings"
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
	// SmallBody is the most bytes of a body that is kept in the metadata store; 0 means MaxSmallBody, which is also the most, and -1 that
	// every body has a file.
	SmallBody int
}

// A Store is the lake. Its methods may be called from any goroutine.
type Store struct {
	meta  *meta.Store
	blobs *blob.Store
	opts  Options

	// OnEvent, when set before the first change, is told of each change inside its transaction; an error undoes the change.
	OnEvent func(tx *meta.Tx, e Event) error
	// OnDelete, when set before the first change, is told of a bucket's deletion inside its transaction.
	OnDelete func(tx *meta.Tx, bucket string) error

	buckets  *hot.Map[string, Bucket]
	settings *hot.Map[string, *settings.Docs]
	rows     *hot.Map[rowKey, *Info] // current versions, with their small bodies

	leases   lease.Leases
	seq      sequence
	unpacked unpacked
	buffers  sync.Pool // of *[MaxSmallBody + 1]byte
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
	if opts.SmallBody == 0 {
		opts.SmallBody = MaxSmallBody
	}
	return &Store{
		meta: m, blobs: b, opts: opts,
		buckets:  hot.New(m, hotBuckets, func(name string, b Bucket) int { return 500 + len(name) + sizeOf(b.Tags) }),
		settings: hot.New(m, hotSettings, func(name string, d *settings.Docs) int { return len(name) + d.Size() }),
		rows:     hot.New(m, hotRows, func(k rowKey, i *Info) int { return 1000 + 2*len(k.key) + cap(i.body) + i.Attrs.size() }),
	}
}

// How many bytes of buckets, of their settings and of current versions are kept in memory.
const (
	hotBuckets  = 1 << 20
	hotSettings = 32 << 20 // one of the largest policy must fit into a shard
	hotRows     = 24 << 20
)

// A rowKey names a row of object_current.
type rowKey struct {
	bucket int64
	key    string
}

// unpacked knows the small bodies that have files, and since when one's row is gone.
type unpacked struct {
	mu sync.Mutex
	m  map[string]time.Time
}

// bucket returns a bucket, from memory if it has been asked for since it changed.
func (s *Store) bucket(ctx context.Context, name string) (Bucket, error) {
	return s.buckets.Load(ctx, name, func(ctx context.Context) (b Bucket, err error) {
		err = s.meta.View(ctx, func(tx *meta.Tx) error {
			b, err = bucketTx(tx, name)
			return err
		})
		return b, err
	})
}

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

// update runs fn in a change, with the bucket's row. Who changes an object wakes the bucket's watchers (see tell).
func (s *Store) update(ctx context.Context, bucket string, fn func(*meta.Tx, Bucket) error) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		b, err := s.bucketIn(tx, bucket)
		if err != nil {
			return err
		}
		return fn(tx, b)
	})
}

// bucketIn returns a bucket as a transaction sees it.
func (s *Store) bucketIn(tx *meta.Tx, name string) (Bucket, error) {
	if b, ok := s.buckets.Known(tx, name); ok {
		return b, nil
	}
	return bucketTx(tx, name)
}

// sequence orders changes. It is used by the one writer only, and needs no lock.
type sequence struct {
	last  int64
	begun bool
}

// next returns a number above every number of this process and above floor; it is near the clock, so that it grows over restarts too.
func (q *sequence) next(now time.Time, floor int64) int64 {
	q.last = max(q.last+1, now.UnixMicro(), floor+1)
	return q.last
}
