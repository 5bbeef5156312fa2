package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"penstock/internal/engine"
)

// A Handle is a session's connection to a database. It has at most one transaction, and temporary tables of its own.
type Handle struct {
	DB   *Database
	Conn *engine.Conn
	tx   *Tx
	temp map[string]*Table

	tempChanges int64
	writes      int64
	touch       *engine.Stmt // reads a table of the database: what fixes a transaction's snapshot
}

// Handle opens a connection.
func (d *Database) Handle(ctx context.Context) (*Handle, error) {
	c, err := d.eng.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &Handle{DB: d, Conn: c, temp: map[string]*Table{}}, nil
}

// Close rolls back what is open and ends the connection.
func (h *Handle) Close() error {
	if h.touch != nil {
		h.touch.Close()
		h.touch = nil
	}
	if h.tx != nil {
		h.DB.locks.release(h.tx)
		h.tx = nil
	}
	return h.Conn.Close()
}

// A Tx is a transaction. The engine's own begins with the first statement that runs, after the locks of that statement are held, so
// that a transaction that had to wait sees what the others did.
type Tx struct {
	h        *Handle
	begun    bool
	wrote    bool
	ledger   string
	catalog  *Catalog        // as of its snapshot, with its own changes
	changed  bool            // the catalog was changed
	names    map[string]bool // of tables that it changed, or locked to do so
	tempSave map[string]*Table
	revised  map[int64]bool // OIDs of tables of which rows were updated or deleted
}

// Begin starts a transaction.
func (h *Handle) Begin() *Tx {
	h.tx = &Tx{h: h, tempSave: maps.Clone(h.temp), names: map[string]bool{}, revised: map[int64]bool{}}
	return h.tx
}

// Tx is the open transaction, or nil.
func (h *Handle) Tx() *Tx { return h.tx }

// Lock takes the write lock of a table for the rest of the transaction.
func (t *Tx) Lock(ctx context.Context, table string) error {
	t.wrote, t.names[table] = true, true
	return t.h.DB.locks.acquire(ctx, t, table)
}

// Start begins the engine's transaction if that has not happened yet. Its catalog is the one of the snapshot, whatever others commit.
func (t *Tx) Start(ctx context.Context) error {
	if t.begun {
		return nil
	}
	return t.h.DB.Steady(func() error {
		cat, err := t.h.DB.Catalog(ctx)
		if err != nil {
			return err
		}
		if _, err := t.h.Conn.Exec(ctx, "BEGIN TRANSACTION"); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		t.begun, t.catalog = true, cat
		return t.h.fix(ctx)
	})
}

// Begun reports whether the engine's transaction has begun.
func (t *Tx) Begun() bool { return t.begun }

// fix makes the engine take the snapshot of the transaction now. It would do so when the transaction first reads.
func (h *Handle) fix(ctx context.Context) error {
	if h.touch == nil {
		s, err := h.Conn.Prepare(ctx, "SELECT version FROM penstock._format")
		if err != nil {
			return err
		}
		h.touch = s
	}
	_, err := h.touch.Exec(ctx)
	return err
}

// Wrote reports whether the transaction took a write lock.
func (t *Tx) Wrote() bool { return t.wrote }

// Record makes the commit leave the id of a Data API statement in the file's ledger, if the transaction writes anything.
func (t *Tx) Record(id string) { t.ledger = id }

// Commit makes the transaction durable. It cannot be interrupted: whoever asks for it wants to know how it ended.
func (t *Tx) Commit(ctx context.Context, now time.Time) error {
	ctx = context.WithoutCancel(ctx)
	defer t.end()
	if !t.begun {
		return nil
	}
	if t.wrote && t.ledger != "" {
		if _, err := t.h.Conn.Exec(ctx, "INSERT INTO penstock._statements VALUES ($1, $2)", t.ledger, now); err != nil {
			return errors.Join(fmt.Errorf("write the statement's id: %w", err), t.undo(ctx))
		}
	}
	if err := t.seal(ctx); err != nil {
		return errors.Join(err, t.undo(ctx))
	}
	if t.wrote {
		return t.h.DB.committed(ctx, t.h.Conn)
	}
	return nil
}

