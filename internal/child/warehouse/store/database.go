package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"penstock/internal/engine"
	"penstock/internal/engine/functions"
)

// checkpointAt is the size of the write-ahead log, in bytes, from which a commit is followed by a CHECKPOINT. DuckDB's own automatic
// checkpoint is off: after each one the folder must be fsynced, and only an explicit one lets us do that.
const checkpointAt = 16 << 20

// A Database is one DuckDB file.
type Database struct {
	Name  string
	path  string
	eng   *engine.Engine
	locks *locks
	oids  atomic.Int64

	// gate is held for writing while a change of the catalog commits: who holds it for reading finds Catalog and the engine's rows
	// and tables of one moment.
	gate    sync.RWMutex
	history history

	mu      sync.Mutex
	catalog *Catalog // as committed; nil when it must be read again
	walSeen uint64   // the inode of the log whose folder entry is durable
}

// openDatabase opens the file, makes Penstock's tables in a new one, and makes its folder durable.
func openDatabase(ctx context.Context, path, name string, o engine.Options, prelude []string) (*Database, error) {
	o.Path = path
	o.Settings = map[string]string{"wal_autocheckpoint": "1TB"}
	eng, err := engine.Open(ctx, o)
	if err != nil {
		if rerr := recoverLog(ctx, path, name, o, prelude); rerr != nil {
			return nil, errors.Join(err, rerr)
		}
		if eng, err = engine.Open(ctx, o); err != nil {
			return nil, err
		}
	}
	d := &Database{Name: name, path: path, eng: eng, locks: newLocks()}
	if err := d.prepare(ctx, prelude); err != nil {
		eng.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return d, nil
}

func (d *Database) prepare(ctx context.Context, prelude []string) error {
	c, err := d.eng.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := functions.Register(c, functions.Limits{}); err != nil {
		return err
	}
	if err := d.initialize(ctx, c); err != nil {
		return err
	}
	if err := refresh(ctx, c, prelude); err != nil {
		return fmt.Errorf("prelude: %w", err)
	}
	next := int64(100_000)
	err = each(ctx, c, "SELECT max(oid) FROM (SELECT oid FROM penstock._tables UNION ALL SELECT oid FROM penstock._schemas)",
		func(row []string) error {
			next = max(next, number(row[0]))
			return nil
		})
	if err != nil {
		return err
	}
	d.oids.Store(next)
	return d.sync()
}

// initialize makes the tables of a new file, brings those of an earlier version to this one and refuses a file of a later one.
func (d *Database) initialize(ctx context.Context, c *engine.Conn) error {
	known := false
	err := each(ctx, c, "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'penstock' AND table_name = '_format'", func([]string) error {
		known = true
		return nil
	})
	if err != nil {
		return err
	}
	if !known {
		return transact(ctx, c, create)
	}
	version := int64(0)
	err = each(ctx, c, "SELECT version FROM penstock._format", func(row []string) error {
		version = number(row[0])
		return nil
	})
	if err == nil && (version < 1 || version > format) {
		err = fmt.Errorf("the file has format %d, this Penstock knows 1 to %d", version, format)
	}
	for ; err == nil && version < format; version++ {
		err = transact(ctx, c, upgrades[version-1])
	}
	return err
}

// refresh runs the prelude if the file does not hold this one already: it costs a second that a restart does not have.
func refresh(ctx context.Context, c *engine.Conn, prelude []string) error {
	sum := sha256.Sum256([]byte(strings.Join(prelude, ";")))
	want, have := hex.EncodeToString(sum[:]), ""
	err := each(ctx, c, "SELECT prelude FROM penstock._format", func(row []string) error {
		have = row[0]
		return nil
	})
	if err != nil || have == want {
		return err
	}
	return transact(ctx, c, append(slices.Clone(prelude), "UPDATE penstock._format SET prelude = '"+want+"'"))
}

// transact runs statements in one transaction.
func transact(ctx context.Context, c *engine.Conn, all []string) error {
	if _, err := c.Exec(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	for _, sql := range all {
		if _, err := c.Exec(ctx, sql); err != nil {
			_, rerr := c.Exec(ctx, "ROLLBACK")
			return errors.Join(err, rerr)
		}
	}
	_, err := c.Exec(ctx, "COMMIT")
	return err
}

// NextOID returns a number that no schema or table of the database has had since it was opened.
func (d *Database) NextOID() int64 { return d.oids.Add(1) }

// sync makes the folder's entries durable: DuckDB recreates its log and does not fsync the folder.
func (d *Database) sync() error {
	f, err := os.Open(filepath.Dir(d.path))
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// committed follows a commit that wrote: it makes a new log's folder entry durable, and checkpoints a long log.
func (d *Database) committed(ctx context.Context, c *engine.Conn) error {
	var st syscall.Stat_t
	if err := syscall.Stat(d.path+".wal", &st); err != nil {
		return d.sync() // the log is gone: it has just been checkpointed
	}
	d.mu.Lock()
	fresh := d.walSeen != st.Ino
	d.mu.Unlock()
	if fresh {
		if err := d.sync(); err != nil {
			return err
		}
		d.mu.Lock()
		d.walSeen = st.Ino
		d.mu.Unlock()
	}
	if st.Size < checkpointAt {
		return nil
	}
	if _, err := c.Exec(ctx, "CHECKPOINT"); err != nil {
		return nil // others are writing; a later commit tries again
	}
	return d.sync()
}

// Catalog returns the committed catalog.
func (d *Database) Catalog(ctx context.Context) (*Catalog, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.catalog != nil {
		return d.catalog, nil
	}
	c, err := d.eng.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if _, err := c.Exec(ctx, "BEGIN TRANSACTION"); err != nil { // the tables of the catalog are read in one snapshot; Close ends it
		return nil, fmt.Errorf("read the catalog of %s: %w", d.Name, err)
	}
	cat, err := loadCatalog(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("read the catalog of %s: %w", d.Name, err)
	}
	d.catalog = cat
	return cat, nil
}

// Steady runs what reads the catalog and asks the engine about it: no change of the catalog commits meanwhile. It is for what is
// short, as it holds such commits up.
func (d *Database) Steady(f func() error) error {
	d.gate.RLock()
	defer d.gate.RUnlock()
	return f()
}

// Mark is a moment in the history of the commits, for Since.
func (d *Database) Mark() int64 { return d.history.mark() }

// Since reports whether a transaction that wrote has committed since the mark, or is about to, and whether it may be one of these tables.
func (d *Database) Since(mark int64, tables []*Table) (more, ours bool) {
	return d.history.since(mark, tables)
}

func (d *Database) forgetCatalog() {
	d.mu.Lock()
	d.catalog = nil
	d.mu.Unlock()
}

// Size is the file's size in bytes, with its log.
func (d *Database) Size() int64 {
	var n int64
	for _, p := range []string{d.path, d.path + ".wal"} {
		if st, err := os.Stat(p); err == nil {
			n += st.Size()
		}
	}
	return n
}

// Has returns those of the Data API statement ids that are in the file's ledger.
func (d *Database) Has(ctx context.Context, ids []string) ([]string, error) {
	c, err := d.eng.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var out []string
	for _, id := range ids {
		err := each(ctx, c, "SELECT id FROM penstock._statements WHERE id = $1", func(row []string) error {
			out = append(out, row[0])
			return nil
		}, id)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Close ends the database; sessions must be closed before.
func (d *Database) Close() error { return d.eng.Close() }

// Checkpoint folds the log into the file. It fails while others write.
func (d *Database) Checkpoint(ctx context.Context) error {
	c, err := d.eng.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Exec(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	return d.sync()
}
