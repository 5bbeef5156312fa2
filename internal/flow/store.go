package flow

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/meta"
)

// Schema is the tables of this package.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "flow", Migrations: []string{`
CREATE TABLE flow_trigger (region TEXT NOT NULL, name TEXT NOT NULL, workflow TEXT NOT NULL, doc TEXT NOT NULL,
	PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE INDEX flow_trigger_workflow ON flow_trigger (region, workflow, name);
CREATE TABLE flow_link ( -- what a trigger starts, and what one that is active and in no workflow watches
	region TEXT NOT NULL, role TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, "trigger" TEXT NOT NULL,
	PRIMARY KEY (region, role, kind, name, "trigger")) WITHOUT ROWID;
CREATE INDEX flow_link_trigger ON flow_link (region, "trigger");
CREATE TABLE flow_workflow (region TEXT NOT NULL, name TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE flow_run (
	seq      INTEGER PRIMARY KEY AUTOINCREMENT,
	region   TEXT NOT NULL,
	id       TEXT NOT NULL UNIQUE,
	workflow TEXT NOT NULL, -- '' for one that nobody sees
	over     INTEGER NOT NULL,
	doc      TEXT NOT NULL
);
CREATE INDEX flow_run_workflow ON flow_run (region, workflow, seq);
CREATE INDEX flow_run_open ON flow_run (region, workflow) WHERE over = 0;
CREATE TABLE flow_work (id TEXT PRIMARY KEY, run TEXT NOT NULL) WITHOUT ROWID; -- job runs and crawls of runs that are not over
CREATE INDEX flow_work_run ON flow_work (run);
`}}

const (
	starts  = "starts"
	watches = "watches"
)

// read is one document of a query, or the error missing.
func read[T any](row *sql.Row, missing error) (v T, err error) {
	var doc string
	switch err := row.Scan(&doc); {
	case errors.Is(err, sql.ErrNoRows):
		return v, missing
	case err != nil:
		return v, err
	}
	return v, json.Unmarshal([]byte(doc), &v)
}

// readAll is the documents of a query.
func readAll[T any](tx *meta.Tx, query string, args ...any) (list []T, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var doc string
		var v T
		if err := errors.Join(rows.Scan(&doc), json.Unmarshal([]byte(doc), &v)); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func (f *Flows) triggerTx(tx *meta.Tx, name string) (Trigger, error) {
	return read[Trigger](tx.QueryRow(`SELECT doc FROM flow_trigger WHERE region = ? AND name = ?`, f.o.Region, name),
		errorf(NotFound, "Trigger with name: %s not found.", name))
}

// triggersOf are the triggers of a workflow by name.
func (f *Flows) triggersOf(tx *meta.Tx, workflow string) ([]Trigger, error) {
	return readAll[Trigger](tx, `SELECT doc FROM flow_trigger WHERE region = ? AND workflow = ? ORDER BY name`, f.o.Region, workflow)
}

// putTrigger writes a trigger and its links.
func (f *Flows) putTrigger(tx *meta.Tx, t Trigger) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("trigger %q: %w", t.Name, err)
	}
	if err := f.unlink(tx, t.Name); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO flow_trigger (region, name, workflow, doc) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET doc = excluded.doc`, f.o.Region, t.Name, t.Workflow, string(doc)); err != nil {
		return err
	}
	for _, a := range t.Actions {
		if err := f.link(tx, starts, a.Kind, a.Name, t.Name); err != nil {
			return err
		}
	}
	if t.Workflow != "" || t.State != Activated {
		return nil
	}
	for _, c := range t.Conditions {
		if err := f.link(tx, watches, c.Kind, c.Name, t.Name); err != nil {
			return err
		}
	}
	return nil
}

func (f *Flows) link(tx *meta.Tx, role string, k Kind, name, trigger string) error {
	_, err := tx.Exec(`INSERT INTO flow_link (region, role, kind, name, "trigger") VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.o.Region, role, string(k), name, trigger)
	return err
}

func (f *Flows) unlink(tx *meta.Tx, trigger string) error {
	_, err := tx.Exec(`DELETE FROM flow_link WHERE region = ? AND "trigger" = ?`, f.o.Region, trigger)
	return err
}

// watchers are the active triggers outside of workflows that wait for a job or a crawler.
func (f *Flows) watchers(tx *meta.Tx, k Kind, name string) ([]Trigger, error) {
	return readAll[Trigger](tx, `SELECT t.doc FROM flow_link l JOIN flow_trigger t ON t.region = l.region AND t.name = l."trigger"
		WHERE l.region = ? AND l.role = ? AND l.kind = ? AND l.name = ? ORDER BY t.name`, f.o.Region, watches, string(k), name)
}

func (f *Flows) workflowTx(tx *meta.Tx, name string) (Workflow, error) {
	return read[Workflow](tx.QueryRow(`SELECT doc FROM flow_workflow WHERE region = ? AND name = ?`, f.o.Region, name),
		errorf(NotFound, "Workflow with name: %s not found.", name))
}

func (f *Flows) putWorkflow(tx *meta.Tx, w Workflow) error {
	doc, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("workflow %q: %w", w.Name, err)
	}
	_, err = tx.Exec(`INSERT INTO flow_workflow (region, name, doc) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc`,
		f.o.Region, w.Name, string(doc))
	return err
}

// runTx is a run of a workflow.
func (f *Flows) runTx(tx *meta.Tx, workflow, id string) (Run, error) {
	return read[Run](tx.QueryRow(`SELECT doc FROM flow_run WHERE region = ? AND workflow = ? AND id = ?`, f.o.Region, workflow, id),
		errorf(NotFound, "Workflow run with id: %s of workflow: %s not found.", id, workflow))
}

// putRun writes a run. When it is over nothing waits for its work any more, and one that nobody sees is gone.
func (f *Flows) putRun(tx *meta.Tx, r Run) error {
	over := !r.Ended.IsZero()
	if over {
		if _, err := tx.Exec(`DELETE FROM flow_work WHERE run = ?`, r.ID); err != nil {
			return err
		}
	}
	if over && r.Workflow == "" {
		_, err := tx.Exec(`DELETE FROM flow_run WHERE id = ?`, r.ID)
		return err
	}
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("workflow run %q: %w", r.ID, err)
	}
	_, err = tx.Exec(`INSERT INTO flow_run (region, id, workflow, over, doc) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET over = excluded.over, doc = excluded.doc`, f.o.Region, r.ID, r.Workflow, over, string(doc))
	return err
}

// view and update run fn in a transaction.
func (f *Flows) view(ctx context.Context, fn func(*meta.Tx) error) error {
	return f.o.Meta.View(ctx, fn)
}
func (f *Flows) update(ctx context.Context, fn func(*meta.Tx) error) error {
	return f.o.Meta.Update(ctx, fn)
}
