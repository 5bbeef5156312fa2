package states

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"penstock/internal/asl"
	"penstock/internal/asl/value"
)

// A waitable is what a .sync task starts: how to look at it, how to stop it, and what its states mean.
type waitable struct {
	id       string                                              // the member of the start's answer that names it
	describe string                                              // the operation that shows it, of the same service
	ask      func(params value.Value, id string) *value.Object   // its input
	stop     string                                              // the operation that ends it
	halt     func(params value.Value, id string) *value.Object   // its input
	body     string                                              // the member of the description that the task passes on; "" is all of it
	state    string                                              // the member of that with the state
	good     string                                              // the state of success
	bad      []string                                            // the states of failure; all others go on
	show     func(shown value.Value, pattern string) value.Value // the output; of a failure with no pattern
}

// waitables is the table: a line for each operation that has a .sync form here.
func waitables() map[string]waitable {
	return map[string]waitable{
		"glue.StartJobRun": {
			id: "JobRunId", describe: "GetJobRun", ask: jobRun, stop: "BatchStopJobRun", halt: jobRuns, body: "JobRun", state: "JobRunState",
			show: epochMillis, good: "SUCCEEDED", bad: []string{"FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}},
		"states.StartExecution": {
			id: "ExecutionArn", describe: "DescribeExecution", ask: byID("ExecutionArn"), stop: "StopExecution", halt: byID("ExecutionArn"),
			state: "Status", show: nested, good: "SUCCEEDED", bad: []string{"FAILED", "TIMED_OUT", "ABORTED"}},
	}
}

func byID(member string) func(value.Value, string) *value.Object {
	return func(_ value.Value, id string) *value.Object { return value.NewObject(member, id) }
}

func jobRun(params value.Value, id string) *value.Object {
	return value.NewObject("JobName", text(params, "JobName"), "RunId", id)
}

func jobRuns(params value.Value, id string) *value.Object {
	return value.NewObject("JobName", text(params, "JobName"), "JobRunIds", []value.Value{id})
}

// A waited is a .sync task under way.
type waited struct {
	waitable
	to     target
	params value.Value // of the start
	name   string      // of what was started
}

// follow waits for the end of what a .sync task has started, woken by the store and never by a clock.
func (l *loop) follow(ctx context.Context, t asl.Task, to target, started string) {
	w, err := newWaited(t, to, started)
	if err != nil {
		l.report(ctx, outcome{id: t.ID, failure: &asl.Failure{Error: "States.TaskFailed", Cause: err.Error()}})
		return
	}
	changed, end := l.s.Meta.Watch(l.s.topics[to.service+"."+to.op](w.name))
	defer end()
	for {
		o, over, err := l.look(ctx, w)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			f := l.s.failureOf(err, to)
			l.report(ctx, outcome{id: t.ID, failure: &f})
			return
		case over:
			o.id = t.ID
			l.report(ctx, o)
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), errAborted) {
				l.halt(ctx, w)
			}
			return
		}
	}
}

// stopPatience bounds how long an abort waits for the service to take a stop.
const stopPatience = 30 * time.Second

// halt stops what a .sync task has started, because its state or execution was aborted.
func (l *loop) halt(ctx context.Context, w waited) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	if _, err := l.invoke(ctx, w.to.service, w.stop, value.Text(w.halt(w.params, w.name))); err != nil {
		l.s.Log.WarnContext(ctx, "an aborted task could not be stopped", "execution", l.e.ARN, "op", w.stop, "err", err)
	}
}

func newWaited(t asl.Task, to target, started string) (w waited, err error) {
	params, err := value.Parse(t.Parameters)
	if err != nil {
		return w, fmt.Errorf("parameters: %w", err)
	}
	answer, err := value.Parse(started)
	if err != nil {
		return w, fmt.Errorf("answer of %s: %w", to.op, err)
	}
	w = waited{waitables()[to.service+"."+to.op], to, params, ""}
	if w.name = text(answer, w.id); w.name == "" {
		return w, fmt.Errorf("%s answered no %s: %s", to.op, w.id, started)
	}
	return w, nil
}

// look asks how what was started stands.
func (l *loop) look(ctx context.Context, w waited) (o outcome, over bool, err error) {
	out, err := l.invoke(ctx, w.to.service, w.describe, value.Text(w.ask(w.params, w.name)))
	if err != nil {
		return o, false, err
	}
	return w.outcome(out)
}

// outcome turns a description into the task's outcome: the output or cause has sorted keys.
func (w waited) outcome(description string) (o outcome, over bool, err error) {
	v, err := value.Parse(description)
	if err != nil {
		return o, false, fmt.Errorf("answer of %s: %w", w.describe, err)
	}
	answer, _ := v.(*value.Object)
	if answer == nil {
		return o, false, fmt.Errorf("answer of %s: %s", w.describe, description)
	}
	if v = answer; w.body != "" {
		v, _ = answer.Get(w.body)
	}
	switch state := text(v, w.state); {
	case state == w.good:
		return outcome{output: value.Text(value.SortKeys(w.show(v, w.to.pattern)))}, true, nil
	case slices.Contains(w.bad, state):
		return outcome{failure: &asl.Failure{Error: "States.TaskFailed", Cause: value.Text(value.SortKeys(w.show(v, "")))}}, true, nil
	}
	return o, false, nil
}

// text is a member of an object that is text, "" when there is none.
func text(v value.Value, member string) string {
	if o, ok := v.(*value.Object); ok {
		m, _ := o.Get(member)
		s, _ := m.(string)
		return s
	}
	return ""
}

// epochMillis writes the times of a JobRun as .sync does: milliseconds since 1970.
func epochMillis(v value.Value, _ string) value.Value {
	o, ok := v.(*value.Object)
	if !ok {
		return v
	}
	for _, k := range []string{"StartedOn", "LastModifiedOn", "CompletedOn"} {
		s := text(o, k)
		if t, err := time.Parse(time.RFC3339Nano, s); s != "" && err == nil {
			o = o.With(k, value.Number(strconv.FormatInt(t.UnixMilli(), 10)))
		}
	}
	return o
}

// nested is an execution as its task passes it on; .sync:2 gives input and output as JSON, .sync as text.
func nested(v value.Value, pattern string) value.Value {
	o, ok := v.(*value.Object)
	if !ok || pattern != ".sync:2" {
		return v
	}
	for _, k := range []string{"Input", "Output"} {
		if parsed, err := value.Parse(text(o, k)); err == nil {
			o = o.With(k, parsed)
		}
	}
	return o
}
