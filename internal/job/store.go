package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/job/bookmark"
	"penstock/internal/meta"
)

// Schema is the tables of this package. Jobs and runs are of a region. The ledger job_outputs is not: it tells which objects a run gave
// to a location, and a bucket is the same one from every region.
var Schema = meta.Schema{Name: "job", Migrations: []string{`
CREATE TABLE jobs (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE job_runs (
	seq   INTEGER PRIMARY KEY AUTOINCREMENT,
	id    TEXT NOT NULL UNIQUE,
	job   TEXT NOT NULL,
	token TEXT UNIQUE,
	over  INTEGER NOT NULL,
	body  TEXT NOT NULL
);
CREATE INDEX job_runs_of_job ON job_runs (job, seq);
CREATE INDEX job_runs_ongoing ON job_runs (seq) WHERE over = 0;
CREATE TABLE job_outputs (location TEXT NOT NULL, run TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (location, run, key)) WITHOUT ROWID;
`, `
INSERT INTO call_answer (token, service, op, request, answer, at)
	SELECT token, 'glue', 'StartJobRun', x'', json_object('JobRunId', id), 0 FROM job_runs WHERE token IS NOT NULL;
UPDATE job_runs SET token = NULL; -- package meta keeps tokens since then
`, `
CREATE TABLE jobs_2 (region TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
INSERT INTO jobs_2 (region, name, body) SELECT 'us-east-1', name, body FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_2 RENAME TO jobs;
ALTER TABLE job_runs ADD COLUMN region TEXT NOT NULL DEFAULT 'us-east-1';
DROP INDEX job_runs_of_job;
DROP INDEX job_runs_ongoing;
CREATE INDEX job_runs_of_job ON job_runs (region, job, seq);
CREATE INDEX job_runs_ongoing ON job_runs (region, seq) WHERE over = 0;
`}}

// Create stores a new job; then, if it is not nil, also runs in the same transaction.
func (j *Jobs) Create(ctx context.Context, d Definition, then func(*meta.Tx) error) error {
	d.Created = j.clock.Now()
	d.Modified = d.Created
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("job %q: %w", d.Name, err)
	}
	return j.meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := tx.Exec(`INSERT INTO jobs (region, name, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, j.region, d.Name, string(body))
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fmt.Errorf("job %q: %w", d.Name, ErrExists), err)
		}
		if then == nil {
			return nil
		}
		return then(tx)
	})
}

// Update replaces a job; what is not said is gone.
func (j *Jobs) Update(ctx context.Context, d Definition) error {
	return j.meta.Update(ctx, func(tx *meta.Tx) error {
		old, err := j.definitionTx(tx, d.Name)
		if err != nil {
			return err
		}
		d.Created, d.Modified = old.Created, j.clock.Now()
		body, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("job %q: %w", d.Name, err)
		}
		_, err = tx.Exec(`UPDATE jobs SET body = ? WHERE region = ? AND name = ?`, string(body), j.region, d.Name)
		return err
	})
}

// Delete removes a job, its bookmark, and the records of its runs that are over; a job that does not exist is no error.
func (j *Jobs) Delete(ctx context.Context, name string, then func(*meta.Tx) error) error {
	return j.meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := tx.Exec(`DELETE FROM jobs WHERE region = ? AND name = ?`, j.region, name); err != nil {
			return err
		}
		if err := bookmark.Delete(tx, j.bookmarkOf(name)); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM job_runs WHERE region = ? AND job = ? AND over = 1`, j.region, name)
		if err != nil || then == nil {
			return err
		}
		return then(tx)
	})
}

// Definition gives a job.
func (j *Jobs) Definition(ctx context.Context, name string) (d Definition, err error) {
	err = j.meta.View(ctx, func(tx *meta.Tx) error {
		d, err = j.definitionTx(tx, name)
		return err
	})
	return d, err
}

func (j *Jobs) definitionTx(tx *meta.Tx, name string) (d Definition, err error) {
	var body string
	switch err := tx.QueryRow(`SELECT body FROM jobs WHERE region = ? AND name = ?`, j.region, name).Scan(&body); {
	case errors.Is(err, sql.ErrNoRows):
		return d, noJob(name)
	case err != nil:
		return d, err
	}
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		return d, fmt.Errorf("job %q: %w", name, err)
	}
	return d, d.complete()
}

