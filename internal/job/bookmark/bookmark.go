// Package bookmark keeps what jobs have read: for each job the state that each of its runs has saved last, as one JSON text that the
// scripts' side understands (internal/awsglue) and nobody here reads. All that it does happens in the caller's transaction. It does not
// know whether a job or a run exists, nor who may save.
//
// The versions of a job's bookmark count its changes: each commit, reset and rewind makes the next one, and a commit names the version that
// its run began with, so that of two runs at a time the second to save is refused. The entry with the highest version is the bookmark.
package bookmark

import (
	"database/sql"
	"errors"
	"fmt"

	"penstock/internal/meta"
)

// Schema is the package's tables. A row is what a run has saved; seq is the order of the job's runs, 0 that of the row that a reset makes,
// in which nothing is read. A state of which only the row is left is NULL, its size 0.
var Schema = meta.Schema{Name: "bookmark", Migrations: []string{`
CREATE TABLE job_bookmark (
	region   TEXT NOT NULL,
	job      TEXT NOT NULL,
	seq      INTEGER NOT NULL,
	version  INTEGER NOT NULL,
	number   INTEGER NOT NULL,
	attempt  INTEGER NOT NULL,
	run      TEXT NOT NULL,
	previous TEXT NOT NULL,
	size     INTEGER NOT NULL,
	state    TEXT,
	UNIQUE (region, job, seq)
);
CREATE UNIQUE INDEX job_bookmark_versions ON job_bookmark (region, job, version);
CREATE INDEX job_bookmark_sizes ON job_bookmark (region, job, version, size) WHERE size > 0;
`}}

// How much of a job's history is kept: the states of so many runs, of so many bytes together, and always the bookmark itself.
const (
	mostStates = 1000
	mostBytes  = 256 << 20
)

// A Job is whose bookmark it is.
type Job struct{ Region, Name string }

// A Run is who saves.
type Run struct {
	ID      string
	Seq     int64 // its place among the runs, from 1
	Attempt int   // from 0
}

// An Entry is a bookmark, or what it was after a run.
type Entry struct {
	Version  int32
	Run      int32 // how many runs have saved since the last reset, up to this one
	Attempt  int32
	RunID    string // "" after a reset
	Previous string // the run whose state that run began with, "" for none
	State    string // "" after a reset
}

// Errors that callers tell apart.
var (
	ErrNone      = errors.New("no bookmark is saved")
	ErrForgotten = errors.New("the run's state is no longer kept")
)

// A Conflict is a commit by a run that began with a version which is not the newest any more.
type Conflict struct{ Began, Newest int32 }

// Error implements error.
func (c *Conflict) Error() string {
	return fmt.Sprintf("the run began with version %d of the bookmark, the newest is %d", c.Began, c.Newest)
}

const columns = `SELECT version, number, attempt, run, previous, seq, state FROM job_bookmark WHERE region = ? AND job = ? `

func scan(row *sql.Row) (e Entry, seq int64, err error) {
	var state sql.NullString
	switch err := row.Scan(&e.Version, &e.Run, &e.Attempt, &e.RunID, &e.Previous, &seq, &state); {
	case errors.Is(err, sql.ErrNoRows):
		return e, 0, ErrNone
	case err != nil:
		return e, 0, fmt.Errorf("read a bookmark: %w", err)
	case !state.Valid && seq > 0:
		return e, seq, ErrForgotten
	}
	e.State = state.String
	return e, seq, nil
}

// Latest returns a job's bookmark, or ErrNone.
func Latest(tx *meta.Tx, j Job) (Entry, error) {
	e, _, err := scan(tx.QueryRow(columns+`ORDER BY version DESC LIMIT 1`, j.Region, j.Name))
	return e, err
}

// After returns what was saved by the run at seq, or by the last one before it that has saved. ErrNone: no run had; ErrForgotten: it was
// too long ago.
func After(tx *meta.Tx, j Job, seq int64) (Entry, error) {
	e, _, err := after(tx, j, seq)
	return e, err
}

func after(tx *meta.Tx, j Job, seq int64) (Entry, int64, error) {
	return scan(tx.QueryRow(columns+`AND seq BETWEEN 1 AND ? ORDER BY seq DESC LIMIT 1`, j.Region, j.Name, seq))
}

