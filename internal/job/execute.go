package job

import (
	"context"
	"errors"
	"fmt"
	"path"

	"penstock/internal/child"
	"penstock/internal/child/task"
)

// An outcome is how a run ended.
type outcome struct {
	state   State
	detail  string // "" or WorkerLost
	message string
	told    bool // the run's log has the message already
	result  *task.Result
}

// execute brings one run to its end, or leaves it where it is when the server stops.
func (j *Jobs) execute(ctx context.Context, r Run) {
	j.kill.At("job.taken")
	out, err := j.perform(ctx, r)
	if err != nil {
		out = j.failure(ctx, err)
	}
	if out.state == "" { // the server stops: the next one starts the run again
		return
	}
	// The record of the end is written even when what ended the run is its own cancellation.
	if err := j.finish(context.WithoutCancel(ctx), r.ID, out); err != nil {
		j.log.Error("the end of a job run is not recorded", "run", r.ID, "err", err)
	}
	j.kill.At("job.finished")
}

// failure says what the end of a run means that gave no answer.
func (j *Jobs) failure(ctx context.Context, err error) outcome {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errStopped):
		return outcome{state: Stopped}
	case errors.Is(cause, errTimedOut):
		return outcome{state: TimedOut, message: "Job run exceeded its timeout"}
	case ctx.Err() != nil:
		return outcome{}
	}
	out := outcome{state: Failed, message: err.Error()}
	if errors.Is(err, errLost) {
		out.detail = WorkerLost
	}
	return out
}

var errLost = errors.New("the worker ended before it answered")

// work gives the run to a worker and waits for its answer.
func (j *Jobs) work(ctx context.Context, r Run, args map[string]string) (outcome, error) {
	c, err := j.children.Start(ctx, child.Spec{Kind: "worker", Needs: r.Definition.Size.budget(j.needs, j.most), Least: j.least(r),
		Waits: func() { j.waits(ctx, r.ID) }, Handler: j.handler(r)})
	if err != nil {
		return outcome{}, err
	}
	defer j.retire(c)
	stop := context.AfterFunc(ctx, c.Kill)
	defer stop()
	if err := j.begin(ctx, r.ID, c.ID, ""); err != nil {
		return outcome{}, err
	}
	endClock := j.timeLimit(ctx, r)
	defer endClock()
	j.kill.At("job.running")
	var a task.Answer
	err = c.Call(ctx, task.RunPath, task.Task{JobName: r.Job, JobRunID: r.ID, Args: args, Memory: c.Budget.Memory, Threads: c.Budget.Threads},
		&a)
	j.kill.At("job.answered")
	switch {
	case errors.Is(err, child.ErrGone):
		<-c.Done()
		why := c.Err()
		if errors.Is(why, child.ErrMemory) { // it would end so again
			return outcome{}, why
		}
		if why != nil {
			return outcome{}, fmt.Errorf("%w: %w", errLost, why)
		}
		return outcome{}, errLost
	case err != nil:
		return outcome{}, err
	case a.Error != "":
		return outcome{state: Failed, message: a.Error, result: &a.Result}, nil
	}
	return outcome{state: Succeeded, result: &a.Result}, nil
}

// least is what a run is content with where workgroups leave no more: what one gets that asks
// for no size, or the smaller size that it asks for.
func (j *Jobs) least(r Run) child.Budget {
	want := r.Definition.Size.budget(j.needs, j.most)
	return child.Budget{Memory: min(want.Memory, j.needs.Memory), Threads: min(want.Threads, j.needs.Threads)}
}

func (j *Jobs) waits(ctx context.Context, id string) {
	_, err := j.change(ctx, id, func(r *Run) error {
		if r.State == Starting {
			r.State, r.Detail = Waiting, "waits for memory and threads of the machine"
		}
		return nil
	})
	if err != nil {
		j.log.Error("a waiting job run is not recorded", "run", id, "err", err)
	}
}

// begin records that a run goes on in a child, with the key that the child has, or "".
func (j *Jobs) begin(ctx context.Context, id, worker, accessKey string) error {
	_, err := j.change(ctx, id, func(r *Run) error {
		if r.State == Stopping || r.State.Final() {
			return errNotOngoing
		}
		r.State, r.Detail, r.AccessKey = Running, "", accessKey
		if r.Began.IsZero() {
			r.Began = j.clock.Now()
		}
		return nil
	})
	j.log.Info("job run starts", "run", id, "worker", worker)
	return err
}

// timeLimit ends the run when its time is over.
func (j *Jobs) timeLimit(ctx context.Context, r Run) (stop func()) {
	over := make(chan struct{})
	go func() {
		select {
		case <-over:
		case <-ctx.Done():
		case <-j.clock.After(r.Timeout):
			j.cancel(r.ID, errTimedOut)
		}
	}()
	return func() { close(over) }
}

// retire ends a worker and frees what was leased to it.
func (j *Jobs) retire(c *child.Child) {
	c.Kill()
	<-c.Done()
	j.objects.Release(c.ID)
}

// role is the ARN under which a run's calls are made: the job's role, assumed.
func (j *Jobs) role(r Run) string {
	return "arn:aws:sts::" + j.account + ":assumed-role/" + path.Base(r.Definition.Role) + "/" + sessionName
}