// complete fills what jobs that an earlier program has written hold only in Raw.
func (d *Definition) complete() error {
	if d.Script != "" || len(d.Raw) == 0 {
		return nil
	}
	var raw struct {
		Command     struct{ ScriptLocation, PythonVersion string }
		GlueVersion string
	}
	if err := json.Unmarshal(d.Raw, &raw); err != nil {
		return fmt.Errorf("job %q: %w", d.Name, err)
	}
	d.Script, d.PythonVersion, d.GlueVersion = raw.Command.ScriptLocation, raw.Command.PythonVersion, raw.GlueVersion
	return nil
}

// Definitions gives up to limit jobs in the order of their names, after the named one.
func (j *Jobs) Definitions(ctx context.Context, after string, limit int) (list []Definition, err error) {
	err = j.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT body FROM jobs WHERE region = ? AND name > ? ORDER BY name LIMIT ?`, j.region, after, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var body string
			var d Definition
			if err := errors.Join(rows.Scan(&body), json.Unmarshal([]byte(body), &d)); err != nil {
				return err
			}
			list = append(list, d)
		}
		return rows.Err()
	})
	return list, err
}

// Get gives a run.
func (j *Jobs) Get(ctx context.Context, id string) (r Run, err error) {
	err = j.meta.View(ctx, func(tx *meta.Tx) error {
		r, err = j.runTx(tx, id)
		return err
	})
	return r, err
}

func (j *Jobs) runTx(tx *meta.Tx, id string) (Run, error) {
	return scanRun(id, tx.QueryRow(`SELECT body FROM job_runs WHERE id = ? AND region = ?`, id, j.region))
}

func scanRun(id string, row *sql.Row) (r Run, err error) {
	var body string
	switch err := row.Scan(&body); {
	case errors.Is(err, sql.ErrNoRows):
		return r, noRun(id)
	case err != nil:
		return r, err
	}
	return r, json.Unmarshal([]byte(body), &r)
}

// Runs gives up to limit runs of a job, the newest first, that are older than the run before ("" for the newest).
func (j *Jobs) Runs(ctx context.Context, job, before string, limit int) (list []Run, err error) {
	err = j.meta.View(ctx, func(tx *meta.Tx) error {
		if _, err := j.definitionTx(tx, job); err != nil {
			return err
		}
		list, err = queryRuns(tx, `SELECT body FROM job_runs WHERE region = ? AND job = ?
			AND seq < ifnull((SELECT seq FROM job_runs WHERE id = ?), 9e18) ORDER BY seq DESC LIMIT ?`, j.region, job, before, limit)
		return err
	})
	return list, err
}

func queryRuns(tx *meta.Tx, query string, args ...any) (list []Run, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		var r Run
		if err := errors.Join(rows.Scan(&body), json.Unmarshal([]byte(body), &r)); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// changeTx changes a run and wakes who watches it.
func (j *Jobs) changeTx(tx *meta.Tx, id string, change func(*Run) error) (Run, error) {
	r, err := j.runTx(tx, id)
	if err != nil {
		return r, err
	}
	before := r.State
	if err := change(&r); err != nil {
		return r, err
	}
	if r.Delayed && r.State != before {
		if err := j.tellDelay(tx, r); err != nil {
			return r, err
		}
	}
	r.Modified = j.clock.Now()
	body, err := json.Marshal(r)
	if err != nil {
		return r, fmt.Errorf("job run %q: %w", id, err)
	}
	if _, err := tx.Exec(`UPDATE job_runs SET body = ?, over = ? WHERE id = ?`, string(body), r.State.Final(), id); err != nil {
		return r, err
	}
	tx.Notify(Topic(id))
	if r.State.Final() {
		tx.Notify(j.startTopic()) // a queued run may start now
	}
	return r, nil
}

func (j *Jobs) change(ctx context.Context, id string, change func(*Run) error) (r Run, err error) {
	err = j.meta.Update(ctx, func(tx *meta.Tx) error {
		r, err = j.changeTx(tx, id, change)
		return err
	})
	return r, err
}