// Commit saves the state of a run that began with a version, 0 for none, or returns a *Conflict. The same commit once more, whose answer
// was lost, returns what it has saved.
func Commit(tx *meta.Tx, j Job, r Run, began int32, state string) (Entry, error) {
	last, err := Latest(tx, j)
	if err != nil && !errors.Is(err, ErrNone) {
		return Entry{}, err
	}
	if last.RunID == r.ID && last.Version == began+1 && last.State == state {
		return last, nil
	}
	if last.Version != began {
		return Entry{}, &Conflict{began, last.Version}
	}
	e := Entry{Version: began + 1, Run: last.Run + 1, Attempt: int32(r.Attempt), RunID: r.ID, Previous: last.RunID, State: state}
	if last.RunID == r.ID {
		e.Run, e.Previous = last.Run, last.Previous
	}
	if _, err := tx.Exec(`INSERT INTO job_bookmark (region, job, seq, version, number, attempt, run, previous, size, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (region, job, seq) DO UPDATE SET version = excluded.version, number = excluded.number, previous = excluded.previous,
			size = excluded.size, state = excluded.state`,
		j.Region, j.Name, r.Seq, e.Version, e.Run, e.Attempt, e.RunID, e.Previous, len(state), state); err != nil {
		return Entry{}, fmt.Errorf("save a bookmark: %w", err)
	}
	return e, forget(tx, j, mostStates, mostBytes)
}

// Reset makes the bookmark one in which nothing is read. What runs have saved stays, for a rewind. ErrNone: there is no bookmark.
func Reset(tx *meta.Tx, j Job) (Entry, error) {
	last, err := Latest(tx, j)
	if err != nil || last.RunID == "" {
		return last, err
	}
	e := Entry{Version: last.Version + 1}
	if _, err := tx.Exec(`INSERT INTO job_bookmark (region, job, seq, version, number, attempt, run, previous, size)
		VALUES (?, ?, 0, ?, 0, 0, '', '', 0) ON CONFLICT (region, job, seq) DO UPDATE SET version = excluded.version`,
		j.Region, j.Name, e.Version); err != nil {
		return Entry{}, fmt.Errorf("reset a bookmark: %w", err)
	}
	return e, nil
}

// Rewind makes the bookmark what After returns.
func Rewind(tx *meta.Tx, j Job, seq int64) (Entry, error) {
	e, at, err := after(tx, j, seq)
	if err != nil {
		return e, err
	}
	last, err := Latest(tx, j)
	if err != nil || last.Version == e.Version {
		return last, err
	}
	e.Version = last.Version + 1
	if _, err := tx.Exec(`UPDATE job_bookmark SET version = ? WHERE region = ? AND job = ? AND seq = ?`, e.Version, j.Region, j.Name,
		at); err != nil {
		return Entry{}, fmt.Errorf("rewind a bookmark: %w", err)
	}
	return e, nil
}

// Delete removes a job's bookmark with its history.
func Delete(tx *meta.Tx, j Job) error {
	if _, err := tx.Exec(`DELETE FROM job_bookmark WHERE region = ? AND job = ?`, j.Region, j.Name); err != nil {
		return fmt.Errorf("delete a bookmark: %w", err)
	}
	return nil
}

// forget drops the oldest states of a job's history. Their rows stay: who asks for one must not be given an older one.
func forget(tx *meta.Tx, j Job, states int, bytes int64) error {
	var cut int64 // the newest version of those that are dropped
	rows, err := tx.Query(`SELECT version, size FROM job_bookmark WHERE region = ? AND job = ? AND size > 0 ORDER BY version DESC LIMIT ?`,
		j.Region, j.Name, states+1)
	if err != nil {
		return fmt.Errorf("read a bookmark's history: %w", err)
	}
	defer rows.Close()
	for n := 0; cut == 0 && rows.Next(); n++ {
		var version, size int64
		if err := rows.Scan(&version, &size); err != nil {
			return err
		}
		if bytes -= size; n > 0 && (n == states || bytes < 0) {
			cut = version
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || cut == 0 {
		return err
	}
	_, err = tx.Exec(`UPDATE job_bookmark SET state = NULL, size = 0 WHERE region = ? AND job = ? AND version <= ? AND size > 0`,
		j.Region, j.Name, cut)
	return err
}
