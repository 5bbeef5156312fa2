package flow

import (
	"database/sql"
	"errors"
	"maps"
	"slices"

	"penstock/internal/id"
	"penstock/internal/meta"
)

// ref is the task's job run, the last attempt of it, or its crawl.
func (t *Task) ref() Ref {
	r := Ref{Kind: t.Kind, Name: t.Name}
	if len(t.IDs) > 0 {
		r.ID = t.IDs[len(t.IDs)-1]
	}
	return r
}

// fireAlone fires a trigger that is in no workflow.
func (f *Flows) fireAlone(tx *meta.Tx, t Trigger) error {
	r := Run{ID: "fr_" + id.Hex(32), State: Running, Started: f.o.Clock.Now()}
	if err := f.fire(tx, &r, t, nil); err != nil {
		return err
	}
	return f.settle(tx, &r)
}

// fire starts what a trigger starts, as tasks of a run.
func (f *Flows) fire(tx *meta.Tx, r *Run, t Trigger, after []Ref) error {
	r.Fired = append(r.Fired, t.Name)
	for _, a := range t.Actions {
		if err := f.begin(tx, r, a, t.Name, after); err != nil {
			return err
		}
	}
	return nil
}

// begin starts one action as a task of a run.
func (f *Flows) begin(tx *meta.Tx, r *Run, a Action, trigger string, after []Ref) error {
	if r.Workflow != "" && a.Kind == Job {
		a.Arguments = maps.Clone(a.Arguments)
		if a.Arguments == nil {
			a.Arguments = map[string]string{}
		}
		a.Arguments["--WORKFLOW_NAME"], a.Arguments["--WORKFLOW_RUN_ID"] = r.Workflow, r.ID
	}
	task := Task{Kind: a.Kind, Name: a.Name, Trigger: trigger}
	started, refused, err := f.work.Start(tx, Start{Action: a, Trigger: trigger, Predecessors: after})
	if err != nil {
		return err
	}
	if started != "" {
		task.IDs = []string{started}
	}
	if refused != "" {
		task.State, task.Error = Errored, refused
		f.o.Log.Warn("a trigger cannot start what it starts", "trigger", trigger, "kind", a.Kind, "name", a.Name, "why", refused)
	} else if err := f.expect(tx, r, started); err != nil {
		return err
	}
	r.Tasks = append(r.Tasks, task)
	return nil
}

// expect makes the end of a job run or a crawl the run's business.
func (f *Flows) expect(tx *meta.Tx, r *Run, workID string) error {
	_, err := tx.Exec(`INSERT INTO flow_work (id, run) VALUES (?, ?)`, workID, r.ID)
	return err
}

// settle ends a run in which nothing goes on, and writes it.
func (f *Flows) settle(tx *meta.Tx, r *Run) error {
	if !slices.ContainsFunc(r.Tasks, func(t Task) bool { return t.State == "" }) {
		if r.State == Stopping {
			r.State = Stopped
		} else {
			r.State = Completed
		}
		r.Ended = f.o.Clock.Now()
	}
	return f.putRun(tx, *r)
}

// EndedTx is told, in its transaction, that a job run or a crawl has ended in a state that conditions know, or in another, and of the next
// attempt, which makes this end none; "" when there is none.
func (f *Flows) EndedTx(tx *meta.Tx, workID, state, next string) error {
	r, err := read[Run](tx.QueryRow(`SELECT r.doc FROM flow_work w JOIN flow_run r ON r.id = w.run WHERE w.id = ? AND r.region = ?`,
		workID, f.o.Region), sql.ErrNoRows)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // no trigger has started it
	}
	if err != nil {
		return err
	}
	i := slices.IndexFunc(r.Tasks, func(t Task) bool { return t.State == "" && t.ref().ID == workID })
	if i < 0 {
		return nil
	}
	if next != "" {
		r.Tasks[i].IDs = append(r.Tasks[i].IDs, next)
		if err := errors.Join(f.expect(tx, &r, next), f.putRun(tx, r)); err != nil || r.State == Running {
			return err
		}
		return f.work.Stop(tx, r.Tasks[i].ref())
	}
	r.Tasks[i].State = state
	if r.State == Running {
		if err := f.follow(tx, &r, r.Tasks[i]); err != nil {
			return err
		}
	}
	f.o.Kill.At("flow.in-transaction")
	return f.settle(tx, &r)
}

// follow fires the triggers that have waited for a task.
func (f *Flows) follow(tx *meta.Tx, r *Run, ended Task) error {
	list, err := r.Triggers, error(nil)
	if r.Workflow == "" {
		if list, err = f.watchers(tx, ended.Kind, ended.Name); err != nil {
			return err
		}
	}
	for _, t := range list {
		if t.Type != Conditional || t.State != Activated || !t.conditioned(ended.Kind, ended.Name) || slices.Contains(r.Fired, t.Name) {
			continue
		}
		after, met := t.met(r.Tasks)
		if !met {
			continue
		}
		if err := f.fire(tx, r, t, after); err != nil {
			return err
		}
	}
	return nil
}

// met reports whether a trigger's conditions hold, and for which tasks.
func (t *Trigger) met(tasks []Task) (after []Ref, met bool) {
	held := 0
	for _, c := range t.Conditions {
		i := slices.IndexFunc(tasks, func(k Task) bool { return k.Kind == c.Kind && k.Name == c.Name && k.State == c.State })
		if i >= 0 {
			held++
			after = append(after, tasks[i].ref())
		}
	}
	if t.Logical == "ANY" {
		return after, held > 0
	}
	return after, held == len(t.Conditions)
}
