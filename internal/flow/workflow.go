package flow

import (
	"context"
	"maps"

	"penstock/internal/id"
	"penstock/internal/meta"
)

// mostRuns is how many runs of a workflow are kept.
const mostRuns = 10_000

// CreateWorkflow makes a workflow; then runs in the same transaction.
func (f *Flows) CreateWorkflow(ctx context.Context, w Workflow, then func(*meta.Tx) error) error {
	w.Created = f.o.Clock.Now()
	w.Modified = w.Created
	return f.update(ctx, func(tx *meta.Tx) error {
		var n int
		err := tx.QueryRow(`SELECT count(*) FROM flow_workflow WHERE region = ? AND name = ?`, f.o.Region, w.Name).Scan(&n)
		if err != nil {
			return err
		}
		if n > 0 {
			return errorf(Exists, "Workflow with name: %s already exists.", w.Name)
		}
		if err := f.putWorkflow(tx, w); err != nil {
			return err
		}
		return then(tx)
	})
}

// UpdateWorkflow changes a workflow as change says.
func (f *Flows) UpdateWorkflow(ctx context.Context, name string, change func(*Workflow)) error {
	return f.update(ctx, func(tx *meta.Tx) error {
		w, err := f.workflowTx(tx, name)
		if err != nil {
			return err
		}
		change(&w)
		w.Modified = f.o.Clock.Now()
		return f.putWorkflow(tx, w)
	})
}

// DeleteWorkflow removes a workflow with its triggers and the records of its runs; jobs and crawlers that they have started go on. One
// that does not exist is no error. then runs in the same transaction, with the names of the triggers.
func (f *Flows) DeleteWorkflow(ctx context.Context, name string, then func(tx *meta.Tx, triggers []string) error) error {
	return f.update(ctx, func(tx *meta.Tx) error {
		list, err := f.triggersOf(tx, name)
		if err != nil {
			return err
		}
		var names []string
		for _, t := range list {
			if err := f.deleteTrigger(tx, t.Name); err != nil {
				return err
			}
			names = append(names, t.Name)
		}
		for _, q := range []string{
			`DELETE FROM flow_work WHERE run IN (SELECT id FROM flow_run WHERE region = ? AND workflow = ?)`,
			`DELETE FROM flow_run WHERE region = ? AND workflow = ?`,
			`DELETE FROM flow_workflow WHERE region = ? AND name = ?`,
		} {
			if _, err := tx.Exec(q, f.o.Region, name); err != nil {
				return err
			}
		}
		return then(tx, names)
	})
}

// Workflow gives a workflow with its triggers and its newest run, or nil.
func (f *Flows) Workflow(ctx context.Context, name string) (w Workflow, triggers []Trigger, last *Run, err error) {
	err = f.view(ctx, func(tx *meta.Tx) error {
		if w, err = f.workflowTx(tx, name); err != nil {
			return err
		}
		if triggers, err = f.triggersOf(tx, name); err != nil {
			return err
		}
		runs, err := f.runsTx(tx, name, "", 1)
		if len(runs) > 0 {
			last = &runs[0]
		}
		return err
	})
	return w, triggers, last, err
}

// Workflows gives up to limit names of workflows that follow after, in order.
func (f *Flows) Workflows(ctx context.Context, after string, limit int) (names []string, err error) {
	err = f.view(ctx, func(tx *meta.Tx) error {
		list, err := readAll[Workflow](tx, `SELECT doc FROM flow_workflow WHERE region = ? AND name > ? ORDER BY name LIMIT ?`,
			f.o.Region, after, limit)
		for _, w := range list {
			names = append(names, w.Name)
		}
		return err
	})
	return names, err
}

// StartRun starts a workflow; properties hold over those that it has.
func (f *Flows) StartRun(ctx context.Context, workflow string, properties map[string]string) (runID string, err error) {
	err = f.update(ctx, func(tx *meta.Tx) error {
		runID, err = f.startRun(tx, workflow, properties)
		return err
	})
	return runID, err
}

// newRun is a run that begins now, which MaxConcurrentRuns must allow.
func (f *Flows) newRun(tx *meta.Tx, workflow string) (r Run, err error) {
	w, err := f.workflowTx(tx, workflow)
	if err != nil {
		return r, err
	}
	var n int32
	err = tx.QueryRow(`SELECT count(*) FROM flow_run WHERE region = ? AND workflow = ? AND over = 0`, f.o.Region, workflow).Scan(&n)
	if err != nil {
		return r, err
	}
	if w.MaxConcurrent > 0 && n >= w.MaxConcurrent {
		return r, errorf(Concurrent, "Concurrent runs exceeded for workflow: %s.", workflow)
	}
	_, err = tx.Exec(`DELETE FROM flow_run WHERE over = 1 AND seq <= (SELECT seq FROM flow_run WHERE region = ? AND workflow = ?
		ORDER BY seq DESC LIMIT 1 OFFSET ?) AND region = ? AND workflow = ?`, f.o.Region, workflow, mostRuns, f.o.Region, workflow)
	return Run{ID: "wr_" + id.Hex(32), Workflow: workflow, State: Running, Started: f.o.Clock.Now(), Properties: w.Properties}, err
}

