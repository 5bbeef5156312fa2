package job

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
)

// startTopic fires when a run may have become startable.
func (j *Jobs) startTopic() string { return "job/start/" + j.region }

// A Start asks for a run.
type Start struct {
	Job       string
	Arguments map[string]string
	Timeout   time.Duration // 0: the job's
	Queuing   *bool         // nil: the job's
	Size      Size          // zero: the job's
	Flex      *bool         // nil: the job's
	Raw       json.RawMessage
	// Trigger is what starts the run, because Predecessors have ended.
	Trigger      string
	Predecessors []Predecessor
}

// Start records a new run, which Run picks up, and gives its id.
func (j *Jobs) Start(ctx context.Context, s Start) (runID string, err error) {
	err = j.meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := j.StartTx(tx, s)
		runID = r.ID
		return err
	})
	if err != nil {
		return "", err
	}
	return runID, meta.After(ctx, func(context.Context) error { j.kill.At("job.started"); return nil })
}

// StartTx is Start in a transaction of the caller's.
func (j *Jobs) StartTx(tx *meta.Tx, s Start) (Run, error) {
	d, err := j.definitionTx(tx, s.Job)
	if err != nil {
		return Run{}, err
	}
	r := j.newRun(d, s)
	if err := j.admit(tx, &r, s); err != nil {
		return Run{}, err
	}
	return r, j.insertRun(tx, r)
}

// RefuseTx records a run that could not be started: it is in the job's history, in the state ERROR.
func (j *Jobs) RefuseTx(tx *meta.Tx, s Start, why string) (Run, error) {
	d, err := j.definitionTx(tx, s.Job)
	if err != nil {
		return Run{}, err
	}
	r := j.newRun(d, s)
	r.State, r.Error, r.Completed = Errored, why, r.Started
	return r, j.insertRun(tx, r)
}

func (j *Jobs) newRun(d Definition, s Start) Run {
	now := j.clock.Now()
	notify := notifyDelay(s.Raw, d.Raw)
	d.Raw = nil // the run needs only what the runtime reads
	r := Run{ID: id.JobRun(), Job: d.Name, State: Starting, Started: now, Modified: now, Arguments: s.Arguments, Raw: s.Raw,
		Timeout: s.Timeout, Definition: d, Trigger: s.Trigger, Predecessors: s.Predecessors, Notify: notify}
	r.Definition.Size = s.Size.over(d.Size)
	if s.Flex != nil {
		r.Definition.Flex = *s.Flex
	}
	if r.Timeout == 0 {
		r.Timeout = d.TimeLimit()
	}
	return r
}

// admit applies MaxConcurrentRuns: a run too many is queued if the job or the caller says so, else refused.
func (j *Jobs) admit(tx *meta.Tx, r *Run, s Start) error {
	n, err := j.ongoing(tx, r.Job)
	if err != nil || n < max(r.Definition.MaxConcurrent, 1) {
		return err
	}
	queue := r.Definition.Queuing
	if s.Queuing != nil {
		queue = *s.Queuing
	}
	if !queue {
		return fmt.Errorf("job %q: %w", r.Job, ErrConcurrent)
	}
	r.State, r.Queued, r.Detail = Waiting, true,
		fmt.Sprintf("waits for one of the %d runs that job %q may have at a time", max(r.Definition.MaxConcurrent, 1), r.Job)
	return nil
}

func (j *Jobs) ongoing(tx *meta.Tx, job string) (n int, err error) {
	runs, err := queryRuns(tx, `SELECT body FROM job_runs WHERE region = ? AND job = ? AND over = 0`, j.region, job)
	for _, r := range runs {
		if !r.Queued {
			n++
		}
	}
	return n, err
}

func (j *Jobs) insertRun(tx *meta.Tx, r Run) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("job run %q: %w", r.ID, err)
	}
	if _, err := tx.Exec(`INSERT INTO job_runs (region, id, job, over, body) VALUES (?, ?, ?, ?, ?)`, j.region, r.ID, r.Job,
		r.State.Final(), string(body)); err != nil {
		return err
	}
	tx.Notify(j.startTopic())
	if r.Notify == 0 || r.State.Final() {
		return nil
	}
	return due.Add(tx, j.delayQueue(), r.Started.Add(time.Duration(r.Notify*float64(time.Minute))), r.ID)
}

// Stop asks a run of a job to stop; Run kills its worker.
func (j *Jobs) Stop(ctx context.Context, job, runID string) error {
	return j.meta.Update(ctx, func(tx *meta.Tx) error { return j.StopTx(tx, job, runID) })
}

// StopTx is Stop in a transaction of the caller's.
func (j *Jobs) StopTx(tx *meta.Tx, job, runID string) error {
	r, err := j.changeTx(tx, runID, func(r *Run) error {
		switch {
		case r.Job != job:
			return noRun(runID)
		case r.State.Final():
			return fmt.Errorf("job run %q is %s: %w", runID, r.State, errNotStopping)
		case r.Queued:
			r.State, r.Completed = Stopped, j.clock.Now()
		default:
			r.State = Stopping
		}
		return nil
	})
	if err != nil {
		return err
	}
	if r.State.Final() {
		return j.overTx(tx, r, nil)
	}
	tx.AfterCommit(func() { j.cancel(runID, errStopped) })
	return nil
}

// arguments merges: the run's win over the job's defaults, and the job's fixed ones over all.
func (r *Run) arguments() map[string]string {
	m := map[string]string{}
	maps.Copy(m, r.Definition.DefaultArguments)
	maps.Copy(m, r.Arguments)
	maps.Copy(m, r.Definition.FixedArguments)
	return m
}

// Now is the instant on the jobs' clock.
func (j *Jobs) Now() time.Time { return j.clock.Now() }
