package object

import (
	"database/sql"
	"errors"

	"penstock/internal/meta"
)

// succ returns the lowest text above every text that begins with prefix. "\xff" is above every key, because keys are UTF-8.
func succ(prefix string) string {
	if prefix == "" {
		return "\xff"
	}
	b := []byte(prefix)
	b[len(b)-1]++ // UTF-8 has no byte 0xff, so there is no carry
	return string(b)
}

// after returns the lowest text above key.
func after(key string) string { return key + "\x00" }

// A cursor walks one table's versions of a bucket in the order of keys, and of a key newest first.
type cursor struct {
	tx     *meta.Tx
	b      Bucket
	query  string
	end    string
	latest bool
	rows   *sql.Rows
	// head is the row that peek shows.
	head  Info
	valid bool
}

func currentCursor(tx *meta.Tx, b Bucket, prefix string) *cursor {
	return &cursor{tx: tx, b: b, end: succ(prefix), latest: true,
		query: "SELECT " + versionColumns + " FROM object_current WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key"}
}

func oldCursor(tx *meta.Tx, b Bucket, prefix string) *cursor {
	return &cursor{tx: tx, b: b, end: succ(prefix),
		query: "SELECT " + versionColumns + " FROM object_old WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key, seq DESC"}
}

// seek places the cursor before the first key that is at least from.
func (c *cursor) seek(from string) error {
	err := c.close()
	if err != nil {
		return err
	}
	c.rows, err = c.tx.Query(c.query, c.b.id, from, c.end)
	return err
}

// peek shows the row under the cursor; ok is false at the end.
func (c *cursor) peek() (i Info, ok bool, err error) {
	if c.valid {
		return c.head, true, nil
	}
	if !c.rows.Next() {
		return Info{}, false, c.rows.Err()
	}
	c.head, err = scanVersion(c.rows, c.b, c.latest)
	c.valid = err == nil
	return c.head, c.valid, err
}

func (c *cursor) advance() { c.valid = false }

func (c *cursor) close() error {
	c.valid = false
	if c.rows == nil {
		return nil
	}
	rows := c.rows
	c.rows = nil
	return rows.Close()
}

// A walk yields versions in listing order; it can jump forward.
type walk interface {
	seek(from string) error
	next() (Info, bool, error)
	close() error
}

// currentWalk yields the current versions that are no delete markers.
type currentWalk struct{ c *cursor }

func (w currentWalk) seek(from string) error { return w.c.seek(from) }
func (w currentWalk) close() error           { return w.c.close() }
func (w currentWalk) next() (Info, bool, error) {
	for {
		i, ok, err := w.c.peek()
		w.c.advance()
		if err != nil || !ok || !i.DeleteMarker {
			return i, ok, err
		}
	}
}

// versionWalk merges the current and the old versions: of one key the current one comes first.
type versionWalk struct{ current, old *cursor }

func (w versionWalk) seek(from string) error {
	return errors.Join(w.current.seek(from), w.old.seek(from))
}

func (w versionWalk) close() error { return errors.Join(w.current.close(), w.old.close()) }

func (w versionWalk) next() (Info, bool, error) {
	a, okA, err := w.current.peek()
	if err != nil {
		return Info{}, false, err
	}
	b, okB, err := w.old.peek()
	if err != nil {
		return Info{}, false, err
	}
	if okA && (!okB || a.Key <= b.Key) {
		w.current.advance()
		return a, true, nil
	}
	w.old.advance()
	return b, okB, nil
}