func (f *Flows) startRun(tx *meta.Tx, workflow string, properties map[string]string) (string, error) {
	r, err := f.newRun(tx, workflow)
	if err != nil {
		return "", err
	}
	r.Properties = maps.Clone(r.Properties)
	if r.Properties == nil {
		r.Properties = map[string]string{}
	}
	maps.Copy(r.Properties, properties)
	if r.Triggers, err = f.triggersOf(tx, workflow); err != nil {
		return "", err
	}
	for _, t := range r.Triggers {
		if t.Type == Conditional {
			continue
		}
		if err := f.fire(tx, &r, t, nil); err != nil {
			return "", err
		}
		return r.ID, f.settle(tx, &r)
	}
	return "", errorf(Invalid, "Workflow %s has no starting trigger", workflow)
}

// refuseRun records a run that could not be started.
func (f *Flows) refuseRun(tx *meta.Tx, workflow, why string) error {
	now := f.o.Clock.Now()
	return f.putRun(tx, Run{ID: "wr_" + id.Hex(32), Workflow: workflow, State: Errored, Error: why, Started: now, Ended: now})
}

// StopRun stops what a run has started; nothing more is started in it.
func (f *Flows) StopRun(ctx context.Context, workflow, runID string) error {
	return f.update(ctx, func(tx *meta.Tx) error {
		r, err := f.openRun(tx, workflow, runID)
		if err != nil {
			return err
		}
		r.State = Stopping
		if err := f.putRun(tx, r); err != nil { // what stops at once tells of its end before Stop returns
			return err
		}
		for _, t := range r.Tasks {
			if t.State != "" {
				continue
			}
			if err := f.work.Stop(tx, t.ref()); err != nil {
				return err
			}
		}
		return nil
	})
}

// openRun is a run that goes on.
func (f *Flows) openRun(tx *meta.Tx, workflow, runID string) (r Run, err error) {
	if _, err := f.workflowTx(tx, workflow); err != nil {
		return r, err
	}
	if r, err = f.runTx(tx, workflow, runID); err != nil {
		return r, err
	}
	if r.State != Running {
		return r, errorf(Illegal, "The workflow run is in state: %s", r.State)
	}
	return r, nil
}

// RunOf gives a run of a workflow.
func (f *Flows) RunOf(ctx context.Context, workflow, runID string) (r Run, err error) {
	err = f.view(ctx, func(tx *meta.Tx) error {
		r, err = f.runTx(tx, workflow, runID)
		return err
	})
	return r, err
}

// Runs gives up to limit runs of a workflow, the newest first, that are older than the run before ("" for the newest).
func (f *Flows) Runs(ctx context.Context, workflow, before string, limit int) (list []Run, err error) {
	err = f.view(ctx, func(tx *meta.Tx) error {
		if _, err := f.workflowTx(tx, workflow); err != nil {
			return err
		}
		list, err = f.runsTx(tx, workflow, before, limit)
		return err
	})
	return list, err
}

func (f *Flows) runsTx(tx *meta.Tx, workflow, before string, limit int) ([]Run, error) {
	return readAll[Run](tx, `SELECT doc FROM flow_run WHERE region = ? AND workflow = ?
		AND seq < ifnull((SELECT seq FROM flow_run WHERE id = ?), 9e18) ORDER BY seq DESC LIMIT ?`, f.o.Region, workflow, before, limit)
}

// PutProperties adds properties to a run, or replaces them.
func (f *Flows) PutProperties(ctx context.Context, workflow, runID string, properties map[string]string) error {
	return f.update(ctx, func(tx *meta.Tx) error {
		r, err := f.runTx(tx, workflow, runID)
		if err != nil {
			return err
		}
		if r.Properties == nil {
			r.Properties = map[string]string{}
		}
		maps.Copy(r.Properties, properties)
		return f.putRun(tx, r)
	})
}

// Waiting counts the tasks of a run that wait for their start.
func (f *Flows) Waiting(ctx context.Context, r Run) (n int, err error) {
	err = f.view(ctx, func(tx *meta.Tx) error {
		for _, t := range r.Tasks {
			if t.State != "" {
				continue
			}
			waits, err := f.work.Waits(tx, t.ref())
			if err != nil {
				return err
			}
			if waits {
				n++
			}
		}
		return nil
	})
	return n, err
}
