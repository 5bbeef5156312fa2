package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"modernc.org/sqlite" // also the driver "sqlite"

	"penstock/internal/clock"
	"penstock/internal/vfs"
)

// Format is the version of the folder's layout that this program writes.
const Format = 1

// fileName is the database's name in the store's folder.
const fileName = "penstock.db"

// ErrClosed is answered by a store after Close.
var ErrClosed = errors.New("metadata store is closed")

// Options are the surroundings of a Store; the zero value is usable.
type Options struct {
	Log   *slog.Logger
	Clock clock.Clock
	// Readers is how many Views run at once; 0 means 8.
	Readers int
	// Files makes the names in the store's folder durable; nil means vfs.OS. What is acknowledged is durable with a Later once that was
	// flushed.
	Files vfs.FS
	// New is the database that a new store begins with; without one it begins empty.
	New []byte
	// BeforeCommit is for tests: its error takes the place of COMMIT's.
	BeforeCommit func() error
}

// A Store is an open metadata store. Its methods may be called from any goroutine.
type Store struct {
	read  *readers
	write *sql.DB
	log   *slog.Logger
	clock clock.Clock
	epoch int64
	batch int64 // the writer's

	beforeCommit func() error

	queue   chan *update
	closing chan struct{}
	closed  sync.Once
	stopped chan struct{}

	topics topics
	inside insiders
	calls  calls
	fatal  failure
}

// Open opens or makes the store in dir (which must exist), brings every schema to its newest version, and raises the epoch.
func Open(ctx context.Context, dir string, schemas []Schema, opts Options) (*Store, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if opts.Clock == nil {
		opts.Clock = clock.Real{}
	}
	if opts.Readers == 0 {
		opts.Readers = 8
	}
	if opts.Files == nil {
		opts.Files = vfs.OS{}
	}
	if _, err := vfs.CheckFormat(opts.Files, dir, "meta", Format); err != nil {
		return nil, fmt.Errorf("open metadata store: %w", err)
	}
	if opts.New != nil {
		if err := plant(opts.Files, dir, opts.New); err != nil {
			return nil, fmt.Errorf("make metadata store: %w", err)
		}
	}
	s := &Store{
		log: opts.Log, clock: opts.Clock, beforeCommit: opts.BeforeCommit,
		queue: make(chan *update, maxBatch), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	if err := s.open(ctx, filepath.Join(dir, fileName), opts.Readers); err != nil {
		return nil, fmt.Errorf("open metadata store %s: %w", dir, err)
	}
	conn, err := s.prepare(ctx, opts.Files, dir, schemas)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open metadata store %s: %w", dir, err), s.read.close(), s.write.Close())
	}
	go s.writeLoop(context.WithoutCancel(ctx), conn)
	return s, nil
}

func (s *Store) open(ctx context.Context, path string, readers int) (err error) {
	if s.write, err = sql.Open("sqlite", dsn(path, false)); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if err := s.write.PingContext(ctx); err != nil {
		return errors.Join(err, s.write.Close())
	}
	if s.read, err = openReaders(context.WithoutCancel(ctx), path, readers, s.clock); err != nil {
		return errors.Join(err, s.write.Close())
	}
	return nil
}

// dsn names the database with the settings that every connection needs; set by Exec they would hold for one pooled connection only.
func dsn(path string, readOnly bool) string {
	q := url.Values{}
	q.Add("_busy_timeout", "10000")
	q.Add("_dqs", "false")
	q.Add("_pragma", "journal_mode(WAL)")
	q.Add("_pragma", "synchronous("+synchronous()+")")
	q.Add("_pragma", "journal_size_limit(67108864)") // bytes of log that stay after a checkpoint
	q.Add("_pragma", "temp_store(MEMORY)")
	if readOnly {
		q.Add("_query_only", "true")
		q.Add("_pragma", "cache_size(-1024)") // KiB, for each of several connections: the machine's own cache is behind it
	} else {
		q.Add("_pragma", "cache_size(-4096)")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// synchronous is FULL: a commit is on disk before it returns.
func synchronous() string {
	if brokenWALSync {
		return "NORMAL"
	}
	return "FULL"
}

// prepare returns the writer's connection to a migrated database whose folder entry is durable.
func (s *Store) prepare(ctx context.Context, files vfs.FS, dir string, schemas []Schema) (*sql.Conn, error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if s.epoch, err = migrate(ctx, conn, schemas); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := s.calls.load(writeTx{newLink(ctx, conn)}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := files.SyncDir(dir); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Failed returns the error that ended the store's life, or nil. After it nobody knows whether the last commit is on the disk: what its
// rows may name must not be removed.
func (s *Store) Failed() error { return s.fatal.get() }

// Private reports whether a View under ctx shows what is not durable yet: the changes of the call that ctx belongs to (see Once).
func (s *Store) Private(ctx context.Context) bool { return s.callOf(ctx) != nil }

// Full is what a caller is told of an error that IsFull.
const Full = "The disk of the data directory is full; nothing that was acknowledged is lost. " +
	"Make room, and start the server again where this error stays."

// IsFull reports whether an error means that the disk, or its user's quota, has no room.
func IsFull(err error) bool {
	const full = 13 // SQLITE_FULL
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == full || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// Epoch is the number of times that this store has been opened. A publish by a child of an older epoch is refused.
func (s *Store) Epoch() int64 { return s.epoch }

// Clock is the clock that the store was opened with.
func (s *Store) Clock() clock.Clock { return s.clock }

// View runs fn on a snapshot. fn must not keep the Tx.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	if c := s.callOf(ctx); c != nil {
		if ok, err := c.view(fn); ok {
			return err
		}
	}
	id := goroutine()
	if err := s.usable(id, "View"); err != nil {
		return err
	}
	r, err := s.read.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin view: %w", s.closedOr(err))
	}
	defer s.read.end(r)
	defer s.inside.enter(id)()
	return fn(&Tx{q: readTx{r}, readOnly: true, epoch: s.epoch, calls: &s.calls})
}

// usable says why the store cannot serve the call, if so.
func (s *Store) usable(goroutine, call string) error {
	if s.inside.here(goroutine) {
		return nested(call)
	}
	if err := s.fatal.get(); err != nil {
		return fmt.Errorf("metadata store has failed and must be reopened: %w", err)
	}
	return nil
}

// nested is the answer to a call from inside a closure. Tests panic on it.
func nested(call string) error {
	if testing.Testing() {
		panic("meta: " + call + " inside the closure of another View or Update")
	}
	return fmt.Errorf("meta: %s inside the closure of another View or Update", call)
}

func (s *Store) closedOr(err error) error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
		return err
	}
}

// Close waits for the Updates that were accepted, folds the log into the database and closes it.
func (s *Store) Close() error {
	err := ErrClosed
	s.closed.Do(func() {
		close(s.closing)
		<-s.stopped
		err = errors.Join(s.read.close(), s.write.Close())
	})
	return err
}