// seal commits. A change of the catalog is seen by others together with what the engine made of it.
func (t *Tx) seal(ctx context.Context) error {
	db := t.h.DB
	if t.changed {
		db.gate.Lock()
		defer db.gate.Unlock()
	}
	if t.changed || t.wrote {
		defer db.history.begin(t.names)()
	}
	if t.changed {
		defer db.forgetCatalog()
	}
	_, err := t.h.Conn.Exec(ctx, "COMMIT")
	return err
}

// Rollback undoes the transaction.
func (t *Tx) Rollback(ctx context.Context) error {
	defer t.end()
	return t.undo(context.WithoutCancel(ctx))
}

func (t *Tx) undo(ctx context.Context) error {
	t.h.temp = t.tempSave
	t.h.tempChanges++
	if !t.begun {
		return nil
	}
	_, err := t.h.Conn.Exec(ctx, "ROLLBACK")
	var e *engine.Error
	if errors.As(err, &e) && e.Kind == "TransactionContext" {
		return nil // a failed COMMIT has already rolled back
	}
	return err
}

func (t *Tx) end() {
	t.h.DB.locks.release(t)
	t.h.tx = nil
}

// Catalog is what the session sees now: the committed catalog or, once its transaction has begun, the one of that. It is another one
// whenever anything in it has changed.
func (h *Handle) Catalog(ctx context.Context) (*Catalog, error) {
	t := h.tx
	if t == nil || !t.begun {
		return h.DB.Catalog(ctx)
	}
	if t.catalog == nil {
		cat, err := loadCatalog(ctx, h.Conn)
		if err != nil {
			return nil, err
		}
		t.catalog = cat
	}
	return t.catalog, nil
}

// Wrote counts a statement of the session that may have written rows.
func (h *Handle) Wrote() { h.writes++ }

// Writes is how many there were.
func (h *Handle) Writes() int64 { return h.writes }

// TempChanges counts the changes of the session's temporary tables.
func (h *Handle) TempChanges() int64 { return h.tempChanges }

// Temps are the session's temporary tables, by OID.
func (h *Handle) Temps() []*Table {
	return slices.SortedFunc(maps.Values(h.temp), func(a, b *Table) int { return cmp.Compare(a.OID, b.OID) })
}

// Temp finds a temporary table of the session.
func (h *Handle) Temp(name string) (*Table, bool) {
	t, ok := h.temp[name]
	return t, ok
}

// Put writes a table's description in the open transaction.
func (t *Tx) Put(ctx context.Context, table *Table) error {
	if table.Temp {
		t.h.tempChanges++
		t.h.temp[table.Name] = table
		return nil
	}
	t.wrote, t.changed, t.catalog = true, true, nil
	t.names[tableName(table)] = true
	return put(ctx, t.h.Conn, table)
}

// Remove deletes a table's description.
func (t *Tx) Remove(ctx context.Context, table *Table) error {
	if table.Temp {
		t.h.tempChanges++
		delete(t.h.temp, table.Name)
		return nil
	}
	t.wrote, t.changed, t.catalog = true, true, nil
	t.names[tableName(table)] = true
	return remove(ctx, t.h.Conn, table.OID)
}

// PutSchema writes a schema's description.
func (t *Tx) PutSchema(ctx context.Context, s Schema) error {
	t.wrote, t.changed, t.catalog = true, true, nil
	_, err := t.h.Conn.Exec(ctx, "INSERT INTO penstock._schemas VALUES ($1,$2,$3)", s.OID, s.Name, s.Owner)
	return err
}

// RemoveSchema deletes a schema's description.
func (t *Tx) RemoveSchema(ctx context.Context, s Schema) error {
	t.wrote, t.changed, t.catalog = true, true, nil
	_, err := t.h.Conn.Exec(ctx, "DELETE FROM penstock._schemas WHERE oid = $1", s.OID)
	return err
}

// Revise notes whether the transaction has updated or deleted rows of the table as the engine now has it.
func (t *Tx) Revise(oid int64, yes bool) { t.revised[oid] = yes }

// Revised reports what Revise has noted.
func (t *Tx) Revised(oid int64) bool { return t.revised[oid] }

// Touch says that the transaction wrote something that needed no table's lock.
func (t *Tx) Touch() { t.wrote = true }
