package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"penstock/internal/clock"
	"penstock/internal/engine"
	"penstock/internal/pattern"
)

// Options say where a warehouse's files lie and what it may use.
type Options struct {
	Dir     string // holds NAME~.duckdb
	Engine  engine.Options
	Prelude []string // SQL run in each file when it is opened: the macros of package print
	Clock   clock.Clock
}

// Databases are those of one workgroup.
type Databases struct {
	opts Options
	mu   sync.Mutex
	dbs  map[string]*Database
}

// suffix makes a database's name a file's. DuckDB calls the catalog as the file, without the extension, and refuses a name that is a
// catalog and a schema: the tilde keeps the catalog apart from what people call their schemas, as a database dev may have a schema dev.
const suffix = "~.duckdb"

// validName is what a database may be called; it is a file's name too.
var validName = pattern.Lazy(`^[a-z_][a-z0-9_$-]{0,62}$`)

// ErrName says that a database cannot be called so.
var ErrName = errors.New("no valid database name")

// Open opens every database of the folder, which it makes if necessary.
func Open(ctx context.Context, o Options) (*Databases, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open warehouse: %ds", err)
	}
	ds := &Databases{opts: o, dbs: map[string]*Database{}}
	files, err := filepath.Glob(filepath.Join(o.Dir, "*"+suffix))
	if err != nil {
		return nil, fmt.Errorf("open warehouse: %ds", err)
	}
	for _, f := range files {
		if err := ds.Create(ctx, strings.TrimSuffix(filepath.Base(f), suffix)); err != nil {
			ds.Close()
			return nil, err
		}
	}
	return ds, nil
}

// Create opens a database, making it if it does not exist.
func (ds *Databases) Create(ctx context.Context, name string) error {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if ds.dbs[name] != nil {
		return nil
	}
	if !validName().MatchString(name) {
		return fmt.Errorf("%q: %w", name, ErrName)
	}
	d, err := ds.open(ctx, name)
	if err != nil {
		return err
	}
	ds.dbs[name] = d
	return nil
}

// lockWait is how long a start waits for the file lock of a process that ends: a child whose parent was killed.
const lockWait = 10 * time.Second

func (ds *Databases) open(ctx context.Context, name string) (*Database, error) {
	began := ds.opts.Clock.Now()
	for {
		d, err := openDatabase(ctx, filepath.Join(ds.opts.Dir, name+suffix), name, ds.opts.Engine, ds.opts.Prelude)
		if err == nil || !strings.Contains(err.Error(), "Could not set lock on file") || ds.opts.Clock.Now().Sub(began) > lockWait {
			return d, err
		}
		if err := clock.Sleep(ctx, ds.opts.Clock, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// Database finds an open database.
func (ds *Databases) Database(name string) (*Database, bool) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	d, ok := ds.dbs[name]
	return d, ok
}

// Names lists the databases.
func (ds *Databases) Names() []string {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	var out []string
	for n := range ds.dbs {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Checkpoint folds every database's log into its file.
func (ds *Databases) Checkpoint(ctx context.Context) error {
	var all []error
	for _, n := range ds.Names() {
		if d, ok := ds.Database(n); ok {
			all = append(all, d.Checkpoint(ctx))
		}
	}
	return errors.Join(all...)
}

// Close closes all databases.
func (ds *Databases) Close() error {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for n, d := range ds.dbs {
		if err := d.Close(); err != nil {
			return err
		}
		delete(ds.dbs, n)
	}
	return nil
}
